"""A number that was other than stated, found from one figure: then it must predict others.

    solved(search, open_)       a Hypothesis for each number that was solved for and is one that a text would state
    possible(hypothesis)        how many digits it takes to say which of all numbers it is

Every pair of a given number and an open figure is a row: the number is moved until the figure is as printed (the secant method,
all pairs at once), and then rounded to one to four digits. A number that needs many digits explains little: it pays for them.
"""
import numpy as np

from .hypotheses import Hypothesis
from .reading import Row
from .score import COST, HIT
from .slips.givens import name_of, places

MAX_FIGURES = 10        # from which a number is solved for
MAX_ROWS = 4_000
STEPS = 12
MAX_DIGITS = 4          # of a number that a text would state
MAX_RATIO = 1000        # of such a number and the one that is stated: larger, and nearer to 0, is no slip of the pen
LEAST_COST = 1.7
SOLVED = "another number"         # the name of its kind


def solved(search, open_):
    """Hypotheses of one given number each, {number: the value that explains a figure}, rounded to one to four digits."""
    words, predictions = search.maker.words, search.predictions
    figures = [j for j in np.nonzero(open_)[0] if j in predictions.early][:MAX_FIGURES]
    numbers = [(s, k, value) for s, k, value in places(words)][:MAX_ROWS//max(1, len(figures))]
    pairs = [(s, k, value, j) for s, k, value in numbers for j in figures]
    if not pairs:
        return []
    start = np.array([value for _, _, value, _ in pairs])
    own = np.array([figures.index(j) for *_, j in pairs])
    readings = [predictions.readings[j] for j in figures]
    target = search.figures.value[[j for *_, j in pairs]]

    def value(numbers):
        rows = [Row((_given(s, k, x),)) for (s, k, _, _), x in zip(pairs, numbers, strict=True)]
        return predictions.rows.predict(rows, readings)[np.arange(len(pairs)), own] - target

    x, y = _secant(value, start)
    near = np.abs(y) <= HIT*search.figures.unit[[j for *_, j in pairs]]
    found = {}
    for i in np.nonzero(near & np.isfinite(x))[0]:
        s, k, stated, _ = pairs[i]
        for digits in range(1, MAX_DIGITS + 1):
            rounded = float(f"{x[i]:.{digits - 1}e}")
            of_its_size = not stated or 1/MAX_RATIO <= abs(rounded/stated) <= MAX_RATIO
            if of_its_size and rounded != stated and abs(rounded - x[i]) <= 0.02*abs(x[i]):
                found.setdefault((s, k, rounded), digits)
    cost = LEAST_COST + np.log10(len(numbers))/COST
    return [Hypothesis(SOLVED, f"{name_of(words, s, k)} was {x:g}, not {_stated(numbers, s, k):g}",
                       cost + digits/COST, given={(s, k): x}) for (s, k, x), digits in found.items()]


def possible(hypothesis):
    """log10 of how many numbers might have been found in the place of one that was solved for; 0 for other hypotheses."""
    return COST*hypothesis.cost if hypothesis.name == SOLVED else 0.0


def _given(s, k, x):
    return Hypothesis(SOLVED, "", 0, given={(s, k): float(x)})


def _stated(numbers, s, k):
    return next(value for t, j, value in numbers if (t, j) == (s, k))


def _secant(f, start):
    """(x, f(x)) near a root, from each of some starts; nan where none is found."""
    a, b = start, np.where(start == 0, 0.01, start*1.01)
    fa, fb = f(a), f(b)
    best, least = np.where(np.abs(fb) < np.abs(fa), b, a), np.minimum(np.abs(fa), np.abs(fb))
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            slope = (fb - fa)/(b - a)
            new = np.where(np.isfinite(slope) & (slope != 0), b - fb/slope, b)
            new = np.where(np.isfinite(new) & (np.abs(new) < 1e6), new, b)
            a, fa, b, fb = b, fb, new, f(new)
            better = np.abs(fb) < least
            best, least = np.where(better, b, best), np.where(better, np.abs(fb), least)
    return best, least
