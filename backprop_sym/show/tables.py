"""Tables: rows of text that show themselves in a notebook, a terminal, Markdown, CSV and LaTeX.

    Table(headings, rows)       frozen; .to_markdown(), .to_csv(), .to_latex()
    Link(text, address)         text that leads somewhere, in a notebook and in Markdown
    readable("d(E)/d(w5)")      a quantity in a table: ∂E/∂w5
"""
import csv
import html
import io
import re
from dataclasses import dataclass, field

from ..describe.arguments import expect
from ..describe.names import WORDS, Partial, parts, signed, spell
from ..describe.nearest import said, unknown

WHOLE, SHORT = "; white-space:nowrap", 30       # a number or a name is never broken over two lines


class Link(str):
    """Text in a cell that leads to an address on the web, where the table is shown by something that can follow it.

    >>> print(Table(("text",), ((Link("a book", "https://example.org"),),)).to_markdown())
    | text |
    | --- |
    | [a book](https://example.org) |
    <BLANKLINE>
    """

    def __new__(cls, text, address):
        """Text without an address, or with one that is no page, stays text."""
        made = super().__new__(cls, text)
        made.address = address if address.startswith(("https://", "http://")) else ""
        return made

    def __getnewargs__(self):
        return str(self), self.address


@dataclass(frozen=True)
class Table:
    """Headings and rows of text. ``emphasis`` are the numbers of the rows (from 0) that should catch the eye.

    ``below`` are the headings of columns of sentences: in a notebook and a terminal each sentence stands on a line of its
    own, under its row, so that the columns stay narrow.

    >>> Table(("quantity", "value"), (("w5", "0.4"), ("b3", "0.25")))
    quantity  value
    w5        0.4
    b3        0.25
    >>> Table(("quantity", "value", "cause"), (("w5", "0.4", ""), ("w7", "0.9", "a factor is lost")), below=("cause",))
    quantity  value
    w5        0.4
    w7        0.9
        cause: a factor is lost
    """

    headings: tuple
    rows: tuple
    emphasis: frozenset = field(default=frozenset())
    below: tuple = ()

    def __post_init__(self):
        expect(headings=self.headings, rows=self.rows, emphasis=self.emphasis, below=self.below)
        if odd := [heading for heading in self.below if heading not in self.headings]:
            raise ValueError(unknown("heading", odd[0], self.headings))
        for row in (self.headings, *self.rows):
            if not isinstance(row, list | tuple) or len(row) != len(self.headings) or not all(isinstance(c, str) for c in row):
                raise TypeError(f"rows: expected {len(self.headings)} texts in each, as there are headings, got {said(row)}")

    def __repr__(self):
        lines = [self._across(line) for line in (self.headings, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        heading, *rows = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([heading, *(text for row, cells in zip(rows, self.rows, strict=True) for text in (
            row, *("    " + sentence for sentence in self._under(cells))))])

    def _repr_html_(self):
        def cell(text, tag):
            return f'<{tag} style="text-align:left{WHOLE*(len(text) <= SHORT)}">{_in_html(text)}</{tag}>'

        def row(cells, tag, style=""):
            across = self._across(cells)
            under = self._under(cells) if tag == "td" else ()
            return f"<tr{style}>" + "".join(cell(text, tag) for text in across) + "</tr>" + "".join(
                f'\n<tr><td colspan="{len(across)}" style="text-align:left">{_in_html(text)}</td></tr>' for text in under)
        strong = ' style="font-weight:bold"'
        body = "\n".join(row(cells, "td", strong if i in self.emphasis else "") for i, cells in enumerate(self.rows))
        return f"<table>\n<thead>{row(self.headings, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"

    def _across(self, line):
        """The cells of a line that stand side by side."""
        return [cell for heading, cell in zip(self.headings, line, strict=True) if heading not in self.below]

    def _under(self, line):
        """The sentences under a line, each after its heading."""
        return [f"{heading}: {cell}" for heading, cell in zip(self.headings, line, strict=True) if heading in self.below and cell]

    def to_markdown(self):
        """A Markdown table."""
        headings, *rows = [[_in_markdown(cell) for cell in line] for line in (self.headings, *self.rows)]
        return "".join(f"| {' | '.join(line)} |\n" for line in (headings, ["---"]*len(headings), *rows))

    def to_csv(self):
        """Comma-separated values with a line of headings."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.headings, *self.rows])
        return text.getvalue()

    def to_latex(self):
        """A LaTeX tabular; text that LaTeX would read as commands is escaped."""
        escape = str.maketrans({c: "\\" + c for c in "&%$#_{}"} | {
            "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "∂": r"$\partial$"})
        lines = [" & ".join(cell.translate(escape) for cell in line) + r" \\" for line in (self.headings, *self.rows)]
        return "\n".join([rf"\begin{{tabular}}{{{'l'*len(self.headings)}}}", *lines[:1], r"\hline", *lines[1:],
                          r"\end{tabular}"]) + "\n"


def _in_html(cell):
    """The text of a cell, as a link where it is one."""
    address = getattr(cell, "address", "")
    return f'<a href="{html.escape(address)}">{html.escape(cell)}</a>' if address else html.escape(cell)


def _in_markdown(cell):
    """The text of a cell, so that Markdown shows it as it is; as a link where it is one."""
    text = re.sub(r"([\\`*_|<>\[\]~$])", r"\\\1", cell).replace("\n", "<br>")
    address = getattr(cell, "address", "").replace("(", "%28").replace(")", "%29").replace("|", "%7C")
    return f"[{text}]({address})" if address else text


def readable(quantity, after=0, spelled=None):
    """A quantity's name as it stands in a table; ``after`` counts the updates before it, ``spelled`` says how names are spelled.

    What is no name, but made of some, stays as it is written.

    >>> readable("-d(E)/d(w5)"), readable("E", 1), readable("w5", 2), readable("x1*w1 + b1")
    ('-∂E/∂w5', 'E after 1 update', 'w5 after 2 updates', 'x1*w1 + b1')
    """
    try:
        sign, s = signed(quantity) if isinstance(quantity, str) else (1, quantity)
        text = "-"*(sign < 0) + _derivative(s, spelled or {})
    except ValueError:
        of, wrt = parts(quantity) or (None, None)              # of the entry of an array, W1[1,2]
        text = quantity if of is None else f"∂{of}/∂{wrt}"
    return text if not after else f"{text} after {after:,} update{'s' if after > 1 else ''}"


def _derivative(s, spelled):
    if not isinstance(s, Partial):
        return spelled.get(s) or spell(s, WORDS)
    of, wrt = (f"({_derivative(p, spelled)})" if isinstance(p, Partial) else _derivative(p, spelled) for p in (s.of, s.wrt))
    return f"∂{of}/∂{wrt}"
