"""A worked example as the text of a TOML file that loads as an equal one.

    to_toml(example)
"""
import json
from dataclasses import fields

from ..derive.entries import Entry
from ..derive.optimizers import ETA, OPTIMIZERS
from ..derive.schedules import SCHEDULES
from ..describe.array_parser import ArrayReader
from ..describe.parser import parse
from ..describe.printer import Text
from .example import Rules
from .inarrays import nested

WORDS = ("quantity", "printed", "section", "note", "where")


def to_toml(example):
    """The text of a TOML file that loads as an equal example."""
    forward = example.arrays or example.forward
    write = Text(forward.rank, {ETA: "eta"})
    return _toml({
        "title": example.title, "author": example.author, "address": example.address, "note": example.note or [],
        "loss": forward.loss.name,
        "targets": [s.name for s in forward.targets], "frozen": [s.name for s in forward.frozen],
        "forward": {e.lhs.name: _expression(e.rhs, write) for e in forward},
        "parameters": nested({name: _number(value) for name, value in example.parameters.items()}),
        "samples": [nested({name: _number(value) for name, value in sample.items()}) for sample in example.samples],
        "training": _training(example.training, write),
        "formulas": [_words(f) for f in example.formulas],
        "figures": [{**_words(f), **({"after": f.after} if f.after else {}), **({"sample": f.sample} if f.sample else {})}
                    for f in example.figures],
    })


def _expression(e, write):
    """The text that is read back as this very expression: as a person writes it, or else with its numbers in front."""
    apart = Apart(write.rank, write.names)
    return next((text for text in (write(e), apart(e), str(e)) if _read(text) == e), write(e))


def _read(text):
    try:
        return parse(text, reader=ArrayReader)
    except ValueError:                                 # SymPy's own text of an expression of arrays
        return None


class Apart(Text):
    """Writes 1/10*a/(b + c) for a/(10*(b + c)): a number before a bracket would be multiplied into it."""

    def fraction(self, p, above, q, below):
        return f"{p}/{q}*" + super().fraction(1, above, 1, below) if q != 1 else super().fraction(p, above, q, below)


def _words(entry):
    return {key: getattr(entry, key) for key in WORDS if getattr(entry, key, "")}


def _number(value):
    """A Rational as a decimal, or as the quotient of two where it is none."""
    twos = value.q
    for prime in (2, 5):
        while twos % prime == 0:
            twos //= prime
    if twos != 1:
        return f"{value.p}/{value.q}"
    digits = 0
    while (scaled := value*10**digits).q != 1:
        digits += 1
    sign, whole = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(digits + 1, "0")
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


def _training(training, write):
    found = {"reduce": "online" if training.online else training.reduce}
    if training.carry:
        found["carry"] = {_array(state).name: _array(s).name for state, s in training.carry}
    if training.learning_rate is not None:
        found["learning_rate"] = _number(training.learning_rate)
    if isinstance(training.optimizer, Rules):
        rules = training.optimizer.written or training.optimizer.updates
        return {**found, "updates": {s.name: write(rhs) for s, rhs in rules}}
    for key, table in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        chosen = getattr(training, key)
        if chosen is not None:
            found[key] = next(name for name, kind in table.items() if type(chosen) is kind)
            usual = {field.name: field.default for field in fields(chosen)}
            found |= {name: str(value) if isinstance(value, str) else _number(value) for name, value in vars(chosen).items()
                      if value is not usual[name]}
    return found


def _array(s):
    return s.array if isinstance(s, Entry) else s


def _toml(data):
    """TOML for text, whole numbers, lists of text, tables, and lists of tables."""
    def value(v):
        if isinstance(v, dict):
            return "{" + ", ".join(f"{k} = {value(x)}" for k, x in v.items()) + "}"
        return json.dumps(v, ensure_ascii=False)       # TOML's basic strings are JSON's

    lines = [f"{key} = {value(v)}" for key, v in data.items() if not isinstance(v, dict)
             and not (isinstance(v, list) and v and isinstance(v[0], dict)) and v != []]
    for key, v in data.items():
        for table in [v] if isinstance(v, dict) else v if isinstance(v, list) and v and isinstance(v[0], dict) else []:
            lines += ["", f"[{key}]" if isinstance(v, dict) else f"[[{key}]]"]
            lines += [f"{_key(k)} = {value(x)}" for k, x in table.items()]
    return "\n".join(lines) + "\n"


def _key(name):
    return name if name.isascii() else json.dumps(name, ensure_ascii=False)
