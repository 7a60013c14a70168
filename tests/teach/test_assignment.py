"""Assignments: what nbgrader and Otter-Grader make of them, seen by running both; they are skipped where these are not installed.

A right answer has its point, a wrong one has none and is named, and what the students get holds no answer.
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import backprop_sym as bp
from backprop_sym.__main__ import main
from backprop_sym.teach.assignment import NEXT, TOOLS, of_exercises, of_sheet, save
from backprop_sym.teach.marks import POINTS, Mark
from backprop_sym.teach.topics import LEVELS, TOPICS

ROOT = Path(bp.__file__).parent.parent
SHEET = bp.worksheet("one neuron", seed=7, level=2)
RIGHT = SHEET.answers(SHEET.variants[0])
TURNED = "d(E_total)/d(b1)"
FORK = of_exercises(bp.exercises(4))
ASSIGNMENTS = [of_sheet(SHEET), FORK, of_exercises(bp.exercises(9))]          # numbers, functions, programs
each_tool = pytest.mark.parametrize("tool", TOOLS)


def run(name, arguments, folder, fails=False):
    """What a command says. It comes from the same environment as these tests."""
    own = str(Path(sys.executable).parent)
    command = shutil.which(name, path=own)
    if command is None:
        pytest.skip(f"{name} is not installed: `make graders` installs it and runs this")
    done = subprocess.run([command, *arguments], cwd=folder, text=True, encoding="utf-8", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1",
                               "PATH": os.pathsep.join([own, os.environ["PATH"]])})          # nbgrader looks there for others
    assert fails or done.returncode == 0, done.stdout
    return done.stdout


def filled(path, made, answers):
    """A student's notebook with some answers, {place: Python}."""
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        for place, answer in answers.items():
            if cell.cell_type == "code" and cell.source.lstrip("# ").startswith(place):
                cell.source = f"{place} = {answer}"
    made.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, made)


def places(answers):
    return {f"answers[{json.dumps(name)}]": repr(answer) for name, answer in answers.items()}


def students(tool, made, folder):
    """The notebook that a tool makes for students."""
    save(made, tool, folder)
    name, *arguments = NEXT[tool].format(name=made.name).split()
    run(name, arguments, folder)
    return folder/{"nbgrader": "release/{0}/{0}.ipynb", "otter": "dist/{0}/student/{0}.ipynb"}[tool].format(made.name)


@each_tool
@pytest.mark.parametrize("made", ASSIGNMENTS, ids=lambda made: made.name)
def test_students_get_no_answer(tool, made, tmp_path):
    """The teacher's version holds every answer, the students' none; Otter runs its tests over the answers meanwhile."""
    path = students(tool, made, tmp_path)
    teachers = (tmp_path/TOOLS[tool][1].format(name=made.name)/f"{made.name}.ipynb").read_text(encoding="utf-8")
    for task in made.tasks:
        given = f"{task.place} = {task.answer}".splitlines()
        assert all(json.dumps(line)[1:-1] in teachers for line in given)
        for file in path.parent.rglob("*.*"):
            text = file.read_text(encoding="utf-8")
            assert not all(json.dumps(line)[1:-1] in text for line in given), (file, given)
    assert {*made.files} <= {file.name for file in path.parent.iterdir()}


def test_nbgrader_validates_the_answers_and_no_blank(tmp_path):
    made = of_sheet(SHEET)
    path = students("nbgrader", made, tmp_path)
    assert "Success" in run("nbgrader", ["validate", f"source/{made.name}/{made.name}.ipynb"], tmp_path)
    assert "AssertionError: blank" in run("nbgrader", ["validate", str(path)], tmp_path)


def test_nbgrader_grades(tmp_path):
    made = of_sheet(SHEET)
    path = students("nbgrader", made, tmp_path)
    wrong = {**RIGHT, TURNED: -float(RIGHT[TURNED])}
    for student, answers in (("ada", RIGHT), ("bo", wrong)):
        folder = tmp_path/"submitted"/student/made.name
        filled(path, folder/path.name, places(answers))
    run("nbgrader", ["autograde", made.name, "--create"], tmp_path)
    run("nbgrader", ["export"], tmp_path)
    header, *rows = ((line.split(",")) for line in (tmp_path/"grades.csv").read_text(encoding="utf-8").splitlines())
    points = {row[header.index("student_id")]: float(row[header.index("score")]) for row in rows}
    assert points == {"ada": len(made.tasks), "bo": len(made.tasks) - 1}
    assert "wrong: the sign is turned" in (tmp_path/"autograded"/"bo"/made.name/path.name).read_text(encoding="utf-8")


def test_otter_grades(tmp_path):
    made = of_sheet(SHEET)
    path = students("otter", made, tmp_path)
    filled(path, path.with_name("mine.ipynb"), places({**RIGHT, TURNED: -float(RIGHT[TURNED])}))
    told = run("otter", ["check", "mine.ipynb"], path.parent)
    assert told.count("All test cases passed") == len(made.tasks) - 1 and "AssertionError: wrong: the sign is turned" in told
    packed, = (path.parent.parent/"autograder").glob("*.zip")
    run("otter", ["run", "-a", str(packed), "-o", str(tmp_path), str(path.with_name("mine.ipynb"))], path.parent)
    found = json.loads((tmp_path/"results.json").read_text(encoding="utf-8"))["tests"]
    assert sum(test.get("score", 0) for test in found) == len(made.tasks) - 1


def test_a_wrong_answer_to_an_exercise_is_named(tmp_path):
    path = students("otter", FORK, tmp_path)
    filled(path, path.with_name("mine.ipynb"), {'answers["04.2"]': '"1.252"'})
    assert "the path through $p$ alone" in run("otter", ["check", "mine.ipynb", "-q", "q2"], path.parent)


# ---- what holds without these tools

@pytest.mark.parametrize("made", [*ASSIGNMENTS, *(of_exercises(bp.exercises(k)) for k in range(1, 18))], ids=lambda m: m.name)
def test_the_answers_of_the_teachers_version_pass_and_blanks_do_not(made, tmp_path, monkeypatch):
    path = save(made, "nbgrader", tmp_path)[0]
    monkeypatch.chdir(path.parent)
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    answered, blank = {}, {}
    for cell in cells:
        exec(cell.source, answered)
        solution, test = (cell.metadata.nbgrader[what] for what in ("solution", "grade"))
        if test:
            with pytest.raises(AssertionError):
                exec(cell.source, blank)
        elif not solution:
            exec(cell.source, blank)
    assert len(cells) == 1 + 2*len(made.tasks)


@each_tool
@pytest.mark.parametrize("topic", TOPICS)
def test_it_is_a_notebook_whose_key_makes_the_same_sheet(tool, topic, tmp_path):
    for level in LEVELS:
        sheet = bp.worksheet(topic, seed="a/b ü", level=level)
        path, key = sheet.assign(tmp_path, tool)
        nbformat.validate(nbformat.read(path, as_version=4))
        assert bp.worksheet(str(key)).key == bp.worksheet(key).key == sheet.key and path.parent == key.parent
        assert path.stem.replace("-", "").isalnum() and path.stem.isascii()


def test_marks_of_one_sheet():
    marks = SHEET.marks({"z1": float(RIGHT["z1"]), "yhat1": ..., "E_total": None, TURNED: "x", "d(E_total)/d(w1)": object()})
    assert [mark.kind for mark in marks.values()] == ["right", "blank", "blank", "blank", "unreadable", "blank", "unreadable"]
    assert [bool(Mark(kind)) for kind in POINTS] == [True]*3 + [False]*4
    with pytest.raises(ValueError, match="unknown quantity 'z2'; did you mean 'z1'"):
        SHEET.marks({"z2": 1})


def test_from_the_command_line(tmp_path, capsys):
    assert main(["worksheet", "one neuron", "--nbgrader", str(tmp_path/"a"), "--otter", str(tmp_path/"b")]) == 0
    assert main(["exercises", "4", "10.1", "--otter", str(tmp_path/"b")]) == 0
    said = capsys.readouterr().out
    assert said.count("tasks in") == 3 and "otter assign exercises-04-and-10-1/exercises-04-and-10-1.ipynb" in said
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
        "KEY.toml", "KEY.toml", "exercises-04-and-10-1.ipynb", "one-neuron-2-0.ipynb", "one-neuron-2-0.ipynb"]


HELD = [["4"], ["4", "10.1"], ["4", "11.1"], ["04.1"], ["4", "10"], ["04.1", "10"], ["10.1", "4"], [str(k) for k in range(1, 17)],
        [str(k) for k in range(1, 18)], bp.exercises(4)[:-1], [id for id in bp.exercises() if not id.endswith(".1")],
        [id for id in bp.exercises() if not id.endswith(".2")]]


@each_tool
def test_assignments_of_other_exercises_have_other_names(tool, tmp_path):
    for which in HELD:
        assert main(["exercises", *which, f"--{tool}", str(tmp_path)]) == 0
        assert main(["exercises", *which, f"--{tool}", str(tmp_path)]) == 0              # the same is no other
    names = [path.stem for path in tmp_path.rglob("*.ipynb")]
    assert len(names) == len(HELD) and max(map(len, names)) < 100 and "exercises-04" in names


@each_tool
def test_another_assignment_of_the_same_name_is_not_lost(tool, tmp_path, capsys):
    path, key = SHEET.assign(tmp_path, tool)
    before = path.read_bytes(), key.read_bytes()
    bp.worksheet("one neuron", seed="7!", level=2).assign(tmp_path/"other", tool)           # is named alike
    assert main(["worksheet", "one neuron", "--seed", "7!", f"--{tool}", str(tmp_path)]) == 2
    assert f"{path.name}: expected this assignment, or none" in capsys.readouterr().err
    assert before == (path.read_bytes(), key.read_bytes())
    path.write_text(path.read_text(encoding="utf-8").replace("Put each", "Please put each"), encoding="utf-8")
    with pytest.raises(FileExistsError, match="one that was edited"):
        SHEET.assign(tmp_path, tool)


@pytest.mark.parametrize(("arguments", "words"), [
    (["worksheet", "one neuron"], "say where to write"), (["exercises", "4"], "say where to write"),
    (["exercises", "99", "--otter", "x"], "unknown exercise '99'"), (["exercises", "04.9", "--otter", "x"], "did you mean"),
    (["worksheet", "one neuron", "--students", "names.txt", "--otter", "x", "-o", "x"], "one notebook to all")])
def test_what_cannot_be_made_is_said_and_nothing_written(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path/"names.txt").write_text("Ada\nBo\n", encoding="utf-8")
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    assert status == 2 and words in capsys.readouterr().err and len(list(tmp_path.iterdir())) == 1


def test_an_unknown_tool_is_named():
    with pytest.raises(ValueError, match="unknown tool 'oter'; did you mean 'otter'"):
        SHEET.assign("x", "oter")
