"""Statements of arrays written out as loops over their entries, for languages that compute with one number at a time.

    in_entries(function, shapes)    the function in loops
    Entrywise(shapes)           .statements(body) the same statements, each array in a row of numbers, row by row

``Z = X @ W + b`` becomes a loop over the rows and columns of Z, with one inside it for the sum. What the entry of a function of
whole arrays is says its row of the table: ``add`` makes a loop. An array is made anew wherever it gets a value, so nothing that
was given, or kept, ever changes.
"""
from dataclasses import replace

import sympy as sp

from ...describe.functions import larger
from ...describe.matrices import ArrayFunction, dot, spread, transposed
from ...describe.order import QUANTITY
from ...describe.selections import Selection
from ...describe.shapes import Extent, shape_of
from .statements import Accumulate, Assign, Chosen, Element, For, Fresh, Length, Made, Part, Size, When, whole

INDICES = whole("i j")
INNER = whole("k l m n")
RANK = {s: (QUANTITY, i - 10) for i, s in enumerate((*INDICES, *INNER))}      # written before what they are multiplied with
VIEWS = (transposed, spread)


def in_entries(function, shapes):
    """The function, its statements written out as loops; ``shapes`` are those of symbols."""
    return replace(function, body=Entrywise(shapes).statements(function.body), rank={**function.rank, **RANK})


class Entrywise:
    """Writes statements out; ``shapes`` maps symbols to their shapes, in letters that have a value, and numbers."""

    def __init__(self, shapes):
        self.shapes = dict(shapes)
        self.parts = {}                    # {what holds the indices of a batch: (all indices, from, to)}
        self.made = []                     # the statements at this level of the loops
        self.depth = 0                     # how many sums are around
        self.target = None                 # what gets a value
        self.known = set()                 # the sizes that have a value

    def statements(self, body):
        """The statements, written out."""
        before, known, self.made = self.made, set(self.known), []
        for statement in body:
            match statement:
                case For() | When():
                    self.made.append(replace(statement, body=self.statements(statement.body)))
                case Assign() if not isinstance(statement.target, tuple):
                    self.assign(statement)
                case _:
                    self.made.append(statement)
        made, self.made, self.known = self.made, before, known
        return tuple(made)

    def assign(self, statement):
        """One value: an array entry by entry, a size by the length of an array, anything else as it is."""
        target, value = statement.target, statement.value
        match value:
            case Part():
                self.parts[target] = value.args
            case Chosen():
                self.chosen(target, *value.args)
            case Size():
                self.size(target, *value.args)
            case _ if target.is_integer or isinstance(target, Element):
                self.made.append(statement)
            case _:
                self.equation(statement)

    def size(self, size, s, axis):
        """A size, from the length of an array of which the others are known."""
        if size not in self.known:
            others = [other for k, other in enumerate(self.shapes[s]) if k != axis]
            self.known.add(size)
            self.made.append(Assign(size, Length(s)/sp.Mul(*others)))

    def chosen(self, target, of, indices, axis):
        """Some samples of an array: a copy of their entries."""
        array, start, stop = self.parts[indices]
        size = self.shapes[target][axis]
        if isinstance(size, Extent) and size not in self.known:
            self.known.add(size)
            self.made.append(Assign(size, stop - start))
        self.filled(target, lambda *at: self.element(of, [
            Element(array, start + i) if k == axis else i for k, i in enumerate(at)]))

    def equation(self, statement):
        """The statements that give a symbol its value."""
        value, lhs = statement.value, statement.target
        shape = shape_of(value, self.shape)
        self.shapes.setdefault(lhs, shape)
        self.target = lhs
        if shape == () or value.is_Symbol:
            if shape == ():
                value, self.target = self.named(value, shape, lhs), lhs
                value = self.entry(value, ())
            self.made.append(replace(statement, value=value, once=False))
            return
        value, self.target = self.named(value, shape, lhs), lhs
        self.filled(lhs, lambda *at: self.entry(value, at))
        if statement.into is not None:
            self.made.append(Assign(statement.into, lhs))

    def shape(self, s):
        return self.shapes.get(s, ())

    def filled(self, target, entry):
        """A new array, and the loops over its entries."""
        shape = self.shapes[target]
        self.made.append(Assign(target, Fresh(sp.Mul(*shape))))
        at = [sp.S.Zero if size == 1 else i for size, i in zip(shape, INDICES, strict=False)]
        before, self.made = self.made, []
        value = entry(*at)
        body = (*self.made, Assign(Element(target, self.place(shape, at)), value))
        for i, size in reversed(list(zip(at, shape, strict=True))):
            body = (For(i, sp.S.Zero, size, sp.S.One, body),) if i != 0 else body
        self.made = [*before, *body]

    # ---- entries

    @staticmethod
    def place(shape, at):
        """The index of an entry in the row of all."""
        index = sp.S.Zero
        for i, size in zip(at, shape, strict=True):
            index = index*size + i
        return index

    def element(self, s, at):
        shape = self.shapes[s]
        at = [sp.S.Zero if size == 1 else i for size, i in zip(shape, at[len(at) - len(shape):], strict=True)]
        return Element(s, self.place(shape, at))

    def entry(self, e, at):
        """The entry of an expression; what is too small for the index is repeated."""
        if e.is_Symbol:
            return self.element(e, at) if self.shape(e) else e
        if not isinstance(e, ArrayFunction):
            return e.func(*(self.entry(a, at) for a in e.args)) if e.args else e
        shape = shape_of(e, self.shape)
        at = at[len(at) - len(shape):]
        if e.flat:                                             # the same numbers in the same order
            return Element(e.args[0], self.place(shape, at))
        return e.entry(self.added, *(_Operand(self, a) for a in e.operands))(*at)

    def added(self, f, size, by=sp.Add):
        """The sum of f(k) over k, or the largest: a loop before the statement that needs it."""
        k, total = INNER[self.depth], Made("top" if by is larger else "sum", self.target)
        first = f(sp.S.Zero) if by is larger else sp.S.Zero
        before, self.made, self.depth = self.made, [], self.depth + 1
        value = f(k)
        last = Assign(total, larger(total, value), into=total) if by is larger else Accumulate(total, value)
        loop = For(k, sp.S.Zero, size, sp.S.One, (*self.made, last))
        self.made, self.depth = [*before, Assign(total, first), loop], self.depth - 1
        return total

    # ---- what is computed once

    def named(self, e, shape, lhs, inside=False):
        """The expression with a name for each function of arrays that would be computed again for many entries."""
        if not e.has(ArrayFunction):
            return e
        within = inside or isinstance(e, ArrayFunction) and not isinstance(e, VIEWS)
        new = e.func(*(self.named(a, shape, lhs, within) for a in e.args))
        if isinstance(new, dot):                               # which needs each entry of its factors many times
            new = dot(*(a if _plain(a) else self.name(a, lhs) for a in new.args))
        if getattr(new, "flat", False) and not new.args[0].is_Symbol:
            new = new.func(self.name(new.args[0], lhs), *new.args[1:])
        again = inside or shape_of(new, self.shape) != shape
        return self.name(new, lhs) if isinstance(new, ArrayFunction) and not isinstance(new, VIEWS) and again else new

    def name(self, e, lhs):
        name = Made("part", lhs)
        self.equation(Assign(name, e))
        return name


class _Operand:
    """An operand, of which entries are asked for."""

    def __init__(self, entrywise, e):
        self.entrywise, self.e, self.shape = entrywise, e, shape_of(e, entrywise.shape)

    def __getitem__(self, at):
        return self.entrywise.entry(self.e, at if isinstance(at, tuple) else (at,))


def _plain(e):
    """Whether an expression is a symbol, or another look at one."""
    return e.is_Symbol or isinstance(e, Selection) or isinstance(e, VIEWS) and _plain(e.args[0])
