"""What a training run did, epoch by epoch.

    History                     .epochs, .loss, .values, .at(epoch), .plot()
"""
from dataclasses import dataclass, field

from ..describe.arguments import expect
from ..describe.digits import decimal
from ..describe.doors import ask
from ..describe.nearest import said
from ..describe.program import Program
from ..describe.values import Values


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
    validation: object = ()         # the loss on other samples, at each kept epoch
    accuracy: object = ()           # the share of them that is put in the right class; None where there are no classes
    settings: dict | None = field(default=None, repr=False)

    @property
    def best(self):
        """The epoch whose loss on other samples is the lowest; ValueError where there are none."""
        if not len(self.validation):
            raise ValueError("best: expected a run with validation samples, fit(..., validation=...)")
        return int(self.epochs[min(range(len(self.validation)), key=self.validation.__getitem__)])

    def save(self, path):
        """Write the run to a file, from which ``bp.resume(path)`` goes on: see ``checkpoint.save``."""
        ask("checkpoint", self, path)

    def __post_init__(self):
        expect("History", program=self.program, epochs=self.epochs, loss=self.loss, values=self.values, constants=self.constants)
        lengths = {name: len(kept) for name, kept in {"epochs": self.epochs, "loss": self.loss, **self.values}.items()}
        if odd := [name for name, length in lengths.items() if length != len(self.epochs)]:
            raise ValueError(f"{odd[0]}: expected {len(self.epochs)} entries, one for each of the epochs, got {lengths[odd[0]]}")

    def at(self, epoch):
        """The values after that many epochs, ready to go on from: {name: number}."""
        expect(epoch=epoch)
        positions = [i for i, e in enumerate(self.epochs) if e == epoch]
        if not positions:
            raise ValueError(f"epoch {said(epoch)} was not kept: there are {len(self.epochs)}, from 0 to {self.epochs[-1]}")
        return Values({**self.constants, **{name: array[positions[0]] for name, array in self.values.items()}})

    def plot(self, log=False):
        """The loss across the epochs, as a figure."""
        return ask("loss as a figure", self, log=log)

    def __repr__(self):
        if not len(self.epochs):
            return "History of no epoch"
        first, last = ("an array" if getattr(x, "ndim", 0) else decimal(float(x)) for x in (self.loss[0], self.loss[-1]))
        return f"History of {self.epochs[-1]:,} epochs: {self.program.loss} from {first} to {last}"
