"""The answers of one student, marked.

    marks(sheet, variant, answers, like)    {column: Mark}; ``like`` is what hypotheses(sheet) makes, once for a class
    marks_of(sheet, answers)                the same of the first variant

A student's sheet is audited as a worked example is: one mistake, made once, is looked for behind all wrong answers. It costs the
point of the first of them; what follows from it, and what was computed from a wrong answer, is right in its method.
An answer has the digits that are asked for: those that were not written are zeros. One too few is a matter of rounding.
"""
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from ..describe.nearest import lookup
from ..verify.origins import origins
from ..verify.search import Search, origin, wrong_origins
from ..verify.verdict import verdict
from .readers import DOUBLE, as_decimal
from .unasked import shared
from .wrong import LIKELY

# What an answer can be, and its points.
POINTS = {"right": 1, "rounding": 1, "follow-on": 1, "wrong": 0, "imprecise": 0, "unreadable": 0, "blank": 0}
UNNAMED = "not explained"
NO_METHOD = "copied"    # what is written down in many places is no mistake in working something out
TOLERATED = 1           # digit that may be missing


@dataclass(frozen=True)
class Mark:
    """What one answer is, one of ``POINTS``; ``why`` names what went wrong. True where it has its point."""

    kind: str
    why: str = ""

    def __bool__(self):
        return POINTS[self.kind] > 0

    def __str__(self):
        return f"{self.kind}: {self.why}" if self.why else self.kind


def hypotheses(sheet):
    """The Search of a sheet without a mistake, whose hypotheses serve all variants: these differ in numbers alone."""
    first = sheet.variants[0]
    right = sheet.answers(first)
    return Search(replace(first.example, figures=tuple(
        replace(f, printed=right[name]) for f, name in zip(sheet.figures(first.example), sheet.columns, strict=True))))


def marks_of(sheet, answers):
    """{column: Mark} of the first variant. Raises ValueError for a column that there is not."""
    for odd in answers:
        lookup(dict.fromkeys(sheet.columns), "quantity", odd)
    return marks(sheet, sheet.variants[0], answers, hypotheses(sheet))


def marks(sheet, variant, answers, like):
    """{column: Mark} of one student's answers, texts or numbers."""
    found, figures, places = {}, [], []
    for (quantity, after), name in zip(sheet.asked, sheet.columns, strict=True):
        answer = answers.get(name)
        blank = answer is None or answer is ... or isinstance(answer, str) and not answer.strip()
        decimal = None if blank else _decimal(answer)
        found[name] = Mark("blank" if blank else "unreadable" if decimal is None else "wrong")
        if decimal is not None:
            figures.append(variant.example.figure(quantity, decimal, after))
            places.append(name)
    if figures:
        with np.errstate(all="ignore"):                     # what follows from a wrong answer may leave the numbers
            found |= dict(zip(places, _audited(variant.example, figures, sheet.digits, like), strict=True))
    return found


def _decimal(answer):
    """An answer as the text of a decimal; None for what is none."""
    try:
        return as_decimal(None, answer)
    except (ValueError, TypeError, ArithmeticError):
        return None


# ---- how many digits it has

def in_full(text, digits):
    """A decimal with at least so many significant digits, zeros at its end. Of a zero none is significant: it is exact.

    >>> in_full("0.43", 4), in_full("-1e3", 4), in_full("0.12345", 4), in_full("0", 4)
    ('0.4300', '-1000', '0.12345', '0E-15')
    """
    value = Decimal(text)
    places = digits - 1 - value.adjusted() if value else DOUBLE
    return str(value.quantize(Decimal(1).scaleb(-places))) if places > -value.as_tuple().exponent else text


def _is_short(figure, digits):
    """Whether more digits are missing than may be: where none are significant, all of them."""
    return not figure.value or figure.significant < digits - TOLERATED


# ---- what it is worth

def _audited(example, typed, digits, like):
    """A Mark for each figure of a student's sheet."""
    full = [replace(f, printed=in_full(f.printed, digits)) for f in typed]
    short = np.array([_is_short(f, digits) for f in typed])
    figures = tuple(whole if is_short else f for f, whole, is_short in zip(typed, full, short, strict=True))
    search = Search(replace(example, figures=figures), wanted=~short, like=like)
    found = [_alone(search, j, full[j]) for j in range(len(figures))]
    if any(m.kind == "wrong" for m in found):
        _explained(search, found)
    for j in np.nonzero(short)[0]:
        near, from_short = _is_near(search, j, typed[j]), _from_any(search, j, short)
        if found[j].kind == "wrong" and near or found[j].kind == "follow-on" and from_short:
            found[j] = Mark("imprecise", f"work it out to {digits} significant digits")
    return found


def _alone(search, j, full):
    """The Mark of one answer before a mistake is looked for."""
    if not search.figures.wrong[j]:
        return Mark("right" if verdict(full, search.replay.value(full)) == "ok" else "rounding")
    why = f"follows from {origin(search, j)}"
    if wrong_origins(search, j) and _follows(search, j):
        return Mark("follow-on", why)
    return Mark("rounding", why) if search.inherited[j] else Mark("wrong", UNNAMED)


def _follows(search, j):
    """Whether an answer follows from the others, within what their rounding makes of it: more digits may have been kept."""
    return any(search.figures.miss(base)[j] <= search.figures.near[j] for base in search.carried.values())


def _is_near(search, j, typed):
    """Whether an answer with few digits may be meant for the right number, or for what follows from another answer."""
    values = search.figures.exact, *search.carried.values()
    return any(verdict(typed, value[j]) != "wrong" for value in values)


def _from_any(search, j, short):
    """Whether an answer follows from another with few digits: from 0 follows 0 all the way, and nothing was worked out."""
    return short[origins(search.maker.passes, search.predictions.rows, search.figures.figures, j)].any()


def _explained(search, found):
    """Say of the wrong answers in ``found`` what went wrong: a mistake is wrong once, and what goes on from it follows."""
    for cause in search.causes:
        named = cause.text if cause.certain or cause.chance < LIKELY else UNNAMED
        one = cause.certain and not cause.name.startswith(NO_METHOD)
        own = [j for j in cause.figures if found[j].kind != "follow-on"]
        for j in own:
            source = _wrong_source(search, cause, j)
            backwards = source is not None and source > j               # of two alike the first is no copy of the second
            found[j] = Mark("follow-on" if one and j != own[0] else "wrong", UNNAMED if backwards else named)
    settled = {j for cause in search.causes if cause.certain for j in cause.figures if _wrong_source(search, cause, j) is None}
    open_ = np.array([m.kind == "wrong" and j not in settled for j, m in enumerate(found)]) & search.wanted
    for name, together in shared(search, open_):
        for j in together:
            found[j] = Mark("follow-on", f"follows from a slip in {name}")
        found[together[0]] = Mark("wrong", f"a slip in {name}, which is not asked for; the rest follows from it")


def _wrong_source(search, cause, j):
    """The number of the wrong figure that a cause takes figure j for a copy of; None where it says something else."""
    source = getattr(cause.hypothesis.readings.get(j), "source", None)
    return source if source is not None and search.figures.wrong[source] else None
