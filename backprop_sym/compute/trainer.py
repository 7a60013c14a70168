"""A step program as a machine: compiled once, then run for any number of epochs from any state.

    Trainer(program, values, samples)   what ``fit`` and the audit run on, on any backend
    training_source(program, values)    the code that it runs
    checked_samples(program, samples)   what a reader gave, as a list
    require_memory(bytes, ...)          a refusal before an allocation that cannot succeed
"""
import os
from collections.abc import Mapping
from functools import cached_property, partial

import numpy as np

from ..describe.arguments import expect
from ..describe.nearest import lookup
from ..describe.shapes import sizes
from ..describe.values import by_symbol, given, within_domains
from .lambdify import able, default, lambdify
from .plan.batches import Batches
from .plan.loop import Loop
from .plan.registers import in_place, spread
from .plan.step import check_batches, sample_axes
from .run.backends import backend as backend_of
from .same import Same, kept
from .watch import accuracy, predicted
from .write.block import written

REDUCE = {"mean": lambda values: sum(values)/len(values), "sum": sum}


class Trainer:
    """A step program, compiled as a loop, with the numbers that stay the same: turns a state into a later one.

    A state is {symbol: number} for what the updates change. The gradients of a batch are summed, and divided by its size
    where ``reduce`` is "mean"; then comes one update, every gradient taken at the old parameters.
    """

    def __init__(self, program, values, samples=None, backend=None, reduce="mean", batch=None,
                 dtype="float64"):
        backend = default(program) if backend is None else backend
        self.dtype = dtype
        self.program, self.reduce, self.backend = program, lookup(REDUCE, "reduction", reduce), backend_of(backend)
        able(self.backend, program, backend)
        self.without_bounds = partial(Trainer, program, values, samples, "numpy", reduce, batch)
        samples = (checked_arrays if program.shapes else checked_samples)(program, samples)
        parameters, values = set(program.parameters), by_symbol(program, values)
        memory = {old: _zeros(program, old, values) for old in program.updates if old not in parameters}
        values = {**memory, **values}
        for sample in samples if not program.shapes else ():          # of arrays all are given at once
            within_domains(program, {**values, **sample})
        known = self._converted(given(program, {**values, **samples[0]}))
        self.samples = [{s: known[s] for s in samples[0]}] if program.shapes else [self._converted(s) for s in samples]
        self.state = {old: known[old] for old in program.updates}
        self.count = _number_of_arrays(program, known, samples[0]) if program.shapes else len(samples)
        self.size = self.count if batch is None else min(batch, self.count)
        columns = tuple(samples[0]) if self.count > 1 else ()
        if program.shapes:
            check_batches(program, columns, self.count, self.size)
        self.constants = {s: v.copy() if np.ndim(v) else v for s, v in known.items() if s not in self.state and s not in columns}
        self._columns = [known[s] if program.shapes else self.backend.column([sample[s] for sample in self.samples], known)
                         for s in columns]
        single = bool(program.shapes) and all(v.dtype == np.float32 for v in known.values() if np.ndim(v))
        arrays = () if columns and not program.shapes else _arrays(known, self.backend, program.shapes)
        self._plan = Same(program), columns, self.size < self.count, reduce, self.backend, arrays, single
        self.source, made = _compiled(*self._plan, bool(program.shapes and columns and arrays))
        self._in_turn, self._whole = made["train"], made.get("whole")

    def _converted(self, values):
        found = {s: self.backend.convert(self.program.spelled.get(s, s.name), value) for s, value in values.items()}
        if not self.program.shapes:
            return found
        return {s: float(v) if not np.ndim(v) else v if v.dtype == self.dtype else v.astype(self.dtype) for s, v in found.items()}

    def run(self, state, epochs, every=None, orders=None, size=None):
        """(what was kept, the state after so many epochs): kept is loss, *state at each ``every``-th epoch, one after another."""
        every, backend = every or max(epochs, 1), self.backend
        indices = self._all if orders is None else backend.order(orders)
        cycles, length = (1, self.count) if orders is None else (len(orders), len(orders[0]))
        train = self._in_turn if orders is None else self._in_order
        settings = indices, cycles, length, size or self.size, self.count

        def part(of):
            """The run of some of the networks: ``of`` takes them from a value."""
            keep, kept = backend.recorder(-(-epochs//every), 1 + len(state))
            constants, values = [*map(of, self.constants.values())], [of(state[s]) for s in self.state]
            values = values if self.program.shapes else backend.together(values, constants)
            after = train(epochs, every, keep, *settings, *self._columns, *constants, *values)
            return kept(), list(after)

        if self.program.shapes:
            kept, after = part(lambda value: value)
        else:
            kept, after = backend.in_parts(part, [*self.constants.values(), *state.values()])
        return kept, dict(zip(self.state, after, strict=True))

    def updates(self, state, first, last, online):
        """The state after updates number first to last - 1: of all samples together, or online, one sample in turn."""
        orders = [[(first + k) % self.count] for k in range(min(self.count, max(last - first, 1)))] if online else None
        return self.run(state, last - first, orders=orders)[1]

    def loss(self, state):
        """The loss over all samples."""
        if self.program.shapes:
            with np.errstate(all="ignore"):
                found = self._whole(*self._columns, *self.constants.values(), *(state[s] for s in self.state))
            return found[0] if isinstance(found, tuple) else found
        known = {**self.constants, **state}
        losses = [self._forward({**known, **sample})[self.program.loss] for sample in self.samples]
        return losses[0] if len(losses) == 1 else self.reduce(losses)

    def loss_and_accuracy(self, state):
        """(the loss over all samples, the share of them in the right class, or None where the targets are no classes)."""
        names = predicted(self.program)
        if names is None or len(self.samples) != 1:
            return float(self.loss(state)), None
        found = self._forward(known := {**self.constants, **state, **self.samples[0]})
        return float(found[self.program.loss]), accuracy(self.program, *(np.asarray({**known, **found}[s]) for s in names))

    @cached_property
    def _in_order(self):
        """The loop that takes the samples in any order."""
        return _compiled(*self._plan, False)[1]["train"]

    @cached_property
    def _all(self):
        return self.backend.order([range(self.count)])

    @cached_property
    def unbounded(self):
        """The same on NumPy, where what leaves the floats is inf or nan: Python and mpmath raise errors there."""
        return self.without_bounds()

    @cached_property
    def _forward(self):
        return positional(self.program.upto(self.program.loss), self.backend)


@kept
def _compiled(same, columns, batches, reduce, backend, arrays, single, in_turn):
    """(the source of the training loop, its functions); ``arrays``: the symbols that are arrays of one shape."""
    program, language = same.program, backend.language
    if program.shapes:
        plan = Batches(program, columns, batches, reduce, language.loops, bool(arrays), in_turn, single).functions
    else:
        plan = Loop(program, columns, batches, reduce, language.loops).functions
    if arrays and not program.shapes:
        along = dict.fromkeys(spread(program, arrays), (0,))
        plan = [in_place(function, along, [s for s in program.updates if s in along]) for function in plan]
    source = written(language, plan, program.spelled)
    return source, backend.compile(source, plan)


def _arrays(known, backend, shapes):
    """The symbols of arrays, where all can be computed in place: of one precision, and one shape unless a program has more."""
    arrays = tuple(s for s, value in known.items() if np.ndim(value))
    kinds = {(known[s].dtype.char, () if shapes else known[s].shape) for s in arrays}
    return arrays if backend.in_place and len(kinds) == 1 and next(iter(kinds))[0] in ("fd" if shapes else "d") else ()


def _zeros(program, s, values):
    """What an optimizer remembers at the start: 0, or an array of zeros like the parameter that it is for."""
    parameter = getattr(s, "parameter", None)
    if not (program.shapes and parameter in values):
        return 0
    return np.zeros(np.shape(values[parameter]), getattr(values[parameter], "dtype", float))


def checked_arrays(program, samples):
    """One {symbol: array}, restricted to what the program uses; empty where ``values`` hold everything."""
    if samples is None:
        return [{}]
    if not isinstance(samples, Mapping):
        raise TypeError(f"samples: of a program of arrays expected a mapping of names to arrays, got {type(samples).__name__}")
    return [{s: v for s, v in by_symbol(program, samples).items() if s in set(program.given)}]


def _number_of_arrays(program, known, columns):
    """How many samples there are; ValueError where the shapes do not fit, or there is none."""
    sizes(program, {s: np.shape(known[s]) for s in program.given})
    axes = sample_axes(program, tuple(columns))
    count = min((np.shape(known[s])[axis] for s, axis in axes.items() if np.ndim(known[s])), default=1)
    if not count:
        raise ValueError("samples: expected at least one, got none")
    return count


def training_source(program, values, samples=None, backend=None, reduce="mean", batch=None):
    """The code of the training loop that ``fit`` runs for a step program, complete in itself.

    ``program`` is a whole step, ``step(net, optimizer)``; the rest is as for ``fit``, the learning rate among the values.
    The function is ``train(epochs, every, keep, orders, cycles, length, size, count, *columns, *constants, *state)``: see
    ``plan.loop``. Where values are arrays, on "numpy", it computes in place. Raises ValueError and TypeError as ``fit`` does.

    >>> from backprop_sym import dense, step
    >>> values = {"x1": 1, "y1": 1, "w1": 0, "b1": 0, "eta": 1}
    >>> print(training_source(step(dense([1, 1])), values).partition("w1 = ")[2])
    w1 - x1*eta_dE_total_dz1
            b1 = b1 - eta_dE_total_dz1
        return w1, b1
    <BLANKLINE>
    """
    expect(program=program, values=values, samples=samples, batch=batch)
    if not program.updates:
        raise ValueError("training_source: expected a whole training step, such as step(net), got a program that updates nothing")
    return Trainer(program, values, samples, backend, reduce, batch).source


def positional(program, backend):
    """{symbol: number} -> {symbol: number} without checks, for numbers that were checked once."""
    compute = lambdify(program, backend).compute
    return lambda known: dict(zip(program.defined, compute(*[known[s] for s in program.given]), strict=True))


def checked_samples(program, samples):
    """A list of {symbol: number}, restricted to what the program uses; one empty sample where ``values`` hold everything.

    ``samples`` is such a list, or one mapping {name: sequence of numbers}. Raises ValueError where samples differ in
    their names or sequences in their lengths.
    """
    if isinstance(samples, Mapping):
        lengths = {str(name): len(column) for name, column in samples.items()}
        if len(set(lengths.values())) > 1:
            (a, m), (b, n) = next((p, q) for p in lengths.items() for q in lengths.items() if p[1] != q[1])
            raise ValueError(f"samples: expected sequences of one length, got {m} values of {a!r} and {n} of {b!r}")
        samples = [dict(zip(samples, row, strict=True)) for row in zip(*samples.values(), strict=True)]
    samples, used = [{}] if samples is None else samples, set(program.given)
    samples = [{s: v for s, v in by_symbol(program, sample).items() if s in used} for sample in samples]
    if not samples:
        raise ValueError("samples: expected at least one, got none")
    for i, sample in enumerate(samples, 1):
        if odd := sorted(map(str, set(sample) ^ set(samples[0]))):
            raise ValueError(f"samples: all must name the same quantities, but 1 and {i} differ in {odd[0]!r}")
    return samples


def require_memory(bytes_needed, what, hint):
    """Raise MemoryError with the number of bytes where they are more than the machine has free, as far as it tells."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES")*os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):      # not told on every system
        return
    if bytes_needed > free:
        raise MemoryError(f"{what} needs {bytes_needed:,} bytes, and {free:,} are free; {hint}")
