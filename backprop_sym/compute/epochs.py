"""A run, epoch by epoch: recorded, watched, and stopped where it leaves the finite numbers.

    Run(trainer, settings, ...) .go(last, progress), .history()
"""
import time
from contextlib import nullcontext

import numpy as np

from .history import History
from .record import Record, finite
from .trainer import positional, require_memory


class Run:
    """A run, and what to say when it leaves the finite numbers."""

    CHUNK = 0.1         # seconds between two moves of the progress bar
    MORE = 16           # times as many epochs as before, at most, for a piece that was shorter
    INDICES = 500_000   # of samples in shuffled order, made at once

    def __init__(self, trainer, settings, watch=None, first=0):
        """``settings`` are those of ``fit``; ``first`` is the epoch at which the run starts."""
        self.trainer, self.settings, self.watch, self.first, self.state = trainer, settings, watch, first, trainer.state
        self.every, self.numbers = settings["every"], settings["random"]       # by which samples are shuffled
        self.record, self.piece = None, None

    def go(self, last, progress):
        """All epochs up to the last, in pieces that take about CHUNK seconds and are recorded one by one."""
        with np.errstate(all="ignore"):                # a run that leaves the finite numbers ends in an error instead
            self._go(last, progress)

    def _go(self, last, progress):
        at, pieces, rows = self.first, 1, -(-(last - self.first)//self.every) + 1 + (self.first % self.every > 0)
        self.check_memory(rows)
        most = min(self.INDICES//(self.every*self.trainer.count), self.trainer.backend.rows)
        values = (*self.trainer.constants.values(), *self.state.values())
        self.record = Record(rows, 1 + len(self.state), all(isinstance(v, float) for v in values))
        with _bar(last - self.first, progress) as bar:
            while at < last:
                count, before = self._count(at, last, pieces), time.perf_counter()
                state = self.state
                if self.piece is None or not at % self.every:
                    self.piece = at, self.numbers and self.numbers.getstate()
                self.advance(at, count)
                if self.watch and self._watched(at, state, bar):       # the loss of an epoch is known when it was run
                    self.state = state
                    self._orders_of(at)
                    break
                at += count
                bar.update(count)
                longer = int(pieces*min(self.MORE, self.CHUNK/max(time.perf_counter() - before, 1e-9)))
                pieces = max(pieces, min(longer, most))
            else:
                loss = self._bounded(lambda trainer: trainer.loss(self.state))
                self.keep(at, loss)
                if self.watch:
                    self.watch.after(at, float(loss), self.state)

    def _orders_of(self, epoch):
        """Take back the orders of the samples that were drawn beyond an epoch: the last that is kept, or one after it."""
        at, numbers = self.piece
        if numbers:
            self.numbers.setstate(numbers)
            self._orders(epoch - at)

    def _count(self, at, last, pieces):
        """How many epochs are made at once: up to the next that is kept, where each of those is looked at, it alone first."""
        if self.watch and not at % self.every:
            return 1
        if at % self.every:
            return min(self.every - at % self.every, last - at)
        return last - at if self.trainer.backend.whole_runs else min(pieces*self.every, last - at)

    def _watched(self, at, state, bar):
        """Look at an epoch that was kept; whether the run should end."""
        if at % self.every:
            return False
        loss = self.record.loss
        end = self.watch.after(at, loss, state)
        bar.set_postfix(self.watch.words(loss), refresh=False)
        return end

    def check_memory(self, rows):
        """Raise MemoryError, before anything is computed, where the record of so many epochs cannot fit."""
        if self.trainer.program.shapes:
            size = 1 + sum(map(np.size, self.state.values()))
            return require_memory(8*rows*size, f"the record of {rows:,} epochs with {size:,} numbers each",
                                  "every=... keeps fewer epochs")
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
            if at % self.every == 0 and finite(list(state.values())) and self.record.add(
                    range(at, at + count, self.every), kept):
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
        if self.numbers is None:
            return None
        orders = []
        for _ in range(count):
            order = list(range(self.trainer.count))
            self.numbers.shuffle(order)
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
        if self.piece and len(error.history.epochs):
            self._orders_of(int(error.history.epochs[-1]))
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
        """The History of what was kept, which can be saved."""
        names = [self.trainer.program.spelled[s] for s in self.state]
        constants = {self.trainer.program.spelled[s]: v for s, v in self.trainer.constants.items()}
        loss, *columns = self.record.columns()
        return History(self.trainer.program, self.record.epochs, loss, dict(zip(names, columns, strict=True)), constants,
                       *((self.watch.losses, self.watch.shares) if self.watch else ()), settings=self.settings)


def _bar(epochs, progress):
    """A progress bar, which by default appears once a run has lasted two seconds."""
    if progress is False:
        return _NoBar()
    from tqdm import tqdm
    return tqdm(total=epochs, desc="epochs", delay=0 if progress else 2, leave=bool(progress))


class _NoBar(nullcontext):
    def update(self, count):
        """Nothing to show."""

    def set_postfix(self, words, refresh):
        """Nothing to show."""

    def __enter__(self):
        return self
