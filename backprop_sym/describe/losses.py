"""Losses: a table, one row each.

    LOSSES["hinge"](ys, ps)     a loss, as an expression of targets and predictions
"""
from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from .functions import logsumexp, piecewise, softplus

HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class Loss:
    """A loss as a function of targets and predictions; ``allowed`` is the set that each target must lie in.

    ``total``: what the targets of one sample must add up to, if anything; ``least``: of how many outputs it can be.
    Raises ValueError where the numbers of targets and predictions differ or are too small.
    """

    name: str
    definition: Callable
    allowed: sp.Set = sp.Reals
    total: int | None = None
    least: int = 1

    def __call__(self, targets, predictions):
        targets, predictions = list(targets), list(predictions)
        if len(targets) != len(predictions):
            raise ValueError(f"{self.name}: expected as many targets as predictions, got {len(targets)} and "
                             f"{len(predictions)}")
        if len(targets) < self.least:
            hint = "; for one output there is " + self.name.replace("cross", "binary_cross") if "cross" in self.name else ""
            raise ValueError(f"{self.name}: expected at least {self.least} outputs, got {len(targets)}{hint}")
        return self.definition(targets, predictions)

    def domains(self, targets):
        """Pairs (expression, set): where the targets must lie."""
        each = () if self.allowed == sp.Reals else tuple((y, self.allowed) for y in targets)
        return each if self.total is None else (*each, (sp.Add(*targets), sp.FiniteSet(self.total)))


def _sum(term):
    """The loss that adds term(y, p) over the outputs."""
    return lambda targets, predictions: sp.Add(*(term(y, p) for y, p in zip(targets, predictions, strict=True)))


def _scaled(scale, loss):
    return lambda targets, predictions: scale(len(targets))*loss(targets, predictions)


def _square(y, p):
    return (y - p)**2


def _huber(y, p):
    r = y - p
    return sp.Piecewise((r**2/2, sp.Abs(r) <= 1), (r - HALF, r > 0), (-r - HALF, True))


_SHARES = sp.Interval(0, 1)
LOSSES = {loss.name: loss for loss in (
    Loss("half_squared_error", _scaled(lambda n: HALF, _sum(_square))),
    Loss("squared_error", _sum(_square)),
    Loss("mean_squared_error", _scaled(lambda n: sp.Rational(1, n), _sum(_square))),
    # of probabilities p between 0 and 1
    Loss("binary_cross_entropy", _sum(lambda y, p: -y*sp.log(p) - (1 - y)*sp.log(1 - p)), _SHARES),
    Loss("cross_entropy", _sum(lambda y, p: -y*sp.log(p)), _SHARES, total=1, least=2),
    # of weighted sums z, before the sigmoid or the softmax: right where a probability would be rounded to 0 or 1
    Loss("binary_cross_entropy_with_logits", _sum(lambda y, z: softplus(z) - y*z), _SHARES),
    Loss("cross_entropy_with_logits",
         lambda ys, zs: logsumexp(*zs) - sp.Add(*(y*z for y, z in zip(ys, zs, strict=True))), _SHARES, total=1, least=2),
    Loss("huber", _sum(_huber)),
    Loss("hinge", _sum(lambda y, p: piecewise(1 - y*p, y*p < 1, 0)), sp.FiniteSet(-1, 1)),
)}
