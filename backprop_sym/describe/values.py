"""Numbers that a reader gave, checked; numbers that were found, shown.

    numbers(program, values)    {name: mpf} for what the program needs
    given(program, values)      the same as it was given, checked for missing names and against the domains
    exact(name, value)          one value as an mpf; text is an exact decimal
    Values                      {name: number} that shows itself as equations
    decimal(value)              a number as it is shown
"""
from numbers import Number

import mpmath
import sympy as sp

from .names import nearest, unknown
from .parser import number

GUARD = 12              # digits beyond those asked for, so that the last one asked for is right
SHOWN = 10              # significant digits of a number on paper
TOLERANCE = 1e-9        # by which a value may miss its domain: three shares of 0.33333333333 add up to 1


class Values(dict):
    """{name: number}, found by name or by symbol, that shows itself as equations."""

    def __missing__(self, key):
        if isinstance(key, sp.Symbol) and key.name in self:
            return self[key.name]
        raise KeyError(unknown("quantity", key, self))

    def _repr_latex_(self):
        from ..show.latex import values_latex
        return f"$${values_latex(self)}$$"


def decimal(value, digits=SHOWN):
    """A number with that many significant digits, as it is shown in the book.

    >>> decimal(mpmath.mpf("0.08826404864017"))
    '0.08826404864'
    >>> decimal(0.25), decimal(mpmath.mpf("4.8336454755e-4"), 9)
    ('0.25', '0.000483364548')
    """
    return mpmath.nstr(mpmath.mpf(value), digits, min_fixed=-6, max_fixed=digits).removesuffix(".0")


def numbers(program, values, digits=15):
    """{name: mpf} for every name in ``program.given``; exact decimals are rounded to ``digits`` only here.

    Raises ValueError for a missing value (with the nearest name given) and for one outside its domain, TypeError for
    one that is no number.
    """
    with mpmath.workdps(digits):
        return {name: exact(name, value) for name, value in given(program, values).items()}


def given(program, values):
    """{name: value} for what the program needs, in its order; other names are ignored."""
    try:
        named = {str(key): value for key, value in dict(values).items()}
    except (TypeError, ValueError):
        raise TypeError(f"values: expected a mapping of names to numbers, got {values!r}") from None
    for s in program.given:
        if s.name not in named:
            spare = set(named) - {g.name for g in program.given}
            hint = nearest(s.name, sorted(spare)) or f"the program needs {', '.join(map(str, program.given))}"
            raise ValueError(f"no value for {s.name!r}; {hint}")
    within_domains(program, named)
    return {s.name: named[s.name] for s in program.given}


def within_domains(program, named):
    """Raise ValueError where a value, or a sum of values, lies outside the set that the program allows."""
    for expression, allowed in program.domains:
        names = [s.name for s in sp.Add.make_args(expression)]
        if all(name in named for name in names):
            try:
                found = sum(_real(named[name]) for name in names)
            except (TypeError, ValueError):
                continue                               # what is no number is another error
            if not all(_inside(value, allowed) for value in getattr(found, "flat", [found])):
                raise ValueError(f"{' + '.join(names)}: expected {_words(allowed)}, got {found}")


def _real(value):
    if isinstance(value, list | tuple):
        import numpy as np
        return np.asarray(value, dtype=float)
    return value if hasattr(value, "dtype") else float(number(value) if isinstance(value, str) else value)


def _inside(value, allowed):
    if isinstance(allowed, sp.Interval):
        return allowed.start - TOLERANCE <= value <= allowed.end + TOLERANCE
    return any(abs(value - element) <= TOLERANCE for element in allowed)


def _words(allowed):
    if isinstance(allowed, sp.Interval):
        return f"a number from {allowed.start} to {allowed.end}"
    return " or ".join(str(element) for element in sorted(allowed))


def exact(name, value):
    """A value as an mpf at the working precision; text is an exact decimal."""
    try:
        if isinstance(value, str):
            value = number(value)
        if value != value:
            raise ValueError("not a number")
        if isinstance(value, sp.Rational):
            return mpmath.mpf(value.p)/value.q
        if isinstance(value, sp.Expr) and value.is_real:
            return value._to_mpmath(mpmath.mp.prec)
        if not isinstance(value, bool) and (isinstance(value, Number | mpmath.mpf) or hasattr(value, "__float__")):
            return mpmath.mpmathify(value) if not hasattr(value, "dtype") else mpmath.mpf(float(value))
    except (TypeError, ValueError):
        pass
    raise TypeError(f"value of {name!r}: expected a number, got {value!r}")
