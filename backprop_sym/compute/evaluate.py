"""Evaluation to any number of digits: every quantity, with more digits than are asked for, rounded at the end.

    evaluate(program, values, digits)   every quantity
    worked(program, values, digits)     the same, with the values that were given before them
    product, total                      of the factors of a path, and of the paths
"""
import mpmath
import numpy as np

from ..derive.entries import entries, entry_of, indices
from ..describe.names import Owned
from ..describe.program import Program
from ..describe.shapes import sizes
from ..describe.values import GUARD, Values, given, numbers
from .lambdify import lambdify


def evaluate(program, values, digits=15):
    """Every quantity in order, {name: mpf}, to ``digits`` digits: see Program.evaluate."""
    if isinstance(digits, bool) or not hasattr(digits, "__index__") or digits < 1:
        raise ValueError(f"digits: expected a positive integer, got {digits!r}")
    if program.shapes:
        return _of_arrays(program, values, digits)
    with mpmath.workdps(digits + GUARD):
        exactly = lambdify(program, "mpmath")(values)
    with mpmath.workdps(digits):
        return Values(((name, +value) for name, value in exactly.items()), program.spelled)


def _of_arrays(program, values, digits):
    """Every quantity of a program of arrays, from its entries: numbers, and arrays of mpf."""
    arrays = {s: np.array(value, dtype=object) for s, value in given(program, values).items()}
    letters = sizes(program, {s: a.shape for s, a in arrays.items()})
    alone = entries(program, letters)
    numbers = evaluate(alone, {entry_of(s, at): a[at] for s, a in arrays.items() for at in indices(a.shape)}, digits)

    def array(s):
        shape = tuple(int(letters.get(size, size)) for size in program.shape[s])
        found = np.empty(shape, dtype=object)
        for at in indices(shape):
            found[at] = numbers[entry_of(s, at)]
        return found if shape else found[()]

    return Values.of(program, {s: array(s) for s in program.defined})


def worked(program, values, digits=15):
    """Every quantity, given or computed, {name: mpf}."""
    given = Values.of(program, numbers(program, values, digits + GUARD))
    return Values({**given, **evaluate(program, values, digits + GUARD)}, program.spelled)


def product(factors, quantities, digits):
    """The product of expressions as a number, with quantities as values."""
    program = Program(tuple((Owned("evaluation", f"factor{i}"), factor) for i, factor in enumerate(factors)))
    found = evaluate(program, {s: quantities[s] for s in program.given}, digits + GUARD)
    with mpmath.workdps(digits + GUARD):
        result = mpmath.fprod(found.values())
    with mpmath.workdps(digits):
        return +result


def total(numbers, digits):
    """The sum of numbers, rounded once."""
    with mpmath.workdps(digits):
        return mpmath.fsum(numbers)
