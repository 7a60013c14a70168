"""Numbers that are shown: with how many digits, and how.

    decimal(value)              a number as it is shown
"""
import mpmath

SHOWN = 10              # significant digits of a number on paper


def decimal(value, digits=SHOWN):
    """A number with that many significant digits, as it is shown in the book.

    >>> decimal(mpmath.mpf("0.08826404864017"))
    '0.08826404864'
    >>> decimal(0.25), decimal(mpmath.mpf("4.8336454755e-4"), 9)
    ('0.25', '0.000483364548')
    """
    return mpmath.nstr(mpmath.mpf(value), digits, min_fixed=-6, max_fixed=digits).removesuffix(".0")
