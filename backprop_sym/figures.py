"""Figures: objects that show themselves, and say in words what they show.

    network(program, paths, values)     the network as a diagram, with paths lit
    contributions(chain)                what each path adds to a derivative, as signed bars
    curves(series, xlabel, ylabel)      lines with their names at their ends
    loss(history), parameters(history)  what a run did
    landscape(x, y, z, xlabel, ylabel)  contour lines of a loss over two parameters
    figure(alt)                         an empty one to draw on: (Figure, axes)

Made without pyplot, so there is no hidden state: a figure is drawn where it is the value of a cell.
"""
import matplotlib
import numpy as np
from matplotlib.ticker import MaxNLocator

from .diagram import network
from .latex import name_latex
from .numeric import decimal
from .style import COLORS, HOUSE, STYLES, Figure, figure

__all__ = ["COLORS", "STYLES", "Figure", "contributions", "curves", "figure", "landscape", "loss", "network", "parameters"]


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
