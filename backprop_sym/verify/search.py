"""The search for the slips of one figure: all of the table, then all pairs, evaluated together.

    Slip                        one of them: .name, .value; str(slip) is the sentence
    Search(example, figure, replay, before)     .singles(), .pairs() and the other stages of the search
"""
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import floor, log10
from statistics import multimode

import mpmath
import numpy as np

from ..derive.reverse import reverse
from ..describe.dataflow import needed, reordered
from ..describe.names import Partial
from ..describe.program import Program
from ..describe.values import GUARD
from ..show.tables import readable
from .bench import Bench
from .replay import DIGITS
from .slips.table import rewrites
from .verdict import verdict
from .working import PRINTED, Working

CHANCE = 0.05           # more expected matches by chance than this: "could be"
MAX_CANDIDATES = 250_000
MAX_PROVED = 12         # pairs that are worked out anew, the simplest first
ROUNDED = tuple(range(1, 11))      # digits to which intermediate values may have been rounded


@dataclass(frozen=True)
class Slip:
    """A slip that reproduces a printed figure: ``name`` its kind, ``text`` what was done, ``value`` the result (mpf).

    ``chance`` is the number of matches to be expected by chance among as many candidates; ``program`` the working with
    the slip in it.
    """

    name: str
    text: str
    value: object
    cost: float
    chance: float
    program: Program | None = field(default=None, repr=False)

    @property
    def certain(self):
        """Whether a match by chance is unlikely."""
        return self.chance <= CHANCE

    def __str__(self):
        return self.text if self.certain else f"could be: {self.text}"


class Search:
    """The slips of one figure, computed anew or from the figures printed ``before`` it."""

    def __init__(self, example, figure, replay, before=()):
        self.example, self.figure, self.replay = example, figure, replay
        self.working = Working(example, figure, before)
        self.program = Program(needed(self.working.plain.equations, PRINTED))
        self.printed, self.unit = float(figure.value), float(figure.unit)
        self.before, self.tried = before, 0

    @cached_property
    def rewrites(self):
        return rewrites(self.working)

    @cached_property
    def bench(self):
        return Bench(self.working, self.rewrites)

    def inherited(self):
        """Right, when computed from what was printed before."""
        value = self.program.evaluate(self.working.values, DIGITS)[PRINTED]
        if verdict(self.figure, value) == "wrong":
            return []
        wrong = [readable(f.quantity, f.after) for f in self.before if self.working.symbol_of(f) in self.working.used
                 and verdict(f, self.replay.value(f)) == "wrong"]
        origin = f"the printed {', '.join(dict.fromkeys(wrong))}" if wrong else "rounded figures printed before it"
        return [Slip("inherited", f"inherited: follows from {origin}", value, 0, 0.0, self.program)]

    def one_more(self):
        """The right value after one update more."""
        if self.example.training.learning_rate is None:
            return []
        self.tried += 1
        later = Working(self.example, replace(self.figure, after=self.figure.after + 1))
        value = Program(needed(later.plain.equations, PRINTED)).evaluate(later.values, DIGITS)[PRINTED]
        if verdict(self.figure, value) == "wrong":
            return []
        return [Slip("one update more", "one update too many", value, 1, 0.0, later.plain)]

    def singles(self):
        """One slip; the value that it gives is printed right, or nearly so."""
        values = self.bench.values(np.arange(len(self.rewrites)))
        self.tried += _distinct(values)
        return [s for i in self.near(values) if (s := self.proved((self.rewrites[i],)))]

    def singles_from_rounded(self):
        """One slip, in a computation with rounded intermediate values."""
        values = self.bench.values(np.arange(len(self.rewrites)))
        return [s for i in self.near(values) if (s := self.proved((self.rewrites[i],), rounded=True))]

    def pairs(self):
        """Pairs of slips in different equations."""
        n = min(len(self.rewrites), int((2*MAX_CANDIDATES)**0.5))
        cheap = sorted(range(len(self.rewrites)), key=lambda i: self.rewrites[i].cost)[:n]
        first, second = (np.array(cheap)[k] for k in np.triu_indices(n, 1))
        apart = ~self.bench.overlap[first, second]
        first, second = first[apart], second[apart]
        if not len(first):
            return []
        values = self.bench.values(first, second)
        self.tried += _distinct(values)
        near = [(self.rewrites[first[i]], self.rewrites[second[i]]) for i in self.near(values)]
        near.sort(key=lambda pair: pair[0].cost + pair[1].cost)
        return [slip for pair in near[:MAX_PROVED] if (slip := self.proved(pair))]

    def rounded(self):
        """The right equations, every intermediate value rounded or cut to so many places."""
        found = []
        for cut in (False, True):
            for digits in ROUNDED:
                for significant in (False, True):
                    self.tried += 1
                    value = self.bench.rounded_value(digits, cut, significant)
                    if abs(value - self.printed) <= 0.51*self.unit:
                        kind = "significant digits" if significant else "decimals"
                        text = f"intermediate values are {'cut' if cut else 'rounded'} to {digits} {kind}"
                        cost = 1 + (12 - digits)/20
                        found.append(Slip("rounded intermediates", text, mpmath.mpf(value), cost, 0.0))
        return found

    def single_precision(self):
        """The right equations with 32-bit floats: everywhere, or only for the numbers given."""
        found, is_float32 = [], abs(float(np.float32(self.printed)) - self.printed) <= self.unit
        for kind, text, slack in ((np.float64, "the numbers given were rounded to single precision (float32)", 4e-15),
                                  (np.float32, "computed in single precision (float32)", 5e-7*is_float32)):
            value = self.bench.single_precision(kind)
            self.tried += 1
            if self.figure.significant > 7 and abs(value - self.printed) <= max(slack*abs(value), self.unit):
                found.append(Slip("float32", text, mpmath.mpf(value), 1, 0.0))
        return found[:1]

    def near(self, values):
        with np.errstate(invalid="ignore"):
            return np.nonzero(np.abs(values - self.printed) <= 60*self.unit + 1e-9*abs(self.printed))[0]

    def proved(self, chosen, rounded=False):
        """The Slip of these rewrites, if it gives the figure to two units (or to what rounding can do); else None."""
        changes = {lhs: rhs for rewrite in chosen for lhs, rhs in rewrite.changes.items()}
        program = reordered(self.working.plain, changes)
        if program is None:
            return None
        program = Program(needed(program.equations, PRINTED))
        try:
            found = program.evaluate(self.working.values, DIGITS)
        except (ArithmeticError, ValueError, TypeError):
            return None
        with mpmath.workdps(DIGITS + GUARD):
            value, p, u = found[PRINTED], *(mpmath.mpf(x.p)/x.q for x in (self.figure.value, self.figure.unit))
            if not mpmath.isfinite(value):
                return None
            distance = abs(value - p)
            if distance > 2*u and not (rounded and distance <= self.slack(program, found)):
                return None
        return Slip(" and ".join(dict.fromkeys(r.name for r in chosen)), " and ".join(r.text for r in chosen), value,
                    sum(r.cost for r in chosen), 0.0, program)

    def slack(self, program, found):
        """What rounding every intermediate value to the digits of the figure can do to the result, to first order."""
        middle = [s for s in program.defined if s != PRINTED]
        rates = (program + reverse(program, of=PRINTED, wrt=middle)).evaluate(self.working.values, 20)
        # a text carries as many digits through its working as it usually prints
        printed = [f.significant for f in self.example.figures] or [self.figure.significant]
        carried = min(self.figure.significant, multimode(printed)[0])
        total = mpmath.mpf(0)
        for s in middle:
            if size := abs(found[s]):
                place = floor(log10(size)) - carried + 1
                total += abs(rates[Partial(PRINTED, s)])*mpmath.mpf(10)**place
        return total


def _distinct(values):
    return len(np.unique(np.round(values[np.isfinite(values)], 12)))
