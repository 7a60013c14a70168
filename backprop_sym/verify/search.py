"""Which few mistakes explain the wrong figures of a text.

    Search(example, ...)        .causes: the hypotheses, each with the figures that it explains; .inherited; .cause(j)

First go the figures that follow from others as they were printed. Then, round by round, the hypothesis that explains most: alone,
on top of those chosen before, and with printed values in the place of equations.
"""
import gc
from contextlib import contextmanager
from functools import cached_property

import numpy as np

from .causes import Round
from .certain import ALIKE, FROM_PRINTED, LEAST, concluded, settled
from .elsewhere import Elsewhere
from .hypotheses import Maker
from .hypothesis import Both
from .inherited import Inherited
from .origins import origins
from .pool import MAX_PASSES, Pool
from .predictions import LONG, Predictions
from .reading import ANEW
from .replay import Replay
from .score import HIT, MAX_NEAR, Figures, prices, scores
from .slips.readings import comes_back
from .solve import solved
from .verdict import verdict

ROUNDS = 8
SAME = 1e-13            # of a prediction: as near is no change
ENOUGH = 3e-4           # by chance, below which no rarer cause is looked for
MAX_NOISE = 2           # causes that are no better than chance, after which the search ends
HOPELESS = 10           # hypotheses that would explain as much by chance: then none is named
MAX_PAIRED, MAX_PAIRED_FOR_ONE = 300, 600     # slips of which all pairs are tried


class Search(Inherited):
    """The search for the causes of an example's wrong figures; ``wanted``: those to be explained (all).

    ``like``: a Search about the same network and training with other numbers, and every figure that there may be. Its hypotheses
    are taken over; numbers other than stated, and pairs of slips, are not looked for.
    """

    def __init__(self, example, replay=None, wanted=None, like=None):
        self.example, self.like = example, like
        self.maker = like.maker.like(example) if like else Maker(example, replay.passes if replay else None)
        self.replay = replay or Replay(self.maker.passes)
        exact = [self.replay.value(f) for f in example.figures]
        self.figures = Figures(example.figures, exact, [verdict(f, e) for f, e in zip(example.figures, exact, strict=True)])
        self.wanted = self.figures.wrong.copy() if wanted is None else self.figures.wrong & wanted
        self.predictions = Predictions(self.maker, example.figures, self.replay)
        self.figures.near = np.minimum(HIT + self.predictions.slack/self.figures.unit, MAX_NEAR)
        self._alone = {}                # what hypotheses predict that were tried alone before

    @cached_property
    def pool(self):
        """The hypotheses that can be seen in what is to be explained; in any figure, where there is nothing."""
        open_ = self.wanted & ~self.inherited
        whole = self.like.whole if self.like else None
        return Pool(self.maker, self.predictions.rows, np.nonzero(open_ if open_.any() else ~open_)[0], whole)

    @cached_property
    def whole(self):
        """The hypotheses that can be seen in any figure."""
        return Pool(self.maker, self.predictions.rows, range(len(self.figures)))

    @cached_property
    def elsewhere(self):
        """The same training with other numbers."""
        return Elsewhere(self.maker, self.example.figures, ~self.figures.wrong)

    # ---- one figure

    def cause(self, j):
        """Why figure number j is wrong, in words; None where nothing explains it."""
        if self.inherited[j]:
            return f"inherited: follows from {origin(self, j)}"
        for c in self.causes:
            if j in c.figures and (c.certain or not self.nearly[j]):
                others = len(c.figures) - 1
                more = f" (and {others} other figure{'s'*(others > 1)})" if others and c.certain else ""
                return f"{c}{more}"
        return f"inherited: follows from {origin(self, j)}" if self.nearly[j] else None

    # ---- the rounds

    @property
    def causes(self):
        """The causes, in the order in which they were found."""
        return self._found[0]

    @property
    def near(self):
        """[(round, number)] of the hypotheses that come near the first cause, the best first."""
        return self._found[1]

    @cached_property
    def _found(self):
        """The causes, and what comes near the first of them."""
        with collector_paused():
            return self._searched()

    def _searched(self):
        found, chosen, first = [], (), []
        open_ = self.wanted & ~self.inherited
        while open_.any() and len(found) < ROUNDS:
            best, near = self._best(open_, chosen, found)
            if best is None or len(self.figures) > 1 and best.chance > (HOPELESS if len(best.hypothesis.parts) == 1 else 1):
                break
            first = first or near
            found.append(best)
            if sum(c.chance > 1 for c in found) > MAX_NOISE:
                break
            chosen = (*chosen, best.hypothesis) if best.chance < 1 else chosen
            open_ = open_ & ~np.isin(np.arange(len(open_)), best.figures)
        return settled(self, found, open_ & ~self.nearly), first

    def _best(self, open_, chosen, found):
        """The hypothesis that explains most of the open figures, as a Cause (None for noise), and those near it."""
        rounds = self._tried(self.pool.common, open_, chosen, found)
        if chosen:                                      # alone, too: a part of a text may have nothing to do with another
            rounds.append(self._round(ANEW, self.pool.common, prices(self.pool.common), open_, (), found, True))
        cause, near = concluded(self, rounds, open_, not found)
        if cause is None or not cause.certain or cause.chance > ENOUGH or cause.printed != ANEW or cause.missed:
            rounds += self._tried(self.pool.rare, open_, chosen, found, late=False)
            if numbers := solved(self, open_) if self.maker.passes.last <= LONG and not self.like else ():
                rounds += self._tried(numbers, open_, chosen, found, late=False)
                for r in rounds[-len(self.predictions.modes()):]:       # a number is the same in all of a text
                    r.scores.total[r.scores.spoils.any(axis=1) | r.scores.partly] = -np.inf
            cause, near = concluded(self, rounds, open_, not found)
        if (cause is None or cause.chance > 1) and not found and self.maker.passes.last <= MAX_PASSES and not self.like:
            cause, near = concluded(self, [*rounds, self._pairs(rounds[0], open_, chosen, found)], open_, not found)
        return cause, near

    def _pairs(self, single, open_, chosen, found):
        """A Round of pairs of slips in different equations, the simplest of those that move what is to be explained."""
        with np.errstate(all="ignore"):
            moved = np.abs(single.predicted - single.base) > 0.5*self.figures.unit
        able = [i for i in np.nonzero((moved & open_).any(axis=1))[0]
                if not single.hypotheses[i].readings and single.hypotheses[i] not in chosen]
        able.sort(key=lambda i: single.simplicity(i))
        able = able[:MAX_PAIRED if open_.sum() > 1 else MAX_PAIRED_FOR_ONE]
        pairs = [(a, b) for k, a in enumerate(able) for b in able[:k]
                 if single.hypotheses[a].changes.keys().isdisjoint(single.hypotheses[b].changes.keys())]
        price = prices(single.hypotheses)
        both = [Both((single.hypotheses[a], single.hypotheses[b])) for a, b in pairs]
        made = self._round(ANEW, both, np.array([price[a] + price[b] for a, b in pairs]), open_, chosen, found, False)
        made.scores.total[made.scores.spoils.any(axis=1)] = -np.inf         # two slips, and right figures against them
        return made

    def _tried(self, hypotheses, open_, chosen, found, late=True):
        """A Round for each way in which figures may have been computed."""
        price = prices(hypotheses)
        return [self._round(mode, hypotheses, price, open_, chosen, found, late) for mode in self.predictions.modes()]

    def _round(self, mode, hypotheses, price, open_, chosen, found, late):
        """Hypotheses on top of those chosen, and how well each explains the open figures."""
        figures = self.figures
        explained = np.isin(np.arange(len(figures)), [j for c in found if c.hypothesis in chosen for j in c.figures])
        printed = {j: p for c in found for j, p in c.hypothesis.readings.items()}
        touched = {lhs for h in chosen for lhs in h.changes}
        base = figures.exact if mode == ANEW and not chosen else self.predictions.base(chosen, mode)
        key = id(hypotheses), mode
        predicted = None if chosen else self._alone.get(key)
        if predicted is None:
            predicted = self.predictions.of(hypotheses, chosen, mode, late)
            if mode == ANEW and not chosen:
                predicted = unmoved(self, hypotheses, predicted)
            if (hypotheses is self.pool.common or hypotheses is self.pool.rare) and not chosen:
                self._alone[key] = predicted
        follows = self.inherited & (mode == ANEW)
        # what is near the right value anyway says little
        base = np.where(figures.miss(figures.exact) < figures.miss(base), figures.exact, base)
        s = scores(figures, predicted, base, open_, follows, figures.settled | explained & (mode == ANEW),
                   price + FROM_PRINTED*(mode != ANEW))
        if mode != ANEW:
            s.total[[i for i, h in enumerate(hypotheses) if h.readings and self.says_itself(h)]] = -np.inf
        s.total[[i for i in np.nonzero(s.partly & s.hits.any(axis=1))[0]
                 if hypotheses[i].given and not figures.is_table(s.hits[i])]] = -np.inf
        s.total[[i for i in np.nonzero(s.total > LEAST - ALIKE)[0]                  # the others are not named anyway
                 if contradicts(self, hypotheses[i], s.against[i]) or self.is_circular(hypotheses[i])]] = -np.inf
        if printed:
            s.total[[bool(h.readings) and comes_back({**printed, **h.readings}) for h in hypotheses]] = -np.inf
        if chosen:
            s.total[[bool(touched & h.changes.keys()) or h in chosen for h in hypotheses]] = -np.inf
        return Round(mode, hypotheses, price, predicted, base, s)


def contradicts(search, hypothesis, against):
    """Whether a slip would be made where a figure is printed that is right; a part of a text may be from another run."""
    figures = search.figures.figures
    return hypothesis.name not in search.maker.run_names and any(
        figures[j].symbol in hypothesis.changes for j in np.nonzero(against)[0])


def unmoved(search, hypotheses, predicted):
    """The predictions, exact where a hypothesis leaves a figure as it is: what floats lose of it is another hypothesis."""
    plain = search.predictions.base()
    with np.errstate(all="ignore"):
        same = np.abs(predicted - plain) <= SAME*np.abs(plain)
    same[[i for i, h in enumerate(hypotheses) if "float64" in h.settings]] = False
    return np.where(same, search.figures.exact, predicted)


@contextmanager
def collector_paused():
    """No search for garbage inside: where a hundred thousand hypotheses are made that stay, it is a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def wrong_origins(search, j):
    """The wrong figures that an inherited figure follows from, in words."""
    figures = search.figures.figures
    found = origins(search.maker.passes, search.predictions.rows, figures, j)
    return list(dict.fromkeys(search.maker.words.printed(figures[i]) for i in found if search.figures.wrong[i]))


def origin(search, j):
    """In words, what an inherited figure follows from."""
    wrong = wrong_origins(search, j)
    return f"the printed {', '.join(wrong)}" if wrong else "rounded figures printed before it"
