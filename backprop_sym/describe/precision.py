"""The precision of the moment: a context of mpmath for each thread, never the one that all threads share.

    precise(digits)     ``with precise(50) as mp:`` what is computed inside, by mp, has that many digits
    working()           the mp of the innermost ``precise`` around, or the mpmath.mp that readers set where there is none
    shared(number)      the same number as mpmath.mp's own, with all its digits: what is handed to a reader

``mpmath.workdps`` sets the digits of every thread: a number computed meanwhile in another has as many, or as few.
"""
from contextlib import contextmanager
from threading import local

import mpmath

_THREAD = local()


@contextmanager
def precise(digits):
    """This thread's own context, set to so many digits while the block runs.

    >>> with precise(30) as mp:
    ...     print(mp.mpf(1)/3)
    0.333333333333333333333333333333
    """
    before = getattr(_THREAD, "digits", None)
    if not hasattr(_THREAD, "mp"):
        _THREAD.mp = mpmath.MPContext()
    _THREAD.digits = _THREAD.mp.dps = digits
    try:
        yield _THREAD.mp
    finally:
        _THREAD.digits = before
        _THREAD.mp.dps = before or digits


def working():
    """The context of the moment."""
    return _THREAD.mp if getattr(_THREAD, "digits", None) else mpmath.mp


def shared(number):
    """The number as one of mpmath.mp, not rounded."""
    return mpmath.mp.convert(number)


def rounded(number, digits):
    """The number to so many digits, as one of mpmath.mp.

    >>> rounded(0.1, 3)
    mpf('0.100006103515625')
    """
    with precise(digits) as mp:
        return shared(+mp.convert(number))
