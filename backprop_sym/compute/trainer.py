"""A step program as a machine: compiled once, then run for any number of epochs from any state.

    Trainer(program, values, samples)   what ``fit`` and the audit run on, on any backend
    checked_samples(program, samples)   what a reader gave, as a list
    require_memory(bytes, ...)          a refusal before an allocation that cannot succeed
"""
import os
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from ..describe.functions import lookup
from ..describe.values import by_symbol, given, within_domains
from .lambdify import lambdify
from .plan.loop import Loop
from .run.backends import BACKENDS, IN_PLACE

REDUCE = {"mean": lambda values: sum(values)/len(values), "sum": sum}


class Trainer:
    """A step program, compiled as a loop, with the numbers that stay the same: turns a state into a later one.

    A state is {name: number} for what the updates change. The gradients of a batch are summed, and divided by its size
    where ``reduce`` is "mean"; then comes one update, every gradient taken at the old parameters.
    """

    def __init__(self, program, values, samples=None, backend="python", reduce="mean", batch=None):
        self.program, self.reduce = program, lookup(REDUCE, "reduction", reduce)
        dialect = lookup(BACKENDS, "backend", backend)
        samples = checked_samples(program, samples)
        parameters = set(program.parameters)
        memory = {old: 0 for old in program.updates if old not in parameters}
        values = {**memory, **by_symbol(program, values)}
        for sample in samples:
            within_domains(program, by_symbol(program, {**values, **sample}))
        known = {s.name: dialect.convert(s.name, value) for s, value in given(program, {**values, **samples[0]}).items()}
        self.samples = [{name: dialect.convert(name, value) for name, value in sample.items()} for sample in samples]
        self.state = {old.name: known[old.name] for old in program.updates}
        self.count, self.size = len(samples), len(samples) if batch is None else min(batch, len(samples))
        columns = tuple(samples[0]) if self.count > 1 else ()
        arrays = tuple(name for name, value in known.items() if np.ndim(value))
        kinds = {(known[name].dtype, known[name].shape) for name in arrays}
        if not columns and len(kinds) == 1 and next(iter(kinds))[0].char == "d":
            dialect = IN_PLACE.get(dialect, dialect)
        self.loop = Loop(program, columns, self.size < self.count, reduce, dialect, arrays)
        self.constants = {name: known[name] for name in self.loop.constants}
        self._columns = [dialect.column([sample[name] for sample in self.samples], known) for name in columns]
        self._train = dialect.compile(self.loop.source)["train"]

    def run(self, state, epochs, every=None, orders=None, size=None):
        """(what was kept, the state after so many epochs): kept is loss, *state at each ``every``-th epoch, in one list."""
        orders = [range(self.count)] if orders is None else orders
        every, dialect = every or max(epochs, 1), self.loop.dialect
        settings = (dialect.order([i for order in orders for i in order]), len(orders), len(orders[0]), size or self.size,
                    self.count)

        def part(of):
            """The run of some of the networks: ``of`` takes them from a value."""
            keep, kept = dialect.recorder(-(-epochs//every), 1 + len(state))
            with np.errstate(all="ignore"):            # a run that leaves the finite numbers ends in an error instead
                after = self._train(epochs, every, keep, *settings, *self._columns, *map(of, self.constants.values()),
                                    *(of(state[name]) for name in self.loop.state))
            return kept(), list(after)

        kept, after = dialect.in_parts(part, [*self.constants.values(), *state.values()])
        return kept, dict(zip(self.loop.state, after, strict=True))

    def updates(self, state, first, last, online):
        """The state after updates number first to last - 1: of all samples together, or online, one sample in turn."""
        orders = [[(first + k) % self.count] for k in range(min(self.count, max(last - first, 1)))] if online else None
        return self.run(state, last - first, orders=orders)[1]

    def loss(self, state):
        """The loss over all samples."""
        return self._over({**self.constants, **state})[self.program.loss.name]

    def _over(self, known):
        found = [self._forward({**known, **sample}) for sample in self.samples]
        return found[0] if len(found) == 1 else {name: self.reduce([f[name] for f in found]) for name in found[0]}

    @cached_property
    def _forward(self):
        return positional(self.program.upto(self.program.loss), self.loop.dialect)


def positional(program, backend):
    """{name: number} -> {name: number} without checks, for numbers that were checked once."""
    compute = lambdify(program, backend).compute
    names, results = [s.name for s in program.given], [s.name for s in program.defined]
    return lambda known: dict(zip(results, compute(*[known[name] for name in names]), strict=True))


def checked_samples(program, samples):
    """A list of {name: number}, restricted to what the program uses; one empty sample where ``values`` hold everything.

    ``samples`` is such a list, or one mapping {name: sequence of numbers}. Raises ValueError where samples differ in
    their names or sequences in their lengths.
    """
    names = {s.name for s in program.given}
    if isinstance(samples, Mapping):
        lengths = {str(name): len(column) for name, column in samples.items()}
        if len(set(lengths.values())) > 1:
            (a, m), (b, n) = next((p, q) for p in lengths.items() for q in lengths.items() if p[1] != q[1])
            raise ValueError(f"samples: expected sequences of one length, got {m} values of {a!r} and {n} of {b!r}")
        samples = [dict(zip(lengths, row, strict=True)) for row in zip(*samples.values(), strict=True)]
    samples = [{}] if samples is None else samples
    samples = [{str(k): v for k, v in sample.items() if str(k) in names} for sample in samples]
    if not samples:
        raise ValueError("samples: expected at least one, got none")
    for i, sample in enumerate(samples, 1):
        if odd := sorted(set(sample) ^ set(samples[0])):
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
