"""Assignments for nbgrader and Otter-Grader: a worksheet, or exercises of the book, as a notebook that grades itself.

    of_sheet(sheet)             an Assignment: a task for each quantity; the sheet's key goes with the notebook
    of_exercises(ids)           an Assignment: a task for each exercise
    save(assignment, tool, folder)      writes it as one of ``TOOLS`` takes it; the paths that were written

What is written is the teacher's version: it holds a right answer to each task, which the tool takes out. In the version of the
students no answer stands, neither in the notebook nor in its tests nor in the key: a test asks the package, which computes the
answer from the numbers of the question. So can a student ask, who has the package and knows it well (``sheet.key``,
``bp.solution``); that is in the open, as in any notebook whose tests a student can run. The package must be installed where
students work and where it is graded.
"""
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from ..data.file import replaced
from ..describe.nearest import lookup
from ..show.latex import name_latex
from .files import exercise, exercises
from .kinds import KINDS
from .pages import KEY, key, notebook_of, question

LONGEST = 60            # characters of a name that lists exercises
WHERE = "Put each answer into its place, run the cell, and run the one below it: that says whether it is right."
# What each tool calls itself, and how it is told to make the version of the students, in the folder that was written.
NEXT = {"nbgrader": "nbgrader generate_assignment {name} --create", "otter": "otter assign {name}/{name}.ipynb dist/{name}"}


@dataclass(frozen=True)
class Task:
    """A question in Markdown; ``name`` is its place in ``answers``; a right answer as Python, and what code it needs before."""

    name: str
    question: str
    answer: str
    test: str
    before: str = ""

    @property
    def place(self):
        """Where the answer is put."""
        return f"answers[{json.dumps(self.name)}]"


@dataclass(frozen=True)
class Assignment:
    """What comes first, in Markdown and in Python; the tasks; ``files`` {name: text} that go with the notebook."""

    name: str
    opening: str
    setup: str
    tasks: tuple
    files: dict = field(default_factory=dict)


def of_sheet(sheet):
    """A worksheet as an Assignment. Raises ValueError for one with several variants: these tools hand out one notebook to all.

    >>> from backprop_sym import worksheet
    >>> of_sheet(worksheet("one neuron", seed=7, level=1)).name
    'one-neuron-1-7'
    """
    if len(sheet.variants) > 1:
        raise ValueError(f"students: expected none, got {len(sheet.variants)}: nbgrader and Otter hand out one notebook to all")
    variant, test = sheet.variants[0], "assert (mark := sheet.marks(answers)[{}]), mark"
    tasks = tuple(Task(name, f"${name_latex(quantity)}${name.removeprefix(quantity)}, to {sheet.digits} significant digits",
                       json.dumps(answer), test.format(json.dumps(name)))
                  for (quantity, _), (name, answer) in zip(sheet.asked, sheet.answers(variant).items(), strict=True))
    return Assignment(_plain_name(f"{sheet.topic} {sheet.level} {sheet.seed}"), f"{question(sheet, variant)}\n\n{WHERE}",
                      f'import backprop_sym as bp\n\nsheet = bp.worksheet("{KEY}")\nanswers = {{}}', tasks, {KEY: key(sheet)})


def of_exercises(ids):
    """Exercises of the book as an Assignment, named after what it holds. Raises ValueError for an id that there is not.

    >>> made = of_exercises(["04.2", "04.3"])
    >>> made.name, [task.place for task in made.tasks]
    ('exercises-04-2-and-04-3', ['answers["04.2"]', 'answers["04.3"]'])
    """
    found = [exercise(id) for id in dict.fromkeys(ids)]
    if not found:
        raise ValueError("ids: expected at least one exercise, such as '04.2', got none")
    tasks = tuple(Task(e.id, f"{e._repr_markdown_()}\n\nThe answer is {e.takes}.", KINDS[e.kind].forms(e)[0],
                       f'assert (reply := bp.check("{e.id}", answers.get("{e.id}"))), reply',
                       e.code + "\n\n\n" if e.kind == "function" else "") for e in found)
    return Assignment(_plain_name(f"exercises {_held([e.id for e in found])}"), f"# Exercises\n\n{WHERE}",
                      "import sympy as sp\n\nimport backprop_sym as bp\n\nanswers = {}", tasks)


def _held(ids):
    """Which exercises these are, in short: a whole chapter by its number; of many a part, and a number for them all."""
    parts = dict.fromkeys(chapter if {*exercises(int(chapter))} <= {*ids} else id for id in ids for chapter in [id[:2]])
    text = " and ".join(parts)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} {crc32(' '.join(ids).encode()):08x}"


def _plain_name(text):
    """A name of letters, digits and hyphens: what every tool and every file system takes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


# ---- how each tool wants it: cells as pairs (kind, source, metadata), and the folder in which they stand

def _nbgrader(assignment):
    """Metadata says what a cell is: read alone, to be filled in, a test with its point. Solutions stand between two marks."""
    def about(id, **what):
        default = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False, "grade_id": id}
        return {"nbgrader": default | what}

    yield "markdown", assignment.opening, about("opening", locked=True)
    yield "code", assignment.setup, about("setup", locked=True)
    for i, task in enumerate(assignment.tasks, 1):
        yield "markdown", task.question, about(f"question-{i}", locked=True)
        solution = f"### BEGIN SOLUTION\n{task.before}{task.place} = {task.answer}\n### END SOLUTION"
        yield "code", f"# {task.place} = ...\n{solution}", about(f"answer-{i}", solution=True)
        yield "code", task.test, about(f"test-{i}", grade=True, locked=True, points=1)


def _otter(assignment):
    """Raw cells say where a question, its solution and its tests begin and end; code says what is not for students."""
    listed = "".join(f"\n- {name}" for name in assignment.files)
    files = f"\nfiles:{listed}" if listed else ""
    yield "raw", f"# ASSIGNMENT CONFIG\nname: {assignment.name}\nexport_cell: false\ntests:\n  files: true{files}", {}
    yield "markdown", assignment.opening, {}
    yield "code", assignment.setup, {}
    for i, task in enumerate(assignment.tasks, 1):
        yield "raw", f"# BEGIN QUESTION\nname: q{i}\npoints: 1", {}
        yield "markdown", task.question, {}
        yield "raw", "# BEGIN SOLUTION", {}
        yield "code", (f"# BEGIN SOLUTION NO PROMPT\n{task.before}{task.place} = {task.answer}\n# END SOLUTION\n"
                       f'""" # BEGIN PROMPT\n{task.place} = ...\n""" # END PROMPT'), {}
        yield "raw", "# END SOLUTION", {}
        yield "raw", "# BEGIN TESTS", {}
        yield "code", task.test, {}
        yield "raw", "# END TESTS", {}
        yield "raw", "# END QUESTION", {}


TOOLS = {"nbgrader": (_nbgrader, "source/{name}"), "otter": (_otter, "{name}")}


def save(assignment, tool, folder):
    """Write an assignment into a folder, in which each has one of its own; nbgrader's is that of a course.

    Raises ValueError for an unknown tool, FileExistsError where another assignment, or one that was edited, stands in its place,
    OSError where nothing can be written. Returns the paths, the notebook's first.
    """
    cells, below = lookup(TOOLS, "tool", tool)
    place = Path(folder, below.format(name=assignment.name))
    texts = {f"{assignment.name}.ipynb": notebook_of(cells(assignment)), **assignment.files}
    for name, text in texts.items():
        if (place / name).exists() and (place / name).read_bytes() != text.encode():
            raise FileExistsError(f"{place / name}: expected this assignment, or none, got another one, or one that was edited, "
                                  "which would be lost: move it, or write into another folder")
    place.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with replaced(place / name) as file:
            file.write(text.encode())
    return [place / name for name in texts]


def assign(sheet, tool, folder):
    """Write a worksheet as an assignment."""
    return save(of_sheet(sheet), tool, folder)
