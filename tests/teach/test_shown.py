"""An exercise can be answered from what it shows, and shows no answer; its solution ends at the answer."""
import re

import pytest
import sympy as sp

import backprop_sym as bp
from backprop_sym.describe.names import Partial
from backprop_sym.describe.parser import parse
from backprop_sym.teach import progress as marks
from backprop_sym.teach.worth import worth
from tests.teach.planted import EXERCISES, NUMBERS

ASKED = [e for e in EXERCISES if e.figure is not None]


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


def each(exercises):
    return pytest.mark.parametrize("e", exercises, ids=lambda e: e.id)


def quantities(s):
    """E and w of d(E)/d(w)."""
    return quantities(s.of) | quantities(s.wrt) if isinstance(s, Partial) else {s}


def needed(e):
    """What is asked for, and all that it is computed from; after an update the loss as well."""
    forward = e.example.forward
    found = {part for s in e.figure.expression.free_symbols for part in quantities(s)}
    found |= {forward.loss} if e.figure.after else set()
    for equation in reversed(forward.equations):
        found |= equation.uses if equation.lhs in found else set()
    return found


@each(ASKED)
def test_all_that_is_asked_about_is_shown(e):
    """In the equations, or beside the numbers, or in the words of the question."""
    text, spelled = repr(e), e.example.forward.spelled
    names = {spelled[s] for s in needed(e)}
    if "equations" in e.shows:
        assert names <= set(re.findall(r"\w+", text.replace(e.question, "").replace(e.how, ""))), names
    if "values" in e.shows:
        given = {spelled[s] for s in needed(e) if s not in e.example.forward.defined}
        assert all(re.search(rf"(?<!\w){name} = -?[\d.]", text) for name in given), given


@each(ASKED)
def test_no_line_that_is_shown_is_the_answer(e):
    if "equations" not in e.shows or e.kind not in ("expression", "program"):
        return
    for line in e.network.equations:
        text = e.example.forward.text(line.rhs)
        answer = text if e.kind == "expression" else [f"{e.figure.quantity} = {text}"]
        assert not bp.check(e.id, answer), text


@each([e for e in NUMBERS if e.figure.symbol is None])
def test_what_is_made_of_several_quantities_is_no_line_of_the_network(e):
    assert e.figure.expression not in [line.rhs for line in e.example.forward.equations]


def last_number(text):
    found = re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+| \\times 10\^\{-?\d+\})?", text)[-1]
    return float(re.sub(r" \\times 10\^\{(-?\d+)\}", r"e\1", found))


@each(NUMBERS)
def test_a_solution_ends_at_the_answer(e):
    value = float(worth(e.example, [e.figure])[0])
    last = bp.solution(e.id).derivation[-1]
    for text in (repr(last), last._repr_latex_().replace("\\end{aligned}$$", "")):
        assert last_number(text) == pytest.approx(value, rel=1e-4), text


@each(ASKED)
def test_no_line_of_a_solution_equals_itself(e):
    for derivation in bp.solution(e.id).derivation:
        for equation in repr(derivation).replace("\n    =", " =").splitlines():
            sides = equation.split(" = ")
            assert all(a != b for a, b in zip(sides, sides[1:], strict=False)), equation


@each([e for e in NUMBERS if "equations" not in e.shows])
def test_the_letters_of_a_solution_are_explained(e):
    """Those that are given stand in a formula of the question, or of the words below the derivation, or beside the numbers."""
    formulas = " ".join(re.findall(r"\$[^$]*\$", e.question + e.why)) + repr(e).replace(e.question, "")
    given = [s for s in needed(e) if s not in e.example.forward.defined]
    for s in given:
        letter = sp.latex(s) if s.name != "mu" else "\\mu"
        assert letter in formulas or e.example.forward.spelled[s] in formulas, s


def test_the_cubes_of_chapter_10_are_multiplied_out_right():
    """What stands in words there, held against SymPy."""
    w, h = sp.symbols("w h", real=True)
    why = bp.exercise("10.2").why + bp.exercise("10.4").why
    for text, expression in {"6w^2h + 2h^3": (w + h)**3 - (w - h)**3, "3w^2 + h^2": ((w + h)**3 - (w - h)**3)/(2*h),
                             "3w^2h - h^3": sp.im(sp.expand((w + sp.I*h)**3))}.items():
        assert f"${text}$" in why
        read = parse(re.sub(r"(?<=[\dw])(?=[a-z])", "*", text.replace("^", "**")))
        assert sp.expand(expression - read.subs({s: {"w": w, "h": h}[s.name] for s in read.free_symbols})) == 0
