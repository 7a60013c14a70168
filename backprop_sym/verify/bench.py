"""The bench: many rewritten copies of one working, evaluated together as NumPy arrays.

    Bench(working, rewrites)    .values(first, second) for candidates of one or two rewrites, by their numbers

Each equation is computed once for all candidates, and its rewritten form only for the candidates that rewrite it.
"""
from functools import lru_cache
from heapq import heapify, heappop, heappush
from math import floor, log10

import numpy as np

from ..compute.lambdify import functions
from ..describe.names import by_name
from ..describe.values import exact
from .working import PRINTED


class Bench:
    """Evaluates many rewritten copies of one working together."""

    def __init__(self, working, rewritten):
        self.working = working
        self.equations = _ordered(working)
        self.defined = [e.lhs for e in self.equations]
        self.rewrites = rewritten
        position = {s: i for i, s in enumerate(self.defined)}
        self.changed = {}                               # position of an equation: [(rewrite, function, arguments), ...]
        sources, calls = [], []
        for i, rewrite in enumerate(rewritten):
            if self.fits(rewrite, position):
                for lhs, rhs in rewrite.changes.items():
                    calls.append((position[lhs], i, len(sources), _arguments(rhs)))
                    sources.append(rhs)
        base = len(sources)
        sources += [e.rhs for e in self.equations]
        functions = _functions(tuple(sources))
        for at, i, k, arguments in calls:
            self.changed.setdefault(at, []).append((i, functions[k], arguments))
        self.base = [(e.lhs, functions[base + k], _arguments(e.rhs)) for k, e in enumerate(self.equations)]
        self.values_given = {s: float(exact(s.name, value)) for s, value in working.values.items() if value is not None}
        n = len(rewritten)
        touches = np.zeros((n, len(self.equations)), dtype=np.float32)
        for at, entries in self.changed.items():
            for i, _, _ in entries:
                touches[i, at] = 1
        self.overlap = (touches @ touches.T) > 0
        self.possible = touches.any(axis=1)
        self.overlap |= ~self.possible[:, None] | ~self.possible[None, :]

    def fits(self, rewrite, position):
        """Whether a rewrite uses only what is given or defined before it in the common order."""
        given = {*self.working.plain.given, *self.working.values}
        return all(lhs in position and all(position.get(s, -1) < position[lhs] if s in position else s in given
                                           for s in rhs.free_symbols) for lhs, rhs in rewrite.changes.items())

    def values(self, first, second=None):
        """The figure's value for each candidate: a rewrite, or a pair of them, by their numbers."""
        size = len(first)
        chosen = [first] if second is None else [first, second]
        order = [np.argsort(c, kind="stable") for c in chosen]
        every = np.arange(len(self.rewrites) + 1)
        starts = [(np.searchsorted(c[o], every), o) for c, o in zip(chosen, order, strict=True)]

        def rows(i):
            return np.concatenate([o[edges[i]:edges[i + 1]] for edges, o in starts])

        known = dict(self.values_given)
        with np.errstate(all="ignore"):
            for at, (lhs, function, arguments) in enumerate(self.base):
                value = function(*[known[a] for a in arguments])
                if at in self.changed:
                    value = np.array(np.broadcast_to(np.asarray(value, dtype=float), size))
                    for i, changed, names in self.changed[at]:
                        if len(r := rows(i)):
                            value[r] = changed(*[known[a][r] if np.ndim(known[a]) else known[a] for a in names])
                known[lhs] = value
        result = np.array(np.broadcast_to(known[PRINTED], size), dtype=float)
        if second is None:
            result[~self.possible[first]] = np.nan
        return result

    def rounded_value(self, digits, cut, significant):
        """The figure with every intermediate value rounded, or cut, to so many decimals or significant digits."""
        known = dict(self.values_given)
        with np.errstate(all="ignore"):
            for lhs, function, arguments in self.base:
                value = float(function(*[known[a] for a in arguments]))
                if lhs != PRINTED and np.isfinite(value) and value:
                    places = digits - 1 - floor(log10(abs(value))) if significant else digits
                    scaled = value*10.0**places
                    value = (np.trunc(scaled) if cut else np.round(scaled))/10.0**places
                known[lhs] = value
        return known[PRINTED]

    def single_precision(self, kind):
        """The figure from numbers that were given as 32-bit floats, every quantity then computed as ``kind``."""
        known = {s: kind(np.float32(value)) for s, value in self.values_given.items()}
        with np.errstate(all="ignore"):
            for lhs, function, arguments in self.base:
                known[lhs] = kind(function(*[known[a] for a in arguments]))
        return float(known[PRINTED])


def _ordered(working):
    """The equations in an order that suits as many rewrites as possible.

    Quantities of one depth stand together, for one may be taken for another; a gradient and its update come as soon as
    they can, for an updated weight may be used too early.
    """
    equations, updates, gradients = working.plain.equations, set(working.updates), set(working.gradients)
    index, depth, users, missing = {e.lhs: i for i, e in enumerate(equations)}, {}, {}, {}
    for e in equations:
        needs = [s for s in e.rhs.free_symbols if s in index]
        depth[e.lhs] = 1 + max((depth[s] for s in needs), default=0)
        missing[e.lhs] = len(needs)
        for s in needs:
            users.setdefault(s, []).append(e.lhs)

    def key(s):
        return s not in updates, s not in gradients, depth[s], index[s]

    ready, order = [(key(s), by_name(s), s) for s, n in missing.items() if n == 0], []
    heapify(ready)
    while ready:
        s = heappop(ready)[2]
        order.append(equations[index[s]])
        for user in users.get(s, ()):
            missing[user] -= 1
            if missing[user] == 0:
                heappush(ready, (key(user), by_name(user), user))
    return order


def _arguments(rhs):
    return sorted(rhs.free_symbols, key=by_name)


@lru_cache(maxsize=8)
def _functions(expressions):
    """One NumPy function for each expression, of its symbols in the order of their names; compiled together."""
    return functions(expressions)
