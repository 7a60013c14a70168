"""A cell of a page is run where it stands, by the Python of the site's JupyterLite, which is not loaded before a reader asks.

NumPy and matplotlib come from the folder that tests/browser/pyodide.py makes, as in test_jupyterlite.py; without one only what
needs no Python is tested.
"""
import pytest

from tests.browser.conftest import SCREENS, SITE
from tests.browser.test_jupyterlite import CDN, PYODIDE, from_folder

SECONDS = 180_000
CHAPTER = "notebooks/01_forward_pass.html"
LITE = PYODIDE/"site"/"lite"
needs_python = pytest.mark.skipif(not LITE.is_dir(), reason="no Pyodide with NumPy: tests/browser/pyodide.py makes one")


@pytest.fixture(scope="module")
def opened(browser, serve, site, tmp_path_factory):
    """A function that opens the chapter's page; its JupyterLite and Pyodide are those of the folder, where there is one."""
    folder = tmp_path_factory.mktemp("site")
    for path in SITE.iterdir():
        (folder/path.name).symlink_to(LITE if path.name == "lite" and LITE.is_dir() else path)
    address, contexts = serve(folder), []

    def open_page(width=1400, pyodide=from_folder):
        # What a worker of the service kind asks for cannot be answered from the folder.
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, service_workers="block"))
        contexts[-1].route(CDN + "**", pyodide)
        page = contexts[-1].new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{address}/{CHAPTER}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def page(opened):
    """The page of a reader who runs one cell after the other: Python starts once."""
    return opened()


def cell(page, name):
    """The cell with this id."""
    return page.locator(f"[id='{name}'] + .cell")


def run(page, name):
    """Run a cell, wait until it has run, and return what it says."""
    cell(page, name).locator(".run-cell button").click()
    cell(page, name).locator(".run-cell [role=status]", has_text="Done.").wait_for(timeout=SECONDS)
    return said(page, name)


# The text of an output, without what a live figure or the field of an exercise is made from.
TEXT = """(output) => {
    const text = output.cloneNode(true);
    text.querySelectorAll("script, .explore-live").forEach((one) => one.remove());
    return text.textContent;
}"""


def said(page, name):
    """What a cell says, letter by letter."""
    page.evaluate("window.MathJax.startup.promise.then(() => null)")
    return "".join(cell(page, name).locator(".cell_output").evaluate(TEXT).split())


def test_nothing_is_loaded_before_a_reader_asks(opened):
    page = opened()
    page.wait_for_load_state("networkidle")
    assert page.locator(".run-cell button").count() > 10
    assert [url for url in page.asked if "/lite/" in url or "python.js" in url or url.startswith(CDN)] == []


def test_every_cell_can_be_run_where_it_stands_folded_or_not(visit, site, path):
    """A cell that was passed over would be missed by all that come after it."""
    page = visit(f"{site}/{path}")
    cells = page.locator("article .cell:has(.cell_input)")
    assert cells.count() == page.locator("article .run-cell button").count()


def test_a_reader_without_network_is_told(opened):
    page = opened(pyodide=lambda route: route.abort())
    before = said(page, "01_forward_pass-12")
    page.clock.install()
    cell(page, "01_forward_pass-12").get_by_role("button").click()
    status = cell(page, "01_forward_pass-12").get_by_role("status")
    status.filter(has_text="Python is starting").wait_for()
    page.clock.fast_forward(61_000)
    status.filter(has_text="has not come").wait_for()
    assert before and said(page, "01_forward_pass-12") == before


@needs_python
@pytest.mark.parametrize("kind, name", [
    ("text_latex", "01_forward_pass-8"), ("text_html", "01_forward_pass-20"), ("stream", "01_forward_pass-18"),
    ("text_plain", "01_forward_pass-2"), ("text_markdown", "exercise-01-1")])
def test_a_cell_says_in_the_page_what_it_said_in_the_book(page, kind, name):
    before = said(page, name)
    assert before and run(page, name) == before
    assert cell(page, name).locator(f".output.{kind}").count() >= 1


@needs_python
def test_a_cell_is_changed_and_run_again(page):
    page.set_viewport_size({"width": 360, "height": 800})
    run(page, "01_forward_pass-2")
    code = cell(page, "01_forward_pass-2").get_by_role("textbox")
    code.fill("1/0")
    code.press("Shift+Enter")
    cell(page, "01_forward_pass-2").locator(".output.traceback", has_text="division by zero").wait_for(timeout=SECONDS)
    code.fill("print(6*7)\nfloat(net.upto('z1').evaluate(values)['z1'])")
    run(page, "01_forward_pass-2")
    stream, result = cell(page, "01_forward_pass-2").locator(".output").all()
    assert stream.inner_text().strip() == "42" and "0.4325" in result.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@needs_python
def test_a_network_too_large_for_a_figure_is_refused_with_what_to_use(page):
    cell(page, "slide").locator(".run-cell button").click()
    code = cell(page, "slide").get_by_role("textbox")
    code.fill("large = bp.dense([9, 9, 9])\nbp.explore.paths(large, bp.start(large))")
    run(page, "slide")
    said = cell(page, "slide").locator(".output.traceback").inner_text()
    assert "of a figure: expected at most" in said and "use chain" in said
    code.fill('bp.explore.weight(net, values, "w1")')
    run(page, "slide")


@needs_python
def test_a_figure_answers_in_a_cell_that_was_run(page):
    page.set_viewport_size({"width": 1400, "height": 900})
    run(page, "slide")
    live = cell(page, "slide").locator(".explore-live")
    live.wait_for()
    live.locator("input[data-input=w1]").evaluate("(input) => { input.value = '2'; input.dispatchEvent(new Event('input')); }")
    assert live.locator("[role=status]").text_content().startswith("At w1 = 2")
    picture = run(page, "01_forward_pass-10")
    image = cell(page, "01_forward_pass-10").locator(".output img")
    assert picture == "" and len(image.get_attribute("alt")) > 20 and image.evaluate("(one) => one.naturalWidth") > 300
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS/"run-cells.png")
