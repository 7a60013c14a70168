"""Every backend by its name.

    BACKENDS                    by the names that readers give them
    backend(name)               one of them
"""
from threading import local

import numpy as np

from ...describe.nearest import lookup
from ...describe.precision import working
from ...describe.values import exact
from ..write.javascript import JavaScript
from ..write.mpmath import Complex, Mpmath
from .arrays import NumpyBackend
from .backend import Backend, loaded
from .compilers import CBackend, NumbaBackend
from .xla import JaxBackend


class MpmathBackend(Backend):
    """mpmath at the precision of the moment, in the context of the moment."""

    language, landscapes, boundless = Mpmath, False, True

    @staticmethod
    def convert(name, value):
        """A value as an mpf; mpmath's own complex numbers as they are, for a complex step."""
        return value if hasattr(value, "_mpc_") else exact(name, value)

    @classmethod
    def compile(cls, source, functions):
        made_anew, of_thread = loaded(source), local()

        def namespace():
            """The functions of the source, their mpf, exp, ... those of the context in which they are called."""
            mp, made = working(), vars(of_thread).setdefault("made", {})
            if mp not in made:
                found = made_anew()
                found |= {own: getattr(mp, own) for own in cls.language.imports if own in found}
                made[mp] = found
            return made[mp]

        return {f.name: lambda *arguments, name=f.name: namespace()[name](*arguments) for f in functions}



class ComplexBackend(MpmathBackend):
    """The same where complex numbers are compared."""

    language = Complex


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
