"""Printed formulas beside the derived ones: equal, or which paths and factors are missing.

    Formulas(example, printed)  a sequence of FormulaRow, one a closed form that a source claims; shows itself as a table
"""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from ..derive.chain import chain
from ..describe.names import Partial
from ..describe.printer import Text
from ..show.tables import Table, readable
from .inarrays import named
from .lacking import equal, lacking, lacking_in_arrays

VERDICTS = {(True, False): "equal", (True, True): "equal for these targets", (False, False): "wrong"}


@dataclass(frozen=True)
class FormulaRow:
    """One printed formula: the closed form that was claimed, the derived one, whether they are equal, and if not, why.

    ``targets``: whether they are equal for the targets of the samples, such as those that sum to 1, and for others not.
    """

    quantity: str
    printed: str
    derived: str
    equal: bool
    cause: str | None = None
    targets: bool = False


@dataclass(frozen=True, repr=False)
class Formulas(Sequence):
    """The rows of the printed formulas, judged when they are first asked for; shows itself as a table."""

    example: object
    printed: tuple

    def __getitem__(self, i):
        return Formulas(self.example, self.printed[i]) if isinstance(i, slice) else self.rows[i]

    def __len__(self):
        return len(self.printed)

    @cached_property
    def rows(self):
        """A FormulaRow for each."""
        return tuple(_formula_row(self.example, formula) for formula in self.printed)

    @cached_property
    def table(self):
        """quantity, whether the printed formula is the derivative, and below the cause if it is not, and both, as a Table."""
        rows = tuple((readable(r.quantity), VERDICTS[r.equal, r.targets], r.cause or "", r.printed, r.derived)
                     for r in self.rows)
        return Table(("quantity", "formula", "cause", "printed", "derived"), rows,
                     frozenset(i for i, r in enumerate(self.rows) if not r.equal), ("cause", "printed", "derived"))

    def __repr__(self):
        return repr(self.table)

    def _repr_html_(self):
        return self.table._repr_html_()


def _formula_row(example, formula):
    """Whether a printed closed form is the derivative; if not, which paths and factors it lacks."""
    s = formula.symbol
    of = s.wrt if isinstance(s, Partial) else s
    program = example.arrays if example.arrays and of in example.arrays.shape else example.forward
    write = Text(program.rank, {} if program.shapes else {entry: text for text, entry in named(program).items()})
    paths = chain(program, s.wrt, of=s.of).paths if isinstance(s, Partial) else ()
    terms = [formula.sign*path.expression for path in paths] or [formula.sign*program[s].rhs]
    printed, derived, given = formula.expression, sp.Add(*terms), _targets(example)
    everywhere = equal(program, printed, derived)
    right, cause = everywhere or equal(program, printed, derived, given), None
    if not right:
        lacks = lacking_in_arrays if program.shapes else lacking
        cause = lacks(program, printed, paths, terms, write, given) if paths else "not the equation of the forward pass"
    return FormulaRow(formula.quantity, formula.printed, write(derived), right, cause, right and not everywhere)


def _targets(example):
    """{symbol: number} of the targets of each sample."""
    names = named(example.forward)
    found = [{names[text]: value for text, value in sample.items() if names[text] in example.forward.targets}
             for sample in example.samples]
    return tuple(found)
