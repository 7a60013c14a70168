"""The form that an exercise asks for, besides the right numbers: without a subtraction, with so many units.

    FORMS                       {name: Form}: when an answer has it, and what to say where it has not
    in_form(exercise, found, answer)    what was found, or that the answer gives the right numbers in another form
"""
from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from ..describe.functions import step
from ..verify.replay import needed_by
from .wrong import Finding


@dataclass(frozen=True)
class Form:
    """``holds(exercise, answer)`` says whether an answer has the form; ``wanted`` is the form in words."""

    holds: Callable
    wanted: str


def _no_subtraction(exercise, figure):
    """No sum has a term with a minus."""
    return not any(term.as_coeff_Mul()[0].is_negative for add in figure.expression.atoms(sp.Add) for term in add.args)


def _two_hidden_units(exercise, program):
    """Every line is a weighted sum or the step of one, and below the output two steps are made."""
    lines = [e.rhs for e in needed_by(program.equations, {exercise.figure.symbol})]
    units = {unit for rhs in lines for unit in rhs.atoms(step)}
    pieces = [*lines, *(unit.args[0] for unit in units)]
    return all(map(_is_weighted_sum, pieces)) and len(units - {program[exercise.figure.symbol].rhs}) >= 2


def _is_weighted_sum(e):
    """A number times each of some quantities, and steps, added up."""
    if e.is_Add:
        return all(map(_is_weighted_sum, e.args))
    weight, rest = e.as_coeff_Mul()
    return rest.is_Symbol or rest.is_number or isinstance(rest, step) or rest.is_Add and weight != 1 and _is_weighted_sum(rest)


FORMS = {
    "no subtraction": Form(_no_subtraction, "nothing is to be subtracted"),
    "two hidden units": Form(_two_hidden_units, "each line is to be a weighted sum or the step of one, with two such units below "
                                                "the output"),
}


def in_form(exercise, found, answer):
    """What was found about an answer, unless it has another form than the one asked for."""
    if not found.right or not exercise.form or FORMS[exercise.form].holds(exercise, answer):
        return found
    return Finding(False, f"Not as asked: the numbers are right, but {FORMS[exercise.form].wanted}.", named=True)
