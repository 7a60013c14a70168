"""Figures: objects that show themselves, and say in words what they show.

    network(program, paths, values)     the network as a diagram, with paths lit
    contributions(chain)                what each path adds to a derivative, as signed bars
    curves(series, xlabel, ylabel)      lines with their names at their ends
    loss(history), parameters(history)  what a run did
    landscape(x, y, z, xlabel, ylabel)  contour lines of a loss over two parameters
    figure(alt)                         an empty one to draw on: (Figure, axes)

Made without pyplot, so there is no hidden state: a figure is drawn where it is the value of a cell.
"""
import io

import matplotlib
import numpy as np
import sympy as sp
from matplotlib.figure import Figure as _Figure
from matplotlib.patches import Circle, FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from .functions import Activation
from .latex import name_latex
from .numeric import decimal

# Okabe and Ito's colours, which colour-blind readers can tell apart.
COLORS = {"black": "#000000", "blue": "#0072B2", "vermillion": "#D55E00", "green": "#009E73", "purple": "#CC79A7",
          "orange": "#E69F00", "sky": "#56B4E9", "yellow": "#F0E442", "grey": "#999999"}
# Nothing rests on colour alone: each line has a dash pattern of its own too.
STYLES = ((COLORS["blue"], "-"), (COLORS["vermillion"], "--"), (COLORS["green"], "-."), (COLORS["purple"], ":"),
          (COLORS["orange"], (0, (5, 1, 1, 1, 1, 1))), (COLORS["sky"], (0, (8, 2))), (COLORS["black"], (0, (1, 1))))
HOUSE = {
    "font.size": 11, "axes.titlesize": 12, "axes.labelsize": 11, "axes.titlepad": 10, "mathtext.fontset": "dejavusans",
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "0.9", "axes.axisbelow": True,
}
DPI = 160               # dots per inch in the file; half of them are shown, so that the figure stays sharp


class Figure(_Figure):
    """A matplotlib figure with an alternative text, which shows itself in a notebook."""

    alt = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        png = io.BytesIO()
        with matplotlib.rc_context(HOUSE):
            self.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
        width, height = (round(inches*DPI/2) for inches in self.get_size_inches())
        return ({"image/png": png.getvalue(), "text/plain": self.alt},
                {"image/png": {"alt": self.alt, "width": width, "height": height}})


def figure(alt, width=6.5, height=3.8, **subplots):
    """An empty figure in the book's style and its axes; ``alt`` says in words what will be seen on it.

    Raises ValueError where ``alt`` is empty: who cannot see a figure must be able to read it.
    """
    if not (isinstance(alt, str) and alt.strip()):
        raise ValueError("alt: expected a sentence that says what the figure shows")
    with matplotlib.rc_context(HOUSE):
        made = Figure(figsize=(width, height), layout="constrained")
        made.alt = alt
        return made, made.subplots(**subplots)


# ---- lines

def curves(series, xlabel, ylabel, title=None, log=False, x=None, alt=None):
    """Lines of {name: array} over ``x`` (0, 1, 2, ... unless given), each with its name at its end.

    ``log``: a logarithmic y axis. Raises ValueError for arrays of different lengths.
    """
    series = {name: np.asarray(values, dtype=float) for name, values in series.items()}
    lengths = {len(values) for values in series.values()} | ({len(x)} if x is not None else set())
    if len(lengths) != 1:
        raise ValueError(f"series: expected arrays of one length, got {sorted(lengths)}")
    x = np.arange(lengths.pop()) if x is None else np.asarray(x)
    said = "; ".join(f"{name} from {values[0]:.3g} to {values[-1]:.3g}" for name, values in series.items())
    made, axes = figure(alt or f"{title or ylabel}: {said}.")
    with matplotlib.rc_context(HOUSE):
        for (name, values), (color, dashes) in zip(series.items(), _cycle(STYLES), strict=False):
            axes.plot(x, values, color=color, linestyle=dashes, linewidth=2.2, label=name)
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
        if log:
            axes.set_yscale("log")
        if len(series) > 1:
            _names_at_ends(axes, x, series)
    return made


def _cycle(styles):
    while True:
        yield from styles


def _names_at_ends(axes, x, series):
    """The name of each line beside its last point, moved apart where two would overlap."""
    axes.margins(x=0.02)
    axes.figure.draw_without_rendering()
    to_pixels, height = axes.transData, axes.bbox.height
    ends = {name: to_pixels.transform((x[-1], values[-1]))[1] for name, values in series.items()}
    gap, order = min(15*axes.figure.dpi/72, height/len(ends)), sorted(ends, key=ends.get)
    placed = []
    for name in order:
        placed.append(max(ends[name], placed[-1] + gap) if placed else ends[name])
    overflow = max(0, placed[-1] - axes.bbox.y1)
    for i in range(len(placed) - 1, -1, -1):           # push back down what was pushed over the top
        placed[i] = min(placed[i] - (overflow if i == len(placed) - 1 else 0),
                        placed[i + 1] - gap if i + 1 < len(placed) else np.inf)
    colors = {line.get_label(): line.get_color() for line in axes.lines}
    for name, y in zip(order, placed, strict=True):
        axes.annotate(_math(name), (1.0, (y - axes.bbox.y0)/height), (8, 0), xycoords="axes fraction", va="center",
                      textcoords="offset points", color=colors[name], annotation_clip=False)


def _math(name):
    """A quantity's name as it is set; other text as it is."""
    return f"${name_latex(name)}$" if name.isidentifier() and (name[-1].isdigit() or "_" in name) else name


def loss(history, log=False):
    """The loss across the epochs of a History."""
    name = name_latex(history.program.loss.name)
    first, last = (decimal(history.loss[i], 4) for i in (0, -1))
    epochs = int(history.epochs[-1])
    return curves({"loss": history.loss}, "epoch", f"loss ${name}$" + (" (logarithmic)" if log else ""),
                  f"The loss falls from {first} to {last}" if history.loss[-1] < history.loss[0] else
                  f"The loss goes from {first} to {last}", log, history.epochs,
                  f"The loss {history.program.loss} over {epochs:,} epochs goes from {first} to {last}"
                  f"{', on a logarithmic axis' if log else ''}.")


def parameters(history, names=None):
    """How far each parameter has moved from its start, across the epochs."""
    names = [str(n) for n in names] if names else list(history.values)
    moves = {name: history.values[name] - history.values[name][0] for name in names}
    return curves(moves, "epoch", "change since the start", "How far each parameter moves", x=history.epochs)


# ---- bars

def contributions(chain):
    """What each path of a chain with values adds to the derivative: signed bars, and their sum.

    Raises ValueError for a chain without values: use ``chain.at(values)``.
    """
    total, paths = chain.value, chain.paths
    shared = set.intersection(*(set(path.nodes) for path in paths)) if len(paths) > 1 else set()
    names = ["through " + next((f"${name_latex(s.name)}$" for s in path.nodes if s not in shared), "the only path")
             for path in paths]
    values = [float(path.contribution) for path in paths] + [float(total)]
    said = "; ".join(f"{path} adds {decimal(path.contribution, 4)}" for path in paths)
    made, axes = figure(f"Bars: {said}; together {decimal(total, 4)}.", height=0.55*len(values) + 1.4)
    with matplotlib.rc_context(HOUSE):
        colors = [STYLES[i % len(STYLES)][0] for i in range(len(paths))] + ["0.2"]
        bars = axes.barh([*names, "together"], values, color=colors, height=0.6)
        for bar, hatch in zip(bars, ["//", "..", "\\\\", "xx"], strict=False):
            bar.set(hatch=hatch if bar is not bars[-1] else "", edgecolor="white")
        axes.bar_label(bars, [decimal(v, 4) for v in values], padding=4)
        axes.axvline(0, color="black", linewidth=1)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.invert_yaxis()
        axes.margins(x=0.28)
        axes.grid(axis="y", visible=False)
        of, wrt = name_latex(chain.of.name), name_latex(chain.wrt.name)
        axes.set(xlabel=rf"contribution to $\partial {of} / \partial {wrt}$")
    return made


# ---- landscapes

def landscape(x, y, z, xlabel, ylabel, paths=None, title=None, alt=None):
    """Contour lines of z over x and y (z[j, i] at x[i], y[j]), with paths {name: (xs, ys)} from a circle to a star."""
    paths = paths or {}
    said = f"Contours of the loss over {xlabel} and {ylabel}, from {np.min(z):.3g} to {np.max(z):.3g}"
    made, axes = figure(alt or said + "".join(f"; path {name}" for name in paths) + ".", height=5)
    with matplotlib.rc_context(HOUSE):
        filled = axes.contourf(x, y, z, levels=14, cmap="cividis")
        lines = axes.contour(x, y, z, levels=filled.levels[::2], colors="white", linewidths=0.7)
        axes.clabel(lines, fontsize=8, fmt="%.3g")
        for (name, (xs, ys)), (color, dashes) in zip(paths.items(), _cycle(STYLES[1:]), strict=False):
            axes.plot(xs, ys, color="white", linewidth=3.5)
            axes.plot(xs, ys, color=color, linestyle=dashes, linewidth=2, label=name)
            axes.plot(xs[0], ys[0], "o", color=color, markersize=8, markeredgecolor="white")
            axes.plot(xs[-1], ys[-1], "*", color=color, markersize=14, markeredgecolor="white")
        made.colorbar(filled, ax=axes, label="loss")
        if paths:
            axes.legend(loc="best", framealpha=0.9)
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xlim=(np.min(x), np.max(x)), ylim=(np.min(y), np.max(y)))
        axes.grid(visible=False)
    return made


# ---- the network

RADIUS, COLUMN, ROW = 0.42, 2.6, 1.9        # of the diagram, in its own units


class _Diagram:
    """Where the neurons of a program stand and what leads to them, read off its equations."""

    def __init__(self, program):
        self.program = program
        uses = {}
        for e in program:
            for s in e.rhs.free_symbols:
                uses.setdefault(s, []).append(e.lhs)
        # z and a = f(z) are one neuron where nothing else uses z
        self.neuron = {s: s for s in (*program.inputs, *program.defined)}
        for e in program:
            if isinstance(e.rhs, Activation) and e.rhs.args[0] in program and len(uses[e.rhs.args[0]]) == 1:
                self.neuron[e.rhs.args[0]] = e.lhs
        self.edges, self.biases = {}, {}               # (neuron, neuron): parameters; neuron: parameters
        for e in program:
            self._read(e)
        depth = dict.fromkeys(program.inputs, 0)
        for e in program:
            node = self.neuron[e.lhs]
            before = [depth[a] for a, b in self.edges if b == node and a in depth]
            depth[node] = max([depth.get(node, 0), *(d + 1 for d in before)]) if before else depth.get(node, 1)
        columns = {}
        for node in dict.fromkeys(self.neuron[s] for s in self.neuron):
            columns.setdefault(depth[node], []).append(node)
        self.columns = [columns[d] for d in sorted(columns)]
        self.place = {node: (i*COLUMN, (len(column) - 1)/2*ROW - j*ROW)
                      for i, column in enumerate(self.columns) for j, node in enumerate(column)}

    def _read(self, e):
        node = self.neuron[e.lhs]
        inside = e.rhs.args[0] if isinstance(e.rhs, Activation) else e.rhs
        for term in sp.Add.make_args(inside):
            weights = [s for s in self.program.parameters if s in term.free_symbols]
            sources = [self.neuron[s] for s in sorted(term.free_symbols, key=str) if s in self.neuron]
            if not sources and len(weights) == 1:
                self.biases.setdefault(node, []).append(weights[0])
            for source in sources:
                if source != node:
                    self.edges.setdefault((source, node), []).extend(weights)

    def route(self, path):
        """The neurons that a path runs through, from its parameter to the loss, and the parameter."""
        symbols = path.nodes[::-1]
        parameter = symbols[0] if symbols[0] in self.program.parameters else None
        nodes = list(dict.fromkeys(self.neuron[s] for s in symbols if s in self.neuron))
        sources = [a for (a, b), weights in self.edges.items() if parameter in weights and b == nodes[0]]
        return (sources[:1] + nodes if sources else nodes), parameter


def network(program, paths=(), values=None, alt=None):
    """A network diagram of any forward Program, with ``paths`` of a chain lit from the loss down to their parameter.

    Inputs stand at the left, the loss at the right. Edges carry their weights, with their values where ``values``
    {name: number} has them; biases come from above; targets are dashed. Each path has its own colour and dashes.
    Raises ValueError for a path that is not one of this program.
    """
    diagram, paths = _Diagram(program), tuple(paths)
    for path in paths:
        if odd := [s for s in path.nodes if s not in diagram.neuron and s not in program.parameters]:
            raise ValueError(f"path {path}: {odd[0]} is not in this program")
    xs, ys = zip(*diagram.place.values(), strict=True)
    left, right, low, high = min(xs) - 0.6, max(xs) + 0.9, min(ys) - 0.6, max(ys) + (1.2 if diagram.biases else 0.6)
    low, high = min(low, -1.4), max(high, 1.4)          # the targets above and below the loss
    sizes = "-".join(str(len(c)) for c in diagram.columns)
    lit = "".join(f" Lit, path {i}: {path}." for i, path in enumerate(paths, 1))
    made, axes = figure(alt or f"Network diagram, neurons in columns {sizes} from the inputs to {program.loss}; "
                        f"{len(program.parameters)} parameters on the edges.{lit}",
                        width=0.75*(right - left), height=0.75*(high - low))
    values = {str(k): v for k, v in (values or {}).items()}
    routes = [diagram.route(path) for path in paths]
    with matplotlib.rc_context(HOUSE):
        _draw_edges(axes, diagram, routes, values)
        _draw_neurons(axes, diagram, routes, values)
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set(xlim=(left, right), ylim=(low, high))
    return made


def _labelled(s, values):
    value = values.get(s.name)
    return f"${name_latex(s.name)}$" + (f" = {decimal(_number(value), 4)}" if value is not None else "")


def _number(value):
    import mpmath

    from .numeric import exact
    return exact("", value) if not isinstance(value, mpmath.mpf) else value


def _draw_edges(axes, diagram, routes, values):
    quiet = "0.75" if routes else "0.55"
    box = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
    lit_edges = {edge for nodes, _ in routes for edge in zip(nodes, nodes[1:], strict=False)}
    for a, b in (edge for edge in diagram.edges if edge not in lit_edges):
        (xa, ya), (xb, yb) = diagram.place[a], diagram.place[b]
        axes.plot((xa, xb), (ya, yb), color=quiet, linewidth=1.2, zorder=1)
    for i, (nodes, _) in enumerate(routes):
        color, dashes = STYLES[i % len(STYLES)]
        shift = 0.09*(i - (len(routes) - 1)/2)
        for a, b in zip(nodes, nodes[1:], strict=False):
            (xa, ya), (xb, yb) = diagram.place[a], diagram.place[b]
            axes.plot((xa, xb), (ya + shift, yb + shift), color=color, linestyle=dashes, linewidth=3, zorder=2,
                      gid=f"path {i + 1}")
        if nodes and len(routes) > 1:
            (xa, ya), (xb, yb) = diagram.place[nodes[-2]], diagram.place[nodes[-1]]
            above = 1 if yb < ya or (yb == ya and i % 2 == 0) else -1
            along = 0.5 + 0.22*(i//2 - (len(routes) - 1)//2/2)      # where more than two end on one edge, side by side
            axes.text(xa + along*(xb - xa), ya + along*(yb - ya) + 0.36*above, f"path {i + 1}", color=color, fontsize=11,
                      ha="center", va="center", fontweight="bold", zorder=5)
    chosen = {parameter: STYLES[i % len(STYLES)][0] for i, (_, parameter) in reversed(list(enumerate(routes)))}
    for (a, b), weights in diagram.edges.items():
        if weights:
            (xa, ya), (xb, yb) = diagram.place[a], diagram.place[b]
            fan = len({target for source, target in diagram.edges if source == a})
            along = max(1/(fan + 1), 0.22) if fan > 1 else 0.5
            along += 0.06*bool(values) if abs(yb - ya) < 1e-9 else 0
            label = ", ".join(_labelled(w, values) for w in weights)
            lit = [w for w in weights if w in chosen]
            axes.text(xa + along*(xb - xa), ya + along*(yb - ya), label, ha="center", va="center", fontsize=10,
                      fontweight="bold" if lit else "normal", zorder=4,
                      bbox={**box, "edgecolor": "black" if lit else "none"})
    for node, biases in diagram.biases.items():
        x, y = diagram.place[node]
        lit = any(b in chosen for b in biases)
        axes.annotate(", ".join(_labelled(b, values) for b in biases), (x, y + RADIUS), (x, y + RADIUS + 0.36),
                      fontsize=10, ha="center", va="bottom", zorder=4, fontweight="bold" if lit else "normal",
                      arrowprops={"arrowstyle": "-|>", "color": chosen.get(biases[0], quiet) if lit else quiet,
                                  "linewidth": 3 if lit else 1.2, "shrinkA": 0, "shrinkB": 0})


def _draw_neurons(axes, diagram, routes, values):
    program = diagram.program
    on = {node for nodes, _ in routes for node in nodes}
    merged = {}
    for s, node in diagram.neuron.items():
        if s != node:
            merged[node] = s
    for node, (x, y) in diagram.place.items():
        strong = not routes or node in on
        edge, face = ("black", "white") if strong else ("0.7", "white")
        if node == program.loss:
            axes.add_patch(FancyBboxPatch((x - 0.5, y - 0.32), 1.0, 0.64, boxstyle="round,pad=0.06", facecolor=face,
                                          edgecolor=edge, linewidth=1.5, zorder=3))
        else:
            axes.add_patch(Circle((x, y), RADIUS, facecolor="#EAF2F8" if node in program.inputs else face,
                                  edgecolor=edge, linewidth=1.5, zorder=3))
        names = [merged[node], node] if node in merged else [node]
        text = "\n".join(f"${name_latex(s.name)}$" for s in names)
        if node in program.inputs and node.name in values:
            text += f"\n{decimal(_number(values[node.name]), 4)}"
        elif node.name in values:
            text = f"${name_latex(node.name)}$\n{decimal(_number(values[node.name]), 4)}"
        axes.text(x, y, text, ha="center", va="center", fontsize=11 if "\n" not in text else 10, zorder=5,
                  color="black" if strong else "0.5", linespacing=1.15)
    for node, (x, y) in diagram.place.items():
        _draw_targets(axes, [t for t in program.targets if node in program and t in program[node].rhs.free_symbols],
                      x, y, values)


def _draw_targets(axes, targets, x, y, values):
    """The targets of a loss, half of them above it and half below."""
    above = (len(targets) + 1)//2
    for i, t in enumerate(targets):
        row = i % above
        tx, ty = x + 0.75*(row - (above - 1)/2), y + (1.05 if i < above else -1.05)
        axes.plot((tx, x), (ty, y), color="0.6", linestyle="--", linewidth=1.2, zorder=1)
        axes.text(tx, ty, _labelled(t, values), ha="center", va="center", fontsize=10, zorder=4,
                  bbox={"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": "0.6", "linestyle": "--"})
