"""Whole training runs with a slip in every step, for figures after more updates than one would write out.

    candidates(example)         (Rewrite, step Program) for each slip of the table that a whole run can have
    run(example, updates, step) the parameters after so many updates by a step program
    read(example, figure, values)   a figure's quantity at these parameters
"""
from dataclasses import replace

from ..compute.trainer import REDUCE, Trainer
from ..derive.optimizers import ETA
from ..describe.dataflow import reordered
from ..describe.program import Program
from ..describe.values import by_symbol
from .example import PrintedFigure
from .replay import Replay
from .slips.table import run_rewrites
from .working import Working


def candidates(example):
    """Pairs (Rewrite, step Program): the step of one sample, with the slip in it."""
    loss = PrintedFigure(example.forward.loss.name, "0", after=1)
    working = Working(replace(example, samples=example.samples[:1]), loss)
    step = _step(working)
    for rewrite in run_rewrites(working):
        changes = {lhs: rhs for lhs, rhs in rewrite.changes.items() if lhs in step}
        program = reordered(step, changes) if changes else step
        if program is not None and (changes or rewrite.settings):
            yield rewrite, program


def _step(working):
    """The equations of one pass, its backward pass and the update, as a Program."""
    names, forward, training = working.names, working.example.forward, working.example.training
    rules = training.optimizer.update(forward)
    equations = [*names.forward(0), *names.backward(0, [1]), *names.update(training.optimizer, 0)]
    memory = [s for s in rules.updates if s not in forward.parameters]
    return Program(tuple(equations), inputs=forward.inputs, targets=forward.targets, parameters=forward.parameters,
                   hyperparameters=(*forward.hyperparameters, *rules.hyperparameters), given=memory, loss=forward.loss,
                   updates={**rules.updates, **{p: names.name(p, 1) for p in forward.frozen}})


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
