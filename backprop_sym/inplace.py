"""NumPy code that computes in place: each operation writes into an array that is free at that moment.

    InPlace                 the dialect of it: a training loop for many networks, a landscape
    Registers(axes, own)    which array holds which value, statement by statement

``x1*w1 + b1`` makes two arrays, ``add(multiply(x1, w1, out=r1), b1, out=r1)`` none: a third of the time of a step of ten thousand
networks. Half of that is where the arrays lie. NumPy takes them as malloc gives them, so that nearly every access of
the processor's widest instructions straddles two lines of its cache; these begin where a line begins.
"""
import ast
from itertools import count
from math import frexp

from .dialects import Numpy

REGISTERS = '''from numpy import empty, prod


def registers(shape, free, values=()):
    """Arrays that begin where a line of the processor's cache begins: so many free ones, then one for each of the values."""
    arrays, size = [], 8*prod(shape)
    for _ in range(free + len(values)):
        memory = empty(size + 64, "u1")
        start = -memory.ctypes.data % 64
        arrays.append(memory[start:start + size].view(float).reshape(shape))
    for array, value in zip(arrays[free:], values):
        array[...] = value
    return arrays'''
OPERATORS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.USub: "negative"}
WRITING = {*OPERATORS.values(), *"abs cos exp log log1p maximum sin sqrt tanh".split()}        # what can write into an array


class Registers:
    """Gives each value of straight-line code an array; the code is Python's syntax tree.

    ``axes`` maps the names of arrays to the axes along which they extend. What extends along all of ``whole`` is computed in
    registers r1, r2, ..., everything else as it was. ``own`` are names with an array of their own, into which their new
    values are written. A register is free again after the last statement that uses what it holds.
    """

    def __init__(self, axes, whole, own=()):
        self.axes, self.whole, self.own = dict(axes), frozenset(whole), frozenset(own)
        self.holds, self.busy, self.names = {}, set(), []          # {name: register}, those in use, all there are

    def statements(self, body, results=()):
        """The same statements, computed in place; ``results`` are names that are still needed after the last of them."""
        last = {name: k for k, statement in enumerate(body) for name in _names(statement)}
        last |= dict.fromkeys(results, len(body))
        for k, statement in enumerate(body):
            simple = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
            if simple:
                yield ast.parse(self.assignment(statement.targets[0].id, statement.value)).body[0]
            else:                                                  # several results at once, or a condition: as it is
                axes = self.extent(statement)
                self.axes |= {n.id: axes for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                yield statement
            self.holds = {name: register for name, register in self.holds.items() if last.get(name, k) > k}
            self.busy = set(self.holds.values())

    def extent(self, node):
        """The axes along which a piece of code extends."""
        return frozenset().union(*(self.axes.get(name, ()) for name in _names(node)))

    def assignment(self, name, value):
        """The line that gives a name its value."""
        text, self.axes[name], register = self.value(value, name if name in self.own else None)
        if name in self.own:
            return f"{name} = {text}" if register else f"{name}[...] = {text}"
        if text in self.own:                                       # the array will change: its value is copied
            text, register = self.written("positive", [text])
        if register := register or self.holds.get(text):           # the value may have two names
            self.holds[name] = register
        return f"{name} = {text}"

    def value(self, node, into=None):
        """(text, axes, register) of an expression; no register for a number, a name or an array that NumPy makes."""
        axes, (operation, operands) = self.extent(node), _operation(node)
        if axes != self.whole or operation is None:
            return ast.unparse(node), axes, None
        busy = set(self.busy)
        texts, _, registers = zip(*map(self.value, operands), strict=True)
        self.busy = busy                                           # the operands' registers can be written to again
        if operation in WRITING:
            text, register = self.written(operation, texts, into or next(filter(None, registers), None))
            return text, axes, register
        return f"{operation}({', '.join(texts)})", axes, None

    def written(self, operation, texts, register=None):
        """(the call of an operation that writes into a register, which is the first free one unless it is given; it)."""
        register = register or next(r for r in map("r{}".format, count(1)) if r not in self.busy)
        if register not in self.own:
            self.busy.add(register)
            self.names += [register]*(register not in self.names)
        return f"{operation}({', '.join([*texts, f'out={register}'])})", register


def _operation(node):
    """(the name of a function, the arguments) of an operator or a call; (None, []) of anything else."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        right = node.right
        if isinstance(node.op, ast.Div) and isinstance(right, ast.Constant) and frexp(right.value)[0] == 0.5:
            return "multiply", [node.left, ast.Constant(1/right.value)]        # the same for a power of 2, and much faster
        return OPERATORS[type(node.op)], [node.left, right]
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)], [node.operand]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id, node.args
    return None, []


def _names(node):
    """The names in a piece of code, but for the functions that it calls."""
    called = {n.func for n in ast.walk(node) if isinstance(n, ast.Call)}
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n not in called]


class InPlace(Numpy):
    """NumPy for arrays of one shape, computed in place."""

    imported = {**Numpy.imported, **dict.fromkeys("add broadcast_shapes divide multiply negative positive subtract".split(), ""),
                "registers": REGISTERS}

    def keep(self, names):
        """The lines that record values: copies, for the arrays change."""
        return super().keep([f"{name}.copy()" for name in names])

    def define_train(self, loop, body):
        """The lines of the function that holds a training loop; every network of it is an entry of each array."""
        epochs, = ast.parse("\n".join(body)).body
        arrays = [loop.by_name[name] for name in loop.arrays]
        own = [loop.by_name[name] for name in loop.state if name in loop.arrays]
        plan = Registers(dict.fromkeys(arrays, {0}), {0}, own)
        epochs.body = list(plan.statements(epochs.body))
        take = (f"{', '.join([*plan.names, *arrays])}, = "
                f"registers({arrays[0]}.shape, {len(plan.names)}, [{', '.join(arrays)}])")
        return super().define_train(loop, [take, *ast.unparse(epochs).splitlines()])

    def define_open_grid(self, axes, constants, results, body):
        """The lines of the function that computes quantities over an open grid."""
        plan = Registers({name: {i} for i, name in enumerate(axes)}, range(len(axes)))
        lines = [ast.unparse(s) for s in plan.statements(ast.parse("\n".join(body)).body, results)]
        shape = f"broadcast_shapes({', '.join(f'{name}.shape' for name in axes)})"
        take = [f"{', '.join(plan.names)}, = registers({shape}, {len(plan.names)})"]*bool(plan.names)
        return super().define_open_grid(axes, constants, results, [*take, *lines])
