"""mpmath: any number of digits.

    Mpmath                      at the precision of the moment
    Complex                     the same with complex numbers, compared by their real parts: what the complex step runs on
"""
import sympy as sp

from ...describe.printer import ATOM, PRODUCT
from .block import Language
from .python import WORDS, Python


class Mpmath(Language):
    """mpmath at the precision of the moment."""

    package = "mpmath"
    imports = {**{name: "" for name in Python.imports if name != "pow"}, "mpf": "", "power": "", "re": ""}
    reserved = WORDS.union(imports)

    def write_clipped(self, e):
        return self.write(e.args[0])

    def power(self, e):
        """Whole powers as they are; any other may have no value."""
        return super().power(e) if e.exp.is_Integer else self.call("power", e.args)

    def write_Float(self, e):
        return self.write(sp.Rational(e))                      # all of its digits

    def integer(self, n):
        return str(n)

    def rational(self, p, q):
        return super().rational(p, q) if q == 1 else (f"{self.number(p)}/{q}", PRODUCT)

    def number(self, n):
        return f"{self.module.used('mpf')}({n})"

    def write_Max(self, e):
        return self.call("max", e.args)


class Complex(Mpmath):
    """mpmath with complex numbers, compared by their real parts."""

    def compare(self, sign, left, right):
        return f"{self.applied('re', [left])} {sign} {self.applied('re', [right])}"

    def write_Max(self, e):
        return f"max({', '.join(map(self, e.args))}, key={self.module.used('re')})", ATOM
