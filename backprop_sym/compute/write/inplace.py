"""NumPy code that computes in place: each operation writes into an array that is free at that moment.

    InPlace                         the dialect of it: a training loop for many networks, a landscape
    Registers(axes, whole, own)     which array holds which value, statement by statement

``x1*w1 + b1`` makes two arrays, ``add(multiply(x1, w1, out=r1), b1, out=r1)`` none. That saves a third of the time of a step of
ten thousand networks. Half of it is where the arrays lie. NumPy takes them as malloc gives them, so that nearly every access of
the processor's widest instructions straddles two lines of its cache; these begin where a line begins.
"""
import ast
from itertools import count

from .dialects import Numpy

REGISTERS = '''

def registers(shape, free, values=()):
    """Arrays, each from the beginning of a line of the processor's cache: free ones, then one for each of the values."""
    arrays, size = [], 8*prod(shape)
    for _ in range(free + len(values)):
        memory = empty(size + 64, "u1")
        start = -memory.ctypes.data % 64
        arrays.append(memory[start:start + size].view(float).reshape(shape))
    for array, value in zip(arrays[free:], values):
        array[...] = value
    return arrays'''
OPERATORS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.USub: "negative"}
POWERS = {2.0**k for k in range(1, 64)}      # dividing by them is multiplying, to the last bit
LONG = 50                                   # operations in one line of code
WRITING = {*OPERATORS.values(), *"abs cos exp log log1p maximum sin sqrt tanh".split()}        # what can write into an array


class Registers:
    """Gives each value of straight-line code an array; the code is Python's syntax tree.

    ``axes`` maps the names of arrays to the axes along which they extend. What extends along all of ``whole`` is computed in
    ``registers`` r1, r2, ..., everything else as it was. ``own`` are names with an array of their own, into which their new
    values are written. A register is free again after the last statement that uses what it holds.
    """

    def __init__(self, axes, whole, own=()):
        self.axes = {name: frozenset(along) for name, along in axes.items()}
        self.whole, self.own = frozenset(whole), frozenset(own)
        self.holds, self.busy, self.registers = {}, set(), []      # {name: register}, those in use, all there are

    def statements(self, body, results=()):
        """The same statements, computed in place; ``results`` are names that are still needed after the last of them."""
        body = [part for statement in body for part in _cut(statement)]
        last = {name: k for k, statement in enumerate(body) for name in _variables(statement)}
        last |= dict.fromkeys(results, len(body))
        for k, statement in enumerate(body):
            if _is_simple(statement):
                yield ast.parse(self.assignment(statement.targets[0].id, statement.value)).body[0]
            else:                                                  # several results at once, or a condition: as it is
                axes = self.extent(statement)
                self.axes |= {n.id: axes for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                yield statement
            self.holds = {name: register for name, register in self.holds.items() if last.get(name, k) > k}
            self.busy = set(self.holds.values())

    def extent(self, node):
        """The axes along which a piece of code extends."""
        return frozenset().union(*(self.axes.get(name, ()) for name in _variables(node)))

    def assignment(self, name, expression):
        """The line that gives a name its value."""
        text, self.axes[name], register = self.value(expression, name if name in self.own else None)
        if name in self.own:
            return f"{name} = {text}" if register else f"{name}[...] = {text}"
        if text in self.own:                                       # the array will change: its value is copied
            text, register = self.written("positive", [text])
        if register := register or self.holds.get(text):           # the value may have two names
            self.holds[name] = register
        return f"{name} = {text}"

    def value(self, node, into=None):
        """(text, axes, register) of an expression; no register for a number, a name or what is left to NumPy."""
        operation, operands = _operation(node)
        if operation is None:
            return ast.unparse(node), self.extent(node), None
        busy = set(self.busy)
        texts, extents, registers = zip(*map(self.value, operands), strict=True)
        axes = frozenset().union(*extents)
        if axes != self.whole:
            return ast.unparse(node), axes, None
        self.busy = busy                                           # the operands' registers can be written to again
        if operation in WRITING:
            text, register = self.written(operation, texts, into or next(filter(None, registers), None))
        else:               # any other function may return its own argument, which will change: its value is copied
            text, register = self.written("positive", [f"{operation}({', '.join(texts)})"], into)
        return text, axes, register

    def written(self, operation, texts, register=None):
        """(the call of an operation that writes into a register, which is the first free one unless it is given; it)."""
        register = register or next(r for r in map("r{}".format, count(1)) if r not in self.busy)
        if register not in self.own:
            self.busy.add(register)
            self.registers += [register]*(register not in self.registers)
        return f"{operation}({', '.join([*texts, f'out={register}'])})", register


def _is_simple(statement):
    return isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)


def _cut(statement, name="r0"):
    """A statement with long sums or products as several statements, which add them up in r0, r00, ...

    Neither Python nor its syntax trees take code that is nested some hundreds deep, as a sum of calls would be.
    """
    if isinstance(statement, ast.If):
        statement.body = [part for inner in statement.body for part in _cut(inner, name)]
    elif isinstance(statement, ast.Assign):
        for node in ast.walk(statement.value):
            spine = []
            while isinstance(node, ast.BinOp):
                spine.insert(0, node)
                node = node.left
            if len(spine) > LONG:
                for k in range(LONG, len(spine), LONG):
                    yield from _cut(ast.Assign([ast.Name(name, ast.Store())], spine[k - 1], lineno=0), name + "0")
                    spine[k].left = ast.Name(name, ast.Load())
                name += "0"
    yield statement


def _operation(node):
    """(the name of a function, the arguments) of an operator or a call; (None, []) of anything else."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        right = node.right
        if isinstance(node.op, ast.Div) and isinstance(right, ast.Constant) and right.value in POWERS:
            return "multiply", [node.left, ast.Constant(1/right.value)]        # much faster
        return OPERATORS[type(node.op)], [node.left, right]
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)], [node.operand]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id, node.args
    return None, []


def _variables(node):
    """The names in a piece of code, but for the functions that it calls."""
    nodes = list(ast.walk(node))
    called = {n.func for n in nodes if isinstance(n, ast.Call)}
    return [n.id for n in nodes if isinstance(n, ast.Name) and n not in called]


class InPlace(Numpy):
    """NumPy in place, for results of one shape."""

    imported = {**Numpy.imported, "registers": REGISTERS, **dict.fromkeys(
        "add broadcast_shapes divide empty multiply negative positive prod subtract".split(), "")}

    def keep(self, names):
        """The lines that record values: copies, for the arrays change."""
        return super().keep([f"positive({name})" for name in names])

    def define_train(self, loop, body):
        """The lines of the function that holds a training loop; every network of it is an entry of each array."""
        epochs, = ast.parse("\n".join(body)).body
        arrays = [loop.by_name[name] for name in loop.spread]
        own = [loop.by_name[name] for name in loop.state if name in loop.spread]
        plan = Registers(dict.fromkeys(arrays, {0}), {0}, own)
        epochs.body = list(plan.statements(epochs.body))
        take = (f"{', '.join([*plan.registers, *arrays])}, = "
                f"registers({arrays[0]}.shape, {len(plan.registers)}, [{', '.join(arrays)}])")
        return super().define_train(loop, [take, *ast.unparse(epochs).splitlines()])

    def define_open_grid(self, axes, constants, results, body):
        """The lines of the function that computes quantities over an open grid."""
        plan = Registers({name: {i} for i, name in enumerate(axes)}, range(len(axes)))
        lines = [ast.unparse(s) for s in plan.statements(ast.parse("\n".join(body)).body, results)]
        shape = f"broadcast_shapes({', '.join(f'{name}.shape' for name in axes)})"
        take = [f"{', '.join(plan.registers)}, = registers({shape}, {len(plan.registers)})"]*bool(plan.registers)
        return super().define_open_grid(axes, constants, results, [*take, *lines])
