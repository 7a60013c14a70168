"""Training: a step is a Program; an epoch repeats it over the samples; what happened is a History.

    fit(net, values, ...)       train, and keep the loss and the parameters of every epoch
    Trainer(program, ...)       one update at a time, on any backend: what ``fit`` and the audit run on
"""
import math
import os
import random
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .engines import BACKENDS
from .functions import lookup
from .loops import Loop
from .numeric import lambdify
from .optimizers import GradientDescent, Optimizer, step
from .program import Program
from .values import Values, decimal, given, within_domains

REDUCE = {"mean": lambda values: sum(values)/len(values), "sum": sum}


class Trainer:
    """A step program, compiled as a loop, with the numbers that stay the same: turns a state into a later one.

    A state is {name: number} for what the updates change. The gradients of a batch are summed, and divided by its size
    where ``reduce`` is "mean"; then comes one update, every gradient taken at the old parameters.
    """

    def __init__(self, program, values, samples=None, backend="python", reduce="mean", batch=None):
        self.program, self.reduce = program, lookup(REDUCE, "reduction", reduce)
        dialect = lookup(BACKENDS, "backend", backend)
        samples = checked_samples(program, samples)
        memory = {old.name: 0 for old in program.updates if old not in program.parameters}
        values = {**memory, **{str(k): v for k, v in values.items()}}
        for sample in samples:
            within_domains(program, {**values, **sample})
        known = {name: dialect.convert(name, value) for name, value in given(program, {**values, **samples[0]}).items()}
        self.samples = [{name: dialect.convert(name, value) for name, value in sample.items()} for sample in samples]
        self.state = {old.name: known[old.name] for old in program.updates}
        self.count, self.size = len(samples), len(samples) if batch is None else min(batch, len(samples))
        columns = tuple(samples[0]) if self.count > 1 else ()
        self.loop = Loop(program, columns, self.size < self.count, reduce, dialect)
        self.constants = {name: known[name] for name in self.loop.constants}
        self._columns = [dialect.column([sample[name] for sample in self.samples], known) for name in columns]
        self._train = dialect.compile(self.loop.source)["train"]

    def run(self, state, epochs, every=None, orders=None, size=None):
        """(what was kept, the state after so many epochs): kept is loss, *state at each ``every``-th epoch, in one list."""
        orders = [range(self.count)] if orders is None else orders
        every, dialect = every or max(epochs, 1), self.loop.dialect
        settings = (dialect.order([i for order in orders for i in order]), len(orders), len(orders[0]), size or self.size,
                    self.count)

        def part(of):
            """The run of some of the networks: ``of`` takes them from a value."""
            keep, kept = dialect.recorder(-(-epochs//every), 1 + len(state))
            with np.errstate(all="ignore"):            # a run that leaves the finite numbers ends in an error instead
                after = self._train(epochs, every, keep, *settings, *self._columns, *map(of, self.constants.values()),
                                    *(of(state[name]) for name in self.loop.state))
            return kept(), list(after)

        kept, after = dialect.in_parts(part, [*self.constants.values(), *state.values()])
        return kept, dict(zip(self.loop.state, after, strict=True))

    def updates(self, state, first, last, online):
        """The state after updates number first to last - 1: of all samples together, or online, one sample in turn."""
        orders = [[(first + k) % self.count] for k in range(min(self.count, max(last - first, 1)))] if online else None
        return self.run(state, last - first, orders=orders)[1]

    def loss(self, state):
        """The loss over all samples."""
        return self._over({**self.constants, **state})[self.program.loss.name]

    def _over(self, known):
        found = [self._forward({**known, **sample}) for sample in self.samples]
        return found[0] if len(found) == 1 else {name: self.reduce([f[name] for f in found]) for name in found[0]}

    @cached_property
    def _forward(self):
        return _positional(self.program.upto(self.program.loss), self.loop.dialect)


def _positional(program, backend):
    """{name: number} -> {name: number} without checks, for numbers that were checked once."""
    compute = lambdify(program, backend).compute
    names, results = [s.name for s in program.given], [s.name for s in program.defined]
    return lambda known: dict(zip(results, compute(*[known[name] for name in names]), strict=True))


def require_memory(bytes_needed, what, hint):
    """Raise MemoryError with the number of bytes where they are more than the machine has free, as far as it tells."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES")*os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):      # not told on every system
        return
    if bytes_needed > free:
        raise MemoryError(f"{what} needs {bytes_needed:,} bytes, and {free:,} are free; {hint}")


def checked_samples(program, samples):
    """A list of {name: number}, restricted to what the program uses; one empty sample where ``values`` hold everything.

    ``samples`` is such a list, or one mapping {name: sequence of numbers}. Raises ValueError where samples differ in
    their names or sequences in their lengths.
    """
    names = {s.name for s in program.given}
    if isinstance(samples, Mapping):
        lengths = {str(name): len(column) for name, column in samples.items()}
        if len(set(lengths.values())) > 1:
            (a, m), (b, n) = next((p, q) for p in lengths.items() for q in lengths.items() if p[1] != q[1])
            raise ValueError(f"samples: expected sequences of one length, got {m} values of {a!r} and {n} of {b!r}")
        samples = [dict(zip(lengths, row, strict=True)) for row in zip(*samples.values(), strict=True)]
    samples = [{}] if samples is None else samples
    samples = [{str(k): v for k, v in sample.items() if str(k) in names} for sample in samples]
    if not samples:
        raise ValueError("samples: expected at least one, got none")
    for i, sample in enumerate(samples, 1):
        if odd := sorted(set(sample) ^ set(samples[0])):
            raise ValueError(f"samples: all must name the same quantities, but 1 and {i} differ in {odd[0]!r}")
    return samples


def fit(program, values, samples=None, optimizer=None, learning_rate=0.01, epochs=1000, batch=None, every=1,
        backend="python", reduce="mean", seed=None, progress=None, schedule=None):
    """Train a network, and return the History of its loss and its parameters.

    ``program`` is a forward pass with a loss, or a whole step (``step(net, optimizer)``); ``values`` the start of the
    parameters, and the sample where there is one; ``samples`` a list of {name: number} or one {name: sequence}. A batch
    of ``batch`` samples (all of them) makes one update; its loss and gradient are the ``reduce`` ("mean" or "sum") over
    them. With ``seed`` the samples come in a new, reproducible order each epoch. ``every``: keep each n-th epoch.
    ``progress``: True or False; by default a bar appears once a run has lasted two seconds. ``schedule`` changes the
    learning rate from step to step. On backend "numpy" any value may be an array, and all samples of a batch are
    computed together.

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
    whole = program if program.updates else step(program, optimizer, schedule=schedule)
    rate = {"eta": _checked_rate(learning_rate)}
    settings = {**optimizer.coefficients, **({} if schedule is None else schedule.coefficients), **dict(values), **rate}
    if schedule is not None:
        settings["eta_0"] = settings.pop("eta")
    trainer = Trainer(whole, settings, samples, backend, reduce, batch)
    run = _Run(trainer, every, None if seed is None else random.Random(seed).shuffle)
    run.go(epochs, progress)
    return run.history()


def _checked_rate(learning_rate):
    """The learning rate as given, if it is a finite number, or on NumPy an array of them."""
    if not isinstance(learning_rate, str) and not _finite(learning_rate):
        raise ValueError(f"learning_rate: expected a finite number, got {learning_rate!r}")
    return learning_rate


class _Run:
    """The records of a run, and what to say when it leaves the finite numbers."""

    CHUNK = 0.1         # seconds between two moves of the progress bar
    INDICES = 500_000   # of samples in shuffled order, made at once

    def __init__(self, trainer, every, shuffle):
        self.trainer, self.every, self.shuffle, self.state = trainer, every, shuffle, trainer.state
        self.epochs, self.kept = [], []                # kept: the loss and the state of each epoch, one after the other
        self.width = 1 + len(self.state)

    def go(self, epochs, progress):
        """All epochs, in pieces that take about CHUNK seconds."""
        at, pieces = 0, 1
        self.check_memory(-(-epochs//self.every) + 1)
        with _bar(epochs, progress) as bar:
            while at < epochs:
                whole = self.trainer.loop.dialect.whole_runs
                count, before = epochs - at if whole else min(pieces*self.every, epochs - at), time.perf_counter()
                self.advance(at, count)
                at += count
                bar.update(count)
                if time.perf_counter() - before < self.CHUNK and 2*pieces*self.every*self.trainer.count < self.INDICES:
                    pieces *= 2
        self.keep(epochs, self._loss(self.state), self.state.values())

    def check_memory(self, rows):
        """Raise MemoryError, before anything is computed, where the record of so many epochs cannot fit."""
        networks = max(np.size(v) for v in (*self.trainer.constants.values(), *self.state.values()))
        if networks > 1:
            require_memory(8*rows*self.width*networks,
                           f"the record of {rows:,} epochs of {networks:,} networks with {self.width:,} numbers each",
                           "every=... keeps fewer epochs")

    def advance(self, at, count):
        """So many epochs; where one leaves the finite numbers they are repeated one by one, to find it."""
        orders = self._orders(count)
        try:
            kept, state = self.trainer.run(self.state, count, self.every, orders)
        except (ArithmeticError, ValueError):          # math raises where NumPy returns inf or nan
            kept, state = [], {}
        if state and all(map(_finite, kept[::self.width])) and all(map(_finite, state.values())):
            self.epochs += range(at, at + count, self.every)
            self.kept += kept
            self.state = state
            return
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
            self.epochs.append(epoch)
            self.kept += (loss, *state)

    def diverged(self, epoch, state):
        name = self.first_not_finite(state)
        error = FloatingPointError(f"the run diverged: at epoch {epoch} {name} is not finite. A "
                                   "smaller learning rate may help; the epochs before are in this exception's .history")
        error.history = self.history()
        raise error

    def first_not_finite(self, state):
        """The name of the first quantity of the step that is infinite or undefined, in the order of the equations."""
        compute = _positional(self.trainer.program, "numpy")
        for sample in self.trainer.samples:
            known = {k: np.asarray(v, dtype=float) for k, v in {**self.trainer.constants, **state, **sample}.items()}
            with np.errstate(all="ignore"):
                found = {**{k: known[k] for k in state}, **compute(known)}
            for name, value in found.items():
                if not np.all(np.isfinite(value)):
                    return name
        return self.trainer.loss_name

    def history(self):
        columns = [_stacked(self.kept[i::self.width]) for i in range(self.width)]
        return History(self.trainer.program, np.array(self.epochs), columns[0],
                       dict(zip(self.state, columns[1:], strict=True)), self.trainer.constants)


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


def _stacked(values):
    """One array of the values of all epochs; a start that is one number stands for all networks of a batch."""
    if not any(getattr(v, "ndim", 0) for v in values):
        return np.array(values)
    return np.stack(np.broadcast_arrays(*(np.asarray(v) for v in values)))


def _finite(value):
    try:
        return math.isfinite(value)
    except (TypeError, ValueError):
        return bool(np.all(np.isfinite(np.asarray(value, dtype=float))))


@dataclass(frozen=True, repr=False, eq=False)
class History:
    """What a run did: ``loss[i]`` and ``values[name][i]`` belong to ``epochs[i]`` updates of all samples.

    ``epochs`` counts from 0, the start; with every=1 ``loss[k]`` is the loss after k epochs. ``constants`` are the
    values that did not change.
    """

    program: Program
    epochs: object
    loss: object
    values: dict
    constants: dict = field(default_factory=dict)

    def at(self, epoch):
        """The values after that many epochs, ready to go on from: {name: number}."""
        positions = [i for i, e in enumerate(self.epochs) if e == epoch]
        if not positions:
            raise ValueError(f"epoch {epoch!r} was not kept: there are {len(self.epochs)}, from 0 to {self.epochs[-1]}")
        return Values({**self.constants, **{name: array[positions[0]] for name, array in self.values.items()}})

    def plot(self, log=False):
        """The loss across the epochs, as a figure."""
        from . import figures
        return figures.loss(self, log=log)

    def __repr__(self):
        if not len(self.epochs):
            return "History of no epoch"
        first, last = ("an array" if getattr(x, "ndim", 0) else decimal(x) for x in (self.loss[0], self.loss[-1]))
        return f"History of {self.epochs[-1]:,} epochs: {self.program.loss} from {first} to {last}"
