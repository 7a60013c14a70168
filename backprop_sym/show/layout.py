"""Where everything stands in a network diagram, in inches: nodes in columns, labels where they cover nothing.

    Layout(program, graph, values, lit)     .at, .radius, .name of nodes; .curve of edges; .tag of biases and targets
    Layout.places(labels)                   a place on its edge for each label
    text_size(text, font), shared(...), settled(spots, cost, half), bezier(a, b, bend)      what other layouts need as well
"""
from functools import cache

import matplotlib
import numpy as np
from matplotlib.textpath import TextPath

from ..describe.digits import short
from .latex import name_latex
from .style import HOUSE

FONT, RADIUS, PAD = 12, 0.34, 0.05


class Layout:
    """Where everything stands and what is written there."""

    def __init__(self, program, graph, values, lit):
        self.graph, self.values, self.lit, self.kinds = graph, values, lit, graph.kinds(program)
        columns = [[node for node in self.kinds if graph.column[node] == c] for c in range(max(graph.column.values()) + 1)]
        # a wide diagram is shown smaller: larger letters, and narrower labels
        self.font, self.join = (FONT, " = ") if len(columns) < 5 else (FONT + 1.5, "\n")
        self.name = {node: "\n".join([f"${name_latex(s)}$" for s in node] + [
            self.number(s) for s in node[-1:] if s.name in values]) for node in self.kinds}
        self.radius = {node: max(RADIUS, np.hypot(*self.size(text))/2 + 0.02) for node, text in self.name.items()}
        widest = max([self.size(self.carried(key))[0] for key in graph.edges], default=0)
        between = [sum(graph.column[a] == c for a, _ in graph.edges) for c in range(len(columns))]
        step = 2*max(self.radius.values()) + max(0.95 + 0.4*(lit > 2), widest + 0.3) + 0.08*max(0, max(between) - 4)
        row = 2*max(self.radius.values()) + (1.0 if max(map(len, columns)) == 2 else 0.65 if not values else 0.9)
        self.at = {node: np.array([c*step, ((len(column) - 1)/2 - j)*row])
                   for c, column in enumerate(columns) for j, node in enumerate(column)}
        self.tag = self._tags()
        self._frame()

    def size(self, text):
        """Width and height of a text."""
        return text_size(text, self.font)

    def label(self, s):
        return f"${name_latex(s)}$" + (self.join + self.number(s) if s.name in self.values else "")

    def number(self, s):
        return short(self.values[s.name], 4).replace("-", "\N{MINUS SIGN}")

    def carried(self, key):
        return ", ".join(map(self.label, self.graph.edges[key]))

    def _tags(self):
        """{(symbol, node): (text, place, size)} for biases and targets: on the outer side of their node, targets on both."""
        found = {}
        for node in self.kinds:
            here = [(s, kind) for (s, at), kind in self.graph.tags.items() if at == node]
            outer = 1 if self.at[node][1] >= 0 else -1
            sides = {1: [], -1: []}
            for i, (s, kind) in enumerate(here):
                sides[outer if kind == "bias" or i < (len(here) + 1)//2 else -outer].append(s)
            for side, symbols in sides.items():
                sizes = [self.size(self.label(s)) for s in symbols]
                x = -sum(size[0] + 0.22 for size in sizes)/2
                for s, size in zip(symbols, sizes, strict=True):
                    place = self.at[node] + [x + size[0]/2 + 0.11, side*(self.radius[node] + 0.3 + size[1]/2)]
                    found[s, node] = self.label(s), place, size
                    x += size[0] + 0.22
        return found

    def _frame(self):
        """Moves everything so that it fills a page from (0, 0) to (width, height)."""
        boxes = [(place, np.full(2, self.radius[node])) for node, place in self.at.items()]
        boxes += [(place, size/2) for _, place, size in self.tag.values()]
        low = np.min([place - half for place, half in boxes], axis=0) - 0.12
        high = np.max([place + half for place, half in boxes], axis=0) + 0.12
        self.curve = self._curves()
        low[1] = min(low[1], *(curve[:, 1].min() - 0.3 for curve in self.curve.values()), 0)
        high[1] = max(high[1], *(curve[:, 1].max() + 0.3 for curve in self.curve.values()), 0)
        self.width, self.height = high - low
        self.at = {node: place - low for node, place in self.at.items()}
        self.tag = {key: (text, place - low, size) for key, (text, place, size) in self.tag.items()}
        self.curve = {key: curve - low for key, curve in self.curve.items()}

    def _curves(self):
        """{edge or tag: points from the source to the node}; an edge that would cross a third node bends around it."""
        curves = {}
        for a, b in self.graph.edges:
            others = [(self.at[node], self.radius[node] + 0.08) for node in self.kinds if node not in (a, b)]
            for bend in (0, 0.2, -0.2, 0.35, -0.35, 0.5, -0.5):
                points = bezier(self.at[a], self.at[b], bend)
                if all((np.hypot(*(points - place).T) > r).all() for place, r in others):
                    break
            outside = ((np.hypot(*(points - self.at[a]).T) > self.radius[a])
                       & (np.hypot(*(points - self.at[b]).T) > self.radius[b] + 0.03))
            curves[a, b] = points[outside]
        for (s, node), (_, place, size) in self.tag.items():
            direction = self.at[node] - place
            start = place + direction*size[1]/2/abs(direction[1])
            end = self.at[node] - direction/np.hypot(*direction)*(self.radius[node] + 0.03)
            curves[s, node] = start + np.linspace(0, 1, 41)[:, None]*(end - start)
        return curves

    def places(self, labels):
        """A place on its edge for each label, so that they cover neither each other nor nodes, nor foreign edges."""
        if not labels:
            return []
        share = np.linspace(0.06, 0.94, 45)
        half = np.array([self.size(text)/2 + PAD for _, text, _ in labels])
        spots, cost = [], []
        for (key, _, wanted), h in zip(labels, half, strict=True):
            at = self.curve[key][np.round(share*(len(self.curve[key]) - 1)).astype(int)]
            bad = 2*np.abs(share - wanted)
            for node, place in self.at.items():
                gap = np.hypot(*np.maximum(np.abs(at - place) - h, 0).T)
                bad = bad + 900*np.maximum(0, self.radius[node] + 0.03 - gap)
            for _, place, size in self.tag.values():
                bad = bad + 900*shared(at, h, place, size/2 + PAD)
            bad = bad + crossed(at, h, (curve for other, curve in self.curve.items() if other != key))
            spots.append(at)
            cost.append(bad)
        return settled(spots, cost, half)


def settled(spots, cost, half):
    """One of its spots for each label, each spot at a cost, so that no label covers another; ``half``: half of their sizes."""
    chosen = [int(np.argmin(c)) for c in cost]
    where = np.array([spot[c] for spot, c in zip(spots, chosen, strict=True)])
    for _ in range(20):
        before = chosen.copy()
        for k, spot in enumerate(spots):
            crowd = 900*shared(spot[:, None], half[k], where, half)
            chosen[k] = int(np.argmin(cost[k] + crowd.sum(axis=1) - crowd[:, k]))
            where[k] = spot[chosen[k]]
        if chosen == before:
            break
    return list(where)


def text_size(text, font):
    """Width and height of a text, in inches."""
    return np.array([max(_width(line, font) for line in text.split("\n")), 1.25*font/72*(text.count("\n") + 1)])


@cache
def _width(line, font):
    """The width of a line of text in inches."""
    with matplotlib.rc_context(HOUSE):
        return TextPath((0, 0), line, size=font).get_extents().width/72 if line else 0


def shared(places, half, other, half_other):
    """The area that boxes at ``places`` share with other boxes, plus a little where they share any."""
    sides = np.minimum(half + half_other - np.abs(places - other), 2*np.minimum(half, half_other))
    return np.where((sides > 0).all(axis=-1), 0.02 + np.maximum(sides, 0).prod(axis=-1), 0)


def crossed(places, half, curves):
    """How much of these curves runs through a box at each of the places, as a cost."""
    return sum(0.12*(np.abs(places[:, None] - curve) < half).all(axis=2).sum(axis=1) for curve in curves)


def bezier(a, b, bend):
    """Points of a curve from a to b that leaves the straight line by that share of its length."""
    t = np.linspace(0, 1, 121)[:, None]
    middle = (a + b)/2 + 2*bend*np.array([a[1] - b[1], b[0] - a[0]])
    return (1 - t)**2*a + 2*t*(1 - t)*middle + t**2*b
