"""Execute the chapters and write them in one normal form, so that two builds give the same bytes.

    python notebooks/build.py                     execute every chapter; write those that changed
    python notebooks/build.py 01_*.ipynb          only these
    python notebooks/build.py --check             write nothing; fail where a committed chapter is stale
    python notebooks/build.py --refresh           also replace measurements and figures that look the same

Two parts of a chapter are generated from the repository's address in pyproject.toml: the links to Binder and Colab at
the end of the first Markdown cell (in README.md too), and the cell tagged `setup`, which installs the package on Colab.
While the address is not filled in there are no links, and that cell says how the package is installed. The map of the
book in chapter 00 and the glossary are collected from the chapters: contents.py. The cells tagged `exercises` are
generated from the chapter's exercises: exercises.py, which writes the solutions as well.
"""

import argparse
import difflib
import importlib.util
import itertools
import json
import math
import os
import re
import runpy
import sys
import tempfile
import tomllib
from base64 import b64decode
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import nbformat

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
FIRST_CHAPTER = "00_start_here.ipynb"
PICTURED = "04_forks_add.ipynb"  # its first figure stands in README.md
CELL_TIMEOUT = 120  # seconds

# What could make the same cell show something else on another machine, or the next time.
KERNEL_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",  # the order of sets
    "OMP_NUM_THREADS": "1",  # the order in which floating-point sums are taken
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": os.devnull,  # the reader's own matplotlib settings
    "COLUMNS": "80",  # where pretty-printed formulas wrap
    "TQDM_DISABLE": "1",  # a progress bar shows the time that has passed
}

# nbval's own tag for a cell whose outputs vary (timings, widgets): it is run, its outputs are not compared.
VARYING = "nbval-ignore-output"

# Libraries that a reader need not have, and tags: a cell tagged so is run where the library is, and keeps its committed
# outputs where it is not. What depends on such a cell is tagged as well. `make oracle` has them, and compares these cells.
OPTIONAL = ("torch", "jax")

# RMS differences in grey levels of 0 to 255. Up to INVISIBLE a new figure is the old one (another compression library
# writes the same pixels as other bytes, another processor rounds one of them); FIGURE_LIMIT still sees one letter.
INVISIBLE = 0.05
FIGURE_LIMIT = 0.5

LINKS = re.compile(r"<!-- links -->.*?<!-- /links -->", re.DOTALL)
MAP = re.compile(r"<!-- chapters -->.*?<!-- /chapters -->", re.DOTALL)

SETUP = """\
# Where the package is missing, as on Colab, install it from the repository; elsewhere this cell does nothing.
import importlib.util

if importlib.util.find_spec("backprop_sym") is None:
    %pip install --quiet git+{repository}"""

SETUP_WITHOUT_ADDRESS = """\
# Where the package is missing, say how to install it; elsewhere this cell does nothing.
import importlib.util

if importlib.util.find_spec("backprop_sym") is None:
    raise ModuleNotFoundError("backprop_sym: `pip install -r requirements.txt` in the book's folder, then restart the kernel")"""


# --- reading and writing ---------------------------------------------------------------------------------------------


def read(path):
    """The notebook at `path` as nbformat 4.5; a cell without an id of its own gets one from the file and its place."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw.get("nbformat") != 4:
        raise ValueError(f"{path.name}: nbformat {raw.get('nbformat')}, expected 4")
    raw["nbformat_minor"] = 5
    given = {cell.get("id") for cell in raw["cells"]}
    taken = set()
    for place, cell in enumerate(raw["cells"]):
        if cell.get("id") in taken | {None}:
            names = (f"{path.stem[:40]}-{n}" for n in itertools.count(place))
            cell["id"] = next(name for name in names if name not in given | taken)
        taken.add(cell["id"])
    return nbformat.reads(json.dumps(raw), as_version=4)


def dumps(nb):
    """The text of a notebook: sorted keys, one space of indentation, a newline at the end; ValueError if it is invalid.

    >>> dumps(nbformat.v4.new_notebook()).startswith('{\\n "cells": [],\\n "metadata"')
    True
    """
    nbformat.validate(nb)
    return nbformat.writes(nb).rstrip("\n") + "\n"


def write(path, text):
    """Replace the file as a whole: whoever reads it sees the old text or the new one."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


# --- the normal form -------------------------------------------------------------------------------------------------


def normalise(nb):
    """Drop from `nb` what depends on who ran it, where and when, and empty cells. In place; returns `nb`."""
    nb.cells = [cell for cell in nb.cells if cell.source.strip()]
    nb.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in nb.cells:
        cell.source = cell.source.rstrip()
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in ("tags", "jupyter") and v})
        for output in cell.get("outputs", []):
            normalise_output(output)
    return nb


def normalise_output(output):
    """A widget has no state outside its kernel, and a traceback names the folders of this machine."""
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "data" in output:
        output.data.pop("application/vnd.jupyter.widget-view+json", None)
        output.metadata = nbformat.from_dict({k: v for k, v in output.metadata.items() if k in output.data and v})


# --- the generated parts ---------------------------------------------------------------------------------------------


def repository_address():
    """[project.urls] Repository in pyproject.toml, the one place where it is written down; None while it is not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository", "").removesuffix("/").removesuffix(".git") or None


def links(repository, name):
    """The two links to the notebook `name`, between their markers, each on a line of its own: a line that
    opens with an HTML comment is not read as Markdown. Without an address, the markers alone.

    >>> print(links("https://github.com/ada/book", "01_a.ipynb").replace(" · ", "\\n"))
    <!-- links -->
    [Run in Binder](https://mybinder.org/v2/gh/ada/book/HEAD?labpath=notebooks/01_a.ipynb)
    [Open in Colab](https://colab.research.google.com/github/ada/book/blob/main/notebooks/01_a.ipynb)
    <!-- /links -->
    """
    if repository is None:
        return "<!-- links -->\n<!-- /links -->"
    project = repository.removeprefix("https://github.com/")
    binder = f"https://mybinder.org/v2/gh/{project}/HEAD?labpath=notebooks/{name}"
    colab = f"https://colab.research.google.com/github/{project}/blob/main/notebooks/{name}"
    return f"<!-- links -->\n[Run in Binder]({binder}) · [Open in Colab]({colab})\n<!-- /links -->"


@cache
def contents():
    """The module beside this one; loaded by its path, for what sys.path holds depends on how this file was started."""
    return SimpleNamespace(**runpy.run_path(str(NOTEBOOKS / "contents.py")))


@cache
def exercises():
    """The other module beside this one."""
    return SimpleNamespace(**runpy.run_path(str(NOTEBOOKS / "exercises.py")))


def generate(nb, repository, name):
    """Write the links, the setup cell, the map and the exercises of the chapter `name` into `nb`. In place; returns `nb`."""
    opening = next((cell for cell in nb.cells if cell.cell_type == "markdown"), None)
    if opening is not None:
        opening.source = LINKS.sub("", opening.source).rstrip() + (f"\n\n{links(repository, name)}" if repository else "")
    first_code = next((cell for cell in nb.cells if cell.cell_type == "code"), None)
    if first_code is not None and "setup" in first_code.metadata.get("tags", []):
        first_code.source = SETUP.format(repository=repository) if repository else SETUP_WITHOUT_ADDRESS
    for cell in nb.cells:
        if cell.cell_type == "markdown" and MAP.search(cell.source):
            chapters = f"<!-- chapters -->\n\n{contents().chapter_map()}\n\n<!-- /chapters -->"
            cell.source = MAP.sub(lambda match, text=chapters: text, cell.source)
    if any("exercises" in cell.metadata.get("tags", []) for cell in nb.cells):
        exercises().put(nb, name)
    return nb


def name_of(path):
    """The name of a notebook in this folder: 01_a.ipynb, solutions/01_a.ipynb."""
    return path.relative_to(NOTEBOOKS).as_posix() if path.is_relative_to(NOTEBOOKS) else path.name


def readme_with_links(text, repository):
    """README.md with its links, where it has the markers, pointing to the first chapter."""
    return LINKS.sub(lambda match: links(repository, FIRST_CHAPTER), text)


# --- what is not here ------------------------------------------------------------------------------------------------


def missing(cell):
    """The first library that a cell is tagged with and that is not installed; None where all of them are."""
    tags = cell.get("metadata", {}).get("tags", [])
    return next((name for name in OPTIONAL if name in tags and importlib.util.find_spec(name) is None), None)


# --- executing -------------------------------------------------------------------------------------------------------


def execute(nb, path):
    """Run every cell of `nb` in a new kernel, in the folder of `path`. RuntimeError names the cell that failed, or warned.

    A cell whose library is missing is counted and not run: it keeps its outputs."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    started = [0]
    kept = [(cell, dict(cell)) for cell in nb.cells if missing(cell)]
    for cell, _ in kept:
        cell.source = "pass"
    client = NotebookClient(
        nb,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
    )
    # An empty profile: the reader's own start-up files must not change what a cell shows.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        try:
            client.execute(env={**os.environ, **KERNEL_ENVIRONMENT, "IPYTHONDIR": profile})
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise RuntimeError(failure(path.name, nb, started[-1], error)) from None
    for index, cell in enumerate(nb.cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":  # a font that is missing, a warning: of this machine, not of the book
                raise RuntimeError(failure(path.name, nb, index, f"it writes to stderr: {output.text}"))
    for cell, committed in kept:
        cell.update(committed)
    return nb


def failure(name, nb, index, error):
    """Which cell of which notebook failed, its source, and why."""
    cause = f"{error.ename}: {error.evalue}" if hasattr(error, "ename") else str(error).strip().splitlines()[0]
    count = sum(cell.cell_type == "code" for cell in nb.cells[: index + 1])
    source = "\n".join(f"    {line}" for line in nb.cells[index].source.splitlines())
    return f"{name}: In [{count}] failed (cell id {nb.cells[index].id})\n\n{source}\n\n    {cause}\n"


def figure_difference(first, second):
    """Root mean square difference of two PNGs in base64, on white, in 0 to 255; infinite where their sizes differ."""
    import numpy
    from PIL import Image

    if first == second:
        return 0.0
    images = [Image.open(BytesIO(b64decode(png))).convert("RGBA") for png in (first, second)]
    if images[0].size != images[1].size:
        return math.inf
    white = Image.new("RGBA", images[0].size, "white")
    a, b = (numpy.asarray(Image.alpha_composite(white, image).convert("RGB"), dtype=float) for image in images)
    return float(numpy.sqrt(((a - b) ** 2).mean()))


def keep_what_is_the_same(new, old):
    """Put back into `new` the old outputs that say the same: figures with the same pixels, and in cells whose outputs
    vary those that differ in their numbers only. Otherwise no build would equal the one before. In place."""
    before = {cell.id: cell for cell in old.cells if cell.cell_type == "code"}
    for cell in (cell for cell in new.cells if cell.id in before and cell.cell_type == "code"):
        pairs = list(zip(cell.outputs, before[cell.id].outputs, strict=False))
        if len(cell.outputs) != len(before[cell.id].outputs):
            continue
        if VARYING in cell.metadata.get("tags", []):
            if all(without_numbers(output) == without_numbers(committed) for output, committed in pairs):
                cell.outputs = before[cell.id].outputs
                for output in cell.outputs:
                    if output.output_type == "execute_result":
                        output.execution_count = cell.execution_count
        else:
            for output, committed in pairs:
                pngs = [o.get("data", {}).get("image/png") for o in (output, committed)]
                if all(pngs) and figure_difference(*pngs) <= INVISIBLE:
                    output.data = nbformat.from_dict(
                        {kind: text.replace(*pngs) if isinstance(text, str) else text for kind, text in output.data.items()}
                    )


def without_pixels(data):
    """The data of an output without its picture, which stands in the HTML that shows it as well.

    >>> without_pixels({"image/png": "iVBO", "text/html": '<img alt="A line" src="data:image/png;base64,iVBO">'})
    {'text/html': '<img alt="A line" src="data:image/png;base64,">'}
    """
    png = data.get("image/png")
    return {
        kind: text.replace(png, "") if png and isinstance(text, str) else text
        for kind, text in data.items()
        if kind != "image/png"
    }


def without_numbers(output):
    """What an output says apart from its numbers, the width of their columns and its pixels.

    >>> without_numbers({"text": "python  1.28 us"}) == without_numbers({"text": "python 12.5 us"})
    True
    """
    data = without_pixels(output.get("data", {}))
    rest = {key: value for key, value in output.items() if key not in ("data", "execution_count")}
    return re.sub(r"[\s\d.]+(e[+-]?\d+)?", "#", json.dumps([data, rest], sort_keys=True))


# --- the command -----------------------------------------------------------------------------------------------------


def build(path, check=False, refresh=False):
    """Execute one notebook; write it if it changed (or, with `check`, do not). Returns (name, what happened, changed).

    Where a cell fails, the committed file stays as it is and RuntimeError says which."""
    committed = path.read_text(encoding="utf-8")
    old = normalise(read(path))
    new = normalise(execute(normalise(generate(read(path), repository_address(), name_of(path))), path))
    if not refresh:
        keep_what_is_the_same(new, old)
    text = dumps(new)
    if text == committed:
        return name_of(path), "unchanged", False
    if check:
        return name_of(path), f"stale\n{difference(committed, text)}", True
    write(path, text)
    return name_of(path), "written", True


def difference(committed, text, lines=40):
    """The first lines that differ, committed against executed; pictures are cut short."""
    diff = difflib.unified_diff(
        committed.splitlines(), text.splitlines(), "committed", "executed now", n=1, lineterm=""
    )
    shown = [f"    {line[:160]}" for line in diff]
    return "\n".join(shown[:lines] + ["    ..."] * (len(shown) > lines))


def build_picture(check=False):
    """The picture in README.md: the first figure of the chapter that it shows, as the chapter's last build drew it."""
    outputs = (o for cell in read(NOTEBOOKS / PICTURED).cells for o in cell.get("outputs", []))
    png = b64decode(next(o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})))
    path = NOTEBOOKS / "paths.png"
    if path.exists() and path.read_bytes() == png:
        return path.name, "unchanged", False
    if not check:
        path.write_bytes(png)
    return path.name, "stale" if check else "written", True


def build_readme(check=False):
    """The same for README.md, which has no cells."""
    path = ROOT / "README.md"
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    return build_text(path, committed, readme_with_links(committed, repository_address()), check)


def build_glossary(check=False):
    """The page of terms, collected from the chapters as they are now."""
    path = NOTEBOOKS / contents().GLOSSARY
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    return build_text(path, committed, contents().glossary(), check)


def build_text(path, committed, text, check):
    """A file without cells: written if it changed. Returns as `build` does."""
    if text == committed:
        return path.name, "unchanged", False
    if check:
        return path.name, f"stale\n{difference(committed, text)}", True
    write(path, text)
    return path.name, "written", True


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Execute the chapters and write them in one normal form.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every notebook of the folder, and README.md")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a committed notebook is stale")
    parser.add_argument("--refresh", action="store_true", help="also replace measurements and figures that look alike")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks executed at a time (default: 2)")
    options = parser.parse_args(arguments)

    paths = [path.resolve() for path in options.notebooks] or [
        path for folder in (NOTEBOOKS, NOTEBOOKS / "solutions") for path in sorted(folder.glob("*.ipynb"))]
    jobs = [partial(build, path, options.check, options.refresh) for path in paths]
    if not options.notebooks:
        jobs.append(partial(build_readme, options.check))
        if (NOTEBOOKS / "contents.toml").exists():
            jobs.append(partial(build_glossary, options.check))
    failed = stale = False
    with ProcessPoolExecutor(options.jobs) as pool:
        for future in [pool.submit(job) for job in jobs]:
            try:
                name, what, changed = future.result()
            except (RuntimeError, ValueError) as error:
                failed = True
                print(error, file=sys.stderr, flush=True)
            else:
                stale |= changed and options.check
                print(f"{name:42} {what}", flush=True)
    if not options.notebooks and not failed and (NOTEBOOKS / PICTURED).exists():
        name, what, changed = build_picture(options.check)
        stale |= changed and options.check
        print(f"{name:42} {what}", flush=True)
    if stale:
        print("Stale: run `make notebooks`, read what changed, and commit it.", file=sys.stderr)
    return int(failed or stale)


if __name__ == "__main__":
    sys.exit(main())
