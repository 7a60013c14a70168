"""Data that comes with the package: published worked examples."""
