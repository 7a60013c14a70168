"""What the pages' fields know: hashes, and words in which no answer of three digits or more can be read."""
import json
import re

import pytest

import backprop_sym as bp
from backprop_sym.teach.foreseen import foreseen, hashed, spelled
from tests.teach.planted import EXERCISES, NUMBERS


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_nobody_reads_an_answer_in_passing(exercise):
    made = foreseen(exercise)
    assert (made is None) == (exercise.kind in ("expression", "function", "program"))
    if made is None:
        return
    assert all(re.fullmatch("[0-9a-f]{8}", key) for key in made["table"])
    assert list(made["table"]) == sorted(made["table"]) and made["texts"] == sorted(made["texts"])
    if exercise in NUMBERS and exercise.digits > 2:
        assert bp.solution(exercise.id).answer not in json.dumps(made)


@pytest.mark.parametrize("exercise", NUMBERS, ids=lambda e: e.id)
def test_what_is_said_is_what_check_says(exercise):
    made = foreseen(exercise)
    answer = bp.solution(exercise.id).answer
    said = made["texts"][made["table"][hashed(exercise.id, spelled(answer, exercise.digits))]]
    assert said == bp.check(exercise.id, answer).text
