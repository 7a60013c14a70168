"""From text to functions that can be called: compilers, and the table of backends."""
