"""The training loop as a plan: epochs around batches around samples around the step, all in one function.

    Loop(step, ...).functions   the function ``train``; for a machine that loops by itself ``step`` and ``whole``

A call of a function costs more than the arithmetic inside it, so the loop calls nothing but the functions of its language.
Numbers are the same as those of the program, operation by operation.
"""
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from ...describe.order import QUANTITY
from .entrywise import RANK as ENTRIES
from .functions import assignments
from .statements import (
    Accumulate,
    Array,
    Assign,
    Axes,
    Element,
    For,
    Function,
    Keep,
    Least,
    Length,
    Made,
    Mean,
    Pack,
    Part,
    Quotient,
    Return,
    Total,
    When,
    whole,
)
from .step import Step, taken_places

NUMBERS, ARRAYS, STEPS = "numbers", "arrays", "steps"       # what a loop is made of: one number, or array, at a time; or no loop

INDICES = EPOCHS, EVERY, CYCLES, LENGTH, SIZE, COUNT, EPOCH, FIRST, START, STOP, K, I = whole(
    "epochs every cycles length size count epoch first start stop k i")
ORDER = EPOCH, CYCLES, FIRST, START, SIZE, STOP, LENGTH, K, I
RANK = {**ENTRIES, **{s: (QUANTITY, i - len(INDICES)) for i, s in enumerate(ORDER)}}
KEEP, ORDERS, CHOSEN = Array("keep"), Array("orders", integer=True), Array("chosen", integer=True)
AXES = Made("dims", integer=True)
ZERO, ONE = sp.S.Zero, sp.S.One


@dataclass(frozen=True)
class Loop(Step):
    """A step as a loop; ``reduce`` over the samples is "mean" or "sum", and ``kind`` says what the loop is made of.

    The function is

        train(epochs, every, keep, orders, cycles, length, size, count, *columns, *constants, *state) -> state

    ``orders`` holds the indices of the samples of ``cycles`` epochs (used in turn), ``length`` for each; a batch has
    ``size`` of them; ``count`` is the number of samples. At each ``every``-th epoch, before its first update, the loss and
    the state are kept. Of the kind STEPS the functions are ``step(*columns, *constants, *state) -> record, state`` for a
    batch, ``whole`` of the same -> the loss, and ``chosen(*columns, indices) -> columns`` of some samples.
    """

    reduce: str
    kind: str = NUMBERS

    @property
    def folded(self):
        """A compiler that makes the loops over entries makes one for all that no second loop needs: a number fewer is quicker."""
        return self.kind == STEPS

    @cached_property
    def functions(self):
        """The functions of the plan."""
        columns, constants = Array("columns", inner=True), Pack(Array("constants"), self.constants)
        state, rank = Pack(Array("state"), self.state), {**self.program.rank, **RANK}
        if self.kind == STEPS:
            taken = Function("chosen", (Pack(columns, tuple(self.of.values())), CHOSEN), (Return(tuple(self._samples.values())),),
                             out=Array("found"))
            return (*(Function(name, (Pack(columns, self.columns), constants, state), body, rank=rank)
                      for name, body in (("step", self._one_step), ("whole", self._whole))), *[taken]*bool(self.columns))
        parameters = (EPOCHS, EVERY, KEEP, ORDERS, CYCLES, LENGTH, SIZE, COUNT, Pack(columns, tuple(self.of.values())), constants,
                      state)
        return (Function("train", parameters, self.statements, (KEEP, *self.state), state.array, rank),)

    @property
    def statements(self):
        """The statements of the function."""
        return *self._axes, For(EPOCH, ZERO, EPOCHS, ONE, self._epoch), Return(self.state)

    @cached_property
    def of(self):
        """{column: the array of its values}."""
        return {s: Array("of", s) for s in self.columns}

    @property
    def _samples(self):
        """{column: its values for the samples that are chosen}."""
        return {s: Element(of, CHOSEN) for s, of in self.of.items()}

    @property
    def _step(self):
        """Forward and backward pass: what the update needs."""
        return assignments([e for e in self.parts[1] if e.lhs not in self.recorded], self.once)

    @property
    def _update(self):
        """The update, and the new values in the places of the old ones."""
        return self._moved(self.parts[2], self.program.updates)

    @staticmethod
    def _moved(equations, updates):
        """The equations of an update, and the new values that take their places at the end."""
        taken = taken_places(equations, updates)
        return (*(Assign(e.lhs, e.rhs, into=taken.get(e.lhs)) for e in equations),
                *(Assign(old, new) for old, new in updates.items() if new not in taken))

    def _kept(self, *before):
        """The record of an epoch, if it is to be kept."""
        return When(sp.Eq(sp.Mod(EPOCH, EVERY), 0), (*before, Keep((self.program.loss, *self.state), Quotient(EPOCH, EVERY))))

    @property
    def _recorded(self):
        return self._kept(*assignments([e for e in self.parts[1] if e.lhs in self.recorded], self.once))

    @property
    def _epoch(self):
        if not self.columns and not self.batches:
            return *self._step, self._recorded, *self._update
        return self._epoch_of_arrays if self.kind == ARRAYS else self._epoch_of_numbers

    @property
    def _epoch_of_numbers(self):
        """A sum over the samples of a batch."""
        sums = {s: Made("sum", s) for s in self.reduced}
        samples = tuple(Assign(s, Element(of, I)) for s, of in self.of.items())

        def summed(index, start, stop, body, sums):
            return (*(Assign(total, ZERO) for total in sums.values()), For(index, start, stop, ONE, (
                *body, *(Accumulate(total, s) for s, total in sums.items()))), *(
                Assign(s, total/(stop - start) if self.reduce == "mean" else total) for s, total in sums.items()))

        chosen = Assign(I, Element(ORDERS, sp.Mod(EPOCH, CYCLES)*LENGTH + K))
        batch = For(START, ZERO, LENGTH, SIZE, (
            Assign(STOP, Least(START + SIZE, LENGTH)),
            *summed(K, START, STOP, (chosen, *samples, *self._step), sums),
            *([] if self.batches else [self._recorded]), *self._update))
        if not self.batches:
            return (batch,)
        total = {self.program.loss: Made("sum", self.program.loss)}
        return self._kept(*summed(I, ZERO, COUNT, (*samples, *assignments(self.parts[0], self.once)), total)), batch

    @property
    def _epoch_of_arrays(self):
        """The samples of a batch are the first axis of every array."""
        chosen = Assign(CHOSEN, Part(ORDERS, FIRST + START, FIRST + Least(START + SIZE, LENGTH)))
        batch = For(START, ZERO, LENGTH, SIZE, (
            chosen, *(Assign(s, value) for s, value in self._samples.items()), *self._step,
            *self._over(self.reduced, Length(CHOSEN)), *([] if self.batches else [self._recorded]), *self._update))
        first = Assign(FIRST, sp.Mod(EPOCH, CYCLES)*LENGTH)
        if not self.batches:
            return first, batch
        return (self._kept(*(Assign(s, of) for s, of in self.of.items()), *assignments(self.parts[0], self.once),
                           *self._over([self.program.loss], COUNT)), first, batch)

    def _over(self, symbols, count):
        """Their mean, or their sum, over the samples takes the place of the values for each of them."""
        reduction = Mean if self.reduce == "mean" else Total
        return tuple(Assign(s, reduction(s, count, AXES), into=s) for s in symbols)

    @property
    def _axes(self):
        """What does not depend on the sample has no axis for it."""
        needed = self.kind == STEPS or self.kind == ARRAYS and (self.columns or self.batches)
        return (Assign(AXES, Axes(*self.constants, *self.state)),)*bool(needed)

    # ---- a batch, and the loss of all samples, for a machine that makes the loop

    @property
    def _count(self):
        return Length(self.columns[0]) if self.columns else ONE

    @property
    def _one_step(self):
        reduced = dict.fromkeys([self.program.loss, *self.reduced]) if self.columns else ()
        return (*self._axes, *assignments(self.parts[1]), *self._over(reduced, self._count), *assignments(self.parts[2]),
                Return(((self.program.loss, *self.state), tuple(self.program.updates.values()))))

    @property
    def _whole(self):
        return (*self._axes, *assignments(self.parts[0]), *self._over([self.program.loss]*bool(self.columns), self._count),
                Return((self.program.loss,)))
