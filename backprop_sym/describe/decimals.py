"""Decimals as texts write them.

    number("0.10")              an exact Rational
    DECIMAL, UNSIGNED           what a decimal looks like, with its sign and without
"""
import re

import sympy as sp

from .nearest import excerpt, said

UNSIGNED = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?"
DECIMAL = re.compile(rf"[+-]?{UNSIGNED}")
MINUS = {0x2212: "-"}   # the sign that texts are set with
MAX_DIGITS = 1_000      # of a number, written or computed
# How texts set a decimal otherwise: about 0.7, 0.7..., 0,7, 7 x 10^-1, 70 %; a comma before three digits may be one of thousands.
OTHERWISE = ((r"[~≈=]\s*(.*)", r"\1"), (r"(.*\d)\s*(?:\.\.\.|…)", r"\1"), (r"(.*\d),(\d{1,2}|\d{4,})", r"\1.\2"),
             (r"(.*\d)\s*[x×*·]\s*10\s*(?:\^|\*\*)?\s*\(?([-+]?\d+)\)?", r"\1e\2"), (r"(.*\d)\s*%", r"\1e-2"))


def number(text):
    """The exact value of a decimal such as "0.10" or "-2.6e-4"; the minus may be the sign that texts are set with.

    Raises TypeError where ``text`` is no string and ValueError where it is no decimal, or one too long to be meant.

    >>> number("0.10"), number("-2.5e-1")
    (1/10, -1/4)
    """
    if not isinstance(text, str):
        raise TypeError(f"expected a decimal as text, got {said(text)}")
    stripped = text.strip().translate(MINUS)
    if len(stripped) > MAX_DIGITS:
        raise ValueError(f"expected a decimal of at most {MAX_DIGITS} characters, got one of {len(stripped):,}")
    match = DECIMAL.fullmatch(stripped)
    if not match:
        raise ValueError(f"expected a decimal such as '0.05' or '-2.6e-4', got {excerpt(text)!r}{_as_decimal(stripped)}")
    exponent = match["exponent"]
    if exponent and (len(exponent) > 5 or abs(int(exponent)) > MAX_DIGITS):
        raise ValueError(f"expected a decimal between 1e-{MAX_DIGITS} and 1e{MAX_DIGITS}, got {excerpt(text)!r}")
    return sp.Rational(stripped)


def _as_decimal(text):
    """What to write for a number that is set otherwise; nothing where that is not clear."""
    found = [match.expand(decimal) for pattern, decimal in OTHERWISE if (match := re.fullmatch(pattern, text))]
    return next((f": write {decimal!r}" for decimal in found if DECIMAL.fullmatch(decimal)), "")
