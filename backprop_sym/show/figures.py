"""Figures: objects that show themselves, and say in words what they show.

    network(program, paths, values)     the network as a diagram, with paths lit
    graph(program, values, step)        the computational graph: value, adjoint and local derivatives, as far as a pass has come
    contributions(chain)                what each path adds to a derivative, as signed bars
    curves(series, xlabel, ylabel)      lines with their names at their ends
    loss(history), parameters(history)  what a run did
    landscape(x, y, z, xlabel, ylabel)  contour lines of a loss over two parameters
    pictures(images), confusion(found, wanted)      samples and weights as pictures; which class was taken for which
    figure(alt)                         an empty one to draw on: (Figure, axes)

Made without pyplot, so there is no hidden state: a figure is drawn where it is the value of a cell.
"""
from itertools import cycle, islice

import matplotlib
import numpy as np
from matplotlib.patches import ConnectionPatch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from ..describe.arguments import are_numbers, expect
from ..describe.digits import short
from ..describe.names import symbols
from ..describe.nearest import said, unknown
from ..describe.shapes import numbers_only
from .computation import graph
from .diagram import network
from .graph import Graph
from .latex import name_latex, number_latex
from .pictures import confusion, pictures
from .style import COLORS, HOUSE, STYLES, Figure, figure, ink

__all__ = ["COLORS", "STYLES", "Figure", "confusion", "contributions", "curves", "figure", "graph", "landscape", "loss",
           "network", "parameters", "pictures"]


# ---- lines

def curves(series, xlabel, ylabel, title=None, log=False, x=None, alt=None):
    """Lines of {name: array} over ``x`` (0, 1, 2, ... unless given), each with its name at its end.

    ``log``: a logarithmic y axis. Raises ValueError where there is no series, for arrays that are not one-dimensional,
    finite and of one length, and for numbers that a logarithmic axis cannot show.
    """
    expect("curves", series=series, xlabel=xlabel, ylabel=ylabel, title=title, log=log, x=x, alt=alt)
    series = {str(name): _array(name, values, log) for name, values in series.items()}
    if not series:
        raise ValueError("series: expected the names of one or more arrays of one length, got none")
    lengths = {len(values) for values in series.values()} | ({len(x)} if x is not None else set())
    if len(lengths) != 1:
        raise ValueError(f"series: expected arrays of one length, got {sorted(lengths)}")
    counted = x is None
    x = np.arange(lengths.pop()) if counted else np.asarray(x)
    said = "; ".join(f"{name} from {values[0]:.3g} to {values[-1]:.3g}" for name, values in series.items())
    made, axes = figure(alt or f"{title or ylabel}: {said}.")
    with matplotlib.rc_context(HOUSE):
        for k, ((name, values), (color, dashes, marker)) in enumerate(zip(series.items(), cycle(STYLES), strict=False)):
            step = max(1, len(x)//5)
            axes.plot(x, values, color=color, linestyle=dashes, linewidth=2.2, label=name, markersize=5.5,
                      marker=marker if len(series) > 1 else "", markevery=(step*(k + 1)//(len(series) + 1), step))
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
        axes.margins(x=0.02)
        if counted:
            axes.xaxis.get_major_locator().set_params(integer=True)
        if log:
            axes.set_yscale("log")
        if len(series) > 1:
            _names_at_ends(axes, x, series)
    return made


def _array(name, values, log):
    if isinstance(values, list | tuple) and not are_numbers(values):
        raise ValueError(f"series {str(name)!r}: expected one row of finite numbers, got {said(values)}")
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(f"series {str(name)!r}: expected one row of finite numbers, got shape {values.shape}"
                         + ("" if np.isfinite(values).all() else " with numbers that are not finite"))
    if log and values.min() <= 0:
        raise ValueError(f"series {str(name)!r}: a logarithmic axis needs positive numbers, got {values.min():.3g}")
    return values


def _names_at_ends(axes, x, series):
    """The name of each line beside its last point; where two would overlap they move apart, joined by thin lines."""
    axes.figure.draw_without_rendering()
    axes.set_autoscaley_on(False)                        # what is drawn later moves no line away from its name
    height = axes.bbox.height
    end = {name: (axes.transData.transform((x[-1], values[-1]))[1] - axes.bbox.y0)/height
           for name, values in series.items()}
    order = sorted(end, key=end.get)
    gap = min(16*axes.figure.dpi/72/height, 1/len(order))
    place = dict(zip(order, _apart([end[name] for name in order], gap), strict=True))
    for line in axes.lines:
        y = place[line.get_label()]
        axes.add_artist(ConnectionPatch((1, end[line.get_label()]), (1.035, y), "axes fraction", color=line.get_color(),
                                        annotation_clip=False, clip_on=False))
        axes.annotate(_math(line.get_label()), (1.045, y), xycoords="axes fraction", va="center",
                      color=ink(line.get_color()), annotation_clip=False)


def _apart(ends, gap):
    """Sorted places in [0, 1] moved as little as possible until they are a gap apart: groups that touch are centred.

    >>> _apart([0, 0.5, 0.625], 0.25)
    [0.0, 0.4375, 0.6875]
    """
    groups = []                                          # [(the mean of end - its index*gap, members)]
    for k, end in enumerate(ends):
        level, count = end - k*gap, 1
        while groups and groups[-1][0] > level:
            other, n = groups.pop()
            level, count = (other*n + level*count)/(n + count), n + count
        groups.append((level, count))
    levels = [min(max(level, 0), 1 - (len(ends) - 1)*gap) for level, n in groups for _ in range(n)]
    return [float(level + k*gap) for k, level in enumerate(levels)]


def _math(name):
    """A quantity's name as it is set; other text as it is."""
    return f"${name_latex(name)}$" if name.isidentifier() and (name[-1].isdigit() or "_" in name) else name


def loss(history, log=False):
    """The loss across the epochs of a History. Raises ValueError as ``curves`` does."""
    expect(history=history, log=log)
    name = name_latex(history.program.loss)
    values = _array(str(history.program.loss), history.loss, log)
    first, last = short(values[0], 4), short(values[-1], 4)
    return curves({"loss": values}, "epoch", f"loss ${name}$" + (" (logarithmic)" if log else ""),
                  f"The loss {'falls' if values[-1] < values[0] else 'goes'} from {first} to {last}", log, history.epochs,
                  f"The loss {history.program.loss} over {int(history.epochs[-1]):,} epochs goes from {first} to {last}"
                  f"{', on a logarithmic axis' if log else ''}.")


def parameters(history, names=None):
    """How far each parameter (or each of ``names``) has moved from its start, across the epochs.

    Raises ValueError for a name that the history does not have.
    """
    expect("figures", history=history, names=names)
    names = list(history.values) if names is None else [s.name for s in symbols(names)]
    if odd := [name for name in names if name not in history.values]:
        raise ValueError(unknown("parameter", odd[0], history.values))
    moves = {name: history.values[name] - history.values[name][0] for name in names}
    return curves(moves, "epoch", "change since the start", "How far each parameter moves", x=history.epochs)


def difference_error(steps, errors):
    """The V-shaped error of a central difference, over its steps: too large a step bends, too small a step rounds."""
    best = steps[np.argmin(errors)]
    made, axes = figure(f"The error of a central difference is V-shaped: least, {errors.min():.1g}, at a step of "
                        f"about {best:.0e}; larger steps bend, smaller ones round.")
    axes.loglog(steps, np.maximum(errors, 1e-17), "o-", color=COLORS["blue"], markersize=4)
    for text, place, step in (("the curve bends", (0.2, 0.76), 1e-2), ("the digits run out", (0.48, 0.86), 1e-11)):
        k = np.argmin(abs(np.log(steps/step)))
        axes.annotate(text, (steps[k], errors[k]), place, textcoords="axes fraction",
                      arrowprops={"arrowstyle": "->", "shrinkB": 4})
    axes.invert_xaxis()
    axes.set(xlabel="step h (smaller to the right)", ylabel="relative error",
             title="Too large a step bends, too small a step rounds")
    return made


# ---- bars

def contributions(chain):
    """What each path of a chain with values adds to the derivative: signed bars, and their sum.

    Raises ValueError for a chain without values (use ``chain.at(values)``) and for one of more than 30 paths.
    """
    expect(chain=chain)
    numbers_only(chain.program, "contributions")
    total, paths = chain.value, chain.paths
    if len(paths) > 30:
        raise ValueError(f"{len(paths):,} paths are too many bars: expected at most 30")
    names = [f"path {i}\n{name}" for i, name in enumerate(_differences(chain), 1)]
    values = [float(path.contribution) for path in paths] + [float(total)]
    said = "; ".join(f"path {i}, {path}, adds {short(path.contribution, 4)}" for i, path in enumerate(paths, 1))
    made, axes = figure(f"Bars: {said or 'no path'}; together {short(total, 4)}.", height=0.62*len(values) + 1.1)
    with matplotlib.rc_context(HOUSE):
        colors = [color for color, _, _ in islice(cycle(STYLES), len(paths))] + ["0.15"]
        bars = axes.barh([*names, "together"], values, color=colors, height=0.55)
        for bar, hatch in zip(bars[:-1], cycle(["", "//", "..", "\\\\", "xx"]), strict=False):
            bar.set(hatch=hatch, edgecolor="white")
        axes.bar_label(bars, [f"${number_latex(v, 4)}$" for v in values], padding=5)
        axes.axvline(0, color="black", linewidth=1.4)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.invert_yaxis()
        low, high = min([*values, 0]), max([*values, 0])         # room for the numbers at the bars' ends
        room = 0.42*((high - low) or 1)
        axes.set_xlim(low - room*(low < 0), high + room*(high > 0 or low == 0))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        axes.set(xlabel=rf"contribution to $\partial {name_latex(chain.of)} / \partial {name_latex(chain.wrt)}$")
    return made


def _differences(chain):
    """For each path what tells it from the others: of each neuron on it that is not on all, the last quantity."""
    node = Graph.of(chain.program).node
    routes = [list(dict.fromkeys(node[s][-1] for s in path.nodes if s in node)) for path in chain.paths]
    common = set.intersection(*map(set, routes)) if len(routes) > 1 else set()
    if len(routes) == 1:
        return ["the only path"]
    return ["through " + (", ".join(f"${name_latex(s)}$" for s in route if s not in common) or "no other")
            for route in routes]


# ---- landscapes

def landscape(x, y, z, xlabel, ylabel, paths=None, title=None, alt=None, zlabel="loss"):
    """Contour lines of z over x and y (z[j, i] at x[i], y[j]), with paths {name: (xs, ys)} from a circle to a star.

    ``zlabel`` says what z is. Raises ValueError where the shapes of x, y and z do not fit.
    """
    expect("landscape", x=x, y=y, z=z, xlabel=xlabel, ylabel=ylabel, paths=paths, title=title, alt=alt, zlabel=zlabel)
    x, y, z = (np.asarray(values, dtype=float) for values in (x, y, z))
    if z.shape != (y.shape[0], x.shape[-1]):
        raise ValueError(f"z: expected the shape {(y.shape[0], x.shape[-1])} of y and x, got {z.shape}")
    paths = paths or {}
    said = f"Contours of the {zlabel} over {xlabel} and {ylabel}, from {np.min(z):.3g} to {np.max(z):.3g}"
    said += "".join(f"; {name} from ({xs[0]:.3g}, {ys[0]:.3g}) to ({xs[-1]:.3g}, {ys[-1]:.3g})"
                    for name, (xs, ys) in paths.items())
    made, axes = figure(alt or said + ".", height=5)
    with matplotlib.rc_context(HOUSE):
        filled = axes.contourf(x, y, z, levels=14, cmap="cividis")
        lines = axes.contour(x, y, z, levels=filled.levels[::2], colors="white", linewidths=0.8)
        for label in axes.clabel(lines, fontsize=11, fmt="%.3g"):
            label.set_path_effects([withStroke(linewidth=2.5, foreground="0.25")])
        colors = cycle(("white", COLORS["vermillion"], COLORS["sky"], COLORS["purple"]))       # all of them seen on cividis
        for (name, (xs, ys)), (_, dashes, _), color in zip(paths.items(), cycle(STYLES), colors, strict=False):
            axes.plot(xs, ys, color="black", linewidth=4)
            axes.plot(xs, ys, color=color, linestyle=dashes, linewidth=2.2, label=name)
            axes.plot(xs[0], ys[0], "o", color="white", markersize=10, markeredgecolor="black")
            axes.plot(xs[-1], ys[-1], "*", color=color, markersize=18, markeredgecolor="black")
        made.colorbar(filled, ax=axes, label=zlabel)
        if paths:
            axes.legend(loc="best", framealpha=1, facecolor="0.45", labelcolor="white", handlelength=3.5)
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xlim=(np.min(x), np.max(x)), ylim=(np.min(y), np.max(y)))
        axes.grid(visible=False)
    return made
