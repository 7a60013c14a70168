"""The mistakes that people make: generators of one equation, of a whole working, and the table of them all."""
