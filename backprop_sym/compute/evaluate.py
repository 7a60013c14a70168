"""Evaluation to any number of digits: every quantity, with more digits than are asked for, rounded at the end.

    evaluate(program, values, digits)   every quantity
    worked(program, values, digits)     the same, with the values that were given before them
    product, total                      of the factors of a path, and of the paths
    array(program, expression, ...)     an expression in arrays
    arrays_given, by_entry              the arrays that were given, and their entries by symbol
"""
import numpy as np
import sympy as sp

from ..derive.entries import entries, entry_of, indices
from ..describe.arguments import expect
from ..describe.names import Owned
from ..describe.precision import precise, rounded, shared
from ..describe.program import Program
from ..describe.shapes import shape_of, sizes
from ..describe.values import GUARD, Values, exact, given, numbers
from .lambdify import lambdify


def evaluate(program, values, digits=15):
    """Every quantity in order, {name: mpf}, to ``digits`` digits: see Program.evaluate."""
    expect(values=values, digits=digits)
    if program.shapes:
        return _of_arrays(program, values, digits)
    with precise(digits + GUARD):
        exactly = lambdify(program, "mpmath")(values)
    with precise(digits) as mp:
        return Values(((name, shared(+mp.convert(value))) for name, value in exactly.items()), program.spelled)


def arrays_given(program, values):
    """({symbol: array of whatever numbers were given}, {letter: size}); ValueError for a shape that does not fit."""
    arrays = {s: np.array(value, dtype=object) for s, value in given(program, values).items()}
    return arrays, sizes(program, {s: a.shape for s, a in arrays.items()})


def by_entry(arrays):
    """{the symbol of an entry: its value} of some arrays."""
    return {entry_of(s, at): a[at] for s, a in arrays.items() for at in indices(a.shape)}


def _of_arrays(program, values, digits):
    """Every quantity of a program of arrays, from its entries: numbers, and arrays of mpf."""
    arrays, letters = arrays_given(program, values)
    numbers = evaluate(entries(program, letters), by_entry(arrays), digits)

    def array(s):
        found = np.empty([int(size.xreplace(letters)) for size in program.shape[s]], dtype=object)
        for at in indices(found.shape):
            found[at] = numbers[entry_of(s, at)]
        return found if found.shape else found[()]

    return Values.of(program, {s: array(s) for s in program.defined})


def worked(program, values, digits=15):
    """Every quantity, given or computed, {name: mpf}; of a program of arrays, arrays of them."""
    expect(values=values, digits=digits)
    if program.shapes:
        with precise(digits + GUARD):
            known = {s: _exactly(program.spelled[s], a) for s, a in arrays_given(program, values)[0].items()}
    else:
        known = numbers(program, values, digits + GUARD)
    return Values({**Values.of(program, known), **evaluate(program, values, digits + GUARD)}, program.spelled)


def _exactly(name, array):
    found = np.vectorize(lambda value: shared(exact(name, value)), otypes=[object])(array)
    return found if found.shape else found[()]


def array(program, expression, quantities, digits):
    """What an expression in the quantities of a program of arrays is: an array of mpf, or an mpf."""
    name = Owned("evaluation", "array")
    letters = sizes(program, {s: np.shape(quantities[s]) for s in (*program.given, *program.defined)})
    expression = expression.xreplace({letter: sp.Integer(n) for letter, n in letters.items()})
    of = {s: np.shape(quantities[s]) for s in expression.free_symbols}
    shape = shape_of(expression, of.get)
    found = evaluate(Program(((name, expression),), shapes={name: shape, **of}), {s: quantities[s] for s in of}, digits)
    return found[name]


def product(factors, quantities, digits):
    """The product of expressions as a number, with quantities as values."""
    program = Program(tuple((Owned("evaluation", f"factor{i}"), factor) for i, factor in enumerate(factors)))
    found = evaluate(program, {s: quantities[s] for s in program.given}, digits + GUARD)
    with precise(digits + GUARD) as mp:
        return rounded(mp.fprod(found.values()), digits)


def total(numbers, digits):
    """The sum of numbers, rounded once; of arrays, entry by entry."""
    numbers = list(numbers)
    with precise(digits) as mp:
        if any(map(np.ndim, numbers)):
            return sum(numbers[1:], numbers[0])
        return shared(mp.fsum(numbers))
