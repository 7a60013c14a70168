"""Answers that are none: each is answered in words, in under a second, and nothing in them runs."""
import time

import mpmath
import numpy as np
import pytest
import sympy as sp

import backprop_sym as bp
from backprop_sym.teach import progress as marks

IDS = ("01.1", "01.4", "01.6", "08.4", "04.1", "03.5", "03.6")      # one of each kind


class Liar:
    """Equal to everything, true, and named like a right answer."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return hash("c")

    def __bool__(self):
        return True

    def __str__(self):
        return "c"

    def __float__(self):
        raise OverflowError("no")


class LyingText(str):
    """A text that says that it is equal to everything."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return True


x = sp.Symbol("x1")
NESTED = "("*5_000 + "a" + ")"*5_000
TOWER = "exp("*100 + "a" + ")"*100
HOSTILE = {
    "a million digits": "0."+"5"*10**6, "a million nines": 10**10**6, "a tower": "9**9**9", "a deep tower": "9**9**9**9*a",
    "import": "__import__('os')", "call": "print(1)", "attribute": "a.__class__", "lambda": "lambda: 1", "assignment": "a := 3",
    "Arabic digits": "٠٫٥١", "fullwidth digits": "０．５１", "superscript": "x²", "nan": float("nan"), "inf": float("inf"),
    "nan as text": "nan", "inf as text": "inf", "complex": 1j, "mpmath's infinity": mpmath.inf, "zoo": sp.zoo, "oo": sp.oo,
    "liar": Liar(), "lying text": LyingText("nope"), "a long text": "c"*10**7, "nested": NESTED, "exponentials": TOWER,
    "lists": [[]], "bytes": b"c", "array": np.zeros((1000, 1000)), "masked": np.ma.masked, "none": None, "true": True,
    "type": int, "module": np, "expression": sum(x**k for k in range(3_000)), "power": (x + 1)**10_000, "empty": "",
    "lines": ["a = b"]*10_000, "a line of its own": "g = "+"x*"*9_000+"x", "surrogate": "\ud800", "null": "a\x00b",
    "relational": x > 1, "spaces": " "*99,
    "matrix": sp.Matrix([1, 2]), "integral": sp.Integral(sp.exp(x**2), x), "undefined": sp.Function("f")(x), "mapping": {"a": 1},
}


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_answered_at_once(id, name, capsys):
    start = time.process_time()
    reply = bp.check(id, HOSTILE[name])
    assert time.process_time() - start < 1
    assert not reply and len(str(reply)) < 1_000 and capsys.readouterr().out == ""
    assert reply._repr_html_() and reply._repr_markdown_()


class Costly:
    """What a reader's function returns: a number that lies about itself."""

    def __float__(self):
        return 0.5

    def __ne__(self, other):
        return True


RETURNED = [Costly(), Liar(), "0.5"*10**6, 10**10**6, [1], None, float("nan"), sp.oo, np.array([0.5, 0.5])]


@pytest.mark.parametrize("returned", RETURNED, ids=lambda value: type(value).__name__)
def test_what_a_function_returns_is_not_trusted(returned):
    start = time.process_time()
    assert not bp.check("01.6", lambda *numbers: returned)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("raised", [ValueError("\n"*10**6), RecursionError(), KeyError(), MemoryError(), StopIteration()])
def test_what_a_function_raises_is_named(raised):
    def function(*numbers):
        raise raised
    assert type(raised).__name__ in str(bp.check("01.6", function))


@pytest.mark.parametrize("id", [None, 1.1, 4, "", "99.1", "04.99", "x"*10**6, "../04", "04/../04.1", "٠٤.١", b"04.1", ["04.1"]])
def test_an_id_that_there_is_not(id):
    for function in (bp.exercise, bp.hint, bp.solution, lambda id: bp.check(id, 1)):
        with pytest.raises(ValueError, match="id: expected|unknown exercise") as raised:
            function(id)
        assert len(str(raised.value)) < 600
