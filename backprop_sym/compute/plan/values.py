"""Expressions computed in place: each operation writes into an array that is free at that moment.

    Values(places, floats)   .value(value, into), .written(name, operands, shape): operations that write; .made, what comes before

A value that stands in no register, such as a number or a transpose, is written where it is used.
"""
import sympy as sp

from ...describe.matrices import column_sums, dot, row_maxima, row_sums, transposed
from ...describe.selections import Selection
from .places import VIEWS, of_arrays
from .statements import Assign, Made, Operation

CHAINS = frozenset(["add", "multiply"])      # of any number of operands
POWERS = {2**k for k in range(1, 64)}       # dividing by them is multiplying, to the last bit
# What can write into an array.
WRITING = frozenset("add subtract multiply divide negative positive abs cos exp log log1p maximum sin sqrt tanh".split())
# What is left as it is written, with all that it holds.
LEFT = frozenset(["power", "<", "<=", ">", ">=", "==", "!="])
ARITHMETIC = CHAINS | LEFT | {"subtract", "divide", "negative"}


class Values:
    """What expressions become where values lie in arrays.

    ``floats``: whether numbers are kept Python's, next to which an array keeps its precision.
    """

    def __init__(self, places, floats=False):
        self.places, self.floats, self.extent = places, floats, places.extent
        self.dying = frozenset()                                   # what may be overwritten as soon as it is read
        self.made = []                                             # the statements that have been made

    def value(self, value, into=None):
        """(value, shape, register) of an expression, what comes before it being made; no register where it lies in none."""
        shape = self.extent(value)
        if not isinstance(value, Operation) or value.name in LEFT or _selects(value):
            return value, shape, None
        if not self.places.pooled(shape):
            return self.small(value, shape), shape, None
        name, arguments = value.name, value.args
        if name == "divide" and arguments[1] in POWERS:
            name, arguments = "multiply", (arguments[0], sp.Float(1/int(arguments[1])))        # much faster
        if name in VIEWS:
            piece, register = self.operand(arguments[0])
            if self.extent(piece) == ():                           # a number, which has no array yet
                made, register = self.written("positive", (piece,), shape, into)
                return made, shape, register
            return Operation(name, (piece, *arguments[1:])), shape, register
        if name in CHAINS:
            made, register = self.chain(name, arguments, shape, into)
            return made, shape, register
        busy = set(self.places.busy)
        pieces, registers = zip(*map(self.operand, arguments), strict=True)
        if of_arrays(name):                                        # it reads all its operands for each entry that it writes
            name, pieces = self.quicker(name, pieces)
            made, register = self.written(name, pieces, shape, None if into in map(self.places.lies, pieces) else into)
            self.places.busy = busy | {register}
            if name is row_maxima:                                   # written into the transpose
                self.made.append(Assign(register, made))
                made = register
            return made, shape, register
        if name == "where" and any(map(self.extent, pieces[1:])):       # a new array, which holds what is busy until it is used
            return Operation(name, pieces), shape, None
        self.places.busy = busy                                    # the operands' registers can be written to again
        if name in WRITING:
            made, register = self.written(name, pieces, shape, into or self.places.fitting(registers, shape))
        else:               # any other function may return its own argument, which will change: its value is copied
            made, register = self.written("positive", (Operation(name, pieces),), shape, into)
        return made, shape, register

    def quicker(self, name, pieces):
        """The same by what takes a tenth of the time: a sum is a product with ones, a row is faster across than along."""
        a, shape = pieces[0], self.extent(pieces[0])
        if name is column_sums:
            return dot, (self.places.ones(shape[:1]), a)
        if name is row_sums:
            return dot, (a, self.places.ones((shape[1], sp.S.One)))
        if name is row_maxima:
            made, register = self.written("copyto", (Operation(transposed, (a,)),), shape[::-1])
            self.made.append(Assign(register, made))
            return name, (register,)
        return name, pieces

    def small(self, value, shape):
        """A value of which there are no registers, such as a number: what it is computed from may lie in some."""
        if not any(self.places.pooled(self.extent(a)) for a in value.args):
            pieces = tuple(self.small(a, self.extent(a)) if isinstance(a, Operation) else a for a in value.args)
            made = Operation(value.name, pieces)
            calls = isinstance(value.name, str) and value.name not in ARITHMETIC
            return Operation("float", (made,)) if calls and shape == () and self.floats else made
        busy = set(self.places.busy)
        pieces = tuple(self.operand(a)[0] for a in value.args)
        made = Operation(value.name, pieces)
        if self.places.busy != busy:                               # before what it is computed from is overwritten
            name = Made("sum")
            self.places.shapes[name] = shape
            self.made.append(Assign(name, made))
            made, self.places.busy = name, busy
        return made

    def chain(self, name, arguments, shape, into):
        """(value, register) of a sum or a product, from left to right; what comes before its first array stays together."""
        first = next(k for k in range(1, len(arguments) + 1) if self.extent(Operation(name, arguments[:k])) == shape)
        first = max(first - 1, 1)
        busy = set(self.places.busy)
        made, register = self.operand(Operation(name, arguments[:first]) if first > 1 else arguments[0])
        for k, argument in enumerate(arguments[first:], first + 1):
            minus = name == "add" and isinstance(argument, Operation) and argument.name == "negative"
            piece, other = self.operand(argument.args[0] if minus else argument)
            self.places.busy = set(busy)
            last = k == len(arguments)
            made, register = self.written("subtract" if minus else name, (made, piece), shape,
                                          last and into or self.places.fitting([register, other], shape))
            if not last:
                self.made.append(Assign(register, made))
                made = register
        return made, register

    def operand(self, value):
        """(what an operation reads, the register that it lies in if that may be written to) of an operand."""
        if value in self.dying:
            return value, self.places.holds.get(value, value)
        made, _, register = self.value(value)
        if register is None or made == register or made.name in VIEWS:
            return made, register
        self.made.append(Assign(register, made))
        return register, register

    def written(self, name, pieces, shape, register=None):
        """(an operation that writes into a register, the first free one unless it is given; it)."""
        register = self.places.taken(register or self.places.free(shape))
        return Operation(name, pieces, register), register


def _selects(value):
    """Whether a value is a matrix that selects, of which nothing but where its ones are is computed."""
    return isinstance(value.name, type) and issubclass(value.name, Selection)
