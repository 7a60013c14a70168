"""Evaluation to any number of digits: every quantity, with more digits than are asked for, rounded at the end.

    evaluate(program, values, digits)   every quantity
    worked(program, values, digits)     the same, with the values that were given before them
    product, total                      of the factors of a path, and of the paths
"""
from ..describe.names import Owned
from ..describe.precision import precise, rounded, shared
from ..describe.program import Program
from ..describe.values import GUARD, Values, numbers
from .lambdify import lambdify


def evaluate(program, values, digits=15):
    """Every quantity in order, {name: mpf}, to ``digits`` digits: see Program.evaluate."""
    if isinstance(digits, bool) or not hasattr(digits, "__index__") or digits < 1:
        raise ValueError(f"digits: expected a positive integer, got {digits!r}")
    with precise(digits + GUARD):
        exactly = lambdify(program, "mpmath")(values)
    with precise(digits) as mp:
        return Values(((name, shared(+mp.convert(value))) for name, value in exactly.items()), program.spelled)


def worked(program, values, digits=15):
    """Every quantity, given or computed, {name: mpf}."""
    given = Values.of(program, numbers(program, values, digits + GUARD))
    return Values({**given, **evaluate(program, values, digits + GUARD)}, program.spelled)


def product(factors, quantities, digits):
    """The product of expressions as a number, with quantities as values."""
    program = Program(tuple((Owned("evaluation", f"factor{i}"), factor) for i, factor in enumerate(factors)))
    found = evaluate(program, {s: quantities[s] for s in program.given}, digits + GUARD)
    with precise(digits + GUARD) as mp:
        return rounded(mp.fprod(found.values()), digits)


def total(numbers, digits):
    """The sum of numbers, rounded once."""
    with precise(digits) as mp:
        return shared(mp.fsum(numbers))
