"""Plans as text: one printer of expressions, one writer of blocks, a module a language."""
