"""The fields of exercises, by hand in JupyterLab: typed, sent by Enter or by the button, and what is said below them."""
import re

import pytest

import backprop_sym as bp
from tests.browser.conftest import SCREENS
from tests.browser.test_jupyterlab import lab  # noqa: F401  (a fixture)
from tests.teach.planted import wrong_answer
from tests.teach.test_field import as_typed, right_answer

CHAPTERS = ["04_forks_add", "08_why_backwards", "14_from_symbols_to_speed"]         # every kind is in one of them
# Makes the cell of an id the active one, and brings it into view: what is far away is not drawn.
SHOW = """(id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const place = notebook.widgets.findIndex((cell) => cell.model.id === id);
    notebook.activeCellIndex = place;
    return notebook.scrollToItem(place, "start");
}"""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_wrong_answer_is_named_and_a_right_one_is_right(browser, lab, run_all, chapter):  # noqa: F811
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    page.goto(f"{lab}/lab/workspaces/field-{chapter}/tree/notebooks/{chapter}.ipynb")
    run_all(page, 180)
    for id in bp.exercises(int(chapter[:2])):
        exercise = bp.exercise(id)
        page.evaluate(SHOW, f"exercise-{id.replace('.', '-')}")
        cell = page.locator(".jp-Cell.jp-mod-active")
        cell.get_by_text(f"Exercise {id}.").wait_for()
        if exercise.kind == "function":
            assert cell.get_by_text("bp.check").count() and not cell.get_by_label("Answer").count()
            continue
        field, reply = cell.get_by_label("Answer"), cell.locator(".widget-htmlmath-content")
        for mistake in exercise.mistakes[:1]:
            field.fill(as_typed(wrong_answer(exercise, mistake)))
            cell.get_by_role("button", name="Check").click()
            reply.get_by_text(re.compile("Not right")).wait_for()
            assert said(mistake.says) <= said(reply.inner_text())
        page.screenshot(path=SCREENS/f"field-{id}.png")
        field.fill(right_answer(exercise))
        if "\n" in right_answer(exercise):
            cell.get_by_role("button", name="Check").click()
        else:
            field.press("Enter")
        reply.get_by_text("Right.", exact=True).wait_for()
    context.close()


def said(text):
    """The words of a text, without its formulas, which are set."""
    return set(re.findall(r"[a-z]{4,}", re.sub(r"\$.*?\$", "", text.lower())))
