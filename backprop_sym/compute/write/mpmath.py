"""mpmath: any number of digits.

    Mpmath                      at the precision of the moment
    Complex                     the same with complex numbers, compared by their real parts: what the complex step runs on
"""
from ...describe.printer import SUM
from .block import Language
from .python import WORDS, Python


class Mpmath(Language):
    """mpmath at the precision of the moment."""

    package = "mpmath"
    imports = {**Python.imports, "mpf": "", "re": ""}
    reserved = WORDS.union(imports)

    def write_clipped(self, e):
        return self.write(e.args[0])

    def rational(self, p, q):
        return (f"{self.module.used('mpf')}({p})/{q}", 1 if p >= 0 else SUM) if q != 1 else super().rational(p, q)


class Complex(Mpmath):
    """mpmath with complex numbers, compared by their real parts."""

    def compare(self, sign, left, right):
        return f"{self.applied('re', [left])} {sign} {self.applied('re', [right])}"
