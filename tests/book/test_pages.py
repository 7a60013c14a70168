"""A page is made from its chapter, which stays as it is: no more than is read, and nothing lost of that."""
import runpy
from base64 import b64encode

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from notebooks import build

page = runpy.run_path(str(build.ROOT/"book"/"page.py"))
EXPLORE = page["MIME"]
PNG = b64encode(b"picture").decode()


def output(data, **metadata):
    return new_output("execute_result", data, execution_count=1, metadata=metadata)


def shown(*outputs):
    """The outputs of a cell on its page."""
    nb = page["page"](new_notebook(cells=[new_code_cell("1", id="one", outputs=[*outputs])]))
    return nb.cells[-1].outputs


@pytest.mark.parametrize("path", sorted(build.NOTEBOOKS.rglob("*.ipynb")), ids=lambda path: path.stem)
def test_a_chapter_is_read_whole_and_left_alone(path):
    nb = build.read(path)
    before = build.dumps(nb)
    read, run = page["page"](nb), page["runnable"](nb)
    assert build.dumps(nb) == before
    setup = [cell for cell in nb.cells if "setup" in cell.metadata.get("tags", [])]
    sources = [cell.source for cell in read.cells if not cell.source.startswith('<div class="anchor"')]
    asides = {cell.source: f"```{{margin}}\n{cell.source.removeprefix('> ')}\n```" for cell in nb.cells if page["is_aside"](cell)}
    assert sources == [asides.get(cell.source, page["LINKS"].sub("", cell.source).rstrip()) for cell in nb.cells
                       if cell not in setup]
    assert [cell.id for cell in run.cells] == [cell.id for cell in nb.cells]
    assert all("%pip install" in cell.source for cell in run.cells if "setup" in cell.metadata.get("tags", []))


def test_links_to_places_that_run_a_chapter_are_left_to_those_places():
    nb = new_notebook(cells=[new_markdown_cell(f"# 1. One\n\n{build.links('https://github.com/ada/book', '01_a.ipynb')}\n")])
    assert [cell.source for make in ("page", "runnable") for cell in page[make](nb).cells] == ["# 1. One"]*2


def test_an_aside_is_a_quotation_in_its_chapter_and_stands_in_the_margin_of_its_page():
    aside = new_markdown_cell("> **Elsewhere** it is $y$.\n>\n> See [there](01_a.ipynb#sum).", metadata={"tags": ["margin"]})
    nb = new_notebook(cells=[new_markdown_cell("> No aside."), aside])
    assert [cell.source for cell in page["page"](nb, {"sum"}).cells] == [
        "> No aside.", "```{margin}\n**Elsewhere** it is $y$.\n\nSee there, {eq}`sum`.\n```"]
    assert page["runnable"](nb).cells[1].source == aside.source


@pytest.mark.parametrize("path", sorted(build.NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_chapter_has_few_asides_and_each_is_short(path):
    nb = build.read(path)
    asides = [k for k, cell in enumerate(nb.cells) if page["is_aside"](cell)]
    assert len(asides) <= 3
    for k in asides:
        text = nb.cells[k].source
        assert all(line.startswith(">") for line in text.splitlines()) and "**" in text and len(text.split()) < 60, text
        assert 0 < k < len(nb.cells) - 1 and not page["is_aside"](nb.cells[k + 1])


def test_a_picture_keeps_its_words_and_what_it_is_drawn_from():
    live = {"name": "weight", "data": {"a": 1}}
    made = {"image/png": PNG, "text/plain": "words", "text/html": "<img>", EXPLORE: live}
    kept, = shown(output(made, **{"image/png": {"alt": "words"}}))
    assert kept.data == {"image/png": PNG, "text/plain": "words"}
    assert kept.metadata == {"image/png": {"alt": "words", "explore": live}}


def test_a_picture_that_does_not_answer_is_a_picture():
    kept, = shown(output({"image/png": PNG, "text/plain": "words"}, **{"image/png": {"alt": "words"}}))
    assert kept.metadata == {"image/png": {"alt": "words"}}


@pytest.mark.parametrize(("html", "closed"), [
    ('<img alt="a">', '<img alt="a" />'),
    ("a<br>b<br/>c", "a<br />b<br />c"),
    ("<table><tr></tr></table>", "<table><tr></tr></table>"),
])
def test_what_is_html_is_xml_as_well(html, closed):
    assert shown(output({"text/html": html, "text/plain": ""}))[0].data["text/html"] == closed


def test_no_list_of_pages_is_empty():
    text = (build.ROOT/"book"/"index.md").read_text(encoding="utf-8")
    places = [path.relative_to(build.ROOT) for path in build.NOTEBOOKS.rglob("*.ipynb")]
    assert page["index"](text, places).count("```{toctree}") >= 1
    assert page["index"](text, []).count("```{toctree}") == 0 < text.count("```{toctree}")


def test_a_cell_named_as_a_heading_leaves_the_name_to_it():
    cells = [new_markdown_cell("Words.\n\n## A check"), new_code_cell("1", id="a-check"), new_code_cell("2", id="two")]
    made = [cell.source for cell in page["page"](new_notebook(cells=cells)).cells]
    assert made == ["Words.\n\n## A check", "1", '<div class="anchor" id="two"></div>', "2"]
