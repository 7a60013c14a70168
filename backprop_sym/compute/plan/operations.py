"""Expressions as they are computed: what stands for an activation, a choice, a sign; and their operations in written order.

    Computed        the walk over an expression whose numbers matter; writers give it a text, Operations a tree
    OnArrays        the same where every value may be an array
    Operations      the operations of an expression, one by one, in the order in which its text would have them made
"""
from functools import cache, reduce

import sympy as sp
from sympy.codegen.cfunctions import log1p

from ...describe.functions import erfc, top
from ...describe.printer import ATOM, PRODUCT, SUM, Printer
from .lookups import looked_up
from .statements import Operation

LOWEST = sp.Integer(-708)       # exp(708) is a float, exp(710) is not


class Computed(Printer):
    """The walk over an expression that is to be computed."""

    functions = {sp.exp: "exp", sp.log: "log", log1p: "log1p", sp.tanh: "tanh", sp.Abs: "abs", sp.erf: "erf",
                 sp.erfc: "erfc", erfc: "erfc", sp.cos: "cos", sp.floor: "floor", sp.sin: "sin", top: "max"}

    def face(self, factor):
        return factor                      # a Slope is computed by its own stable form

    def write_Faces(self, e):
        return self.write(e.args[1])

    def write_ActivationSlope(self, e):
        return self.helped(e, [self(e.args[0])])

    def write_Activation(self, e):
        own = e.nargs == sp.FiniteSet(1) and self.functions.get(_stable_type(type(e)))
        if own == type(e).__name__:                            # tanh is a function of the math module already
            return self.call(own, e.args)
        return self.helped(e, [self(a) for a in e.args])

    def write_softmax(self, e):
        return self.helped(e, [self(z) for z in e.args[1:]])

    def write_Shares(self, e):
        return self.helped(e, [self(z) for z in e.args])

    def write_clipped(self, e):
        z = e.args[0]
        return self.write(sp.Piecewise((z, z > LOWEST), (LOWEST, True)))

    def write_bracket(self, e):
        return self.brackets(self(e.args[0])), ATOM

    def write_sign(self, e):
        z = e.args[0]
        return self.write(sp.Piecewise((1, z > 0), (-1, z < 0), (0, True)))

    def write_Piecewise(self, e):
        (value, condition), *rest = e.args
        if condition == True or not rest:  # noqa: E712  (SymPy's true is no Python bool)
            return self.write(value)
        return self.chosen(condition, value, sp.Piecewise(*rest))

    def chosen(self, condition, value, otherwise):
        """One of two values. No comparison < or > with NaN holds, so what stands last is NaN where a compared number is."""
        if isinstance(condition, sp.Ne | sp.And | sp.Not):
            return self.chosen(_opposite(condition), otherwise, value)
        if isinstance(condition, sp.Or):
            first, *others = condition.args
            return self.chosen(first, value, sp.Piecewise((value, sp.Or(*others)), (otherwise, True)))
        if isinstance(condition, sp.Eq):                       # neither less nor greater
            less, greater = (sign(condition.lhs, condition.rhs) for sign in (sp.Lt, sp.Gt))
            return self.chosen(less, otherwise, sp.Piecewise((otherwise, greater), (value, True)))
        compared = condition.free_symbols
        if compared <= undefined_with(otherwise):
            return self.choice(self(condition), self.wrap(value, SUM), self.wrap(otherwise, SUM))
        if compared <= undefined_with(value):
            return self.choice(self(condition.negated), self.wrap(otherwise, SUM), self.wrap(value, SUM))
        last, level = self.choice(self(condition.negated), self.wrap(otherwise, SUM), self(condition.lhs - condition.rhs))
        return self.choice(self(condition), self.wrap(value, SUM), last if level >= SUM else self.brackets(last))

    def write_larger(self, e):
        a, b = e.args
        return self.chosen(a >= b, a, b)

    def power(self, e):
        if e.exp == 2 and e.base.is_Symbol:
            return self.times([self.wrap(e.base, ATOM)]*2), PRODUCT
        return super().power(e)


class OnArrays:
    """How values are chosen, and rows looked up, where they may be arrays."""

    def write_dot(self, e):
        found = looked_up(e)
        return self.write_ArrayFunction(e) if found is None else self.write(found)

    def write_larger(self, e):
        return self.call("maximum", e.args)

    def choice(self, condition, value, otherwise):
        return self.applied("where", [condition, value, otherwise]), ATOM

    def write_top(self, e):
        return reduce(lambda a, b: self.applied("maximum", [a, b]), map(self, e.args)), ATOM

    def write_clipped(self, e):
        return self.write(top(e.args[0], LOWEST))


class Operations(OnArrays, Computed):
    """Gives an Operation in the place of a text; symbols and numbers stand for themselves.

    ``inlined`` maps symbols to the operations that are written in their place.

    >>> x, w, b = sp.symbols("x w b")
    >>> Operations({}, {})(b + w*x)
    Operation(name='add', args=(b, Operation(name='multiply', args=(w, x), out=None)), out=None)
    """

    def __init__(self, rank, inlined):
        super().__init__(rank)
        self.inlined = inlined

    def write_Symbol(self, e):
        return self.inlined.get(e, e), ATOM

    def write_Float(self, e):
        return e, ATOM

    write_NumberSymbol = write_Float

    def helped(self, e, pieces):
        return Operation(e, tuple(pieces)), ATOM

    def write_ArrayFunction(self, e):
        return Operation(type(e), (*map(self, e.operands), *e.args[len(e.operands):])), ATOM

    # ---- how pieces are put together

    def brackets(self, piece):
        return piece

    def integer(self, n):
        return sp.Integer(n)

    def rational(self, p, q):
        return sp.Integer(p) if q == 1 else Operation("divide", (sp.Integer(p), sp.Integer(q))), ATOM

    def sum(self, pieces):
        """One operation for all terms, from left to right; what is subtracted is negative."""
        (minus, first), *rest = pieces
        return Operation("add", (self.negative(first) if minus else first,
                                 *(Operation("negative", (piece,)) if minus else piece for minus, piece in rest)))

    def times(self, pieces):
        """One operation for all factors, from left to right."""
        return Operation("multiply", tuple(pieces)) if len(pieces) > 1 else pieces[0]

    def divide(self, above, below):
        return Operation("divide", (above, below))

    def negative(self, piece):
        """-a*b is computed as (-a)*b, as languages read it."""
        if isinstance(piece, Operation) and piece.name in ("multiply", "divide"):
            return Operation(piece.name, (self.negative(piece.args[0]), *piece.args[1:]))
        return Operation("negative", (piece,)) if getattr(piece, "is_Number", None) is not True else -piece

    def raised(self, base, exponent):
        return Operation("power", (base, exponent))

    def applied(self, name, pieces):
        return Operation(name, tuple(pieces))

    def compare(self, sign, left, right):
        return Operation(sign, (left, right))


def undefined_with(e):
    """The symbols of which each alone makes an expression NaN where it is NaN."""
    if e.is_Piecewise:
        return frozenset.intersection(*(undefined_with(value) for value, _ in e.args)) | e.args[0].cond.free_symbols
    return frozenset([e]) if e.is_Symbol else frozenset().union(*map(undefined_with, e.args))


def _opposite(condition):
    """What holds where a condition does not."""
    if isinstance(condition, sp.And | sp.Or):
        return (sp.Or if isinstance(condition, sp.And) else sp.And)(*map(_opposite, condition.args))
    return condition.args[0] if isinstance(condition, sp.Not) else condition.negated


@cache
def _stable_type(function):
    return type(function.rule.stable(sp.Symbol("z")))
