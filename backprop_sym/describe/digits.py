"""Numbers that are shown: with how many digits, and how.

    decimal(value, digits)      a number with exactly so many significant digits
    short(value, digits)        the same without zeros at its end
    numeral(value, digits)      a number of a derivation, or a small array of them, as text
"""
from .arguments import expect
from .nearest import said
from .precision import precise

SHOWN = 10              # significant digits of a number on paper
AMONG_OTHERS = 5        # of one of many: in a derivation, in an array
MANY = 8                # rows or columns, beyond which an array is shown by its shape
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


def numeral(value, digits=AMONG_OTHERS):
    """A number of a derivation as text; of an array its entries, or its shape where they are many.

    >>> numeral(2/3), numeral(2/3, 9), numeral([[0.5, 1/3], [1, 2]])
    ('0.66667', '0.666666667', '[[0.5, 0.33333], [1, 2]]')
    """
    rows = entries_of(value)
    return f"array of shape {shape_of_lists(rows)}" if is_large(rows) else _nested(rows, digits)


def entries_of(value):
    """A number, or the entries of an array as nested lists."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return list(map(entries_of, value)) if isinstance(value, list | tuple) else value


def shape_of_lists(rows):
    """The shape of an array given as nested lists."""
    return (len(rows), *shape_of_lists(rows[0])) if isinstance(rows, list) and rows else (0,)*isinstance(rows, list)


def is_large(rows):
    """Whether an array is too large to be shown by its entries."""
    return any(n > MANY for n in shape_of_lists(rows))


def _nested(rows, digits):
    return f"[{', '.join(_nested(row, digits) for row in rows)}]" if isinstance(rows, list) else short(rows, digits)


def _text(value, digits, **how):
    expect(digits=digits)
    came = value
    with precise(digits + GUARD) as mp:
        try:
            if hasattr(value, "p") and hasattr(value, "q"):            # a SymPy Rational
                value = mp.mpf(int(value.p))/int(value.q)
            value = mp.convert(float(value) if hasattr(value, "dtype") else value)
            if isinstance(value, mp.mpc):
                raise TypeError
            return "0" if value == 0 else mp.nstr(value, digits, min_fixed=-6, max_fixed=digits, **how)
        except (TypeError, ValueError):
            raise TypeError(f"expected a real number, got {said(came)}") from None
