"""Activations and losses: one table each, the expression and its derivative side by side.

An activation is an ordinary SymPy function. Its row holds the *definition*, one SymPy expression; the derivative as it
is *shown*, written through the function's own value (a*(1 - a)); and, where the definition would overflow or lose its
digits, the *stable* forms of both, which are what is computed. The tests prove that all agree with ``sympy.diff``.

    sigmoid(z)                  a SymPy expression; sp.diff(sigmoid(z), z) == sigmoid(z)*(1 - sigmoid(z))
    ACTIVATIONS["sigmoid"]      its class; LOSSES["half_squared_error"], a function of targets and predictions
    activation(name, f)         a new one, from any SymPy expression
    partial(expression, x)      the derivative with every f'(z) kept as a Slope: shown one way, computed another
    shown(expression)           the same with each Slope written out as it is shown
"""
from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy.codegen.cfunctions import log1p

from .symbols import IDENTIFIER, unknown

HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class Rule:
    """What is known of an activation a = f(z): all four are functions that return SymPy expressions."""

    definition: Callable          # z -> f(z)
    slope: Callable               # z, a -> f'(z), as it is shown
    latex: str                    # the function's name
    stable: Callable              # z -> f(z), right at |z| = 1000
    stable_slope: Callable        # z -> f'(z), right at |z| = 1000


class Activation(sp.Function):
    """The base of all activations: a SymPy function of one argument that knows its Rule."""

    nargs = 1
    rule: Rule

    @property
    def definition(self):
        """f(z) written out: ``sigmoid(z).definition`` is 1/(1 + exp(-z))."""
        return self.rule.definition(*self.args)

    def fdiff(self, argindex=1):
        return self.rule.slope(self.args[0], self)

    def _eval_evalf(self, prec):
        return self.definition._eval_evalf(prec)


class Slope(sp.Function):
    """f'(z) where a = f(z) is known already: an atom with two faces, ``doit()`` as shown and ``stable`` as computed."""

    nargs = 2
    of: type[Activation]

    def doit(self, **hints):
        z, a = (argument.doit(**hints) for argument in self.args)
        return self.of.rule.slope(z, a)

    @property
    def stable(self):
        return self.of.rule.stable_slope(self.args[0])

    @property
    def precedence(self):
        return sp.printing.precedence.precedence(self.doit())

    def fdiff(self, argindex=1):
        z, a = sp.Dummy("z"), sp.Dummy("a")
        return self.of.rule.slope(z, a).diff((z, a)[argindex - 1]).xreplace({z: self.args[0], a: self.args[1]})

    def _eval_evalf(self, prec):
        return self.doit()._eval_evalf(prec)

    def _sympystr(self, printer):
        return printer._print(self.doit())


ACTIVATIONS = {}


def activation(name, definition, *, slope=None, latex=None, stable=None, stable_slope=None):
    """Add an activation to the table and return it, a SymPy function; SymPy differentiates it where ``slope`` is None.

    ``definition`` maps the SymPy symbol z to f(z); ``slope`` maps z and a = f(z) to f'(z) as it should be shown;
    ``stable`` and ``stable_slope`` map z to the forms in which both are computed (the definition and its derivative,
    unless given). Raises ValueError for a name that is no identifier or for free symbols besides z, TypeError where
    ``definition`` returns no expression.

    >>> swish2 = activation("swish2", lambda z: z*sigmoid(2*z))
    >>> swish2(sp.Symbol("z")).definition
    z*sigmoid(2*z)
    """
    z = sp.Symbol("z")
    if not (isinstance(name, str) and IDENTIFIER.fullmatch(name)):
        raise ValueError(f"an activation's name must be an identifier, got {name!r}")
    try:
        expression = sp.sympify(definition(z), strict=True)
    except sp.SympifyError:
        raise TypeError(f"activation {name!r}: expected a SymPy expression of z, got {definition(z)!r}") from None
    if extra := sorted(expression.free_symbols - {z}, key=str):
        raise ValueError(f"activation {name!r}: expected an expression of z alone, got one that also holds "
                         + ", ".join(map(str, extra)))

    def of_z(form):
        return lambda argument: form.xreplace({z: argument})

    derivative = of_z(expression.diff(z))
    rule = Rule(definition=of_z(expression), slope=slope or (lambda z, a: derivative(z)),
                latex=latex or rf"\operatorname{{{name}}}".replace("_", r"\_"),
                stable=stable or of_z(expression), stable_slope=stable_slope or derivative)
    function = type(name, (Activation,), {"rule": rule, "__module__": __name__})
    function.slope = type(name + "_slope", (Slope,), {"of": function, "__module__": __name__})
    ACTIVATIONS[name] = function
    return function


def _piecewise(value, condition, otherwise):
    return sp.Piecewise((value, condition), (otherwise, True))


def _small(z):
    """exp(-|z|): never above 1, so nothing built on it overflows."""
    return sp.exp(-sp.Abs(z))


# The definition, the derivative as shown, the name on paper, the stable forms. At the kink of relu and leaky_relu the
# derivative is the left one.
sigmoid = activation(
    "sigmoid", lambda z: 1/(1 + sp.exp(-z)), slope=lambda z, a: a*(1 - a), latex=r"\sigma",
    stable=lambda z: _piecewise(1, z >= 0, _small(z))/(1 + _small(z)),
    stable_slope=lambda z: _small(z)/(1 + _small(z))**2)
tanh = activation(
    "tanh", lambda z: (sp.exp(z) - sp.exp(-z))/(sp.exp(z) + sp.exp(-z)), slope=lambda z, a: 1 - a**2, latex=r"\tanh",
    stable=lambda z: sp.tanh(z),
    stable_slope=lambda z: 4*_small(2*z)/(1 + _small(2*z))**2)
relu = activation(
    "relu", lambda z: _piecewise(z, z > 0, 0), slope=lambda z, a: _piecewise(1, z > 0, 0))
leaky_relu = activation(
    "leaky_relu", lambda z: _piecewise(z, z > 0, z/100),
    slope=lambda z, a: _piecewise(1, z > 0, sp.Rational(1, 100)))
softplus = activation(
    "softplus", lambda z: sp.log(1 + sp.exp(z)), slope=lambda z, a: sigmoid(z),
    stable=lambda z: _piecewise(z, z > 0, 0) + log1p(_small(z)),
    stable_slope=lambda z: sigmoid.rule.stable(z))
identity = activation("identity", lambda z: z, slope=lambda z, a: sp.Integer(1))


def _over_outputs(term, scale=1):
    """The loss that adds term(y, p) over the outputs, and divides by n where scale is "n"."""
    def loss(targets, predictions):
        total = sp.Add(*(term(y, p) for y, p in zip(targets, predictions, strict=True)))
        return total/len(targets) if scale == "n" else scale*total
    return loss


# The loss of all outputs, as a function of the targets y and the predictions p.
LOSSES = {
    "half_squared_error": _over_outputs(lambda y, p: (y - p)**2, HALF),
    "squared_error": _over_outputs(lambda y, p: (y - p)**2),
    "mean_squared_error": _over_outputs(lambda y, p: (y - p)**2, "n"),
    "binary_cross_entropy": _over_outputs(lambda y, p: -y*sp.log(p) - (1 - y)*sp.log(1 - p)),
}


def lookup(table, what, name):
    """The row of that name; ValueError with the nearest names where there is none."""
    if isinstance(name, str) and name in table:
        return table[name]
    raise ValueError(unknown(what, name, table))


def partial(expression, x):
    """The derivative by x, with each activation's own derivative kept as a Slope of its argument and its value.

    SymPy differentiates what stands between the activations; the chain rule joins the pieces.

    >>> z, w = sp.symbols("z w")
    >>> partial(w*sigmoid(z), z)
    w*((1 - sigmoid(z))*sigmoid(z))
    >>> partial(w*sigmoid(z), z).atoms(Slope)
    {(1 - sigmoid(z))*sigmoid(z)}
    """
    calls = [c for c in _outermost(expression) if x in c.free_symbols]
    names = {call: sp.Dummy() for call in calls}
    outside = expression.xreplace(names)
    terms = [outside.diff(x)]
    terms += [outside.diff(names[c])*c.slope(c.args[0], c)*partial(c.args[0], x) for c in calls]
    return sp.Add(*terms).xreplace({name: call for call, name in names.items()})


def _outermost(expression):
    """The activations in an expression that stand in no other activation, in a fixed order."""
    found, todo = [], [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, Activation):
            found.append(node)
        else:
            todo.extend(node.args)
    return sorted(set(found), key=sp.default_sort_key)


def shown(expression):
    """The expression with each Slope written as it is shown: plain SymPy, such as a*(1 - a).

    >>> z, a = sp.symbols("z a")
    >>> shown(3*sigmoid.slope(z, a))
    3*a*(1 - a)
    """
    return expression.replace(lambda node: isinstance(node, Slope), lambda node: node.doit())
