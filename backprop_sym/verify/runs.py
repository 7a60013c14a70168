"""Whole training runs with a slip in every step, for figures after more updates than one would write out.

    step_slips(example)         the runs to compare
    run(example, updates, step) the parameters after so many updates by a step program
    read(example, figure, values)   a figure's quantity at these parameters
"""
from dataclasses import replace

from ..compute.trainer import REDUCE, Trainer
from ..derive.optimizers import ETA, step
from ..describe.copies import updated
from ..describe.dataflow import is_bias, reordered
from ..describe.functions import HALF
from ..describe.names import Partial
from ..describe.values import by_symbol
from .replay import Replay


def step_slips(example):
    """(name, sentence, step Program, {setting: value}) for each slip that a whole training run can have.

    The settings are those of the run: ``more`` updates than there should be, ``reduce``, ``online``.
    """
    forward, optimizer = example.forward, example.training.optimizer
    right = step(forward, optimizer)
    yield "one update more", "one update too many", right, {"more": 1}
    yield "one update less", "one update too few", right, {"more": -1}
    new = {old: new for old, new in right.updates.items() if old in forward.parameters}
    late = {e.lhs: e.rhs.xreplace(new) for e in right if isinstance(e.lhs, Partial)}
    if ordered := reordered(right, late):
        yield "updated weights", "weights that were already updated are used in the backward pass", ordered, {}
    if forward.frozen:
        names = ", ".join(map(str, forward.frozen))
        thawed = forward._with(forward.equations, frozen=())
        yield "updated too", f"{names} are updated too", step(thawed, optimizer), {}
    groups = [("the biases are", [p for p in forward.trainable if is_bias(forward, p)])]
    groups += [(f"{p} is", [p]) for p in forward.trainable]
    for names, fixed in groups:
        if fixed and len(fixed) < len(forward.trainable):
            still = forward._with(forward.equations, frozen=(*forward.frozen, *fixed))
            yield "not updated", f"{names} not updated", step(still, optimizer), {}
    for name, text, factor in (("ascent", "ascent for descent: the gradient is added", -1),
                               ("2 or 1/2 in every step", "every step is twice as long", 2),
                               ("2 or 1/2 in every step", "every step is half as long", HALF),
                               ("no learning rate", "the learning rate is left out", 1/ETA)):
        longer = {ETA: factor*ETA}
        changes = {updated(p): right[updated(p)].rhs.xreplace(longer) for p in forward.trainable}
        yield name, text, reordered(right, changes), {}
    if len(example.samples) > 1:
        other = "sum" if example.training.reduce == "mean" else "mean"
        text = f"the {other} over the samples is taken for the {example.training.reduce}"
        yield "sum for mean", text, right, {"reduce": other}
        if example.training.online:
            yield "online", "one update for all samples together, not one a sample", right, {"online": False}
        else:
            yield "online", "one update a sample, not one for all of them", right, {"online": True}


def run(example, updates, program, more=0, reduce=None, online=None):
    """The parameters (floats) after a step program has made its updates."""
    training = example.training
    start = by_symbol(example.forward, example.parameters)
    trainer = Trainer(program, {**start, **training.optimizer.coefficients, ETA: training.learning_rate},
                      example.samples, "python", reduce or training.reduce)
    state = trainer.updates(trainer.state, 0, updates + more, training.online if online is None else online)
    return {**start, **by_symbol(program, state)}


def read(example, figure, values):
    """The value (float) of a figure's quantity at these parameters."""
    s, program = figure.symbol, Replay(replace(example, figures=(replace(figure, after=0),))).program
    chosen = example.samples if figure.sample is None else [example.samples[figure.sample - 1]]
    found = [program.evaluate({**values, **sample}) for sample in chosen]
    value = values[s] if s in values else REDUCE[example.training.reduce]([f[s] for f in found])
    return figure.sign*float(value)
