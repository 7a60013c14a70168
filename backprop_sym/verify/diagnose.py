"""Diagnosis: which slip explains a wrong figure.

    diagnose(net, values, quantity, printed)    the slips that reproduce a printed number, the simplest first
    explain(example, figure, before)            the same for a figure of a worked example
    Slip                                        one of them: .name, .value; str(slip) is the sentence

All slips of the table, then all pairs of them, are tried together: each equation of the working is evaluated once for
all candidates, as NumPy arrays, with its rewritten form where a candidate rewrites it. What comes near is worked out
anew to 40 digits. A candidate explains a figure p when p is within what rounding the intermediate values to their
printed digits can do to it, two units of the last place at least.

With d digits and n candidates, n*10^-d would match by chance. Where that is not small, the slip says "could be".
"""
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import floor, log10
from statistics import multimode

import mpmath
import numpy as np

from ..derive.optimizers import GradientDescent
from ..derive.reverse import reverse
from ..describe.dataflow import needed, reordered
from ..describe.names import Partial
from ..describe.program import Program
from ..describe.values import GUARD
from ..show.tables import readable
from .audit import verdict
from .bench import Bench
from .example import PrintedFigure, Training, WorkedExample
from .replay import DIGITS, Replay
from .runs import candidates, read, run
from .slips.table import rewrites
from .working import PRINTED, Working

CHANCE = 0.05           # more expected matches by chance than this: "could be"
MAX_CANDIDATES = 250_000
MAX_PROVED = 12         # pairs that are worked out anew, the simplest first
UNROLLED = 3            # updates that are written out; after more of them whole training runs are compared
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


def diagnose(program, values, quantity, printed, *, after=0, samples=None, optimizer=None, learning_rate=None,
             reduce="sum"):
    """The slips that turn the exact value of ``quantity`` into ``printed``, a list of Slip, the simplest first.

    ``program`` is a forward pass, ``values`` {name: number}; ``quantity`` a name or "d(A)/d(B)", with a minus in front
    where its negative was printed; ``printed`` the figure as text, with its digits. ``after`` counts updates by the
    ``optimizer`` (gradient descent) with its ``learning_rate``. The list is empty where the figure is right, and where
    nothing explains it. Raises ValueError for names that the program does not have and for text that is no decimal.

    >>> from backprop_sym import worked_example
    >>> ex = worked_example("source")
    >>> print(diagnose(ex.forward, ex.values, "d(E_total)/d(w7)", "0.186047383")[0])
    the factors (yhat1 - y1)*yhat1 are left out of ∂E_total/∂z3
    """
    from ..describe.parser import number

    given = {str(k): number(v) if isinstance(v, str) else _rational(v) for k, v in values.items()}
    names = {program.spelled[s] for s in program.parameters}
    parameters = {k: v for k, v in given.items() if k in names}
    sample = {k: v for k, v in given.items() if k not in names}
    rate = None if learning_rate is None else number(str(learning_rate))
    training = Training((optimizer or GradientDescent()) if program.trainable else None, rate, reduce)
    example = WorkedExample("reader", "", "", "", program, parameters, tuple(samples) if samples else (sample,), training, ())
    return explain(example, PrintedFigure(quantity, printed, after))


def _rational(value):
    import sympy as sp
    return sp.nsimplify(value, rational=True) if not isinstance(value, sp.Rational) else value


def explain(example, figure, before=(), replay=None):
    """The slips that explain a figure of a worked example, the simplest first; none where it is right.

    ``before`` are the figures that were printed before it: the figure may have been computed from them, right (then it
    is "inherited") or with a slip.
    """
    replay = replay or Replay(replace(example, figures=(*before, figure)))
    exact = replay.value(figure)
    if verdict(figure, exact) != "wrong":
        return []
    if figure.after > UNROLLED:
        return _replayed(example, figure, replay)
    # where a quantity was printed twice, this figure may have been computed from either value
    from_printed = [_Search(example, figure, replay, order) for order in dict.fromkeys((before, before[::-1])) if before]
    from_printed = [search for search in from_printed if search.working.used]
    anew = _Search(example, figure, replay)
    stages = [(search, search.inherited) for search in from_printed]
    stages.insert(len(from_printed), (anew, anew.one_more))
    for name in ("singles", "rounded", "single_precision", "singles_from_rounded", "pairs"):
        stages += [(search, getattr(search, name)) for search in (*from_printed, anew)]
    tried = 0
    for search, stage in stages:
        before_stage = search.tried
        found = stage()
        tried += search.tried - before_stage
        if found:
            return _ranked(found, figure, tried)
    return []


def every_slip(example, figure):
    """What each slip of the table makes of a figure's quantity: a list of Slip, those without a finite value left out."""
    search = _Search(example, figure, None)
    values = search.bench.values(np.arange(len(search.rewrites)))
    return [Slip(rewrite.name, rewrite.text, mpmath.mpf(value), rewrite.cost, 0.0)
            for rewrite, value in zip(search.rewrites, values, strict=True) if np.isfinite(value)]


def _replayed(example, figure, replay):
    """The slips that explain a figure after many updates: the training is run again with each."""
    printed, unit, found = float(figure.value), float(figure.unit), []
    tried = list(candidates(example))
    for rewrite, program in tried:
        try:
            key = rewrite.text, figure.after               # the figures of one example share its runs
            if key not in replay.runs:
                replay.runs[key] = run(example, figure.after, program, **rewrite.settings)
            value = read(example, figure, replay.runs[key])
        except (ArithmeticError, ValueError):
            continue
        if abs(value - printed) <= 2*unit:
            found.append(Slip(rewrite.name, rewrite.text, mpmath.mpf(value), rewrite.cost, 0.0, program))
    return _ranked(found, figure, len(tried))


class _Search:
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


def _ranked(slips, figure, tried):
    """The simplest first; of slips that give the same number only the simplest.

    By chance tried*10^-digits of them would match to half a unit, and more where the match is looser.
    """
    kept, printed, half = [], mpmath.mpf(figure.value.p)/figure.value.q, float(figure.unit)/2
    for slip in sorted(slips, key=lambda s: (s.cost, len(s.text), s.text)):
        if not any(abs(slip.value - k.value) <= 1e-30*abs(k.value) for k in kept):
            looseness = max(1.0, float(abs(slip.value - printed))/half) if slip.name != "inherited" else 1.0
            kept.append(replace(slip, chance=tried*10.0**-figure.significant*looseness))
    return kept
