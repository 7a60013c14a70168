"""The mistakes that people make: in one equation, in a family of them, in the whole training, in what is given, in what is printed."""
