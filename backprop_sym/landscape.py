"""A quantity over a grid of values: the landscape of a loss, computed on open axes and in pieces that fit the memory.

    landscape(program, values, {"w5": xs, "w7": ys})    the loss at every pair, an array
"""
from collections.abc import Mapping

import numpy as np

from .numeric import lambdify
from .symbols import symbol, unknown
from .trainer import require_memory

PIECE = 2**26           # bytes of intermediate arrays at a time


def landscape(program, values, axes, of=None, piece=PIECE, progress=None):
    """The loss (or the quantity ``of``) for every combination of the values of some names: one array, an axis each.

    ``axes`` maps names to sequences of numbers. What depends on one of them only is computed along it only. Where all
    intermediate values together need more than ``piece`` bytes, the first axis is taken in pieces, with a progress bar
    once that has lasted two seconds (``progress``: True or False for always or never). Raises MemoryError, with the number
    of bytes, before an allocation that cannot succeed; ValueError and TypeError as ``lambdify`` does.

    >>> from backprop_sym import dense
    >>> grid = landscape(dense([1, 1]), {"x1": 1, "y1": 1}, {"w1": [0, 1], "b1": [0, 1, 2]})
    >>> grid.shape, float(grid[0, 0])
    ((2, 3), 0.125)
    """
    if not isinstance(axes, Mapping) or not axes:
        raise TypeError(f"axes: expected a mapping of names to sequences of numbers, got {axes!r}")
    of = symbol(program.loss if of is None else of)
    part, names = program.upto(of), [str(name) for name in axes]
    if odd := [name for name in names if symbol(name) not in part.given]:
        raise ValueError(unknown("name", odd[0], part.given))
    lines = [np.asarray(line, dtype=float).ravel() for line in axes.values()]
    shape = tuple(len(line) for line in lines)
    points = int(np.prod(shape, dtype=object))
    require_memory(8*points, f"a landscape of {' x '.join(map(str, shape))} points", "fewer points a side need less")
    f, result = lambdify(part, "numpy"), np.empty(shape)
    rows = max(1, min(shape[0], shape[0]*piece//max(_bytes(part, names, shape), 1)))
    with _bar(range(0, shape[0], rows), progress) as starts:
        for start in starts:
            some = [lines[0][start:start + rows], *lines[1:]]
            open_axes = np.meshgrid(*some, indexing="ij", sparse=True)
            result[start:start + rows] = f({**values, **dict(zip(names, open_axes, strict=True))})[of]
    return result


def _bytes(program, names, shape):
    """The bytes of all quantities: each is as large as the product of the axes that it depends on."""
    depends, total = {symbol(name): {i} for i, name in enumerate(names)}, 0
    for e in program:
        depends[e.lhs] = set().union(*(depends.get(s, set()) for s in e.rhs.free_symbols))
        total += 8*int(np.prod([shape[i] for i in depends[e.lhs]], dtype=object))
    return total


def _bar(starts, progress):
    from tqdm import tqdm
    return tqdm(starts, desc="landscape", delay=0 if progress else 2, leave=bool(progress), disable=progress is False)
