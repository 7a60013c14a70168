"""Texts that nobody has seen, with one mistake in each: a few of those that `make slips` counts."""
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]/"benchmarks"))
import slips  # noqa: E402
import texts  # noqa: E402


def counted(count, seed, digits, inside):
    return Counter(slips.audited(slips.Job(seed, n, digits, inside))[1] for n in range(count))


@pytest.mark.parametrize(("digits", "least"), [(3, 4), (6, 5)])
def test_planted_mistakes_are_found(digits, least):
    counts = counted(5, 7, digits, True)
    assert counts["right"] + counts["hedged, right"] >= least and not counts["certain, false"], counts


@pytest.mark.parametrize("digits", [3, 6])
def test_what_the_table_does_not_have_is_not_claimed(digits):
    assert not counted(4, 7, digits, False)["certain, false"]


def test_a_text_is_the_same_each_time():
    one, other = (texts.made(3, 5, 4, True) for _ in range(2))
    assert one.planted.text == other.planted.text and one.search.example.figures == other.search.example.figures


def test_texts_are_of_every_kind():
    made = [texts.made(2, n, 6, inside).search.example for n in range(8) for inside in (True, False)]
    assert {e.name for e in made} >= {"made"} and len({e.name for e in made}) > 2
    assert {len(e.samples) for e in made} > {1}
