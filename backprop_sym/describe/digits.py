"""Numbers that are shown: with how many digits, and how.

    decimal(value, digits)      a number with exactly so many significant digits
    short(value, digits)        the same without zeros at its end
"""
from .precision import precise

SHOWN = 10              # significant digits of a number on paper
GUARD = 5               # digits beyond those that are shown


def decimal(value, digits=None):
    """A number with exactly that many significant digits; without ``digits`` at most ten, and no zeros at its end.

    Raises TypeError for what is no real number, ValueError for digits that are no positive integer.

    >>> import mpmath
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
    if isinstance(digits, bool) or not hasattr(digits, "__index__") or digits < 1:
        raise ValueError(f"digits: expected a positive integer, got {digits!r}")
    with precise(digits + GUARD) as mp:
        try:
            if hasattr(value, "p") and hasattr(value, "q"):            # a SymPy Rational
                value = mp.mpf(int(value.p))/int(value.q)
            value = mp.convert(float(value) if hasattr(value, "dtype") else value)
            if isinstance(value, mp.mpc):
                raise TypeError
            return "0" if value == 0 else mp.nstr(value, digits, min_fixed=-6, max_fixed=digits, **how)
        except (TypeError, ValueError):
            raise TypeError(f"expected a real number, got {value!r}") from None
