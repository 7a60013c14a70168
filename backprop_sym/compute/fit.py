"""Training: a step is a Program; an epoch repeats it over the samples; what happened is a History.

    fit(net, values, ...)       train, and keep the loss and the parameters of every epoch
"""
import math
import random
import time
from collections.abc import Hashable
from contextlib import nullcontext

import numpy as np

from ..derive.optimizers import ETA, ETA_0, GradientDescent, Optimizer, step
from ..describe.values import by_symbol
from .history import History
from .record import Record, finite
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
    size = 1 if batch is None else batch
    for name, number, least in (("epochs", epochs, 0), ("every", every, 1), ("batch", size, 1)):
        if isinstance(number, bool) or not hasattr(number, "__index__") or number < least:
            raise ValueError(f"{name}: expected an integer of at least {least}, got {number!r}")
    optimizer = GradientDescent() if optimizer is None else optimizer
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer: expected one such as GradientDescent() or Adam(), got {optimizer!r}")
    whole = program if program.updates else _whole(program, optimizer, schedule)
    rate = {ETA if schedule is None else ETA_0: _checked_rate(learning_rate)}
    settings = {**optimizer.coefficients, **({} if schedule is None else schedule.coefficients),
                **by_symbol(whole, values), **rate}
    trainer = Trainer(whole, settings, samples, backend, reduce, batch)
    run = _Run(trainer, every, None if seed is None else random.Random(seed).shuffle)
    with np.errstate(all="ignore"):                # a run that leaves the finite numbers ends in an error instead
        run.go(epochs, progress)
    return run.history()


def _whole(program, optimizer, schedule):
    """The step of a program, derived once."""
    if isinstance(optimizer, Hashable) and isinstance(schedule, Hashable):
        return _step(Same(program), optimizer, schedule)
    return step(program, optimizer, schedule=schedule)


@kept
def _step(same, optimizer, schedule):
    return step(same.program, optimizer, schedule=schedule)


def _checked_rate(learning_rate):
    """The learning rate as given, if it is a finite number, or on NumPy an array of them."""
    if not isinstance(learning_rate, str) and not _finite(learning_rate):
        raise ValueError(f"learning_rate: expected a finite number, got {learning_rate!r}")
    return learning_rate


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
        self.keep(epochs, self._bounded(lambda trainer: trainer.loss(self.state)))

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
            if finite(list(state.values())) and self.record.add(range(at, at + count, self.every), kept):
                self.state = state
                return
        except self.trainer.backend.errors:
            pass
        for k in range(count):
            order = orders and orders[k:k + 1]
            rows, state = self._bounded(lambda trainer, order=order: trainer.run(self.state, 1, 1, order))
            self.keep(at + k, rows[0], (at + k) % self.every == 0)
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

    def _bounded(self, compute):
        """What ``compute(trainer)`` returns; where numbers leave the bounds of floats on the way, as on NumPy."""
        try:
            return compute(self.trainer)
        except self.trainer.backend.errors:
            return compute(self.trainer.unbounded)

    def keep(self, epoch, loss, record=True):
        """Record the state before an epoch and its loss, if all of it is finite."""
        if not finite([loss, *self.state.values()]):
            self.diverged(epoch)
        if record:
            self.record.add([epoch], [loss, *self.state.values()])

    def diverged(self, epoch):
        error = FloatingPointError(f"the run diverged: at epoch {epoch} {self.first_not_finite()} is not finite. A "
                                   "smaller learning rate may help; the epochs before are in this exception's .history")
        error.history = self.history()
        raise error

    def first_not_finite(self):
        """The name of the first quantity of the step that is infinite or undefined, in the order of the equations."""
        program = self.trainer.program
        compute = positional(program, "numpy")
        for sample in self.trainer.samples:
            known = {s: np.asarray(v, dtype=float) for s, v in {**self.trainer.constants, **self.state, **sample}.items()}
            for s, value in {**{s: known[s] for s in self.state}, **compute(known)}.items():
                if not np.all(np.isfinite(value)):
                    return program.spelled[s]
        return f"{program.spelled[program.loss]}, taken over all samples,"

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
