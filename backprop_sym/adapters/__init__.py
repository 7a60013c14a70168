"""What comes from other libraries, as Programs; the libraries are optional."""
