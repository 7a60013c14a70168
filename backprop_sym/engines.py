"""Dialects that a compiler makes fast: the same equations for Numba, for C and for JAX.

    Numba       the Python source, compiled; optional: pip install "backprop_sym[fast]"
    C           C99, complete in one file; running it needs a C compiler, reading it none
    Jax         a program for jit, vmap, grad and sharding; optional: pip install "backprop_sym[jax]"
    BACKENDS    every dialect by its name
    IN_PLACE    the dialect that is faster, for some of them, where all arrays are of one shape

None of them is imported before it is used.
"""
import ctypes
import shutil
import subprocess
import tempfile
from functools import cache, lru_cache, partial
from importlib import import_module
from pathlib import Path

import sympy as sp

from .dialects import BACKENDS as INTERPRETED
from .dialects import Numpy, Python
from .functions import erfc, top
from .inplace import InPlace
from .printer import ATOM
from .source import Code, indented


def _needed(module, backend, extra):
    """An optional package, or an ImportError that says how to get it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"backend {backend!r} needs {module}: pip install \"backprop_sym[{extra}]\"") from error


class Numba(Python):
    """The source of Python floats, compiled: division by zero gives inf or nan, as in C."""

    imported = {**Python.imported, "njit": "from numba import njit"}
    LINES = 700             # of source (some 250 parameters), beyond which compiling takes more than seconds

    def define(self, name, parameters, body, results):
        return ['@njit(error_model="numpy")', *super().define(name, parameters, body, results)]

    def keep(self, names):
        return [f"keep[epoch//every, {i}] = {name}" for i, name in enumerate(names)]

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

    @classmethod
    @lru_cache(32)
    def compile(cls, source):
        _needed("numba", "numba", "fast")
        if (lines := source.count("\n")) > cls.LINES:
            raise ValueError(f"backend 'numba': expected a program of at most {cls.LINES:,} lines, got {lines:,}, which would "
                             "take long to compile; use backend='numpy' for many samples at once, 'jax', or 'c'")
        return super().compile(source)


class C(Python):
    """C99: one file that needs nothing but its math library."""

    tuples, floats = False, True
    imported = {}
    functions = {**Python.functions, sp.Abs: "fabs", top: "fmax", erfc: "erfc"}
    constants = {sp.pi: "3.14159265358979323846", sp.E: "2.71828182845904523536"}
    COMPILERS = "cc gcc clang".split()
    # For this machine, or, where the compiler does not know it, for any; products are rounded before they are added.
    FLAGS = ("-std=c99 -O3 -ffp-contract=off -shared -fPIC -march=native", "-std=c99 -O3 -shared -fPIC")

    # ---- expressions

    def power(self, e):
        if e.exp == 2 and e.base.is_Symbol:
            return super().power(e)
        return f"pow({self(e.base)}, {self(e.exp)})", ATOM

    def choice(self, condition, value, otherwise):
        return f"({condition} ? {value} : {otherwise})", ATOM

    def write_top(self, e):
        first, *rest = (self(argument) for argument in e.args)
        for argument in rest:
            first = f"fmax({first}, {argument})"
        return first, ATOM

    def write_softmax(self, e):
        return self.helper(f"softmax_{len(e.args) - 1}_{e.args[0]}", e, e.args[1:])

    # ---- lines and blocks

    def header(self, text):
        return "#include <math.h>\n"

    def assign(self, names, text):
        name, = names
        return f"{name} = {text};" if name in self.declared else f"double {name} = {text};"

    def store(self, place, name):
        return f"{place} = {name};"

    def index(self, name, text):
        return f"long {name} = {text};"

    def add(self, total, name):
        return f"{total} += {name};"

    def least(self, a, b):
        return f"({a} < {b} ? {a} : {b})"

    def count(self, variable, start, stop, step, lines):
        return [f"for (long {variable} = {start}; {variable} < {stop}; {variable} += {step}) {{", *indented(lines), "}"]

    def when(self, condition, lines):
        return [f"if ({condition}) {{", *indented(lines), "}"]

    def keep(self, names):
        return [f"double *row = keep + epoch/every*{len(names)};", *(f"row[{i}] = {name};" for i, name in enumerate(names))]

    def define(self, name, parameters, body, results):
        result, = results
        return [f"static double {name}({', '.join(f'double {p}' for p in parameters)}) {{", *indented(body),
                f"    return {result};", "}"]

    def define_program(self, parameters, body, results):
        read = [f"const double {name} = given[{i}];" for i, name in enumerate(parameters)]
        write = [f"found[{i}] = {name};" for i, name in enumerate(results)]
        return [f"const long found_count = {len(results)};", "",
                "void program(const double given[], double found[]) {", *indented([*read, *body, *write]), "}"]

    def define_train(self, loop, body):
        parts = [[loop.by_name[n] for n in part] for part in (loop.columns, loop.constants, loop.state)]
        columns, constants, state = parts
        read = [*(f"const double *{name}_of = columns[{i}];" for i, name in enumerate(columns)),
                *(f"const double {name} = constants[{i}];" for i, name in enumerate(constants)),
                *(f"double {name} = state[{i}];" for i, name in enumerate(state))]
        write = [f"state[{i}] = {name};" for i, name in enumerate(state)]
        return [f"const long column_count = {len(columns)}, constant_count = {len(constants)};", "",
                "void train(long epochs, long every, double *keep, const long *orders, long cycles, long length,",
                "           long size, long count, const double **columns, const double *constants, double *state) {",
                *indented([*read, *body, *write]), "}"]

    def define_grid(self, axes, constants, kept, body):
        read = [*(f"const long n{i} = lengths[{i}];" for i in range(len(axes))),
                *(f"const double *restrict {name}_of = axes[{i}];" for i, name in enumerate(axes)),
                *(f"const double {name} = constants[{i}];" for i, name in enumerate(constants)),
                *(f"double *restrict {name}_of = kept[{i}];" for i, name in enumerate(kept))]
        return ["void grid(const long *lengths, const double **axes, const double *constants, double **kept) {",
                *indented([*read, *body]), "}"]

    # ---- running it

    recorder, column, order = Numba.recorder, Numba.column, Numba.order

    @classmethod
    def compile(cls, source):
        """Functions that compile the source when they are first called."""
        return {"program": lambda *given: _run_program(source, given),
                "train": lambda *arguments: _run_train(source, arguments),
                "grid": lambda *arguments: _run_grid(source, *arguments)}

    @staticmethod
    @cache
    def library(source):
        """The compiled source. Raises OSError where there is no compiler, or where it fails."""
        compiler = next(filter(None, map(shutil.which, C.COMPILERS)), None)
        if compiler is None:
            raise OSError(f"backend 'c': expected a C compiler ({', '.join(C.COMPILERS)}), found none; .source can be compiled "
                          "elsewhere")
        with tempfile.TemporaryDirectory() as folder:
            code, made = Path(folder, "program.c"), Path(folder, "program.so")
            code.write_text(source, encoding="ascii")
            for flags in C.FLAGS:
                result = subprocess.run([compiler, *flags.split(), str(code), "-o", str(made), "-lm"],
                                        capture_output=True, text=True)
                if not result.returncode:
                    break
            if result.returncode:
                raise OSError(f"backend 'c': the compiler failed: {result.stderr.strip()}")
            return ctypes.CDLL(str(made))


def _doubles(values):
    return (ctypes.c_double*len(values))(*values)


def _run_program(source, given):
    library = C.library(source)
    found = _doubles([0.0]*ctypes.c_long.in_dll(library, "found_count").value)
    library.program(_doubles(given), found)
    return tuple(found)


def _run_train(source, arguments):
    library, (*counts, keep, orders, cycles, length, size, count) = C.library(source), arguments[:8]
    columns, constants = (ctypes.c_long.in_dll(library, name).value for name in ("column_count", "constant_count"))
    rest = arguments[8:]
    state = _doubles(rest[columns + constants:])
    library.train(*map(ctypes.c_long, counts), ctypes.c_void_p(keep.ctypes.data), ctypes.c_void_p(orders.ctypes.data),
                  *map(ctypes.c_long, (cycles, length, size, count)), _pointers(rest[:columns]),
                  _doubles(rest[columns:columns + constants]), state)
    return tuple(state)


def _run_grid(source, lengths, axes, constants, kept):
    C.library(source).grid((ctypes.c_long*len(lengths))(*lengths), _pointers(axes), _doubles(constants), _pointers(kept))


def _pointers(arrays):
    return (ctypes.c_void_p*max(len(arrays), 1))(*(array.__array_interface__["data"][0] for array in arrays))


class Jax(Numpy):
    """JAX: arrays that broadcast, as in NumPy; ``f.compute`` can be given to jit, vmap and grad."""

    module, PIECE = "jax.numpy", Code.PIECE
    whole_runs = True           # each number of epochs is compiled anew
    imported = {**Numpy.imported, "erf": "from jax.scipy.special import erf", "erfc": "from jax.scipy.special import erfc",
                "ndim": "from jax.numpy import ndim"}

    @staticmethod
    def convert(name, value):
        """A value as a JAX array, in the precision that JAX is set to."""
        jax = _needed("jax", "jax", "jax")
        return value if isinstance(value, jax.Array) else jax.numpy.asarray(Numpy.convert(name, value))

    def define_train(self, loop, body):
        """A function ``step``: (loss, state) from the columns of a batch, the constants and the state; and ``whole``."""
        from .numeric import assignments
        columns, constants, state = ([loop.by_name[n] for n in part] for part in (loop.columns, loop.constants, loop.state))
        loss, total = loop.names[loop.program.loss], "mean" if loop.reduce == "mean" else "total"
        dims = ["dims = max(0, " + ", ".join(f"ndim({n})" for n in (*constants, *state)) + ")"]
        some = f"len({columns[0]})" if columns else "1"
        reduced = dict.fromkeys([loss, *map(loop.names.get, loop.reduced)])
        over = [f"{name} = {total}({name}, {some}, dims)" for name in reduced]*bool(columns)
        before = [f"before = {', '.join([loss, *state])}"]
        step = [*dims, *assignments(loop.parts[1], self), *over, *before, *loop.update_lines(self)]
        whole = [*dims, *assignments(loop.parts[0], self), *([f"{loss} = {total}({loss}, {some}, dims)"]*bool(columns))]
        self.once = frozenset()
        return [f"COLUMNS, CONSTANTS, BATCHES = {len(columns)}, {len(constants)}, {loop.batches}", "", "",
                *self.define("step", [*columns, *constants, *state], step, ["before", f"({', '.join(state)},)"]), "", "",
                *self.define("whole", [*columns, *constants, *state], whole, [loss])]

    @classmethod
    def recorder(cls, rows, width):
        kept = []
        return kept, lambda: kept

    @classmethod
    @lru_cache(32)
    def compile(cls, source):
        _needed("jax", "jax", "jax")
        namespace = super().compile(source)
        return {**namespace, "train": partial(_run_jax, namespace, _jitted(namespace))}


def _jitted(made):
    """The epochs as one scan, compiled once for each number of epochs: (the state after them, the records on the way)."""
    import jax
    from jax import lax

    def batch(columns, constants, state, chosen):
        return made["step"](*(column[chosen] for column in columns), *constants, *state)

    @partial(jax.jit, static_argnames=("every", "cycles", "length", "size", "rows", "last"))
    def run(columns, constants, orders, state, every, cycles, length, size, rows, last):
        full = length//size

        def epoch(state, e):
            order = lax.dynamic_slice_in_dim(orders, e % cycles*length, length)
            if full == 1 and length == size:
                (loss, *before), state = batch(columns, constants, state, order)
                return state, (loss, *before)
            first, before = made["whole"](*columns, *constants, *state) if made["BATCHES"] else None, state
            state, _ = lax.scan(lambda s, chosen: (batch(columns, constants, s, chosen)[1], None), state,
                                order[:full*size].reshape(full, size))
            if length % size:
                state = batch(columns, constants, state, order[full*size:])[1]
            return state, (first, *before)

        def some(state, start, count):
            state, record = epoch(state, start)
            return lax.fori_loop(1, count, lambda k, s: epoch(s, start + k)[0], state), record

        state, records = lax.scan(lambda s, r: some(s, r*every, every), state, jax.numpy.arange(rows))
        if last:
            state, record = some(state, rows*every, last)
            records = tuple(jax.numpy.concatenate([a, b[None]]) for a, b in zip(records, record, strict=True))
        return state, records

    return run


def _run_jax(made, jitted, epochs, every, keep, orders, cycles, length, size, count, *arguments):
    """Run the epochs; the loss and the state before each ``every``-th are put into ``keep``."""
    import jax
    columns, constants = arguments[:made["COLUMNS"]], arguments[made["COLUMNS"]:made["COLUMNS"] + made["CONSTANTS"]]
    state = arguments[made["COLUMNS"] + made["CONSTANTS"]:]
    shape = jax.numpy.broadcast_shapes(*(jax.numpy.shape(v) for v in (*constants, *state)))
    state = tuple(jax.numpy.broadcast_to(v, shape) for v in state)
    state, records = jitted(columns, constants, jax.numpy.asarray(orders), state, every=every, cycles=cycles, length=length,
                            size=size, rows=epochs//every, last=epochs % every)
    keep.extend(value for row in zip(*map(_as_numpy, records), strict=True) for value in row)
    return tuple(_as_numpy(v) if getattr(v, "ndim", 0) else float(v) for v in state)


def _as_numpy(value):
    import numpy as np
    return np.asarray(value)


BACKENDS = {**INTERPRETED, "numba": Numba, "c": C, "jax": Jax}
IN_PLACE = {Numpy: InPlace}         # what takes a dialect's place where all arrays are of one shape
