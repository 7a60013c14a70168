"""Slips in one equation that weigh its parts otherwise: shares exchanged, a divisor one too small, a slope too early, a step.

    WEIGHT_SLIPS                (name, cost, generator): a part of the table of slips in one equation
    nodes(expression)           every place of an expression, and what the whole becomes where it is replaced

A generator is as in equations.py.
"""
import sympy as sp

from ...derive.optimizers import ETA
from ...describe.activation import Activation, shown
from ...describe.digits import decimal
from ...describe.names import Partial

STEPS = {"2": "twice", "1/2": "half", "10": "ten times", "1/10": "a tenth"}       # how long one may be
MOST_DECIMALS = 10**9           # a multiple of the denominator of every decimal that a formula may have


def nodes(expression, rebuild=lambda new: new, depth=0):
    """(node, what the whole becomes when the node is replaced, depth) for every sum, product, power and function in it."""
    if not expression.args or expression.is_number:
        return
    yield expression, rebuild, depth
    for i, argument in enumerate(expression.args):
        def put(new, i=i):
            return rebuild(expression.func(*expression.args[:i], new, *expression.args[i + 1:]))
        yield from nodes(argument, put, depth + 1)


def shares_exchanged(lhs, rhs, words):
    """z*a + (1 - z)*b for (1 - z)*a + z*b: of a gate, or a running mean."""
    for node, rebuild, _ in nodes(rhs):
        terms = node.args if node.is_Add else ()
        for s in sorted({f for t in terms for f in sp.Mul.make_args(t) if f.is_Symbol}, key=str):
            if any(1 - s in sp.Mul.make_args(t) for t in terms):
                yield (words.role(s),), f"{words.quantity(s)} and 1 - {words.quantity(s)} are exchanged", \
                    rebuild(node.xreplace({s: 1 - s}))


def one_less(lhs, rhs, words):
    """n - 1 for n below a sum of n terms: the variance of a sample for that of all."""
    for node, rebuild, _ in nodes(rhs):
        n = len(node.args)
        if node.is_Add and n > 2 and all(abs(t.as_coeff_Mul()[0]) == sp.Rational(1, n) for t in node.args):
            yield (n,), f"the divisor is {n - 1}, not {n},", rebuild(node*n/(n - 1))


def mean_of_paths(lhs, rhs, words):
    """The mean for the sum over paths, as over the steps of a recurrent network; a step may add nothing."""
    if isinstance(lhs, Partial) and lhs.wrt in words.structure.parameters and rhs.has(Partial):
        for n in words.path_counts:
            if n >= len(sp.Add.make_args(rhs)) > 1:
                yield (n,), f"the mean over {n} paths is taken for their sum", rhs/n


def penalty(lhs, rhs, words):
    """Twice or half the term of a derivative that is on no path to the targets, as of a penalty."""
    apart = [t for t in words.terms(rhs) if not t.has(Partial)] if isinstance(lhs, Partial) and rhs.is_Add else []
    for term in apart if len(apart) < len(rhs.args) else ():
        for factor in (sp.Integer(2), sp.Rational(1, 2)):
            yield (str(factor),), f"a factor {factor} too much in the term {words.spell(term)}", rhs + (factor - 1)*term


def constant(lhs, rhs, words):
    """A decimal in an equation with its point elsewhere, also in an activation: 0.1 for the 0.01 of a leaky rectifier."""
    whole = rhs.definition if isinstance(rhs, Activation) and not isinstance(lhs, Partial) else rhs
    decimals = {abs(c) for c in whole.atoms(sp.Rational) if MOST_DECIMALS % c.q == 0 and (abs(c.p) > 1 and c.q > 1 or c.q >= 10)}
    for c in sorted(decimals):
        for factor, text in ((10, "ten times"), (sp.Rational(1, 10), "a tenth of")):
            yield (str(c), text), f"the {decimal(c)} is {text} what it should be", whole.xreplace({c: c*factor, -c: -c*factor})


def slope_too_early(lhs, rhs, words):
    """The derivative by an output with the slope of its own activation: it is that by the sum already, as yhat - y may be."""
    for s in words.slopes_at.get(lhs.wrt, ()) if isinstance(lhs, Partial) else ():
        yield (s.of.__name__,), f"the derivative of {s.of.__name__} is in it already", shown(rhs*s)


def step_of_an_update(lhs, rhs, words):
    """The step of an update: twice or half as long, without the learning rate, up the gradient, none at all."""
    if words.is_step(lhs):
        for term in (t for t in sp.Add.make_args(rhs) if t.has(ETA)):
            name = words.quantity(lhs)
            for key, text, other in (("none", f"{name} is not updated", 0),
                                     ("up", f"{name} goes up the gradient, not down", -term),
                                     ("rate", f"the learning rate is left out for {name}", term/ETA),
                                     *((key, f"the step of {name} is {text} as long", sp.Rational(key)*term)
                                       for key, text in STEPS.items()),
                                     ("twice", f"the learning rate is applied twice to {name}", term*ETA)):
                yield (key,), text, rhs - term + other, 0.6*("10" in key)


WEIGHT_SLIPS = (
    ("shares exchanged", 1, shares_exchanged),
    ("one less", 1, one_less),
    ("penalty", 1, penalty),
    ("mean of paths", 1.2, mean_of_paths),
    ("constant", 1.2, constant),
    ("slope too early", 1, slope_too_early),
    ("step", 0.9, step_of_an_update),
)
