"""Mistakes planted in every numerical exercise: named, and never another one for certain. `pytest -s` prints the table."""
import pytest

import backprop_sym as bp
from backprop_sym.describe.digits import decimal
from backprop_sym.teach import progress as marks
from backprop_sym.teach.worth import worth
from tests.teach.planted import NUMBERS, same_digits, wrong_answer

SIMPLE = 1.0        # cost of the slips of the package's own table that are planted as well
MOST = 8            # of them in each exercise


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


def is_false(slips, value):
    """Whether the first slip is said to be certain, and gives another number than the mistake that was made."""
    return bool(slips) and slips[0].certain and abs(slips[0].value - value) > 1e-9*abs(value)


def test_expected_mistakes_are_named():
    named = known = false = count = 0
    print(f"\n{'exercise':9} {'answer':>12}  by the diagnosis alone")
    for e in NUMBERS:
        for m in e.mistakes:
            value, = worth(e.example, [m.instead])
            answer = wrong_answer(e, m)
            said = m.says in bp.check(e.id, answer).text
            slips = e.example.diagnose(e.figure.quantity, answer, e.figure.after)
            alone = any(same_digits(e, s.value, value) for s in slips[:3])
            count, named, known = count + 1, named + said, known + alone
            false += is_false(slips, value) and not said
            print(f"{e.id:9} {answer:>12}  {'named' if said else 'MISSED'}  {slips[0] if slips else '-'}")
    print(f"{count} mistakes: {named} named, {known} of them by the diagnosis alone, {false} certain and false")
    assert named >= 0.95*count and false == 0 and known > 0.6*count


def test_slips_of_the_table_are_named():
    """The package's own slips, whether an exercise expects them or not."""
    named = false = count = 0
    for e in NUMBERS:
        right, *_ = worth(e.example, [e.figure])
        simple = [s for s in e.example.slips(e.figure.quantity, e.figure.after) if s.cost <= SIMPLE
                  and not same_digits(e, s.value, right) and abs(s.value) > 1e-6]
        for s in simple[::max(1, len(simple)//MOST)][:MOST]:
            answer = decimal(s.value, e.digits)
            reply = bp.check(e.id, answer)
            expected = [m.says for m in e.mistakes if same_digits(e, worth(e.example, [m.instead])[0], s.value)]
            hit = any(says in reply.text for says in expected) or s.text in reply.text or any(
                same_digits(e, r.value, s.value) for r in reply.slips)
            count, named = count + 1, named + hit
            other = [m.says for m in e.mistakes if m.says in reply.text and m.says not in expected]
            false += is_false(reply.slips, s.value) or bool(other)
            if not hit:
                print(e.id, answer, s, "|", reply.text)
    print(f"{count} slips: {named} named, {false} certain and false")
    assert named >= 0.95*count > 100 and false == 0
