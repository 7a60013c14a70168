"""Exercises: a reader's answer, judged in words.

    reply(example, figure)      what to say to an answer, given as a figure: an Answer

The answer is audited like a printed figure; a wrong one is diagnosed, so that the reply can name the misconception.
"""
from dataclasses import dataclass, replace

from ..show.tables import readable
from .diagnose import explain
from .passes import Passes
from .replay import Replay
from .verdict import verdict

WORDS = {
    "ok": "Right.",
    "truncated": "Right, but cut off: rounded, the last digit is one more.",
    "last-digit": "Nearly right: the last digit is off.",
}


@dataclass(frozen=True)
class Answer:
    """A reader's answer: ``right``, and what to say to it (``str``); ``slips`` are what may have gone wrong."""

    right: bool
    text: str
    slips: tuple = ()

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text


def reply(example, figure):
    """The Answer to a figure that a reader worked out: right, nearly right, or wrong with the slip that gives it."""
    replay = Replay(Passes(replace(example, figures=(figure,))))
    judged = verdict(figure, replay.value(figure))
    if judged != "wrong":
        return Answer(True, WORDS[judged])
    slips = tuple(explain(example, figure))
    name = readable(figure.quantity, figure.after)
    if not slips:
        return Answer(False, f"Not right, and no slip that this book knows gives this number for {name}.")
    if slips[0].certain:
        return Answer(False, f"Not right. This is {name} with a slip: {slips[0].text}.", slips)
    several = "; or ".join(slip.text for slip in slips[:3])
    return Answer(False, f"Not right. With so few digits it could be {name} with one of these slips: {several}.", slips)
