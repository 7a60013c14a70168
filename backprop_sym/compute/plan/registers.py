"""Plans for arrays that compute in place: each operation writes into an array that is free at that moment.

    in_place(function, along, own)  the same function, computed in registers r1, r2, ...
    spread(program, arrays)         the symbols of a step that are arrays where some are

``x1*w1 + b1`` makes two arrays; multiply into r1 and add to it makes none. That saves a third of the time of a step of ten
thousand networks. Half of it is where the arrays lie: NumPy takes them as malloc gives them, so that nearly every access of the
processor's widest instructions straddles two lines of its cache; registers begin where a line begins.
"""
from dataclasses import replace

import sympy as sp

from .operations import Operations
from .statements import Array, Assign, For, Keep, Operation, Registers, When, targets

CHAINS = frozenset(["add", "multiply"])      # of any number of operands
POWERS = {2**k for k in range(1, 64)}       # dividing by them is multiplying, to the last bit
# What can write into an array.
WRITING = frozenset("add subtract multiply divide negative positive abs cos exp log log1p maximum sin sqrt tanh".split())
# What is left as it is written, with all that it holds.
LEFT = frozenset(["power", "<", "<=", ">", ">=", "==", "!="])


def spread(program, arrays):
    """The symbols that are arrays: those given, then those of the state that a step makes depend on one."""
    found = dict.fromkeys(arrays)
    while True:
        reached = set(found)
        for e in program.equations:
            if not reached.isdisjoint(e.rhs.free_symbols):
                reached.add(e.lhs)
        new = [old for old, new in program.updates.items() if new in reached and old not in found]
        if not new:
            return tuple(found)
        found |= dict.fromkeys(new)


def in_place(function, along, own=()):
    """The function with everything that extends along all axes computed in registers.

    ``along`` maps the parameters that are arrays to their axes; ``own`` are those with an array of their own, into which their
    new values are written: they are copied first, so that what is given never changes.
    """
    plan = _InPlace(function.rank, along, own)
    *body, results = function.body
    if loop := next((statement for statement in body if isinstance(statement, For)), None):
        body = [replace(loop, body=plan.statements(loop.body))]
    else:
        body = plan.statements(body, results.values)
    copied = tuple(along) if own else ()
    if not plan.registers and not copied:
        return function
    like = copied[:1] or tuple(along)
    arrays = Assign((*plan.registers, *copied), Registers(*like, sp.Integer(len(plan.registers)), sp.Tuple(*copied)))
    return replace(function, body=(arrays, *body, results), state=tuple(dict.fromkeys((*function.state, *copied))))


class _InPlace:
    """Gives each value of some statements an array. A register is free again after the last statement that uses what it holds.

    ``axes`` maps symbols to the axes along which they extend; ``holds`` maps those whose value lies in a register to it;
    ``busy`` are the registers in use.
    """

    def __init__(self, rank, along, own):
        self.axes = {s: frozenset(axes) for s, axes in along.items()}
        self.whole, self.own = frozenset().union(*self.axes.values()), set(own)
        self.holds, self.busy, self.registers, self.inlined = {}, set(), [], {}
        self.operations = Operations(rank, self.inlined)
        self.made = []                                             # the statements that have been made

    def statements(self, body, results=()):
        """The same statements, computed in place; ``results`` are still needed after the last of them."""
        body = [statement for statement in map(self.in_order, body) if statement is not None]
        last = {s: k for k, statement in enumerate(body) for s in _read(statement)}
        last |= dict.fromkeys(results, len(body))
        for k, statement in enumerate(body):
            if isinstance(statement, Assign) and not isinstance(statement.target, tuple):
                self.assign(statement)
            else:                                                  # several results at once, or a condition: as it is
                self.made.append(_copied(statement))
                if isinstance(statement, Assign):
                    self.axes |= dict.fromkeys(targets(statement), self.extent(statement.value))
            self.holds = {s: register for s, register in self.holds.items() if last.get(s, k) > k}
            self.busy = set(self.holds.values())
        return tuple(self.made)

    def in_order(self, statement):
        """The statement with its operations in order; None for what is used once, and written there."""
        if not isinstance(statement, Assign):
            return statement
        value = self.operations(statement.value)
        if statement.once:
            self.inlined[statement.target] = value
            return None
        return replace(statement, value=value)

    def extent(self, value):
        """The axes along which a value extends."""
        return frozenset().union(*(self.axes.get(s, ()) for s in value.free_symbols))

    def assign(self, statement):
        """The statements that give a symbol its value."""
        s = statement.into or statement.target
        own = s if s in self.own else None
        value, self.axes[statement.target], register = self.value(statement.value, own)
        if own is not None:
            self.own.add(statement.target)
            value = value if register else Operation("positive", (value,), own)
        elif value in self.own:                                    # the array will change: its value is copied
            value, register = self.written("positive", (value,))
        if own is None and (register := register or self.holds.get(value)):        # the value may have two names
            self.holds[statement.target] = register
        self.made.append(replace(statement, value=value))

    def value(self, value, into=None):
        """(value, axes, register) of an expression, what comes before it being made; no register where there is no array."""
        if not isinstance(value, Operation) or value.name in LEFT:
            return value, self.extent(value), None
        if (axes := self.extent(value)) != self.whole:
            return value, axes, None
        name, arguments = value.name, value.args
        if isinstance(name, str) and name == "divide" and arguments[1] in POWERS:
            name, arguments = "multiply", (arguments[0], sp.Float(1/int(arguments[1])))        # much faster
        if name in CHAINS:
            made, register = self.chain(name, arguments, into)
            return made, axes, register
        busy = set(self.busy)
        pieces, registers = zip(*map(self.operand, arguments), strict=True)
        self.busy = busy                                           # the operands' registers can be written to again
        if name in WRITING:
            made, register = self.written(name, pieces, into or next(filter(None, registers), None))
        else:               # any other function may return its own argument, which will change: its value is copied
            made, register = self.written("positive", (Operation(name, pieces),), into)
        return made, axes, register

    def chain(self, name, arguments, into):
        """(value, register) of a sum or a product, from left to right; what comes before its first array stays together."""
        first = next(k for k in range(1, len(arguments) + 1) if self.extent(Operation(name, arguments[:k])) == self.whole)
        first = max(first - 1, 1)
        busy = set(self.busy)
        made, register = self.operand(Operation(name, arguments[:first]) if first > 1 else arguments[0])
        for k, argument in enumerate(arguments[first:], first + 1):
            minus = name == "add" and isinstance(argument, Operation) and argument.name == "negative"
            piece, other = self.operand(argument.args[0] if minus else argument)
            self.busy = set(busy)
            last = k == len(arguments)
            made, register = self.written("subtract" if minus else name, (made, piece), last and into or register or other)
            if not last:
                self.made.append(Assign(register, made))
                made = register
        return made, register

    def operand(self, value):
        """(what an operation reads, its register) of an operand, which is computed into that before."""
        value, _, register = self.value(value)
        if register is None:
            return value, None
        self.made.append(Assign(register, value))
        return register, register

    def written(self, name, pieces, register=None):
        """(an operation that writes into a register, the first free one unless it is given; it)."""
        if register is None:
            register = next((r for r in self.registers if r not in self.busy), None) or self._another()
        if register not in self.own:
            self.busy.add(register)
        return Operation(name, pieces, register), register

    def _another(self):
        self.registers.append(Array(f"r{len(self.registers) + 1}"))
        return self.registers[-1]


def _read(statement):
    """The symbols that a statement reads."""
    match statement:
        case Assign():
            return statement.value.free_symbols
        case Keep():
            return set().union(*(value.free_symbols for value in statement.values))
        case When():
            return set().union(*map(_read, statement.body))
    raise TypeError(f"expected a statement of a loop, got {statement!r}")


def _copied(statement):
    """The statement with copies of what it records, for the arrays change."""
    match statement:
        case Keep():
            return replace(statement, values=tuple(Operation("positive", (value,)) for value in statement.values))
        case When():
            return replace(statement, body=tuple(map(_copied, statement.body)))
    return statement
