"""Numbers that a reader gave, checked, and numbers that were found.

    given(program, values)      {symbol: value} for what the program needs, checked for missing names and against the domains
    numbers(program, values)    {symbol: mpf} of the same
    exact(name, value)          one value as an mpf; text is an exact decimal
    Values                      {text: number} of a program, also found by symbol, that shows itself as equations
"""
from functools import cache, reduce
from numbers import Real
from operator import or_
from threading import Lock

import sympy as sp

from .decimals import number
from .doors import ask
from .matrices import column_sums, row_sums
from .names import spell
from .nearest import nearest, said, unknown
from .precision import precise, shared, working
from .selections import one_hot
from .shapes import in_layer, shape_given, sizes

GUARD = 12              # digits beyond those asked for, so that the last one asked for is right
SYMPY = Lock()          # around what SymPy evaluates with the one context that all threads share
MAX_BITS = 10_000       # of a whole number
TOLERANCE = 1e-6        # by which a value may miss its domain: shares of single precision, or of six digits, add up to 1


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
    with precise(digits):
        return {s: shared(exact(program.spelled[s], value)) for s, value in given(program, values).items()}


def given(program, values):
    """{symbol: value} for what the program needs, in its order; other names are ignored."""
    known = by_symbol(program, values)
    for s in program.given:
        if s not in known:
            needs = [program.spelled[g] for g in program.given]
            spare = sorted(str(key) for key in dict(values) if program.symbol(key) not in program.given)
            raise ValueError(f"no value for {program.spelled[s]!r}; "
                             + (nearest(program.spelled[s], spare) or f"the program needs {', '.join(needs)}"))
    found = {s: known[s] for s in program.given}
    if program.shapes:
        sizes(program, {s: shape_given(value) for s, value in found.items()})
    within_domains(program, known)
    return found


def by_symbol(program, values):
    """{symbol: value} from {name or symbol: value}, each name read as the program means it; odd keys are left as they are."""
    try:
        return {program.symbol(key) if isinstance(key, str) else key: value for key, value in dict(values).items()}
    except (TypeError, ValueError):
        raise TypeError(f"values: expected a mapping of names to numbers, got {said(values)}") from None


def within_domains(program, known):
    """Raise ValueError where a value, or a sum of values, lies outside the set that the program allows."""
    for expression, allowed in (*program.domains, *program.lookups):
        if expression.free_symbols <= set(known):
            try:
                found = _flat(_of(expression, known))
            except (TypeError, ValueError):
                continue                               # what is no number is another error
            for value in found:
                if not _inside(value, allowed):
                    odd = next(x for x in getattr(value, "flat", [value]) if not _inside(x, allowed))
                    what, row, layer = program.text(expression), "", in_layer(program, *expression.free_symbols)
                    if isinstance(expression, one_hot):
                        what, row = program.text(expression.args[0]), f", the number of a row in {what}"
                    raise ValueError(f"{layer}{what}: expected {_words(allowed)}{row}, got {odd}")


def _of(expression, known):
    """What is bounded: a symbol, a sum of symbols, the sums of an array by rows or columns, or what is looked up."""
    if isinstance(expression, one_hot):
        return _of(expression.args[0], known)
    if isinstance(expression, row_sums | column_sums):
        rows, axis = _real(known[expression.args[0]]), int(isinstance(expression, row_sums))
        if hasattr(rows, "dtype"):
            return rows.sum(axis=axis)
        return list(map(sum, rows if isinstance(expression, row_sums) else zip(*rows, strict=True)))
    return reduce(_added, (_real(known[s]) for s in sp.Add.make_args(expression)))


def _real(value):
    """A number as a float; a sequence of numbers as a list of floats; an array as it is."""
    if isinstance(value, list | tuple):
        return [_real(part) for part in value]
    if hasattr(value, "dtype"):
        return value if value.dtype.kind in "fiu" else _real(value.tolist())
    return float(number(value) if isinstance(value, str) else value)


def _added(a, b):
    """a + b, part by part where both are lists."""
    if isinstance(a, list) and isinstance(b, list):
        return [_added(x, y) for x, y in zip(a, b, strict=True)]
    return [_added(x, b) for x in a] if isinstance(a, list) else [_added(a, y) for y in b] if isinstance(b, list) else a + b


def _flat(value):
    return [x for part in value for x in _flat(part)] if isinstance(value, list) else [value]


def _inside(value, allowed):
    """Whether a number, or every entry of an array, lies in a set."""
    if isinstance(allowed, sp.Interval):
        start = _number_of(allowed.start)
        above = value > start if allowed.left_open else value >= start - TOLERANCE
        found = above & (value <= _number_of(allowed.end) + TOLERANCE)
    elif isinstance(allowed, sp.Range):
        found = (value >= 0) & (value < len(allowed)) & (value % 1 == 0)
    else:
        found = reduce(or_, (abs(value - _number_of(element)) <= TOLERANCE for element in allowed))
    return bool(found.all() if hasattr(found, "all") else found)


@cache
def _number_of(bound):
    """The bound of a set as a float, which is soon compared."""
    return float(bound)


def _words(allowed):
    if isinstance(allowed, sp.Interval):
        if allowed.end == sp.oo:
            return f"a number of at least {allowed.start}"
        return f"a number above {allowed.start}, at most {allowed.end}" if allowed.left_open else (
            f"a number from {allowed.start} to {allowed.end}")
    if isinstance(allowed, sp.Range):
        return f"a whole number from 0 to {len(allowed) - 1}"
    return " or ".join(str(element) for element in sorted(allowed))


def exact(name, value):
    """A value as an mpf at the working precision; text is an exact decimal."""
    mp = working()
    try:
        if isinstance(value, str):
            value = number(value)
        if value != value or isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise ValueError("not a number, or one that takes seconds to be converted")
        if isinstance(value, sp.Rational):
            return mp.mpf(value.p)/value.q
        if isinstance(value, sp.Expr) and value.is_real:
            with SYMPY:
                return mp.convert(value._to_mpmath(mp.prec))
        if hasattr(value, "dtype"):
            if getattr(value, "ndim", 0) == 0 and value.dtype.kind in "fiu" and not hasattr(value, "mask"):
                return mp.convert(float(value))
        elif not isinstance(value, bool) and (isinstance(value, Real) or hasattr(value, "_mpf_") or hasattr(value, "__float__")):
            return mp.convert(value)
    except (TypeError, ValueError):
        pass
    raise TypeError(f"value of {name!r}: expected a number, got {said(value)}")
