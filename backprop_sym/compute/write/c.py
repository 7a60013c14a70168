"""C99: the same equations as one file that needs nothing but the math library of C.

    C       the dialect; running it needs a C compiler, reading it none
"""
import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import sympy as sp

from ...describe.functions import erfc, top
from ...describe.printer import ATOM
from .dialects import Compiled
from .expression import indented


class C(Compiled):
    """C99: one file that needs nothing but its math library."""

    tuples, floats = False, True
    imported = {}
    functions = {**Compiled.functions, sp.Abs: "fabs", top: "fmax", erfc: "erfc"}
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
