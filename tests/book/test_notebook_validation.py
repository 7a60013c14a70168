"""The check of the notebooks can fail: every way in which a committed output can be wrong is refused.

One small notebook is executed, then copied with one thing changed in each copy; a single pytest runs them all.
"""

import base64
import copy
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from notebooks import build

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

LATEX, NUMBER, FIGURE, HISTORY, VARYING = range(5)

CELLS = [
    r"""
from IPython.display import Latex, display

Latex(r"$\frac{\partial E}{\partial w_5} = (\hat{y}_1 - y_1)\,\hat{y}_1(1 - \hat{y}_1)\,a_{z1}$")
""",
    'print(f"{0.088264048649:.9f}");',
    """
import base64, io
from PIL import Image, ImageDraw

canvas = Image.new("RGB", (640, 480), "white")
ImageDraw.Draw(canvas).text((300, 20), "loss", fill="black")
file = io.BytesIO()
canvas.save(file, format="png")
png = base64.b64encode(file.getvalue()).decode()
page = f'<img alt="the loss" src="data:image/png;base64,{png}">'
data = {"image/png": png, "text/html": page, "text/plain": "the loss"}
display(data, raw=True, metadata={"image/png": {"alt": "the loss"}})
""",
    "Out[1] is not None, _ is Out[1]",
    "import time\n\ntime.perf_counter()",
]


def drawing(text, size=(640, 480)):
    """The PNG of the figure cell in base64, with another text or size."""
    canvas = Image.new("RGB", size, "white")
    ImageDraw.Draw(canvas).text((300, 20), text, fill="black")
    file = io.BytesIO()
    canvas.save(file, format="png")
    return base64.b64encode(file.getvalue()).decode()


def latex(cells):
    data = cells[LATEX]["outputs"][0]["data"]
    data["text/latex"] = "".join(data["text/latex"]).replace("w_5", "w_6")


def number(cells):
    cells[NUMBER]["outputs"][0]["text"] = "0.088264048\n"


def redraw(cells, png):
    data = cells[FIGURE]["outputs"][0]["data"]
    page = "".join(data["text/html"])
    data |= {"image/png": png, "text/html": re.sub("base64,[^\"]*", f"base64,{png}", page)}


def letter(cells):
    redraw(cells, drawing("lass"))


def size(cells):
    redraw(cells, drawing("loss", size=(640, 481)))


def figure_removed(cells):
    data = cells[FIGURE]["outputs"][0]["data"]
    del data["image/png"], data["text/html"]


def figure_added(cells):
    cells[FIGURE]["outputs"].append(copy.deepcopy(cells[FIGURE]["outputs"][0]))


def alt_changed(cells):
    cells[FIGURE]["outputs"][0]["metadata"]["image/png"]["alt"] = "the weights"


def page_changed(cells):
    data = cells[FIGURE]["outputs"][0]["data"]
    data["text/html"] = "".join(data["text/html"]).replace("the loss", "the weights")


def alt_removed(cells):
    cells[FIGURE]["outputs"][0]["metadata"] = {}


def alt_nowhere(cells):
    """Neither committed nor drawn: nothing differs, and a reader who cannot see has nothing."""
    alt_removed(cells)
    cells[FIGURE]["source"] = "".join(cells[FIGURE]["source"]).replace('{"image/png": {"alt": "the loss"}}', "{}")


def cleared(cells):
    for cell in cells:
        cell.update(outputs=[], execution_count=None)


def varying(cells):
    cells[VARYING]["outputs"][0]["data"]["text/plain"] = "0.0"


ALL = {LATEX, NUMBER, FIGURE, HISTORY, VARYING}

# folder, what is changed in the notebook, the cells that are refused, what the first refusal says
CASES = [
    ("pinned", None, set(), None),
    ("pinned", varying, set(), None),
    ("pinned", latex, {LATEX}, "text/latex: committed (-), computed now (+)"),
    ("pinned", number, {NUMBER}, "0.088264048"),
    ("pinned", letter, {FIGURE}, "figure 1: pixels differ by"),
    ("pinned", size, {FIGURE}, "figure 1: its size"),
    ("pinned", figure_removed, {FIGURE}, "Unexpected output fields from running code: {'text/html'}"),
    ("pinned", figure_added, {FIGURE}, "number of outputs"),
    ("pinned", alt_changed, {FIGURE}, "alternative text: 'the weights' committed, 'the loss' now"),
    ("pinned", page_changed, {FIGURE}, "text/html: committed (-), computed now (+)"),
    ("pinned", alt_removed, {FIGURE}, "alternative text: None committed"),
    ("pinned", alt_nowhere, {FIGURE}, "figure 1 has no alternative text"),
    ("pinned", cleared, ALL, "has not been run"),
    # Drawn by another matplotlib: pixels say nothing, the alternative text still does.
    ("other", letter, set(), None),
    ("other", alt_changed, {FIGURE}, "alternative text"),
]


def name(folder, change):
    return f"{folder}-{change.__name__ if change else 'untouched'}"


def run(*command, cwd, **variables):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PYTHONHASHSEED"))}
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=kept | variables, capture_output=True, text=True, encoding="utf-8"
    )


OPTIONS = "--nbval --nbval-current-env --import-mode=importlib --color=no -q".split()


def built(sources, path, varying=()):
    """A notebook of these cells, executed and in normal form as a build makes it, as JSON."""
    nb = build.nbformat.v4.new_notebook(cells=[build.nbformat.v4.new_code_cell(source.strip()) for source in sources])
    for place in varying:
        nb.cells[place].metadata.tags = [build.VARYING]
    return json.loads(build.dumps(build.normalise(build.execute(nb, path))))


def with_checks(folder):
    """The folder, made, with what checks the notebooks in it."""
    folder.mkdir(parents=True)
    for file in ("conftest.py", "build.py"):
        shutil.copy(NOTEBOOKS / file, folder)
    return folder


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """{name of the case: {number of the cell: the refusal, or None}}"""
    root = tmp_path_factory.mktemp("validation")
    versions = {"pinned": importlib.metadata.version("matplotlib"), "other": "0.0"}
    for folder, version in versions.items():
        with_checks(root / folder / "notebooks")
        (root / folder / "constraints.txt").write_text(f"matplotlib=={version}\n", encoding="utf-8")

    executed = built(CELLS, root / "base.ipynb", varying=[VARYING])
    for folder, change, *_ in CASES:
        changed = copy.deepcopy(executed)
        if change:
            change(changed["cells"])
        path = root / folder / "notebooks" / f"{name(folder, change)}.ipynb"
        path.write_text(json.dumps(changed), encoding="utf-8")

    process = run("-m", "pytest", *OPTIONS, "-n", "2", "--dist=loadscope", "--junitxml=report.xml", cwd=root)
    assert process.returncode == 1, process.stdout + process.stderr
    found = {}
    for test in ElementTree.parse(root / "report.xml").iter("testcase"):
        problem = test.find("failure")
        cells = found.setdefault(test.get("classname").split(".")[-2], {})
        cells[int(test.get("name").removeprefix("Cell "))] = None if problem is None else problem.text
    return found


@pytest.mark.parametrize(("folder", "change", "cells", "says"), CASES, ids=[name(*case[:2]) for case in CASES])
def test_what_is_refused(verdicts, folder, change, cells, says):
    verdict = verdicts[name(folder, change)]
    assert set(verdict) == ALL
    refused = {cell: text for cell, text in verdict.items() if text is not None}
    assert set(refused) == cells
    if says is not None:
        first = refused[min(refused)]
        assert says in first
        assert CELLS[min(refused)].strip().splitlines()[0] in first  # the refusal shows the cell


def test_kernels_have_the_hash_seed_of_the_checks(tmp_path):
    notebooks = with_checks(tmp_path / "notebooks")
    path = notebooks / "order.ipynb"
    path.write_text(json.dumps(built(['print(hash("w5"))'], path)), encoding="utf-8")
    assert run("-m", "pytest", *OPTIONS, cwd=tmp_path).returncode == 0  # as it was made, where no seed is given
    other = run("-m", "pytest", *OPTIONS, cwd=tmp_path, PYTHONHASHSEED="1")
    assert other.returncode == 1 and "stdout: committed (-), computed now (+)" in other.stdout


def test_a_cell_whose_library_is_missing_is_skipped_and_held_to_have_been_run(tmp_path):
    notebooks = with_checks(tmp_path / "notebooks")
    text = (notebooks / "build.py").read_text(encoding="utf-8")
    text = text.replace('OPTIONAL = ("torch", "jax")', 'OPTIONAL = ("json", "absent")')
    (notebooks / "build.py").write_text(text, encoding="utf-8")
    path = notebooks / "optional.ipynb"
    nb = built(["x = 1", "x", "x"], path)
    for cell, tag in zip(nb["cells"][1:], ("absent", "json"), strict=True):
        cell["metadata"]["tags"] = [tag]
        cell["outputs"][0]["data"]["text/plain"] = ["2"]            # seen only where the cell is run
    path.write_text(json.dumps(nb), encoding="utf-8")
    found = run("-m", "pytest", *OPTIONS, "-rs", cwd=tmp_path)
    assert "1 failed, 1 passed, 1 skipped" in found.stdout and "absent is not installed" in found.stdout
    nb["cells"][1]["execution_count"] = None
    path.write_text(json.dumps(nb), encoding="utf-8")
    assert "2 failed, 1 passed" in run("-m", "pytest", *OPTIONS, cwd=tmp_path).stdout
