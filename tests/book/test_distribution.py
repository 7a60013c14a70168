"""What is published: a README that reads well elsewhere, no address that nobody has, every dependency declared."""
import ast
import re
import runpy
import sys
import tomllib

import pytest

from notebooks import build

PROJECT = tomllib.loads((build.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Of the libraries that are imported by another name than they are installed by.
INSTALLED_AS = {"IPython": "ipython", "PIL": "pillow"}

description = runpy.run_path(str(build.ROOT / "setup.py"))["description"]


@pytest.mark.parametrize(("readme", "alone", "addressed"), [
    ("[a](notebooks/a.ipynb)", "a", "[a](https://x.org/ada/book/blob/main/notebooks/a.ipynb)"),
    ("![a net](paths.png)", "", "![a net](https://x.org/ada/book/raw/main/paths.png)"),
    ("[SymPy](https://sympy.org)", "[SymPy](https://sympy.org)", "[SymPy](https://sympy.org)"),
    ("x[0] (y)", "x[0] (y)", "x[0] (y)"),
])
def test_a_link_into_the_repository_leads_there_or_is_text(readme, alone, addressed):
    assert description(readme) == alone
    assert description(readme, "https://x.org/ada/book") == addressed


def test_no_link_of_the_published_readme_is_relative():
    readme = (build.ROOT / "README.md").read_text(encoding="utf-8")
    targets = r"\]\((?!https:)[^)]*\)"
    assert re.search(targets, readme) and not re.search(targets, description(readme))


def test_an_address_that_is_not_filled_in_is_written_nowhere():
    texts = {path.name: path.read_text(encoding="utf-8") for path in (*build.NOTEBOOKS.glob("*.ipynb"), build.ROOT / "README.md")}
    texts["[project.urls] in pyproject.toml"] = str(PROJECT.get("urls"))
    assert [name for name, text in texts.items() if "/OWNER/" in text] == []


def declared(*extras):
    """The names of the libraries that are installed with the package and these extras."""
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    return {re.match(r"[\w-]+", requirement)[0] for requirements in lists for requirement in requirements}


def libraries(source):
    """The libraries that this code imports, by the names that they are installed by."""
    for node in ast.walk(ast.parse(source)):
        modules = ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                   else [node.module] if isinstance(node, ast.ImportFrom) and not node.level else [])
        roots = {module.partition(".")[0] for module in modules} - {*sys.stdlib_module_names, "backprop_sym"}
        yield from (INSTALLED_AS.get(root, root) for root in roots)


def code(path):
    """A module; or the code cells of a chapter, without the commands of IPython."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = "\n".join(cell.source for cell in build.read(path).cells if cell.cell_type == "code")
    return re.sub(r"^(\s*)[%!]", r"\1pass #", cells, flags=re.MULTILINE)


@pytest.mark.parametrize(("files", "extras"), [
    ("backprop_sym/**/*.py", ["book", "fast", "jax"]), ("notebooks/*.ipynb", ["book", "jax", "torch"]),
    ("notebooks/*.py", ["book", "test"])])
def test_what_is_imported_is_declared(files, extras):
    imported = {library: path.name for path in build.ROOT.glob(files) for library in libraries(code(path))}
    assert imported and {library: where for library, where in imported.items() if library not in declared(*extras)} == {}


def test_chapters_are_numbered_alike():
    """"8." in headings and lists, "chapter 8" in prose; 08 in the names of files alone, where it sorts."""
    readme = (build.ROOT / "README.md").read_text(encoding="utf-8")
    for path in build.NOTEBOOKS.glob("[0-9]*.ipynb"):
        number = int(path.name[:2])
        text = "\n".join(cell.source for cell in build.read(path).cells if cell.cell_type == "markdown")
        assert text.startswith(f"# {number}. "), path.name
        assert f"\n| {number} | [" in readme and f"notebooks/{path.name})" in readme
        assert re.findall(r"^#+ 0\d|[Cc]hapters? 0\d|\[0\d", text, re.MULTILINE) == [], path.name
