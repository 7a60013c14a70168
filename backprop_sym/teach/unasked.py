"""What several wrong answers have in common: one quantity that is not asked for, and was another number.

    shared(search, open_)       [(quantity in words, the figures that go on from it)]

A slip in a quantity that has a line of its own is seen there, and what was computed from it follows. One that is not asked for,
such as the slope at a weighted sum, is seen only in what was computed from it: so each open figure is solved for each such
quantity, all at once by the secant method, and what it then is must give another open figure as well, and spoil no right one.
"""
import numpy as np

from ..verify.reading import LAST, Row
from ..verify.score import HIT

LEAST = 2               # figures that must agree: from one alone anything can be solved
MOST = 2_000            # pairs of a quantity and a figure
STEPS = 6
START = 0.01            # by how much a quantity is moved first


def shared(search, open_):
    """The quantities that explain two or more open figures together, in words, each with the numbers of these, in order.

    What is computed from a printed answer goes on from it as it was printed.
    """
    places = _between(search, open_)
    pairs = [(place, j) for place, moved in places.items() for j in np.nonzero(moved & open_)[0]][:MOST]
    if not pairs:
        return []
    values = _solved(search, pairs)
    hits = (search.figures.miss(values) <= HIT) & open_
    spoils = (np.abs(values - search.carried[LAST]) > HIT*search.figures.unit) & (~search.figures.wrong | search.inherited)
    hits[spoils.any(axis=1)] = False
    found = []
    while (count := hits.sum(axis=1)).max() >= LEAST:
        best = int(np.nonzero(count == count.max())[0][-1])            # of several the nearest to what it explains
        found.append((search.maker.words.quantity(pairs[best][0][0]), tuple(np.nonzero(hits[best])[0])))
        hits &= ~hits[best]
    return found


def _between(search, open_):
    """{(quantity, updates): which figures move with it}: what is not asked for, and at least two open figures move with."""
    if LAST not in search.carried:
        return {}
    figures, rows = search.figures.figures, search.predictions.rows
    asked = {(f.symbol, f.after) for f in figures}
    given = [*rows.given, *rows.columns]
    places = [(s, t) for t in sorted({f.after for f in figures}) for s in (*given, *rows.order) if (s, t) not in asked]
    values = rows.predict([Row((), LAST, (*place, START)) for place in places])
    moved = np.abs(values - search.carried[LAST]) > 0
    return {place: m for place, m in zip(places, moved, strict=True) if (m & open_).sum() >= LEAST}


def _solved(search, pairs):
    """All figures (pairs, figures) where each pair's quantity is moved until the pair's figure is as printed."""
    rows, own = search.predictions.rows, np.array([j for _, j in pairs])
    wanted = search.figures.value[own]

    def figures(amounts):
        return rows.predict([Row((), LAST, (*place, x)) for (place, _), x in zip(pairs, amounts, strict=True)])

    at = np.arange(len(pairs))
    a, b = np.zeros(len(pairs)), np.full(len(pairs), START)
    fa, values = np.tile(search.carried[LAST], (len(pairs), 1)), figures(b)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            slope = (values[at, own] - fa[at, own])/(b - a)
            step = (wanted - values[at, own])/slope
            step = np.where(np.isfinite(step), step, 0)
            if not (np.abs(step) > 1e-9*np.abs(b)).any():
                break
            a, fa, b = b, values, b + step
            values = figures(b)
    return values
