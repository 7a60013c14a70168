"""Slopes under the finger: of one weight, of a run for its learning rate, of a difference for its step.

    weight(program, values, name)       the loss over one weight
    rate(program, values)               the loss over the epochs
    difference(program, values, name)   a finite difference over its step
"""
import numpy as np

from ...compute.fit import fit
from ...compute.gradcheck import gradcheck
from ...compute.hessian import hessian
from ...compute.lambdify import lambdify
from ...compute.landscape import landscape
from ...derive.optimizers import GradientDescent, step
from ...derive.reverse import reverse
from ...describe.arguments import bounded, expect
from ...describe.digits import short
from ...describe.names import Partial
from ...describe.values import by_symbol
from ...show import figures
from ...show.latex import name_latex, number_latex
from ..explorable import Explorable, card, finite
from .checked import NUDGE, drawable, parameter

POINTS = 121
BELOW, ABOVE = 1e-30, 1e12          # what of a loss is drawn


def weight(program, values, name, low=None, high=None):
    r"""One weight under the finger: the forward pass, the loss as its function, the tangent, and the slope.

    The slope is derived, :math:`\partial E/\partial w`, and measured beside it: the rise over the run of a nudge to either side.
    The slider goes from ``low`` to ``high``, three to either side of the weight's value unless given. Raises ValueError for what
    is no parameter, for low that is not below high, and for a program that is too large to be seen.

    >>> from backprop_sym import dense
    >>> weight(dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0.5, "b1": 0}, "w1")
    The loss E_total over w1 from -2.5 to 3.5, with its tangent at w1 = 0.5: the slope there is -0.0887.
    """
    expect(program=program, values=values, name=name, low=low, high=high)
    w = parameter(program, name)
    both = program + reverse(program, wrt=[w])
    drawable(both)
    spelled, loss = program.spelled, program.loss
    data = card(both, values)
    here = data["values"][spelled[w]]
    low, high = float(here - 3 if low is None else low), float(here + 3 if high is None else high)
    if not low < high:
        raise ValueError(f"low, high: expected low < high, got {low:g} and {high:g}")
    places = np.linspace(low, high, POINTS)
    curve = landscape(program, values, {spelled[w]: places})
    at = lambdify(both)(by_symbol(program, values))
    error, slope = at[loss], at[Partial(loss, w)]
    made = figures.curves({"loss": curve}, x=places, xlabel=f"${name_latex(w)}$", ylabel=f"loss ${name_latex(loss)}$",
                          title=f"${name_latex(w)} = {number_latex(here, 4)}$: the loss is ${number_latex(error, 4)}$, "
                                f"its slope ${number_latex(slope, 3)}$",
                          alt=f"The loss {loss} over {w} from {low:g} to {high:g}, with its tangent at {w} = {here:g}: the slope "
                              f"there is {slope:.3g}.")
    axes, seen = made.axes[0], (curve.min(), curve.max())
    margin = 0.08*(seen[1] - seen[0] or 1)
    axes.plot(places, error + slope*(places - here), color=figures.COLORS["vermillion"], linestyle="--", linewidth=2,
              label="tangent")
    axes.plot(here, error, "o", color=figures.COLORS["vermillion"], markersize=9)
    axes.legend(loc="best", handlelength=2.5, fontsize=11)          # where the tangent lies on the curve no name fits beside it
    axes.set(ylim=(seen[0] - margin, seen[1] + margin))
    return Explorable("weight", {
        "title": f"Slide {w}: what moves, and how fast?", "program": data, "parameter": spelled[w], "loss": spelled[loss],
        "derivative": both.spelled[Partial(loss, w)], "low": low, "high": high, "nudge": NUDGE,
        "forward": [spelled[s] for s in program.defined]}, made)


def rate(program, values, low=None, high=None, epochs=60):
    r"""The loss over the epochs for the learning rate under the finger, until it diverges; 2/lambda is marked.

    .. math:: w \leftarrow w - \eta\, \partial E/\partial w

    lambda is the largest eigenvalue of the Hessian at ``values``; the rates go from 1/200 of 2/lambda to 3 times it unless given.
    Raises ValueError for rates that are not 0 < low < high, and for more than a thousand epochs.

    >>> from backprop_sym import dense
    >>> rate(dense([1, 1], "identity"), {"x1": 2, "y1": 1, "w1": 0, "b1": 0}).data["stable"]
    0.4
    """
    expect(program=program, values=values, low=low, high=high, epochs=epochs)
    drawable(program)
    finite(program, values)
    bounded("epochs", epochs, 1000, "use fit(program, values, learning_rate=...)")
    update = step(program, GradientDescent())
    drawable(update, 600)
    largest = float(np.linalg.eigvalsh(hessian(program, values))[-1])
    stable = 2/largest if largest > 0 else None
    low, high = float(low or (stable or 1)/200), float(high or (stable or 1)*3)
    if not 0 < low < high:
        raise ValueError(f"low, high: expected 0 < low < high, got {low:g} and {high:g}")
    start, eta = min(max((stable or 1)/4, low), high), GradientDescent.eta
    runs = {short(r, 3): r for r in (start, (stable or 1)*0.95, (stable or 1)*1.05)}
    spelled, bound = update.spelled, stable and short(stable, 4)
    return Explorable("rate", {
        "title": "Which learning rate? Slide it until the loss diverges.",
        "program": card(update, {**by_symbol(program, values), eta: start}), "loss": spelled[program.loss], "rate": spelled[eta],
        "low": low, "high": high, "epochs": epochs, "stable": stable, "start": start,
    }, figures.curves({f"\N{GREEK SMALL LETTER ETA} = {name}": _losses(program, values, r, epochs) for name, r in runs.items()},
                      xlabel="epoch", ylabel=f"loss ${name_latex(program.loss)}$", log=True,
                      title="The loss for three learning rates" + rf"; $2/\lambda = {bound}$"*bool(stable),
                      alt=f"The loss over {epochs} epochs at the learning rates {', '.join(runs)}"
                          + f"; 2/lambda is {bound}"*bool(stable) + "."))


def _losses(program, values, learning_rate, epochs):
    """The losses of a run of gradient descent, drawn between 1e-30 and 1e12; where it leaves the floats it stays above."""
    try:
        losses = fit(program, values, learning_rate=learning_rate, epochs=epochs, progress=False).loss
    except FloatingPointError as error:
        losses = error.history.loss
    return np.clip(np.pad(losses, (0, epochs + 1 - len(losses)), constant_values=ABOVE), BELOW, ABOVE)


def difference(program, values, name):
    r"""The step of a finite difference under the finger: how far it misses, the two points on the curve, what cancels.

    .. math:: \frac{E(w + h) - E(w - h)}{2h}

    Raises ValueError for what is no parameter, for one whose derivative is 0, and for a program that is too large to be seen.

    >>> from backprop_sym import dense
    >>> difference(dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0.5, "b1": 0}, "w1").name
    'difference'
    """
    expect(program=program, values=values, name=name)
    w = parameter(program, name)
    both = program + reverse(program, wrt=[w])
    drawable(both)
    derivative = Partial(program.loss, w)
    if lambdify(both)(finite(both, values))[derivative] == 0:
        raise ValueError(f"{name}: the derivative by it is 0, so no error is relative to it; choose another parameter")
    return Explorable("difference", {
        "title": "How small a step? Slide it, and watch the digits.", "program": card(both, values),
        "parameter": program.spelled[w], "loss": program.spelled[program.loss], "derivative": both.spelled[derivative],
    }, gradcheck(program, values, [w]).plot(program.spelled[w]))
