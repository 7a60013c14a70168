r"""How the derivation of a rule for arrays is set: L in index notation, its derivative, the sums carried out, the array.

    rule_latex(rule)            the four lines
"""
import sympy as sp

from ..describe.printer import ATOM, POWER, PRODUCT
from .arrays import ArrayLatex
from .latex import aligned
from .paper import Latex


class Indices(Latex):
    """Index notation: sums over an index, entries, Kronecker deltas."""

    def write_Sum(self, e):
        over = ", ".join(self(k) for k, *_ in reversed(e.limits))
        return rf"\sum_{{{over}}} {self.wrap(e.function, PRODUCT)}", PRODUCT

    def write_Indexed(self, e):
        return self(e.base.label) + rf"_{{{''.join(map(self, e.indices))}}}", ATOM

    def write_KroneckerDelta(self, e):
        return rf"\delta_{{{''.join(map(self, e.args))}}}", ATOM

    def write_Mul(self, e):
        """A sum comes last, for it reaches as far as the product does."""
        numerator, denominator = e.as_numer_denom()
        if denominator != 1:
            return rf"\frac{{{self(numerator)}}}{{{self(denominator)}}}", POWER
        coefficient, rest = e.as_coeff_Mul()
        *factors, last = sorted(sp.Mul.make_args(rest), key=lambda f: (
            isinstance(f, sp.Sum), not isinstance(f, sp.KroneckerDelta), str(f)))
        minus, size = coefficient.is_negative, abs(coefficient)
        numbers = [self(size)]*(size != 1)
        text = self.times([*numbers, *(self.wrap(f, POWER) for f in factors), self.wrap(last, PRODUCT)])
        return ("-" + text if minus else text), PRODUCT


def rule_latex(rule):
    """The sum L, its derivative by the entry [p, q] with the deltas, what they leave, and the array of which it is the entry."""
    write, by, arrays = Indices(), Indices()(rule.by), ArrayLatex({}, lambda s: rule.shapes.get(s, ()))
    return aligned([rf"L &= {write(rule.weighed)}",
                    rf"\frac{{\partial L}}{{\partial {by}}} &= {write(rule.differentiated)}",
                    rf"&= {write(rule.entry)}",
                    rf"\frac{{\partial L}}{{\partial {write(rule.by.base.label)}}} &= {arrays(rule.array)}"])
