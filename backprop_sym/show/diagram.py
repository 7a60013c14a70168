"""The network diagram: the graph of a forward Program, laid out, drawn, and told in words.

    network(program, paths, values)     the diagram, with paths lit
"""

import matplotlib
import numpy as np
from matplotlib.patches import Circle

from ..derive.chain import Path
from ..describe.arguments import expect
from ..describe.digits import short
from ..describe.nearest import said
from ..describe.shapes import numbers_only
from ..describe.values import exact
from .graph import Graph
from .layout import Layout
from .style import HOUSE, STYLES, figure, ink

HEADING = 0.35          # inches for a title
PLURALS = {"other quantity": "other quantities"}


def _checked(program, paths):
    """The paths as a tuple, each held against the equations."""
    expect(paths=paths)
    paths = (paths,) if isinstance(paths, Path) else tuple(paths)
    for path in paths:
        if not isinstance(path, Path):
            raise TypeError(f"paths: expected the paths of a chain, such as chain(net, 'w1').paths, got {said(path)}")
        for of, wrt in ((f.partial.of, f.partial.wrt) for f in path.factors):
            if of not in program or wrt not in program[of].rhs.free_symbols:
                raise ValueError(f"path {path} is not in this program: no equation leads from {wrt} to {of}")
    return paths


def network(program, paths=(), values=None, alt=None, title=None):
    """A network diagram of any forward Program, with ``paths`` of a chain lit from the loss down to their parameter.

    Inputs stand at the left, the loss at the right; a weighted sum and its activation share a circle. Edges carry
    their weights, biases come from below, targets are dashed; all with their numbers where ``values`` {name: number}
    has them (for those of the neurons too, put in what ``program.evaluate`` gives). Each path has its own colour,
    dashes and width. A ``title`` stands above. Raises ValueError for a path that is not one of this program and for a program
    with derivatives.

    >>> from backprop_sym import Program
    >>> net = network(Program.parse(["z = x*w + b", "p = sigmoid(z)", "E = (p - y)**2"], inputs="x", targets="y",
    ...                             parameters="w b", loss="E"))
    >>> print(net.alt)
    Network with 1 input (x), 1 output (z, p) and the loss E. Edges: w from x to z; p to E. Bias: b at z. Target: y at E.
    """
    expect("network", program=program, values=values, alt=alt, title=title)
    paths = _checked(program, paths)
    if values:
        numbers_only(program, "values of a network diagram")
    values = {str(k): exact(str(k), v) for k, v in (values or {}).items()}
    graph = Graph.of(program)
    layout = Layout(program, graph, values, len(paths))
    height = layout.height + HEADING*bool(title)
    made, axes = figure(alt or _in_words(program, graph, paths, values), layout.width, height)
    made.set_layout_engine("none")
    axes.set_axis_off()
    axes.set(position=(0, 0, 1, layout.height/height), xlim=(0, layout.width), ylim=(0, layout.height))     # one unit is one inch
    with matplotlib.rc_context(HOUSE):
        if title:
            made.text(0.5, 1 - HEADING/2/height, title, ha="center", va="center", fontsize=13)
        _draw(axes, layout, [graph.route(path) for path in paths], [path.nodes[-1] for path in paths if path.factors])
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
    shown = [f"{s} = {short(values[s.name], 4)}" for s in (*program.given, *program.defined) if s.name in values]
    text += f" Values: {', '.join(shown)}." if shown else ""
    return text + "".join(f" Lit, path {i}: {path}." for i, path in enumerate(paths, 1))


# ---- how the diagram is drawn: everything in inches

WIDTHS = (4.6, 3.4)                  # of lit paths, in points, in turn
FILL = {"input": "#EDEDED", "loss": "#FBE9D9"}


def _draw(axes, layout, routes, ends):
    """Edges, nodes, labels, and over the edges the routes, each a list of edges, which end at the parameters."""
    quiet = "0.72" if layout.lit else "0.5"
    shares = {key: [i for i, route in enumerate(routes) if key in route] for key in layout.curve}
    for key, curve in layout.curve.items():
        target = layout.graph.tags.get(key) == "target"
        axes.plot(*curve.T, color=quiet, linewidth=1.2, linestyle="--" if target else "-", zorder=1, gid="edge")
        if not shares[key]:
            _arrow(axes, curve, quiet, 11)
    _nodes(axes, layout, {node for route in routes for key in route for node in key})
    labels = [(key, layout.carried(key), 0.4) for key, carried in layout.graph.edges.items() if carried]
    for i, route in enumerate(routes):
        if route:
            free = [key for key in route if ends[i] not in (key[0], *layout.graph.edges.get(key, ()))] or route
            labels.append((min(free, key=lambda key: len(shares[key])), f"path {i + 1}", 0.5))
    where = layout.places(labels)
    for k, (key, text, _) in enumerate(labels):
        path = k - (len(labels) - len([r for r in routes if r]))
        end = path < 0 and bool(set(layout.graph.edges[key]) & set(ends))
        _text(axes, where[k], text, layout.font, end, "black" if path < 0 else ink(STYLES[path % len(STYLES)][0]),
              path >= 0, "0.45" if layout.lit and path < 0 and not shares[key] else None)
    for (s, node), (text, place, _) in layout.tag.items():
        _text(axes, place, text, layout.font, s in ends, "black", False,
              "0.45" if layout.lit and not shares[s, node] else None, layout.graph.tags[s, node] == "target")
    sizes = {key: (where[k], layout.size(text)) for k, (key, text, _) in enumerate(labels) if key in layout.graph.edges
             and text == layout.carried(key)}
    for i, route in enumerate(routes):
        for key in route:
            _light(axes, layout, i, key, shares[key], sizes.get(key) if ends[i] in layout.graph.edges.get(key, ()) else None)


def _nodes(axes, layout, on):
    for node, place in layout.at.items():
        strong = not layout.lit or node in on
        axes.add_patch(Circle(place, layout.radius[node], facecolor=FILL.get(layout.kinds[node], "white"),
                              edgecolor="black" if strong else "0.7", linewidth=1.5, zorder=3))
        axes.text(*place, layout.name[node], ha="center", va="center", fontsize=layout.font, zorder=5, linespacing=1.2,
                  color="black" if strong else "0.45")


def _light(axes, layout, i, key, sharing, label):
    """One edge of path i: beside the others that use it, from the node back to the source or to the parameter."""
    points = layout.curve[key]
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
