"""`make notebooks`: the same bytes twice, stale chapters found, failing cells named, addresses from one place."""

import base64
import copy
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from notebooks import build

ADA = "https://github.com/ada/book"
BOB = "https://github.com/bob/copy"


def chapter(*sources, setup=True):
    """An unexecuted chapter as a hand or another program writes it: no ids, empty cells, metadata of all kinds."""
    cells = [new_markdown_cell("# A chapter\n\nWhat you will do.")]
    if setup:
        cells.append(new_code_cell("anything", metadata={"tags": ["setup"]}))
    cells += [new_code_cell(source, metadata={"collapsed": True}) for source in sources] + [new_code_cell("")]
    nb = new_notebook(cells=cells, metadata={"widgets": {"state": {}}})
    for cell in nb.cells:
        del cell["id"]
    return nb


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A small book, not yet built; and a function that runs its build."""
    root = tmp_path_factory.mktemp("book")
    (root / "notebooks").mkdir()
    (root / "backprop_sym.py").write_text("", encoding="utf-8")  # so that the setup cell finds nothing to install
    (root / "pyproject.toml").write_text(f'[project.urls]\nRepository = "{ADA}"\n', encoding="utf-8")
    (root / "README.md").write_text("# Book\n\n<!-- links --><!-- /links -->\n\nText.\n", encoding="utf-8")
    for name in ("build.py", "exercises.py"):
        shutil.copy(build.NOTEBOOKS / name, root / "notebooks")
    nb = chapter("print({'w', 'b', 'x'})\n1 + 1", "import time", "time.perf_counter()", "1 / 0")
    nb.cells[4].metadata.tags = [build.VARYING]
    nb.cells[5].metadata.tags = ["raises-exception"]
    (root / "notebooks" / "00_start_here.ipynb").write_text(json.dumps(nb), encoding="utf-8")

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "notebooks/build.py", *arguments],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    return root, run


@pytest.fixture(scope="module")
def built(repository):
    root, run = repository
    process = run()
    assert process.returncode == 0, process.stderr
    return root, run, (root / "notebooks" / "00_start_here.ipynb").read_bytes()


def test_two_builds_are_the_same_bytes(built):
    root, run, first = built
    process = run()
    assert process.returncode == 0, process.stderr
    assert re.findall(r"(\S+) +unchanged", process.stdout) == ["00_start_here.ipynb", "README.md"]
    assert (root / "notebooks" / "00_start_here.ipynb").read_bytes() == first


def test_what_is_written_has_no_trace_of_the_machine(built):
    root, _, first = built
    assert str(root) not in first.decode() and sys.prefix not in first.decode()
    nb = json.loads(first)
    assert (nb["nbformat"], nb["nbformat_minor"]) == (4, 5)
    assert set(nb["metadata"]) == {"kernelspec", "language_info"}
    assert nb["metadata"]["language_info"] == {"name": "python"}
    assert [cell["id"] for cell in nb["cells"]] == [f"00_start_here-{n}" for n in range(6)]  # the empty cell is gone
    assert [cell["execution_count"] for cell in nb["cells"][1:]] == [1, 2, 3, 4, 5]
    assert "ada/book" in (root / "README.md").read_text(encoding="utf-8")


def test_stale_outputs_are_found_and_not_touched(built):
    root, run, first = built
    path = root / "notebooks" / "01_stale.ipynb"
    path.write_bytes(first.replace(b'"2"', b'"3"').replace(b"00_start_here", b"01_stale"))
    stale = path.read_bytes()
    try:
        process = run("--check")
        assert process.returncode == 1
        assert re.search(r"00_start_here.ipynb +unchanged", process.stdout)
        assert re.search(r'01_stale.ipynb +stale\n(.*\n)*    - +"3"\n    \+ +"2"', process.stdout)
        assert path.read_bytes() == stale
    finally:
        path.unlink()


def test_a_failing_cell_is_named_and_the_file_left_alone(built):
    root, run, _ = built
    path = root / "notebooks" / "02_fails.ipynb"
    path.write_text(json.dumps(chapter("x = 1", "y = {}\ny['w5']", setup=False)), encoding="utf-8")
    before = path.read_bytes()
    try:
        process = run(str(path))
        assert process.returncode == 1
        assert "02_fails.ipynb: In [2] failed (cell id 02_fails-2)" in process.stderr
        assert "y['w5']" in process.stderr and "KeyError: 'w5'" in process.stderr
        assert path.read_bytes() == before
        assert [file.name for file in path.parent.glob(".*tmp")] == []
    finally:
        path.unlink()


def test_a_cell_that_warns_is_named_and_the_file_left_alone(built):
    """What a machine lacks, as a font, is said on stderr, and changes what a chapter shows."""
    root, run, _ = built
    path = root / "notebooks" / "02_warns.ipynb"
    path.write_text(json.dumps(chapter("x = 1", "import sys\nprint('no such font', file=sys.stderr)", setup=False)),
                    encoding="utf-8")
    before = path.read_bytes()
    try:
        process = run(str(path))
        assert process.returncode == 1
        assert "02_warns.ipynb: In [2] failed (cell id 02_warns-2)" in process.stderr
        assert "it writes to stderr: no such font" in process.stderr and path.read_bytes() == before
    finally:
        path.unlink()


def test_a_cell_whose_library_is_missing_is_counted_and_keeps_its_outputs(built):
    root, run, _ = built
    folder = root / "elsewhere"
    folder.mkdir()
    text = (root / "notebooks" / "build.py").read_text(encoding="utf-8")
    (folder / "build.py").write_text(re.sub(r'(?m)^OPTIONAL = .*', 'OPTIONAL = ("json", "absent")', text), encoding="utf-8")
    nb = chapter("x = 1", "x = absent.f()", "x", setup=False)
    nb.cells[2].metadata.tags, nb.cells[3].metadata.tags = ["absent"], ["json"]        # one is missing, one is there
    nb.cells[2].outputs, nb.cells[2].execution_count = [new_output("stream", text="from before\n")], 7
    path = folder / "03_optional.ipynb"
    path.write_text(json.dumps(nb), encoding="utf-8")
    command = [sys.executable, str(folder / "build.py"), str(path)]
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
    assert process.returncode == 0, process.stderr
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert ["".join(cell["source"]) for cell in cells[1:]] == ["x = 1", "x = absent.f()", "x"]
    assert cells[2]["outputs"][0]["text"] == ["from before\n"] and cells[3]["outputs"][0]["data"]["text/plain"] == ["1"]
    assert cells[3]["execution_count"] == 3                             # as where all of them are run
    again = path.read_bytes()
    assert "unchanged" in subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8").stdout
    assert path.read_bytes() == again


def test_generated_parts_follow_the_address_and_are_written_once():
    nb = new_notebook(cells=[new_markdown_cell("# T\n\nText."), new_code_cell("x", metadata={"tags": ["setup"]})])
    once = copy.deepcopy(build.generate(nb, ADA, "01_a.ipynb"))
    assert once.cells[0].source == "# T\n\nText.\n\n" + build.links(ADA, "01_a.ipynb")
    assert once.cells[1].source.endswith(f"%pip install --quiet git+{ADA}")
    assert build.generate(copy.deepcopy(once), ADA, "01_a.ipynb") == once
    moved = build.generate(once, BOB, "01_a.ipynb")
    assert "ada/book" not in str(moved) and moved.cells[0].source.count("bob/copy") == 2


def test_without_an_address_there_are_no_links_and_the_setup_cell_says_what_to_do():
    nb = new_notebook(cells=[new_markdown_cell("# T\n\nText."), new_code_cell("x", metadata={"tags": ["setup"]})])
    build.generate(build.generate(nb, ADA, "01_a.ipynb"), None, "01_a.ipynb")
    assert nb.cells[0].source == "# T\n\nText."
    assert "pip install -r requirements.txt" in nb.cells[1].source and "http" not in nb.cells[1].source
    with_links = f"# Book\n\n{build.links(ADA, build.FIRST_CHAPTER)}\n"
    without = build.readme_with_links(with_links, None)
    assert without == "# Book\n\n<!-- links -->\n<!-- /links -->\n"
    assert build.readme_with_links(without, ADA) == with_links


@pytest.mark.parametrize("repository", [ADA, None])
def test_the_setup_cell_is_harmless_where_the_package_is(repository):
    nb = new_notebook(cells=[new_code_cell("x", metadata={"tags": ["setup"]})])
    exec(build.generate(nb, repository, "01_a.ipynb").cells[0].source.replace("%pip", "raise AssertionError #"), {})


def test_the_setup_cell_says_how_to_install_where_the_package_is_not(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install -r requirements.txt"):
        exec(build.SETUP_WITHOUT_ADDRESS, {})


def test_a_first_code_cell_without_the_tag_is_the_authors():
    nb = new_notebook(cells=[new_code_cell("import sympy")])
    assert build.generate(nb, ADA, "01_a.ipynb").cells[0].source == "import sympy"


def test_ids_are_kept_and_missing_ones_avoid_them(tmp_path):
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "text"} for _ in range(4)]
    cells[1]["id"] = "a-0"
    cells[3]["id"] = "a-0"  # a copied cell
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    assert [cell.id for cell in build.read(path).cells] == ["a-1", "a-0", "a-2", "a-3"]


def timed(text, *tags):
    output = new_output("stream", name="stdout", text=text)
    return new_notebook(cells=[new_code_cell("t", id="t", outputs=[output], metadata={"tags": list(tags)})])


@pytest.mark.parametrize(
    ("old", "new", "tags", "kept"),
    [
        ("python  1.28 us", "python 12.5 us", [build.VARYING], True),
        ("python 1.28 us", "numpy 1.28 us", [build.VARYING], False),  # the cell has changed, not the machine
        ("python 1.28 us", "python 12.5 us", [], False),
    ],
)
def test_a_measurement_is_kept_where_only_its_numbers_differ(old, new, tags, kept):
    notebook = timed(new, *tags)
    build.keep_what_is_the_same(notebook, timed(old, *tags))
    assert notebook.cells[0].outputs[0].text == (old if kept else new)


def drawn(grey, **options):
    """A notebook of one cell that shows an even grey as a PNG, and the PNG."""
    file = io.BytesIO()
    Image.new("L", (40, 30), grey).save(file, format="png", **options)
    png = base64.b64encode(file.getvalue()).decode()
    output = new_output("display_data", data={"image/png": png, "text/html": f"<img {png}>", "text/plain": "grey"})
    return new_notebook(cells=[new_code_cell("grey", id="g", outputs=[output])]), png


def test_a_figure_is_kept_where_its_pixels_are_the_same():
    old, committed = drawn(100, compress_level=9)
    same, packed_otherwise = drawn(100, compress_level=0)
    other, darker = drawn(99)
    assert packed_otherwise != committed
    for notebook, expected in ((same, committed), (other, darker)):
        build.keep_what_is_the_same(notebook, old)
        data = notebook.cells[0].outputs[0].data
        assert (data["image/png"], data["text/html"]) == (expected, f"<img {expected}>")


def test_the_difference_of_figures_is_a_root_mean_square_in_grey_levels():
    assert build.figure_difference(drawn(100)[1], drawn(103)[1]) == 3
    assert build.figure_difference(drawn(0)[1], drawn(0, transparency=0)[1]) == 255  # seen on white


def test_a_notebook_of_another_format_is_refused(tmp_path):
    path = tmp_path / "old.ipynb"
    path.write_text('{"nbformat": 3, "worksheets": []}', encoding="utf-8")
    with pytest.raises(ValueError, match="old.ipynb: nbformat 3, expected 4"):
        build.read(path)


@pytest.mark.parametrize("path", sorted(build.NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_committed_chapters_are_in_normal_form(path):
    expected = build.normalise(build.generate(build.read(path), build.repository_address(), path.name))
    assert path.read_text(encoding="utf-8") == build.dumps(expected), "`make notebooks` writes it"
    counts = [cell.execution_count for cell in expected.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run from top to bottom in a new kernel"


def test_readme_links_are_current():
    name, what, _ = build.build_readme(check=True)
    assert (name, what) == ("README.md", "unchanged")


def test_the_picture_of_the_readme_is_the_chapters():
    assert build.build_picture(check=True) == ("paths.png", "unchanged", False)


@pytest.mark.parametrize("path", [*sorted(build.NOTEBOOKS.glob("*.ipynb")), *sorted(build.NOTEBOOKS.glob("*.md")),
                                  *sorted(build.ROOT.glob("*.md"))],
                         ids=lambda path: path.name)
def test_links_lead_to_what_exists(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell["source"] for cell in build.read(path).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    assert all((path.parent / link).exists() for link in links), links


def test_every_list_of_dependencies_names_the_same_ranges():
    project = tomllib.loads((build.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ranges = {*project["dependencies"], *project["optional-dependencies"]["book"]}
    for name in ("requirements.txt", "environment.yml"):
        text = (build.ROOT / name).read_text(encoding="utf-8")
        listed = set(re.findall(r"^[ -]*([a-z_]+>=\S+)$", text, re.MULTILINE))
        assert listed and listed <= ranges, name
    pinned = re.findall(r"^([\w-]+)==", (build.ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    extras = project["optional-dependencies"]
    direct = {*ranges, *extras["test"], *extras["dist"]}
    assert {re.split(">=", requirement)[0] for requirement in direct} <= set(pinned)


def spelled(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(*extras):
    """What is installed because of the package with these extras: distributions, and those that they need in turn."""
    requirements = pytest.importorskip("packaging.requirements")
    left, seen = [("backprop_sym", extra) for extra in extras], set()
    while left:
        name, extra = left.pop()
        try:
            needs = map(requirements.Requirement, distribution(name).requires or [])
        except PackageNotFoundError:                          # what another extra or another system needs
            continue
        seen.add((spelled(name), extra))
        left += {(spelled(need.name), more) for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})
                 for more in ("", *need.extras)} - seen
    return {name for name, _ in seen}


@pytest.mark.skipif(sys.platform != "linux", reason="the pins are those of the system that the outputs were made on")
def test_everything_that_is_installed_is_pinned():
    """A version that nobody chose changes an output that nobody touched."""
    text = (build.ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = [spelled(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)]
    assert len(pinned) == len(set(pinned))
    assert brought("", "book", "test", "dist", "web") - {"backprop-sym"} <= set(pinned)
