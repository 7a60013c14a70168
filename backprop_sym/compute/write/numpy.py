"""NumPy: every value may be an array, and all broadcast.

    Numpy                       the language
"""
import sympy as sp

from ...describe.printer import ATOM
from ..plan.loop import ARRAYS
from ..plan.operations import OnArrays
from .arrays import WholeArrays
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
    """{n: arrays} for each size n: arrays of these shapes, where -k is k*n, in the same memory for all n, full of ones.

    The memory is one piece, in which each array has its place from the beginning of a line of the processor's cache. A number k
    among the shapes: the k parts of the array before.
    """
    line, own = 64//like.itemsize, [shape for shape in shapes if not isinstance(shape, int)]
    filled = {n: [tuple(-m*n if m < 0 else m for m in shape) for shape in own] for n in sizes}
    lengths = [max(map(prod, same)) for same in zip(*filled.values())]
    places = [0, *accumulate(-(-length//line)*line for length in lengths)]
    memory = ones(places[-1] + line, like)
    memory = memory[-memory.ctypes.data % 64//like.itemsize:]
    found = {n: [] for n in sizes}
    for n, arrays in found.items():
        cut = iter([memory[at:at + prod(shape)].reshape(shape) for at, shape in zip(places, filled[n])])
        for shape in shapes:
            arrays.extend(split(arrays[-1], shape) if isinstance(shape, int) else [next(cut)])
    return found'''
TOGETHER = '''

def together(*arrays):
    """A copy of some arrays in one row, and each of them as a part of it."""
    row, ends = concatenate([a.ravel() for a in arrays]), accumulate(a.size for a in arrays)
    return row, *(row[end - a.size:end].reshape(a.shape) for a, end in zip(arrays, ends))'''
CONSTANTS = '''from functools import cache

from numpy import array as table'''
WINDOWS = '''

@cache
def windows(c, h, w, size, stride=1):
    """Where in a picture each number lies that a window sees at each place: a row for each number."""
    rows, columns = (range(0, n - size + 1, stride) for n in (h, w))
    return table([[(i*h + y + u)*w + x + v for y in rows for x in columns]
                  for i in range(c) for u in range(size) for v in range(size)])'''
INSIDE = '''

@cache
def inside(c, h, w, frame):
    """Where in a picture with a frame each number lies that is not of the frame, in one row."""
    return table([[(i*(h + 2*frame) + frame + y)*(w + 2*frame) + frame + x
                   for i in range(c) for y in range(h) for x in range(w)]])'''
TAKEN = """

def taken(a, places, out=None):
    return a.take(places.ravel(), axis=0, out=out, mode="raise" if out is None else "clip")"""
PLACED = '''

def placed(d, places, n, out=None):
    """Each row of d added to the row of n that its place is; where places are in rows, none is twice in one of them."""
    found = zeros((n, d.shape[1]), d.dtype) if out is None else out
    found[...] = 0
    if places.ndim == 1:
        add.at(found, places, d)
        return found
    for row, part in zip(places, d.reshape(*places.shape, -1)):
        found[row] += part
    return found'''
HARDMAX = '''

def hardmax(a, axis, out=None):
    """1 at the first of the largest numbers along an axis, 0 elsewhere."""
    places = arange(a.shape[axis])
    first = (places if axis else places[:, None]) == a.argmax(axis, keepdims=True)
    if out is None:
        return first.astype(a.dtype)
    out[...] = first
    return out'''
PLAIN = ("abs add arange broadcast_shapes broadcast_to concatenate copyto cos divide dot e empty exp eye log log1p maximum "
         "multiply negative ones pi positive sin split sqrt subtract tanh where zeros")


class Numpy(WholeArrays, OnArrays, Language):
    """NumPy: every value may be an array, and all broadcast."""

    loops, package = ARRAYS, "numpy"
    imports = {**dict.fromkeys(PLAIN.split(), ""),
               **{name: f"import math\nfrom numpy import vectorize\n\n{name} = vectorize(math.{name}, otypes=[float])"
                  for name in ("erf", "erfc")},
               "accumulate": "from itertools import accumulate", "prod": "from math import prod",
               "ndim": "from numpy import ndim", "mean": MEAN, "total": TOTAL, "registers": REGISTERS, "workspace": WORKSPACE,
               "together": TOGETHER,
               "cache": CONSTANTS, "windows": WINDOWS, "inside": INSIDE,
               "taken": TAKEN, "placed": PLACED, "hardmax": HARDMAX}
    needs = {"mean": ("ndim",), "total": ("ndim",), "registers": ("empty", "prod"), "together": ("concatenate", "accumulate"),
             "workspace": ("ones", "accumulate", "prod", "split"),
             "placed": ("add", "zeros"), "windows": ("cache",), "inside": ("cache",), "hardmax": ("arange",)}
    reserved = WORDS.union(imports, ("math", "vectorize"))

    # ---- arrays

    def write_Part(self, e):
        array, start, stop, *axis = e.args
        return f"{self(array)}[{':, '*int(sum(axis))}{self(start)}:{self(stop)}]", ATOM

    def write_Size(self, e):
        array, axis = e.args
        return f"len({self(array)})" if axis == 0 else f"{self(array)}.shape[{axis}]", ATOM

    def write_Chosen(self, e):
        array, indices, axis = e.args
        return f"{self(array)}[{':, '*int(axis)}{self(indices)}]", ATOM

    def write_Workspace(self, e):
        like, sizes, *shapes = e.args
        return self.applied("workspace", [f"{self(like)}.dtype", *map(self.listed, (sizes, *shapes))]), ATOM

    def write_Together(self, e):
        return self.applied("together", map(self, e.args)), ATOM

    def listed(self, values):
        """A tuple of whole numbers, or one."""
        if isinstance(values, sp.Integer):
            return self.whole(values)
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
