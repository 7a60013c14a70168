"""What is said to a wrong answer: the mistake that gives it, in words that a reader has seen.

    Finding                         what was found about an answer, right or wrong
    exactly(exercise, figure, instead)          the expected mistake that an answer is, to the last digit, however few it has
    expected(exercise, figure, instead, close)  the expected mistake that is near
    diagnosed(exercise, example, figure)        the slip that gives it, as of any printed figure
    could_be(exercise, texts)                   what is said where several slips do

A slip is told by the names of the equations in which it was made. Where an exercise does not show these, nobody knows the names,
and the slip is not told.
"""
import re
from dataclasses import dataclass

from ..describe.precision import precise
from ..show.tables import readable
from ..verify.answers import Answer
from ..verify.diagnose import explain
from ..verify.passes import flat
from ..verify.slips.misprints import ANOTHER
from ..verify.solve import SOLVED
from ..verify.verdict import verdict

IN_FULL = 25            # digits to which what is exact must agree
FEWEST = 2              # digits of a number that is near a mistake, and can say so
LIKELY = 1.0            # a slip that chance alone would bring as often is not worth naming
MOST = 3                # slips that are told together
# Slips that an answer without digits cannot have.
ROUNDING = "precision", "rounded intermediates", "decimal point", "digits exchanged", ANOTHER
WORD = re.compile(r"\w+")


@dataclass(frozen=True, repr=False)
class Finding(Answer):
    """An Answer that says whether it names what went wrong; ``read`` is False where the answer could not be read."""

    named: bool = False
    read: bool = True


# ---- what the exercise expects

def equal(figure, value):
    """Whether a figure is a value, however few digits that has."""
    with precise(IN_FULL + 10) as mp:
        printed = mp.mpf(figure.value.p)/figure.value.q
        return abs(printed - value) <= mp.mpf(10)**-IN_FULL*abs(value)


def exactly(exercise, figure, instead):
    """The expected mistake whose number a figure is; None where there is none."""
    return next((of_mistake(exercise, i) for i, value in enumerate(instead) if equal(figure, value)), None)


def expected(exercise, figure, instead, close):
    """The expected mistake that gives a wrong figure, where it is one alone."""
    hit = [i for i, value in enumerate(instead) if verdict(figure, value) in close]
    return of_mistake(exercise, hit[0]) if figure.significant >= FEWEST and len(hit) == 1 else None


def computed(exercise):
    """What each of the mistakes computes in which something else was computed."""
    return [m.instead for m in exercise.mistakes if m.instead is not None]


def of_mistake(exercise, number):
    """What to say to one of these."""
    says = [m.says for m in exercise.mistakes if m.instead is not None]
    return Finding(False, f"Not right. {says[number]}", named=True)


# ---- what the diagnosis finds

def diagnosed(exercise, example, figure):
    """The slip that gives a wrong figure, as of any that is printed."""
    slips = tuple(s for s in explain(example, figure) if SOLVED not in s.name and _possible(exercise, s))
    texts = told(exercise, [slip.text for slip in slips])
    if texts and slips[0].certain and texts[0] == slips[0].text:
        name = _name(exercise)
        return Finding(False, f"Not right. This is {name} with a slip: {texts[0]}." if name else f"Not right: {texts[0]}.",
                       slips, named=True)
    if texts and slips[0].chance < LIKELY:
        return Finding(False, could_be(exercise, texts), slips)
    return Finding(False, "Not right.", slips)


def _possible(exercise, slip):
    """Whether an answer can have a slip: in a formula nothing is rounded."""
    return exercise.kind == "number" or not any(name in slip.name for name in ROUNDING)


def could_be(exercise, texts):
    """What is said where several slips explain a number, or one that is not certain."""
    name, slips = _name(exercise), "a slip" if len(texts) == 1 else "one of these slips"
    return f"Not right. It could be {name + ' with ' if name else ''}{slips}: {'; or '.join(texts[:MOST])}."


def told(exercise, texts):
    """The texts of slips that are made of names that the exercise shows, each once."""
    hidden = _names(exercise) - exercise.seen
    return [text for text in dict.fromkeys(texts) if hidden.isdisjoint(WORD.findall(text))]


def _names(exercise):
    """The names of all quantities of the network, those of what stands inside an activation among them."""
    forward = flat(exercise.example.forward)
    return {forward.spelled[s] for s in (*forward.given, *forward.defined)}


def _name(exercise):
    """What is asked for, by its name, where it has one that the exercise shows."""
    asked, spelled = exercise.figure, exercise.example.forward.spelled
    if asked.symbol is None or not {spelled[s] for s in exercise.concerned} <= exercise.seen:
        return ""
    return readable(asked.quantity, asked.after)
