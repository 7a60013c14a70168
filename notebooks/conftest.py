"""What nbval leaves unchecked, checked: `pytest --nbval notebooks/01_forward_pass.ipynb` compares figures too.

nbval runs every cell and compares text, LaTeX, HTML and SVG with what is committed. Here it is made to

- run cells as a notebook does, with a history (else a cell that ends in `;` or uses `_` fails although it is right);
- refuse a code cell without an execution count (else a notebook with cleared outputs passes whole);
- compare figures: how many there are, their alternative texts, and, with the matplotlib that drew them, their pixels;
- refuse a figure without an alternative text;
- skip a cell whose library is not installed, by its tag (`torch`, `jax`): see OPTIONAL in build.py;
- give a cell two minutes, not thirty-three;
- give kernels the PYTHONHASHSEED of pytest itself, where it has one: nothing that is shown may hang on it.

Cells whose outputs vary (timings, widgets) carry nbval's own tag `nbval-ignore-output`: run, not compared.
"""

import copy
import difflib
import functools
import importlib.metadata
import os
import re
import runpy
import tempfile
from pathlib import Path
from types import MethodType
from unittest import mock

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

HERE = Path(__file__).resolve().parent

# Loaded by its path: what sys.path holds depends on how pytest was started.
build = runpy.run_path(str(HERE / "build.py"))


@functools.cache
def pixels_are_comparable():
    """Whether the matplotlib that is installed is the one that drew the committed figures: two versions place text
    and lines differently (8 to 20 grey levels), which says nothing about the book."""
    constraints = HERE.parent / "constraints.txt"
    pins = constraints.read_text(encoding="utf-8") if constraints.exists() else ""
    pinned = re.search(r"^matplotlib==(\S+)", pins, re.MULTILINE)
    try:
        return pinned is not None and importlib.metadata.version("matplotlib") == pinned[1]
    except importlib.metadata.PackageNotFoundError:
        return False


def figures(outputs):
    """(PNG in base64, alternative text or None) of every figure among the outputs of a cell."""
    return [
        (output["data"]["image/png"], output.get("metadata", {}).get("image/png", {}).get("alt"))
        for output in outputs
        if "image/png" in output.get("data", {})
    ]


def without_pixels(outputs):
    """The outputs without their pictures, which are compared as pictures: no two libraries write the same bytes."""
    outputs = copy.deepcopy(outputs)
    for output in outputs:
        if "data" in output:
            output["data"] = build["without_pixels"](output["data"])
    return outputs


def figures_differ(committed, new):
    """How the figures of a cell differ from the committed ones, in one line; None where they do not."""
    if len(committed) != len(new):
        return f"figures: {len(committed)} committed, {len(new)} drawn now"
    for number, ((old_png, old_alt), (new_png, new_alt)) in enumerate(zip(committed, new, strict=True), start=1):
        if old_alt != new_alt:
            return f"figure {number}, alternative text: {old_alt!r} committed, {new_alt!r} now"
        if not pixels_are_comparable():
            continue
        difference = build["figure_difference"](old_png, new_png)
        if difference == float("inf"):
            return f"figure {number}: its size in pixels is not that of the committed one"
        if difference > build["FIGURE_LIMIT"]:
            return f"figure {number}: pixels differ by {difference:.2f} grey levels RMS, limit {build['FIGURE_LIMIT']}"
    return None


def execute_with_history(kernel, source, allow_stdin=None):
    """nbval's RunningKernel.execute_cell_input with store_history=True, as notebooks are run."""
    return kernel.kc.execute(source, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)


class Cell(IPyNbCell):
    """One code cell: run, compared, and held to have been run when it was committed."""

    def runtest(self):
        library = build["missing"](self.cell)
        if library is None:
            super().runtest()
        if self.cell.source.strip() and self.cell.execution_count is None:
            self.raise_cell_error("the committed cell has not been run (no execution count): `make notebooks` runs it")
        for number, (_, alt) in enumerate(figures(self.cell.outputs), start=1):
            if not alt:
                self.raise_cell_error(f"figure {number} has no alternative text (metadata['image/png']['alt'])")
        if library is not None:
            pytest.skip(f"{library} is not installed: `make oracle` installs it and runs this cell")

    def raise_cell_error(self, message, *args, **kwargs):
        """nbval counts code cells from 0; a reader sees In [1]."""
        super().raise_cell_error(f"In [{self.cell_num + 1}], {message}", *args, **kwargs)

    def format_output_compare(self, key, left, right):
        lines = difflib.ndiff(str(left).splitlines(), str(right).splitlines())
        changed = [f"  {line.rstrip()}" for line in lines if not line.startswith("  ")]
        self.comparison_traceback += [f"{key}: committed (-), computed now (+)", *changed]

    def compare_outputs(self, test, ref, skip_compare=None):
        if not super().compare_outputs(*map(without_pixels, (test, ref)), skip_compare):
            return False
        problem = figures_differ(figures(ref), figures(test))
        if problem:
            self.comparison_traceback.append(problem)
        return problem is None


class Notebook(IPyNbFile):
    """A notebook whose kernel runs in the environment that the committed outputs were made in."""

    def setup(self):
        timeout = self.config.option.nbval_cell_timeout
        self.config.option.nbval_cell_timeout = min(timeout, build["CELL_TIMEOUT"])
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        environment = {**build["KERNEL_ENVIRONMENT"], "IPYTHONDIR": self.profile.name}
        if "PYTHONHASHSEED" in os.environ:
            environment["PYTHONHASHSEED"] = os.environ["PYTHONHASHSEED"]
        with mock.patch.dict(os.environ, environment):
            super().setup()
        self.kernel.execute_cell_input = MethodType(execute_with_history, self.kernel)

    def collect(self):
        for cell in super().collect():
            yield Cell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )

    def teardown(self):
        super().teardown()
        self.profile.cleanup()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Wherever nbval would collect a notebook of this folder, collect it as one of the above."""
    collectors = yield
    return [Notebook.from_parent(parent, path=file_path) if type(c) is IPyNbFile else c for c in collectors]


def pytest_report_header():
    return f"notebooks: pixels of figures {'are' if pixels_are_comparable() else 'are not'} compared"
