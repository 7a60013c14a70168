"""The hypotheses that a search tries: the common ones first, the rare ones where no common one is certain.

    Pool(maker, rows, wanted)   .common, .rare

Only those are tried that can be seen in a figure that is to be explained.
"""
from functools import cached_property

from .origins import needed_for
from .predictions import LONG

MAX_PASSES = 3          # after which slips that were made once are no longer tried
MAX_CALLS = 400_000     # of functions in one run of the training; a long one is made with fewer hypotheses


class Pool:
    """The hypotheses about one training that can be run, each once; ``wanted``: the numbers of the figures to be explained.

    ``whole``: a Pool of the same training with other numbers, and all figures wanted: what hangs on no number is taken from it.
    """

    def __init__(self, maker, rows, wanted, whole=None):
        self.maker, self.rows, self.wanted, self.whole = maker, rows, frozenset(wanted), whole
        self.needed = needed_for(maker.passes, [maker.example.figures[j] for j in self.wanted])

    @cached_property
    def common(self):
        """The hypotheses that are tried first: everywhere, in a family, in one equation, in what is given or printed."""
        own = [*self.maker.of_givens(), *self.maker.of_readings()]
        if self.whole is not None:
            return [*filter(self._seen, self.whole.general), *self._distinct(own)]
        return self._distinct([*self._general(), *own])

    @cached_property
    def general(self):
        """Those of them that hang on no number."""
        return self._distinct(self._general())

    def _general(self):
        equations, needed = self.maker.equations, self.needed
        return [*self.maker.of_runs(), *equations.families(needed), *equations.single(needed)]

    @cached_property
    def rare(self):
        """Those that are tried where no common one is certain: slips that were made once."""
        if self.whole is not None:
            return [h for h in self.whole.rare if self._seen(h)]
        equations, needed = self.maker.equations, self.needed
        once = self.maker.scoped(equations.single(needed)) if self.maker.passes.last <= MAX_PASSES else ()
        return self._distinct([*equations.alone(needed), *once])

    def _seen(self, h):
        """Whether it can be seen in a figure that is to be explained."""
        if h.readings:
            return not self.wanted.isdisjoint(h.readings)
        parts = h.changes or {s: value for (s, _), value in h.given.items()}
        return bool(h.settings) or not self.needed.isdisjoint(parts)

    def _distinct(self, hypotheses):
        """Those that can be run, each once; where a training is long, only as many as there is time for."""
        best = {}
        for h in filter(self._seen, hypotheses):
            if h.key not in best or h.simplicity < best[h.key].simplicity:
                best[h.key] = h
        found = [h for h in best.values() if self.rows.fits(h)]
        passes = self.maker.passes
        calls = MAX_CALLS//(min(passes.last, LONG) + 1)
        if sum(len(h.changes) for h in found) <= calls:
            return found
        spent, kept = 0, []
        for h in sorted(found, key=lambda h: (len(h.changes) == 1, h.cost)):
            spent += len(h.changes)
            if spent <= calls or not h.changes:
                kept.append(h)
        return kept
