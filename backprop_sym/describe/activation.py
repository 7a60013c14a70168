"""Functions that know their own derivative: shown one way, computed another.

An activation is an ordinary SymPy function. Its Rule holds the *definition*, one SymPy expression; the derivative as it
is *shown*, written through the function's own value (a*(1 - a)); and, where the definition would overflow or lose its
digits, the *stable* forms of both, which are what is computed.

    row(name, f)                a new activation: a row of the table, as it is given
    derivative_by(expression, x)    each activation's own derivative kept as a Slope
    shown(expression)           an expression with each Slope, f'(z), written out as it is shown
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from .expressions import expression_of

ACTIVATIONS = {}


@dataclass(frozen=True)
class Rule:
    """What is known of an activation a = f(z): all but ``latex`` are functions that return SymPy expressions."""

    definition: Callable          # z -> f(z)
    stable: Callable              # z -> f(z), right at |z| = 1000
    latex: str                    # the function's name
    slope: Callable = None        # z, a -> f'(z), as it is shown; None where the class says what its derivatives are
    stable_slope: Callable = None     # z -> f'(z), right at |z| = 1000
    folded: Callable = None       # z -> f(z), by one number that f'(z) is made of as well; None where there is none
    folded_slope: Callable = None     # z -> f'(z), by the same number


class Strict(sp.Function):
    """A SymPy function whose arguments are expressions: SymPy itself would evaluate a text."""

    def __new__(cls, *arguments, **options):
        return super().__new__(cls, *(expression_of(argument, cls.__name__) for argument in arguments), **options)


class Activation(Strict):
    """The base of all activations: a SymPy function that knows its Rule."""

    rule: Rule
    slope = None                  # the class of its derivative, for a function of one argument
    added = False                 # whether a reader added it to the table

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
        found = shown(derivative_by(self.of.rule.slope(z, a), (z, a)[argindex - 1]))
        return found.xreplace({z: self.args[0], a: self.args[1]})


class Faces(Slope):
    """Two expressions for one number: the first is shown and differentiated, the second computed."""

    nargs = 2

    def shown(self):
        """The expression that is shown."""
        return self.args[0]

    def fdiff(self, argindex=1):
        return sp.Integer(argindex == 1)


def row(name, definition, slope, latex=None, stable=None, stable_slope=None, folded=None, folded_slope=None):
    """Add an activation to the table and return it, a SymPy function; the arguments are those of its Rule.

    What is computed is the definition and the derivative as it is shown, where no other forms are given.
    """
    rule = Rule(definition=definition, slope=slope, latex=latex or rf"\mathrm{{{name}}}".replace("_", r"\_"),
                stable=stable or definition, stable_slope=stable_slope or (lambda z: slope(z, definition(z))),
                folded=folded, folded_slope=folded_slope)
    function = type(name, (Activation,), {"nargs": 1, "rule": rule, "__module__": __name__, "written_as": "Activation",
                                          "__reduce__": lambda self: (called, (name, self.args))})
    function.slope = type(name + "_slope", (ActivationSlope,), {"of": function, "__module__": __name__,
                                                                 "written_as": "ActivationSlope"})
    ACTIVATIONS[name] = function
    return function


# The derivatives of functions that SymPy would differentiate as those of complex numbers; 0 at the kink.
REAL = {sp.Abs: sp.sign, sp.sign: lambda z: sp.S.Zero}


def derivative_by(expression, x):
    """The derivative by x: SymPy's of what stands between the activations, the chain rule for the rest.

    >>> z = sp.Symbol("z")
    >>> derivative_by(z/(1 + sp.Abs(z)), z)
    -z*sign(z)/(Abs(z) + 1)**2 + 1/(Abs(z) + 1)
    """
    calls = [c for c in _outermost(expression) if x in c.free_symbols]
    names = {call: sp.Dummy() for call in calls}
    outside = expression.xreplace(names)
    terms = [outside.diff(x)]
    terms += [outside.diff(names[c])*_by(c, i)*derivative_by(inner, x)
              for c in calls for i, inner in enumerate(c.args) if x in inner.free_symbols]
    return sp.Add(*terms).xreplace({name: call for call, name in names.items()})


def _by(call, i):
    return REAL[call.func](call.args[0]) if call.func in REAL else call.by(i)


def _outermost(expression):
    """The activations in an expression that stand in no other activation, in a fixed order."""
    found, todo = [], [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, Activation) or node.func in REAL:
            found.append(node)
        else:
            todo.extend(node.args)
    return sorted(set(found), key=sp.default_sort_key)


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
