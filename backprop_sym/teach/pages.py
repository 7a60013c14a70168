"""The pages of a worksheet: Markdown, a notebook, HTML, LaTeX and PDF; and the files that a teacher keeps.

    markdown(sheet, variant)    one page; notebook, latex, html likewise
    save(sheet, folder, ...)    the pages, KEY.toml, key.md, and ANSWERS.csv to be filled in

A key is a worked example as any other, with what is asked and each student's numbers beside it; it holds no answers.
"""
import csv
import io
import json
import re
from pathlib import Path

from ..data.csvfile import cells
from ..data.file import replaced
from ..describe.digits import short
from ..describe.nearest import lookup
from ..show.latex import name_latex, program_latex
from .key import MOST_BYTES
from .pdf import pdf
from .students import folded, harmless
from .worth import starting

KEY, ANSWERS = "KEY.toml", "ANSWERS.csv"
HOW = "Work out each quantity to {digits} significant digits, and write it into its line. Keep a digit or two more on the way."
DOCUMENT = r"""\documentclass[11pt]{article}
\ifdefined\Umathchar  %% an engine that reads Unicode
  \usepackage{fontspec}
\else
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
\fi
\usepackage{amsmath}
\usepackage{multicol}
\usepackage[margin=25mm]{geometry}
\begin{document}
\section*{%s}
%s

\[%s\]

\noindent %s

\bigskip\noindent %s

\begin{multicols}{2}
%s
\end{multicols}
\end{document}
"""
NO_COMMAND = str.maketrans({c: "\\" + c for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}",
                                                               "^": r"\textasciicircum{}"})


def given(variant):
    """The numbers of a page, set in one line of formulas."""
    return starting(variant.example, variant.example.forward, lambda name, number: f"${name_latex(name)} = {number}$")


def asked(sheet):
    """What is asked, as formulas: one line each."""
    return [f"${name_latex(quantity)}$" + name.removeprefix(quantity)
            for (quantity, _), name in zip(sheet.asked, sheet.columns, strict=True)]


def question(sheet, variant):
    """The network and the numbers, in Markdown."""
    name = f"Name: {_plain(variant.student)}\n\n" if variant.student else ""
    return f"# {sheet.title}\n\n{name}$${program_latex(variant.example.forward)}$$\n\n{given(variant)}"


def markdown(sheet, variant):
    """A page in Markdown: the question, and a table with blanks."""
    blanks = "\n".join(f"| {text} | |" for text in asked(sheet))
    return (f"{question(sheet, variant)}\n\n{HOW.format(digits=sheet.digits)}\n\n"
            f"| quantity | your answer |\n| --- | --- |\n{blanks}\n")


def _plain(text):
    """A name, so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_|<>\[\]~$])", r"\\\1", " ".join(text.split()))


def latex(sheet, variant):
    """A page in LaTeX, a document of its own."""
    name = f"Name: {variant.student.translate(NO_COMMAND)}" if variant.student else ""
    blanks = "\n".join(rf"\noindent\makebox[36mm][l]{{{text}}}\hrulefill\par\vspace{{4mm}}" for text in asked(sheet))
    return DOCUMENT % (sheet.title, name, program_latex(variant.example.forward), given(variant),
                       HOW.format(digits=sheet.digits), blanks)


def notebook(sheet, variant):
    """A page as the text of a notebook: the question, and the answers as a mapping to be filled in."""
    lines = ["answers = {", *(f"    {json.dumps(name)}: \"\"," for name in sheet.columns), "}"]
    return notebook_of([("markdown", f"{question(sheet, variant)}\n\n{HOW.format(digits=sheet.digits)}", {}),
                        ("code", "\n".join(lines), {})])


def notebook_of(cells):
    """The text of a notebook of cells (kind, source, metadata)."""
    more = {"code": {"outputs": [], "execution_count": None}}
    made = [{"cell_type": kind, "id": f"cell-{i}", "metadata": metadata, "source": source} | more.get(kind, {})
            for i, (kind, source, metadata) in enumerate(cells, 1)]
    python = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
              "language_info": {"name": "python"}}
    return json.dumps({"cells": made, "metadata": python, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def page_in_html(sheet, variant):
    """A page in HTML, by nbconvert."""
    try:
        import nbformat
        from nbconvert import HTMLExporter
    except ImportError:
        raise ImportError("html: pages in HTML are made by nbconvert; pip install nbconvert, or take another format") from None
    return HTMLExporter().from_notebook_node(nbformat.reads(page_alone(sheet, variant), as_version=4))[0]


def page_alone(sheet, variant):
    """A notebook that shows the page in Markdown, and nothing else."""
    return notebook_of([("markdown", markdown(sheet, variant), {})])


def page_in_pdf(sheet, variant):
    """A page in PDF, by TeX or by nbconvert."""
    return pdf(latex(sheet, variant), page_alone(sheet, variant))


FORMATS = {"md": markdown, "ipynb": notebook, "html": page_in_html, "tex": latex, "pdf": page_in_pdf}


def save(sheet, folder, formats=("md",)):
    """Write everything into a folder, which is made if it is not there; the paths that were written.

    Raises FileExistsError where answers were filled into the folder's table.
    """
    makers = {name: lookup(FORMATS, "format", name) for name in formats}
    folder = Path(folder)
    if _is_filled(folder / ANSWERS):
        raise FileExistsError(f"{folder / ANSWERS}: expected a table without answers, or none, got one that is filled in, which "
                              "would be lost: move it, or write into another folder")
    folder.mkdir(parents=True, exist_ok=True)
    texts = {KEY: key(sheet), "key.md": sheet.key.to_markdown(), ANSWERS: blank_answers(sheet)}
    for i, variant in enumerate(sheet.variants, 1):
        texts |= {f"{name_of(variant, i)}.{suffix}": make(sheet, variant) for suffix, make in makers.items()}
    for name, text in texts.items():
        with replaced(folder / name) as file:
            file.write(text.encode() if isinstance(text, str) else text)
    return [folder / name for name in texts]


def _is_filled(path):
    """Whether something stands in a table of answers but the names of students; what is there and is no such table does, too."""
    if not path.exists():
        return False
    try:
        header, records, _ = cells(path, MOST_BYTES)
    except (OSError, ValueError):
        return True
    names = {i for i, name in enumerate(header) if folded(name) == "student"}
    return any(cell for _, row in records for i, cell in enumerate(row) if i not in names)


def name_of(variant, number):
    """The name of a page's file: letters and digits alone, whatever a student is called."""
    return "sheet" if not variant.student else f"{number:03}_" + "_".join(re.findall(r"\w+", variant.student))[:40]


def blank_answers(sheet):
    """A table for the answers: a line for each student."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [["student", *sheet.columns], *([harmless(v.student)] + [""]*len(sheet.columns) for v in sheet.variants)])
    return text.getvalue()


def key(sheet):
    """The text of KEY.toml."""
    lines = [sheet.variants[0].example.to_toml().rstrip(), "", "[worksheet]", f"topic = {_quoted(sheet.topic)}",
             f"level = {sheet.level}", f"seed = {_quoted(str(sheet.seed))}", f"digits = {sheet.digits}",
             f"asked = [{', '.join(map(_quoted, sheet.columns))}]"]
    for v in sheet.variants:
        lines += ["", f"[[students]]\nname = {_quoted(v.student)}\n[students.numbers]"]
        lines += [f"{_quoted(name)} = {_quoted(short(value))}" for name, value in
                  {**v.example.parameters, **v.example.samples[0]}.items()]
    return "\n".join(lines) + "\n"


def _quoted(text):
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
