"""The printer of expressions in code; each language says how it differs.

    Code                        numbers, names, calls, elements of arrays, in any language
"""
import sympy as sp

from ...describe.printer import ATOM, POWER, PRODUCT, SUM
from ..plan.operations import Computed


class Code(Computed):
    """Expressions as code.

    ``names`` maps symbols to identifiers; ``module`` is told which functions are called and what must be imported. ``points``:
    whether whole numbers among others are written with a point: Python adds 1.0 to a float faster than 1.
    """

    constants = {sp.pi: "pi", sp.E: "e"}
    tuples = True               # whether a function may return several values

    def __init__(self, module, rank, names, points=False):
        super().__init__(rank)
        self.module, self.names, self.points = module, names, points
        self.inlined = {}                                      # {symbol: (text, how tightly it holds)}

    # ---- names and numbers

    def write_Symbol(self, e):
        return self.inlined[e] if self.inlined and e in self.inlined else (self.names[e], ATOM)

    def write_NumberSymbol(self, e):
        return self.module.used(self.constants[e]), ATOM

    def integer(self, n):
        return f"{n}.0" if self.points else str(n)

    def rational(self, p, q):
        if not self.points:
            return super().rational(p, q)
        text = f"{p}.0" if q == 1 else f"{p}.0/{q}.0"
        return text, SUM if p < 0 else ATOM if q == 1 else PRODUCT

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
        return (type(self)(self.module, self.rank, self.names) if self.points else self)(e)

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
