"""Code on arrays of NumPy: many networks, and all samples of a batch, at once.

    NumpyBackend                NumPy as it is
"""
import sys
from functools import cache

import numpy as np

from ...describe.arguments import are_numbers
from ...describe.nearest import said
from ..write.numpy import Numpy
from .backend import Backend


@cache
def _keep_memory():
    """Linux's malloc hands each array above 128 kB back to the system, which clears it anew for the next one: four fifths
    of the time of a landscape. Once it has seen 16 MB freed it keeps what is smaller; none of these pages is ever touched."""
    np.empty(2**21)


class NumpyBackend(Backend):
    """NumPy: every value may be an array, and all broadcast."""

    language, arrays, in_place, errors = Numpy, True, True, ()
    rows = sys.maxsize
    piece = 2**21               # with the steps on the way, what the processor's last cache holds
    PART = 100_000              # networks that are computed together: beyond it they come in turn, so that memory is bounded

    @staticmethod
    def convert(name, value):
        """A value as a NumPy float or array."""
        if isinstance(value, np.ndarray | list | tuple):
            try:
                array = np.asarray(value) if are_numbers(value) else None
            except ValueError:                             # rows of different lengths
                array = None
            if array is None:
                raise TypeError(f"value of {name!r}: expected finite numbers, none of them masked, got {_odd(value)}")
            return array.astype(np.result_type(array, float), copy=False)          # stable forms are stable for doubles
        return np.float64(Backend.convert(name, value))

    @staticmethod
    def column(values, known):
        """The values of one name for all samples: the samples are an axis before those of the known arrays."""
        dims = max((np.ndim(v) for v in (*known.values(), *values)), default=0)
        values = [np.asarray(v, dtype=float) for v in values]
        return np.stack([v.reshape((1,)*(dims - v.ndim) + v.shape) for v in np.broadcast_arrays(*values)])

    @staticmethod
    def order(orders):
        """The indices of samples in one order after another, as an array."""
        return np.concatenate([np.arange(order.start, order.stop, order.step) if isinstance(order, range)
                               else np.asarray(order, dtype=int) for order in orders])      # a range one by one takes an epoch

    @classmethod
    def in_parts(cls, run, values):
        """What ``run(of)`` returns for all networks, a limited number of them at a time."""
        shapes = {np.shape(v) for v in values if np.ndim(v)}
        size = next(iter(shapes))[0] if len(shapes) == 1 and len(next(iter(shapes))) == 1 else 0
        if size <= cls.PART:
            return run(lambda value: value)
        bounds = [(start, min(start + cls.PART, size)) for start in range(0, size, cls.PART)]
        found = [run(lambda value, part=slice(*bound): value[part] if np.ndim(value) else value) for bound in bounds]
        sizes = [stop - start for start, stop in bounds]

        def joined(parts):
            if not any(map(np.ndim, parts)):
                return parts[0]
            return np.concatenate([np.broadcast_to(p, n) for p, n in zip(parts, sizes, strict=True)])

        return tuple(list(map(joined, zip(*parts, strict=True))) for parts in zip(*found, strict=True))

    @classmethod
    def compile(cls, source, functions):
        """The same functions, which warn of nothing: what leaves the floats is inf or nan."""
        _keep_memory()
        made, quiet = super().compile(source, functions), np.errstate(all="ignore")
        return {**made, **{function.name: quiet(made[function.name]) for function in functions}}


def _odd(value):
    """What is wrong with an array: where its first number is that is not finite, or what it is."""
    if getattr(value, "ndim", 0) and not hasattr(value, "mask") and value.dtype.kind == "f":
        at = np.argwhere(~np.isfinite(value))[0]
        return f"{value[tuple(at)]} at [{', '.join(str(i + 1) for i in at)}], counted from 1"
    return said(value)
