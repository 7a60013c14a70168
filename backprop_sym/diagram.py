"""The network as a diagram, read off the equations of any forward Program.

    network(program, paths, values)     neurons, weights with names and values, paths lit
"""
import matplotlib
import mpmath
import sympy as sp
from matplotlib.patches import Circle, FancyBboxPatch

from .functions import Activation
from .latex import name_latex
from .numeric import decimal, exact
from .style import HOUSE, STYLES, figure

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
            z = e.rhs.args[0] if isinstance(e.rhs, Activation) else None
            if z is not None and z.is_Symbol and z in program and len(uses[z]) == 1:
                self.neuron[z] = e.lhs
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
