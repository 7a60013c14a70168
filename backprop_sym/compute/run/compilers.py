"""Code that a compiler makes fast: its loops take their samples from arrays and record into one.

    NumbaBackend                the Python source, compiled; optional: pip install "backprop_sym[fast]"
    CBackend                    the C source, by the compiler of the machine

No compiler is imported, or called, before it is used.
"""
import ctypes
import shutil
import subprocess
import sys
import tempfile
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from ..plan.statements import Array, Pack, size
from ..write.c import C
from ..write.python import Numba
from .arrays import NumpyBackend
from .backend import Backend, optional


class Compiled(Backend):
    """Floats in a compiled loop."""

    order, rows, errors = NumpyBackend.order, sys.maxsize, ()
    MOST, advice = 0, ""        # statements, beyond which compiling takes more than seconds; and what to do then

    @classmethod
    def require_small(cls, functions):
        """Raise ValueError, before anything is compiled, for a program that would take long: the time grows as its square."""
        if (found := sum(size(function.body) for function in functions)) > cls.MOST:
            raise ValueError(f"backend {cls.name!r}: expected a program of at most {cls.MOST:,} statements, got {found:,}, which "
                             f"would take long to compile; use backend='numpy' for many samples at once, 'jax', or {cls.advice}")

    @classmethod
    def recorder(cls, rows, width):
        kept = np.empty((rows, width))
        return kept, kept.ravel

    @staticmethod
    def column(values, known):
        return np.array(values, dtype=float)


class NumbaBackend(Compiled):
    """Numba: the Python source, compiled."""

    language, name = Numba, "numba"
    MOST, advice = 700, "'c'"               # some 250 parameters

    @classmethod
    def compile(cls, source, functions):
        optional("numba", "numba", "fast")
        cls.require_small(functions)
        return cls._compiled(source)

    @staticmethod
    @lru_cache(32)
    def _compiled(source):
        return Backend.compile(source, ())


class CBackend(Compiled):
    """C: a function takes arrays of numbers, and puts its results into one."""

    language, name = C, "c"
    MOST, advice = 2_000, "compile .source elsewhere"       # some 900 parameters
    COMPILERS = "cc gcc clang".split()
    # For this machine, or, where the compiler does not know it, for any; products are rounded before they are added.
    FLAGS = ("-std=c99 -O3 -ffp-contract=off -shared -fPIC -march=native", "-std=c99 -O3 -shared -fPIC")

    @classmethod
    def compile(cls, source, functions):
        """Functions that compile the source when they are first called, and take what the plan says one by one."""
        @cache
        def library():
            cls.require_small(functions)
            return cls.library(source)

        return {function.name: _called(library, function) for function in functions}

    @staticmethod
    @cache
    def library(source):
        """The compiled source. Raises OSError where there is no compiler, or where it fails."""
        compiler = next(filter(None, map(shutil.which, CBackend.COMPILERS)), None)
        if compiler is None:
            raise OSError(f"backend 'c': expected a C compiler ({', '.join(CBackend.COMPILERS)}), found none; .source can be "
                          "compiled elsewhere")
        with tempfile.TemporaryDirectory() as folder:
            code, made = Path(folder, "program.c"), Path(folder, "program.so")
            code.write_text(source, encoding="ascii")
            for flags in CBackend.FLAGS:
                result = subprocess.run([compiler, *flags.split(), str(code), "-o", str(made), "-lm"],
                                        capture_output=True, text=True)
                if not result.returncode:
                    break
            if result.returncode:
                raise OSError(f"backend 'c': the compiler failed: {result.stderr.strip()}")
            return ctypes.CDLL(str(made))


def _called(library, function):
    """A Python function for a function of C: it packs the arguments as the plan does, and returns what C put into ``out``."""
    results = len(function.body[-1].values) if function.out is not None else 0

    def call(*arguments):
        given, packed, out = iter(arguments), [], None
        for p in function.parameters:
            if isinstance(p, Pack):
                packed.append(_array(p, [next(given) for _ in p.items]))
                out = packed[-1] if p.array is function.out else out
            else:
                value = next(given)
                packed.append(ctypes.c_void_p(value.ctypes.data) if isinstance(p, Array) else ctypes.c_long(value))
        if results and out is None:
            packed.append(out := (ctypes.c_double*results)())
        getattr(library(), function.name)(*packed)
        return tuple(out or ())

    return call


def _array(pack, values):
    """An array of C: of pointers to arrays, of whole numbers, or of numbers."""
    if pack.array.inner:
        return (ctypes.c_void_p*max(len(values), 1))(*(v.__array_interface__["data"][0] for v in values))
    return ((ctypes.c_long if pack.array.is_integer else ctypes.c_double)*len(values))(*values)
