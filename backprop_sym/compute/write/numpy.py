"""NumPy: every value may be an array, and all broadcast.

    Numpy                       the language, with operations that write into registers
"""
from ...describe.matrices import column_means, column_sums, dot, mean, row_means, row_sums, row_tops, spread, total, transposed
from ...describe.printer import ATOM, POWER, PRODUCT, SUM
from ..plan.loop import ARRAYS
from ..plan.operations import OnArrays
from ..plan.statements import Operation
from .block import Language
from .python import WORDS

# Over the samples, the first axis; what does not depend on the sample has no such axis.
MEAN = """

def mean(values, count, dims):
    return values.sum(axis=0)/count if ndim(values) > dims else values"""
TOTAL = """

def total(values, count, dims):
    return values.sum(axis=0) if ndim(values) > dims else count*values"""
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
WORKSPACE = '''

def workspace(like, sizes, *shapes):
    """{n: arrays} for each size n: arrays of these shapes, where -1 stands for n, in the same memory for all n, full of ones."""
    found = {n: [] for n in sizes}
    for shape in shapes:
        filled = {n: [n if m == -1 else m for m in shape] for n in sizes}
        memory = ones(max(map(prod, filled.values())) + 64//like.itemsize, like)
        start = -memory.ctypes.data % 64//like.itemsize
        for n, arrays in found.items():
            arrays.append(memory[start:start + prod(filled[n])].reshape(filled[n]))
    return found'''
PLAIN = ("abs add broadcast_shapes broadcast_to copyto cos divide dot e empty exp log log1p maximum multiply negative ones pi positive prod sin sqrt subtract "
         "tanh where")

# Functions of whole arrays: the method, and what it is told.
METHODS = {total: ("sum", ""), row_sums: ("sum", "axis=1, keepdims=True"), column_sums: ("sum", "axis=0"),
           mean: ("mean", ""), row_means: ("mean", "axis=1, keepdims=True"), column_means: ("mean", "axis=0"),
           row_tops: ("max", "axis=1, keepdims=True")}


class Numpy(OnArrays, Language):
    """NumPy: every value may be an array, and all broadcast."""

    loops, package = ARRAYS, "numpy"
    imports = {**dict.fromkeys(PLAIN.split(), ""),
               **{name: f"import math\nfrom numpy import vectorize\n\n{name} = vectorize(math.{name}, otypes=[float])"
                  for name in ("erf", "erfc")},
               "ndim": "from numpy import ndim", "mean": MEAN, "total": TOTAL, "registers": REGISTERS, "workspace": WORKSPACE}
    needs = {"mean": ("ndim",), "total": ("ndim",), "registers": ("empty", "prod"), "workspace": ("ones", "prod")}
    reserved = WORDS.union(imports, ("math", "vectorize"))

    # ---- arrays

    def write_Part(self, e):
        array, start, stop = e.args
        return f"{self(array)}[{self(start)}:{self(stop)}]", ATOM

    def write_Size(self, e):
        array, axis = e.args
        return f"len({self(array)})" if axis == 0 else f"{self(array)}.shape[{axis}]", ATOM

    def write_Chosen(self, e):
        array, indices, axis = e.args
        return f"{self(array)}[{':, '*int(axis)}{self(indices)}]", ATOM

    def write_ArrayFunction(self, e):
        if e.stable:
            return self.helped(e, map(self, e.args))
        return self.of_arrays(type(e), *e.args)

    def of_arrays(self, function, *arguments):
        """A function of whole arrays."""
        if function is dot:
            return f"{self.wrap(arguments[0], PRODUCT)} @ {self.wrap(arguments[1], POWER)}", PRODUCT
        if function is spread:
            return self.applied("broadcast_to", [self(arguments[0]), self.listed(arguments[1:])]), ATOM
        if function is transposed:
            return f"{self.wrap(arguments[0], ATOM)}.T", ATOM
        method, how = METHODS[function]
        return f"{self.wrap(arguments[0], ATOM)}.{method}({how})", ATOM

    def write_Workspace(self, e):
        like, sizes, *shapes = e.args
        return self.applied("workspace", [f"{self(like)}.dtype", *map(self.listed, (sizes, *shapes))]), ATOM

    def listed(self, values):
        """A tuple of whole numbers."""
        return f"({', '.join(map(self.whole, values))}{','*(len(values) == 1)})"

    def write_Length(self, e):
        return f"len({self(e.args[0])})", ATOM

    def write_Mean(self, e):
        return self.call("mean", e.args)

    def write_Total(self, e):
        return self.call("total", e.args)

    def write_Axes(self, e):
        return f"max(0, {', '.join(self.applied('ndim', [self(a)]) for a in e.args)})", ATOM

    def write_Registers(self, e):
        *like, count, values = e.args
        shapes = [f"{self(array)}.shape" for array in like]
        shape = self.applied("broadcast_shapes", shapes) if len(shapes) > 1 else shapes[0]
        copied = [f"[{', '.join(map(self, values))}]"]*bool(values)
        return self.applied("registers", [shape, self.whole(count), *copied]), ATOM

    # ---- operations that are in order already

    def write_Operation(self, e):
        if e.out is not None:
            return self.written_into(e, self.names[e.out]), ATOM
        match e.name:
            case type():
                return self.of_arrays(e.name, *e.args)
            case "copy":
                return f"{self(*e.args)}.copy()", ATOM
            case "add":
                minus = [isinstance(a, Operation) and a.name == "negative" for a in e.args]
                terms = [a.args[0] if m else a for m, a in zip(minus, e.args, strict=True)]
                return self.sum([(m, self.beside(term, PRODUCT)) for m, term in zip(minus, terms, strict=True)]), SUM
            case "multiply":
                first, *rest = e.args
                return self.times([self.beside(first, PRODUCT), *(self.beside(a, POWER) for a in rest)]), PRODUCT
            case "divide":
                return self.divide(self.beside(e.args[0], PRODUCT), self.beside(e.args[1], POWER)), PRODUCT
            case "negative":
                return self.negative(self.wrap(*e.args, POWER)), PRODUCT
            case "power":
                return self.raised(self.wrap(e.args[0], ATOM), self.beside(e.args[1], ATOM)), POWER
            case "<" | "<=" | ">" | ">=" | "==" | "!=":
                return self.compare(e.name, *(self.beside(a, SUM) for a in e.args)), SUM
            case str():
                return self.applied(e.name, map(self, e.args)), ATOM
        return self.helped(e.name, map(self, e.args))

    def written_into(self, e, out):
        """The text of an operation that writes into an array."""
        if e.name == "take":
            array, indices, axis = map(self, e.args)
            return f'{array}.take({indices}, axis={axis}, out={out}, mode="clip")'       # no index is outside
        if e.name == "copyto":
            return self.applied("copyto", [out, *map(self, e.args)])
        if e.name is row_tops:
            return f"{self.module.used('maximum')}.reduce({self(*e.args)}, axis=0, keepdims=True, out={out}.T)"     # of the transpose
        if e.name in METHODS:
            name, how = METHODS[e.name]
            return f"{self.wrap(*e.args, ATOM)}.{name}({how}, out={out})"
        return self.applied("dot" if e.name is dot else e.name, [*map(self, e.args), f"out={out}"])
