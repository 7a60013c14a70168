"""Put the exercises of each chapter into it, and write its solutions: both are generated from data/exercises/NN.toml.

    python notebooks/exercises.py           into every chapter that has exercises, and notebooks/solutions/NN_*.ipynb
    python notebooks/exercises.py 04        for one chapter

Neither is executed here: `python notebooks/build.py` does that, and keeps the generated cells up to date in the chapters that
have them. The section stands above the last cell of a chapter, or above its further reading.
"""

import runpy
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "backprop_sym" / "data" / "exercises"
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "solutions"
TAG = "exercises"
FURTHER = "## Further reading"

HEADING = """\
## Exercises

Each cell shows a question. Answer with `bp.check`, or in the field below it. A wrong answer is traced to what went wrong;
`bp.hint("{first}")` helps, and [the solutions]({solutions}) show the way."""

SOLVED = """\
# {number}. Solutions

The exercises of [chapter {number}](../{chapter}), solved. Each is followed by its derivation, and by two forms of the answer \
that `bp.check` accepts: it knows none of them, and computes them from the network of the question."""

CHECKED = """\
{code}assert bp.check("{id}", {first})
assert bp.check("{id}", {second})"""


def ids(number):
    """The ids of the exercises of a chapter, "04"; none where it has none.

    >>> ids("04")[0], ids("00")
    ('04.1', [])
    """
    path = DATA / f"{number}.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("exercise", []) if path.exists() else []
    return [entry["id"] for entry in entries]


def cell(kind, source, id, tags=(TAG,)):
    """A generated cell."""
    return nbformat.from_dict({
        "cell_type": kind, "id": id, "metadata": {"tags": list(tags)} if tags else {}, "source": source,
        **({"outputs": [], "execution_count": None} if kind == "code" else {})})


def is_generated(cell):
    return TAG in cell.metadata.get("tags", [])


def section(name):
    """The cells of the exercises of the chapter ``name``: a heading, and one for each."""
    found = ids(name[:2])
    heading = HEADING.format(first=found[0], solutions=f"solutions/{name}")
    return [cell("markdown", heading, TAG), *(cell("code", f'bp.exercise("{id}")', id_of(id)) for id in found)]


def id_of(exercise):
    """The id of the cell that shows an exercise."""
    return f"exercise-{exercise.replace('.', '-')}"


def put(nb, name, anew=False):
    """Write the section of the chapter ``name`` into ``nb``, where it has one (or, with ``anew``, has not yet). In place."""
    if not ids(name[:2]) or "/" in name or not anew and not any(map(is_generated, nb.cells)):
        return nb
    old = {c.id: c for c in nb.cells if is_generated(c)}
    nb.cells = [c for c in nb.cells if not is_generated(c)]
    ends = [i for i, c in enumerate(nb.cells) if c.cell_type == "markdown" and c.source.startswith(FURTHER)]
    last = (ends or [len(nb.cells) - 1])[0]
    made = [old[c.id] if c.id in old and old[c.id].source == c.source else c for c in section(name)]
    nb.cells[last:last] = made
    return nb


def solved(name):
    """The notebook of the solutions of the chapter ``name``: question, solution, and the answer in two forms."""
    from backprop_sym.teach.files import exercise
    from backprop_sym.teach.kinds import KINDS
    number = name[:2]
    forms = {e.id: KINDS[e.kind].forms(e) for e in map(exercise, ids(number))}
    sympy = "import sympy as sp\n\n" if "sp." in str(forms) else ""
    cells = [cell("markdown", SOLVED.format(number=int(number), chapter=name), "opening", ()),
             cell("code", "# install the package where it is missing", "setup", ("setup",)),
             cell("code", f"{sympy}import backprop_sym as bp", "imports", ())]
    for id in ids(number):
        e = exercise(id)
        first, second = forms[id]
        code = e.code + "\n\n\n" if e.kind == "function" else ""
        cells += [cell("markdown", f"## {id}", f"heading-{id_of(id)}", ()),
                  cell("code", f'bp.exercise("{id}")', id_of(id), ()),
                  cell("code", f'bp.solution("{id}")', f"solution-{id_of(id)}", ()),
                  cell("code", CHECKED.format(code=code, id=id, first=first, second=second), f"check-{id_of(id)}", ())]
    cells.append(cell("markdown", f"**Back to** [chapter {int(number)}](../{name}).", "closing", ()))
    return nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def main(numbers):
    """Write the sections and the solutions of some chapters, or of all."""
    build = runpy.run_path(str(NOTEBOOKS / "build.py"))
    dumps, generate, normalise, write = (build[name] for name in ("dumps", "generate", "normalise", "write"))
    SOLUTIONS.mkdir(exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        if ids(path.stem[:2]) and (not numbers or path.stem[:2] in numbers):
            write(path, dumps(normalise(put(build["read"](path), path.name, anew=True))))
            nb = generate(solved(path.name), build["repository_address"](), f"solutions/{path.name}")
            write(SOLUTIONS / path.name, dumps(normalise(nb)))


if __name__ == "__main__":
    main(sys.argv[1:])
