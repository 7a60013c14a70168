"""A math library that rounds otherwise: ``make rounding`` runs the book with it, as on another system.

Python loads this file at its start where the folder is on its path. Two of five results move to the next float, up or down:
always the same way for the same result, as a library would. What the book shows must not hang on that.
"""
import math


def rounded_otherwise(function):
    """The same function, with the last bit of some results changed."""
    def changed(*arguments):
        value = function(*arguments)
        if not isinstance(value, float) or not math.isfinite(value) or value == int(value):
            return value
        which = int(math.frexp(value)[0]*2**53) % 5
        return math.nextafter(value, math.inf if which == 0 else -math.inf) if which in (0, 1) else value
    return changed


for name in "cos erf erfc exp log log1p sin tanh".split():
    setattr(math, name, rounded_otherwise(getattr(math, name)))
