"""Schedules: the learning rate as an equation, from step to step.

    ExponentialDecay, InverseTimeDecay, CosineDecay, Warmup
"""
from dataclasses import dataclass, fields

import sympy as sp

from ..describe.arguments import expect
from ..describe.names import Owned


def coefficient(name):
    """The symbol of a schedule's own number."""
    return Owned("schedule", name)


class Schedule:
    """The base of all schedules; ``rate`` is the learning rate after t steps, from eta_0 at the start.

    Raises ValueError for a number with which it would rise without end, or be none.
    """

    def __post_init__(self):
        expect(**vars(self))

    def rate(self, eta, t):
        """The learning rate as an expression."""
        raise NotImplementedError

    @property
    def coefficients(self):
        """{symbol: value} of the schedule's own numbers."""
        return {coefficient(f.name): getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    r"""The learning rate shrinks by the same factor at each step: :math:`\eta = \eta_0\, \gamma^t`."""

    gamma: object = "0.999"

    def rate(self, eta, t):
        return eta*coefficient("gamma")**t


@dataclass(frozen=True)
class InverseTimeDecay(Schedule):
    r"""The learning rate falls as one over the time: :math:`\eta = \eta_0/(1 + \kappa t)`."""

    kappa: object = "0.01"

    def rate(self, eta, t):
        return eta/(1 + coefficient("kappa")*t)


@dataclass(frozen=True)
class CosineDecay(Schedule):
    r"""Half a cosine down to 0 at step T, and 0 from then on: :math:`\eta = \frac{\eta_0}{2} (1 + \cos(\pi t/T))` for t < T."""

    T: object

    def rate(self, eta, t):
        return sp.Piecewise((eta*(1 + sp.cos(sp.pi*t/coefficient("T")))/2, t < coefficient("T")), (0, True))


@dataclass(frozen=True)
class Warmup(Schedule):
    r"""The learning rate rises over the first T steps, then stays: :math:`\eta = \eta_0 \min(1, (t + 1)/T)`."""

    T: object

    def rate(self, eta, t):
        return eta*sp.Piecewise(((t + 1)/coefficient("T"), t + 1 < coefficient("T")), (1, True))


SCHEDULES = {"exponential_decay": ExponentialDecay, "inverse_time_decay": InverseTimeDecay, "cosine_decay": CosineDecay,
             "warmup": Warmup}
