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
    r"""A loss as a function of targets and predictions,

    .. math:: s(n) \Bigl[ o(p_1, \dots, p_n) + \sum_{k=1}^n e(y_k, p_k) \Bigr].

    ``each`` is e; ``scale`` s, of the number of outputs; ``once`` o, or None. ``allowed`` is the set that each target must lie
    in; ``total`` what the targets of one sample must add up to, if anything; ``least``: of how many outputs it can be.
    Raises ValueError where the numbers of targets and predictions differ or are too small.
    """

    name: str
    each: Callable
    allowed: sp.Set = sp.Reals
    total: int | None = None
    least: int = 1
    scale: Callable = lambda n: sp.S.One
    once: Callable | None = None

    def __call__(self, targets, predictions):
        targets, predictions = list(targets), list(predictions)
        if len(targets) != len(predictions):
            raise ValueError(f"{self.name}: expected as many targets as predictions, got {len(targets)} and "
                             f"{len(predictions)}")
        self.checked(len(targets))
        terms = [self.each(y, p) for y, p in zip(targets, predictions, strict=True)]
        return self.scale(len(targets))*sp.Add(*([] if self.once is None else [self.once(*predictions)]), *terms)

    def checked(self, outputs):
        """The number of outputs; ValueError where it is too small."""
        if outputs < self.least:
            hint = "; for one output there is " + self.name.replace("cross", "binary_cross") if "cross" in self.name else ""
            raise ValueError(f"{self.name}: expected at least {self.least} outputs, got {outputs}{hint}")
        return outputs

    def domains(self, targets):
        """Pairs (expression, set): where the targets must lie."""
        return self.domains_of(targets, sp.Add(*targets))

    def domains_of(self, targets, total):
        """The same for targets and what those of a sample add up to."""
        each = () if self.allowed == sp.Reals else tuple((y, self.allowed) for y in targets)
        return each if self.total is None else (*each, (total, sp.FiniteSet(self.total)))


def _square(y, p):
    return (y - p)**2


def _huber(y, p):
    r = y - p
    return sp.Piecewise((r**2/2, sp.Abs(r) <= 1), (r - HALF, r > 0), (-r - HALF, True))


_SHARES = sp.Interval(0, 1)
LOSSES = {loss.name: loss for loss in (
    Loss("half_squared_error", _square, scale=lambda n: HALF),
    Loss("squared_error", _square),
    Loss("mean_squared_error", _square, scale=lambda n: sp.Rational(1, n)),
    # of probabilities p between 0 and 1
    Loss("binary_cross_entropy", lambda y, p: -y*sp.log(p) - (1 - y)*sp.log(1 - p), _SHARES),
    Loss("cross_entropy", lambda y, p: -y*sp.log(p), _SHARES, total=1, least=2),
    # of weighted sums z, before the sigmoid or the softmax: right where a probability would be rounded to 0 or 1
    Loss("binary_cross_entropy_with_logits", lambda y, z: softplus(z) - y*z, _SHARES),
    Loss("cross_entropy_with_logits", lambda y, z: -y*z, _SHARES, total=1, least=2, once=logsumexp),
    Loss("huber", _huber),
    Loss("hinge", lambda y, p: piecewise(1 - y*p, y*p < 1, 0), sp.FiniteSet(-1, 1)),
)}
