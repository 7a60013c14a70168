"""Exercises: a reader's answer, judged in words.

    reply(example, figure)      what to say to an answer, given as a figure: an Answer

The answer is audited like a printed figure; a wrong one is diagnosed, so that the reply can name the misconception.
"""
from dataclasses import dataclass, replace
from math import floor, log10

from ..describe.nearest import said
from ..show.tables import readable
from .diagnose import explain
from .passes import Passes
from .replay import DIGITS, Replay
from .verdict import verdict

WORDS = {
    "ok": "Right.",
    "truncated": "Right, but cut off: rounded, the last digit is one more.",
    "last-digit": "Nearly right: the last digit is off.",
}
NOTHING = "Not right: an answer needs its sign and at least one digit that is right."


@dataclass(frozen=True)
class Answer:
    """A reader's answer: ``right``, and what to say to it (``str``); ``slips`` are what may have gone wrong.

    It is true exactly where it is right, so that it can stand in an ``assert``.
    """

    right: bool
    text: str
    slips: tuple = ()

    def __bool__(self):
        return self.right

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text


def _says_something(answer, exact):
    """Whether an answer has the right sign and is off by less than one unit of the first digit: 0 is near any small number."""
    if exact == 0 or answer == 0:
        return answer == exact
    return answer*exact > 0 and abs(answer - exact) < 10.0**floor(log10(abs(exact)))*(1 - 1e-9)


def reply(example, figure):
    """The Answer to a figure that a reader worked out: right, nearly right, or wrong with the slip that gives it.

    Raises ValueError for an answer of more digits than the exact value is known to, or of a size that no float has.
    """
    if figure.significant > DIGITS or not 1e-300 < figure.unit < 1e300:
        raise ValueError(f"answer: expected a number of at most {DIGITS} digits, between 1e-300 and 1e300, got "
                         f"{said(figure.printed)}")
    replay = Replay(Passes(replace(example, figures=(figure,))))
    exact = replay.value(figure)
    judged = verdict(figure, exact)
    if judged != "wrong":
        right = _says_something(float(figure.value), float(exact))
        return Answer(right, WORDS[judged] if right else NOTHING)
    slips = tuple(explain(example, figure))
    name = readable(figure.quantity, figure.after)
    if not slips:
        return Answer(False, f"Not right, and no slip that this book knows gives this number for {name}.")
    if slips[0].certain:
        return Answer(False, f"Not right. This is {name} with a slip: {slips[0].text}.", slips)
    several = "; or ".join(slip.text for slip in slips[:3])
    return Answer(False, f"Not right. With so few digits it could be {name} with one of these slips: {several}.", slips)
