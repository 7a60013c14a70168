"""Expressions as NumPy functions, one for each shape; values as arrays of rows and samples.

    compile_all(expressions), function_of(expression)   (function, arguments): what differs in names alone is compiled once
    Within                                              an expression in which a quantity is another one than elsewhere
    two(value), some(value, rows), rounded(value, ...)  arrays that are as wide as they need be
"""
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
import sympy as sp

from ..compute.lambdify import functions
from ..describe.names import by_name

NO_NUMBERS = (sp.zoo, sp.nan, sp.oo, sp.S.NegativeInfinity, sp.I)
MANY = 400_000
_FUNCTIONS = {}


@dataclass(frozen=True)
class Within:
    """``outer`` with ``inner`` in the place of ``symbol``: computed one after the other, put together when asked for."""

    outer: sp.Expr
    symbol: sp.Symbol
    inner: object

    @cached_property
    def expression(self):
        """Both in one."""
        return self.outer.xreplace({self.symbol: plain(self.inner)})

    @cached_property
    def free_symbols(self):
        """The symbols of both."""
        return self.outer.free_symbols - {self.symbol} | self.inner.free_symbols

    @cached_property
    def _hash(self):
        return hash((self.outer, self.symbol, self.inner))

    def __hash__(self):
        return self._hash


def plain(e):
    """An expression, or a Within, as an expression."""
    return e.expression if isinstance(e, Within) else e


def _pieces(e):
    """The expressions that a Within is made of; an expression itself."""
    return (e.outer, *_pieces(e.inner)) if isinstance(e, Within) else (e,)


@lru_cache(maxsize=MANY)
def _canonical(expression):
    """(the expression with its symbols numbered in the order in which they are met, these symbols)."""
    names = dict.fromkeys(node for node in sp.preorder_traversal(expression) if node.is_Symbol)
    return expression.xreplace(dict(zip(names, _numbered(len(names)), strict=True))), tuple(names)


@cache
def _numbered(count):
    return tuple(sp.Symbol(f"v{i:04}") for i in range(count))


@lru_cache(maxsize=MANY)
def names_in(expression):
    """The symbols of an expression, in the order in which they are met."""
    if isinstance(expression, Within):
        names = names_in(expression.outer)
        at = names.index(expression.symbol)
        return tuple(dict.fromkeys((*names[:at], *names[at + 1:], *names_in(expression.inner))))
    return _canonical(expression)[1]


@lru_cache(maxsize=MANY)
def is_finite(expression):
    """Whether no infinity, and nothing that is no real number, stands in an expression."""
    return not any(piece.has(*NO_NUMBERS) for piece in _pieces(expression))


def compile_all(expressions):
    """Make the functions of some expressions, those of new shapes together."""
    shapes = dict.fromkeys(_canonical(piece)[0] for e in expressions for piece in _pieces(e))
    new = [shape for shape in shapes if shape not in _FUNCTIONS]
    if new:
        _FUNCTIONS.update(zip(new, functions(new), strict=True))


@lru_cache(maxsize=MANY)
def function_of(expression):
    """(a NumPy function, its arguments) for an expression that was compiled."""
    if isinstance(expression, Within):
        return _one_in_the_other(function_of(expression.outer), expression.symbol, function_of(expression.inner))
    shape, arguments = _canonical(expression)
    used = sorted(shape.free_symbols, key=by_name)
    if len(used) < len(arguments):
        arguments = tuple(arguments[_numbered(len(arguments)).index(s)] for s in used)
    return _FUNCTIONS[shape], arguments


def _one_in_the_other(outside, symbol, inside):
    """A function that computes what stands inside first."""
    (outer, names), (inner, more) = outside, inside
    at, own = names.index(symbol), len(names) - 1

    def both(*values):
        return outer(*values[:at], inner(*values[own:]), *values[at:own])
    return both, (*names[:at], *names[at + 1:], *more)


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
