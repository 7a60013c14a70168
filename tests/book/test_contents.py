"""The map of the book and the glossary, against the chapters."""
import json
import re
import runpy

import pytest

from notebooks import build

contents = build.contents()
PAGE = (build.NOTEBOOKS / contents.GLOSSARY).read_text(encoding="utf-8")
TERMS = [(number, term) for number, terms in contents.data()["terms"].items() for term in terms]
NUMBERS = {chapter.number: chapter for chapter in contents.chapters()}


def test_the_glossary_is_current():
    assert build.build_glossary(check=True) == ("glossary.md", "unchanged", False), "`make notebooks` writes it"


@pytest.mark.parametrize(("number", "term"), [(n, t) for n, t in TERMS if n in NUMBERS])
def test_a_term_is_found_where_its_link_leads(number, term):
    entry, = re.findall(rf"^\*\*{re.escape(term)}\*\*: (.*)$", PAGE, re.MULTILINE)
    file, anchor = re.search(r"\*Introduced in\* \[[^\]]*\]\(([^)#]*)#?([^)]*)\)", entry).groups()
    assert file == NUMBERS[number].name
    lines, heading = [], ""
    for cell in json.loads((build.NOTEBOOKS / file).read_text(encoding="utf-8"))["cells"]:
        for line in "".join(cell["source"]).splitlines() if cell["cell_type"] == "markdown" else ():
            heading = line.lstrip("# ").replace(" ", "-") if line.startswith("#") else heading
            lines += [line] if anchor in ("", heading) else []
    assert term.casefold() in "\n".join(lines).casefold()
    for other in re.findall(r"\]\((\w+\.ipynb)\)", entry):
        assert (build.NOTEBOOKS / other).exists()


def test_every_entry_says_what_a_term_means_in_a_sentence():
    assert len({term.casefold() for _, term in TERMS}) == len(TERMS)
    assert all(meaning[0].isupper() and meaning.endswith(".") for terms in contents.data()["terms"].values()
               for meaning in terms.values())


def test_the_map_names_every_chapter_that_is_there():
    table = contents.chapter_map()
    for chapter in NUMBERS.values():
        assert (f"| {chapter.number} | [{chapter.title}]({chapter.name}) |" in table) == (chapter.number != "0")
    first = (build.NOTEBOOKS / build.FIRST_CHAPTER).read_text(encoding="utf-8")
    assert json.dumps(table)[1:-1].split(r"\n")[2] in first


def notebook(folder, name, *markdown):
    cells = [{"cell_type": "markdown", "source": text} for text in markdown]
    (folder / name).write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return contents.read(folder / name)


def test_a_term_is_introduced_where_it_is_marked_or_else_in_the_first_section(tmp_path):
    chapter = notebook(tmp_path, "03_a.ipynb", "# 3. A title\nIts forks", "## One\nSome forks", "## Two\nThis is a *fork*.")
    assert contents.place("fork", chapter) == "Two"
    assert contents.place("title", chapter) == "3. A title"
    plain = notebook(tmp_path, "03_a.ipynb", "# 3. A title\nIts forks", "## One $x$\nSome Forks", "## Two\nThis is a fork.")
    assert contents.place("fork", plain) == "One $x$" and contents.link(plain, "One $x$") == "03_a.ipynb"
    assert contents.link(plain, "Two words") == "03_a.ipynb#Two-words"
    with pytest.raises(ValueError, match="'delta' of contents.toml is not in it"):
        contents.place("delta", chapter)


@pytest.mark.parametrize("heading", ["# 4. A title", "# A title", "text"])
def test_a_chapter_whose_number_is_not_that_of_its_file_is_refused(tmp_path, heading):
    with pytest.raises(ValueError, match=r"03_a.ipynb: expected '# 3\. \.\.\.'"):
        notebook(tmp_path, "03_a.ipynb", heading)


def test_a_chapter_without_a_question_is_named(tmp_path):
    notebook(tmp_path, "99_a.ipynb", "# 99. A title")
    fresh = runpy.run_path(str(build.NOTEBOOKS / "contents.py"))
    fresh["chapter_map"].__globals__["chapters"] = lambda: fresh["chapters"](tmp_path)
    with pytest.raises(ValueError, match="99_a.ipynb: contents.toml has no question for chapter 99"):
        fresh["chapter_map"]()
