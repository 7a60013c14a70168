"""A program of arrays written out in their entries: the same equations in numbers alone.

    entries(program, sizes)     a Program in which every symbol is a number: W1_1_2 is the entry of W1 in row 1, column 2
    Entry(array, row, column)   its symbols
    entries_of(program, e)      (shape, {index: entry}) of an expression of a program's arrays

So whatever is known of programs of numbers, their paths, their fifty digits, their derivatives, is known of those of arrays.
"""
from itertools import product

import sympy as sp

from ..describe.arguments import expect
from ..describe.matrices import ArrayFunction
from ..describe.names import Fields, Name, Owned, Partial, _made
from ..describe.program import Equation, Program
from ..describe.shapes import Extent, allowed_sizes, of_symbol, shape_of
from ..describe.wellformed import ROLES

MOST = 20_000               # entries of one array, equation or program


class Entry(Fields):
    """The entry of an array, counted from 1.

    >>> from backprop_sym import symbol
    >>> Entry(symbol("W1"), 1, 2)
    W1_1_2
    """

    def __new__(cls, array, *at):
        return _made(cls, array, *at)

    array = property(lambda self: self.identity[0])
    at = property(lambda self: self.identity[1:])

    def spelling(self, spell, marks):
        """The text of the array, and the indices."""
        return spell(self.array) + marks["at"](self.at)


def entry_of(s, at):
    """The symbol of an entry, its indices from 0: of a derivative that by the entry, of what is kept for an array what is kept
    for the entry."""
    if not at:
        return s
    match s:
        case Partial():
            return Partial(s.of, entry_of(s.wrt, at))
        case Name():
            return Name(entry_of(s.stem, at), *s.identity[1:])
        case Owned() if s.parameter is not None:
            return Owned(*s.identity[:2], entry_of(s.parameter, at))
    return Entry(s, *(int(i) + 1 for i in at))


class _Written:
    """What reads the entries of expressions, {open size: number} being given; each of them once, however often it is used."""

    def __init__(self, program, sizes):
        self.sizes, self.known = sizes, program.shape
        self.readers, self.found = {}, {}

    def shape(self, e):
        """The shape of an expression in numbers."""
        return tuple(int(size.xreplace(self.sizes)) for size in shape_of(e, lambda s: of_symbol(s, self.known)))

    def entry(self, e, at):
        """The entry of an expression; what is too small for the index is repeated."""
        if isinstance(e, Extent):
            return sp.Integer(self.sizes[e])
        if not (e.is_Symbol or e.args):
            return e
        if not isinstance(e, ArrayFunction) and not e.is_Symbol:
            return e.func(*(self.entry(a, at) for a in e.args))
        if e not in self.readers:
            self.readers[e] = self.shape(e), self.reader(e)
        shape, read = self.readers[e]
        at = tuple(0 if size == 1 else i for size, i in zip(shape, at[len(at) - len(shape):], strict=True))
        if (e, at) not in self.found:
            self.found[e, at] = read(*at)
        return self.found[e, at]

    def reader(self, e):
        """The function from indices to an entry of a symbol, or of a function of arrays."""
        if e.is_Symbol:
            return lambda *at: entry_of(e, at)
        operands = [_Operand(self, a, self.shape(a)) for a in e.operands]
        if e.scalars is not None:
            return lambda *at: type(e).scalars(*operands, *at)
        return e.xreplace(self.sizes).entry(lambda f, n, by=sp.Add: by(*map(f, range(n))), *operands)


class _Operand:
    def __init__(self, written, e, shape):
        self.written, self.e, self.shape = written, e, shape

    def __getitem__(self, at):
        return self.written.entry(self.e, at if isinstance(at, tuple) else (at,))


def entries_of(program, expression):
    """(the shape, {index from 0: entry}) of an expression of the arrays of a program, whose sizes are all numbers.

    Raises ValueError where the shapes in it do not fit.

    >>> net = Program.parse(["Z = X @ W"], shapes={"X": "1, 2", "W": "2, 1"}, inputs="X", parameters="W")
    >>> entries_of(net, net["Z"].rhs)
    ((1, 1), {(0, 0): W_1_1*X_1_1 + W_2_1*X_1_2})
    """
    written = _Written(program, {})
    shape = written.shape(expression)
    return shape, {at: written.entry(expression, at) for at in indices(shape)}


def indices(shape):
    """Every index of an array of this shape, row by row."""
    return product(*map(range, shape))


def entries(program, sizes=None):
    """The program in entries; ``sizes`` maps the letters of its shapes to numbers.

    What holds of the values of an array holds of each entry. Raises ValueError for a letter that has no number, or one that the
    program does not allow, and where there would be too many equations.

    >>> net = Program.parse(["Z = X @ W"], shapes={"X": "B, 2", "W": "2, 1"}, inputs="X", parameters="W")
    >>> entries(net, {"B": 1})
    Z_1_1 = X_1_1*W_1_1 + X_1_2*W_2_1
    """
    expect(program=program, sizes=sizes)
    numbers = {letter if isinstance(letter, Extent) else Extent(letter): sp.Integer(int(n))
               for letter, n in dict(sizes or {}).items()}
    open_letters = {letter for shape in program.shape.values() for size in shape for letter in size.free_symbols}
    if missing := sorted(map(str, open_letters - set(numbers))):
        raise ValueError(f"sizes: expected a number for {', '.join(missing)}, got {sizes!r}")
    written = _Written(program, numbers)
    shapes = {s: written.shape(s) for s in (*program.given, *program.defined)}
    if (count := sum(sp.prod(shape) for shape in shapes.values())) > MOST:
        raise ValueError(f"written out, the program has {count:,} entries, more than {MOST:,}: take smaller sizes; its equations "
                         "are the same for all")

    def every(s):
        return [entry_of(s, at) for at in indices(shapes.get(s) or written.shape(s))]

    def role(name):
        return tuple(x for s in getattr(program, name) for x in every(s))

    allowed_sizes(program, numbers)
    bounds = (*program.domains, *((call.args[0], allowed) for call, allowed in program.lookups))
    domains = tuple((written.entry(e, at), allowed) for e, allowed in bounds if not isinstance(e, Extent)
                    for at in indices(written.shape(e)))
    equations = (Equation(entry_of(e.lhs, at), written.entry(e.rhs, at), layer=e.layer)
                 for e in program for at in indices(shapes[e.lhs]))
    updates = {a: b for old, new in program.updates.items() for a, b in zip(every(old), every(new), strict=True)}
    return Program(tuple(equations), **{name: role(name) for name in (*ROLES, "given", "frozen")}, loss=program.loss,
                   updates=updates, domains=domains)
