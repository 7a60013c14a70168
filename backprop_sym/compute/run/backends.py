"""Every backend by its name.

    BACKENDS                    by the names that readers give them
    backend(name)               one of them
"""
import numpy as np

from ...describe.nearest import lookup
from ..write.javascript import JavaScript
from .anydigits import MpmathBackend
from .arrays import NumpyBackend
from .backend import Backend
from .compilers import CBackend, NumbaBackend
from .xla import JaxBackend


class JavaScriptBackend(Backend):
    """JavaScript, to be read, and run elsewhere."""

    language, trains, in_entries = JavaScript, True, True

    @staticmethod
    def convert(name, value):
        """A value as a float, or as an array of floats, which JavaScript takes row by row."""
        return NumpyBackend.convert(name, value) if np.ndim(value) else Backend.convert(name, value)

    @classmethod
    def compile(cls, source, functions):
        def elsewhere(*arguments):
            raise TypeError("backend 'javascript': its code runs in JavaScript, not when it is called from Python; .source is a "
                            "module for a page or Node.js")
        return dict.fromkeys((function.name for function in functions), elsewhere)


BACKENDS = {"python": Backend, "numpy": NumpyBackend, "mpmath": MpmathBackend, "numba": NumbaBackend, "c": CBackend,
            "jax": JaxBackend, "javascript": JavaScriptBackend}


def backend(name, table=None):
    """The backend of a name, or the one that is given; ValueError with the nearest names where there is none."""
    if isinstance(name, type) and issubclass(name, Backend):
        return name
    return lookup(BACKENDS if table is None else table, "backend", name)
