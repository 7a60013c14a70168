"""Numbers that are shown: with how many digits, and how.

    decimal(value, digits)      a number with exactly so many significant digits
    short(value, digits)        the same without zeros at its end
"""
import mpmath

from .arguments import expect
from .nearest import said

SHOWN = 10              # significant digits of a number on paper


def decimal(value, digits=None):
    """A number with exactly that many significant digits; without ``digits`` at most ten, and no zeros at its end.

    Raises TypeError for what is no real number, ValueError for digits that are no positive integer.

    >>> decimal(mpmath.mpf("0.08826404864017")), decimal(mpmath.mpf("4.8336454755e-4"), 9)
    ('0.08826404864', '0.000483364548')
    >>> decimal(0.25), decimal(0.25, 6)
    ('0.25', '0.250000')
    """
    return short(value) if digits is None else _text(value, digits, strip_zeros=False)


def short(value, digits=SHOWN):
    """A number with at most that many significant digits.

    >>> short(0.25, 6), short(1e-12), short(7.0)
    ('0.25', '1.0e-12', '7')
    """
    return _text(value, digits).removesuffix(".0")


def _text(value, digits, **how):
    expect(digits=digits)
    with mpmath.workdps(max(mpmath.mp.dps, digits + 5)):
        if hasattr(value, "p") and hasattr(value, "q"):                # a SymPy Rational
            value = mpmath.mpf(int(value.p))/int(value.q)
        try:
            value = mpmath.mpf(value)
            return "0" if value == 0 else mpmath.nstr(value, digits, min_fixed=-6, max_fixed=digits, **how)
        except (TypeError, ValueError):
            raise TypeError(f"expected a real number, got {said(value)}") from None
