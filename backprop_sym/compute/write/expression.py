"""The printer of expressions in code; each language says how it differs.

    Code                        numbers, names, calls, elements of arrays, in any language
"""
from copy import copy

import sympy as sp

from ...describe.printer import ATOM, POWER, PRODUCT, SUM
from ..plan.operations import Computed


class Code(Computed):
    """Expressions as code.

    ``names`` maps symbols to identifiers; ``module`` is told which functions are called and what must be imported.

    A number that is a value of its own, or an argument, is written as the kind of number that the language computes with (1.0,
    or mpf(1)): so no quantity is ever a whole number, and a whole number beside a quantity, as in 2*x, may stay as it is.
    ``points``: whether it is written with a point, too: Python adds 1.0 to a float faster than 1. ``counts`` says that all
    numbers are whole ones: indices and how many there are of something.
    """

    constants = {sp.pi: "pi", sp.E: "e"}
    tuples = True               # whether a function may return several values
    LARGEST = 2**31             # whole numbers that every kind of integer holds

    def __init__(self, module, rank, names, points=False):
        super().__init__(rank)
        self.module, self.names, self.points, self.counts = module, names, points, False
        self.inlined = {}                                      # {symbol: (text, how tightly it holds)}

    # ---- names and numbers

    def write_Symbol(self, e):
        return self.inlined[e] if self.inlined and e in self.inlined else (self.names[e], ATOM)

    def write_NumberSymbol(self, e):
        return self.module.used(self.constants[e]), ATOM

    def integer(self, n):
        return f"{n}.0" if self.points or abs(n) >= self.LARGEST else str(n)

    def number(self, n):
        """A whole number as a value."""
        return f"{n}.0"

    def rational(self, p, q):
        if q == 1:
            return (str(p) if self.counts else self.number(p)), SUM if p < 0 else ATOM
        return self.divide(self.integer(p), self.integer(q)), SUM if p < 0 else PRODUCT

    def beside(self, e, level):
        return self.integer(e.p) if isinstance(e, sp.Integer) and e >= 0 else self.wrap(e, level)

    # ---- functions

    def applied(self, name, pieces):
        return super().applied(self.module.used(name), pieces)

    def helped(self, e, pieces):
        return super().applied(self.module.helper(e), pieces), ATOM

    def write_softmax(self, e):
        text, _ = super().write_softmax(e)
        return (f"{text}[{e.args[0] - 1}]" if self.tuples else text), ATOM

    def choice(self, condition, value, otherwise):
        return f"{value} if {condition} else {otherwise}", -1

    # ---- what counts, and what is an index

    def whole(self, e):
        """The text of a whole number, or of a condition on whole numbers."""
        counting = copy(self)
        counting.points, counting.counts = False, True
        return counting(e)

    def write_Element(self, e):
        return f"{self(e.args[0])}[{self.whole(e.args[1])}]", ATOM

    def write_Call(self, e):
        return super().applied(e.args[0].name, map(self, e.args[1:])), ATOM

    def write_Mod(self, e):
        a, b = e.args
        return f"{self.wrap(a, PRODUCT)} % {self.wrap(b, POWER)}", PRODUCT

    def write_Quotient(self, e):
        a, b = e.args
        return f"{self.wrap(a, PRODUCT)}//{self.wrap(b, POWER)}", PRODUCT

    def write_Least(self, e):
        return super().applied("min", map(self, e.args)), ATOM
