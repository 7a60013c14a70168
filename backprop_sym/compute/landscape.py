"""A quantity over a grid of values: the landscape of a loss, computed on open axes and in pieces that fit the memory.

    landscape(program, values, {"w5": xs, "w7": ys})    the loss at every pair, an array
"""
from collections.abc import Mapping
from itertools import product
from math import prod

import numpy as np

from ..describe.functions import lookup
from ..describe.names import symbol
from ..describe.nearest import unknown
from ..describe.values import by_symbol, given
from .plan.grid import Grid
from .run.backends import BACKENDS, IN_PLACE
from .trainer import require_memory

MANY = 20               # pieces, for which a progress bar is worth its time


def landscape(program, values, axes, of=None, piece=None, progress=None, backend="numpy"):
    """The loss (or the quantity ``of``) for every combination of the values of some names: one array, an axis each.

    ``axes`` maps names to sequences of numbers. What depends on one of them only is computed along it only, and an
    exponential of a sum is a product of exponentials, each along its own axes, where none of them overflows. Only
    ``piece`` bytes of the result are computed at a time, with a progress bar once that has lasted two seconds
    (``progress``: True or False for always or never). On ``backend`` "numba" and "c" the grid is one compiled loop,
    "python" runs it as it reads, "jax" computes in JAX's precision. Raises MemoryError, with the number of bytes, before
    an allocation that cannot succeed; ValueError and TypeError as ``lambdify`` does.

    >>> from backprop_sym import dense
    >>> grid = landscape(dense([1, 1]), {"x1": 1, "y1": 1}, {"w1": [0, 1], "b1": [0, 1, 2]})
    >>> grid.shape, float(grid[0, 0])
    ((2, 3), 0.125)
    """
    if not isinstance(axes, Mapping) or not axes:
        raise TypeError(f"axes: expected a mapping of names to sequences of numbers, got {axes!r}")
    dialect = lookup({name: d for name, d in BACKENDS.items() if name != "mpmath"}, "backend", backend)
    of, names = symbol(program.loss if of is None else of), [str(name) for name in axes]
    part = program.upto(of)
    if odd := [name for name in names if symbol(name) not in part.given]:
        raise ValueError(unknown("name", odd[0], part.given))
    lines = [np.asarray(line, dtype=float).ravel() for line in axes.values()]
    shape = tuple(map(len, lines))
    require_memory(8*prod(shape), f"a landscape of {' x '.join(map(str, shape))} points", "fewer points a side need less")
    known = given(part, {**by_symbol(part, values), **dict(zip(map(symbol, names), lines, strict=True))})
    grid = Grid(part, tuple(map(symbol, names)), of, IN_PLACE.get(dialect, dialect))
    return fill(grid, lines, [dialect.convert(s.name, known[s]) for s in grid.constants], piece or dialect.PIECE, progress)


def fill(grid, lines, constants, piece, progress=None):
    """The array over all points of a Grid, so many bytes of it at a time."""
    shape, sides, room = tuple(map(len, lines)), [], piece//8
    for length in reversed(shape):
        sides.insert(0, max(1, min(length, room)))
        room //= sides[0]
    if tuple(sides) == shape:
        found = grid.compute(lines, constants)
        fresh = found.shape == shape and not any(np.may_share_memory(found, line) for line in lines)
        return found if fresh else np.array(np.broadcast_to(found, shape), dtype=float)
    result = np.empty(shape)
    pieces = [[slice(start, start + side) for start in range(0, length, side)]
              for length, side in zip(shape, sides, strict=True)]
    for place in _shown(product(*pieces), prod(map(len, pieces)), progress):
        result[place] = grid.compute([line[some] for line, some in zip(lines, place, strict=True)], constants)
    return result


def _shown(pieces, count, progress):
    """The pieces, with a progress bar; without being asked, only where they are many and last longer than two seconds."""
    if progress is False or progress is None and count < MANY:
        return pieces
    from tqdm import tqdm
    return tqdm(pieces, desc="landscape", total=count, delay=0 if progress else 2, leave=bool(progress))
