"""mpmath: numbers of any number of digits, and what is asked of them that has no end.

    MpmathBackend               at the precision of the moment, in the context of the moment
    ComplexBackend              the same where complex numbers are compared

mpmath has no largest number: exp(exp(exp(exp(3)))) asks for more memory than there is. What is raised to, and an angle, may
have as many digits before the point as are computed with: of more, not one digit of the result would be known. A logarithm of
-1 is complex in mpmath: the other languages have nan there.
"""
from threading import local

from ...describe.precision import working
from ...describe.values import exact
from ..write.mpmath import Complex, Mpmath
from .backend import Backend, loaded


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
                found |= {own: BOUNDED.get(own, getattr)(mp, own) for own in cls.language.imports if own in found}
                made[mp] = found
            return made[mp]

        return {f.name: lambda *arguments, name=f.name: namespace()[name](*arguments) for f in functions}


class ComplexBackend(MpmathBackend):
    """The same where complex numbers are compared."""

    language = Complex


# ---- functions that say what has no value, or none that could be known

def _beyond(mp, x):
    """Whether a number has more digits before the point than are computed with."""
    return mp.mag(x) > mp.prec


def _grown(mp, name):
    """exp: 0 far below, OverflowError far above."""
    function, zero = getattr(mp, name), mp.zero

    def grown(x):
        if not _beyond(mp, x):
            return function(x)
        if mp.re(x) < 0:
            return zero
        raise OverflowError(f"{name} of a number with more digits before the point than are computed with")
    return grown


def _turned(mp, name):
    """sin, cos: OverflowError for an angle of which nothing is known but whole turns."""
    function = getattr(mp, name)

    def turned(x):
        if _beyond(mp, x):
            raise OverflowError(f"{name} of a number with more digits before the point than are computed with")
        return function(x)
    return turned


def _of_positive(mp, name):
    """log, sqrt: ValueError for a negative number."""
    function, sort = getattr(mp, name), mp.mpf

    def of_positive(x):
        if isinstance(x, sort) and x < 0:
            raise ValueError(f"{name} of a negative number")
        return function(x)
    return of_positive


def _raised(mp, name):
    """power: ValueError for a negative number to a fraction, OverflowError for an exponent of which no digit is known."""
    sort = mp.mpf

    def raised(x, y):
        if isinstance(x, sort) and x < 0 and not mp.isint(y):
            raise ValueError("a negative number to the power of a fraction")
        if _beyond(mp, y):
            raise OverflowError("an exponent with more digits before the point than are computed with")
        return x**y
    return raised


BOUNDED = {"exp": _grown, "sin": _turned, "cos": _turned, "log": _of_positive, "sqrt": _of_positive, "power": _raised}
