"""What is collected from the chapters: the map of the book in chapter 00, and the glossary.

    chapters()          every chapter and appendix that is there, in order
    chapter_map()       the table of chapters, each with a question that it settles
    glossary()          the page of terms: what each means, where it is introduced, where else it is used

The questions and the meanings are written in contents.toml. Titles and places are found in the chapters, so that a chapter
that is added, renamed or rewritten changes these pages by itself; a term that its chapter does not contain is an error.
"""

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

NOTEBOOKS = Path(__file__).resolve().parent
DATA = NOTEBOOKS / "contents.toml"
GLOSSARY = "glossary.md"
HEADING = re.compile(r"^#+ +(.*?) *$")


class Chapter(NamedTuple):
    """A notebook: its number ("3", "A1"), its file, its title, and its lines of Markdown, each with the heading above it."""

    number: str
    name: str
    title: str
    lines: tuple


def read(path):
    """The chapter in a file. Raises ValueError where its first heading is not its number and its title."""
    heading, lines = "", []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for line in "".join(cell["source"]).splitlines() if cell["cell_type"] == "markdown" else ():
            if found := HEADING.match(line):
                heading = found[1]
            lines.append((heading, line))
    number = path.name.partition("_")[0].lstrip("0") or "0"
    title = re.fullmatch(rf"{number}\. (.+)", lines[0][0] if lines else "")
    if title is None:
        raise ValueError(f"{path.name}: expected '# {number}. ...' as its first heading, got {lines[0][1] if lines else ''!r}")
    return Chapter(number, path.name, title[1], tuple(lines))


@cache
def chapters(folder=NOTEBOOKS):
    """Every chapter and appendix, in the order of their files: 00 ... 16, A1 ..."""
    return tuple(read(path) for path in sorted(folder.glob("*_*.ipynb")))


@cache
def data():
    """contents.toml: {"questions": {number: question}, "terms": {number: {term: meaning}}}."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


# ---- the map

def chapter_map():
    """The table of the chapters that are there, as Markdown. Raises ValueError for one without a question in the data."""
    rows = []
    for chapter in chapters():
        if chapter.number != "0":
            if chapter.number not in data()["questions"]:
                raise ValueError(f"{chapter.name}: {DATA.name} has no question for chapter {chapter.number}")
            rows.append(f"| {chapter.number} | [{chapter.title}]({chapter.name}) | {data()['questions'][chapter.number]} |")
    return "\n".join(["| | | a question that it settles |", "|---|---|---|", *rows])


# ---- the terms

ASIDE = ("Exercises", "Further reading")       # where nothing is introduced


def pattern(term):
    """Finds a term in prose, also in the plural and at the beginning of a sentence."""
    return re.compile(rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w-])", re.IGNORECASE)


def place(term, chapter):
    """The heading under which a chapter introduces a term: where it stands in italics or bold, else in the first section.

    Raises ValueError where the chapter does not contain it.
    """
    found = [(heading, line[:match.start()], line[match.end():])
             for heading, line in chapter.lines for match in pattern(term).finditer(line)]
    if not found:
        raise ValueError(f"{chapter.name}: the term {term!r} of {DATA.name} is not in it")
    marked = [heading for heading, before, after in found if before.endswith("*") and after.startswith("*")]
    sections = [heading for heading, _, _ in found if heading not in (chapter.lines[0][0], *ASIDE)]
    return (marked or sections or [found[0][0]])[0]


def is_reading(heading, line):
    """Whether the line is one of the readings at a chapter's end: a title of others is no use of a term."""
    return heading == "Further reading" and line.startswith("- ")


def link(chapter, heading):
    """The address of a heading in a notebook; of the notebook itself for its title, and where a heading holds a formula."""
    whole = heading == chapter.lines[0][0] or set("$`") & set(heading)
    return chapter.name + ("" if whole else "#" + heading.replace(" ", "-"))


def glossary():
    """The page of terms, as Markdown."""
    known = {chapter.number: chapter for chapter in chapters()}
    entries = []
    for number, terms in data()["terms"].items():
        for term, meaning in terms.items() if number in known else ():
            home = known[number]
            heading = place(term, home)
            others = [f"[{c.number}]({c.name})" for c in known.values()
                      if c is not home and any(pattern(term).search(line) for above, line in c.lines
                                               if not is_reading(above, line))]
            text = f"**{term}**: {meaning} *Introduced in* [{number}, {home.title}]({link(home, heading)})"
            entries.append((term.casefold(), text + (f"; *used in* {', '.join(others)}" if others else "") + "."))
    return "\n\n".join(["# Glossary and index", "Each term of the book: what it means, where it is introduced, where else it is "
                        "used. The page is made by `build.py` from the chapters; the meanings stand in `contents.toml`.",
                        *(text for _, text in sorted(entries))]) + "\n"
