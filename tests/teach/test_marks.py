"""What an answer is worth by its digits, and what several wrong ones have in common that is not asked for."""
from collections import Counter
from dataclasses import replace
from math import exp
from random import Random

import pytest

from backprop_sym.describe.digits import decimal
from backprop_sym.describe.names import Partial
from backprop_sym.teach.marks import hypotheses, marks
from backprop_sym.teach.topics import LEVELS, TOPICS
from backprop_sym.teach.worksheet import worksheet
from backprop_sym.teach.worth import worth
from backprop_sym.verify.reading import ANEW, Row

SHEETS = [worksheet(topic, seed=4, level=level) for topic in TOPICS for level in LEVELS]
each_sheet = pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: f"{sheet.topic} {sheet.level}")


def right(sheet):
    """{column: the answer, with more digits than anybody asks for}"""
    return dict(zip(sheet.columns, (decimal(value, 25) for value in worth(
        sheet.variants[0].example, sheet.figures(sheet.variants[0].example))), strict=True))


def to(answers, digits):
    return {name: decimal(float(text), digits) for name, text in answers.items()}


def kinds(sheet, answers):
    return {name: mark.kind for name, mark in sheet.marks(answers).items()}


@each_sheet
@pytest.mark.parametrize("text", ["0", "1", "-1", "1e3", "0.0", "-0", "1e-9"])
def test_one_number_with_few_digits_everywhere_is_worth_no_more_than_where_it_is_right(sheet, text):
    equal = sum(float(answer) == float(text) for answer in right(sheet).values())
    marks = sheet.marks(dict.fromkeys(sheet.columns, text))
    # from 1 follows 1 by a factor that happens to be 1, where the first of them is right
    assert sum(map(bool, marks.values())) <= equal + 1, marks


@each_sheet
def test_too_few_digits_are_no_answer_and_are_said(sheet):
    """But for those that are right to the digits asked for, with zeros, or follow from such: 0.1 times 0.38 is 0.038."""
    exact, short = right(sheet), to(right(sheet), sheet.digits - 2)
    found = sheet.marks(short)
    far = [name for name in sheet.columns if abs(float(short[name]) - float(exact[name])) > 2*unit(exact[name], sheet.digits)]
    said = [name for name in far if "follows from rounded" not in found[name].why]
    assert said and {str(found[name]) for name in said} == {f"imprecise: work it out to {sheet.digits} significant digits"}
    assert all(found[name] for name in sheet.columns if name not in far)


def unit(text, digits):
    """One unit of the last of so many digits."""
    return 10.0**(int(f"{float(text):e}".partition("e")[2]) - digits + 1)


@each_sheet
def test_one_digit_less_is_a_matter_of_rounding_and_zeros_at_the_end_need_not_be_written(sheet):
    assert {*kinds(sheet, to(right(sheet), sheet.digits)).values()} == {"right"}
    assert {*kinds(sheet, to(right(sheet), sheet.digits - 1)).values()} <= {"right", "rounding"}
    stripped = {name: f"{float(text):g}" for name, text in to(right(sheet), sheet.digits).items()}
    assert {*kinds(sheet, stripped).values()} == {"right"}


@pytest.mark.parametrize("digits", [1, 2, 3, 6])
def test_a_sheet_may_ask_for_other_digits(digits):
    sheet = replace(worksheet("one neuron", seed=7), digits=digits)
    assert {*kinds(sheet, to(right(sheet), digits)).values()} == {"right"}
    assert not any(sheet.marks(dict.fromkeys(sheet.columns, "0")).values())


def test_what_follows_from_a_number_with_few_digits_follows():
    """The forward pass goes on from z2 as it was written, however short that was."""
    sheet = worksheet("forward pass", seed=4, level=1)
    z = float(right(sheet)["z2"])
    short = f"{z:.1g}"
    assert abs(float(short) - z) > 2*unit(z, 4)
    found = sheet.marks({"z2": short, "yhat1": f"{1/(1 + exp(-float(short))):.4g}"})
    assert (found["z2"].kind, found["yhat1"].kind) == ("imprecise", "follow-on")


# ---- what is not asked for

def slipped(sheet, share, by="z1"):
    """All answers of a student in whose work one slope, which is not asked for, is some share of what it should be."""
    forward = sheet.variants[0].example.forward
    below = {p.name for p in forward[by].uses if p in forward.parameters}
    names = {str(Partial(forward.loss, forward.names[name])) for name in below}
    return {name: decimal(float(text)*share, 4) if name in names else decimal(float(text), 4)
            for name, text in right(sheet).items()}, names


@pytest.mark.parametrize("share", [-3.7, 0.31, 24.046])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("level", "by"), [(1, "z1"), (2, "z1"), (2, "z2"), (3, "z2")])
@pytest.mark.parametrize("topic", ["hidden layer", "tanh"])
def test_one_slip_in_what_is_not_asked_for_costs_one_point(topic, level, by, seed, share):
    sheet = worksheet(topic, seed=seed, level=level)
    answers, moved = slipped(sheet, share, by=by)
    marks = sheet.marks(answers)
    wrong = [name for name, mark in marks.items() if not mark]
    assert len(moved) > 1 and len(wrong) == 1 and wrong[0] in moved, marks
    assert {marks[name].kind for name in moved - {*wrong}} == {"follow-on"}
    assert all(marks[name].kind in ("right", "rounding") for name in marks if name not in moved)


def test_a_slip_is_none_where_a_right_answer_speaks_against_it():
    sheet = worksheet("hidden layer", seed=9, level=2)
    answers, moved = slipped(sheet, 24.046)
    kept = "d(E_total)/d(w3)"
    marks = sheet.marks({**answers, kept: sheet.answers(sheet.variants[0])[kept]})
    assert [name for name, mark in marks.items() if not mark] == [c for c in sheet.columns if c in moved - {kept}]


def test_two_answers_are_not_copied_from_each_other():
    sheet = worksheet("hidden layer", seed=9, level=2)
    answers = sheet.answers(sheet.variants[0])
    pair = "d(E_total)/d(w1)", "d(E_total)/d(b2)"            # of two neurons: nothing is common to them alone
    marks = sheet.marks({**answers, **dict.fromkeys(pair, "0.04321")})
    assert not any(marks[name] for name in pair)
    assert "copied" not in str(marks[pair[0]]) and not str(marks[pair[0]]).endswith("follows from it")


@pytest.mark.parametrize("topic", TOPICS)
def test_whatever_was_another_number_costs_one_point(topic):
    """Each quantity that is not asked for in turn, given ones too: all answers are worked out from it, with all digits kept.

    What was rounded hides now and then that an answer follows: then it costs two.
    """
    sheet, draw, cost = worksheet(topic, seed=3), Random(5), Counter()
    like = hypotheses(sheet)
    rows, asked = like.predictions.rows, {(f.symbol, f.after) for f in like.figures.figures}
    for s in (*rows.given, *rows.columns, *rows.order):
        if (s, 0) not in asked:
            moved = rows.predict([Row((), ANEW, (s, 0, draw.uniform(0.2, 0.9)*draw.choice((-1, 1))))])[0]
            answers = dict(zip(sheet.columns, (decimal(float(x), sheet.digits) for x in moved), strict=True))
            cost[sum(not mark for mark in marks(sheet, sheet.variants[0], answers, like).values())] += 1
    assert max(cost) <= 2 and cost[1] >= 0.9*cost.total(), cost


@pytest.mark.parametrize("topic", TOPICS)
def test_numbers_from_nowhere_have_no_point(topic):
    sheet, draw = worksheet(topic, seed=3), Random(7)
    answers, like, points = sheet.answers(sheet.variants[0]), hypotheses(sheet), 0
    for _ in range(4):
        chosen = draw.sample(sheet.columns, len(answers)//2)
        wrong = {name: f"{float(answers[name])*draw.uniform(1.1, 3)*draw.choice((-1, 1)):.4g}" for name in chosen}
        found = marks(sheet, sheet.variants[0], {**answers, **wrong}, like)
        points += sum(bool(found[name]) for name in chosen)
    assert points <= 1
