"""What a network is: names, functions, equations, programs. Needs SymPy and nothing else of this package."""
