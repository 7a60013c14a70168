"""A figure that answers, on a page: made from an output of a chapter, drawn by a module, and a picture without it.

And the book in one file, where no script runs: there it is a picture, and a formula is MathML.
"""
import re
import runpy
import subprocess
import sys
import zipfile
from base64 import b64encode
from io import BytesIO
from xml.etree import ElementTree

import pytest

from tests.browser.conftest import ROOT

# Stands in for the package's module: shows what it is given, and draws nothing.
MODULE = """export async function mount(element, {name, data}) {
    if (data.fails) throw new Error("nothing to draw");
    const field = document.createElement("input");
    Object.assign(field, {type: "number", inputMode: "decimal", value: data.value});
    field.setAttribute("aria-label", name);
    element.append(field);
}"""
TEXT = "A parabola </script> & its tangent"


def chapter(nbformat, *values):
    """A chapter with a figure that answers for each value, as far apart as chapters are long."""
    from PIL import Image
    file = BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG")
    png = b64encode(file.getvalue()).decode()
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("# 1. A page\n\nA formula, $w_1^2$, and a line of it:\n\n$$\\frac{1}{2}$$", id="top")]
    for number, value in enumerate(values):
        live = {"name": "weight", "data": {"value": value, "fails": value is None, "title": "</script>"}}
        data = {"image/png": png, "text/html": "<img>", "text/plain": TEXT, "application/vnd.backprop-sym.explore+json": live}
        output = v4.new_output("execute_result", data, execution_count=1, metadata={"image/png": {"alt": TEXT, "width": 40}})
        cells += [v4.new_code_cell("bp.explore.weight()", id=f"figure-{number}", execution_count=1, outputs=[output]),
                  v4.new_markdown_cell("\n\n".join(["A line."]*60), id=f"text-{number}")]
    python = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    return v4.new_notebook(cells=cells, metadata=python)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A function that makes two pages, one of which has figures that answer: the folder of what Sphinx's builder makes."""
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("myst_nb", reason="what makes the pages is not installed: make browser-test")
    page = runpy.run_path(str(ROOT/"book"/"page.py"))["page"]
    options = runpy.run_path(str(ROOT/"book"/"build.py"))["OPTIONS"]
    source, modules = (tmp_path_factory.mktemp(name) for name in ("source", "modules"))
    (modules/"explore.js").write_text(MODULE, encoding="utf-8")
    (source/"notebooks").mkdir()
    nbformat.write(page(chapter(nbformat, 0.5, 2.5, None)), source/"notebooks"/"01_a.ipynb")
    (source/"index.md").write_text("# Book\n\n```{toctree}\nnotebooks/01_a\n```\n", encoding="utf-8")

    def make(builder):
        folder = tmp_path_factory.mktemp(builder)
        subprocess.run([sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-b", builder, "-c", ROOT/"book", "-D",
                        f"explore_modules={modules}", *options.get(builder, ()), "-d", tmp_path_factory.mktemp("doctrees"),
                        source, folder], check=True)
        return folder
    return make


@pytest.fixture(scope="module")
def example(made, serve):
    """The address of the two pages."""
    return serve(made("html"))


def test_it_is_drawn_when_it_comes_near_and_stands_for_its_picture(visit, example):
    page = visit(f"{example}/notebooks/01_a.html")
    page.wait_for_selector("figure.explore[data-explore=weight] input")
    figures = page.locator("figure.explore")
    assert figures.count() == 3 and page.locator("figure.explore input").count() == 1
    assert page.locator("figure.explore input").first.input_value() == "0.5"
    assert figures.nth(0).locator("img").is_hidden() and figures.nth(1).locator("img").is_visible()
    figures.nth(1).scroll_into_view_if_needed()
    page.wait_for_function("document.querySelectorAll('figure.explore input').length == 2")


def test_a_picture_stays_where_nothing_can_be_drawn(visit, example, browser):
    page = visit(f"{example}/notebooks/01_a.html", script=False)
    assert page.locator("figure.explore img").first.is_visible()
    assert page.locator("figure.explore img").first.get_attribute("alt") == TEXT
    context = browser.new_context()
    page = context.new_page()
    told = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(f"{example}/notebooks/01_a.html")
    page.locator("figure.explore").nth(2).scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert page.locator("figure.explore img").nth(2).is_visible() and "nothing to draw" in str(told)
    context.close()


def test_a_picture_stays_in_a_browser_without_modules(browser, example):
    """Which passes over a script of a type that it does not know."""
    context = browser.new_context()

    def without_modules(route):
        route.fulfill(body=route.fetch().text().replace('type="module"', 'type="unknown"'), content_type="text/html")

    context.route("**/*.html", without_modules)
    page = context.new_page()
    page.goto(f"{example}/notebooks/01_a.html")
    page.wait_for_load_state("networkidle")
    assert page.locator("figure.explore img").first.is_visible() and page.locator("figure.explore input").count() == 0
    assert page.locator(".cell_input pre").first.is_visible() and page.locator("article button").count() == 0
    context.close()


def test_a_page_without_such_figures_loads_no_module(visit, example):
    page = visit(f"{example}/index.html")
    assert page.locator("script[src*='explore-figures']").count() == 0


def test_a_book_in_one_file_has_formulas_and_pictures_and_no_script(made):
    with zipfile.ZipFile(next(made("epub").glob("*.epub"))) as book:
        listing = book.read("content.opf").decode("utf-8")
        styles = [name for name in book.namelist() if name.endswith((".css", ".js"))]
        texts = {name: book.read(name).decode("utf-8") for name in book.namelist() if name.endswith(".xhtml")}
    for text in texts.values():
        ElementTree.fromstring(text.replace("&nbsp;", " "))          # raises where the text is not XML
        assert "<script" not in text
    assert re.findall(r'href="([^"]*)" properties="mathml"', listing) == ["notebooks/01_a.xhtml"]
    assert sorted(styles) == ["_static/epub.css", "_static/pygments.css"]
    page = texts["notebooks/01_a.xhtml"]
    assert page.count("<math") == 2 and "<mfrac>" in page and "<msubsup>" in page
    assert page.count("alt=\"A parabola &lt;/script&gt; &amp; its tangent\"") == 3 and "data-explore" not in page
