"""What is looked at while a run goes on: the loss and the accuracy on other samples, when to stop, a reader's own function.

    Watch(trainer, validation, patience, callback)      .after(epoch, loss, state): whether the run should end
    Report                      what a callback is given
    accuracy(program, predictions, targets)     the share of samples that are put in the right class
"""
from dataclasses import dataclass, field

import numpy as np

from ..describe.shapes import Extent
from ..describe.values import Values


@dataclass(frozen=True)
class Report:
    """An epoch as a callback sees it: ``values`` are the parameters; ``validation`` and ``accuracy`` None without validation."""

    epoch: int
    loss: float
    values: Values = field(repr=False)
    validation: float | None = None
    accuracy: float | None = None


class Watch:
    """The validation of a run, its early end, and its callback.

    ``patience``: after so many kept epochs without a lower validation loss the run ends; ``earlier`` are the losses of the epochs
    before, where the run goes on. ``callback(report)`` is called for each kept epoch; where it returns True the run ends. Raises
    ValueError for a patience with nothing to validate by.
    """

    def __init__(self, trainer, validation=None, patience=None, callback=None, earlier=()):
        if patience is not None and validation is None:
            raise ValueError(f"patience: expected validation samples beside it, validation=..., got {patience!r} alone")
        self.trainer, self.validation, self.patience, self.callback = trainer, validation, patience, callback
        self.losses, self.shares, self.lowest, self.waited = [], [], None, 0
        for loss in earlier:
            self.wait(loss)

    def __bool__(self):
        return self.validation is not None or self.callback is not None

    def words(self, loss):
        """What a progress bar says."""
        shares = [f"{share:.2%}" for share in self.shares[-1:] if share is not None]
        return {"loss": f"{loss:.4g}", **dict(zip(["accuracy"], shares, strict=False))}

    def after(self, epoch, loss, state):
        """Look at the state of an epoch; whether the run should end."""
        found = share = None
        if self.validation is not None:
            found, share = self.validation.loss_and_accuracy(state)
            self.losses.append(found)
            self.shares.append(share)
            self.wait(found)
        values = Values.of(self.trainer.program, {**self.trainer.constants, **state})
        said = None if self.callback is None else self.callback(Report(epoch, loss, values, found, share))
        if isinstance(said, bool | np.bool_) and said:         # what NumPy compares is no bool of Python's
            return True
        return self.patience is not None and self.waited >= self.patience

    def wait(self, loss):
        """Count for how many losses none was lower."""
        lower = self.lowest is None or loss < self.lowest
        self.lowest, self.waited = (loss, 0) if lower else (self.lowest, self.waited + 1)


def predicted(program):
    """(the quantity that is compared with the target, the target), or None where there is not one array of each."""
    if len(program.targets) != 1:
        return None
    target, = program.targets
    shape = program.shape.get(target, ())
    for e in reversed(program.upto(program.loss).equations):
        for s in e.rhs.free_symbols:
            if target in e.rhs.free_symbols and s != target and s in program and program.shape.get(s) == shape != ():
                return s, target
    return None


def accuracy(program, predictions, targets):
    """The share of samples whose largest output is that of the target; with one output, those on the right side of 1/2.

    Arrays are as the program has them, samples by rows or by columns. None where the targets are no classes.
    """
    shape = program.shape[program.targets[0]]
    axis = next((i for i, size in enumerate(shape) if not isinstance(size, Extent)), len(shape) - 1)
    if not np.isin(targets, (0, 1)).all():
        return None
    if predictions.shape[axis] == 1:
        return float(np.mean((predictions > 0.5) == (targets > 0.5)))
    return float(np.mean(predictions.argmax(axis=axis) == targets.argmax(axis=axis)))
