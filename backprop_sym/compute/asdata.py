"""A program as what JSON can hold, and back: its equations as text, its roles as names.

    data_of(program)            {"lines": [...], "inputs": [...], ...}; ValueError where it could not be read back
    program_of(data)            the Program; ValueError where an activation of a reader's is not defined here

A name that tells of a sample or of a time is more than its text, H_time3: what it is stands beside it.
"""
from dataclasses import replace

import sympy as sp

from ..derive.entries import Entry
from ..describe.activation import ACTIVATIONS, Activation
from ..describe.array_parser import ArrayReader
from ..describe.names import Fields, Name, Owned, Partial, symbol
from ..describe.parser import parse
from ..describe.program import Program
from ..describe.shapes import Extent
from ..describe.wellformed import ROLES

SETS = {"Interval": sp.Interval, "Interval without its start": sp.Interval.Lopen, "FiniteSet": sp.FiniteSet, "Range": sp.Range}
# What a name can be: a plain symbol is its text, another is made of its fields.
NAMES = {"Symbol": symbol, **{cls.__name__: cls for cls in (Entry, Name, Owned, Partial)}}


def data_of(program):
    """A Program as lines of text and the names of its roles; ValueError where it could not be read back."""
    spelled = program.spelled
    own = {call.func.__name__ for e in program for call in e.rhs.atoms(Activation) if call.added}
    data = {"lines": [f"{program.text(e.lhs)} = {program.text(e.rhs)}" for e in program],
            "shapes": {spelled[s]: [str(size) for size in shape] for s, shape in program.shapes.items() if s in spelled},
            "loss": spelled[program.loss],
            **{role: [spelled[s] for s in getattr(program, role)] for role in (*ROLES, "given", "frozen")},
            "domains": [[program.text(e), _set_as_text(allowed)] for e, allowed in program.domains],
            "names": {text: _fields(s) for s, text in spelled.items() if isinstance(s, Fields)},
            "layers": {spelled[e.lhs]: e.layer for e in program if e.layer},
            "activations": sorted(own)}
    if program.updates or program_of(data) != program:
        raise ValueError("save: expected a run of a forward pass and an optimizer, got a program that cannot be written as text")
    return data


def _fields(s):
    """What a symbol is: its class, then its fields, each of which may be a symbol itself."""
    if not isinstance(s, sp.Symbol):
        return s
    return [type(s).__name__, *map(_fields, s.identity)] if isinstance(s, Fields) else ["Symbol", s.name]


def _symbol(fields):
    """The symbol of such fields."""
    return NAMES[fields[0]](*map(_symbol, fields[1:])) if isinstance(fields, list) else fields


def _set_as_text(allowed):
    interval = isinstance(allowed, sp.Interval)
    ends = (allowed.start, allowed.end) if interval else allowed.args
    return [type(allowed).__name__ + " without its start"*(interval and bool(allowed.left_open)), *map(str, ends)]


def _end(written):
    return sp.oo if written == "oo" else sp.Rational(written)


def program_of(data):
    """The Program of such data."""
    if missing := [name for name in data.get("activations", ()) if name not in ACTIVATIONS]:
        raise ValueError(f"the activation {missing[0]!r} is not defined here: define it with activation({missing[0]!r}, ...) "
                         "before")
    reader = ArrayReader if data["shapes"] else None
    letters = {sp.Symbol(size): Extent(size) for shape in data["shapes"].values() for size in shape if not size.isdigit()}
    domains = tuple((parse(e, reader=reader).xreplace(letters), SETS[kind](*map(_end, ends)))
                    for e, (kind, *ends) in data["domains"])
    roles = {role: data[role] for role in (*ROLES, "given", "frozen")}
    program = Program.parse(data["lines"], shapes={name: tuple(shape) for name, shape in data["shapes"].items()},
                            loss=data["loss"], domains=domains, **roles)
    names = {text: _symbol(fields) for text, fields in data.get("names", {}).items()}
    layers = data.get("layers", {})
    program = program._with(replace(e, layer=layers.get(e.lhs.name)) for e in program) if layers else program
    return program.rename(names) if names else program
