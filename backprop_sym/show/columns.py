"""Where everything stands in a computational graph, in inches: a box for each quantity, in columns from left to right.

    columns(program)                        the quantities by column: a result stands right of all that it is made of
    Boxes(program, heading, text, label)    .at, .half, .column of quantities; .curve of edges; .places of the labels on them
"""
import numpy as np

from ..describe.dataflow import depths, users
from .layout import bezier, crossed, settled, shared, text_size

FONT, SMALL, PAD, GAP = 13, 12, 0.09, 0.17
ROOM, WIDEST = 0.18, 10.6       # more room beside a label, so that its edge is not read as a minus; as far as a page can hold it


def columns(program):
    """The quantities by column, each column in an order in which few edges cross.

    >>> from backprop_sym import Program
    >>> columns(Program.parse(["z = x*w", "a = sigmoid(z)", "E = (a - y)**2"]))
    [[w, x], [z], [a, y], [E]]
    """
    uses, depth = users(program), depths(program)
    depth |= {s: min(depth[u] for u in uses[s]) - 1 for s in program.given}
    found = [[s for s in (*program.defined, *program.given) if depth[s] == c] for c in range(max(depth.values()) + 1)]
    beside = {s: list(uses.get(s, ())) for s in depth}
    for e in program:
        beside[e.lhs] += sorted(e.uses, key=lambda s: program.rank[s])
    height = {s: y for column in found for s, y in _spread(column, 1).items()}
    for column in [*reversed(found), *found]*3:              # each where its neighbours are, on average
        column.sort(key=lambda s: -sum(height[o] for o in beside[s])/max(1, len(beside[s])))
        height |= _spread(column, 1)
    return found


def _spread(column, total):
    """{quantity: height}: from the top of a height to its foot, at equal distances."""
    return {s: total*(0.5 - (i + 0.5)/len(column)) for i, s in enumerate(column)}


class Boxes:
    """A box for each quantity, as large as the largest text in one; edges between their sides, with labels; a heading above."""

    def __init__(self, program, heading, text, label):
        found = columns(program)
        self.column = {s: c for c, column in enumerate(found) for s in column}
        size = np.max([text_size(text[s], FONT) for s in self.column], axis=0) + 2*PAD
        self.half = size/2
        closest = size[0] + 0.32 + max(text_size(text, SMALL)[0] for text in label.values())
        step = max(closest, min(closest + ROOM, (WIDEST - size[0])/max(1, len(found) - 1)))
        row, width = size[1] + GAP, step*(len(found) - 1) + size[0]
        height = max(map(len, found))*row
        self.width, self.height = max(width, text_size(heading, FONT)[0]) + 0.3, height + 0.45
        left = (self.width - width)/2 + self.half[0]
        self.at = {s: np.array([left + c*step, height/2 + y])
                   for c, column in enumerate(found) for s, y in _spread(column, height).items()}
        self.curve = {(a, b): self._curve(a, b) for a, b in label}
        self.places = dict(zip(label, self._places(label), strict=True))

    def _curve(self, a, b):
        """Points from the right side of one box to the left side of another, around those that stand between."""
        start, end = self.at[a] + [self.half[0] + 0.06, 0], self.at[b] - [self.half[0] + 0.02, 0]
        others = [self.at[s] for s, c in self.column.items() if self.column[a] < c < self.column[b]]
        for bend in (0, 0.1, -0.1, 0.2, -0.2, 0.3, -0.3, 0.4, -0.4, 0.5, -0.5):
            points = bezier(start, end, bend)
            inside = (points[:, 1] > 0.1) & (points[:, 1] < self.height - 0.4)
            if inside.all() and all((np.abs(points - place) > self.half + 0.05).any(axis=1).all() for place in others):
                break
        return points

    def _places(self, label):
        """A place for each label on its edge: near the source, where few edges are close, and clear of the boxes."""
        share, spots, cost = np.linspace(0.1, 0.9, 41), [], []
        half = np.array([text_size(text, SMALL)/2 + 0.02 for text in label.values()])
        for key, h in zip(label, half, strict=True):
            at = self.curve[key][np.round(share*(len(self.curve[key]) - 1)).astype(int)]
            bad = 2*np.abs(share - 0.4)
            for place in self.at.values():
                bad = bad + 900*shared(at, h + 0.04, place, self.half)
            bad = bad + crossed(at, h, (curve for other, curve in self.curve.items() if other != key))
            spots.append(at)
            cost.append(bad)
        return settled(spots, cost, half)
