"""Networks of arrays under the finger: one that trains, and one that reads what is drawn.

    space(program, values, X, Y)        two inputs, two classes
    digit(program, values, pictures)    pixels
"""
import matplotlib
import numpy as np

from ...compute.lambdify import lambdify
from ...compute.watch import predicted
from ...derive.optimizers import GradientDescent, step
from ...derive.reverse import reverse
from ...describe.arguments import bounded, expect
from ...describe.digits import short
from ...describe.matrices import softmax_rows
from ...describe.names import Owned, Partial
from ...describe.program import Equation, Program
from ...describe.values import by_symbol
from ...show import figures
from ...show.style import HOUSE
from ..explorable import Explorable, card

SHARES = Owned("explore", "shares")       # of the classes, where the outputs are the sums before a softmax


def space(program, values, X, Y, rate=1.0):
    """A network of arrays with two inputs and one output, which trains while one watches: its answer over the plane, its loss.

    ``X`` are the points, two columns, ``Y`` their classes, 0 or 1. Where the first hidden layer has two units, the same
    points and a grid are drawn as these units see them. Raises ValueError for a program of numbers, and for points that are no
    pairs or have other classes.
    """
    expect(program=program, values=values, X=X, Y=Y, rate=rate)
    if not program.shapes:
        raise ValueError("program: expected a program of arrays, such as dense([2, 2, 1], form='matrix')")
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float).reshape(-1, 1)
    if X.ndim != 2 or X.shape[1] != 2 or len(X) != len(Y) or not 0 < len(X) <= 500 or not set(Y.flat) <= {0.0, 1.0}:
        raise ValueError("X, Y: expected from 1 to 500 points, two columns, and a class 0 or 1 for each, "
                         f"got shapes {X.shape} and {Y.shape}")
    (x_name,), (y_name,) = program.inputs, program.targets
    output, hidden = _answer(program), _bent(program)
    update, eta = step(program, GradientDescent()), GradientDescent.eta
    spelled = update.spelled
    known = {**by_symbol(program, values), x_name: X, y_name: Y}
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.25*np.where(high > low, high - low, 1)
    ranges = np.array([low - margin, high + margin]).T
    return Explorable("space", {
        "title": "Train it: how does the plane bend?", "program": card(update, {**known, eta: rate}),
        "forward": card(program, known),
        "names": {"X": spelled[x_name], "Y": spelled[y_name], "Yhat": spelled[output], "loss": spelled[program.loss],
                  "rate": spelled[eta], "hidden": hidden and spelled[hidden]},
        "points": X.tolist(), "classes": Y[:, 0].astype(int).tolist(), "x": ranges[0].tolist(), "y": ranges[1].tolist(),
        "rate": float(rate), "low": rate/100, "high": rate*10}, _plane(program, output, known, x_name, X, Y[:, 0], ranges))


def _plane(program, output, known, x_name, X, classes, ranges):
    """What the network says over the plane before it is trained, and the points."""
    xs, ys = (np.linspace(*r, 81) for r in ranges)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1)
    said = lambdify(program.upto(output))({**known, x_name: grid.reshape(-1, 2)})[output].reshape(grid.shape[:2])
    loss = short(lambdify(program)(known)[program.loss], 4)
    made, axes = figures.figure(f"The answer of the network over the plane before training: from {said.min():.3g} to "
                                f"{said.max():.3g}, the loss is {loss}. On it {len(X)} points of two classes: "
                                f"{int(classes.sum())} of class 1.", height=4.6)
    with matplotlib.rc_context(HOUSE):
        seen = axes.imshow(said, cmap="cividis", vmin=0, vmax=1, origin="lower", aspect="auto", extent=(*ranges[0], *ranges[1]))
        if said.min() < 0.5 < said.max():
            axes.contour(xs, ys, said, levels=[0.5], colors="white", linewidths=2)
        for k, marker in enumerate("os"):
            axes.plot(*X[classes == k].T, marker, color=figures.COLORS[("vermillion", "sky")[k]], markeredgecolor="black",
                      label=f"class {k}", markersize=8)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.3), ncols=2)                   # below: it covers no point
        made.colorbar(seen, ax=axes, label="answer of the network")
        axes.set(xlabel="$x_1$", ylabel="$x_2$", title=f"Before training: the loss is {loss}; white where the answer is 0.5")
        axes.grid(visible=False)
    return made


def digit(program, values, pictures, labels=None, shift=0.0, factor=1.0):
    """A picture to draw; the network answers, and shows which pixels its loss would feel.

    ``program`` is a network of arrays with trained ``values``, whose inputs are pixels of a square picture; ``pictures`` are some
    to begin with, a row each, ``labels`` what its outputs mean (0, 1, 2, ... unless given). The network is given
    (pixels - shift)/factor: the ``.shift`` and ``.factor`` of the data set that it was trained on. Raises ValueError for a
    program of numbers, and for pictures, labels or units that do not fit it.
    """
    expect(program=program, values=values, pictures=pictures, labels=labels, shift=shift, factor=factor)
    if not program.shapes:
        raise ValueError("program: expected a program of arrays, such as dense([64, 30, 10], form='matrix')")
    pictures = np.atleast_2d(np.asarray(pictures, dtype=float))
    (x_name,), (y_name,) = program.inputs, program.targets
    pixels, classes = int(program.shape[x_name][-1]), int(program.shape[y_name][-1])
    side = int(np.sqrt(pixels))
    bounded("pixels", pixels, 784, "scale the pictures down")
    if side**2 != pixels or pictures.shape[1:] != (pixels,):
        raise ValueError(f"pictures: expected rows of {pixels} pixels, a square, got the shape {pictures.shape}")
    shift, factor = (_for_each(name, number, pixels) for name, number in (("shift", shift), ("factor", factor)))
    if not factor.all():
        raise ValueError("factor: expected numbers other than 0, got one that is 0")
    inputs = (pictures - shift)/factor
    labels = [str(name) for name in (range(classes) if labels is None else labels)]
    if len(labels) != classes:
        raise ValueError(f"labels: expected {classes}, one for each output, got {len(labels)}")
    known = {**by_symbol(program, values), x_name: inputs[:1], y_name: np.eye(classes)[:1]}
    both, shares = program + reverse(program, wrt=[x_name]), _answer(program)
    said = lambdify(program.upto(shares))({**known, x_name: inputs})[shares]
    if not np.allclose(said.sum(axis=1), 1) or said.min() < 0:          # a loss that takes the sums themselves
        both += Program([Equation(SHARES, softmax_rows(shares))], shapes={shares: both.shape[shares]})
        shares = SHARES
    spelled, read = both.spelled, [labels[k] for k in said[:10].argmax(axis=1)]
    made = card(both, known)
    made["values"] = {name: np.round(value, 5).tolist() for name, value in made["values"].items()}
    return Explorable("digit", {
        "title": "Draw a digit: what does the network say, and what would change its mind?", "program": made,
        "names": {"X": spelled[x_name], "Y": spelled[y_name], "shares": spelled[shares],
                  "slope": spelled[Partial(program.loss, x_name)]},
        "side": side, "ink": float(pictures.max()), "paper": float(pictures.min()), "labels": labels,
        "shift": np.round(shift, 5).tolist(), "factor": np.round(factor, 5).tolist(),
        "samples": np.round(pictures, 5).tolist(),
    }, figures.pictures(pictures[:10].reshape(-1, side, side), read, signed=False,
                        title="What the network reads in each",
                        alt=f"Pictures of {side} x {side} pixels, and what the network reads in each: {', '.join(read)}."))


def _for_each(name, number, pixels):
    """One number for each pixel."""
    number = np.asarray(number, dtype=float)
    if number.shape not in ((), (1,), (pixels,)):
        raise ValueError(f"{name}: expected a number, or {pixels}, one for each pixel, got the shape {number.shape}")
    return np.broadcast_to(number, (pixels,))


def _answer(program):
    """The quantity that is compared with the target."""
    found = predicted(program)
    if found is None:
        raise ValueError("program: expected one with a target and an output of its shape, "
                         "such as dense([2, 2, 1], form='matrix')")
    return found[0]


def _bent(program):
    """The last layer of two units before the output, or None: what two units see can be drawn in a plane."""
    output = _answer(program)
    hidden = [s for s in program.upto(output).defined if s != output and program.shape[s][-1:] == (2,)]
    return hidden[-1] if hidden else None
