"""From a chapter to what is read: its page, and its copy that runs in the reader's browser.

    page(nb, numbered)    the chapter as a page shows it: nothing that is there for running it elsewhere; an anchor for every
                     cell, a number for every formula that is referred to, and notes in the margin
    referred(nbs)    the formulas that are referred to, by the ids of their cells
    runnable(nb)     the chapter as JupyterLite runs it: the setup cell installs the package that the site carries
    listed(text)     a page in Markdown, its links to headings as pages write them
    index(text, pages)    the opening page: lists of pages, without those that have none yet

All are pure: they return something new and leave the committed one as it is.
"""
import copy
import re
from fnmatch import fnmatchcase

from backprop_sym.teach.explorable import MIME
from backprop_sym.teach.files import exercise
from backprop_sym.teach.foreseen import foreseen

# What notebooks/build.py writes into the first cell, for readers elsewhere: a page has a link of its own.
LINKS = re.compile(r"<!-- links -->.*?<!-- /links -->", re.DOTALL)
# Tags without an end, which XML wants closed: a book in one file is XML.
VOID = re.compile(r"<(img|br|hr|wbr)\b([^<>]*?)\s*/?>")
TOCTREE = re.compile(r"```\{toctree\}.*?\n\n(.*?)\n```\n*", re.DOTALL)
PLACE = re.compile(r"(\.ipynb)#([^)]+)\)")
HEADING = re.compile(r"^#+ +(.*)", re.MULTILINE)
# An aside, in a notebook a quotation, stands in the margin of a page.
QUOTED = re.compile(r"^> ?", re.MULTILINE)
# A link to a cell: where a page has a number to name, the number is the link.
CELL = re.compile(r"\[([^\]]*)\]\((?:[\w./]+\.ipynb)?#([\w-]+)\)")
ASKED = re.compile(r'bp\.exercise\("([\d.]+)"\)')
INSTALL = "# The package comes with this site.\n%pip install --quiet backprop_sym anywidget"


def is_setup(cell):
    """Whether a cell is there only to install the package."""
    return "setup" in cell.metadata.get("tags", [])


def is_aside(cell):
    """Whether a cell is a note for the margin: a quotation where there is none, as in a notebook."""
    return "margin" in cell.metadata.get("tags", [])


def formulas(cell):
    """The outputs of a cell that are formulas."""
    return [output.data for output in cell.get("outputs", []) if "text/latex" in output.get("data", {})]


def referred(notebooks):
    """The ids of cells that say one formula, and that a text links to: [words](03_a.ipynb#id).

    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
    >>> said = [new_output("display_data", {"text/latex": "$$z = x$$"})]
    >>> nb = new_notebook(cells=[new_markdown_cell("As in [chapter 1](01_a.ipynb#sum)."),
    ...                          new_code_cell("z", id="sum", outputs=said), new_code_cell("z", id="other", outputs=said)])
    >>> referred([nb])
    {'sum'}
    >>> page(nb, {"sum"}).cells[0].source, page(nb, {"sum"}).cells[2].outputs[0].data
    ('As in chapter 1, {eq}`sum`.', {'text/markdown': '$$z = x$$ (sum)'})
    """
    cells = [cell for nb in notebooks for cell in nb.cells]
    links = {name for cell in cells if cell.cell_type == "markdown" for _, name in CELL.findall(cell.source)}
    return links & {cell.id for cell in cells if len(formulas(cell)) == 1}


def page(nb, numbered=frozenset()):
    """The chapter as a page shows it; the formulas of the cells ``numbered`` have numbers.

    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    >>> nb = new_notebook(cells=[new_markdown_cell("# 1. One", id="one"),
    ...                          new_code_cell("%pip install it", id="two", metadata={"tags": ["setup"]}),
    ...                          new_code_cell("2 + 2", id="three")])
    >>> [cell.source for cell in page(nb).cells]
    ['# 1. One', '<div class="anchor" id="three"></div>', '2 + 2']
    """
    made = copy.deepcopy(nb)
    headings = {slug(name) for cell in nb.cells if cell.cell_type == "markdown" for name in HEADING.findall(cell.source)}
    made.cells = [part for cell in made.cells if not is_setup(cell)
                  for part in anchored(number(shown(cell), numbered), headings)]
    return made


def shown(cell):
    """A cell without links to places that run it, and with outputs as a page shows them. In place; returns the cell."""
    if cell.cell_type == "markdown":
        cell.source = LINKS.sub("", cell.source).rstrip()
        if is_aside(cell):
            cell.source = f"```{{margin}}\n{QUOTED.sub('', cell.source)}\n```"
    elif "exercises" in cell.metadata.get("tags", []):
        answerable(cell)
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/png" in data:
            picture(output)
        elif "text/html" in data:
            data["text/html"] = VOID.sub(r"<\1\2 />", data["text/html"])
    return cell


def picture(output):
    """A figure: its PNG, and what belongs to it as metadata of the PNG, where whatever writes the page will look for it."""
    live = output.data.get(MIME)
    kept = {"image/png", "text/plain"}
    output.data = type(output.data)({kind: what for kind, what in output.data.items() if kind in kept})
    if live is not None:
        output.metadata.setdefault("image/png", type(output.metadata)())["explore"] = live


def number(cell, numbered):
    """A cell with a label at the formula that it says, or in place of links to such. In place; returns the cell."""
    if cell.cell_type == "markdown":
        cell.source = CELL.sub(lambda link: f"{link[1]}, {{eq}}`{link[2]}`" if link[2] in numbered else link[0], cell.source)
    elif cell.id in numbered:
        for data in formulas(cell):
            data["text/markdown"] = f"$${data.pop('text/latex').strip().strip('$')}$$ ({cell.id})"
            data.pop("text/plain", None)
    return cell


def answerable(cell):
    """An exercise of a chapter: the sentence below it, how to answer, has a field that stands for it where script runs."""
    made = foreseen(exercise(ASKED.fullmatch(cell.source)[1]))
    if made is not None and cell.outputs:
        about = cell.outputs[-1].metadata.setdefault("text/markdown", type(cell)())
        about["explore"] = type(cell)(name="exercise", data=made)


def anchored(cell, headings):
    """The cell, and before it the place that a link can name: its id. A heading is an anchor already, and has the name first."""
    if cell.cell_type == "code" and cell.id not in headings:
        yield type(cell)(cell_type="markdown", id=f"to-{cell.id}"[:64], metadata=type(cell)(),
                         source=f'<div class="anchor" id="{cell.id}"></div>')
    yield cell


def runnable(nb):
    """The chapter as JupyterLite runs it.

    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> nb = new_notebook(cells=[new_code_cell("raise", metadata={"tags": ["setup"]}), new_code_cell("2 + 2")])
    >>> [cell.source.splitlines()[-1] for cell in runnable(nb).cells]
    ['%pip install --quiet backprop_sym anywidget', '2 + 2']
    """
    made = copy.deepcopy(nb)
    for cell in made.cells:
        if is_setup(cell):
            cell.source = INSTALL
        elif cell.cell_type == "markdown":
            cell.source = LINKS.sub("", cell.source).rstrip()
    return made


def listed(text):
    """A page in Markdown: headings are called there as notebooks call them, #A-valley: in chapters, and #a-valley on pages.

    >>> listed("[4](04_a.ipynb#How,-and-why?)")
    '[4](04_a.ipynb#how-and-why)'
    """
    return PLACE.sub(lambda match: f"{match[1]}#{slug(match[2])})", text)


def slug(heading):
    """A heading as its page names it in links."""
    return re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))


def index(text, pages):
    """The opening page without the lists that would be empty: Sphinx takes those for mistakes.

    >>> part = "```{toctree}\\n:glob:\\n\\nnotebooks/%s\\n```\\n"
    >>> index(part % "[0-9]*" + part % "solutions/*", ["notebooks/01_a.ipynb"]) == part % "[0-9]*"
    True
    """
    depth = {pattern: pattern.count("/") for pattern in TOCTREE.findall(text)}
    filled = {pattern for pattern in depth for page in map(str, pages)
              if fnmatchcase(page, pattern) and page.count("/") == depth[pattern]}
    return TOCTREE.sub(lambda match: match[0] if match[1] in filled else "", text)
