"""The network diagram: the graph of a forward Program, laid out, drawn, and told in words.

    network(program, paths, values)     the diagram, with paths lit
"""
from functools import cache

import matplotlib
import numpy as np
from matplotlib.patches import Circle
from matplotlib.textpath import TextPath

from ..derive.chain import Path
from ..describe.digits import decimal
from ..describe.values import exact
from .graph import Graph
from .latex import name_latex
from .style import HOUSE, STYLES, figure, ink

PLURALS = {"other quantity": "other quantities"}


def _checked(program, paths):
    """The paths as a tuple, each held against the equations."""
    paths = (paths,) if isinstance(paths, Path) else tuple(paths)
    for path in paths:
        if not isinstance(path, Path):
            raise TypeError(f"paths: expected the paths of a chain, such as chain(net, 'w1').paths, got {path!r}")
        for of, wrt in ((f.partial.of, f.partial.wrt) for f in path.factors):
            if of not in program or wrt not in program[of].rhs.free_symbols:
                raise ValueError(f"path {path} is not in this program: no equation leads from {wrt} to {of}")
    return paths


def network(program, paths=(), values=None, alt=None):
    """A network diagram of any forward Program, with ``paths`` of a chain lit from the loss down to their parameter.

    Inputs stand at the left, the loss at the right; a weighted sum and its activation share a circle. Edges carry
    their weights, biases come from below, targets are dashed; all with their numbers where ``values`` {name: number}
    has them (for those of the neurons too, put in what ``program.evaluate`` gives). Each path has its own colour,
    dashes and width. Raises ValueError for a path that is not one of this program and for a program with derivatives.

    >>> from backprop_sym import Program
    >>> net = network(Program.parse(["z = x*w + b", "p = sigmoid(z)", "E = (p - y)**2"], inputs="x", targets="y",
    ...                             parameters="w b", loss="E"))
    >>> print(net.alt)
    Network with 1 input (x), 1 output (z, p) and the loss E. Edges: w from x to z; p to E. Bias: b at z. Target: y at E.
    """
    paths = _checked(program, paths)
    values = {str(k): exact(str(k), v) for k, v in (values or {}).items()}
    graph = Graph.of(program)
    diagram = _Diagram(program, graph, values, len(paths))
    made, axes = figure(alt or _in_words(program, graph, paths, values), diagram.width, diagram.height)
    made.set_layout_engine("none")
    axes.set_axis_off()
    axes.set(position=(0, 0, 1, 1), xlim=(0, diagram.width), ylim=(0, diagram.height))     # one unit is one inch
    with matplotlib.rc_context(HOUSE):
        diagram.draw(axes, [graph.route(path) for path in paths],
                     [path.nodes[-1] for path in paths if path.factors])
    return made


def _in_words(program, graph, paths, values):
    """What a network diagram shows, in words: what there is, what leads where, what is lit."""
    kinds = graph.kinds(program)
    groups = {}
    for node, kind in kinds.items():
        groups.setdefault(kind, []).append(", ".join(s.name for s in node))
    there = [f"{len(group)} {kind if len(group) == 1 else PLURALS.get(kind, kind + 's')}"
             f" ({'; '.join(group)})" for kind, group in groups.items() if kind != "loss"]
    text = f"Network with {', '.join(there)}" + (f" and the loss {program.loss}" if program.loss else "") + ". Edges: "
    text += "; ".join(", ".join(map(str, carried)) + " from "*bool(carried) + f"{a[-1]} to {b[0]}"
                      for (a, b), carried in graph.edges.items()) + "."
    for tag, title in (("bias", "Bias"), ("target", "Target")):
        found = [f"{s} at {node[0]}" for (s, node), kind in graph.tags.items() if kind == tag]
        text += f" {title}{('' if len(found) == 1 else 'es' if tag == 'bias' else 's')}: {', '.join(found)}." if found else ""
    shown = [f"{s} = {decimal(values[s.name], 4)}" for s in (*program.given, *program.defined) if s.name in values]
    text += f" Values: {', '.join(shown)}." if shown else ""
    return text + "".join(f" Lit, path {i}: {path}." for i, path in enumerate(paths, 1))


# ---- how the diagram is drawn: everything in inches

FONT, RADIUS, PAD = 12, 0.34, 0.05
WIDTHS = (4.6, 3.4)                  # of lit paths, in points, in turn
FILL = {"input": "#EDEDED", "loss": "#FBE9D9"}


class _Diagram:
    """Where everything stands and what is written there; ``draw`` puts it on axes."""

    def __init__(self, program, graph, values, lit):
        self.graph, self.values, self.lit, self.kinds = graph, values, lit, graph.kinds(program)
        columns = [[node for node in self.kinds if graph.column[node] == c] for c in range(max(graph.column.values()) + 1)]
        # a wide diagram is shown smaller: larger letters, and narrower labels
        self.font, self.join = (FONT, " = ") if len(columns) < 5 else (FONT + 1.5, "\n")
        self.name = {node: "\n".join([f"${name_latex(s)}$" for s in node] + [
            self.number(s) for s in node[-1:] if s.name in values]) for node in self.kinds}
        self.radius = {node: max(RADIUS, np.hypot(*self.size(text))/2 + 0.02) for node, text in self.name.items()}
        widest = max([self.size(self._carried(key))[0] for key in graph.edges], default=0)
        between = [sum(graph.column[a] == c for a, _ in graph.edges) for c in range(len(columns))]
        step = 2*max(self.radius.values()) + max(0.95 + 0.4*(lit > 2), widest + 0.3) + 0.08*max(0, max(between) - 4)
        row = 2*max(self.radius.values()) + (1.0 if max(map(len, columns)) == 2 else 0.65 if not values else 0.9)
        self.at = {node: np.array([c*step, ((len(column) - 1)/2 - j)*row])
                   for c, column in enumerate(columns) for j, node in enumerate(column)}
        self.tag = self._tags()
        self._frame()

    def size(self, text):
        """Width and height of a text."""
        return np.array([max(_width(line, self.font) for line in text.split("\n")),
                         1.25*self.font/72*(text.count("\n") + 1)])

    def label(self, s):
        return f"${name_latex(s)}$" + (self.join + self.number(s) if s.name in self.values else "")

    def number(self, s):
        return decimal(self.values[s.name], 4).replace("-", "\N{MINUS SIGN}")

    def _carried(self, key):
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
                points = _bezier(self.at[a], self.at[b], bend)
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

    def draw(self, axes, routes, ends):
        """Edges, nodes, labels, and over the edges the routes, each a list of edges, which end at the parameters."""
        quiet = "0.72" if self.lit else "0.5"
        shares = {key: [i for i, route in enumerate(routes) if key in route] for key in self.curve}
        for key, curve in self.curve.items():
            target = self.graph.tags.get(key) == "target"
            axes.plot(*curve.T, color=quiet, linewidth=1.2, linestyle="--" if target else "-", zorder=1, gid="edge")
            if not shares[key]:
                _arrow(axes, curve, quiet, 11)
        self._nodes(axes, {node for route in routes for key in route for node in key})
        labels = [(key, self._carried(key), 0.4) for key, carried in self.graph.edges.items() if carried]
        for i, route in enumerate(routes):
            if route:
                free = [key for key in route if ends[i] not in (key[0], *self.graph.edges.get(key, ()))] or route
                labels.append((min(free, key=lambda key: len(shares[key])), f"path {i + 1}", 0.5))
        where = self._places(labels)
        for k, (key, text, _) in enumerate(labels):
            path = k - (len(labels) - len([r for r in routes if r]))
            end = path < 0 and bool(set(self.graph.edges[key]) & set(ends))
            _text(axes, where[k], text, self.font, end, "black" if path < 0 else ink(STYLES[path % len(STYLES)][0]),
                  path >= 0, "0.45" if self.lit and path < 0 and not shares[key] else None)
        for (s, node), (text, place, _) in self.tag.items():
            _text(axes, place, text, self.font, s in ends, "black", False,
                  "0.45" if self.lit and not shares[s, node] else None, self.graph.tags[s, node] == "target")
        sizes = {key: (where[k], self.size(text)) for k, (key, text, _) in enumerate(labels)
                 if not text.startswith("path")}
        for i, route in enumerate(routes):
            for key in route:
                self._light(axes, i, key, shares[key], sizes.get(key) if ends[i] in self.graph.edges.get(key, ()) else None)

    def _nodes(self, axes, on):
        for node, place in self.at.items():
            strong = not self.lit or node in on
            axes.add_patch(Circle(place, self.radius[node], facecolor=FILL.get(self.kinds[node], "white"),
                                  edgecolor="black" if strong else "0.7", linewidth=1.5, zorder=3))
            axes.text(*place, self.name[node], ha="center", va="center", fontsize=self.font, zorder=5, linespacing=1.2,
                      color="black" if strong else "0.45")

    def _light(self, axes, i, key, sharing, label):
        """One edge of path i: beside the others that use it, from the node back to the source or to the parameter."""
        points = self.curve[key]
        along = np.gradient(points, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)/np.hypot(*along.T)[:, None]
        if label is not None:
            place, size = label
            inside = (np.abs(points - place) < size/2 + 0.11).all(axis=1)
            points, normal = (a[np.flatnonzero(inside)[-1] + 1:] if inside.any() else a for a in (points, normal))
        points = (points + normal*0.085*(sharing.index(i) - (len(sharing) - 1)/2))[::-1]
        color, dashes, _ = STYLES[i % len(STYLES)]
        tip = np.hypot(*(points - points[-1]).T) < 0.13          # the arrow's head, which the line must not blunt
        axes.plot(*points[~tip | (len(points) < 5)].T, color=color, linestyle=dashes, linewidth=WIDTHS[i % 2], zorder=2,
                  gid=f"path {i + 1}")
        _arrow(axes, points, color, 17)

    def _places(self, labels):
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
                bad = bad + 900*_overlap(at, h, place, size/2 + PAD)
            for other, curve in self.curve.items():
                if other != key:
                    bad = bad + 0.12*(np.abs(at[:, None] - curve) < h).all(axis=2).sum(axis=1)
            spots.append(at)
            cost.append(bad)
        chosen = [int(np.argmin(c)) for c in cost]
        where = np.array([spot[c] for spot, c in zip(spots, chosen, strict=True)])
        for _ in range(20):
            before = chosen.copy()
            for k, spot in enumerate(spots):
                crowd = 900*_overlap(spot[:, None], half[k], where, half)
                chosen[k] = int(np.argmin(cost[k] + crowd.sum(axis=1) - crowd[:, k]))
                where[k] = spot[chosen[k]]
            if chosen == before:
                break
        return list(where)


@cache
def _width(line, font):
    """The width of a line of text in inches."""
    with matplotlib.rc_context(HOUSE):
        return TextPath((0, 0), line, size=font).get_extents().width/72 if line else 0


def _overlap(places, half, other, half_other):
    """The area that boxes at ``places`` share with other boxes, plus a little where they share any."""
    sides = np.minimum(half + half_other - np.abs(places - other), 2*np.minimum(half, half_other))
    return np.where((sides > 0).all(axis=-1), 0.02 + np.maximum(sides, 0).prod(axis=-1), 0)


def _bezier(a, b, bend):
    """Points of a curve from a to b that leaves the straight line by that share of its length."""
    t = np.linspace(0, 1, 121)[:, None]
    middle = (a + b)/2 + 2*bend*np.array([a[1] - b[1], b[0] - a[0]])
    return (1 - t)**2*a + 2*t*(1 - t)*middle + t**2*b


def _arrow(axes, points, color, size):
    axes.annotate("", points[-1], points[-3], zorder=2, arrowprops={
        "arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0, "mutation_scale": size, "linewidth": 0})


def _text(axes, place, text, size, end, color, strong, pale, target=False):
    """A label in a white box; the parameter at the end of a path stands out, a target is dashed."""
    edge = "black" if end else "0.6" if target else "none"
    axes.text(*place, text, ha="center", va="center", fontsize=size, color=pale or color, zorder=6 if end else 4,
              fontweight="bold" if strong or end else "normal",
              bbox={"boxstyle": f"round,pad={0.28 if end or target else 0.1}", "facecolor": "#FFF3B0" if end else "white",
                    "edgecolor": edge, "linewidth": 1.6 if end else 1, "linestyle": "--" if target and not end else "-"})
