"""The chapters in the JupyterLite of the site: opened from the files of the site alone, and run in the browser.

NumPy and matplotlib for the browser's Python come from the CDN of Pyodide where a reader has a network. Here a folder stands in
for it, which tests/browser/pyodide.py makes; without one nothing is run.
"""
import json
import mimetypes

import pytest

from tests.browser.conftest import ROOT, SCREENS

PYODIDE = ROOT/"build"/"pyodide"
CDN = "https://cdn.jsdelivr.net/pyodide/"
SECONDS = 180


def from_folder(route):
    """A file of the folder, as the CDN would send it."""
    path = PYODIDE/"full"/route.request.url.rpartition("/")[2]
    if path.is_file():
        kind = {".mjs": "text/javascript", ".wasm": "application/wasm"}.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        route.fulfill(path=path, content_type=kind or "application/octet-stream", headers={"access-control-allow-origin": "*"})
    else:
        route.abort()


@pytest.fixture
def opened(browser):
    """A function that opens a chapter in a site's JupyterLab: the page, and what is asked of places that are not the site's."""
    contexts = []

    def open_chapter(site, name):
        context = browser.new_context(viewport={"width": 1400, "height": 900}, service_workers="block")
        contexts.append(context)
        elsewhere = []

        def refuse(route):
            elsewhere.append(route.request.url)
            route.abort()

        context.route(lambda url: not url.startswith((site, CDN, "data:", "blob:")), refuse)
        context.route(CDN + "**", from_folder)
        page = context.new_page()
        page.goto(f"{site}/lite/lab/index.html?path={name}.ipynb")
        return page, elsewhere

    yield open_chapter
    for context in contexts:
        context.close()


def test_a_chapter_opens_from_the_files_of_the_site(opened, site):
    page, elsewhere = opened(site, "04_forks_add")
    page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.content?.model?.cells?.length > 10", timeout=60_000)
    page.wait_for_selector(".jp-RenderedMarkdown h1:has-text('Forks add')", timeout=60_000)
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS/"jupyterlite.png")
    assert elsewhere == []


@pytest.mark.skipif(not (PYODIDE/"site"/"lite").is_dir(), reason="no Pyodide with NumPy: tests/browser/pyodide.py makes one")
@pytest.mark.parametrize("name", ["00_start_here", "04_forks_add"])
def test_a_chapter_runs_where_nothing_is_installed(opened, serve, run_all, name):
    page, elsewhere = opened(serve(PYODIDE/"site"), name)
    cells = run_all(page, SECONDS)
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS/f"jupyterlite-{name}.png")
    outputs = [(cell["source"][:200], out) for cell in cells for out in cell["outputs"]]
    assert [(source, out["ename"], out["evalue"]) for source, out in outputs if out["output_type"] == "error"] == []
    assert elsewhere == []
    data = [out["data"] for _, out in outputs if "data" in out]
    pictures = [made["image/png"] for made in data if "image/png" in made]
    assert pictures and all(isinstance(png, str) and png.startswith("iVBOR") for png in pictures)
    assert any("text/latex" in made for made in data) and json.dumps(data).count("[object Object]") == 0


# Goes to the cell that makes a figure that answers: what is out of sight is not drawn.
TO_FIGURE = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const place = notebook.widgets.findIndex((cell) => cell.model.sharedModel.source.startsWith("bp.explore."));
    notebook.activeCellIndex = place;
    notebook.scrollToItem(place, "start");
}"""


@pytest.mark.skipif(not (PYODIDE/"site"/"lite").is_dir(), reason="no Pyodide with NumPy: tests/browser/pyodide.py makes one")
def test_a_figure_answers_where_nothing_is_installed(opened, serve, run_all):
    page, elsewhere = opened(serve(PYODIDE/"site"), "01_forward_pass")
    run_all(page, SECONDS)
    page.evaluate(TO_FIGURE)
    live = page.locator(".explore-live").first
    live.wait_for(timeout=30_000)
    live.locator("input[data-input=w1]").evaluate("(input) => { input.value = '2'; input.dispatchEvent(new Event('input')); }")
    assert live.locator("[role=status]").text_content().startswith("At w1 = 2")
    live.scroll_into_view_if_needed()
    page.screenshot(path=SCREENS/"jupyterlite-figure.png")
    assert elsewhere == []
