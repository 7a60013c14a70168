"""A quantity over a grid of values: the landscape of a loss, computed on open axes and in pieces that fit the memory.

    landscape(program, values, {"w5": xs, "w7": ys})    the loss at every pair, an array
    landscape_source(program, axes)                     the code that it runs
"""
from functools import cached_property
from itertools import product
from math import inf, log, prod

import numpy as np

from ..describe.arguments import expect
from ..describe.nearest import unknown
from ..describe.shapes import numbers_only
from ..describe.values import by_symbol, given
from .plan.grid import Grid
from .plan.registers import in_place
from .run.backends import BACKENDS
from .run.backends import backend as backend_of
from .same import Same, kept
from .trainer import require_memory
from .write.block import written

MANY = 20               # pieces, for which a progress bar is worth its time
LARGEST = 700.0         # the exponents of all factors together, in magnitude: exp(709) is a float, exp(710) is not


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
    expect("landscape", program=program, values=values, axes=axes, of=of, piece=piece, progress=progress)
    filler = _filler(program, axes, of, backend)
    lines = [np.asarray(line, dtype=float).ravel() for line in axes.values()]
    shape = tuple(map(len, lines))
    require_memory(8*prod(shape), f"a landscape of {' x '.join(map(str, shape))} points", "fewer points a side need less")
    known = given(filler.program, {**by_symbol(filler.program, values), **dict(zip(filler.axes, lines, strict=True))})
    constants = [filler.backend.convert(program.spelled[s], known[s]) for s in filler.constants]
    return fill(filler, lines, constants, piece or filler.backend.piece, progress)


def landscape_source(program, axes, of=None, backend="numpy"):
    """The code that ``landscape`` runs for some axes, complete in itself: ``axes`` are their names.

    Of arrays the function is ``grid(*axes, *constants) -> of, *factors``; of numbers it is a nest of loops, that fills arrays:
    see ``plan.grid``. Raises ValueError as ``landscape`` does.

    >>> from backprop_sym import Program
    >>> print(landscape_source(Program.parse(["E = (u + v)**2"], loss="E"), ["u", "v"], backend="python"))
    def grid(n0, n1, u_of, v_of, E_of):
        for i0 in range(n0):
            for i1 in range(n1):
                u = u_of[i0]
                v = v_of[i1]
                E_t0 = u + v
                E = E_t0*E_t0
                E_of[i0*n1 + i1] = E
    <BLANKLINE>
    """
    expect("landscape_source", program=program, axes=axes, of=of)
    return _filler(program, axes, of, backend).source


def _filler(program, axes, of, backend):
    """What fills a grid, made once."""
    numbers_only(program, "landscape")
    if of is None and program.loss is None:
        raise ValueError("the program has no loss: say of which quantity the landscape is wanted, of=...")
    machine = backend_of(backend, {name: b for name, b in BACKENDS.items() if b.landscapes})
    part = program.upto(program.loss if of is None else of)
    names = part.symbols(axes)
    axes = [part.spelled.get(s, s.name) for s in names]
    if not names:
        raise ValueError("axes: expected at least one name, got none")
    if odd := [name for name, s in zip(axes, names, strict=True) if s not in part.given]:
        raise ValueError(unknown("name", odd[0], map(part.spelled.get, part.given)))
    return _made(Same(part), names, part.symbol(program.loss if of is None else of), machine)


@kept
def _made(same, axes, of, backend):
    return Filler(same.program, axes, of, backend)


class Filler:
    """Fills arrays with the quantity ``of`` of a program, over a grid of some axes."""

    def __init__(self, program, axes, of, backend, apart=True):
        self.program, self.axes, self.of, self.backend = program, axes, of, backend
        self.grid = Grid(program, axes, of, backend.language.loops, apart)
        self.constants = self.grid.constants

    @cached_property
    def source(self):
        """The code, complete in itself."""
        return written(self.backend.language, [self._plan], self.program.spelled)

    @cached_property
    def _plan(self):
        plan = self.grid.function
        return in_place(plan, {s: (i,) for i, s in enumerate(self.axes)}) if self.backend.in_place else plan

    @cached_property
    def _run(self):
        return self.backend.compile(self.source, [self._plan])["grid"]

    @cached_property
    def together(self):
        """The same, no exponential taken apart."""
        return Filler(self.program, self.axes, self.of, self.backend, False)

    def compute(self, lines, constants):
        """The array of ``of`` over the lines of the axes, or one that broadcasts to it.

        ``constants`` are numbers in the order of ``self.constants``. Where the exponents of some factors are too large
        for floats, nothing is taken apart.
        """
        groups = self.grid.parts[1]
        try:
            with np.errstate(all="ignore"):        # numbers out of an array are NumPy's, in plain Python, too
                found, *factors = self._on_arrays(lines, constants) if self.backend.arrays else self._in_loops(lines, constants)
        except self.backend.errors:
            return Filler(self.program, self.axes, self.of, backend_of("numpy")).compute(lines, constants)
        factors = iter(factors)
        if all(sum(_exponent(next(factors)) for _ in group) <= LARGEST for group in groups):
            return found
        return self.together.compute(lines, constants)

    def _on_arrays(self, lines, constants):
        along = [line.reshape([-1 if j == i else 1 for j in range(len(lines))]) for i, line in enumerate(lines)]
        return map(np.asarray, self._run(*along, *constants))

    def _in_loops(self, lines, constants):
        lengths, grid = tuple(map(len, lines)), self.grid
        kept = {s: np.empty([n if i in axes else 1 for i, n in enumerate(lengths)]) for s, axes in grid.kept.items()}
        self._run(*lengths, *lines, *constants, *(array.reshape(-1) for array in kept.values()))
        return [kept[self.of], *(kept[s] for group in grid.parts[1] for s in group)]


def _exponent(factor):
    """The largest magnitude of the exponents that make a factor; infinite where one is not finite."""
    low, high = float(factor.min()), float(factor.max())
    return max(-log(low), log(high)) if 0 < low and high < inf else inf


def fill(filler, lines, constants, piece, progress=None):
    """The array over all points of a grid, so many bytes of it at a time."""
    shape, sides, room = tuple(map(len, lines)), [], piece//8
    for length in reversed(shape):
        sides.insert(0, max(1, min(length, room)))
        room //= sides[0]
    if tuple(sides) == shape:
        found = filler.compute(lines, constants)
        fresh = found.shape == shape and not any(np.may_share_memory(found, line) for line in lines)
        return found if fresh else np.array(np.broadcast_to(found, shape), dtype=float)
    result = np.empty(shape)
    pieces = [[slice(start, start + side) for start in range(0, length, side)]
              for length, side in zip(shape, sides, strict=True)]
    for place in _shown(product(*pieces), prod(map(len, pieces)), progress):
        result[place] = filler.compute([line[some] for line, some in zip(lines, place, strict=True)], constants)
    return result


def _shown(pieces, count, progress):
    """The pieces, with a progress bar; without being asked, only where they are many and last longer than two seconds."""
    if progress is False or progress is None and count < MANY:
        return pieces
    from tqdm import tqdm
    return tqdm(pieces, desc="landscape", total=count, delay=0 if progress else 2, leave=bool(progress))
