"""The computational graph: every quantity with its value and its adjoint, every edge with its local derivative.

    graph(program, values, step)        the graph after so many equations of the backward pass
"""
import matplotlib
from matplotlib.patches import Circle, Rectangle

from ..compute.evaluate import evaluate, worked
from ..derive.partials import local_partials
from ..derive.reverse import reverse
from ..describe.arguments import bounded, expect
from ..describe.digits import short
from ..describe.names import Partial
from ..describe.program import Program
from ..describe.shapes import numbers_only
from .columns import FONT, SMALL, Boxes
from .diagram import FILL
from .graph import forward_only
from .latex import name_latex
from .style import COLORS, HOUSE, figure, ink

MOST = 32               # quantities in one graph
TINT = "#FDE9DC"        # behind an adjoint
DIGITS = 3


def graph(program, values, step=None, alt=None):
    r"""The computational graph of a forward Program at ``values`` {name: number}, with its backward pass.

    Each box holds a quantity v and its value, and below, in italics, its adjoint :math:`\partial E/\partial v`; on each edge
    stands the local derivative of the result by what it is made of. An adjoint is the sum, over the edges that leave its box, of
    local derivative times the adjoint at the other end; where that is more than one product, the edges meet in a plus. E is
    the loss, or the last quantity of a program without one. ``step``: only the adjoints that the first so many equations of
    the backward pass have computed (the one of E by itself, 1, is there from the start), and the edges that the last of them
    came by; by default all. Raises ValueError for a program of arrays, for one with derivatives, and for one of more than 32
    quantities.

    >>> from backprop_sym import Program
    >>> square = Program.parse(["a = x + 1", "E = a*x"])
    >>> print(graph(square, {"x": 3}).alt.replace(". ", ".\n"))
    Computational graph: x = 3, adjoint 7; a = 4, adjoint 3; E = 12, adjoint 1.
    Local derivatives: a by x: 1; E by x: 4; E by a: 3.
    Contributions add at x.
    """
    expect("graph", program=program, values=values, step=step, alt=alt)
    numbers_only(forward_only(program), "a computational graph")
    bounded("a computational graph: quantities", len(program.given) + len(program), MOST,
            "use net.upto(...) for the beginning of the program, or figures.network, which draws a neuron as one circle")
    value, adjoint, local = _numbers(program, values)
    order = list(adjoint)
    if step is not None:
        bounded("step: equations of the backward pass", step, len(order) - 1, "use step=None for all of them")
    known = order if step is None else order[:step + 1]
    text = {s: f"${name_latex(s)}$\n{_said(value[s])}\n{_said(adjoint[s])}" for s in value}
    heading = _heading(order[0], known, step)
    boxes = Boxes(program, heading, text, {key: _said(number) for key, number in local.items()})
    made, axes = figure(alt or _in_words(value, adjoint, local, known, step), boxes.width, boxes.height)
    made.set_layout_engine("none")
    axes.set_axis_off()
    axes.set(position=(0, 0, 1, 1), xlim=(0, boxes.width), ylim=(0, boxes.height))          # one unit is one inch
    with matplotlib.rc_context(HOUSE):
        axes.text(boxes.width/2, boxes.height - 0.2, heading, ha="center", va="center", fontsize=FONT)
        _edges(axes, boxes, local, known[-1] if step else None)
        for s in value:
            _box(axes, boxes, program, s, text[s].split("\n"), s in known)
    return made


def _numbers(program, values):
    """({quantity: value}, {quantity: adjoint} in the order of the backward pass, {(source, result): local derivative})."""
    found = worked(program, values)
    value = {s: found[s] for s in (*program.given, *program.defined)}
    of = program.loss or program.defined[-1]
    back = reverse(program, of=of, wrt=[s for s in (*program.trainable, *value) if s != of])
    adjoint = {of: 1} | {s.wrt: number for s, number in _of(back, value).items()}
    slopes = Program(tuple((Partial(e.lhs, s), slope) for e in program
                           for s, slope in sorted(local_partials(program, e).items(), key=lambda item: program.rank[item[0]])))
    return value, adjoint, {(s.wrt, s.of): number for s, number in _of(slopes, value).items()}


def _of(program, value):
    """{what a program defines: its number}, given numbers by symbol."""
    found = evaluate(program, {s: value[s] for s in program.given})
    return {s: found[s] for s in program.defined}


def _said(number):
    return short(number, DIGITS).replace("-", "\N{MINUS SIGN}")


def _forks(local):
    """The quantities that more than one result is made of: their adjoints are sums."""
    sources = [a for a, _ in local]
    return [s for s in dict.fromkeys(sources) if sources.count(s) > 1]


def _in_words(value, adjoint, local, known, step):
    """What a computational graph shows, in words."""
    boxes = [f"{s} = {short(number, DIGITS)}" + (f", adjoint {short(adjoint[s], DIGITS)}" if s in known else "")
             for s, number in value.items()]
    edges = [f"{b} by {a}: {short(number, DIGITS)}" for (a, b), number in local.items()]
    when = "" if step is None else f" after equation {step} of the backward pass"
    adds = ", ".join(map(str, _forks(local)))
    return (f"Computational graph{when}: {'; '.join(boxes)}. Local derivatives: {'; '.join(edges)}."
            + (f" Contributions add at {adds}." if adds else ""))


# ---- how it is drawn: everything in inches

def _heading(of, known, step):
    """What stands above the graph."""
    if step is None:
        return "In a box: name, value, adjoint. On an edge: local derivative. At a plus: a sum"
    last = rf"$\partial {name_latex(of)}/\partial {name_latex(known[-1])}$"
    return f"Backward pass, before its first equation: {last} = 1" if step == 0 else f"Backward pass, equation {step}: {last}"


def _edges(axes, boxes, local, newest):
    """The edges with their labels; those by which the newest adjoint came stand out."""
    for key, points in boxes.curve.items():
        lit = key[0] == newest
        color = COLORS["vermillion"] if lit else "0.55"
        axes.plot(*points[:-4].T, color=color, linewidth=2.6 if lit else 1.1, zorder=2 if lit else 1, gid="edge",
                  snap=False)                                  # moved to whole pixels, point by point, a straight edge has waves
        axes.annotate("", points[-1], points[-6], zorder=2, arrowprops={
            "arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 10, "linewidth": 0})
        axes.text(*boxes.places[key], _said(local[key]), ha="center", va="center", fontsize=SMALL, zorder=4,
                  color=ink(color) if lit else "0.15", fontweight="bold" if lit else "normal",
                  bbox={"boxstyle": "round,pad=0.06", "facecolor": "white", "edgecolor": "none"})
    for s in _forks(local):
        place = boxes.at[s] + [boxes.half[0] + 0.08, 0]                                    # beside the box: clear of its value
        axes.add_patch(Circle(place, 0.09, facecolor="white", edgecolor=COLORS["vermillion"], linewidth=1.3, zorder=5))
        for dx, dy in ((0.055, 0), (0, 0.055)):
            axes.plot([place[0] - dx, place[0] + dx], [place[1] - dy, place[1] + dy], color=COLORS["vermillion"],
                      linewidth=1.3, zorder=6)


def _box(axes, boxes, program, s, lines, known):
    """A quantity: its name and its value, and below them its adjoint where it is known."""
    (x, y), (w, h) = boxes.at[s], boxes.half
    kind = "loss" if s == program.loss else "hidden neuron" if s in program or s in program.parameters else "input"
    axes.add_patch(Rectangle((x - w, y - h), 2*w, 2*h, facecolor=FILL.get(kind, "white"), edgecolor="black", linewidth=1.3,
                             linestyle="--" if s in program.targets else "-", zorder=3))
    axes.add_patch(Rectangle((x - w, y - h), 2*w, 2*h/3, facecolor=TINT if known else "white", edgecolor="0.3", linewidth=0.8,
                             zorder=3))
    for row, text in enumerate(lines[:2 + known]):
        axes.text(x, y + h - (2*row + 1)*h/3 - 0.01, text, ha="center", va="center", fontsize=FONT, zorder=5,
                  fontstyle="italic" if row == 2 else "normal", color=ink(COLORS["vermillion"]) if row == 2 else "black")
