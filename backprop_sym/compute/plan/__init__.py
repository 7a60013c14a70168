"""Code before it has a language: statements over expressions, and the passes that rewrite them."""
