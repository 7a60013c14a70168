"""Exercises in the book: chapters, data and solutions name the same ones; what is generated is as it would be generated now."""
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import backprop_sym as bp
from notebooks import build, exercises

CHAPTERS = sorted(path for path in build.NOTEBOOKS.glob("[0-9]*.ipynb") if exercises.ids(path.stem[:2]))
each = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.name)


def asked(nb):
    """The ids of the exercises that a notebook shows."""
    return re.findall(r'bp\.exercise\("(.*?)"\)', "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code"))


def chapter(*cells):
    return new_notebook(cells=[new_markdown_cell("# 4. T"), new_code_cell("1"), *cells, new_markdown_cell("**Summary.**")])


@each
def test_the_solutions_are_those_of_the_exercises(path):
    solutions = exercises.SOLUTIONS / path.name
    nb = build.read(solutions)
    made = build.generate(exercises.solved(path.name), build.repository_address(), build.name_of(solutions))
    assert [(c.id, c.cell_type, c.source) for c in nb.cells] == [(c.id, c.cell_type, c.source.rstrip()) for c in made.cells], \
        "`python notebooks/exercises.py` writes them, `make notebooks` runs them"
    assert asked(nb) == exercises.ids(path.stem[:2]) == bp.exercises(int(path.stem[:2]))
    assert solutions.read_text(encoding="utf-8") == build.dumps(build.normalise(nb))
    counts = [cell.execution_count for cell in nb.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run from top to bottom in a new kernel"
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", "\n".join(c.source for c in nb.cells if c.cell_type == "markdown"))
    assert links and all((solutions.parent/link).exists() for link in links)


def test_all_chapters_have_their_exercises_or_none_has():
    """They are put in all at once; from then on a chapter that lacks its own is found."""
    have = {path.name for path in CHAPTERS if asked(build.read(path))}
    assert have in (set(), {path.name for path in CHAPTERS})
    for path in CHAPTERS:
        if path.name in have:
            assert asked(build.read(path)) == exercises.ids(path.stem[:2])


def test_the_section_stands_above_the_end_and_is_put_in_once():
    nb = exercises.put(chapter(), "04_forks_add.ipynb", anew=True)
    assert [c.source[:12] for c in nb.cells[:3]] == ["# 4. T", "1", "## Exercises"] and nb.cells[-1].source == "**Summary.**"
    assert asked(nb) == exercises.ids("04")
    sources = [(c.id, c.source) for c in nb.cells]
    assert [(c.id, c.source) for c in exercises.put(nb, "04_forks_add.ipynb").cells] == sources
    assert [(c.id, c.source) for c in exercises.put(nb, "04_forks_add.ipynb", anew=True).cells] == sources


def test_it_stands_above_the_further_reading():
    nb = exercises.put(chapter(new_markdown_cell("## Further reading\n\nA book.")), "04_forks_add.ipynb", anew=True)
    assert nb.cells[-2].source.startswith("## Further") and nb.cells[-3].source.startswith("bp.exercise")


def test_a_chapter_without_the_section_is_left_alone():
    for nb, name in ((chapter(), "04_forks_add.ipynb"), (chapter(), "00_start_here.ipynb")):
        before = [c.source for c in nb.cells]
        assert [c.source for c in exercises.put(nb, name).cells] == before
    assert not asked(exercises.put(chapter(), "00_start_here.ipynb", anew=True))


def test_outputs_of_what_stays_the_same_are_kept():
    nb = exercises.put(chapter(), "04_forks_add.ipynb", anew=True)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.execution_count = 7
    nb.cells[3].source = "bp.exercise('something else')"
    again = exercises.put(nb, "04_forks_add.ipynb")
    assert [c.execution_count for c in again.cells[3:5]] == [None, 7]
