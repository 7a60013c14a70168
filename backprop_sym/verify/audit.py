"""The audit: every printed figure beside the derived value, with a verdict.

    audit(example)              an Audit: a sequence of rows, one a printed figure, in the file's order; .formulas
    corpus()                    one table over all bundled examples; `python -m backprop_sym audit` prints it
"""
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import sympy as sp

from ..describe.arguments import expect
from ..describe.digits import short
from ..describe.nearest import unknown
from ..describe.precision import precise
from ..show.tables import Link, Table, readable
from .causes import Causes
from .example import PrintedFigure
from .formulas import Formulas
from .passes import Passes
from .replay import DIGITS, Replay
from .search import Search
from .verdict import VERDICTS, verdict

# What may stop a search, never a report.
REFUSED = (ArithmeticError, ValueError, TypeError, LookupError, MemoryError, RecursionError)
# Columns that a table has where a row has something in it.
OPTIONAL = {"cause": lambda row: row.cause, "where": lambda row: row.where, "note": lambda row: row.note}
MARKS = {"ok": "✓ ", "truncated": "≈ ", "last-digit": "≈ ", "wrong": "✗ "}


@dataclass(frozen=True)
class Row:
    """One printed figure: what was printed, the exact value (mpf), the verdict, and the cause of a wrong one.

    The cause is searched for when it is first asked for: ``why()`` finds it.
    """

    quantity: str
    after: int
    sample: int | None
    printed: str
    exact: object
    verdict: str
    section: str = ""
    note: str = ""
    where: str = ""
    why: object = field(default=None, repr=False, compare=False)

    @cached_property
    def cause(self):
        """Why the figure is wrong, in words; None for one that is not, and where nothing explains it."""
        return self.why and self.why()


@dataclass(frozen=True, repr=False)
class Audit(Sequence):
    """The rows of an audit, in the order of the file; shows itself as a table.

    ``formulas`` are the rows of the printed formulas. ``table`` has ``to_markdown()``, ``to_csv()``, ``to_latex()``.
    """

    rows: tuple
    formulas: Formulas
    why: object = field(default=None, compare=False)

    def __getitem__(self, i):
        return Audit(self.rows[i], self.formulas, self.why) if isinstance(i, slice) else self.rows[i]

    def __len__(self):
        return len(self.rows)

    def where(self, **wanted):
        """The rows whose fields have these values, or one of the values of a list.

        ``audit.where(section="Forward Pass")``, ``audit.where(quantity=["w5", "w6"], after=1)``. Raises ValueError for
        a field that rows do not have.
        """
        fields = [*Row.__match_args__[:-1], "cause"]
        if odd := [key for key in wanted if key not in fields]:
            raise ValueError(unknown("field", odd[0], fields))
        for value in wanted.values():
            expect(wanted=value)
        options = {key: value if isinstance(value, list | tuple | set) else [value] for key, value in wanted.items()}
        chosen = tuple(row for row in self.rows if all(getattr(row, key) in options[key] for key in options))
        return Audit(chosen, self.formulas, self.why)

    def count(self, verdict):
        """How many rows have that verdict."""
        return sum(row.verdict == verdict for row in self.rows)

    @cached_property
    def table(self):
        """quantity, derived value, printed figure and verdict, as a Table; under a row its cause, place and note if any."""
        more = [(heading, read) for heading, read in OPTIONAL.items() if any(read(r) for r in self.rows)]
        rows = tuple((_title(r), short(r.exact, 12), r.printed, MARKS[r.verdict] + r.verdict,
                      *(read(r) or "" for _, read in more)) for r in self.rows)
        return Table(("quantity", "derived", "printed", "verdict", *(heading for heading, _ in more)), rows,
                     frozenset(i for i, r in enumerate(self.rows) if r.verdict == "wrong"), tuple(h for h, _ in more))

    def __repr__(self):
        return repr(self.table)

    def _repr_html_(self):
        return self.table._repr_html_()

    @property
    def title(self):
        """The title of the text whose figures these are."""
        return self.why.example.title if self.why else ""

    @property
    def address(self):
        """Where the text is found."""
        return self.why.example.address if self.why else ""

    @property
    def causes(self):
        """The few mistakes that explain the wrong figures of the whole text, each a Cause with the numbers of its figures."""
        return self.why.causes if self.why else Causes(())

    def contradictions(self):
        """Pairs of rows in which one quantity has two printed values that contradict each other.

        They do not where one is the other with fewer digits, rounded or cut.
        """
        pairs = []
        for i, first in enumerate(self.rows):
            for second in self.rows[i + 1:]:
                if (first.quantity, first.after, first.sample) == (second.quantity, second.after, second.sample):
                    fine, coarse = sorted((_printed(first), _printed(second)), key=lambda f: f.unit)
                    with precise(DIGITS) as mp:
                        value = mp.mpf(fine.value.p)/fine.value.q
                    if verdict(coarse, value) in ("last-digit", "wrong"):
                        pairs.append((first, second))
        return tuple(pairs)


def _title(row):
    return readable(row.quantity, row.after) + (f" (sample {row.sample})" if row.sample else "")


def _printed(row):
    return PrintedFigure(row.quantity, row.printed, row.after, row.sample, expression=sp.S.One)     # the number is all it needs


class _Why:
    """Why the figures of an example are wrong: searched for when it is first asked, for all of them together."""

    def __init__(self, example):
        self.example = example
        self.replay = Replay(Passes(example))

    def __reduce__(self):
        return _Why, (self.example,)

    @cached_property
    def search(self):
        return Search(self.example, self.replay)

    def __call__(self, j):
        try:
            return self.search.cause(j)
        except REFUSED as error:
            return f"not searched, because {str(error) or type(error).__name__}"

    @property
    def causes(self):
        try:
            return Causes(self.search.causes)
        except REFUSED:
            return Causes(())


def audit(example):
    """The Audit of a worked example: each printed figure is derived anew, to 40 digits, and judged."""
    expect(example=example)
    try:
        why, rows = _Why(example), []
    except REFUSED as error:
        raise ValueError(f"{example.name}: the training cannot be written out: {_reason(error)}") from None
    for j, figure in enumerate(example.figures):
        try:
            exact = why.replay.value(figure)
            judged = verdict(figure, exact)
        except REFUSED as error:
            raise ValueError(f"{example.name}: {figure.quantity} after {figure.after} updates cannot be computed: "
                             f"{_reason(error)}") from None
        rows.append(Row(figure.quantity, figure.after, figure.sample, figure.printed, exact, judged, figure.section, figure.note,
                        figure.where, partial(why, j) if judged == "wrong" else None))
    return Audit(tuple(rows), Formulas(example, example.formulas), why)


def _reason(error):
    """What an error says, and of which kind it is."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def audits():
    """{name: Audit} of every bundled example."""
    from .toml import examples, worked_example
    return {name: worked_example(name).audit() for name in examples()}


def corpus(audited=None):
    """One Table over all bundled examples: how many figures are ok, cut, off in the last digit, wrong, explained; the text."""
    expect(audited=audited)
    rows, totals = [], [0]*6
    for name, found in (audits() if audited is None else audited).items():
        counts = [len(found), *(found.count(v) for v in VERDICTS), sum(r.cause is not None for r in found)]
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        rows.append((name, *map(str, counts), Link(found.title, found.address)))
    return Table(("example", "figures", *VERDICTS, "explained", "text"), (*rows, ("all", *map(str, totals), "")),
                 frozenset([len(rows)]))


def ledger(audited=None):
    """Every verdict and cause of every bundled example, as a Table: what must not change unnoticed."""
    expect(audited=audited)
    return Table(("example", "quantity", "after", "sample", "printed", "verdict", "cause"), tuple(
        (name, r.quantity, str(r.after), str(r.sample or ""), r.printed, r.verdict, r.cause or "")
        for name, found in (audits() if audited is None else audited).items() for r in found))
