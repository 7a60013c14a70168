"""What is said to wrong answers: a mistake is met however short it is, nothing is right that is not, no hidden name is told."""
import re
from decimal import Decimal

import pytest

import backprop_sym as bp
from backprop_sym.describe.digits import decimal, short
from backprop_sym.teach import progress as marks
from backprop_sym.teach.foreseen import foreseen, hashed, spelled
from backprop_sym.teach.worth import worth
from backprop_sym.teach.wrong import computed, told
from backprop_sym.verify.passes import flat
from tests.teach.planted import EXERCISES, NUMBERS

SAID = [e for e in NUMBERS if "equations" not in e.shows or e.figure.symbol is None]     # what is asked for has no name


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


def each(exercises):
    return pytest.mark.parametrize("e", exercises, ids=lambda e: e.id)


def in_short(e, value):
    """A value as one writes it who stops where it ends; None where it has more digits than are asked for."""
    text = decimal(value, 30).rstrip("0").rstrip(".") if "." in decimal(value, 30) else decimal(value, 30)
    return text if len(re.sub(r"\D", "", text).strip("0")) <= e.digits else None


def short_mistakes(e):
    """Pairs (what is said, its number) of the mistakes whose numbers end."""
    says = [m.says for m in e.mistakes if m.instead]
    return [(text, number) for text, value in zip(says, worth(e.example, computed(e)), strict=True)
            if (number := in_short(e, value)) is not None]


@each(NUMBERS)
def test_a_mistake_is_met_however_short_its_number_is(e):
    made = foreseen(e)
    for says, number in short_mistakes(e):
        for answer in (number, float(number)):
            reply = bp.check(e.id, answer)
            assert not reply and says in reply.text, (answer, reply)
        assert says in made["texts"][made["table"][hashed(e.id, spelled(number, e.digits))]]


def test_many_mistakes_are_short():
    of_one = [number for e in NUMBERS for _, number in short_mistakes(e) if len(re.sub(r"\D", "", number).strip("0")) < 2]
    assert len(of_one) > 20


def test_what_is_the_beginning_of_the_right_answer_and_no_mistake_is_so_far_right():
    for id, answer in (("01.1", "0.5"), ("12.3", "0.18"), ("15.3", "1.4"), ("10.1", "12.0100")):
        reply = bp.check(id, answer)
        assert reply.text.startswith("Right" if id == "10.1" else "So far right"), reply


@each(NUMBERS)
def test_where_nothing_is_rounded_every_digit_counts(e):
    """The numbers beside one that ends are wrong, in the notebook and on the page; a count that is one off is no count."""
    value, = worth(e.example, [e.figure])
    exact = in_short(e, value)
    if exact is None:
        return
    right = Decimal(decimal(value, e.digits))
    unit = Decimal((0, (1,), right.as_tuple().exponent))
    made = foreseen(e)
    for steps in (-2, -1, 1, 2):
        answer = str(right + steps*unit)
        assert not bp.check(e.id, answer), answer
        number = made["table"].get(hashed(e.id, spelled(answer, e.digits)))
        assert number is None or made["texts"][number].startswith("Not right"), answer
    for answer in (str(right + unit/1000), str(right - unit/1000)):
        assert "those after them are not" in bp.check(e.id, answer).text


def test_many_numbers_end_and_many_do_not():
    ends = [in_short(e, worth(e.example, [e.figure])[0]) is not None for e in NUMBERS]
    assert 15 < sum(ends) < len(ends) - 10


@each(NUMBERS)
def test_the_page_says_what_check_says(e):
    """Of the right number, those beside it and the mistakes; slips that are named without being diagnosed are told as such."""
    made = foreseen(e)
    value, = worth(e.example, [e.figure])
    for answer in [decimal(value, k) for k in range(1, e.digits + 1)] + [number for _, number in short_mistakes(e)]:
        number = made["table"].get(hashed(e.id, spelled(answer, e.digits)))
        reply = bp.check(e.id, answer)
        assert reply.text == made["texts"][number] if number is not None else not reply.right and reply.hint, answer


@each(NUMBERS)
def test_no_name_is_told_that_the_exercise_does_not_show(e):
    forward = flat(e.example.forward)
    names = {forward.spelled[s] for s in (*forward.given, *forward.defined)}
    shown = set(re.findall(r"\w+", repr(e)))
    slips = e.example.slips(e.figure.quantity, e.figure.after)
    texts = [*foreseen(e)["texts"], *told(e, [str(s.text) for s in slips])]
    texts += [bp.check(e.id, short(s.value, e.digits)).text for s in slips[:2]]
    for text in texts:
        if not any(m.says in text for m in e.mistakes):
            assert names & set(re.findall(r"\w+", text)) <= shown, text
    assert len(told(e, ["twice", "twice"])) == 1


@each(SAID)
def test_what_has_no_name_is_not_named(e):
    for text in foreseen(e)["texts"]:
        assert not re.search(r"This is (\S+|.*[*/].*) with a slip", text) and "with one of" not in text, text
    assert len(SAID) > 10


@each([e for e in EXERCISES if e.kind == "expression"])
def test_in_a_formula_nothing_is_rounded(e):
    names = list(e.uses) or [s.name for s in e.example.forward.given]
    for text in ("0.01", "0.5", f"2*{names[0]}", f"{names[0]}/2"):
        reply = bp.check(e.id, text)
        assert not any(word in reply.text for word in ("rounded", " cut ", "precision")), reply
