"""Training: a step is a Program; an epoch repeats it over the samples; what happened is a History.

    fit(net, values, ...)       train, and keep the loss and the parameters of every epoch
"""
import math
import random
import time
from collections.abc import Hashable
from contextlib import nullcontext

import numpy as np

from ..derive.optimizers import ETA, ETA_0, GradientDescent, step
from ..describe.arguments import expect
from ..describe.nearest import said
from ..describe.values import by_symbol
from .history import History
from .record import Record
from .same import Same, kept
from .trainer import Trainer, positional, require_memory


def fit(program, values, samples=None, optimizer=None, learning_rate=0.01, epochs=1000, batch=None, every=1,
        backend="python", reduce="mean", seed=None, progress=None, schedule=None):
    """Train a network, and return the History of its loss and its parameters.

    ``program`` is a forward pass with a loss, or a whole step (``step(net, optimizer)``); ``values`` the start of the
    parameters, and the sample where there is one; ``samples`` a list of {name: number} or one {name: sequence}. A batch
    of ``batch`` samples (all of them) makes one update; its loss and gradient are the ``reduce`` ("mean" or "sum") over
    them. With ``seed`` the samples come in a new, reproducible order each epoch. ``every``: keep each n-th epoch.
    ``progress``: True or False; by default a bar appears once a run has lasted two seconds. ``schedule`` changes the
    learning rate from step to step. On backend "numpy" any value may be an array, and all samples of a batch are
    computed together; "numba" and "c" compile the loop; "jax" runs it as one scan, in the precision that JAX is set to.

    Raises ValueError for a missing value or a setting that is no sensible number, and FloatingPointError where the run
    diverges: it names the epoch and the first quantity that is not finite, and holds the epochs before in ``.history``.

    >>> from backprop_sym import dense
    >>> fit(dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0, "b1": 0}, learning_rate=1, epochs=100)
    History of 100 epochs: E_total from 0.125 to 0.00152308732
    """
    expect(program=program, values=values, samples=samples, optimizer=optimizer, learning_rate=learning_rate, epochs=epochs,
           batch=batch, every=every, seed=seed, progress=progress, schedule=schedule)
    whole = _whole(program, optimizer, schedule)
    optimizer = GradientDescent() if optimizer is None else optimizer
    rate = {ETA if schedule is None else ETA_0: learning_rate}
    settings = {**optimizer.coefficients, **({} if schedule is None else schedule.coefficients),
                **by_symbol(whole, values), **rate}
    trainer = Trainer(whole, settings, samples, backend, reduce, batch)
    run = _Run(trainer, every, None if seed is None else random.Random(seed).shuffle)
    run.go(epochs, progress)
    return run.history()


def _whole(program, optimizer, schedule):
    """The step of a program, derived once; a program that is one already must be that of the optimizer, where one is named."""
    if program.updates:
        for name, made in {"optimizer": optimizer, "schedule": schedule}.items():
            if made is not None and not _made_by(program, optimizer or GradientDescent(), schedule):
                raise ValueError(f"{name}: expected what the step was made with, or none, got {said(made)}; give it to the step, "
                                 f"as in step(net, {type(optimizer or GradientDescent()).__name__}())")
        return program
    optimizer = GradientDescent() if optimizer is None else optimizer
    if isinstance(optimizer, Hashable) and isinstance(schedule, Hashable):
        return _step(Same(program), optimizer, schedule)
    return step(program, optimizer, schedule=schedule)


def _made_by(program, optimizer, schedule):
    """Whether the updates of a step are those of an optimizer."""
    update = optimizer.update(program, schedule)
    return program.updates == update.updates and all(e.lhs in program and program[e.lhs] == e for e in update)


@kept
def _step(same, optimizer, schedule):
    return step(same.program, optimizer, schedule=schedule)


class _Run:
    """A run, and what to say when it leaves the finite numbers."""

    CHUNK = 0.1         # seconds between two moves of the progress bar
    INDICES = 500_000   # of samples in shuffled order, made at once

    def __init__(self, trainer, every, shuffle):
        self.trainer, self.every, self.shuffle, self.state = trainer, every, shuffle, trainer.state
        self.record = None

    def go(self, epochs, progress):
        """All epochs, in pieces that take about CHUNK seconds and are recorded one by one."""
        at, pieces, rows = 0, 1, -(-epochs//self.every) + 1
        self.check_memory(rows)
        values = (*self.trainer.constants.values(), *self.state.values())
        self.record = Record(rows, 1 + len(self.state), all(isinstance(v, float) for v in values))
        with _bar(epochs, progress) as bar:
            while at < epochs:
                whole = self.trainer.backend.whole_runs
                count, before = epochs - at if whole else min(pieces*self.every, epochs - at), time.perf_counter()
                self.advance(at, count)
                at += count
                bar.update(count)
                if (time.perf_counter() - before < self.CHUNK and 2*pieces*self.every*self.trainer.count < self.INDICES
                        and 2*pieces <= self.trainer.backend.rows):
                    pieces *= 2
        self.keep(epochs, self._loss(self.state), self.state.values())

    def check_memory(self, rows):
        """Raise MemoryError, before anything is computed, where the record of so many epochs cannot fit."""
        networks = max(np.size(v) for v in (*self.trainer.constants.values(), *self.state.values()))
        if networks > 1:
            width = 1 + len(self.state)
            require_memory(8*rows*width*networks,
                           f"the record of {rows:,} epochs of {networks:,} networks with {width:,} numbers each",
                           "every=... keeps fewer epochs")

    def advance(self, at, count):
        """So many epochs; where one leaves the finite numbers they are repeated one by one, to find it."""
        orders = self._orders(count)
        try:
            kept, state = self.trainer.run(self.state, count, self.every, orders)
            if all(map(_finite, state.values())) and self.record.add(range(at, at + count, self.every), kept):
                self.state = state
                return
        except (ArithmeticError, ValueError):          # math raises where NumPy returns inf or nan
            pass
        for k in range(count):
            try:
                rows, state = self.trainer.run(self.state, 1, 1, orders and orders[k:k + 1])
                loss = rows[0]
            except (ArithmeticError, ValueError):
                loss = math.nan
            self.keep(at + k, loss, self.state.values(), (at + k) % self.every == 0)
            self.state = state

    def _orders(self, count):
        if self.shuffle is None:
            return None
        orders = []
        for _ in range(count):
            order = list(range(self.trainer.count))
            self.shuffle(order)
            orders.append(order)
        return orders

    def _loss(self, state):
        try:
            return self.trainer.loss(state)
        except (ArithmeticError, ValueError):
            return math.nan

    def keep(self, epoch, loss, state, record=True):
        if not _finite(loss):
            self.diverged(epoch, dict(zip(self.state, state, strict=True)))
        if record:
            self.record.add([epoch], [loss, *state])

    def diverged(self, epoch, state):
        name = self.first_not_finite(state)
        error = FloatingPointError(f"the run diverged: at epoch {epoch} {name} is not finite. A "
                                   "smaller learning rate may help; the epochs before are in this exception's .history")
        error.history = self.history()
        raise error

    def first_not_finite(self, state):
        """The name of the first quantity of the step that is infinite or undefined, in the order of the equations."""
        program = self.trainer.program
        compute = positional(program, "numpy")
        for sample in self.trainer.samples:
            known = {s: np.asarray(v, dtype=float) for s, v in {**self.trainer.constants, **state, **sample}.items()}
            with np.errstate(all="ignore"):
                found = {**{s: known[s] for s in state}, **compute(known)}
            for s, value in found.items():
                if not np.all(np.isfinite(value)):
                    return program.spelled[s]
        return program.spelled[program.loss]

    def history(self):
        names = [self.trainer.program.spelled[s] for s in self.state]
        constants = {self.trainer.program.spelled[s]: v for s, v in self.trainer.constants.items()}
        loss, *columns = self.record.columns()
        return History(self.trainer.program, self.record.epochs, loss, dict(zip(names, columns, strict=True)), constants)


def _bar(epochs, progress):
    """A progress bar, which by default appears once a run has lasted two seconds."""
    if progress is False:
        return _NoBar()
    from tqdm import tqdm
    return tqdm(total=epochs, desc="epochs", delay=0 if progress else 2, leave=bool(progress))


class _NoBar(nullcontext):
    def update(self, count):
        """Nothing to show."""

    def __enter__(self):
        return self


def _finite(value):
    try:
        return math.isfinite(value)
    except (TypeError, ValueError):
        return bool(np.all(np.isfinite(np.asarray(value, dtype=float))))
