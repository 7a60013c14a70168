"""The question in a notebook: kept as text, with a field below it where there are widgets and a kernel that answers."""
import builtins

import pytest

import backprop_sym as bp
from backprop_sym.teach import field
from backprop_sym.teach import progress as marks


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
    assert "&lt;script&gt;" in reply.value
