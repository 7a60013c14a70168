"""Expressions as NumPy functions, one for each shape; values as arrays of rows and samples.

    compile_all(expressions), function_of(expression)   (function, arguments): what differs in names alone is compiled once
    two(value), some(value, rows), rounded(value, ...)  arrays that are as wide as they need be
"""
from functools import cache, lru_cache

import numpy as np
import sympy as sp

from ..compute.lambdify import functions
from ..describe.names import by_name

_FUNCTIONS = {}


@lru_cache(maxsize=100_000)
def _canonical(expression):
    """(the expression with its symbols numbered in the order in which they are met, these symbols)."""
    names = dict.fromkeys(node for node in sp.preorder_traversal(expression) if node.is_Symbol)
    return expression.xreplace(dict(zip(names, _numbered(len(names)), strict=True))), tuple(names)


@cache
def _numbered(count):
    return tuple(sp.Symbol(f"v{i:04}") for i in range(count))


def names_in(expression):
    """The symbols of an expression, in the order in which they are met."""
    return _canonical(expression)[1]


def compile_all(expressions):
    """Make the functions of some expressions, those of new shapes together."""
    shapes = dict.fromkeys(_canonical(e)[0] for e in expressions)
    new = [shape for shape in shapes if shape not in _FUNCTIONS]
    if new:
        _FUNCTIONS.update(zip(new, functions(new), strict=True))


def function_of(expression):
    """(a NumPy function, its arguments) for an expression that was compiled."""
    shape, arguments = _canonical(expression)
    function = _FUNCTIONS[shape]
    used = sorted(shape.free_symbols, key=by_name)
    if len(used) == len(arguments):
        return function, arguments
    return function, tuple(arguments[_numbered(len(arguments)).index(s)] for s in used)


def two(value):
    """As an array of rows and samples."""
    value = np.asarray(value)
    return value if value.ndim == 2 else value.reshape(1, 1)


def some(value, rows):
    """Some rows of a value, which may be the same for all."""
    return value[rows] if value.shape[0] > 1 else value


def rounded(value, digits, cut, significant):
    """Rounded, or cut, to so many decimals or significant digits."""
    places = digits - 1 - np.floor(np.log10(np.abs(np.where(value == 0, 1, value)))) if significant else digits
    scaled = value*10.0**places
    return np.where(np.isfinite(value), (np.trunc(scaled) if cut else np.round(scaled))/10.0**places, value)
