"""A loop over time written out: one cell, step after step, whose states are handed on and whose weights are shared.

    unroll_in_time(cell, steps)     all steps as one Program; the names say of which time a quantity is

A weight that is used in every step is used several times, so its gradient is a sum over time, as that of any quantity that
is used twice: nothing else has to be known of recurrent networks (Werbos, 1990).
"""
import sympy as sp

from ..describe.arguments import bounded, expect
from ..describe.copies import again
from ..describe.matrices import written
from ..describe.nearest import lookup
from ..describe.program import Equation, Program
from ..describe.wellformed import ROLES
from .unroll import MOST, REDUCTIONS


def unroll_in_time(cell, steps, reduce="sum"):
    r"""The equations of a cell for so many steps, a Program.

    ``cell`` is the Program of one step; its ``updates`` say which states are handed on: {"h": "h_next"} means that the h of a
    step is the h_next of the step before. With f the cell and x_t what it is given at time t

    .. math:: h_t = f(x_t, h_{t-1}), \qquad t = 1, \dots, T, \qquad E = \sum_t E_t.

    Everything has a copy for each time, x_time1, x_time2, ...; the parameters and hyperparameters are shared, and h alone is the
    state at the start, which is given. A state after a step is h_time1, whatever the cell calls it. The loss, where the cell has
    one, is the sum (or "mean") over time. Raises ValueError where no state is handed on, for an unknown reduction and for too
    many steps.

    >>> cell = Program.parse(["a = w*x + u*h", "s = tanh(a)"], inputs="x h", parameters="w u", updates={"h": "s"})
    >>> unroll_in_time(cell, 2)
    a_time1 = x_time1*w + h*u
    h_time1 = tanh(a_time1)
    a_time2 = x_time2*w + h_time1*u
    h_time2 = tanh(a_time2)
    """
    expect(cell=cell, steps=steps)
    scale = lookup(REDUCTIONS, "reduction", reduce)(steps)
    states = _states(cell)
    bounded("steps: quantities to write out", steps*len(cell), MOST, "take fewer steps")
    after = {new: old for old, new in states.items()}
    shared = {*cell.parameters, *cell.hyperparameters}

    def at(s, time):
        """The symbol of a quantity of one step."""
        if s in shared:
            return s
        if s in states:
            return again(s, time=time - 1)                     # what the step before made of it
        return again(after.get(s, s), time=time)

    times = range(1, steps + 1)
    equations = [e.renamed({s: at(s, t) for s in (e.lhs, *e.uses)}) for t in times for e in cell]
    if cell.loss is not None:
        equations.append(Equation(cell.loss, scale*sp.Add(*(at(cell.loss, t) for t in times))))

    def each(symbols):
        return tuple(dict.fromkeys(at(s, t) for s in symbols for t in times if s not in states or t == 1))

    return Program(tuple(equations), **{role: each(getattr(cell, role)) for role in (*ROLES, "given", "frozen")}, loss=cell.loss,
                   shapes={at(s, t): shape for s, shape in cell.shapes.items() for t in (times if s not in states else (1,))},
                   domains=tuple(dict.fromkeys((e.xreplace({s: at(s, t) for s in e.free_symbols}), allowed)
                                               for t in times for e, allowed in cell.domains)))


def _states(cell):
    """{state: what a step makes of it}, each given, defined and of the same shape."""
    if not cell.updates:
        raise ValueError("cell: expected a Program that hands a state on, as with updates={'h': 'h_next'}, got one without")
    for old, new in cell.updates.items():
        if old not in cell.given or new not in cell:
            raise ValueError(f"cell: expected updates from what is given to what is defined, got {cell.text(old)!r} to "
                             f"{cell.text(new)!r}")
        if cell.shapes and cell.shape[old] != cell.shape[new]:
            raise ValueError(f"cell: expected a state that keeps its shape, got {cell.text(old)!r} of shape "
                             f"{written(cell.shape[old])} that becomes {cell.text(new)!r} of shape {written(cell.shape[new])}")
    return dict(cell.updates)
