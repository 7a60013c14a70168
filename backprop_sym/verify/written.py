"""A worked example as the text of a file.

    to_toml(example)            a file that loads as an equal example
"""
import json

from ..derive.optimizers import OPTIMIZERS
from ..describe.printer import Text


def to_toml(example):
    """The text of a TOML file that loads as an equal example."""
    write = Text(example.forward.rank)
    return _toml({
        "title": example.title, "author": example.author, "address": example.address, "loss": example.forward.loss.name,
        "targets": [s.name for s in example.forward.targets], "frozen": [s.name for s in example.forward.frozen],
        "forward": {e.lhs.name: write(e.rhs) for e in example.forward},
        "parameters": {name: _decimal(value) for name, value in example.parameters.items()},
        "samples": [{name: _decimal(value) for name, value in sample.items()} for sample in example.samples],
        "training": _training_table(example.training),
        "formulas": [{"quantity": f.quantity, "printed": f.printed} for f in example.formulas],
        "figures": [{k: v for k, v in vars(f).items() if v not in ("", None) and (k, v) != ("after", 0)}
                    for f in example.figures],
    })


def _decimal(value):
    """A Rational that was read from a decimal, as that decimal."""
    digits = 0
    while (scaled := value*10**digits).q != 1:
        digits += 1
    sign, whole = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(digits + 1, "0")
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


def _training_table(training):
    reduce = {"reduce": "online" if training.online else training.reduce}
    if training.optimizer is None:
        return reduce
    name = next(name for name, kind in OPTIMIZERS.items() if type(training.optimizer) is kind)
    return {"optimizer": name, "learning_rate": _decimal(training.learning_rate), **reduce,
            **{key: str(value) if isinstance(value, str) else _decimal(value) for key, value in vars(training.optimizer).items()}}


def _toml(data):
    """TOML for text, whole numbers, lists of text, tables, and lists of tables."""
    def value(v):
        return json.dumps(v, ensure_ascii=False)       # TOML's basic strings are JSON's

    lines = [f"{key} = {value(v)}" for key, v in data.items() if not isinstance(v, dict)
             and not (isinstance(v, list) and v and isinstance(v[0], dict)) and v != []]
    for key, v in data.items():
        for table in [v] if isinstance(v, dict) else v if isinstance(v, list) and v and isinstance(v[0], dict) else []:
            lines += ["", f"[{key}]" if isinstance(v, dict) else f"[[{key}]]"]
            lines += [f"{k} = {value(x)}" for k, x in table.items()]
    return "\n".join(lines) + "\n"
