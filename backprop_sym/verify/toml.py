"""Worked examples from files.

    worked_example("source")    a bundled example by name, or any file by its path
    examples()                  the names of the bundled ones

A file is TOML and is only read: expressions go through the parser's whitelist, sizes are bounded, nothing runs. Errors
name the file, the table and the key.
"""
from pathlib import Path

from ..compute.trainer import REDUCE
from ..derive.optimizers import COEFFICIENTS, ETA, OPTIMIZERS
from ..derive.schedules import SCHEDULES
from ..describe.arguments import expect
from ..describe.names import symbol
from ..describe.nearest import unknown
from ..describe.parser import number
from ..describe.program import Equation, Program
from .checked import Tables
from .example import PrintedFigure, PrintedFormula, Rules, Training, WorkedExample
from .file import tables
from .quantity import quantity

BUNDLED = Path(__file__).parent.parent / "data" / "examples"
MAX_UPDATES = 1_000_000
# What the tables of a file may hold.
TOP = {"title": str, "author": str, "address": str, "note": str, "where": str, "targets": (list, str),
       "frozen": (list, str), "parameters": dict, "samples": (list, dict), "training": dict, "figures": (list, dict),
       "formulas": (list, dict)}
TRAINING = {"optimizer": str, "schedule": str, "reduce": str, "updates": dict, "carry": dict,
            **dict.fromkeys(("learning_rate", *COEFFICIENTS, "gamma", "kappa", "T"), str)}
ENTRY = {"section": str, "note": str, "where": str}


def examples():
    """The names of the bundled examples.

    >>> "source" in examples()
    True
    """
    return sorted(path.stem for path in BUNDLED.glob("*.toml"))


def worked_example(name_or_path):
    """A bundled example by its name, or one from a TOML file by its path.

    Raises FileNotFoundError for a file that is not there, ValueError for an unknown name (with the nearest ones) and
    for a file that is no worked example.

    >>> worked_example("source").forward.loss
    E_total
    """
    text = str(name_or_path)
    if text in examples():
        path = BUNDLED / f"{text}.toml"
    elif isinstance(name_or_path, Path) or text.endswith(".toml"):
        path = Path(name_or_path)
    else:
        raise ValueError(unknown("worked example", text, examples()) + "; a file's name ends in .toml")
    return Loader(path.name, tables(path)).example(path.stem)


def figure(example, quantity, printed, after=0, sample=None):
    """A PrintedFigure of an example that was loaded before, checked as if it stood in its file."""
    expect("figure", quantity=quantity, printed=printed, after=after, sample=sample)
    given = {"quantity": str(quantity), "printed": printed, "after": after} | ({} if sample is None else {"sample": sample})
    return Loader.for_example(example).figure(given, "", example.training, len(example.samples))


class Loader(Tables):
    """Reads the tables of one file; every complaint says where."""

    @classmethod
    def for_example(cls, example):
        """One that checks what is asked of an example that was loaded before."""
        loader = cls(example.name, {})
        forward = example.forward
        loader.known = {s.name: s for s in (*forward.inputs, *forward.targets, *forward.parameters, *forward.defined)}
        return loader

    def example(self, name):
        top = self.table(self.data, "the file", {"loss": str, "forward": dict}, TOP)
        parameters = self.numbers(top.get("parameters", {}), "[parameters]")
        samples = tuple(self.numbers(self.table(s, f"[[samples]] {i}", {}, dict.fromkeys(s, str)), f"[[samples]] {i}")
                        for i, s in enumerate(top.get("samples", [{}]), 1)) or ({},)
        for i, odd in enumerate((sorted(set(sample) ^ set(samples[0])) for sample in samples), 1):
            if odd:
                self.fail(f"[[samples]] {i}", f"{odd[0]!r} is not in every sample")
        forward = self.forward(top, parameters, samples[0])
        self.known = {name: symbol(name) for name in (*parameters, *samples[0], *top["forward"])}
        training = self.training(top.get("training", {}), forward)
        figures = tuple(figure for i, entry in enumerate(top.get("figures", []), 1)
                        for figure in self.figures(entry, f"[[figures]] {i}", training, len(samples)))
        formulas = tuple(self.formula(f, f"[[formulas]] {i}") for i, f in enumerate(top.get("formulas", []), 1))
        note = " ".join(top[key] for key in ("note", "where") if key in top)
        return WorkedExample(name, top.get("title", name), top.get("author", ""), top.get("address", ""), forward,
                             parameters, samples, training, figures, formulas, note)

    def forward(self, top, parameters, sample):
        training = self.table(top.get("training", {}), "[training]", {}, TRAINING)
        targets, carried = top.get("targets", []), training.get("carry", {})
        if odd := [name for name in targets if name not in sample]:
            self.fail("targets", unknown("sample quantity", odd[0], sample))
        known = {name: symbol(name) for name in (*parameters, *sample)}
        equations = []
        for name, text in self.names(top["forward"], "[forward]").items():
            if role := "parameter" if name in parameters else "quantity of the samples" if name in sample else None:
                self.fail("[forward]", f"{name!r} is a {role}, which is given, and an equation defines it as well")
            equations.append(Equation(name, self.expression(text, known, f"[forward]: {name}")))
            known[name] = symbol(name)
        frozen = dict.fromkeys([*top.get("frozen", []), *(name for name in carried if name in parameters)])
        try:
            return Program(tuple(equations), inputs=[s for s in sample if s not in targets], targets=targets,
                           parameters=list(parameters), loss=top["loss"], frozen=list(frozen))
        except (ValueError, TypeError) as error:
            self.fail("[forward]", str(error))

    def training(self, data, forward):
        where = "[training]"
        reduce = data.get("reduce", "sum")
        if reduce not in (kinds := (*REDUCE, "online")):
            self.fail(where, unknown("reduction", reduce, kinds))
        settings = {"reduce": "sum" if reduce == "online" else reduce, "online": reduce == "online",
                    "carry": tuple(self.carried(data.get("carry", {}), forward))}
        given = self.numbers({k: v for k, v in data.items() if TRAINING[k] is str
                              and k not in ("optimizer", "schedule", "reduce")}, where, names=False)
        rate = given.pop("learning_rate", None)
        if "updates" in data:
            if "optimizer" in data:
                self.fail(where, "expected an optimizer, or the updates themselves, got both")
            return Training(Rules(tuple(self.rules(data["updates"], forward))), rate, **settings)
        if "optimizer" not in data:
            return Training(None, rate, **settings)
        if rate is None:
            self.fail(where, "the key 'learning_rate' is missing")
        made = {"schedule": None}
        for key, table in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
            if key in data and data[key] not in table:
                self.fail(where, unknown(key, data[key], table))
            if key in data:
                fields = table[data[key]].__dataclass_fields__
                try:
                    made[key] = table[data[key]](**{k: given.pop(k) for k in list(given) if k in fields})
                except TypeError as error:
                    self.fail(where, f"{data[key]}: {error}")
        if given:
            self.fail(where, f"{data['optimizer']} takes no {', '.join(sorted(given))}")
        return Training(made["optimizer"], rate, schedule=made["schedule"], **settings)

    def carried(self, data, forward):
        """Pairs (state, the quantity that it is after a pass)."""
        for state, name in data.items():
            s = forward.symbol(state)
            if s not in (*forward.parameters, *forward.inputs):
                self.fail("[training]", "carry: " + unknown("parameter or sample quantity", state, forward.given))
            if name not in map(str, forward.defined):
                self.fail("[training]", f"carry: {state}: " + unknown("quantity", name, forward.defined))
            yield s, forward.symbol(name)

    def rules(self, data, forward):
        """Pairs (parameter, its next value)."""
        if odd := [name for name in data if name not in map(str, forward.parameters)]:
            self.fail("[training]", "updates: " + unknown("parameter", odd[0], forward.parameters))
        for name, text in data.items():
            yield forward.symbol(name), self.expression(text, {"eta": ETA, **self.known}, f"[training]: updates: {name}")

    def figures(self, data, where, training, samples):
        """The figures of an entry: one, or a table of them."""
        if isinstance(data, dict) and isinstance(data.get("printed"), dict):
            self.table(data, where, {"printed": dict}, {"after": int, "sample": int, **ENTRY})
            return [self.figure({**data, "quantity": name, "printed": text}, where, training, samples)
                    for name, text in data["printed"].items()]
        return [self.figure(data, where, training, samples)]

    def figure(self, data, where, training, samples):
        self.table(data, where, {"quantity": str, "printed": str}, {"after": int, "sample": int, **ENTRY})
        try:
            figure = PrintedFigure(**data, expression=quantity(data["quantity"], self.known, training))
        except ValueError as error:
            self.fail(where, f"quantity: {error}")
        try:
            number(figure.printed)
        except ValueError as error:
            self.fail(where, f"printed: {error}")
        if not 0 <= figure.after <= MAX_UPDATES:
            self.fail(where, f"after: expected 0 to {MAX_UPDATES:,} updates, got {figure.after}")
        if figure.after and training.optimizer is None and not training.carry:
            self.fail(where, "after: the file has no [training] with an optimizer, so nothing is updated")
        if figure.sample is not None and not 1 <= figure.sample <= samples:
            self.fail(where, f"sample: expected 1 to {samples}, got {figure.sample}")
        return figure

    def formula(self, data, where):
        self.table(data, where, {"quantity": str, "printed": str}, {"note": str, "where": str})
        try:
            quantity(data["quantity"], self.known, Training())
        except ValueError as error:
            self.fail(where, f"quantity: {error}")
        return PrintedFormula(**data, expression=self.expression(data["printed"], self.known, f"{where}: printed"))
