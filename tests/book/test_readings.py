"""Further reading: two to four references near the end of a chapter, each with a stable address and a sentence of our own.

The form is that of REFERENCE: authors, year, title, where it stands, a link to a DOI, arXiv, a publisher or a page of the author
that has long been there, and what one finds there.
"""
import re

import nbformat
import pytest

from notebooks.build import NOTEBOOKS

HEADING = "## Further reading\n\n"
STABLE = ("https://doi.org/", "https://arxiv.org/abs/", "https://proceedings.mlr.press/", "https://jmlr.org/", "https://www.jmlr.org/",
          # books and pages of their authors
          "https://www.deeplearningbook.org/", "http://neuralnetworksanddeeplearning.com/", "https://colah.github.io/posts/",
          "https://mattmazur.com/2015/", "https://www.microsoft.com/en-us/research/people/cmbishop/prml-book/")
REFERENCE = re.compile(r"- (?P<authors>[^()]+) \((?P<year>\d{4})\)\. (?P<title>.+?) \[(?P<shown>[^\]]+)\]"
                       r"\((?P<address>\S+)\)\. (?P<sentence>[A-Z].+\.)")


def readings(nb):
    """The lines of the cells that are headed so: [(number of the cell among all, lines)]."""
    return [(i, cell.source.removeprefix(HEADING).splitlines()) for i, cell in enumerate(nb.cells)
            if cell.cell_type == "markdown" and cell.source.startswith(HEADING)]


def faults(nb):
    """What is wrong with the readings of a chapter, in words."""
    found = readings(nb)
    if len(found) != 1:
        return [f"{len(found)} cells of further reading"]
    (place, lines), = found
    wrong = [] if place == len(nb.cells) - 2 else ["not the last cell but one"]
    wrong += [] if 2 <= len(lines) <= 4 else [f"{len(lines)} readings"]
    for line in lines:
        match = REFERENCE.fullmatch(line)
        if match is None:
            wrong.append(f"not in the form of a reference: {line}")
        elif not match["address"].startswith(STABLE):
            wrong.append(f"no stable address: {match['address']}")
        elif match["address"].startswith("https://doi.org/") and match["shown"] != "doi:" + match["address"][16:]:
            wrong.append(f"the link says {match['shown']} and leads to {match['address']}")
    return wrong


GOOD = "- Author, A., & Author, B. (1986). Title. *Journal*, 323, 533-536. [doi:10.1/a](https://doi.org/10.1/a). One sentence."


@pytest.mark.parametrize(("lines", "wrong"), [
    ([GOOD, GOOD], ""), ([GOOD], "1 readings"), ([GOOD]*5, "5 readings"),
    ([GOOD, GOOD.replace(" One sentence.", "")], "not in the form"),
    ([GOOD, GOOD.replace(" (1986)", "")], "not in the form"),
    ([GOOD, GOOD.replace("(https://doi.org/10.1/a)", "(https://doi.org/10.1/b)")], "the link says"),
    ([GOOD, GOOD.replace("https://doi.org/10.1/a", "https://example.org/~a/paper.pdf")], "no stable address")])
def test_what_is_found(lines, wrong):
    cells = [nbformat.v4.new_markdown_cell(text) for text in (HEADING + "\n".join(lines), "**Next:** more.")]
    found = faults(nbformat.v4.new_notebook(cells=cells))
    assert wrong in found[0] if wrong else not found
    assert faults(nbformat.v4.new_notebook(cells=cells[::-1]))[0] == "not the last cell but one"
    assert faults(nbformat.v4.new_notebook(cells=cells[1:])) == ["0 cells of further reading"]


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("[0-9]*.ipynb")))
def test_a_chapter_ends_in_what_to_read(name):
    assert faults(nbformat.read(NOTEBOOKS / name, as_version=4)) == []
