"""The record of a run: the loss and the state of each epoch that is kept.

    Record(rows, width, numbers)    .add(epochs, values), .epochs, .columns()
    finite(values)                  whether all of them are

Numbers go into one table of doubles, made beforehand: a list of a million floats takes three times the memory, and to become
an array more time than the epochs took.
"""
import struct

import numpy as np


class Record:
    """Rows of ``width`` values each; ``numbers``: whether they are floats, and not arrays or anything else."""

    def __init__(self, rows, width, numbers):
        self.width, self.at = width, 0
        self._epochs, self._values = np.empty(rows, dtype=int), []
        self._table = np.empty((rows, width)) if numbers else None

    def add(self, epochs, values):
        """Put in the rows of some epochs, one value after another; False, and nothing is put in, where one is not finite."""
        rows = slice(self.at, self.at + len(epochs))
        if self._table is None:
            if not finite(values):
                return False
            self._values += values
        else:
            self._fill(self._table[rows], values)
            if not np.isfinite(self._table[rows]).all():
                return False
        self._epochs[rows] = epochs if isinstance(epochs, list) else np.arange(epochs.start, epochs.stop, epochs.step)
        self.at = rows.stop
        return True

    def _fill(self, table, values):
        if isinstance(values, np.ndarray):
            table[:] = values.reshape(table.shape)
        else:
            struct.pack_into(f"{len(values)}d", memoryview(table).cast("B"), 0, *values)       # the fastest way from a list

    @property
    def epochs(self):
        """The epochs that were kept."""
        return self._epochs[:self.at].copy()

    @property
    def loss(self):
        """The loss that was put in last."""
        return float(self._table[self.at - 1, 0] if self._table is not None else self._values[-self.width])

    def columns(self):
        """An array for each column."""
        if self._table is None:
            return [_stacked(self._values[i::self.width]) for i in range(self.width)]
        return self._table[:self.at].T.copy()


def finite(values):
    """Whether all of some values, numbers or arrays, are finite."""
    if any(getattr(v, "ndim", 0) for v in values):
        return all(np.isfinite(np.asarray(v, dtype=float)).all() for v in values)
    return bool(np.isfinite(np.array(values, dtype=float)).all())


def _stacked(values):
    """One array of the values of all epochs; a start that is one number stands for all networks of a batch."""
    if not any(getattr(v, "ndim", 0) for v in values):
        return np.array(values)
    return np.stack(np.broadcast_arrays(*(np.asarray(v) for v in values)))
