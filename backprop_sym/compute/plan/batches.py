"""The training loop of a program of arrays: a batch is a part of each column, and the loss is that of the whole batch.

    Batches(step, columns, ...)     a Loop; with ``in_place`` everything is computed in arrays that are made once

With ``in_place`` no statement makes an array: a batch is taken into one, each operation writes into one, the updates go into
copies of the parameters, and the last batch of an epoch, which may be shorter, takes the beginning of the same memory. With
``in_turn``, where samples come in the order in which they are given, a batch is a part of its column, and nothing is taken.
"""
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy.core.symbol import Str

from ...describe.functions import clipped, top
from ...describe.names import Partial
from ...describe.program import Equation
from .ahead import ahead
from .arranged import arranged
from .entrywise import Entrywise
from .functions import all_sizes, assignments, open_sizes
from .inplace import InPlace
from .loop import (
    CHOSEN,
    COUNT,
    CYCLES,
    EPOCH,
    EPOCHS,
    FIRST,
    LENGTH,
    NUMBERS,
    ONE,
    ORDERS,
    RANK,
    SIZE,
    START,
    STEPS,
    STOP,
    ZERO,
    Loop,
)
from .statements import (
    Array,
    Assign,
    Call,
    Chosen,
    Element,
    For,
    Function,
    Least,
    Length,
    Operation,
    Pack,
    Part,
    Return,
    Workspace,
)
from .step import sample_size
from .together import Groups, grouped

LOWEST = sp.Integer(-87)        # exp(87) is a float of single precision, exp(89) is not
ARRAYS = Array("arrays", inner=True)


@dataclass(frozen=True)
class Batches(Loop):
    """The function is that of Loop; ``columns`` are arrays, along one axis of which the samples lie."""

    in_place: bool = False
    in_turn: bool = False       # whether a batch is always the next samples
    single: bool = False        # whether numbers are of single precision, where exp(88) is not finite

    @cached_property
    def parts(self):
        parts = super().parts
        if self.in_place:
            forward, gradient, update = parts
            wanted = {self.program.loss, *update.given, *self.program.updates.values()}
            parts = arranged(forward, [self.program.loss]), ahead(arranged(gradient, wanted)), update
        if not self.single:
            return parts
        return tuple(part._with([Equation(e.lhs, e.rhs.replace(clipped, lambda z: top(z, LOWEST))) for e in part])
                     for part in parts)

    @cached_property
    def sample(self):
        """The size that says how many samples there are; None where no column is given."""
        return sample_size(self.program, self.columns)

    @cached_property
    def functions(self):
        """The functions of the plan; ``whole(*columns, *constants, *state)`` is the loss of all samples."""
        return super().functions if self.kind == STEPS else (self._whole_loss, *super().functions)

    @cached_property
    def statements(self):
        """The statements of the function ``train``."""
        own = tuple(s for s in self.state if self.program.shape.get(s)) if self.in_place else ()
        batch = self._machine(own, self.columns)
        epoch = (*self._kept_before, *self._updates(batch))
        sizes = [Least(SIZE, LENGTH), sp.Mod(LENGTH, SIZE)]        # the last batch of an epoch may be shorter
        return self._written((
            *self._groups.copies(own), *self._sizes(self.program, False),
            *([Assign(ARRAYS, self._workspace(batch, sizes, self.of))]*bool(self.columns) if own else ()),
            *([] if self.columns else self._all_at_once(batch)),
            For(EPOCH, ZERO, EPOCHS, ONE, epoch), Return(self.state)))

    @property
    def _whole_loss(self):
        """The loss of all samples, as a function of its own: what it needs besides is there only while it is computed."""
        machine, program = self._machine(), self.parts[0]
        sizes = [*self._sizes(program, False, of={}), *self._sizes(program, True)]
        body = self._computed(machine, assignments(program, self.once), (self.program.loss,))
        packs = (Pack(Array("columns", inner=True), self.columns), Pack(Array("constants"), self.constants),
                 Pack(Array("state"), self.state))
        body = (*self._written((*sizes, *self._all_at_once(machine), *body)), Return((self.program.loss,)))
        return Function("whole", packs, body, out=Array("found"), rank={**self.program.rank, **RANK})

    # ---- how statements are computed: as they are, in place, or entry by entry

    @cached_property
    def _groups(self):
        return grouped(self.program, self.parts[2]) if self.in_place and self.columns else Groups((), tuple(self.parts[2]))

    @property
    def _update(self):
        return self._moved(*self._groups.moved(self.program.updates))

    def _machine(self, own=(), brought=()):
        rows, known = (self._groups.rows if own else {}), self.program.rank
        rank = known | {row: known[s] for row in self._groups.shapes for s in row.of}
        own = {*own, *rows}.union(*rows.values())
        machine = InPlace(rank, self._shapes | self._groups.shapes, lambda shape: shape != (), own, True, brought=brought)
        machine.places.spare |= {row: parts for row, parts in rows.items() if isinstance(parts[0], Partial)}
        return machine

    @property
    def _shapes(self):
        """The shapes of the program's symbols, and of the columns."""
        shape = self.program.shape
        return {**shape, **{of: tuple(COUNT if size == self.sample else size for size in shape[s]) for s, of in self.of.items()}}

    def _computed(self, machine, statements, results):
        return machine.statements(statements, results) if self.in_place else tuple(statements)

    def _written(self, statements):
        return Entrywise(self._shapes).statements(statements) if self.kind == NUMBERS else tuple(statements)

    # ---- the two parts of an epoch

    @property
    def _kept_before(self):
        """The record, where the loss before the first update takes a pass over all samples."""
        if not self.batches:
            return ()
        whole = Call(Str("whole"), *self.of.values(), *self.constants, *self.state)
        record = self._kept(Assign((self.program.loss,), whole))
        return self._machine(self.state).statements([record]) if self.in_place else (record,)

    def _updates(self, batch):
        """The updates, one for each batch."""
        step = self._computed(batch, (*self._step, *([] if self.batches else [self._recorded]), *self._update), self.state)
        if not self.columns:
            return step
        loop = For(START, ZERO, LENGTH, SIZE, (*_brought(self, batch), *self._sizes(self.parts[1], True), *step))
        return (loop,) if self.in_turn else (Assign(FIRST, sp.Mod(EPOCH, CYCLES)*LENGTH), loop)

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

    def _sizes(self, program, samples, of=None):
        """What finds the sizes that a program holds: those that are the same for all batches, or that of the samples."""
        sizes = all_sizes(self.program) if self.kind == NUMBERS or self.in_place else open_sizes(self.program, program)
        sizes = [statement for statement in sizes if (statement.target == self.sample) == samples]
        return sizes if samples else [Assign(s.target, s.value.xreplace(self.of if of is None else of)) for s in sizes]

    def _all_at_once(self, machine):
        """The registers of a pass over all samples."""
        if self.in_place and machine.registers:
            size = self.sample or ZERO
            yield Assign(tuple(machine.registers), Element(self._workspace(machine, [size]), size))

    def _workspace(self, machine, sizes, of=()):
        """The arrays for batches of these sizes: of the columns, where batches are taken from them, and the registers."""
        taken = () if self.in_turn else of
        shapes = {s: self.program.shape[s] for s in taken if s not in machine.places.homes} | machine.registers
        shapes = {s: sp.Tuple(*(size.xreplace({self.sample: sp.S.NegativeOne}) for size in shape)) for s, shape in shapes.items()}
        for parts in machine.places.parts.values():
            shapes |= {parts[0]: sp.Integer(len(parts)), **dict.fromkeys(parts[1:])}
        like = next(s for s in self.program.given if self.program.shape.get(s))
        return Workspace(of[like] if like in of else like, sp.Tuple(*sizes), *filter(None, shapes.values()))


def _brought(plan, batch):
    """The statements that bring the samples of a batch; in place they are put into the arrays that are there for it.

    In turn they are parts of the columns as they are, or a copy of what will lie below others.
    """
    homes = batch.places.homes
    if plan.in_turn:
        yield Assign(STOP, Least(START + SIZE, LENGTH))
        if batch.registers:
            yield Assign((*batch.registers,), Element(ARRAYS, STOP - START))
        for s, of in plan.of.items():
            part = Part(of, START, STOP, sp.Integer(plan.axis[s]))
            yield Assign(s, Operation("positive", (part,), homes[s]) if s in homes else part)
        return
    yield Assign(CHOSEN, Part(ORDERS, FIRST + START, FIRST + Least(START + SIZE, LENGTH)))
    if plan.in_place:
        yield Assign((*(s for s in plan.of if s not in homes), *batch.registers), Element(ARRAYS, Length(CHOSEN)))
    for s, value in plan._samples.items():
        yield Assign(s, Operation("take", value.args, homes.get(s, s)) if plan.in_place else value)
