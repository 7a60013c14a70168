"""Activations that a reader adds to the table: checked, and then rows like all others.

    activation(name, f)         a new activation, from any SymPy expression

What SymPy has other names for becomes what the package has: Max is max, Heaviside is step. The forms that are given beside a
definition are compared with it at a few points, to fifty digits.
"""
import sympy as sp
from sympy.codegen.cfunctions import log1p

from .activation import ACTIVATIONS, Strict, derivative_by, row, shown
from .arguments import expect
from .digits import decimal
from .expressions import expression_of
from .functions import bracket, clipped, erfc, larger, maximum, step, top
from .names import plain
from .nearest import said

# What no activation can be called: other functions that a text may use.
OTHERS = frozenset("exp log ln sqrt log10 abs sign step sin cos tan logsumexp max min sum mean softmax".split())
TURNED = {
    sp.Max: maximum, sp.Min: lambda *numbers: -maximum(*(-number for number in numbers)),
    sp.Heaviside: lambda z, at_0=None: step(z), sp.tan: lambda z: sp.sin(z)/sp.cos(z),
}
FUNCTIONS = {sp.exp: "exp", sp.log: "log", sp.Abs: "Abs", sp.sign: "sign", sp.tanh: "tanh", sp.sin: "sin", sp.cos: "cos",
             sp.erf: "erf", sp.erfc: "erfc"}
# What an expression may be made of besides them: what every language has, and what stands in stable forms.
PARTS = (sp.Symbol, sp.Rational, sp.Float, sp.Add, sp.Mul, sp.Pow, sp.Piecewise, sp.functions.elementary.piecewise.ExprCondPair,
         sp.core.relational.Relational, sp.logic.boolalg.Boolean, Strict, bracket, clipped, erfc, larger, log1p, top)
NUMBERS = (sp.pi, sp.E)
POINTS = [sp.Rational(p, q) for p, q in ((-89, 17), (-37, 16), (-3, 17), (5, 13), (29, 11), (97, 19))]     # hardly a kink of any
DIGITS, STEP, TOLERANCE = 80, sp.Rational(1, 10**25), 1e-9


def activation(name, definition, *, slope=None, latex=None, stable=None, stable_slope=None, checked=True):
    """Add an activation to the table and return it, a SymPy function; SymPy differentiates it where ``slope`` is None.

    ``definition`` maps the SymPy symbol z to f(z); ``slope`` maps z and a = f(z) to f'(z) as it should be shown;
    ``stable`` and ``stable_slope`` map z to the forms in which both are computed (the definition and its derivative,
    unless given). Where ``checked`` is False these are taken as they are: to see what a wrong derivative does.

    Raises ValueError for a name that is no identifier, another function's, or that of an activation with another definition;
    for a constant, for free symbols besides z, and for functions that no language has; and for a form that is not equal to the
    definition, or to its derivative, at some point. TypeError where a function returns no expression.

    >>> from backprop_sym import sigmoid
    >>> swish2 = activation("swish2", lambda z: z*sigmoid(2*z))
    >>> swish2(sp.Symbol("z")).definition
    z*sigmoid(2*z)
    >>> activation("square", lambda z: z**2, stable=lambda z: z**3)
    Traceback (most recent call last):
        ...
    ValueError: activation 'square': stable: expected the definition, at z = -89/17 it is 27.4083045, got -143.4905353
    """
    expect(definition=definition, slope=slope, latex=latex, stable=stable, stable_slope=stable_slope, checked=checked)
    if not isinstance(name, str):
        raise TypeError(f"an activation's name must be a str, got {said(name)}")
    name, z, a = plain(name), sp.Symbol("z"), sp.Dummy("a")
    f = _read(f"activation {name!r}: definition", definition, z)
    if z not in f.free_symbols:
        raise ValueError(f"activation {name!r}: definition: expected an expression that z is in, got {said(f)}")
    _new(name, f)
    derived = shown(derivative_by(f, z))

    def function(form):
        return lambda *values: form.xreplace(dict(zip((z, a), values, strict=False)))

    def form(what, given, otherwise, *symbols):
        """One of the forms as a function: the one that is given, which is compared, or the one that is known."""
        if given is None:
            return function(otherwise)
        found = _read(f"activation {name!r}: {what}", given, *symbols)
        if checked:
            _compare(f"activation {name!r}: {what}", found.xreplace({a: f}), f, otherwise is derived)
        return function(found)

    made = row(name, function(f), form("slope", slope, derived, z, a), latex, form("stable", stable, f, z),
               form("stable_slope", stable_slope, derived, z))
    made.added = True
    return made


def _new(name, f):
    """Raise ValueError where a name stands for something else already."""
    if name in OTHERS or name in ACTIVATIONS and not ACTIVATIONS[name].added:
        raise ValueError(f"the name {name!r} is that of another function: expected a new one")
    if name in ACTIVATIONS and (before := ACTIVATIONS[name].rule.definition(sp.Symbol("z"))) != f:
        raise ValueError(f"the name {name!r} is that of an activation with another definition, {said(before)}: take a new "
                         f"name, or del bp.ACTIVATIONS[{name!r}] before")


def _read(where, form, *symbols):
    """The expression that a function of a reader makes of symbols, in the functions that the package has."""
    e = expression_of(form(*symbols), where)
    e = e.replace(lambda node: node.func in TURNED, lambda node: TURNED[node.func](*node.args))
    if extra := sorted(e.free_symbols - {*symbols}, key=str):
        raise ValueError(f"{where}: expected an expression of z alone, got one that also holds {', '.join(map(str, extra))}")
    for node in sp.preorder_traversal(e):
        if not (isinstance(node, PARTS) or node.func in FUNCTIONS or node in NUMBERS):
            raise ValueError(f"{where}: expected + - * / **, Piecewise, activations, and the functions "
                             f"{', '.join(sorted(FUNCTIONS.values()))}, {', '.join(sorted(f.__name__ for f in TURNED))}; got "
                             f"{said(node)}")
    return e


def _compare(where, form, f, of_slope):
    """Raise ValueError where a form is not what it should be: f(z), or f'(z) by the definition alone."""
    for point in POINTS:
        wanted = (_at(f, point + STEP) - _at(f, point - STEP))/(2*STEP) if of_slope else _at(f, point)
        found = _at(form, point)
        if wanted.is_real and wanted.is_finite and not abs(found - wanted) <= TOLERANCE*(1 + abs(wanted)):
            raise ValueError(f"{where}: expected the {'derivative of the ' if of_slope else ''}definition, at z = {point} it is "
                             f"{_said(wanted)}, got {_said(found)}")


def _at(e, point):
    """The value of an expression of z at a point."""
    return e.xreplace({sp.Symbol("z"): point}).evalf(DIGITS)


def _said(number):
    """A number as it is read."""
    return decimal(float(number)) if number.is_real and number.is_finite else said(number)
