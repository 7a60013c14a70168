"""A printed figure beside the exact value: what it is worth.

    verdict(figure, exact)      "ok", "truncated", "last-digit" or "wrong"
    VERDICTS                    the rules, the first that holds
"""
from ..describe.precision import precise
from ..describe.values import GUARD
from .replay import DIGITS

# For a printed p with unit u in its last place and the exact value e: the first verdict that holds.
VERDICTS = {
    "ok": lambda f, p, u, e: abs(p - e) <= u/2 or f.significant >= 13 and abs(p - e) <= max(5e-12*abs(e), 3e-16),
    "truncated": lambda f, p, u, e: p*e > 0 and abs(p) < abs(e) and abs(p - e) < u,
    "last-digit": lambda f, p, u, e: abs(p - e) <= 2*u and (u < 1 or f.significant > 1),     # 2 is not 0.5
    "wrong": lambda f, p, u, e: True,
}
TIE = 1e-38         # of the value: what forty digits leave of a tie


def verdict(figure, exact):
    """What a printed figure is worth beside the exact value: "ok" where it is rounded right (or is a double, printed in
    full), "truncated" where it was cut off, "last-digit" within two units of its last place, unless that is its only one and it
    is whole, else "wrong".

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
        return next(name for name, holds in VERDICTS.items() if holds(figure, p, u + abs(e)*TIE, e))
