"""Python: floats and the math module; the same for Numba, which fills arrays.

    Python                      plain Python
    Numba                       the same for a compiler
"""
import builtins
import keyword

from ..plan.statements import For
from .block import Language

WORDS = frozenset([*keyword.kwlist, *dir(builtins)])


class Python(Language):
    """Plain Python floats and the math module."""

    package = "math"
    imports = dict.fromkeys("cos e erf erfc exp log log1p pi pow sin sqrt tanh".split(), "")
    reserved = WORDS.union(imports)

    def power(self, e):
        """Whole powers as they are; ** would make complex numbers of any other of a negative number."""
        return super().power(e) if e.exp.is_Integer else self.call("pow", e.args)

    @classmethod
    def pointed(cls, function):
        return any(isinstance(statement, For) for statement in function.body)


class Numba(Python):
    """The source of Python floats, compiled: division by zero gives inf or nan, as in C."""

    imports = {**Python.imports, "njit": "from numba import njit"}
    reserved = Python.reserved.union(imports)

    def function(self, function, exported):
        return [f'@{self.module.used("njit")}(error_model="numpy")', *super().function(function, exported)]

    def keep(self, statement):
        row = self.whole(statement.row)
        return [f"keep[{row}, {i}] = {self(value)}" for i, value in enumerate(statement.values)]
