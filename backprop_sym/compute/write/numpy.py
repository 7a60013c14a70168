"""NumPy: every value may be an array, and all broadcast.

    Numpy                       the language, with operations that write into registers
"""
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
PLAIN = ("abs add broadcast_shapes cos divide e empty exp log log1p maximum multiply negative pi positive prod sin sqrt subtract "
         "tanh where")


class Numpy(OnArrays, Language):
    """NumPy: every value may be an array, and all broadcast."""

    loops, package = ARRAYS, "numpy"
    imports = {**dict.fromkeys(PLAIN.split(), ""),
               **{name: f"import math\nfrom numpy import vectorize\n\n{name} = vectorize(math.{name}, otypes=[float])"
                  for name in ("erf", "erfc")},
               "ndim": "from numpy import ndim", "mean": MEAN, "total": TOTAL, "registers": REGISTERS}
    needs = {"mean": ("ndim",), "total": ("ndim",), "registers": ("empty", "prod")}
    reserved = WORDS.union(imports, ("math", "vectorize"))

    # ---- arrays

    def write_Part(self, e):
        array, start, stop = e.args
        return f"{self(array)}[{self(start)}:{self(stop)}]", ATOM

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
            return self.applied(e.name, [*(self.beside(a, SUM) for a in e.args), f"out={self.names[e.out]}"]), ATOM
        match e.name:
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
