"""Training: a step is a Program; an epoch repeats it over the samples; what happened is a History.

    fit(net, values, ...)       train, and keep the loss and the parameters of every epoch
"""
import random
from collections.abc import Hashable

from ..derive.optimizers import ETA, ETA_0, GradientDescent, step
from ..describe.arguments import expect
from ..describe.nearest import said
from ..describe.values import by_symbol
from .epochs import Run
from .same import Same, kept
from .trainer import Trainer
from .watch import Watch


def fit(program, values, samples=None, optimizer=None, learning_rate=0.01, epochs=1000, batch=None, every=1,
        backend=None, reduce="mean", seed=None, progress=None, schedule=None, validation=None, patience=None, callback=None,
        dtype="float64"):
    """Train a network, and return the History of its loss and its parameters.

    ``program`` is a forward pass with a loss, or a whole step (``step(net, optimizer)``); ``values`` the start of the
    parameters, and the sample where there is one; ``samples`` a list of {name: number} or one {name: sequence}. A batch
    of ``batch`` samples (all of them) makes one update; its loss and gradient are the ``reduce`` ("mean" or "sum") over
    them. With ``seed`` the samples come in a new, reproducible order each epoch. ``every``: keep each n-th epoch.
    ``progress``: True or False; by default a bar appears once a run has lasted two seconds. ``schedule`` changes the
    learning rate from step to step. ``validation`` are other samples, whose loss and accuracy are computed at each kept epoch;
    after ``patience`` of them without a lower loss the run ends. ``callback`` is called with a ``Report`` at each; where it
    returns True the run ends.

    Of a program of arrays the samples are arrays, {"X": X, "Y": Y}, and a batch is a part of their rows (or columns), and its
    loss what the program says; the numbers are of ``dtype`` "float64" or "float32". By default the backend is "python", for
    arrays "numpy". On backend "numpy" any value may be an array, and all samples of a batch are
    computed together; "numba" and "c" compile the loop; "jax" runs it as one scan, in the precision that JAX is set to.

    Raises ValueError for a missing value or a setting that is no sensible number, and FloatingPointError where the run
    diverges: it names the epoch and the first quantity that is not finite, and holds the epochs before in ``.history``.

    >>> from backprop_sym import dense
    >>> fit(dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0, "b1": 0}, learning_rate=1, epochs=100)
    History of 100 epochs: E_total from 0.125 to 0.00152308732
    """
    expect(program=program, values=values, samples=samples, optimizer=optimizer, learning_rate=learning_rate, epochs=epochs,
           batch=batch, every=every, seed=seed, progress=progress, schedule=schedule, validation=validation, patience=patience,
           callback=callback, dtype=dtype)
    whole = _whole(program, optimizer, schedule)
    optimizer = GradientDescent() if optimizer is None else optimizer
    rate = {ETA if schedule is None else ETA_0: learning_rate}
    settings = {**optimizer.coefficients, **({} if schedule is None else schedule.coefficients),
                **by_symbol(whole, values), **rate}
    trainer = Trainer(whole, settings, samples, backend, reduce, batch, dtype)
    watch = Watch(trainer, _validation(trainer, settings, validation, reduce), patience, callback)
    course = {"program": program, "optimizer": optimizer, "schedule": schedule, "learning_rate": learning_rate, "batch": batch,
              "every": every, "backend": backend, "reduce": reduce, "dtype": dtype, "samples": samples,
              "random": None if seed is None else random.Random(seed)}
    run = Run(trainer, course, watch)
    run.go(epochs, progress)
    return run.history()


def _validation(trainer, settings, samples, reduce):
    """A trainer of other samples, for their loss."""
    if samples is None:
        return None
    return Trainer(trainer.program, settings, samples, trainer.backend, reduce, None, trainer.dtype)


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
