"""Numbers that a reader gave, checked, and numbers that were found.

    given(program, values)      {symbol: value} for what the program needs, checked for missing names and against the domains
    numbers(program, values)    {symbol: mpf} of the same
    exact(name, value)          one value as an mpf; text is an exact decimal
    Values                      {text: number} of a program, also found by symbol, that shows itself as equations
"""
from functools import reduce
from numbers import Real

import mpmath
import sympy as sp

from .doors import ask
from .names import spell
from .nearest import nearest, said, unknown
from .parser import number

GUARD = 12              # digits beyond those asked for, so that the last one asked for is right
TOLERANCE = 1e-9        # by which a value may miss its domain: three shares of 0.33333333333 add up to 1


class Values(dict):
    """{text: number}, found by name or by symbol, that shows itself as equations; ``spelled`` maps symbols to these texts."""

    def __init__(self, found=(), spelled=None):
        super().__init__(found)
        self.spelled = spelled or {}

    @classmethod
    def of(cls, program, numbers):
        """From numbers by symbol, in the names of a program."""
        return cls(((program.spelled.get(s) or spell(s), value) for s, value in numbers.items()), program.spelled)

    def __missing__(self, key):
        if isinstance(key, sp.Symbol) and (text := self.spelled.get(key) or spell(key)) in self:
            return self[text]
        raise KeyError(unknown("quantity", key, self))

    def _repr_latex_(self):
        return f"$${ask('LaTeX of values', self)}$$"


def numbers(program, values, digits=15):
    """{symbol: mpf} for every name in ``program.given``; exact decimals are rounded to ``digits`` only here.

    Raises ValueError for a missing value (with the nearest name given) and for one outside its domain, TypeError for
    one that is no number.
    """
    with mpmath.workdps(digits):
        return {s: exact(program.spelled[s], value) for s, value in given(program, values).items()}


def given(program, values):
    """{symbol: value} for what the program needs, in its order; other names are ignored."""
    known = by_symbol(program, values)
    for s in program.given:
        if s not in known:
            needs = [program.spelled[g] for g in program.given]
            spare = sorted(str(key) for key in dict(values) if program.symbol(key) not in program.given)
            raise ValueError(f"no value for {program.spelled[s]!r}; "
                             + (nearest(program.spelled[s], spare) or f"the program needs {', '.join(needs)}"))
    within_domains(program, known)
    return {s: known[s] for s in program.given}


def by_symbol(program, values):
    """{symbol: value} from {name or symbol: value}, each name read as the program means it; odd keys are left as they are."""
    try:
        return {program.symbol(key) if isinstance(key, str) else key: value for key, value in dict(values).items()}
    except (TypeError, ValueError):
        raise TypeError(f"values: expected a mapping of names to numbers, got {said(values)}") from None


def within_domains(program, known):
    """Raise ValueError where a value, or a sum of values, lies outside the set that the program allows."""
    for expression, allowed in program.domains:
        names = sp.Add.make_args(expression)
        if all(s in known for s in names):
            try:
                found = reduce(_added, (_real(known[s]) for s in names))
            except (TypeError, ValueError):
                continue                               # what is no number is another error
            if not all(_inside(value, allowed) for value in _flat(found)):
                raise ValueError(f"{' + '.join(map(program.spelled.get, names))}: expected {_words(allowed)}, got {found}")


def _real(value):
    """A number as a float; a sequence of numbers as a list of floats; an array as it is."""
    if isinstance(value, list | tuple):
        return [_real(part) for part in value]
    return value if hasattr(value, "dtype") else float(number(value) if isinstance(value, str) else value)


def _added(a, b):
    """a + b, part by part where both are lists."""
    if isinstance(a, list) and isinstance(b, list):
        return [_added(x, y) for x, y in zip(a, b, strict=True)]
    return [_added(x, b) for x in a] if isinstance(a, list) else [_added(a, y) for y in b] if isinstance(b, list) else a + b


def _flat(value):
    return [x for part in value for x in _flat(part)] if isinstance(value, list) else getattr(value, "flat", [value])


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
        if hasattr(value, "dtype"):
            if value.ndim == 0 and value.dtype.kind in "fiu" and not hasattr(value, "mask"):
                return mpmath.mpf(float(value))
        elif not isinstance(value, bool) and (isinstance(value, Real | mpmath.mpf) or hasattr(value, "__float__")):
            return mpmath.mpmathify(value)
    except (TypeError, ValueError):
        pass
    raise TypeError(f"value of {name!r}: expected a number, got {said(value)}")
