"""Answers to plant: the right ones of an exercise in two forms, and those that each of its mistakes gives."""
import sympy as sp

import backprop_sym as bp
from backprop_sym.describe.digits import decimal
from backprop_sym.teach.files import exercise, exercises
from backprop_sym.teach.judges import to_digits
from backprop_sym.teach.kinds import KINDS
from backprop_sym.teach.worth import with_numbers, worth

EXERCISES = [exercise(id) for id in exercises()]
NUMBERS = [e for e in EXERCISES if e.kind == "number"]


def right_answers(e):
    """The two forms of the kind, as what their code makes."""
    known = {"bp": bp, "sp": sp}
    if e.kind == "function":
        exec(e.code, known)
    return [eval(form, known) for form in KINDS[e.kind].forms(e)]


def wrong_answer(e, mistake):
    """What a reader answers who makes a mistake."""
    if mistake.answer:
        return mistake.answer
    if e.kind == "number":
        return decimal(worth(e.example, [mistake.instead])[0], e.digits)
    if e.kind == "expression":
        return mistake.instead.quantity
    if e.kind == "program":
        name = e.figure.quantity
        return [line for line in repr(e.network).splitlines() if not line.startswith(f"{name} =")] + \
            [f"{name} = {mistake.instead.quantity}"]

    def function(*numbers):
        given = {name: sp.Rational(repr(number)) for name, number in zip(e.arguments, numbers, strict=True)}
        return float(worth(with_numbers(e.example, given), [mistake.instead])[0])
    return function


def same_digits(e, value, other):
    """Whether two values are the same number at the digits that an exercise asks for."""
    return to_digits(decimal(value, 30), e.digits) == to_digits(decimal(other, 30), e.digits)
