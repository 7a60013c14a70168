"""Evaluation to any number of digits: every quantity, with more digits than are asked for, rounded at the end.

    evaluate(program, values, digits)   every quantity
    worked(program, values, digits)     the same, with the values that were given before them
    product, total                      of the factors of a path, and of the paths
"""
import mpmath

from ..describe.arguments import expect
from ..describe.names import Owned
from ..describe.program import Program
from ..describe.values import GUARD, Values, numbers
from .lambdify import lambdify


def evaluate(program, values, digits=15):
    """Every quantity in order, {name: mpf}, to ``digits`` digits: see Program.evaluate."""
    expect(values=values, digits=digits)
    with mpmath.workdps(digits + GUARD):
        exactly = lambdify(program, "mpmath")(values)
    with mpmath.workdps(digits):
        return Values(((name, +value) for name, value in exactly.items()), program.spelled)


def worked(program, values, digits=15):
    """Every quantity, given or computed, {name: mpf}."""
    expect(values=values, digits=digits)
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
