"""The audit: every printed figure beside the derived value, with a verdict.

    audit(example)              an Audit: a sequence of rows, one a printed figure, in the file's order
    verdict(figure, exact)      "ok", "truncated", "last-digit" or "wrong"
    Replay(example)             the example's own training, to 40 digits: any quantity after any number of updates
"""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import mpmath

from .numeric import GUARD, decimal, evaluate
from .optimizers import step
from .reverse import reverse
from .symbols import Partial, unknown
from .tables import Table, readable
from .training import REDUCE, Trainer

DIGITS = 40

# For a printed p with unit u in its last place and the exact value e: the first verdict that holds.
VERDICTS = {
    "ok": lambda f, p, u, e: abs(p - e) <= u/2 or f.significant >= 13 and abs(p - e) <= max(5e-12*abs(e), 3e-16),
    "truncated": lambda f, p, u, e: p*e > 0 and abs(p) < abs(e) and abs(p - e) < u,
    "last-digit": lambda f, p, u, e: abs(p - e) <= 2*u,
    "wrong": lambda f, p, u, e: True,
}


def verdict(figure, exact):
    """What a printed figure is worth beside the exact value: "ok" where it is rounded right (or is a double, printed in
    full), "truncated" where it was cut off, "last-digit" within two units of its last place, else "wrong".

    >>> from .worked_example import PrintedFigure
    >>> [verdict(PrintedFigure("w", p), mpmath.mpf("0.12468")) for p in ("0.1247", "0.1246", "0.1248", "0.15")]
    ['ok', 'truncated', 'last-digit', 'wrong']
    """
    with mpmath.workdps(DIGITS + GUARD):
        p, u = (mpmath.mpf(x.p)/x.q for x in (figure.value, figure.unit))
        return next(name for name, holds in VERDICTS.items() if holds(figure, p, u, exact))


@dataclass(frozen=True)
class Row:
    """One printed figure: what was printed, the exact value (mpf), the verdict, and the cause of a wrong one."""

    quantity: str
    after: int
    sample: int | None
    printed: str
    exact: object
    verdict: str
    cause: str | None = None
    section: str = ""


@dataclass(frozen=True, repr=False)
class Audit(Sequence):
    """The rows of an audit, in the order of the file; shows itself as a table."""

    rows: tuple

    def __getitem__(self, i):
        return Audit(self.rows[i]) if isinstance(i, slice) else self.rows[i]

    def __len__(self):
        return len(self.rows)

    def where(self, **wanted):
        """The rows whose fields have these values, or one of the values of a list.

        ``audit.where(section="Forward Pass")``, ``audit.where(quantity=["w5", "w6"], after=1)``. Raises ValueError for
        a field that rows do not have.
        """
        if odd := [key for key in wanted if key not in Row.__dataclass_fields__]:
            raise ValueError(unknown("field", odd[0], Row.__dataclass_fields__))
        options = {key: value if isinstance(value, list | tuple | set) else [value] for key, value in wanted.items()}
        return Audit(tuple(row for row in self.rows if all(getattr(row, key) in options[key] for key in options)))

    def count(self, verdict):
        """How many rows have that verdict."""
        return sum(row.verdict == verdict for row in self.rows)

    @cached_property
    def table(self):
        """quantity, derived value, printed figure and verdict, as a Table."""
        rows = tuple((readable(r.quantity, r.after) + (f" (sample {r.sample})" if r.sample else ""),
                      decimal(r.exact, 12), r.printed, r.verdict) for r in self.rows)
        return Table(("quantity", "derived", "printed", "verdict"), rows,
                     frozenset(i for i, r in enumerate(self.rows) if r.verdict == "wrong"))

    def __repr__(self):
        return repr(self.table)

    def _repr_html_(self):
        return self.table._repr_html_()


class Replay:
    """The training that an example describes, carried out to 40 digits."""

    def __init__(self, example, digits=DIGITS):
        self.example, self.digits = example, digits
        wanted = {}
        for figure in example.figures:
            if isinstance(figure.symbol, Partial):
                wanted.setdefault(figure.symbol.of, []).append(figure.symbol.wrt)
        self.program = example.forward
        for of, wrt in wanted.items():
            self.program += reverse(example.forward, of, wrt)

    @cached_property
    def states(self):
        """{updates: the parameters after so many}, for every number of updates that a figure names."""
        after = {figure.after for figure in self.example.figures} | {0}
        if max(after) == 0:
            return {0: self.example.parameters}
        training, kept = self.example.training, {}
        with mpmath.workdps(self.digits + GUARD):
            trainer = Trainer(step(self.example.forward, training.optimizer),
                              {**self.example.parameters, "eta": training.learning_rate,
                               **training.optimizer.coefficients},
                              self.example.samples, "mpmath", training.reduce)
            state, samples = trainer.state, trainer.samples
            for k in range(max(after) + 1):
                if k in after:
                    kept[k] = {**self.example.parameters, **state}
                if k < max(after):
                    _, state = trainer.step(state, [samples[k % len(samples)]] if training.online else samples)
        return kept

    def quantities(self, after=0, sample=None):
        """{name: mpf} of every quantity and every derivative that a figure names."""
        state = self.states[after]
        samples = self.example.samples if sample is None else [self.example.samples[sample - 1]]
        found = [{**state, **s, **evaluate(self.program, {**state, **s}, self.digits)} for s in samples]
        if len(found) == 1:
            return found[0]
        reduce = REDUCE[self.example.training.reduce]
        with mpmath.workdps(self.digits + GUARD):
            return {**state, **{s.name: reduce([f[s.name] for f in found]) for s in self.program.defined}}

    def value(self, figure):
        """The exact value of a printed figure's quantity (mpf)."""
        key = figure.after, figure.sample
        if key not in self._seen:
            self._seen[key] = self.quantities(*key)
        value = self._seen[key][figure.symbol.name]
        with mpmath.workdps(self.digits):
            return figure.sign*(mpmath.mpf(value.p)/value.q if hasattr(value, "q") else +value)

    @cached_property
    def _seen(self):
        return {}


def _cause(example, figure, before, replay):
    """Why a figure is wrong, in words; None where nothing explains it."""
    from .diagnose import explain
    found = explain(example, figure, before, replay)
    if not found:
        return None
    return str(found[0]) if found[0].certain else "could be: " + "; or ".join(slip.text for slip in found[:3])


def audit(example):
    """The Audit of a worked example: each printed figure is derived anew, to 40 digits, and judged."""
    replay = Replay(example)
    rows = []
    for figure in example.figures:
        exact = replay.value(figure)
        judged = verdict(figure, exact)
        cause = _cause(example, figure, example.figures[:len(rows)], replay) if judged == "wrong" else None
        rows.append(Row(figure.quantity, figure.after, figure.sample, figure.printed, exact, judged, cause,
                        figure.section))
    return Audit(tuple(rows))
