"""The training loop of a program of arrays: a batch is a part of each column, and the loss is that of the whole batch.

    Batches(step, columns, ...)     a Loop; with ``in_place`` everything is computed in arrays that are made once

With ``in_place`` no statement makes an array: a batch is taken into one, each operation writes into one, the updates go into
copies of the parameters, and the last batch of an epoch, which may be shorter, takes the beginning of the same memory.
"""
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from .entrywise import Entrywise
from .functions import all_sizes, assignments, open_sizes
from .inplace import InPlace
from .loop import CHOSEN, COUNT, CYCLES, EPOCH, EPOCHS, FIRST, LENGTH, NUMBERS, ONE, ORDERS, SIZE, START, ZERO, Loop
from .statements import Array, Assign, Chosen, Element, For, Least, Length, Operation, Part, Return, Workspace
from .step import sample_size

ARRAYS = Array("arrays", inner=True)


@dataclass(frozen=True)
class Batches(Loop):
    """The function is that of Loop; ``columns`` are arrays, along one axis of which the samples lie."""

    in_place: bool = False

    @cached_property
    def sample(self):
        """The size that says how many samples there are; None where no column is given."""
        return sample_size(self.program, self.columns)

    @cached_property
    def _own(self):
        """The arrays of the state, which are copied, and then change."""
        return tuple(s for s in self.state if self.program.shape.get(s)) if self.in_place else ()

    @cached_property
    def statements(self):
        """The statements of the function."""
        batch, whole = self._machine("r", self._own), self._machine("w")
        kept, rest = self._kept_before(whole), self._rest(batch)
        statements = (*(Assign(s, Operation("copy", (s,))) for s in self._own), *self._sizes(self.program, False),
                *self._workspaces(batch, whole), For(EPOCH, ZERO, EPOCHS, ONE, (*kept, *rest)), Return(self.state))
        return Entrywise(self._shapes).statements(statements) if self.kind == NUMBERS else statements

    @property
    def _shapes(self):
        """The shapes of the program's symbols, and of the columns."""
        columns = {of: tuple(COUNT if size == self.sample else size for size in self.program.shape[s]) for s, of in self.of.items()}
        return {**self.program.shape, **columns}

    def _machine(self, mark, own=()):
        return InPlace(self.program.rank, self._shapes, lambda shape: shape != () and shape.count(self.sample) < 2, own, True, mark)

    def _computed(self, machine, statements):
        return machine.statements(statements, self.state) if self.in_place else tuple(statements)

    # ---- the two passes of an epoch

    def _kept_before(self, whole):
        """The record, where the loss before the first update takes a pass over all samples."""
        if not self.batches:
            return ()
        columns = (Assign(s, of) for s, of in self.of.items())
        return self._computed(whole, [self._kept(*columns, *self._sizes(self.parts[0], True),
                                                 *assignments(self.parts[0], self.once))])

    def _rest(self, batch):
        """The updates."""
        step = self._computed(batch, (*self._sizes(self.parts[1], True), *self._step,
                                      *([] if self.batches else [self._recorded]), *self._update))
        if not self.columns:
            return step
        chosen = Assign(CHOSEN, Part(ORDERS, FIRST + START, FIRST + Least(START + SIZE, LENGTH)))
        return (Assign(FIRST, sp.Mod(EPOCH, CYCLES)*LENGTH),
                For(START, ZERO, LENGTH, SIZE, (chosen, *self._taken(batch), *step)))

    def _taken(self, batch):
        """A batch, put into the arrays that are there for it."""
        axes = {s: sp.Integer(axis) for s, axis in self.axis.items()}
        if not self.in_place:
            return [Assign(s, value) for s, value in self._samples.items()]
        return (Assign((*self.of, *batch.registers), Element(ARRAYS, Length(CHOSEN))),
                *(Assign(s, Operation("take", (of, CHOSEN, axes[s]), s)) for s, of in self.of.items()))

    @property
    def _samples(self):
        return {s: Chosen(of, CHOSEN, sp.Integer(self.axis[s])) for s, of in self.of.items()}

    # ---- a batch, for a machine that makes the loop

    @property
    def _axes(self):
        return open_sizes(self.program, self.program)

    def _over(self, symbols, count):
        return ()                              # the loss is that of the whole batch already

    # ---- sizes, and what they are for

    def _sizes(self, program, samples):
        """What finds the sizes that a program holds: those that are the same for all batches, or that of the samples."""
        sizes = all_sizes(self.program) if self.kind == NUMBERS else open_sizes(self.program, program)
        return tuple(s for s in sizes if (s.target == self.sample) == samples)

    def _workspaces(self, batch, whole):
        """The arrays of both passes: those of a batch, and of the shorter last one; those of all samples."""
        if not self.in_place:
            return ()
        like = next(s for s in self.program.given if self.program.shape.get(s))

        def made(sizes, shapes):
            shapes = (sp.Tuple(*(sp.S.NegativeOne if size == self.sample else size for size in shape)) for shape in shapes)
            return Workspace(self.of.get(like, like), sp.Tuple(*sizes), *shapes)

        if self.columns:
            shapes = [*map(self.program.shape.get, self.of), *batch.registers.values()]
            yield Assign(ARRAYS, made([Least(SIZE, LENGTH), sp.Mod(LENGTH, SIZE)], shapes))
        elif batch.registers:
            yield Assign(tuple(batch.registers), Element(made([ZERO], batch.registers.values()), ZERO))
        if whole.registers:
            yield Assign(tuple(whole.registers), Element(made([COUNT], whole.registers.values()), COUNT))
