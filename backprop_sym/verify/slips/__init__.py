"""The mistakes that people make: in one equation, in a whole training, in what is given, in what is printed."""
