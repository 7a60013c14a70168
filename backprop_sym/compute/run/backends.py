"""Every backend by its name.

    BACKENDS                    by the names that readers give them
    backend(name)               one of them
"""
from threading import local

from ...describe.nearest import lookup
from ...describe.precision import working
from ...describe.values import exact
from ..write.javascript import JavaScript
from ..write.mpmath import Complex, Mpmath
from .arrays import NumpyBackend
from .backend import Backend
from .compilers import CBackend, NumbaBackend
from .xla import JaxBackend


class MpmathBackend(Backend):
    """mpmath at the precision of the moment, in the context of the moment."""

    language, landscapes, boundless = Mpmath, False, True
    convert = staticmethod(exact)

    @classmethod
    def compile(cls, source, functions):
        code, of_thread = compile(source, "<backprop_sym>", "exec"), local()

        def namespace():
            """The functions of the source, their mpf, exp, ... those of the context in which they are called."""
            mp, made = working(), vars(of_thread).setdefault("made", {})
            if mp not in made:
                exec(code, found := {})
                found |= {own: getattr(mp, own) for own in cls.language.imports if own in found}
                made[mp] = found
            return made[mp]

        return {f.name: lambda *arguments, name=f.name: namespace()[name](*arguments) for f in functions}


class ComplexBackend(MpmathBackend):
    """The same with complex numbers."""

    language = Complex

    @staticmethod
    def convert(name, value):
        """A value as it is, if it is complex, else as an mpf."""
        return value if hasattr(value, "_mpc_") else exact(name, value)


class JavaScriptBackend(Backend):
    """JavaScript, to be read, and run elsewhere."""

    language, trains = JavaScript, True

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
    return name if isinstance(name, type) else lookup(BACKENDS if table is None else table, "backend", name)
