"""Time under the finger: what is left of a gradient on its way back through the steps of a cell.

    through_time(cell, values, name)    the derivative of the last state by each state before it, for the weight that is slid
"""
import numpy as np

from ...compute.lambdify import lambdify
from ...derive.recurrence import unroll_in_time
from ...derive.reverse import reverse
from ...describe.arguments import bounded, expect
from ...describe.copies import again
from ...describe.names import Partial
from ...describe.shapes import numbers_only
from ...show import figures
from ..explorable import Explorable, card, finite
from .checked import parameter

LARGEST = 1000          # equations of all steps, and of their derivatives
BELOW, ABOVE = 1e-18, 1e18          # what of a derivative is drawn


def through_time(cell, values, name, state=None, steps=30, low=None, high=None):
    r"""One weight of a cell under the finger: the size of the derivative of its last state by the state of each step.

    .. math:: \left|\frac{\partial h_T}{\partial h_t}\right|, \qquad t = 1, \dots, T

    ``cell`` is a Program of numbers that hands a state on, as for ``unroll_in_time``, and ``values`` are those of its own names:
    what is given is the same in every step. ``state`` is the first that is handed on unless given. The slider goes from ``low``
    to ``high``, 1 to either side of the weight's value unless given. Raises ValueError for a cell of arrays, for what is no
    parameter or no state, for low that is not below high, and for too many steps.

    >>> from backprop_sym import Program
    >>> cell = Program.parse(["a = w*x + u*h", "s = tanh(a)"], inputs="x h", parameters="w u", updates={"h": "s"})
    >>> through_time(cell, {"x": 0, "h": 0, "w": 1, "u": 1}, "u", steps=10)
    What is left of the derivative by the state h over 10 steps, for u = 0.5, 1, 1.5: 0.00195, 1, 38.4.
    """
    expect(cell=cell, values=values, name=name, state=state, steps=steps, low=low, high=high)
    numbers_only(cell, "a figure through time")
    w, known = parameter(cell, name), finite(cell, values)
    both, states = _with_derivatives(cell, state, steps)
    here = float(known[w])
    low, high = float(here - 1 if low is None else low), float(here + 1 if high is None else high)
    if not low < high:
        raise ValueError(f"low, high: expected low < high, got {low:g} and {high:g}")
    origin = {again(s, time=t): s for s in cell.given for t in range(1, steps + 1)}
    known = {s: known[origin.get(s, s)] for s in both.given}
    derivatives = [Partial(states[-1], s) for s in states[:-1]]
    f, places = lambdify(both), ((low + here)/2, here, (here + high)/2)
    found = [f({**known, w: place}) for place in places]
    curves = [np.clip([*(abs(one[d]) for d in derivatives), 1.0], BELOW, ABOVE) for one in found]
    made = figures.curves(
        {f"{name} = {place:.3g}": curve for place, curve in zip(places, curves, strict=True)}, x=np.arange(1, steps + 1),
        log=True, xlabel="step", ylabel="size of the derivative (logarithmic)",
        title=f"What is left of the gradient, {steps - 1} steps back",
        alt=f"What is left of the derivative by the state {states[0].stem} over {steps} steps, for {name} = "
            f"{', '.join(f'{place:.3g}' for place in places)}: {', '.join(f'{curve[0]:.3g}' for curve in curves)}.")
    spelled = both.spelled
    return Explorable("through_time", {
        "title": f"Slide {name}: what is left of the gradient after {steps} steps back?", "program": card(both, known),
        "parameter": spelled[w], "derivatives": [spelled[d] for d in derivatives], "low": low, "high": high,
        "below": BELOW, "above": ABOVE}, made)


def _with_derivatives(cell, state, steps):
    """(the cell over time with the derivatives of its last state by all before, these states)."""
    states = list(cell.updates)
    chosen = cell.symbol(state) if state is not None else states[0] if states else None
    if states and chosen not in states:
        raise ValueError(f"state: expected one that the cell hands on, {', '.join(map(cell.spelled.get, states))}, got {state!r}")
    bounded("steps", steps, LARGEST, "take fewer, or use unroll_in_time, reverse and figures.curves")
    whole = unroll_in_time(cell, steps)
    over_time = [again(chosen, time=t) for t in range(1, steps + 1)]
    if steps < 2:
        raise ValueError(f"steps: expected at least 2, got {steps}")
    both = whole + reverse(whole, of=over_time[-1], wrt=over_time[:-1])
    bounded("equations of all steps", len(both), LARGEST, "take fewer steps")
    return both, over_time
