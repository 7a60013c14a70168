"""Each exercise: right answers in two forms, each expected mistake met with its own words, three hints, a place in the book."""
import re
from collections import Counter

import nbformat
import pytest

import backprop_sym as bp
from backprop_sym.describe.digits import short
from backprop_sym.teach import progress as marks
from backprop_sym.teach.kinds import KINDS
from backprop_sym.teach.worth import worth
from notebooks import build
from tests.teach.planted import EXERCISES, NUMBERS, right_answers, same_digits, wrong_answer

CHAPTERS = {path.stem: path for path in build.NOTEBOOKS.glob("[0-9]*.ipynb")}


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


def each(exercises=EXERCISES):
    return pytest.mark.parametrize("e", exercises, ids=lambda e: e.id)


@each()
def test_it_accepts_its_solution_in_two_forms(e):
    for answer in right_answers(e):
        reply = bp.check(e.id, answer)
        assert reply and reply.text == "Right.", (answer, reply)
    assert bp.progress().mark(e.id) == marks.Mark(attempts=2, solved=True)


@each()
def test_it_meets_each_mistake_with_its_own_words(e):
    assert len({m.says for m in e.mistakes}) == len(e.mistakes) >= 2
    for m in e.mistakes:
        reply = bp.check(e.id, wrong_answer(e, m))
        assert not reply and m.says in reply.text and e.place in str(reply), (m, reply)
    assert bp.progress().mark(e.id).solved is False


@each()
def test_it_gives_three_hints_and_never_the_answer(e):
    found = [bp.hint(e.id) for _ in range(4)]
    assert [h.number for h in found] == [1, 2, 3, 0]
    assert len({h.text for h in found}) == 4
    assert "bp.solution" in found[-1].text


@each(NUMBERS)
def test_no_two_of_its_mistakes_share_a_figure(e):
    values = worth(e.example, [e.figure, *(m.instead for m in e.mistakes)])
    for i, value in enumerate(values):
        assert not any(same_digits(e, value, other) for other in values[:i]), e.mistakes[i - 1]


@each(NUMBERS)
def test_a_number_is_not_asked_for_that_the_chapter_prints(e):
    value, = worth(e.example, [e.figure])
    chapter = CHAPTERS.get(e.settled[0])
    if chapter is not None and len(short(value).lstrip("-0.")) > e.digits:         # 0.78 stands in many places
        nb = nbformat.read(chapter, as_version=4)
        own = [c for c in nb.cells if "exercises" not in c.metadata.get("tags", [])]
        printed = re.findall(r"\d+\.\d+", str([c.get("outputs", "") for c in own]) + str([c.source for c in own]))
        assert not any(n.startswith(f"{abs(float(value)):.{e.digits}g}") for n in printed)


@each()
def test_the_place_that_settles_it_is_in_the_book(e):
    chapter, heading = e.settled
    if chapter in CHAPTERS:
        cells = nbformat.read(CHAPTERS[chapter], as_version=4).cells
        headings = re.findall(r"(?m)^#+ (.*)$", "\n".join(c.source for c in cells if c.cell_type == "markdown"))
        assert heading in headings


@each()
def test_it_shows_itself_and_its_solution(e):
    assert f'bp.check("{e.id}"' in repr(e)
    for shown in (repr(e), e._repr_markdown_()):
        assert e.question in shown and e.why not in shown and not any(m.says in shown for m in e.mistakes)
    solution = bp.solution(e.id)
    assert e.why in repr(solution) and e.why in solution._repr_markdown_() and solution.answer in repr(solution)
    if e.kind == "number" and e.figure.quantity.startswith("d("):
        assert solution.derivation


def test_every_chapter_has_its_exercises():
    of_chapter = Counter(e.id[:2] for e in EXERCISES)
    assert sorted(of_chapter) == [f"{k:02}" for k in range(1, 18)]
    assert all(3 <= count <= 7 for count in of_chapter.values()) and len(EXERCISES) >= 72
    assert {e.kind for e in EXERCISES} == set(KINDS) - {"largest"}
    assert all([e.id for e in EXERCISES if e.id[:2] == c] == [f"{c}.{k}" for k in range(1, n + 1)] for c, n in of_chapter.items())
    print(f"\n{'chapter':8}", *(f"{kind:>10}" for kind in KINDS))
    kinds = Counter((e.id[:2], e.kind) for e in EXERCISES)
    for c in sorted(of_chapter):
        print(f"{c:8}", *(f"{kinds[c, kind] or '':>10}" for kind in KINDS))


@pytest.mark.parametrize(("id", "answer", "words"), [
    ("01.1", "0.5", "So far right"), ("01.2", "0.6248065", "Right."), ("01.2", "0.62483", "those after them are not"),
    ("01.2", "0.6247", "last digit"), ("01.1", 0.51, "Right."), ("05.3", 0.68, "Right."), ("03.2", "0.089", "Not right"),
    ("01.4", "0.5", "Not right"), ("04.5", "d(E)/d(h)", "unknown"), ("01.4", "sigmoid(-z)", "unknown"),
    ("08.4", "g = x*w", "Not right"), ("08.4", "q = x*w", "one defines g"), ("01.3", "nope", "expected one of a, b, c, d"),
    ("13.3", 0, "Right."), ("04.1", 5, "Right."), ("04.1", "C", "Right."), ("03.6", 4, "Right."), ("03.6", "2", "Not right"),
    ("01.6", lambda *numbers: 1/0, "ZeroDivisionError"), ("01.6", lambda x1: x1, "TypeError"),
    ("01.6", lambda *numbers: "one", "returned 'one'"), ("01.6", lambda *numbers: float("inf"), "inf"),
    ("01.6", print, "returned None"), ("01.1", None, "expected a number"),
])
def test_what_is_said(id, answer, words):
    reply = bp.check(id, answer)
    assert words in str(reply) and bool(reply) is str(reply).startswith(("Right", "Nearly right")), str(reply)


def test_where_nothing_can_be_named_the_hints_come_in_turn():
    e = EXERCISES[0]
    replies = [bp.check(e.id, answer) for answer in ("77.7", "88.9", "99.1", "66.3")]
    assert tuple(r.hint for r in replies) == (*e.hints, "")
    assert all(not r and r.place == e.place for r in replies)


def test_an_answer_is_true_in_an_assert_only_where_it_is_right():
    assert bp.check("01.1", "0.510")
    with pytest.raises(AssertionError):
        assert bp.check("01.1", "0.511x")


def test_what_is_largest(tmp_path):
    from backprop_sym.teach.files import loaded
    from backprop_sym.teach.judges import right_option
    path = tmp_path / "99.toml"
    path.write_text("""chapter = "04_forks_add"
[[exercise]]
id = "99.1"
kind = "largest"
network = "source"
compared = { w5 = "abs(d(E_total)/d(w5))", w1 = "abs(d(E_total)/d(w1))", b3 = "abs(d(E_total)/d(b3))" }
question = "Which moves most?"
settled = "All six"
hints = ["a", "b", "c"]
why = "It has the largest gradient."
""", encoding="utf-8")
    e = loaded(path)["99.1"]
    assert right_option(e) == "b3" and "w5" in repr(e)


@pytest.mark.parametrize(("old", "new", "words"), [
    ('kind = "number"', 'kind = "numbr"', "unknown kind 'numbr'; did you mean 'number'"),
    ('quantity = "z"', 'quantity = "zz"', "unknown quantity 'zz'"),
    ('network = "unit"', 'network = "unti"', "network: unknown network 'unti'; did you mean 'unit'"),
    ('hints = ["a", "b", "c"]', 'hints = ["a", "a", "c"]', "expected 3 that differ, got 2"),
    ('quantity = "z"\n', "", "needs the key 'quantity'"),
    ('instead = "x*w"', 'instead = "__import__(w)"', "mistakes"),
    ('instead = "x*w", ', "", "what was computed instead"),
    ('why = "w"', 'why = 3', "why: expected a number as text"),
    ('values = { w = "2" }', 'values = { v = "2" }', "values: unknown quantity 'v'"),
])
def test_a_file_that_is_wrong_is_refused_in_words(tmp_path, old, new, words):
    from backprop_sym.teach.files import loaded
    text = """chapter = "01_forward_pass"
[networks.unit]
loss = "z"
forward = { z = "x*w + b" }
parameters = { w = "0.5", b = "0.25" }
samples = [{ x = "3" }]
[[exercise]]
id = "99.1"
kind = "number"
network = "unit"
values = { w = "2" }
quantity = "z"
question = "q"
settled = "One neuron"
hints = ["a", "b", "c"]
why = "w"
mistakes = [{ instead = "x*w", says = "The bias." }]
"""
    path = tmp_path / "99.toml"
    path.write_text(text, encoding="utf-8")
    assert loaded(path)["99.1"].example.parameters["w"] == 2
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        loaded(path)
    assert str(raised.value).startswith("99.toml: ")
