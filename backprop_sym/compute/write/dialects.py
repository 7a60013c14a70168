"""Dialects of generated code: how a language writes a number, a function, a choice between two cases.

    Python      floats and the math module
    Compiled    the same for a compiler, with arrays that the code fills
    Numpy       every value may be an array, and all broadcast
    Mpmath      any number of digits
    optional    a package that not every reader has
"""
from functools import cache
from importlib import import_module

import mpmath

from ...describe.printer import ATOM, SUM
from ...describe.values import exact
from .expression import LOWEST, Code

# Over the samples, the first axis; what does not depend on the sample has no such axis.
MEAN = """

def mean(values, count, dims):
    return values.sum(axis=0)/count if ndim(values) > dims else values"""
TOTAL = MEAN.replace("mean", "total").replace("/count", "").replace("else values", "else count*values")


@cache
def _keep_memory():
    """Linux's malloc hands each array above 128 kB back to the system, which clears it anew for the next one: four fifths
    of the time of a landscape. Once it has seen 16 MB freed it keeps what is smaller; none of these pages is ever touched."""
    import numpy as np
    np.empty(2**21)


class Python(Code):
    """Plain Python floats and the math module."""

    module, loop_floats = "math", True

    @staticmethod
    def convert(name, value):
        """A value as a float."""
        return value if type(value) is float and value == value else float(exact(name, value))


class Numpy(Code):
    """NumPy: every value may be an array, and all broadcast."""

    module = "numpy"
    arrays = True
    PIECE = 2**21           # with the steps on the way, what the processor's last cache holds
    imported = {**dict.fromkeys("abs cos e exp log log1p maximum pi sin sqrt tanh where".split(), ""),
                "erf": "import math\nfrom numpy import vectorize\n\nerf = vectorize(math.erf, otypes=[float])",
                "erfc": "import math\nfrom numpy import vectorize\n\nerfc = vectorize(math.erfc, otypes=[float])",
                "ndim": "from numpy import ndim", "mean": MEAN, "total": TOTAL}

    def choice(self, condition, value, otherwise):
        return f"where({condition}, {value}, {otherwise})", ATOM

    def write_top(self, e):
        first, *rest = (self(argument) for argument in e.args)
        for argument in rest:
            first = f"maximum({first}, {argument})"
        return first, ATOM

    def write_clipped(self, e):
        return f"maximum({self(e.args[0])}, {LOWEST})", ATOM

    @staticmethod
    def convert(name, value):
        """A value as a NumPy float or array."""
        import numpy as np
        if isinstance(value, np.ndarray | list | tuple):
            array = np.asarray(value)
            if array.dtype.kind in "fiuc":
                return array if array.dtype.kind in "fc" else array.astype(float)
            raise TypeError(f"value of {name!r}: expected numbers, got an array of {array.dtype}")
        return np.float64(Python.convert(name, value))

    @staticmethod
    def column(values, known):
        """The values of one name for all samples: the samples are an axis before those of the known arrays."""
        import numpy as np
        dims = max((np.ndim(v) for v in (*known.values(), *values)), default=0)
        values = [np.asarray(v, dtype=float) for v in values]
        return np.stack([v.reshape((1,)*(dims - v.ndim) + v.shape) for v in np.broadcast_arrays(*values)])

    PART = 100_000          # networks that are computed together: beyond it they come in turn, so that memory is bounded

    @classmethod
    def in_parts(cls, run, values):
        """What ``run(of)`` returns for all networks, a limited number of them at a time."""
        import numpy as np
        shapes = {np.shape(v) for v in values if np.ndim(v)}
        size = next(iter(shapes))[0] if len(shapes) == 1 and len(next(iter(shapes))) == 1 else 0
        if size <= cls.PART:
            return run(lambda value: value)
        bounds = [(start, min(start + cls.PART, size)) for start in range(0, size, cls.PART)]
        found = [run(lambda value, part=slice(*bound): value[part] if np.ndim(value) else value) for bound in bounds]
        sizes = [stop - start for start, stop in bounds]

        def joined(parts):
            if not any(map(np.ndim, parts)):
                return parts[0]
            return np.concatenate([np.broadcast_to(p, n) for p, n in zip(parts, sizes, strict=True)])

        return tuple(list(map(joined, zip(*parts, strict=True))) for parts in zip(*found, strict=True))

    @classmethod
    def compile(cls, source):
        _keep_memory()
        return super().compile(source)

    @staticmethod
    def order(indices):
        """The indices of samples, as an array."""
        import numpy as np
        return np.asarray(indices, dtype=int)


class Compiled(Python):
    """Floats in a compiled loop, which takes its samples from arrays and records into one."""

    @classmethod
    def recorder(cls, rows, width):
        import numpy as np
        kept = np.empty((rows, width))
        return kept, lambda: kept.ravel().tolist()

    @staticmethod
    def column(values, known):
        import numpy as np
        return np.array(values, dtype=float)

    order = Numpy.order


class Mpmath(Code):
    """mpmath at the precision of the moment."""

    module = "mpmath"
    imported = {**Code.imported, "mpf": ""}

    def write_clipped(self, e):
        return self.write(e.args[0])

    def rational(self, p, q):
        return (f"mpf({p})/{q}", 1 if p >= 0 else SUM) if q != 1 else super().rational(p, q)

    convert = staticmethod(exact)


class Complex(Mpmath):
    """mpmath with complex numbers, compared by their real parts: what the complex step runs on."""

    imported = {**Mpmath.imported, "re": ""}

    def write_Relational(self, e):
        return f"re({self(e.lhs)}) {e.rel_op} re({self(e.rhs)})", SUM

    @staticmethod
    def convert(name, value):
        """A value as it is, if it is complex, else as an mpf."""
        return value if isinstance(value, mpmath.mpc) else exact(name, value)


def optional(module, backend, extra):
    """The package that a backend needs, or an ImportError that says how to get it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"backend {backend!r} needs {module}: pip install \"backprop_sym[{extra}]\"") from error
