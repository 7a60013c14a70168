"""Every number in the prose of a chapter stands in an output or in an assertion of the same chapter.

A number in an output bears out one in prose if it rounds to it at the digits that the prose shows: 0.687987956 bears
out 0.69, and 0.42 or 42% bear out 42 %. What is no statement of the chapter is set aside, by the table ASIDE, in its
order. What stands there for another reason is listed in EXCEPTIONS, with the reason.
"""

import ast
import re
from decimal import Decimal

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from notebooks.build import NOTEBOOKS

ASIDE = [  # (what it is, pattern, what stands in its place)
    ("the list of readings", r"\A## Further reading\n.*", " "),
    ("code blocks", r"```.*?```", " "),
    ("code", r"`[^`]*`", " "),
    ("links to other chapters", r"\[[^\]]*\]\(\d\d_[^)]*\)", " "),
    ("the targets of links", r"\]\([^)]*\)", "]"),
    ("addresses", r"https?://\S+", " "),
    ("comments", r"<!--.*?-->", " "),
    ("numbers of chapters in headings", r"(?m)^#+ A?\d+\.", "# "),
    ("numbers of chapters", r"(?i)\bchapters? \d+(?:(?:, | and | to )\d+)*", " "),
    ("numbers of chapters in tables", r"(?m)^\| *\d+ *\|", "|"),
    ("items of a list", r"(?m)^\s*\d+\. ", " "),
    ("dates and years", r"\b(?:1[6-9]|20)\d\d\b", " "),
    ("index and exponent", r"[_^](?:\{[^{}]*\}|\w)", " "),
    ("shapes", r"\b\d+ ?(?:×|\\times|x) ?\d+(?: ?(?:×|\\times|x) ?\d+)*\b", " "),
    ("intervals of a formula", r"[(\[]\d, ?\d[)\]]", " "),
    ("names", r"\b[A-Za-z]+_?\d+\w*", " "),
    ("coefficients of formulas", r"\d+(?=(?:/|\s)?[A-Za-z\\(])(?=[^$]*\$(?:[^$]*\$[^$]*\$)*[^$]*\Z)", " "),
]
NUMBER = re.compile(r"(?<![\w.])[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])[-+−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")

# Words for numbers above twelve; smaller ones are for counting what stands before the reader's eyes.
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
UNITS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
POWERS = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
WORDS = re.compile(rf"\b(?:(?P<count>{'|'.join(UNITS | TENS)}) (?P<power>{'|'.join(POWERS)})"
                   rf"|(?P<tens>{'|'.join(TENS)})(?:-(?P<units>{'|'.join(UNITS)}))?)\b", re.IGNORECASE)

# {chapter: {number as it stands in the prose: where it comes from, as long as no assertion of the chapter says it}}
EXCEPTIONS = {}


def numbers_of_prose(text):
    """The numbers of a Markdown cell as they are written, [(as written, value, half a unit of its last digit)].

    >>> numbers_of_prose("`x[3]` is 0.69 in [chapter 4](04_forks_add.ipynb), of ten thousand")
    [('0.69', Decimal('0.69'), Decimal('0.005')), ('ten thousand', Decimal('10000'), Decimal('0'))]
    """
    for _, pattern, place in ASIDE:
        text = re.sub(pattern, place, text, flags=re.DOTALL)
    found = [(m.group(), *value_and_half(m.group())) for m in NUMBER.finditer(text)]
    for match in WORDS.finditer(text):
        count, power, tens, units = (word and word.lower() for word in match.group("count", "power", "tens", "units"))
        value = (UNITS | TENS)[count]*POWERS[power] if power else TENS[tens] + UNITS.get(units, 0)
        found.append((match.group(), Decimal(value), Decimal(0)))
    return found


def value_and_half(written):
    """The value of a decimal number, and half a unit of its last digit; of an integer the half is 0."""
    value = Decimal(written.replace(",", "").replace("−", "-"))
    exponent = value.as_tuple().exponent
    return value, Decimal(5).scaleb(exponent - 1) if exponent < 0 else Decimal(0)


def numbers_of_outputs(nb):
    """What the outputs of the chapter show, as text, formula and alternative text, and what its assertions contain."""
    values = set()
    for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
        for output in cell.outputs:
            data = output.get("data", {})
            for text in (output.get("text", ""), *(data.get(f"text/{kind}", "") for kind in ("plain", "latex", "markdown"))):
                text = re.sub(r"[_^]\{[^{}]*\}", " ", text)
                values |= {value_and_half(m.group())[0] for m in NUMBER.finditer(text)}
        values |= numbers_of_assertions(cell.source)
    return values


def numbers_of_assertions(source):
    """The numbers in the assert statements of a cell: constants, texts that are numbers, and what is computed of constants."""
    source = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("%"))
    found = set()
    for statement in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)):
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str) and not isinstance(node.value, bool):
                found |= {value_and_half(m)[0] for m in NUMBER.findall(str(node.value))}
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                sides = [n.value for n in (node.left, node.right) if isinstance(n, ast.Constant) and isinstance(n.value, int)]
                found |= {Decimal(sides[0])/sides[1]} if len(sides) == 2 and sides[1] else set()
    return found


def is_borne_out(written, value, half, text, shown):
    """Whether one of the numbers ``shown`` rounds to ``value``; where per cent are said, also a share of one."""
    per_cent = re.search(re.escape(written) + r"\s*(?:%|per\s?cent)", text)
    scales = (1, 100) if per_cent else (1,)
    return any(abs(abs(number)*scale - abs(value)) <= (half if scale == 1 else half or Decimal("0.5"))
               for number in shown for scale in scales)


def without_support(nb, exceptions=()):
    """The numbers in the Markdown cells of ``nb`` that no output or assertion contains: [(cell's id, as written)]."""
    shown = numbers_of_outputs(nb)
    return [(cell.id, written) for cell in nb.cells if cell.cell_type == "markdown"
            for written, value, half in numbers_of_prose(cell.source)
            if written not in exceptions and not is_borne_out(written, value, half, cell.source, shown)]


# ---- the test itself

def chapter(prose, shown="", source="1"):
    output = new_output("stream", text=shown)
    return new_notebook(cells=[new_markdown_cell(prose, id="prose"), new_code_cell(source, outputs=[output])])


@pytest.mark.parametrize(("prose", "shown", "source", "missing"), [
    ("The loss is 0.69.", "0.687987956", "1", []),
    ("The loss is 0.68.", "0.687987956", "1", ["0.68"]),
    ("It falls to 0.69.", "", "assert 0.68 < loss < 0.7", ["0.69"]),
    ("It falls by 0.69.", "-0.6880", "1", []),
    ("After 1,409 epochs", "until epoch 1409", "1", []),
    ("After 1,409 epochs", "until epoch 1410", "1", ["1,409"]),
    ("So 42 % solve it.", "0.42", "1", []),
    ("So 42 % solve it.", "43%", "1", ["42"]),
    ("So 42 solve it.", "0.42", "1", ["42"]),
    ("Below $1/4$, at $0.25$", "", "assert x < 1/4", []),
    ("Ten thousand steps, twenty-three figures", "10,000 epochs, 24 figures", "1", ["twenty-three"]),
    ("`x[7]`, $x_7$, w7, a 7 × 9 matrix, chapter 7, [to 7](07_auditing.ipynb), in 1986", "", "1", []),
    ("A rate of 7", "", "rate = 7", ["7"]),
    ("## Further reading\n\n- A. (1986). B. *C*, 323, 533-536.", "", "1", []),
    ("Further reading: 323 pages", "", "1", ["323"]),
])
def test_what_is_found(prose, shown, source, missing):
    assert [written for _, written in without_support(chapter(prose, shown, source))] == missing


# ---- the chapters

def exceptions_of(chapter):
    return EXCEPTIONS.get(chapter[:2], {})


CHAPTERS = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_number_in_prose_stands_in_an_output_or_assertion(name):
    nb = nbformat.read(NOTEBOOKS / name, as_version=4)
    assert without_support(nb, exceptions_of(name)) == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_an_exception_is_needed(name):
    nb = nbformat.read(NOTEBOOKS / name, as_version=4)
    assert set(exceptions_of(name)) <= {written for _, written in without_support(nb)}


def test_a_number_that_is_changed_is_found():
    """Each number of two digits or more, two units more in its last place: nearly all are seen in the whole book."""
    seen = []
    for name in CHAPTERS:
        nb = nbformat.read(NOTEBOOKS / name, as_version=4)
        shown = numbers_of_outputs(nb)
        for cell in (cell for cell in nb.cells if cell.cell_type == "markdown"):
            for _, value, half in numbers_of_prose(cell.source):
                if len(value.as_tuple().digits) > 1:
                    seen.append(not is_borne_out("", value + 2*(2*half or 1), half, "", shown))
    assert sum(seen) > 0.8*len(seen) > 40, (sum(seen), len(seen))
