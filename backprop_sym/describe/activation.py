"""What a derivative rests on: functions that know their own, and the chain rule that joins them.

An activation is an ordinary SymPy function. Its Rule holds the *definition*, one SymPy expression; the derivative as it
is *shown*, written through the function's own value (a*(1 - a)); and, where the definition would overflow or lose its
digits, the *stable* forms of both, which are what is computed.

    activation(name, f)         a new activation, from any SymPy expression
    partials(expression)        every derivative, with each f'(z) kept as a Slope: shown one way, computed another
    shown(expression)           the same with each Slope written out as it is shown
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import sympy as sp

from .names import IDENTIFIER

ACTIVATIONS = {}
LONG = 20               # terms of a sum in a product, beyond which it is not differentiated as a whole for each of its symbols
# The derivatives of functions that SymPy would differentiate as those of complex numbers; 0 at the kink.
REAL = {sp.Abs: sp.sign, sp.sign: lambda z: sp.S.Zero}


@dataclass(frozen=True)
class Rule:
    """What is known of an activation a = f(z): all but ``latex`` are functions that return SymPy expressions."""

    definition: Callable          # z -> f(z)
    stable: Callable              # z -> f(z), right at |z| = 1000
    latex: str                    # the function's name
    slope: Callable = None        # z, a -> f'(z), as it is shown; None where the class says what its derivatives are
    stable_slope: Callable = None     # z -> f'(z), right at |z| = 1000


class Activation(sp.Function):
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


class Slope(sp.Function):
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
    unless given). Raises ValueError for a name that is no identifier or for free symbols besides z, TypeError where
    ``definition`` returns no expression.

    >>> from backprop_sym import sigmoid
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

    differentiated = cache(lambda: expression.diff(z))           # when it is first asked for

    def derivative(argument):
        return differentiated().xreplace({z: argument})

    rule = Rule(definition=of_z(expression), slope=slope or (lambda z, a: derivative(z)),
                latex=latex or rf"\operatorname{{{name}}}".replace("_", r"\_"),
                stable=stable or of_z(expression), stable_slope=stable_slope or derivative)
    function = type(name, (Activation,), {"nargs": 1, "rule": rule, "__module__": __name__})
    function.slope = type(name + "_slope", (ActivationSlope,), {"of": function, "__module__": __name__})
    ACTIVATIONS[name] = function
    return function


# ---- the derivative of an expression

def times(a, b):
    """a*b. For two different symbols, by far the most frequent case, what SymPy returns without all that it asks first.

    >>> x, w = sp.symbols("x w")
    >>> times(x, w) == x*w and times(x, w).args == (x*w).args
    True
    """
    if a.is_Symbol and b.is_Symbol and a != b:
        return sp.Mul._from_args((a, b) if a.compare(b) < 0 else (b, a), is_commutative=True)
    return a*b


def minus(a, b):
    """a - b. For a symbol and a product of two symbols, as in every update, what SymPy returns, in the same way.

    >>> w, eta, g = sp.symbols("w eta g")
    >>> minus(w, eta*g) == w - eta*g and minus(w, eta*g).args == (w - eta*g).args
    True
    """
    if a.is_Symbol and b.is_Mul and len(b.args) == 2 and b.args[0].is_Symbol and b.args[1].is_Symbol:
        negative = sp.Mul._from_args((sp.S.NegativeOne, *b.args), is_commutative=True)
        return sp.Add._from_args((a, negative) if a.compare(negative) < 0 else (negative, a), is_commutative=True)
    return a - b


def partials(expression):
    """{symbol: derivative} for each symbol in an expression, each activation's own derivative kept as a Slope.

    A sum is taken term by term. A shape of term is differentiated once, by SymPy, and then reused with other names.

    >>> from backprop_sym import sigmoid
    >>> z, w = sp.symbols("z w")
    >>> partials(w*sigmoid(z))
    {w: sigmoid(z), z: w*((1 - sigmoid(z))*sigmoid(z))}
    """
    found = {}
    for scale, term in _terms(expression):
        for s, derivative in _of_term(term):
            found.setdefault(s, []).append(derivative if scale == 1 else scale*derivative)
    return {s: d[0] if len(d) == 1 else sp.Add(*d) for s, d in sorted(found.items(), key=lambda item: item[0].name)}


def _terms(expression, scale=1):
    """(coefficient, term) of a sum; a number before a bracket goes with each of its terms."""
    for term in sp.Add.make_args(expression):
        number, rest = term.as_coeff_Mul()
        if rest.is_Add:
            yield from _terms(rest, scale*number)
        else:
            yield scale, term


def _of_term(term):
    """(symbol, derivative) pairs of one term."""
    if term.is_Symbol:
        return [(term, sp.S.One)]
    if term.is_Mul and all(f.is_Symbol for f in term.args):       # x*w, by far the most frequent: no need to ask SymPy
        a, *others = term.args
        if len(others) == 1:
            return [(a, others[0]), (others[0], a)]
        return [(f, sp.Mul(*(g for g in term.args if g is not f))) for f in term.args]
    if term.is_Mul and (long := [f for f in term.args if f.is_Add and len(f.args) > LONG]):
        total, rest = long[0], sp.Mul(*(f for f in term.args if f is not long[0]))
        if total.free_symbols.isdisjoint(rest.free_symbols):      # the price of all weights: term by term, as any sum
            return [*((s, rest*d) for s, d in partials(total).items()), *((s, total*d) for s, d in partials(rest).items())]
    names = dict.fromkeys(node for node in sp.preorder_traversal(term) if node.is_Symbol)
    places = dict(zip(names, _placeholders(len(names)), strict=True))
    back = {place: name for name, place in places.items()}
    return [(back[place], derivative.xreplace(back)) for place, derivative in _template(term.xreplace(places))]


@cache
def _placeholders(count):
    return tuple(sp.Dummy(f"t{i}", dummy_index=i + 1) for i in range(count))


@lru_cache(maxsize=10_000)
def _template(term):
    return [(s, _partial(term, s)) for s in sorted(term.free_symbols, key=sp.default_sort_key)]


def _partial(expression, x):
    """The derivative by x: SymPy's of what stands between the activations, the chain rule for the rest."""
    calls = [c for c in _outermost(expression) if x in c.free_symbols]
    names = {call: sp.Dummy() for call in calls}
    outside = expression.xreplace(names)
    terms = [outside.diff(x)]
    terms += [outside.diff(names[c])*_by(c, i)*_partial(inner, x)
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
