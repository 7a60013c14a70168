"""The form that an exercise asks for: an answer with the right numbers in another form is told so, and is not right."""
import pytest

import backprop_sym as bp
from backprop_sym.teach import progress as marks
from backprop_sym.teach.form import FORMS
from tests.teach.planted import EXERCISES

UNITS = ["h1 = step(x1 + x2 - 0.5)", "h2 = step(x1 + x2 - 1.5)"]
RIGHT = {"14.3": ["t*a**2", "t*a*a", "t/(1 + t)**2", "a/(1 + 1/t)", "a\u00b2\u00b7t"],
         "13.2": [[*UNITS, "p = step(h1 - h2 - 0.5)"], [*UNITS, "p = h1 - h2"],
                  ["z = x1 + x2", "h1 = step(2*(z - 0.5))", "h2 = step(z - 1.5)", "s = h1 - 2*h2", "p = step(s - 0.5)"],
                  ["h1 = step(x1 - x2 - 0.5)", "h2 = step(x2 - x1 - 0.5)", "p = step(h1 + h2 - 0.5)"],
                  ["p = step(step(x1 + x2 - 0.5) - step(x1 + x2 - 1.5) - 0.5)"]]}
OTHER = {"14.3": ["a*(1 - a)", "a - a**2", "-a*(a - 1)", "a*(1 + (-1)*a)", "t*a - t*t*a*a"],
         "13.2": [["p = x1 + x2 - 2*x1*x2"], ["p = (x1 - x2)**2"], ["p = abs(x1 - x2)"],
                  ["h = step(x1 + x2 - 1.5)", "p = step(x1 + x2 - 2*h - 0.5)"],
                  ["h1 = relu(x1 + x2)", "h2 = relu(x1 + x2 - 1)", "p = h1 - 2*h2"],
                  [*UNITS, "p = h1*(1 - h2)"], [*UNITS, "q = h1 + h2", "p = x1 + x2 - 2*x1*x2"]]}


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


def cases(table):
    return [(id, answer) for id, answers in table.items() for answer in answers]


def test_each_exercise_with_a_form_is_tried():
    asking = {e.id: e.form for e in EXERCISES if e.form}
    assert asking.keys() == RIGHT.keys() == OTHER.keys() and set(asking.values()) == set(FORMS)
    assert all(FORMS[e.form].wanted in e.takes for e in EXERCISES if e.form)


@pytest.mark.parametrize(("id", "answer"), cases(RIGHT))
def test_any_answer_in_the_form_is_right(id, answer):
    assert bp.check(id, answer).text == "Right."


@pytest.mark.parametrize(("id", "answer"), cases(OTHER))
def test_the_right_numbers_in_another_form_are_not_what_was_asked(id, answer):
    reply = bp.check(id, answer)
    assert not reply and reply.text.startswith("Not as asked: the numbers are right, but "), reply


def test_a_wrong_answer_is_told_what_is_wrong_with_it_and_not_its_form():
    assert "exactly 0" in bp.check("13.2", [*UNITS, "p = step(h1 - h2)"]).text
    assert "AND" in bp.check("13.2", ["p = x1*x2"]).text
    assert "1 - a" in bp.check("14.3", "1 - a").text
