"""How well predictions agree with what was printed: digits explained, right figures spoiled.

    Figures(example, exact)     the printed figures as arrays: value, unit, digits, which are wrong
    scores(figures, ...)        a number for each hypothesis, in digits

A wrong figure that a hypothesis predicts to two units of its last place gives it as many digits as it comes nearer than what
was predicted before, log10(|p - base|/|p - v|), one more than printed at most; one that it misses by no more than what rounded
figures printed before it make of it, a part of that.
Each right figure that it spoils takes away up to three digits. A slip of a kind of which there are n more readily fits by chance:
log10(n) is taken off.
"""
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

HIT = 2.000001                  # units of the last place
MAX_NEAR = 12                   # that a figure may be off because it was computed from rounded ones, at most
SAYS = 0.3                      # digits that a match must say, or it is none
NEAR_SAYS, NEAR_SHARE = 2, 0.7
SPOILED = 3                     # digits that a spoiled figure takes away at most
FOLLOWS = 0.25                  # what a figure counts that follows from another printed one
SINGLE = 2.5e-7                 # the unit of a number of 32 bits
BY_CHANCE = 0.05                # how often figures may be numbers of 32 bits that are none
DOUBLE = 2e-15                  # what the last place of a number of 64 bits is worth, after some operations
COST = 0.3                      # digits for one unit of cost


class Figures:
    """The printed figures as arrays; ``wrong`` are those to be explained.

    ``near``: how many units of the last place each may be off because it was computed from printed figures that were rounded.
    """

    near = HIT

    def __init__(self, figures, exact, verdicts):
        self.figures, self.verdicts = tuple(figures), tuple(verdicts)
        self.value = np.array([float(f.value) for f in figures])
        self.unit = np.array([float(f.unit) for f in figures])
        self.digits = np.array([digits(f) for f in figures])
        self.exact = np.array([float(e) for e in exact])
        self.single = _single(self.value, self.unit, self.digits)
        self.unit = np.maximum(self.unit, np.where(self.single, SINGLE, DOUBLE)*np.abs(self.value))
        self.wrong = np.array([v == "wrong" for v in verdicts], dtype=bool)

    def __len__(self):
        return len(self.figures)

    @cached_property
    def places(self):
        """What each figure is printed for: the quantity, after how many updates, for which sample."""
        return tuple((f.expression, f.after, f.sample) for f in self.figures)

    @cached_property
    def settled(self):
        """Which right figures speak against what spoils them: not where their quantity was printed twice, once wrong."""
        twice = {place for place, wrong in zip(self.places, self.wrong, strict=True) if wrong}
        return ~self.wrong & np.array([place not in twice for place in self.places], dtype=bool)

    def same(self, one, other, where=slice(None)):
        """Whether two hypotheses predict the same for every printed figure, or for some of them."""
        one, other = one[where], other[where]
        with np.errstate(all="ignore"):
            near = np.abs(one - other) <= 1e-9*np.abs(one) + 0.02*self.unit[where]
        return bool((near | (np.isnan(one) & np.isnan(other))).all())

    @cached_property
    def tables(self):
        """The number of the table in which each figure stands: one begins with a section, or where something is printed again."""
        numbers, seen, before = [], set(), None
        for f, place in zip(self.figures, self.places, strict=True):
            if f.section != before or place in seen:
                seen, before = set(), f.section
                numbers.append(numbers[-1] + 1 if numbers else 0)
            else:
                numbers.append(numbers[-1])
            seen.add(place)
        return np.array(numbers)

    def is_table(self, chosen):
        """Whether some figures, from the first of them to the last, are one or more whole tables of the text."""
        first, last = np.nonzero(chosen)[0][[0, -1]]
        return (first == 0 or self.tables[first - 1] != self.tables[first]) and (
            last == len(self) - 1 or self.tables[last] != self.tables[last + 1])

    def miss(self, predicted):
        """By how many units of the last place predictions miss what was printed."""
        with np.errstate(all="ignore"):
            found = np.abs(predicted - self.value)/self.unit
        return np.where(np.isfinite(found), found, np.inf)


def _single(value, unit, digits):
    """Which figures are numbers of 32 bits, printed with more digits than these have: most that could be, and not by chance."""
    able = (digits >= 8) & (unit < SINGLE*np.abs(value)/2)
    with np.errstate(all="ignore"):
        single = value.astype(np.float32)
        near = able & (np.abs(single.astype(float) - value) <= 0.51*unit)
        chance = np.prod((unit/np.abs(np.spacing(single)).astype(float))[near])
    return near & (near.sum() > able.sum()/2) & (chance < BY_CHANCE)


def digits(figure):
    """How many digits a figure says: a whole number that is printed exactly has all of them."""
    return figure.significant


@dataclass(frozen=True)
class Scores:
    """Of each hypothesis: its total, which figures it hits or nearly hits, what each says, which it spoils, whether it holds
    for a run of figures only, and which right figures speak against it, outside of that run too.
    """

    total: np.ndarray
    hits: np.ndarray
    says: np.ndarray
    spoils: np.ndarray
    partly: np.ndarray
    against: np.ndarray

    def __len__(self):
        return len(self.total)


def scores(figures, predicted, base, open_, follows, right, prices):
    """The Scores of predictions (hypotheses, figures) beside those made before, ``base`` (figures).

    ``open_``: the wrong figures to be explained, ``follows``: those that follow from other printed ones, ``right``: those
    that must stay as they are; ``prices``: what is taken off for each hypothesis.
    """
    miss, before = figures.miss(predicted), figures.miss(base)
    with np.errstate(all="ignore"):
        says = np.minimum(np.log10(before/np.maximum(miss, 0.5)), figures.digits + 1)
        says = np.where(np.isfinite(says), says, np.where(np.isinf(before) & (miss <= HIT), figures.digits, 0))
        wanted = (open_ | follows) & (says > SAYS)
        hits = wanted & (miss <= HIT)
        near = wanted & ~hits & (miss <= figures.near) & (says >= NEAR_SAYS)
        lost = np.minimum(np.log10(np.maximum(miss, 1)), SPOILED)*(miss > HIT)
        lost0 = np.minimum(np.log10(np.maximum(before, 1)), SPOILED)*(before > HIT)
    spoils = right & (lost > lost0 + 1e-9)
    weight = np.where(follows, FOLLOWS, 1.0)
    says = np.where(hits, says, np.where(near, NEAR_SHARE*says, 0))*weight
    gains = says - np.where(spoils, lost - lost0, 0)
    whole = gains.sum(axis=1)
    best, inside = _best_run(gains)
    best = best - np.log10(len(figures)*(len(figures) + 1)/2)
    partly = spoils.any(axis=1) & (best > whole)
    says = np.where(partly[:, None] & ~inside, 0, says)
    total = np.where(partly, best, whole) - prices
    total = np.where((says*open_).sum(axis=1) > 0, total, -np.inf)
    return Scores(total, (hits | near) & (says > 0), says, spoils & ~(partly[:, None] & ~inside), partly, spoils)


def _best_run(gains):
    """(the sum, which figures) of the figures, one after another, that say most: a part of a text may be from another run."""
    rows, count = gains.shape
    best, ending = np.full(rows, -np.inf), np.full(rows, -np.inf)
    start, first, last = np.zeros(rows, int), np.zeros(rows, int), np.zeros(rows, int)
    for j in range(count):
        anew = ending <= 0
        start = np.where(anew, j, start)
        ending = np.where(anew, 0, ending) + gains[:, j]
        better = ending > best
        best, first, last = (np.where(better, new, old) for new, old in ((ending, best), (start, first), (j, last)))
    places = np.arange(count)
    return best, (places >= first[:, None]) & (places <= last[:, None])


def prices(hypotheses):
    """What is taken off for each hypothesis: its cost, and the number of those of its kind."""
    counts = Counter(h.name for h in hypotheses)
    return np.array([COST*h.cost + np.log10(counts[h.name]) for h in hypotheses])
