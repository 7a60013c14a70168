"""A reader's answer, judged: each answer that is no option becomes a printed figure, and is audited as one.

    of_number(exercise, text)           at the numbers of the exercise, to the digits that are asked for
    of_expression, of_program, of_function      at other numbers, where they must give what the network gives; and their form
    of_option(exercise, key)            of a choice, a sign, the largest of several, a line with a mistake
    right_option(exercise)              the key of the right one

A wrong number is compared with what each expected mistake gives; then it is diagnosed as any printed figure is.
"""
import math
from dataclasses import replace
from decimal import Decimal

from ..compute.lambdify import lambdify
from ..describe.digits import decimal
from ..describe.nearest import said
from ..describe.values import exact
from ..verify.answers import WORDS
from ..verify.verdict import verdict
from .form import in_form
from .worth import elsewhere, number_of, worth
from .wrong import IN_FULL, Finding, computed, diagnosed, equal, exactly, expected, of_mistake

ZERO = "0E-299"         # as small as a printed unit may be
CLOSE = 1e-6            # a float that is farther off, relatively, needs no more digits
IN_FLOATS = 10          # digits to which what was computed in floats must agree
TOLERATED = {"truncated": 3, "last-digit": 4}        # digits from which on that comes from rounding, and from nothing else
NEAR = "Not right, but near: nothing has to be rounded here, so every digit counts."


# ---- numbers

def of_number(exercise, text):
    """A decimal, at the numbers of the exercise."""
    exact_value, *instead = worth(exercise.example, [exercise.figure, *computed(exercise)])
    return judged(exercise, exercise.example, text, exercise.digits, exact_value, instead)


def judged(exercise, example, text, digits, exact_value, instead):
    """What a number is worth beside the exact value; ``instead`` are the numbers of the expected mistakes."""
    figure = replace(exercise.figure, printed=text)
    in_full = replace(figure, printed=to_digits(text, digits))
    enough = figure.significant >= digits
    asked_for, ends = in_full if enough else figure, _ends(figure, exact_value, digits)
    if verdict(in_full, exact_value) == "ok" or equal(figure, exact_value):
        whole = not enough or verdict(figure, exact_value) in (("ok",) if ends else ("ok", *TOLERATED))
        return Finding(True, WORDS["ok"] if whole else f"Right, to the {digits} digits asked for; those after them are not.")
    found = exactly(exercise, figure, instead)
    if found is None and not enough and verdict(figure, exact_value) == "ok" and figure.value:
        return Finding(False, f"So far right. Work it out to {digits} significant digits.", named=True)
    found = expected(exercise, asked_for, instead, ("ok",)) if found is None else found
    tolerated = [name for name, least in TOLERATED.items() if min(digits, figure.significant) >= least]
    near = enough and verdict(figure, exact_value) in tolerated
    if found is None and near and not ends:
        return Finding(True, WORDS[verdict(figure, exact_value)])
    if found is None:
        found = expected(exercise, asked_for, instead, tolerated)
    if found is None and near:
        found = Finding(False, NEAR, named=True)
    return diagnosed(exercise, example, asked_for) if found is None else found


def _ends(figure, exact_value, digits):
    """Whether a value has no more digits than are asked for: then an answer is it, or is another number."""
    return equal(replace(figure, printed=decimal(exact_value, digits)), exact_value)


def to_digits(text, digits):
    """A decimal with so many significant digits: rounded, or with zeros at its end; 0 is 0 to every digit.

    >>> to_digits("0.62246", 3), to_digits("0.5", 3), to_digits("0", 3)
    ('6.22E-1', '5.00E-1', '0E-299')
    """
    return format(Decimal(text), f".{digits - 1}E") if Decimal(text) else ZERO


# ---- what gives a number wherever it is asked

def of_expression(exercise, figure):
    """An expression: a float is computed first, which takes no time whatever the expression; digits only where it agrees."""
    def gives(example, wanted):
        value, = worth(example, [figure], "python")
        if math.isfinite(value) and abs(value - wanted) <= CLOSE*abs(wanted):
            return worth(example, [figure])[0]
        return value
    return in_form(exercise, _at_other_numbers(exercise, gives, IN_FULL), figure)


def of_program(exercise, program):
    """A program."""
    function = lambdify(program)
    name = program.spelled[exercise.figure.symbol]

    def gives(example, wanted):
        return function({s.name: number_of(example, s.name) for s in program.given})[name]
    return in_form(exercise, _at_other_numbers(exercise, gives, IN_FLOATS), program)


def of_function(exercise, function):
    """A function of the reader's: called, and judged by what it returns; an error that it raises is named."""
    def gives(example, wanted):
        figures = [example.figure(name, "0") for name in exercise.arguments]
        arguments = worth(example, figures, "python")
        shown = ", ".join(f"{name} = {value:.4g}" for name, value in zip(exercise.arguments, arguments, strict=True))
        try:
            returned = function(*arguments)
        except Exception as error:                     # whatever a reader's function raises
            raise ValueError(f"for {shown} your function raised {type(error).__name__}: {said(str(error))}") from None
        try:
            return float(exact("", returned))
        except (TypeError, ValueError, OverflowError, ArithmeticError):
            raise ValueError(f"for {shown} your function returned {said(returned)}, which is no number") from None
    return _at_other_numbers(exercise, gives, IN_FLOATS)


def _at_other_numbers(exercise, gives, digits):
    """Right where it gives what the network gives, at every one of the other numbers.

    A mistake is the one that was made where it gives the same as the answer at all of them.
    """
    possible, wrong = set(range(len(computed(exercise)))), None
    for example in elsewhere(exercise):
        exact_value, *instead = worth(example, [exercise.figure, *computed(exercise)])
        value = gives(example, exact_value)
        if not math.isfinite(value):
            return Finding(False, f"Not right: it gives {float(value)} where the network gives {decimal(exact_value, 4)}.")
        possible &= {i for i, other in enumerate(instead) if _alike(value, other, digits)}
        if wrong is None and not _alike(value, exact_value, digits):
            wrong = example, replace(exercise.figure, printed=decimal(value, digits))
    if wrong is None:
        return Finding(True, WORDS["ok"])
    if len(possible) == 1:
        return of_mistake(exercise, possible.pop())
    return diagnosed(exercise, *wrong)


def _alike(value, other, digits):
    """Whether two numbers agree to so many digits, or as far as a float can."""
    digits = min(digits, IN_FLOATS) if isinstance(value, float) else digits
    return abs(value - other) <= 10.0**(1 - digits)*abs(other)


# ---- options

def of_option(exercise, key):
    """One of several."""
    if key == right_option(exercise):
        return Finding(True, WORDS["ok"])
    says = next((m.says for m in exercise.mistakes if m.answer == key), None)
    return Finding(False, f"Not right. {says}" if says else "Not right.", named=bool(says))


def right_option(exercise):
    """The key of the right option, as the exercise's kind says: stated, or computed from the network."""
    return RIGHT[exercise.kind](exercise)


def _sign(exercise):
    value, = worth(exercise.example, [exercise.figure])
    return "+" if value > 0 else "-" if value < 0 else "0"


def _largest(exercise):
    values = worth(exercise.example, exercise.compared.values())
    return max(zip(exercise.compared, values, strict=True), key=lambda pair: pair[1])[0]


def _untrue(exercise):
    """The number of the line that does not hold: its two sides differ, each computed from what is right."""
    example = elsewhere(exercise)[0]
    sides = [example.figure(side.strip(), "0") for line in exercise.lines for side in line.split("=")]
    values = worth(example, sides)
    gaps = [abs(left - right)/(abs(left) + abs(right)) if left or right else 0
            for left, right in zip(values[::2], values[1::2], strict=True)]
    return str(1 + gaps.index(max(gaps)))


RIGHT = {"choice": lambda exercise: exercise.right, "sign": _sign, "largest": _largest, "bug": _untrue}
