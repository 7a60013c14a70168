"""The fields of exercises on pages, which no Python answers: what they say is what `check` says.

Each is mounted on a plain page; then the book's own pages are looked at, where they are made.
"""
import json
import re
import shutil
from decimal import Decimal

import pytest

import backprop_sym as bp
from backprop_sym.describe.digits import decimal
from backprop_sym.teach.explorable import STATIC
from backprop_sym.teach.foreseen import foreseen, hashed, spelled
from backprop_sym.teach.worth import worth
from tests.browser.conftest import SCREENS
from tests.teach.planted import EXERCISES, NUMBERS, wrong_answer

CHOSEN = [e for e in EXERCISES if e.options]
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>field</title><link rel="icon" href="data:,"><div></div>
<script type="module">
import { mount } from "./explore.js";
window.put = (data) => mount(document.querySelector("div"), { name: "exercise", data });
document.body.dataset.ready = "yes";
</script></html>"""
READ = """() => [...document.querySelectorAll('[role=status] p')].map((line) => {
    const copy = line.cloneNode(true);
    for (const formula of copy.querySelectorAll('.explore-formula')) formula.replaceWith('$');
    return copy.textContent;
})"""


@pytest.fixture(scope="module")
def put(browser, serve, tmp_path_factory):
    """A function that puts the field of an exercise on a page, which it returns."""
    folder = tmp_path_factory.mktemp("fields")
    shutil.copy(STATIC/"explore.js", folder)
    (folder/"index.html").write_text(PAGE, encoding="utf-8")
    context = browser.new_context(viewport={"width": 400, "height": 700})
    page = context.new_page()
    page.goto(f"{serve(folder)}/index.html")
    page.wait_for_selector("body[data-ready]", state="attached")

    def place(exercise):
        page.evaluate("(data) => window.put(data)", json.loads(json.dumps(foreseen(exercise))))
        return page
    yield place
    context.close()


def plain(text):
    """What is said without its marks; a formula is a $."""
    return re.sub(r"[`*]", "", re.sub(r"\$[^$]+\$", "$", text))


def answer(page, text):
    """What is said to a number that is typed."""
    page.get_by_label("Answer").fill(text)
    page.get_by_label("Answer").press("Enter")
    return page.evaluate(READ)


@pytest.mark.parametrize("exercise", NUMBERS, ids=lambda e: e.id)
def test_numbers(put, exercise):
    page = put(exercise)
    value, = worth(exercise.example, [exercise.figure])
    right = decimal(value, exercise.digits)
    forms = {right, decimal(value, exercise.digits + 3), right.replace(".", ","), right.replace("-", "\N{MINUS SIGN}"),
             f"{Decimal(right):e}", f" {right} ", f"({right})*3/3", f"{Decimal(right):,f}"}
    for form in sorted(forms):
        assert answer(page, form)[0].startswith("Right"), form
    for mistake in exercise.mistakes:
        typed = wrong_answer(exercise, mistake)
        for text in (typed, str(Decimal(typed).normalize())):                    # and without zeros at its end
            assert answer(page, text)[0] == plain(bp.check(exercise.id, text).text), text
    assert [line for line in answer(page, "0.98765432") if line.startswith("Hint 1 of 3")]
    assert answer(page, "one")[0].startswith("That is no decimal number")
    for number in (2, 3):
        page.get_by_role("button", name="Hint").click()
        assert page.evaluate(READ) == [f"Hint {number} of 3: {plain(exercise.hints[number - 1])}"]


@pytest.mark.parametrize("exercise", CHOSEN, ids=lambda e: e.id)
def test_choices(put, exercise):
    page = put(exercise)
    for key in exercise.options:
        page.get_by_role("button", name=key, exact=True).click()
        said, reply = page.evaluate(READ), bp.check(exercise.id, key)
        assert said[0] == plain(reply.text) and (len(said) > 1) == (not reply.right)
        assert page.locator(".explore-live").get_attribute("data-verdict") == ("right" if reply.right else "wrong")


SPELLINGS = ["0.0510", "-12.345", "12.355e1", "1200", "0.00", ".5", "5.", "999.96", "-0.99995", "1e5", "0.000123456789",
             "2.50001", "1.00050", "1.00150"]


@pytest.mark.parametrize("text", SPELLINGS)
def test_the_page_spells_and_hashes_as_python_does(put, text):
    """Each text is right where it is the only one in the table."""
    for digits in (1, 2, 4):
        page = put(NUMBERS[0])
        data = {**foreseen(NUMBERS[0]), "digits": digits, "texts": ["Right."],
                "table": {hashed(NUMBERS[0].id, spelled(text, digits)): 0}}
        page.evaluate("(data) => window.put(data)", data)
        assert answer(page, text) == ["Right."], (digits, spelled(text, digits))


@pytest.mark.parametrize("width", [1300, 400])
def test_in_the_book(visit, site, measure, width):
    page = visit(f"{site}/notebooks/04_forks_add.html", width=width)
    figures = page.locator("figure.explore[data-explore=exercise]")
    assert figures.count() == sum(foreseen(bp.exercise(id)) is not None for id in bp.exercises(4))
    figure = figures.nth(1)
    figure.scroll_into_view_if_needed()
    figure.get_by_label("Answer").fill("1,252")
    figure.get_by_role("button", name="Check").click()
    assert "path through" in figure.locator("[role=status]").inner_text() and not figure.get_by_text("bp.check").is_visible()
    assert "$" not in page.locator("article").inner_text()          # a formula that is not set
    assert measure(page) == {"wide": 0, "cut": [], "wrong": []}
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS/f"exercise-{width}.png")


def test_without_script_a_sentence_says_how(visit, site):
    page = visit(f"{site}/notebooks/04_forks_add.html", script=False)
    assert page.get_by_text('bp.check("04.2", answer)').is_visible()
