"""From programs to numbers: plans of code, their text in a language, what runs it, and what is computed with it."""
