"""The question in a notebook: kept as text, with a field below it where there are widgets and a kernel that answers."""
import builtins
from ast import literal_eval

import pytest

import backprop_sym as bp
from backprop_sym.teach import field
from backprop_sym.teach import progress as marks
from backprop_sym.teach.kinds import KINDS


@pytest.fixture
def displayed(monkeypatch):
    """What is displayed, one bundle after the other."""
    found = []
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: found.append(bundle))
    return found


def test_the_field_is_a_view_beside_the_text(displayed):
    pytest.importorskip("ipywidgets", reason="without widgets there is no field")
    bp.exercise("01.1")._ipython_display_()
    question, below = displayed
    assert question == {"text/markdown": bp.exercise("01.1")._repr_markdown_(), "text/plain": repr(bp.exercise("01.1"))}
    assert set(below) == {"text/markdown", "text/plain", field.VIEW}
    assert below["text/plain"] == 'Answer with bp.check("01.1", answer): a number, to 3 significant digits.'


def test_without_widgets_the_text_stands_alone(displayed, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **keywords):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *arguments, **keywords)
    monkeypatch.setattr(builtins, "__import__", without)
    bp.exercise("01.1")._ipython_display_()
    assert set(displayed[1]) == {"text/markdown", "text/plain"}


def test_what_is_written_in_the_field_is_checked(displayed):
    pytest.importorskip("ipywidgets", reason="without widgets there is no field")
    box = field._field(bp.exercise("03.3"))
    (line, button), reply = box.children[0].children, box.children[1]
    line.value = "0.02147"
    assert "Not right" in reply.value and "<script>" not in reply.value
    line.value = "-0.02683"
    button.click()
    assert "Right." in reply.value
    line.value = "<script>"
    assert "&lt;script&gt;" in reply.value
    line.value = "  "
    assert reply.value == ""


def test_one_answer_is_judged_once(displayed):
    """Whoever types and presses the button leaves the line as well: two events, one attempt, one hint."""
    pytest.importorskip("ipywidgets", reason="without widgets there is no field")
    box = field._field(bp.exercise("04.2"))
    line, button = box.children[0].children
    for number, answer in enumerate(("0.8", "0.81", " 0.81 "), 1):
        line.value = answer
        button.click()
        assert bp.progress().mark("04.2") == marks.Mark(attempts=min(number, 2), hints=min(number, 2))


@pytest.mark.parametrize("id", [bp.exercises(k)[i] for k in range(1, 18) for i in range(len(bp.exercises(k)))])
def test_every_right_answer_that_can_be_typed_is_right(displayed, id):
    """A function is no text: its exercise has no field, and the sentence says what to call."""
    pytest.importorskip("ipywidgets", reason="without widgets there is no field")
    e = bp.exercise(id)
    box = field._field(e)
    assert (box is None) == (e.kind == "function")
    if box is not None:
        box.children[0].children[0].value = right_answer(e)
        assert box.children[1].value == "<p>Right.</p>"


def as_typed(answer):
    """An answer as it is typed: a list is lines."""
    return "\n".join(answer) if isinstance(answer, list) else str(answer)


def right_answer(exercise):
    """The right answer as it is typed."""
    return as_typed(literal_eval(KINDS[exercise.kind].forms(exercise)[0]))
