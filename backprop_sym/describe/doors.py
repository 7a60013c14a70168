"""Doors: what an object can be asked for although it stands below what answers; the only module that looks up.

    ask("evaluate", program, values)    the answer of the function that stands behind that door

An object describes; it can be asked to derive, compute or show itself all the same, ``program.evaluate(...)``, and shows
itself in a notebook. Imports go one way: so the way back is a table of names.
"""
from importlib import import_module

DOORS = {
    "partials": "derive.partials.local_partials",
    "evaluate": "compute.evaluate.evaluate",
    "worked out": "compute.evaluate.worked",
    "product of factors": "compute.evaluate.product",
    "array of an expression": "compute.evaluate.array",
    "sum of numbers": "compute.evaluate.total",
    "LaTeX of a program": "show.latex.program_latex",
    "LaTeX of a program with numbers": "show.latex.worked_latex",
    "LaTeX of a chain": "show.latex.chain_latex",
    "LaTeX of a rule": "show.rules.rule_latex",
    "LaTeX of values": "show.latex.values_latex",
    "table": "show.tables.Table",
    "figure": "show.style.figure",
    "checkpoint": "compute.checkpoint.save",
    "loss as a figure": "show.figures.loss",
    "V as a figure": "show.figures.difference_error",
    "audit": "verify.audit.audit",
    "explain": "verify.diagnose.explain",
    "slips": "verify.diagnose.every_slip",
    "reply": "verify.answers.reply",
    "figure of an example": "verify.toml.figure",
    "TOML": "verify.totoml.to_toml",
    "exercise in a notebook": "teach.field.shown",
    "page of a worksheet": "teach.pages.markdown",
    "files of a worksheet": "teach.pages.save",
    "worksheet of a key": "teach.key.sheet_of",
    "marks of a worksheet": "teach.marks.marks_of",
    "assignment of a worksheet": "teach.assignment.assign",
}


def ask(door, *arguments, **keywords):
    """What the function behind a door returns for these arguments."""
    module, _, name = DOORS[door].rpartition(".")
    return getattr(import_module(f"backprop_sym.{module}"), name)(*arguments, **keywords)
