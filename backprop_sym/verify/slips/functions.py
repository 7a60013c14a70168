"""Slips in the functions of one equation: another one, its argument alone, another base, the mean for the maximum.

    FUNCTION_SLIPS              (name, cost, generator): a part of the table of slips in one equation
    with_base(rhs, base)        an expression with another number for e

A generator is as in equations.py.
"""
import sympy as sp

from ...describe.activation import ACTIVATIONS, Activation, ActivationSlope, shown
from ...describe.functions import maximum, softmax
from ..passes import owner
from ..words import symbols_of

EXPONENTIAL = sp.exp, ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"], softmax       # of sums, or what is made of it
OTHERS = {"sigmoid": ("tanh", "relu"), "tanh": ("sigmoid", "relu"), "relu": ("sigmoid", "tanh", "leaky_relu"),
          "leaky_relu": ("relu",)}         # which activation may be taken for which


def activation_left_out(lhs, rhs, words):
    """The argument for the activation."""
    if isinstance(rhs, sp.Function) and lhs in words.structure.forward and len(rhs.args) == 1:
        yield (type(rhs).__name__,), f"the activation {type(rhs).__name__} is left out", rhs.args[0]


def argument_for_output(lhs, rhs, words):
    """The argument of an activation for its output, as where a gradient is taken by what goes into a unit below."""
    forward, found = words.structure.forward, {}
    for s in symbols_of(rhs) if lhs != forward.loss else ():
        made = forward[s].rhs if s in forward else None
        if isinstance(made, Activation) and len(made.args) == 1 and made.args[0].is_Symbol and lhs != s:
            z = made.args[0]
            text = f"{words.quantity(z)} is taken for {words.quantity(s)}" if owner(s) is None else (
                f"the activation {type(made).__name__} is left out")
            found[s] = z
            yield (words.role(s),), text, rhs.xreplace({s: z})
    if len(found) > 1 and not any(map(owner, found)):
        yield ("all",), f"{words.several(found.values())} are taken for {words.several(found)}", rhs.xreplace(found)


def logarithm(lhs, rhs, words):
    """log10 or log2 for ln."""
    for base in (10, 2) if rhs.has(sp.log) else ():
        yield (str(base),), f"log{base} is taken for ln", rhs.replace(sp.log, lambda x, base=base: sp.log(x)/sp.log(base))


def degrees(lhs, rhs, words):
    """An angle that is meant in radians, taken in degrees."""
    turned = rhs
    for f in (sp.sin, sp.cos, sp.tan):
        turned = turned.replace(f, lambda x, f=f: f(x*sp.pi/180))
    if turned != rhs:
        yield (), "the angle is taken in degrees", turned


def no_exponential(lhs, rhs, words):
    """The argument for its exponential."""
    if rhs.has(sp.exp):
        yield (), "the exponentials are left out", rhs.replace(sp.exp, lambda x: x)


def another_activation(lhs, rhs, words):
    """Another activation for the one that is stated."""
    if lhs in words.structure.forward:
        for s in sorted(rhs.atoms(Activation), key=sp.default_sort_key):
            for other in OTHERS.get(name := type(s).__name__, ()):
                yield (name, other), f"{other} is taken for {name}", rhs.xreplace({s: ACTIVATIONS[other](*s.args)})


def slope_of_another(lhs, rhs, words):
    """The derivative of another activation, 1 - a**2 for a*(1 - a)."""
    raw = words.raw[lhs]
    for s in sorted(raw.atoms(ActivationSlope), key=sp.default_sort_key):
        for other in OTHERS.get(name := s.of.__name__, ()):
            yield (name, other), f"the derivative of {other} is taken for that of {name}", shown(raw.xreplace({
                s: ACTIVATIONS[other].rule.slope(*s.args)}))


def instead_of_the_largest(lhs, rhs, words):
    """The mean, or the smallest, for the largest of several."""
    if rhs.has(maximum):
        for text, new in (("mean", lambda *z: sp.Add(*z)/len(z)), ("smallest", lambda *z: -maximum(*(-a for a in z)))):
            yield (text,), f"the {text} is taken for the largest", rhs.replace(maximum, new)


def with_base(rhs, base):
    """The expression with another number for e in every exponential: that of z is the exponential of z*ln(base)."""
    def again(f):
        first, *rest = f.args
        return f.func(*([first] if isinstance(f, softmax) else [first*sp.log(base)]), *(z*sp.log(base) for z in rest))
    return rhs.replace(lambda f: isinstance(f, EXPONENTIAL), again)


def slope_of_the_largest(lhs, rhs, words):
    """The derivative of the largest of several by each of them: 1, or a share."""
    of = lhs.identity[2].of if owner(lhs) == "local derivative" else None
    if of is not None and words.structure.forward[of].rhs.has(maximum) and rhs.has(sp.Piecewise):
        count = len(words.structure.forward[of].rhs.free_symbols)
        for key, text, new in (("1", "the derivative is 1 for each, not for the largest alone,", sp.S.One),
                               ("share", "the derivative is shared, not that of the largest alone,", sp.Rational(1, count))):
            yield (key,), text, rhs.replace(sp.Piecewise, lambda *parts, new=new: new)


FUNCTION_SLIPS = (
    ("activation left out", 1.2, activation_left_out),
    ("argument for output", 1.3, argument_for_output),
    ("another activation", 1.3, another_activation),
    ("another's derivative", 1.2, slope_of_another),
    ("instead of the largest", 1.2, instead_of_the_largest),
    ("derivative of the largest", 1.1, slope_of_the_largest),
    ("another logarithm", 1, logarithm),
    ("degrees", 1, degrees),
    ("exponentials left out", 1.2, no_exponential),
)
