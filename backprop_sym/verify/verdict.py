"""A printed figure beside the exact value: what it is worth.

    verdict(figure, exact)      "ok", "truncated", "last-digit" or "wrong"
    VERDICTS                    the rules, the first that holds
"""
from ..describe.precision import precise
from ..describe.values import GUARD
from .replay import DIGITS

# For a printed p with unit u in its last place and the exact value e, d apart: the first verdict that holds.
VERDICTS = {
    "ok": lambda f, p, u, e, d: d <= u/2 or f.significant >= 13 and d <= max(5e-12*abs(e), 3e-16),
    "truncated": lambda f, p, u, e, d: p*e > 0 and abs(p) < abs(e) and d < u - 4*TIE*abs(e),
    "last-digit": lambda f, p, u, e, d: d <= 2*u and not _counts(f, u, e),
    "wrong": lambda f, p, u, e, d: True,
}
TIE = 1e-38         # of the value: what forty digits leave of a tie
WHOLE = 1e-30       # of a unit: as near a whole number is one


def _counts(f, u, e):
    """Whether a number that is printed whole has no last place that rounding may move: 2 is not 0.5, and 17 is not 18."""
    return u >= 1 and (f.significant == 1 or abs(e/u - round(e/u)) < WHOLE)


def verdict(figure, exact):
    """What a printed figure is worth beside the exact value: "ok" where it is rounded right (or is a double, printed in
    full), "truncated" where it was cut off, "last-digit" within two units of its last place, unless it is a whole number that has
    all its digits, else "wrong".

    >>> from mpmath import mpf
    >>> from .example import PrintedFigure
    >>> [verdict(PrintedFigure("w", p), mpf("0.12468")) for p in ("0.1247", "0.1246", "0.1248", "0.15")]
    ['ok', 'truncated', 'last-digit', 'wrong']
    """
    with precise(DIGITS + GUARD) as mp:
        p, u = (mp.mpf(x.p)/x.q for x in (figure.value, figure.unit))
        if not mp.isfinite(exact):
            return "wrong"
        e = mp.convert(exact)
        return next(name for name, holds in VERDICTS.items() if holds(figure, p, u + abs(e)*TIE, e, abs(p - e)))
