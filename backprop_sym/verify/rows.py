"""Many hypotheses side by side: the training is run once, each hypothesis a row of the arrays.

    Rows(passes, figures)       .predict(rows): what every figure would be under each of them

Each equation is computed once for all rows, and its replacement only on the rows that have it.
"""
from functools import cached_property

import numpy as np

from ..describe.names import by_name
from ..describe.values import exact
from .gathered import added_up, carried, of_each, of_sample, piled_up
from .passes import AT_FIRST, EARLIER, owner, total
from .reading import FIRST, LAST, Reading
from .shapes import compile_all, function_of, is_finite, names_in, rounded, some, two


class Rows:
    """Runs the training of an example under many hypotheses at once."""

    def __init__(self, passes, figures):
        self.passes, self.figures, self.training = passes, figures, passes.training
        self.order = {e.lhs: i for i, e in enumerate(passes.equations)}
        self.given = {s: float(exact(str(s), value)) for s, value in passes.start.items()}
        self.columns = {s: np.array([[float(exact(str(s), sample[s])) for sample in passes.samples]])
                        for s in (passes.samples[0] if passes.samples else ())}

    def fits(self, hypothesis):
        """Whether its equations use only what is given or defined before them."""
        return all(self._fits(lhs, rhs) for lhs, rhs in hypothesis.changes.items())

    def _fits(self, lhs, rhs):
        """The same for one equation; the families share many."""
        key, order = (lhs, rhs), self.order
        if key not in self._fitting:
            self._fitting[key] = lhs in order and is_finite(rhs) and all(
                order[s] < order[lhs] if s in order else self._is_known(s, order[lhs]) for s in names_in(rhs))
        return self._fitting[key]

    @cached_property
    def _fitting(self):
        return {}

    def _is_known(self, s, place):
        if s in self.given or s in self.columns or owner(s) in (EARLIER, AT_FIRST):
            return True
        of = self._totals.get(s)
        return of is not None and self.order[of] < place

    def place(self, figure):
        """(symbol, sample) of the quantity that a printed value can stand for; None for what nothing is computed from."""
        s, sample = figure.symbol, figure.sample
        if s is None or s not in self.order and s not in self.given:
            return None
        if self.passes.count == 1 or s in self.given:
            return s, None
        return (s, sample) if sample is not None else (total(s), None) if s in self.passes.totals else None

    @cached_property
    def _totals(self):
        return {new: s for s, new in self.passes.totals.items()}

    def predict(self, rows, readings=None):
        """An array (rows, readings) of what would be printed; the readings are those of the figures unless given."""
        readings = [Reading.of(f) for f in self.figures] if readings is None else readings
        with np.errstate(all="ignore"):
            return _Run(self, rows, readings).result


class _Run:
    """One run of the training, all rows together."""

    def __init__(self, bench, rows, readings):
        self.bench, self.rows, self.readings, self.passes = bench, rows, readings, bench.passes
        self.size, self.count = len(rows), bench.passes.count
        self.result, self.piles = np.full((self.size, len(readings)), np.nan), {}
        self._settle()
        self._compile()
        self._loop()

    # ---- what the rows ask for

    def _settle(self):
        """What holds on which rows: settings, other numbers, changed equations, printed values."""
        self.settings, self.numbers, self.changes, self.printed, self.moved = {}, {}, {}, {}, {}
        for i, row in enumerate(self.rows):
            if row.moved:
                self.moved.setdefault(row.moved[:2], []).append((i, row.moved[2]))
            for h in (part for whole in row.hypotheses for part in whole.parts):
                for key, value in h.settings.items():
                    self.settings.setdefault((key, value), []).append(i)
                for place, value in h.given.items():
                    self.numbers.setdefault(place, []).append((i, value))
                for lhs, rhs in h.changes.items():
                    self.changes.setdefault((lhs, rhs, h.when), []).append(i)
        self.settings = {key: np.array(rows) for key, rows in self.settings.items()}
        for mode in (LAST, FIRST):
            held = np.array([i for i, row in enumerate(self.rows) if row.printed == mode], dtype=int)
            figures = self.bench.figures if mode == LAST else self.bench.figures[::-1]
            chosen = {(place, f.after): f for f in figures if (place := self.bench.place(f))}
            for ((s, sample), _), f in chosen.items() if len(held) else ():
                self.printed.setdefault((s, f.after), []).append((held, np.full((1, 1), f.sign*float(f.value)), sample))

    def _compile(self):
        base = [(e.lhs, self.passes.rhs[e.lhs]) for e in self.passes.equations]
        compile_all([rhs for _, rhs in base] + [rhs for _, rhs, _ in self.changes] + [r.expression for r in self.readings])
        self.base, self.patches, self.wanted = [(lhs, *function_of(rhs)) for lhs, rhs in base], {}, {}
        for (lhs, rhs, when), rows in self.changes.items():
            self.patches.setdefault(lhs, []).append((np.array(rows), when, *function_of(rhs)))
        for j, r in enumerate(self.readings):
            self.wanted.setdefault(r.after, []).append((j, r, *function_of(r.expression)))
        self.olds = sorted({s for _, rhs, _ in self.changes for s in names_in(rhs) if owner(s) in (EARLIER, AT_FIRST)},
                           key=by_name)

    # ---- the run

    def _loop(self):
        known = {**{s: np.full((1, 1), value) for s, value in self.bench.given.items()}, **self.bench.columns}
        for (s, sample), entries in self.numbers.items():
            if s in known:
                rows, values = map(np.array, zip(*entries, strict=True))
                known[s] = self.patched(known[s], [(rows, values[:, None], sample if s in self.bench.columns else None)])
        if (rows := self.settings.get(("float32", "given"))) is not None:
            known = {s: self.patched(v, [(rows, some(v, rows).astype(np.float32), None)]) for s, v in known.items()}
        self.beginning, last, old = known, max(self.wanted, default=0), None
        for t in range(last + 1):
            found = self._pass(t, known, old)
            if t < last:
                old, known = found, self._next(t, known, found)

    def _pass(self, t, given, old):
        """Every quantity after t updates; what is printed of them is read on the way."""
        known, self.raw = dict(given), {}
        for s in given:
            self._put_printed(known, s, t)
        for s in self.olds:
            known[s] = (self.beginning if owner(s) == AT_FIRST else old or known).get(s.parameter, np.full((1, 1), np.nan))
        before = {s.parameter: s for s in self.olds if owner(s) == EARLIER}
        rules = [(key[1], rows) for key, rows in self.settings.items() if key[0] == "rounded"]
        single = self.settings.get(("float32", "all"))
        for lhs, function, arguments in self.base:
            value = two(function(*[known[a] for a in arguments]))
            parts = [(rows, two(changed(*[some(known[a], rows) for a in names])), when[0])
                     for rows, when, changed, names in self.patches.get(lhs, ())
                     if when[1] <= t and (when[2] is None or t <= when[2])]
            if single is not None:
                parts.append((single, two(function(*[some(known[a], single).astype(np.float32) for a in arguments])), None))
            known[lhs] = self.patched(value, parts)
            for rule, rows in rules:
                known[lhs] = self.patched(known[lhs], [(rows, rounded(some(known[lhs], rows), *rule), None)])
            self._put_printed(known, lhs, t)
            if old is None and lhs in before:                   # in the first pass there is none before
                known[before[lhs]] = known[lhs]
            if lhs in self.passes.totals:
                known[lhs] = piled_up(self, lhs, of_each(self, lhs, known), "each", t)
                of_all = self.passes.totals[lhs]
                known[of_all] = piled_up(self, of_all, added_up(self, known[lhs], t), "all", t)
                self._put_printed(known, of_all, t)
        self._read(t, known)
        return known

    def over_samples(self, value, usual, setting, t=0):
        """What all samples together make of a value, in the usual way, or as the settings of some rows have it."""
        wide = np.broadcast_to(value, (value.shape[0], self.count))
        kinds = {"sum": wide.sum(axis=1, keepdims=True), "mean": wide.mean(axis=1, keepdims=True),
                 "online": wide[:, t % self.count:t % self.count + 1]}
        asked = {kind: rows for (of, kind), rows in self.settings.items() if of == setting}
        kinds |= {(k, n): (kinds["sum"] - (wide[:, k - 1:k] if k else 0))/n for k, n in asked.keys() - kinds.keys()}  # without k
        return self.patched(kinds[usual], [(rows, some(kinds[kind], rows), None) for kind, rows in asked.items()])

    def _next(self, t, known, found):
        """What is given to the next pass."""
        passes, following = self.passes, dict(known)
        following |= {old: found[new] for old, new in passes.state.items()}
        following |= {s: carried(self, found[q], t) for s, q in passes.training.carry}
        for (kind, what), rows in self.settings.items():
            if kind == "carry":
                state, value = what[0], carried(self, found[what[1]], t)
                following[state] = self.patched(following[state], [(rows, some(value, rows), None)])
            if kind == "kept":
                following[what] = self.patched(following[what], [(rows, some(self.beginning[what], rows), None)])
        return following

    # ---- what is printed

    def _put_printed(self, known, s, t):
        """Printed values in the place of a quantity, on the rows that use them; what it was is kept for its own figure."""
        if (s, t) in self.printed:
            self.raw[s] = known[s]
            known[s] = self.patched(known[s], [(rows, value, sample) for rows, value, sample in self.printed[s, t]])
        for i, amount in self.moved.get((s, t), ()):
            self.raw.setdefault(s, known[s])
            known[s] = self.patched(known[s], [(np.array([i]), some(known[s], [i]) + amount, None)])

    def _read(self, t, known):
        for j, reading, function, arguments in self.wanted.get(t, ()):
            sample, alone = reading.sample, len(arguments) == 1
            own = reading.computed or alone and (sample or self.count == 1 or arguments[0] in self.bench.given)
            values = [of_sample(self, a, self.raw.get(a, known[a]) if own else known[a], sample) for a in arguments]
            self.result[:, j] = two(function(*values))[:, 0]

    def patched(self, value, parts):
        """The value with other numbers on some rows, for one sample or for all; the same value where there are none."""
        if not parts:
            return value
        width = max(value.shape[1], *(self.count if sample else part.shape[1] for _, part, sample in parts))
        value = np.array(np.broadcast_to(value, (self.size, width)), dtype=float)
        for rows, part, sample in parts:
            at = slice(None) if sample is None else slice(sample - 1, sample)
            value[rows, at] = part[:, at] if part.shape[1] > 1 else part
        return value
