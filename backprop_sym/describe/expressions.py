"""Expressions from outside: the only place where what a caller passes becomes one of SymPy's.

    expression_of(value, where)     a SymPy expression as it is, and a number as one; nothing else, and no text

SymPy's own ``sympify`` evaluates a text, and with ``strict=True`` still those inside a dict: it is called for numbers alone.
"""
from numbers import Number

import sympy as sp

from .nearest import said


def expression_of(value, where="an expression"):
    """The expression that a value is. Raises TypeError for a text, a container, a truth value and what is no real number.

    >>> expression_of(2), expression_of(sp.Symbol("w") + 1)
    (2, w + 1)
    >>> expression_of("w + 1")
    Traceback (most recent call last):
        ...
    TypeError: an expression: expected an expression or a number, got 'w + 1'
    """
    found = sp.sympify(value, strict=True) if isinstance(value, Number) and not isinstance(value, bool) else value
    if not isinstance(found, sp.Expr) or found.is_number and found.is_real is False or found in (sp.nan, sp.zoo):
        raise TypeError(f"{where}: expected an expression or a number, got {said(value)}")
    return found
