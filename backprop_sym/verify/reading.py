"""What is run, and what is read of it.

    Row                         some hypotheses together, and which printed values stand in the place of equations
    Reading                     a quantity, or an expression of some, after so many updates, of a sample
    ANEW, LAST, FIRST           whether figures are computed anew, or from printed values
"""
from dataclasses import dataclass

import sympy as sp

# Figures are computed anew, or from printed values: of two for one quantity the last or the first.
ANEW, LAST, FIRST = "anew", "last", "first"


@dataclass(frozen=True)
class Reading:
    """What is printed: an expression of quantities, after so many updates, of a sample (None: over all of them).

    ``computed``: each quantity in it is what was computed, where printed values are used also. What stands in the place of a
    figure must not be read from that figure.
    """

    expression: sp.Expr
    after: int
    sample: int | None = None
    computed: bool = False

    @classmethod
    def of(cls, figure):
        """That of a printed figure."""
        return cls(figure.expression, figure.after, figure.sample)

    @property
    def sign(self):
        """-1 where the negative of a quantity is read."""
        return -1 if self.expression.as_coeff_Mul()[0] == -1 else 1

    @property
    def symbol(self):
        """The quantity, where it is one."""
        s = self.expression*self.sign
        return s if s.is_Symbol else None


@dataclass(frozen=True)
class Row:
    """Hypotheses that hold together, and whether what was printed is used in the place of equations.

    ``moved``: (quantity, updates, amount) where a quantity is somewhat more: to see what hangs on how it was rounded.
    """

    hypotheses: tuple = ()
    printed: str = ANEW
    moved: tuple | None = None
