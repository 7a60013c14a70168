"""Kinds of values: what is expected, in words, and whether a value is that.

    Kind(words, holds, error)   one kind
    whole, numbers, an, like, optional, mapping     kinds made of something
    is_number, are_numbers, is_row, ...     whether a value is that
"""
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from math import isfinite

import sympy as sp

from .values import exact


@dataclass(frozen=True)
class Kind:
    """What is expected, in words, and whether a value is that; ``error`` is raised where it is not."""

    words: str
    holds: Callable
    error: type = TypeError


def whole(least, most=None):
    """A whole number within bounds."""
    def holds(value):
        try:
            index = -1 if isinstance(value, bool) else value.__index__()
        except (AttributeError, TypeError, ValueError):         # an array has an index only where it is one whole number
            return False
        return least <= index and (most is None or index <= most)
    return Kind(f"a whole number of at least {least:,}" if most is None else f"a whole number from {least:,} to {most:,}",
                holds, ValueError)


def an(words, *types):
    """An object of one of some types."""
    return Kind(words, lambda value: isinstance(value, types))


def like(words, *asked):
    """An object, no class, that can be asked for all of this."""
    return Kind(words, lambda value: not isinstance(value, type) and all(hasattr(value, name) for name in asked))


def optional(kind):
    """The same, or None."""
    return Kind(kind.words + ", or None", lambda value: value is None or kind.holds(value), kind.error)


def mapping(words, keys=lambda key: True, values=lambda value: True):
    """A mapping, its keys and its values of some kind."""
    return Kind(words, lambda value: isinstance(value, Mapping) and all(map(keys, value)) and all(map(values, value.values())))


def numbers(words, holds=lambda number: True):
    """A finite number, or an array of them, of each of which something holds."""
    return Kind(words, lambda value: are_numbers(value) and all(holds(exact("", number)) for number in _each(value)), ValueError)


def _each(value):
    """The numbers of a value, one by one."""
    if isinstance(value, list | tuple):
        return [number for part in value for number in _each(part)]
    return value.flat if getattr(value, "ndim", 0) else [value]


def is_number(value):
    """Whether it is a finite real number, or a decimal as text."""
    try:
        return isfinite(float(exact("", value)))
    except (TypeError, OverflowError):
        return False


def are_numbers(value):
    """Whether it is a finite real number, or an array or a sequence of them in which none is masked."""
    if isinstance(value, list | tuple):
        return bool(value) and all(map(are_numbers, value))
    if getattr(value, "ndim", 0):
        value = value.to_numpy() if hasattr(value, "to_numpy") else value            # min and max of a table pass over nan
        if hasattr(value, "mask") or value.dtype.kind not in "fiuO":
            return False
        if value.dtype.kind == "O":
            return all(map(is_number, value.flat))
        return not value.size or bool(isfinite(value.min()) and isfinite(value.max()))        # nan is the least and the largest
    return is_number(value)


def is_row(value):
    """Whether it is a sequence, or an array that is none of one number."""
    return isinstance(value, list | tuple | range) or getattr(value, "ndim", 0) > 0


def is_name(value):
    """Whether it may name something."""
    return isinstance(value, str | sp.Symbol)


def is_mark(value):
    """Whether it may come after a name."""
    return isinstance(value, str) and len(value) < 50 and f"a{value}".isidentifier()


def is_several(value):
    """Whether it may hold several things in order."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Set) and getattr(value, "ndim", 1) > 0


def are_names(value):
    """Whether it may name several things, in order."""
    if not is_several(value):
        return is_name(value)
    return not hasattr(value, "__len__") or all(map(is_name, value))           # an iterator can be gone through only once


def is_domain(value):
    """Whether it is a pair of an expression and a SymPy set."""
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], sp.Expr) and isinstance(value[1], sp.Set)
