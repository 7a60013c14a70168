"""A number that is right but written down wrongly: digits exchanged, a digit that is another one, zeros for digits.

    misprint(value, how)        what is printed for a value; nan where that cannot be
    free(hypothesis)            log10 of how many digits another one might have been
    misprints(figure)           (key, sentence, how) for each way in which a printed figure may be misprinted

``how`` is (the name of a way, the number of decimals, ...): it says what becomes of the digits of the right value.
"""
from math import isfinite, log10, nan

ANOTHER = "another digit"       # the name of a kind: it fits whatever differs in one digit
LEAST = 3               # digits of a number in which a slip of the pen can be told
MOST = 10               # digits of a number that a text prints
PADDED = 2              # zeros at the end that may stand for digits


def _exchanged(digits, i):
    return digits[:i] + digits[i + 1] + digits[i] + digits[i + 2:]


def _another(digits, i, digit):
    return digits[:i] + digit + digits[i + 1:]


def _padded(digits, zeros):
    return str(round(int(digits), -zeros)).zfill(len(digits))


WAYS = {"exchanged": _exchanged, "another": _another, "padded": _padded}


def misprint(value, how):
    """What is printed for a value.

    >>> misprint(0.721250, ("exchanged", 6, 1)), misprint(0.6843, ("padded", 4, 2))
    (0.71225, 0.68)
    """
    way, decimals, *places = how
    if not isfinite(value):
        return nan
    digits = f"{abs(value):.{decimals}f}".replace(".", "").lstrip("0")
    try:
        made = int(WAYS[way](digits, *places))
    except (IndexError, ValueError):
        return nan
    return made/10**decimals*(-1 if value < 0 else 1)


def free(hypothesis):
    """log10 of how many digits another one might have been, at any place of a number; 0 for other hypotheses."""
    return log10(9*MOST) if hypothesis.name == ANOTHER else 0.0


def misprints(figure):
    """Every way in which the digits of a figure may not be those that were meant."""
    decimals = -int(figure.exponent)
    digits = figure.digits.lstrip("0")
    if decimals < 1 or len(digits) < LEAST:
        return
    for i in range(len(digits) - 1):
        if digits[i] != digits[i + 1]:
            yield ("exchanged", i), "two neighbouring digits are exchanged", ("exchanged", decimals, i)
    for i, digit in enumerate(digits):
        yield ("another", i), f"a digit is misprinted as {digit}", ("another", decimals, i, digit)
    zeros = len(digits) - len(digits.rstrip("0"))
    if zeros >= PADDED:
        kept = decimals - zeros
        yield ("padded", kept), f"it is rounded to {kept} decimals, and filled up with zeros", ("padded", decimals, zeros)
