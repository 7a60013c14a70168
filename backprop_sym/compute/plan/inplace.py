"""Statements computed in place: each operation writes into an array that is free at that moment.

    InPlace(rank, shapes, pooled, own)  .statements(body, results) the same statements; .registers, what they are computed in

An array is free after the last statement that uses what it holds, and serves again for a value of the same shape. A value that
stands in no register, such as a number or a transpose, is written where it is used.
"""
from collections import Counter
from dataclasses import replace

import sympy as sp

from ...describe.matrices import ArrayFunction, column_sums, dot, row_sums, row_tops, spread, transposed
from ...describe.shapes import shape_of, together
from .operations import Operations
from .reading import copied, occurring, read
from .statements import Array, Assign, Made, Node, Operation, When, targets

CHAINS = frozenset(["add", "multiply"])      # of any number of operands
POWERS = {2**k for k in range(1, 64)}       # dividing by them is multiplying, to the last bit
# What can write into an array.
WRITING = frozenset("add subtract multiply divide negative positive abs cos exp log log1p maximum sin sqrt tanh".split())
# What is left as it is written, with all that it holds.
LEFT = frozenset(["power", "<", "<=", ">", ">=", "==", "!="])
ARITHMETIC = CHAINS | LEFT | {"subtract", "divide", "negative"}
VIEWS = (transposed, spread)                # another look at the same array


class InPlace:
    """Gives each value of some statements an array.

    ``shapes`` maps symbols to their shapes; ``pooled(shape)`` says whether there are registers of a shape, ``own`` are the
    symbols with an array of their own, into which their new values are written. ``floats``: whether numbers are kept Python's,
    next to which an array keeps its precision. ``mark`` is what registers are called. ``holds`` maps symbols whose value lies
    in a register to it; ``busy`` are the registers in use; ``registers`` maps each to its shape.
    """

    def __init__(self, rank, shapes, pooled, own=(), floats=False, mark="r"):
        self.shapes, self.pooled, self.own, self.floats, self.mark = dict(shapes), pooled, set(own), floats, mark
        self.holds, self.busy, self.registers, self.inlined = {}, set(), {}, {}
        self.constant = set()                                      # registers that nothing is written into
        self.dying = frozenset()                                   # what may be overwritten as soon as it is read
        self.operations = Operations(rank, self.inlined)
        self.made = []                                             # the statements that have been made

    def statements(self, body, results=()):
        """The same statements, computed in place; ``results`` are still needed after the last of them."""
        body = [statement for statement in map(self.in_order, body) if statement is not None]
        last = {s: k for k, statement in enumerate(body) for s in read(statement)}
        last |= dict.fromkeys(results, len(body))
        before, self.made = self.made, []
        for k, statement in enumerate(body):
            match statement:
                case Assign() if not isinstance(statement.target, tuple) and not isinstance(statement.value, Node):
                    self.dying = self.last_uses(statement.value, last, k)
                    self.assign(statement)
                case When():
                    later = {s for s in self.holds if last.get(s, k) > k}
                    self.made.append(replace(statement, body=self.statements(statement.body, later)))
                case _:                                            # several results at once, a record: as it is
                    self.made.append(copied(statement, self.extent))
                    if isinstance(statement, Assign):
                        self.shapes |= {s: self.extent(statement.value) for s in targets(statement) if s not in self.shapes}
            self.holds = {s: register for s, register in self.holds.items() if last.get(s, k) > k}
            self.busy = set(self.holds.values())
        made, self.made = self.made, before
        return tuple(made)

    def in_order(self, statement):
        """The statement with its operations in order; None for what is used once, and written there."""
        if not isinstance(statement, Assign) or isinstance(statement.value, Node):
            return statement
        value = self.operations(statement.value)
        if statement.once:
            self.inlined[statement.target] = value
            return None
        return replace(statement, value=value)

    def last_uses(self, value, last, k):
        """The symbols that a value uses once, and nothing after it, and whose register nothing else lies in."""
        uses, lying = Counter(occurring(value)), Counter(self.holds.values())
        return frozenset(s for s, register in self.holds.items() if uses[s] == 1 and last.get(s) == k and lying[register] == 1)

    def extent(self, value):
        """The shape of a value."""
        if not isinstance(value, Operation):
            return shape_of(value, lambda s: self.shapes.get(s, ()))
        if not _of_arrays(value.name):
            return together(map(self.extent, value.args))
        operands = 1 if value.name is spread else len(value.args)
        return value.name.result([self.extent(a) for a in value.args[:operands]], value.args[operands:])

    def lies(self, value):
        """The symbol, or register, that a value is another look at; None for what is computed."""
        while isinstance(value, Operation) and value.name in VIEWS:
            value = value.args[0]
        return None if isinstance(value, Operation) else value

    def assign(self, statement):
        """The statements that give a symbol its value."""
        s = statement.into or statement.target
        own = s if s in self.own else None
        value, shape, register = self.value(statement.value, own)
        self.shapes[statement.target] = shape
        if own is not None:
            self.own.add(statement.target)
            if getattr(value, "out", None) != own:
                if isinstance(value, Operation) and register:
                    self.made.append(Assign(register, value))
                value = Operation("positive", (register or value,), own)
        elif self.lies(value) in self.own:                         # the array will change: its value is copied
            value, register = self.written("positive", (value,), shape) if self.pooled(shape) else (
                Operation("positive", (value,)), None)
        if own is None and (register := register or self.holds.get(self.lies(value))):     # the value may have two names
            self.holds[statement.target] = register
        self.made.append(replace(statement, value=value))

    def value(self, value, into=None):
        """(value, shape, register) of an expression, what comes before it being made; no register where it lies in none."""
        shape = self.extent(value)
        if not isinstance(value, Operation) or value.name in LEFT:
            return value, shape, None
        if not self.pooled(shape):
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
        busy = set(self.busy)
        pieces, registers = zip(*map(self.operand, arguments), strict=True)
        if _of_arrays(name):                                       # it reads all its operands for each entry that it writes
            name, pieces = self.quicker(name, pieces)
            made, register = self.written(name, pieces, shape, None if into in map(self.lies, pieces) else into)
            self.busy = busy | {register}
            if name is row_tops:                                   # written into the transpose
                self.made.append(Assign(register, made))
                made = register
            return made, shape, register
        if name == "where" and any(map(self.extent, pieces[1:])):       # a new array, which holds what is busy until it is used
            return Operation(name, pieces), shape, None
        self.busy = busy                                           # the operands' registers can be written to again
        if name in WRITING:
            made, register = self.written(name, pieces, shape, into or self.fitting(registers, shape))
        else:               # any other function may return its own argument, which will change: its value is copied
            made, register = self.written("positive", (Operation(name, pieces),), shape, into)
        return made, shape, register

    def quicker(self, name, pieces):
        """The same by what takes a tenth of the time: a sum is a product with ones, a row is faster across than along."""
        a, shape = pieces[0], self.extent(pieces[0])
        if name is column_sums:
            return dot, (self.ones(shape[:1]), a)
        if name is row_sums:
            return dot, (a, self.ones((shape[1], sp.S.One)))
        if name is row_tops:
            made, register = self.written("copyto", (Operation(transposed, (a,)),), shape[::-1])
            self.made.append(Assign(register, made))
            return name, (register,)
        return name, pieces

    def ones(self, shape):
        """An array of ones: what registers hold at first, and this one always."""
        found = next((r for r, of in self.registers.items() if of == shape and r in self.constant), None)
        if found is None:
            found = Array(f"ones_{self.mark}{len(self.constant) + 1}")
            self.registers[found] = self.shapes[found] = shape
            self.constant.add(found)
        return found

    def small(self, value, shape):
        """A value of which there are no registers, such as a number: what it is computed from may lie in some."""
        if not any(self.pooled(self.extent(a)) for a in value.args):
            pieces = tuple(self.small(a, self.extent(a)) if isinstance(a, Operation) else a for a in value.args)
            made = Operation(value.name, pieces)
            calls = isinstance(value.name, str) and value.name not in ARITHMETIC
            return Operation("float", (made,)) if calls and shape == () and self.floats else made
        busy = set(self.busy)
        pieces = tuple(self.operand(a)[0] for a in value.args)
        made = Operation(value.name, pieces)
        if self.busy != busy:                                      # before what it is computed from is overwritten
            name = Made("sum")
            self.shapes[name] = shape
            self.made.append(Assign(name, made))
            made, self.busy = name, busy
        return made

    def chain(self, name, arguments, shape, into):
        """(value, register) of a sum or a product, from left to right; what comes before its first array stays together."""
        first = next(k for k in range(1, len(arguments) + 1) if self.extent(Operation(name, arguments[:k])) == shape)
        first = max(first - 1, 1)
        busy = set(self.busy)
        made, register = self.operand(Operation(name, arguments[:first]) if first > 1 else arguments[0])
        for k, argument in enumerate(arguments[first:], first + 1):
            minus = name == "add" and isinstance(argument, Operation) and argument.name == "negative"
            piece, other = self.operand(argument.args[0] if minus else argument)
            self.busy = set(busy)
            last = k == len(arguments)
            made, register = self.written("subtract" if minus else name, (made, piece), shape,
                                          last and into or self.fitting([register, other], shape))
            if not last:
                self.made.append(Assign(register, made))
                made = register
        return made, register

    def operand(self, value):
        """(what an operation reads, the register that it lies in if that may be written to) of an operand."""
        if value in self.dying:
            return value, self.holds[value]
        made, _, register = self.value(value)
        if register is None or made == register or made.name in VIEWS:
            return made, register
        self.made.append(Assign(register, made))
        return register, register

    def fitting(self, registers, shape):
        """The first of these registers that has a shape."""
        return next((r for r in registers if r is not None and self.registers.get(r, shape) == shape), None)

    def written(self, name, pieces, shape, register=None):
        """(an operation that writes into a register, the first free one unless it is given; it)."""
        if register is None:
            register = next((r for r, of in self.registers.items() if of == shape and r not in self.busy | self.constant), None)
        if register is None:
            register = Array(f"{self.mark}{len(self.registers) - len(self.constant) + 1}")
            self.registers[register] = self.shapes[register] = shape
        if register not in self.own:
            self.busy.add(register)
        return Operation(name, pieces, register), register


def _of_arrays(name):
    """Whether an operation is a function of whole arrays."""
    return isinstance(name, type) and issubclass(name, ArrayFunction)
