"""What a reader does: figures that answer."""
