"""Texts that nobody has seen, with one mistake in each: a few of those that `make slips` counts."""
import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2]/"benchmarks"/"slips.py"
SPEC = importlib.util.spec_from_file_location("slips", PATH)
slips = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(slips)


@pytest.mark.parametrize(("digits", "least"), [(3, 4), (6, 5)])
def test_planted_mistakes_are_found(digits, least):
    counts = slips.table(5, 7, digits, True)
    assert counts["right"] + counts["hedged, right"] >= least and not counts["certain, false"], counts


def test_what_the_table_does_not_have_is_not_claimed():
    assert not slips.table(3, 7, 3, False)["certain, false"]
