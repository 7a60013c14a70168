"""Functions that know their own derivative: shown one way, computed another.

An activation is an ordinary SymPy function. Its Rule holds the *definition*, one SymPy expression; the derivative as it
is *shown*, written through the function's own value (a*(1 - a)); and, where the definition would overflow or lose its
digits, the *stable* forms of both, which are what is computed.

    activation(name, f)         a new activation, from any SymPy expression
    shown(expression)           an expression with each Slope, f'(z), written out as it is shown
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import sympy as sp

from .expressions import expression_of
from .names import plain
from .nearest import said

ACTIVATIONS = {}
# What no activation can be called: other functions that a text may use.
OTHERS = frozenset("exp log ln sqrt log10 abs sign step sin cos tan logsumexp max min sum mean softmax".split())


@dataclass(frozen=True)
class Rule:
    """What is known of an activation a = f(z): all but ``latex`` are functions that return SymPy expressions."""

    definition: Callable          # z -> f(z)
    stable: Callable              # z -> f(z), right at |z| = 1000
    latex: str                    # the function's name
    slope: Callable = None        # z, a -> f'(z), as it is shown; None where the class says what its derivatives are
    stable_slope: Callable = None     # z -> f'(z), right at |z| = 1000


class Strict(sp.Function):
    """A SymPy function whose arguments are expressions: SymPy itself would evaluate a text."""

    def __new__(cls, *arguments, **options):
        return super().__new__(cls, *(expression_of(argument, cls.__name__) for argument in arguments), **options)


class Activation(Strict):
    """The base of all activations: a SymPy function that knows its Rule."""

    rule: Rule
    slope = None                  # the class of its derivative, for a function of one argument

    @property
    def definition(self):
        """f(z) written out: ``sigmoid(z).definition`` is 1/(1 + exp(-z))."""
        return self.rule.definition(*self.args)

    @classmethod
    def layer(cls, sums):
        """The activations of a layer with these weighted sums: f of each, unless the function looks at all of them."""
        return [cls(z) for z in sums]

    def by(self, i):
        """The derivative by the i-th argument: a Slope, unless it is the same number everywhere."""
        constant = self.rule.slope(self.args[0], self)
        return constant if constant.is_Number else self.slope(self.args[0], self)

    def fdiff(self, argindex=1):
        return self.by(argindex - 1).doit()

    def _eval_evalf(self, prec):
        return self.definition._eval_evalf(prec)

    def _sympystr(self, printer):
        return f"{type(self).__name__}({printer.stringify(self.args, ', ')})"


def called(name, arguments, slope=False):
    """The call of an activation, or of its slope, that a pickle holds by its name; ValueError where there is no such."""
    if name not in ACTIVATIONS:
        raise ValueError(f"the activation {name!r} is not defined here: define it with activation({name!r}, ...) before")
    return (ACTIVATIONS[name].slope if slope else ACTIVATIONS[name])(*arguments)


class Slope(Strict):
    """The derivative of a function whose value is known already: an atom with two faces, one shown and one computed."""

    def doit(self, **hints):
        return self.shown().doit(**hints)

    @property
    def precedence(self):
        return sp.printing.precedence.precedence(self.doit())

    def _eval_evalf(self, prec):
        return self.doit()._eval_evalf(prec)

    def _sympystr(self, printer):
        return printer._print(self.doit())


class ActivationSlope(Slope):
    """f'(z) with the arguments z and a = f(z): shown through a, computed by the stable form of its Rule."""

    nargs = 2
    of: type[Activation]

    def shown(self):
        """f'(z) as it is shown."""
        return self.of.rule.slope(*self.args)

    def __reduce__(self):
        return called, (self.of.__name__, self.args, True)

    def fdiff(self, argindex=1):
        z, a = sp.Dummy("z"), sp.Dummy("a")
        return self.of.rule.slope(z, a).diff((z, a)[argindex - 1]).xreplace({z: self.args[0], a: self.args[1]})


class Faces(Slope):
    """Two expressions for one number: the first is shown and differentiated, the second computed."""

    nargs = 2

    def shown(self):
        """The expression that is shown."""
        return self.args[0]

    def fdiff(self, argindex=1):
        return sp.Integer(argindex == 1)


def activation(name, definition, *, slope=None, latex=None, stable=None, stable_slope=None):
    """Add an activation to the table and return it, a SymPy function; SymPy differentiates it where ``slope`` is None.

    ``definition`` maps the SymPy symbol z to f(z); ``slope`` maps z and a = f(z) to f'(z) as it should be shown;
    ``stable`` and ``stable_slope`` map z to the forms in which both are computed (the definition and its derivative,
    unless given). Raises ValueError for a name that is no identifier, or another function's, and for free symbols besides z,
    TypeError where ``definition`` returns no expression.

    >>> from backprop_sym import sigmoid
    >>> swish2 = activation("swish2", lambda z: z*sigmoid(2*z))
    >>> swish2(sp.Symbol("z")).definition
    z*sigmoid(2*z)
    """
    z = sp.Symbol("z")
    if not isinstance(name, str):
        raise TypeError(f"an activation's name must be a str, got {said(name)}")
    name = plain(name)
    if name in OTHERS:
        raise ValueError(f"the name {name!r} is that of another function: expected a new one")
    for what, form in {"definition": definition, "slope": slope, "stable": stable, "stable_slope": stable_slope}.items():
        if not (callable(form) or form is None and what != "definition"):
            raise TypeError(f"{what}: expected a function of z that returns a SymPy expression, got {said(form)}")
    if not isinstance(latex, str | None):
        raise TypeError(f"latex: expected a text, got {said(latex)}")
    expression = expression_of(definition(z), f"activation {name!r}: definition")
    if extra := sorted(expression.free_symbols - {z}, key=str):
        raise ValueError(f"activation {name!r}: expected an expression of z alone, got one that also holds "
                         + ", ".join(map(str, extra)))

    def of_z(form):
        return lambda argument: form.xreplace({z: argument})

    differentiated = cache(lambda: expression.diff(z))           # when it is first asked for

    def derivative(argument):
        return differentiated().xreplace({z: argument})

    rule = Rule(definition=of_z(expression), slope=slope or (lambda z, a: derivative(z)),
                latex=latex or rf"\mathrm{{{name}}}".replace("_", r"\_"),
                stable=stable or of_z(expression), stable_slope=stable_slope or derivative)
    function = type(name, (Activation,), {"nargs": 1, "rule": rule, "__module__": __name__, "written_as": "Activation",
                                          "__reduce__": lambda self: (called, (name, self.args))})
    function.slope = type(name + "_slope", (ActivationSlope,), {"of": function, "__module__": __name__,
                                                                 "written_as": "ActivationSlope"})
    ACTIVATIONS[name] = function
    return function


@lru_cache(10_000)
def shown(expression):
    """The expression with each Slope written as it is shown: plain SymPy, such as a*(1 - a).

    >>> from backprop_sym import sigmoid
    >>> z, a = sp.symbols("z a")
    >>> shown(3*sigmoid.slope(z, a))
    3*a*(1 - a)
    """
    if not expression.has(Slope):
        return expression
    return expression.replace(lambda node: isinstance(node, Slope), lambda node: node.doit())
