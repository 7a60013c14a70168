"""Every dialect by its name: those that run as they read, and those that a compiler makes fast.

    Numba       the Python source, compiled; optional: pip install "backprop_sym[fast]"
    BACKENDS    the dialects by the names that readers give them
    IN_PLACE    the dialect that is faster, for some of them, where all results are of one shape

No compiler is imported before it is used.
"""
from functools import lru_cache

from ..write.c import C
from ..write.dialects import Compiled, Mpmath, Numpy, Python, optional
from ..write.inplace import InPlace
from ..write.jax import Jax


class Numba(Compiled):
    """The source of Python floats, compiled: division by zero gives inf or nan, as in C."""

    imported = {**Compiled.imported, "njit": "from numba import njit"}
    LINES = 700             # of source (some 250 parameters), beyond which compiling takes more than seconds

    def define(self, name, parameters, body, results):
        return ['@njit(error_model="numpy")', *super().define(name, parameters, body, results)]

    def keep(self, names):
        return [f"keep[epoch//every, {i}] = {name}" for i, name in enumerate(names)]

    @classmethod
    @lru_cache(32)
    def compile(cls, source):
        optional("numba", "numba", "fast")
        if (lines := source.count("\n")) > cls.LINES:
            raise ValueError(f"backend 'numba': expected a program of at most {cls.LINES:,} lines, got {lines:,}, which would "
                             "take long to compile; use backend='numpy' for many samples at once, 'jax', or 'c'")
        return super().compile(source)


BACKENDS = {"python": Python, "numpy": Numpy, "mpmath": Mpmath, "numba": Numba, "c": C, "jax": Jax}
IN_PLACE = {Numpy: InPlace}
