"""A real browser, and the book's pages as a reader's browser gets them: `make browser-test` makes both ready.

Skipped where Playwright, Chromium or the pages are missing; the reason says which.
"""
import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = ROOT/"build"/"book"/"html"
SCREENS = ROOT/"build"/"book"/"screens"
AXE = ROOT/"book"/"node_modules"/"axe-core"/"axe.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# Looked at by every page that is opened: what is wider than the window, formulas of which a part cannot be seen, and formulas
# that are none: that MathJax refuses, or that were taken for words.
MEASURE = """() => {
    const room = document.documentElement;
    const scrolls = (box) => ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
    const cut = [];
    for (const formula of document.querySelectorAll("article mjx-container")) {
        const {left, right, top, bottom} = formula.querySelector("mjx-math").getBoundingClientRect();
        let box = formula;
        while (box && !scrolls(box)) box = box.parentElement;
        const edge = (box ?? room).getBoundingClientRect();
        const start = edge.left + ((box ?? room).clientLeft ?? 0);
        const reach = start + (box ?? room).scrollWidth;
        const high = box && box.matches("mjx-container, .math, .output") && (top < edge.top - 1 || bottom > edge.bottom + 1);
        if (left < start - 1 || right > reach + 1 || high) cut.push(formula.textContent.slice(0, 60));
    }
    const wrong = [...document.querySelectorAll("mjx-merror")].map((node) => node.textContent);
    const words = document.createTreeWalker(document.querySelector("article") ?? document.body, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const {data, parentElement} = words.currentNode;
        const typed = /\\$[^$]+\\$|\\\\begin/.test(data);
        if (typed && !parentElement.closest("pre, code, script, mjx-container")) wrong.push(data.slice(0, 60));
    }
    return {wide: room.scrollWidth - room.clientWidth, cut, wrong};
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *arguments):
        pass


def pages():
    """Every page of the site by its address below the site's own, without JupyterLite."""
    found = (path.relative_to(SITE).as_posix() for path in sorted(SITE.rglob("*.html")))
    return [name for name in found if not name.startswith(("lite/", "_"))]


def pytest_generate_tests(metafunc):
    """`path` is every page; where there is none yet, one test is skipped and says why."""
    if "path" in metafunc.fixturenames:
        none = pytest.param("", marks=pytest.mark.skip(reason="there are no pages: `make book` makes them"))
        metafunc.parametrize("path", pages() or [none])


@pytest.fixture(scope="session")
def browser():
    """Chromium: the system's, or the one that `playwright install chromium` has fetched."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: make browser-test")
    with sync_api.sync_playwright() as started:
        if not Path(CHROMIUM or started.chromium.executable_path).exists():
            pytest.skip("Chromium is not installed")
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="session")
def serve():
    """A function that serves a folder and returns its address."""
    running = []

    def start(folder):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def site(serve):
    """The address of the book's pages."""
    if not pages():
        pytest.skip("there are no pages: `make book` makes them")
    return serve(SITE)


@pytest.fixture
def visit(browser):
    """A function that opens an address; errors on the page, requests that fail or go elsewhere fail the test."""
    contexts, errors = [], []

    def open_page(address, width=1400, theme="light", script=True):
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script,
                                      color_scheme=theme, has_touch=width < 800)
        contexts.append(context)
        page = context.new_page()
        home = "/".join(address.split("/")[:3]) + "/"
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
        page.on("response", lambda r: errors.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("request", lambda r: None if r.url.startswith((home, "data:", "blob:")) else errors.append(r.url))
        page.goto(address)
        if script:
            page.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def measure():
    """A function of a page: what is wider than the window, cut off, or no formula."""
    return lambda page: page.evaluate(MEASURE)


@pytest.fixture
def violations():
    """A function of a page and what is looked at there: what axe-core finds against it."""
    if not AXE.is_file():
        pytest.skip("axe-core is not there: npm ci --prefix book")

    def find(page, where):
        page.add_script_tag(path=AXE)
        found = page.evaluate("(where) => axe.run(document.querySelector(where)).then((result) => result.violations)", where)
        return [(v["id"], v["help"], node["html"][:200], node["failureSummary"][:300]) for v in found for node in v["nodes"]]
    return find


@pytest.fixture
def draw_figures():
    """A function that goes to every figure of a page that answers, as they are drawn when they are near, and back."""
    def draw(page):
        figures = page.locator("figure.explore")
        for figure in figures.all():
            figure.scroll_into_view_if_needed()
            figure.locator(".explore-live").wait_for(timeout=20_000)
        page.evaluate("scrollTo(0, 0)")
        return figures.count()
    return draw


# Starts running the notebook that is open, from a clean one; what it says is kept where it can be asked for.
START = """async () => {
    const { shell, commands } = window.jupyterapp;
    await shell.currentWidget.context.ready;
    await shell.currentWidget.sessionContext.ready;
    await commands.execute("notebook:clear-all-cell-outputs");
    commands.execute("notebook:run-all-cells").then(() => { window.ran = true; }, (error) => { window.ran = String(error); });
}"""
CELLS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells
    .filter((cell) => cell.cell_type === "code")"""


@pytest.fixture
def run_all():
    """A function that runs all cells of the notebook which a page has open; returns the code cells with their outputs."""
    def run(page, seconds):
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.content?.model", timeout=60_000)
        page.evaluate(f"() => {{ ({START})(); }}")          # not awaited: what hangs must not hang the test
        page.wait_for_function("window.ran", timeout=1000*seconds)
        return page.evaluate(CELLS)
    return run
