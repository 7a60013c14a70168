"""What every figure would be under each hypothesis.

    Predictions(maker, ...)     .of(hypotheses, chosen, printed): an array (hypotheses, figures)

A hypothesis about what is printed in the place of a figure needs no run of its own: what may stand there is read in one run.
"""
from copy import copy
from dataclasses import replace
from functools import cached_property

import numpy as np

from .reading import ANEW, FIRST, LAST, Reading, Row
from .replay import Replay, variant
from .rows import Rows

MAX_NUMBERS = 4_000_000         # of one array; more rows are run one batch after another
LONG = 60                       # updates after which a training is run on its own under each of a few hypotheses
MAX_LONG = 16                   # so many
EXACT = 1e-12                   # a printed value that is as near is not rounded


class Predictions:
    """Predicts the figures of an example; those after many updates only under the hypotheses that ``long`` chooses."""

    def __init__(self, maker, figures, replay):
        self.maker, self.figures, self.replay = maker, tuple(figures), replay
        self.rows = Rows(maker.passes, self.figures)
        self.early = [j for j, f in enumerate(self.figures) if f.after <= LONG]
        self.late = [j for j, f in enumerate(self.figures) if f.after > LONG]
        self.readings = [Reading.of(f) for f in self.figures]
        self._runs = {}

    def modes(self):
        """How figures may have been computed: anew, or from printed values, of two for one quantity the last or the first."""
        return self._modes

    @cached_property
    def _modes(self):
        used = {s for rhs in self.maker.rhs.values() for s in rhs.free_symbols}
        used |= {f.symbol for f in self.figures if f.sample is None and self.maker.passes.count > 1}
        printed = {}
        for f in self.figures:
            if (place := self.rows.place(f)) and place[0] in used:
                printed.setdefault((place, f.after), set()).add(f.sign*f.value)
        return [ANEW] + [LAST]*bool(printed) + [FIRST]*any(len(values) > 1 for values in printed.values())

    @cached_property
    def slack(self):
        """By how much each figure may be off because it was computed from rounded ones.

        Each printed value that was rounded is moved by one unit of its last place, and each quantity that is computed from such
        ones and not printed by a usual unit of the text; what that does to a figure is added up. Of a figure that stands alone
        nobody knows what was rounded before it.
        """
        if len(self.figures) == 1:
            return np.array([np.inf])
        slack, places = np.zeros(len(self.figures)), {}
        for f in self.figures:
            if (place := self.rows.place(f)) and abs(float(f.value) - self.replay.number(f)) > EXACT*abs(float(f.value)):
                places[place[0], f.after] = float(f.unit)
        if self.early and places:
            usual = float(np.median(list(places.values())))
            for t in {t for _, t in places if t <= LONG}:
                rounded = {s for s, u in places if u == t}
                for s, rhs in self.maker.rhs.items():
                    if (s, t) not in places and not rounded.isdisjoint(rhs.free_symbols):
                        rounded.add(s)
                        places[s, t] = usual
            rows = [Row((), LAST), *(Row((), LAST, (s, t, unit)) for (s, t), unit in places.items() if t <= LONG)]
            found = self.rows.predict(rows, [self.readings[j] for j in self.early])
            slack[self.early] = np.abs(found[1:] - found[0]).sum(axis=0)
        return np.where(np.isfinite(slack), slack, 0)

    def base(self, chosen=(), printed=ANEW):
        """The figures under some hypotheses together."""
        return self._base(tuple(h for h in chosen if not h.readings), [h for h in chosen if h.readings], printed)

    def _base(self, runs, read, printed):
        found = np.full(len(self.figures), np.nan)
        if self.early:
            found[self.early] = self.rows.predict([Row(runs, printed)], [self.readings[j] for j in self.early])[0]
        for j in self.late:
            found[j] = self._long(runs, self.readings[j]) if printed == ANEW else self._from_printed(j, printed)
        for h in read:
            found = self._read([h], runs, printed, found)[0]
        return found

    def of(self, hypotheses, chosen=(), printed=ANEW, late=True):
        """The figures under each hypothesis on top of those chosen; a late figure is left as it is where a run is too long."""
        runs, read = tuple(h for h in chosen if not h.readings), [h for h in chosen if h.readings]
        base = self._base(runs, read, printed)
        found = np.tile(base, (len(hypotheses), 1))
        whole = [i for i, h in enumerate(hypotheses) if not h.readings]
        size = max(1, MAX_NUMBERS//max(1, self.maker.passes.count*max(20, len(self.maker.passes.equations))))
        early = [self.readings[j] for j in self.early]
        for at in range(0, len(whole) if early else 0, size):
            part = whole[at:at + size]
            found[np.ix_(part, self.early)] = self.rows.predict([Row((*runs, hypotheses[i]), printed) for i in part], early)
        if self.late and late and printed == ANEW:
            for i in self._few(hypotheses):
                for j in self.late:
                    found[i, j] = self._long((*runs, hypotheses[i]), self.readings[j])
        for h in read:
            for j in h.readings:
                found[:, j] = base[j]
        elsewhere = [i for i, h in enumerate(hypotheses) if h.readings]
        if elsewhere:
            found[elsewhere] = self._read([hypotheses[i] for i in elsewhere], runs, printed, base)
        return found

    # ---- figures after many updates

    def _few(self, hypotheses):
        """The numbers of the hypotheses with which a long training is run: those of the whole run, then of families."""
        able = [i for i, h in enumerate(hypotheses) if not h.readings and variant(self.maker.passes, [h]) is not None]
        return sorted(able, key=lambda i: (hypotheses[i].name not in self.maker.run_names, len(hypotheses[i].changes) == 1,
                                           hypotheses[i].cost, i))[:MAX_LONG]

    def _long(self, runs, reading):
        """A late figure under some hypotheses, each training run once."""
        key = tuple(map(id, runs))
        if key not in self._runs:
            passes = variant(self.maker.passes, runs)
            wanted = [Reading(None, f.after + d) for f in self.figures for d in (-1, 0, 1)]
            self._runs[key] = passes and Replay(passes, [r for r in wanted if r.after > LONG], "python"), runs
        run = self._runs[key][0]
        return run.number(reading) if run else np.nan

    def _from_printed(self, j, printed):
        """A late figure as it follows from what else was printed after as many updates."""
        f = self.figures[j]
        together = [g for g in self.figures if g.after == f.after]
        passes = copy(self.maker.passes)
        state = self.replay.states[f.after]
        passes.start = {s: state[0][s] for s in passes.start}
        passes.samples = [{s: found[s] for s in sample} for found, sample in zip(state, passes.samples, strict=True)]
        rows = Rows(passes, [replace(g, after=0) for g in together])
        return rows.predict([Row((), printed)], [Reading(f.expression, 0, f.sample)])[0][0]

    # ---- what is printed in the place of a figure

    def _read(self, hypotheses, runs, printed, base):
        """The figures where other numbers are printed in their place; none that were computed from what is printed later."""
        wanted = dict.fromkeys(p.reading for h in hypotheses for p in h.readings.values() if p.number is None)
        early = [r for r in wanted if r.after <= LONG + 1]
        values = dict(zip(early, self.rows.predict([Row(runs, printed)], early)[0], strict=True)) if early else {}
        values |= {r: self._long(runs, r) for r in wanted if r.after > LONG + 1}
        found = np.tile(base, (len(hypotheses), 1))
        for i, h in enumerate(hypotheses):
            for j, p in h.readings.items():
                value = None if p.number is not None else values[p.reading]
                later = printed != ANEW and p.after > self.figures[j].after
                found[i, j] = p.of(value) if not later and (value is None or np.isfinite(value)) else np.nan
        return found
