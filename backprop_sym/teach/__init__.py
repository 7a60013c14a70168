"""What a reader does: exercises that know what went wrong, figures that answer."""
