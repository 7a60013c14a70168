"""Printed formulas beside the derived ones: equal, or which paths and factors are missing.

    Formulas(forward, printed)  a sequence of FormulaRow, one a closed form that a source claims; shows itself as a table
"""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import sympy as sp

from ..derive.chain import chain
from ..describe.names import Partial
from ..describe.printer import Text
from ..show.tables import Table, readable

DIGITS = 40             # to which two formulas are compared at a point, before SymPy is asked for a proof


@dataclass(frozen=True)
class FormulaRow:
    """One printed formula: the closed form that was claimed, the derived one, whether they are equal, and if not, why."""

    quantity: str
    printed: str
    derived: str
    equal: bool
    cause: str | None = None


@dataclass(frozen=True, repr=False)
class Formulas(Sequence):
    """The rows of the printed formulas, judged when they are first asked for; shows itself as a table."""

    forward: object
    printed: tuple

    def __getitem__(self, i):
        return Formulas(self.forward, self.printed[i]) if isinstance(i, slice) else self.rows[i]

    def __len__(self):
        return len(self.printed)

    @cached_property
    def rows(self):
        """A FormulaRow for each."""
        return tuple(_formula_row(self.forward, formula) for formula in self.printed)

    @cached_property
    def table(self):
        """quantity, whether the printed formula is the derivative, and below the cause if it is not, and both, as a Table."""
        rows = tuple((readable(r.quantity), "equal" if r.equal else "wrong", r.cause or "", r.printed, r.derived)
                     for r in self.rows)
        return Table(("quantity", "formula", "cause", "printed", "derived"), rows,
                     frozenset(i for i, r in enumerate(self.rows) if not r.equal), ("cause", "printed", "derived"))

    def __repr__(self):
        return repr(self.table)

    def _repr_html_(self):
        return self.table._repr_html_()


def _formula_row(forward, formula):
    """Whether a printed closed form is the derivative; if not, which paths and factors it lacks."""
    write = Text(forward.rank)
    s = formula.symbol
    if not isinstance(s, Partial):
        derived = forward[s].rhs
        equal = _same(formula.sign*formula.expression, derived)
        return FormulaRow(formula.quantity, formula.printed, write(derived), equal,
                          None if equal else "not the equation of the forward pass")
    paths = chain(forward, s.wrt, of=s.of).paths
    terms = [formula.sign*path.expression for path in paths]
    derived = sp.Add(*terms)
    equal = _same(formula.expression, derived)
    cause = None if equal else _lacking(formula.expression, paths, terms, write)
    return FormulaRow(formula.quantity, formula.printed, write(derived), equal, cause)


def _same(one, other):
    """Whether two expressions are equal: not where they differ at a point, else as SymPy proves it."""
    difference = sp.expand(one - other)
    if difference == 0:
        return True
    names = sorted(difference.free_symbols, key=str)
    somewhere = difference.evalf(DIGITS, subs={s: sp.Rational(2*k + 1, 2*k + 7) for k, s in enumerate(names)})
    return not (somewhere.is_comparable and abs(somewhere) > sp.Float(10)**(10 - DIGITS)) and sp.simplify(difference) == 0


def _lacking(printed, paths, terms, write):
    """How a formula differs from the sum over paths: paths that are missing, or factors of one, or a multiple."""
    shared = set.intersection(*(set(path.nodes) for path in paths)) if paths else set()

    def name(i):
        return next((node.name for node in paths[i].nodes if node not in shared), "it")

    for n in range(1, min(len(terms), 4)):
        for kept in combinations(range(len(terms)), n):
            if _same(printed, sp.Add(*(terms[i] for i in kept))):
                missing = [name(i) for i in range(len(terms)) if i not in kept]
                many = len(missing) > 1
                return f"the path{'s'*many} through {' and '.join(missing)} {'are' if many else 'is'} missing"
    for total, where in [(sp.Add(*terms), ""), *((t, f" of the path through {name(i)}") for i, t in enumerate(terms))]:
        rest = total if total == sp.Add(*terms) else sp.Add(*terms) - total
        ratio = sp.cancel(printed/total) if not where else sp.cancel((printed - rest)/total)
        if ratio.is_number:
            return f"a factor {ratio} too much{where}"
        lost, extra = sp.fraction(1/ratio)
        if len(sp.Add.make_args(sp.expand(ratio.as_numer_denom()[0]))) <= 2:
            parts = [f"the factor {write.wrap(sp.factor(lost), 1)} is missing"]*(lost != 1) + \
                    [f"the factor {write.wrap(sp.factor(extra), 1)} is too much"]*(extra != 1)
            return " and ".join(parts) + where
    return "it differs from the sum over paths"
