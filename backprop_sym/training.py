"""Training: a step is a Program; an epoch repeats it over the samples; what happened is a History.

    fit(net, values, ...)       train, and keep the loss and the parameters of every epoch
    Trainer(program, ...)       one update at a time, on any backend: what ``fit`` and the audit run on
"""
import math
import random
from dataclasses import dataclass, field

import numpy as np

from .dialects import BACKENDS
from .functions import lookup
from .numeric import lambdify
from .optimizers import GradientDescent, Optimizer, step
from .program import Program
from .symbols import Partial
from .values import Values, decimal, given

REDUCE = {"mean": lambda values: sum(values)/len(values), "sum": sum}


class Trainer:
    """A step program, compiled, with the numbers that stay the same: turns a state and a batch into the next state.

    A state is {name: number} for what the updates change. The gradients of a batch are summed, and divided by its size
    where ``reduce`` is "mean"; then comes one update, every gradient taken at the old parameters.
    """

    def __init__(self, program, values, samples=None, backend="python", reduce="mean"):
        self.program, self.reduce = program, lookup(REDUCE, "reduction", reduce)
        self.loss_name = program.loss.name
        convert = lookup(BACKENDS, "backend", backend).convert
        samples = _checked(program, samples)
        memory = {old.name: 0 for old in program.updates if old not in program.parameters}
        known = given(program, {**memory, **{str(k): v for k, v in values.items()}, **samples[0]})
        known = {name: convert(name, value) for name, value in known.items()}
        self.samples = [{name: convert(name, value) for name, value in sample.items()} for sample in samples]
        self.constants = {name: value for name, value in known.items() if name not in self.samples[0]}
        self.state = {old.name: known[old.name] for old in program.updates}
        gradient, update = _split(program)
        self.gradient, self.update = _positional(gradient, backend), _positional(update, backend)
        self.forward = _positional(program.upto(program.loss), backend)
        self.names = [(old.name, new.name) for old, new in program.updates.items()]

    def step(self, state, batch):
        """(the loss of the batch before the update, the state after it)"""
        known = {**self.constants, **state}
        found = self._over(batch, self.gradient, known)
        new = {**found, **self.update({**known, **found})}
        return found[self.loss_name], {old: new[name] for old, name in self.names}

    def loss(self, state):
        """The loss over all samples."""
        return self._over(self.samples, self.forward, {**self.constants, **state})[self.loss_name]

    def _over(self, batch, function, known):
        """What a function finds for the samples of a batch, reduced to one value a name."""
        found = [function({**known, **sample}) for sample in batch]
        return found[0] if len(batch) == 1 else {name: self.reduce([f[name] for f in found]) for name in found[0]}


def _positional(program, backend):
    """{name: number} -> {name: number} without checks, for numbers that were checked once."""
    compute = lambdify(program, backend).compute
    names, results = [s.name for s in program.given], [s.name for s in program.defined]
    return lambda known: dict(zip(results, compute(*[known[name] for name in names]), strict=True))


def _split(program):
    """The part of a step that each sample goes through, and the part that follows on the reduced gradients."""
    gradients = {Partial(program.loss, p) for p in program.trainable}
    last = max(i for i, e in enumerate(program.equations) if e.lhs in gradients) + 1
    first, rest = program.equations[:last], program.equations[last:]
    return (program._with(first, updates={}),
            program._with(rest, updates={}, loss=None, given=program.given + program.defined[:last]))


def _checked(program, samples):
    """The samples, restricted to what the program uses; one that is empty where ``values`` hold everything."""
    names = {s.name for s in program.given}
    samples = [{}] if samples is None else samples
    samples = [{str(k): v for k, v in sample.items() if str(k) in names} for sample in samples]
    if not samples:
        raise ValueError("samples: expected at least one, got none")
    for i, sample in enumerate(samples, 1):
        if odd := sorted(set(sample) ^ set(samples[0])):
            raise ValueError(f"samples: all must name the same quantities, but 1 and {i} differ in {odd[0]!r}")
    return samples


def fit(program, values, samples=None, optimizer=None, learning_rate=0.01, epochs=1000, batch=None, every=1,
        backend="python", reduce="mean", seed=None, progress=None):
    """Train a network, and return the History of its loss and its parameters.

    ``program`` is a forward pass with a loss, or a whole step (``step(net, optimizer)``); ``values`` the start of the
    parameters, and the sample where there is one; ``samples`` a list of {name: number}. A batch of ``batch`` samples
    (all of them) makes one update; its loss and gradient are the ``reduce`` ("mean" or "sum") over them. With ``seed``
    the samples come in a new, reproducible order each epoch. ``every``: keep each n-th epoch. ``progress``: True or
    False; by default a bar appears once a run has lasted two seconds. On backend "numpy" any value may be an array.

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
    whole = program if program.updates else step(program, optimizer)
    settings = {"eta": _checked_rate(learning_rate), **optimizer.coefficients}
    trainer = Trainer(whole, {**settings, **dict(values), "eta": learning_rate}, samples, backend, reduce)
    run = _Run(trainer, every)
    size = len(trainer.samples) if batch is None else batch
    shuffle = random.Random(seed).shuffle if seed is not None else None
    with np.errstate(all="ignore"):                    # a run that leaves the finite numbers ends in an error instead
        for epoch in _progress(range(epochs), progress):
            run.advance(epoch, _batches(trainer.samples, size, shuffle))
        run.finish(epochs)
    return run.history()


def _checked_rate(learning_rate):
    """The learning rate as given, if it is a finite number, or on NumPy an array of them."""
    if not isinstance(learning_rate, str) and not _finite(learning_rate):
        raise ValueError(f"learning_rate: expected a finite number, got {learning_rate!r}")
    return learning_rate


def _batches(samples, size, shuffle):
    if shuffle is not None:
        samples = list(samples)
        shuffle(samples)
    return [samples[i:i + size] for i in range(0, len(samples), size)]


def _progress(epochs, progress):
    if progress is False:
        return epochs
    from tqdm import tqdm
    return tqdm(epochs, desc="epochs", delay=0 if progress else 2, leave=bool(progress))


class _Run:
    """The records of a run, and what to say when it leaves the finite numbers."""

    def __init__(self, trainer, every):
        self.trainer, self.every, self.state = trainer, every, trainer.state
        self.epochs, self.losses, self.states = [], [], []

    def advance(self, epoch, batches):
        before = self.state
        try:
            if len(batches) == 1:                      # its loss is the loss over all samples
                loss, self.state = self.trainer.step(before, batches[0])
            else:
                loss = self.trainer.loss(before) if epoch % self.every == 0 else 0.0
                for batch in batches:
                    _, self.state = self.trainer.step(self.state, batch)
        except (ArithmeticError, ValueError):          # math raises where NumPy returns inf or nan
            loss = math.nan
        self.keep(epoch, loss, before, epoch % self.every == 0)

    def finish(self, epochs):
        try:
            loss = self.trainer.loss(self.state)
        except (ArithmeticError, ValueError):
            loss = math.nan
        self.keep(epochs, loss, self.state, True)

    def keep(self, epoch, loss, state, record):
        if not _finite(loss):
            self.diverged(epoch, state)
        if record:
            self.epochs.append(epoch)
            self.losses.append(loss)
            self.states.append(state)

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
        names = list(self.trainer.state)
        return History(self.trainer.program, np.array(self.epochs), _stacked(self.losses),
                       {name: _stacked([state[name] for state in self.states]) for name in names},
                       self.trainer.constants)


def _stacked(values):
    """One array of the values of all epochs; a start that is one number stands for all networks of a batch."""
    return np.stack(np.broadcast_arrays(*(np.asarray(v) for v in values))) if values else np.array([])


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
