"""What becomes of a gradient over the samples and the updates, on the rows of a run that have a slip there.

    of_each(run, lhs, known)    the factors of a gradient, each gathered over the samples
    added_up(run, value, t)     the gradient of an update
    piled_up(run, s, ...)       those of the updates before added
    carried(run, value, t)      the value of the sample that was just seen
    of_sample(run, s, ...)      what is printed of a quantity: that of a sample, or of all together
"""
from functools import reduce
from operator import mul

import sympy as sp

from ..describe.names import Partial
from .shapes import some


def of_each(run, lhs, known):
    """A gradient; on some rows its factors are added up over the samples, or averaged, each before they are multiplied."""
    rows, factors = run.settings.get(("factors", "apart")), sp.Mul.make_args(run.passes.rhs[lhs])
    if rows is None or len(factors) < 2 or not all(f in known for f in factors):
        return known[lhs]
    means = [some(known[f], rows).mean(axis=1, keepdims=True) for f in factors]
    power = 0 if run.passes.training.reduce == "mean" else len(factors) - 1       # of the product of sums each has its share
    return run.patched(known[lhs], [(rows, reduce(mul, means)*run.count**power, None)])


def added_up(run, value, t):
    """What is added up, or averaged, over the samples of an update."""
    training = run.passes.training
    return value if run.count == 1 else run.over_samples(value, "online" if training.online else training.reduce, "total", t)


def piled_up(run, s, value, kind, t):
    """A gradient to which those of the updates before are added, on the rows where none is set to 0 between."""
    rows = run.settings.get(("piled up", kind))
    if rows is None:
        return value
    value = run.patched(value, [(rows, some(value, rows) + run.piles.get(s, 0), None)])
    run.piles[s] = carried(run, some(value, rows), t)
    return value


def carried(run, value, t):
    """The state that goes into the next pass: of the sample that was just seen, or each its own."""
    online = run.passes.training.online and value.shape[1] > 1
    return value[:, t % run.count:t % run.count + 1] if online else value


def of_sample(run, s, value, sample):
    """The column of a sample, or what all samples together make."""
    if run.count == 1 or s in run.bench.given or sample is not None and value.shape[1] == 1:
        return value[:, :1]
    if sample is not None:
        return value[:, sample - 1:sample]
    of = "total" if isinstance(s, Partial) else "loss" if s == run.passes.loss else None
    return run.over_samples(value, run.passes.training.reduce, of)
