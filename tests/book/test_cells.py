"""How the cells of every chapter look: short where they are read, folded where they only draw."""
import re

import pytest

from notebooks import build

CHAPTERS = sorted(build.NOTEBOOKS.glob("*.ipynb"))
LINES = 15


def code_cells(path):
    return [cell for cell in build.read(path).cells if cell.cell_type == "code"]


def is_folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def draws(cell):
    """Whether what a cell shows is a figure."""
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.name)
def test_a_cell_that_is_read_is_short(path):
    long = {cell.id: n for cell in code_cells(path) if not is_folded(cell) and (n := len(cell.source.splitlines())) > LINES}
    assert not long, f"over {LINES} lines: shorten them, or fold what only draws (metadata jupyter.source_hidden)"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.name)
def test_what_is_folded_only_draws(path):
    folded = [cell for cell in code_cells(path) if is_folded(cell)]
    assert all(draws(cell) for cell in folded), [cell.id for cell in folded if not draws(cell)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.name)
def test_what_is_folded_is_folded_on_the_pages_too(path):
    differ = {cell.id for cell in code_cells(path) if is_folded(cell) != ("hide-input" in cell.metadata.get("tags", []))}
    assert not differ, "JupyterLab folds by the metadata jupyter.source_hidden, the book's pages by the tag hide-input"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.name)
def test_a_chapter_opens_and_closes_alike(path):
    prose = [cell.source for cell in build.read(path).cells if cell.cell_type == "markdown"]
    number = path.name.partition("_")[0].lstrip("0") or "0"
    assert prose[0].startswith(f"# {number}. ") and "**You need**" in prose[0] and "**You will be able to**" in prose[0]
    assert prose[-1].startswith("**Summary.**") and any(re.search(r"^## Check$", text, re.MULTILINE) for text in prose)
