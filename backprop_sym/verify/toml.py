"""Worked examples from files, and back.

    worked_example("source")    a bundled example by name, or any file by its path
    examples()                  the names of the bundled ones

A file is TOML and is only read: expressions go through the parser's whitelist, sizes are bounded, nothing runs. Errors
name the file, the table and the key.
"""
import tomllib
from pathlib import Path

from ..compute.trainer import REDUCE
from ..derive.optimizers import COEFFICIENTS, OPTIMIZERS
from ..describe.names import Partial, signed, symbol
from ..describe.nearest import unknown
from ..describe.parser import number, parse
from ..describe.program import Equation, Program
from .example import PrintedFigure, PrintedFormula, Training, WorkedExample

BUNDLED = Path(__file__).parent.parent / "data" / "examples"
MAX_BYTES = 1_000_000
MAX_UPDATES = 1_000_000


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
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name}: expected a file of at most {MAX_BYTES:,} bytes, got {path.stat().st_size:,}")
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: not a TOML file: {error}") from None
    except RecursionError:
        raise ValueError(f"{path.name}: nested too deeply") from None
    return Loader(path.name, data).example(path.stem)


def figure(example, quantity, printed, after=0, sample=None):
    """A PrintedFigure of an example that was loaded before, checked as if it stood in its file."""
    given = {"quantity": str(quantity), "printed": printed, "after": after} | ({"sample": sample} if sample else {})
    return Loader.for_example(example).figure(given, None, example.training, len(example.samples))


class Loader:
    """Reads the tables of one file; every complaint says where."""

    def __init__(self, file, data):
        self.file, self.data = file, data

    @classmethod
    def for_example(cls, example):
        """One that checks what is asked of an example that was loaded before."""
        loader = cls(example.name, {})
        forward = example.forward
        loader.known = {s.name: s for s in (*forward.inputs, *forward.targets, *forward.parameters, *forward.defined)}
        return loader

    def fail(self, where, message):
        raise ValueError(f"{self.file}: {where}: {message}" if where else f"{self.file}: {message}")

    def table(self, data, where, required, optional):
        """The table with its keys checked and its values of the types given."""
        if not isinstance(data, dict):
            self.fail(where, f"expected a table, got {data!r:.60}")
        kinds = {**required, **optional}
        for key in required:
            if key not in data:
                self.fail(where, f"the key {key!r} is missing")
        for key, value in data.items():
            if key not in kinds:
                self.fail(where, unknown("key", key, kinds))
            if not isinstance(value, kinds[key]) or isinstance(value, bool):
                self.fail(where, f"{key}: expected {kinds[key].__name__}, got {value!r:.60}")
        return data

    def names(self, data, where):
        for name in data:
            try:
                if isinstance(symbol(name), Partial):
                    raise ValueError(f"expected a name, got {name!r}")
            except (ValueError, TypeError) as error:
                self.fail(where, str(error))
        return data

    def numbers(self, data, where):
        """{name: Rational} from a table of decimals."""
        found = {}
        for name, text in self.names(data, where).items():
            try:
                found[name] = number(text)
            except (ValueError, TypeError) as error:
                self.fail(where, f"{name}: {error}")
        return found

    def example(self, name):
        top = self.table(self.data, "the file", {"loss": str, "forward": dict},
                         {"title": str, "author": str, "address": str, "targets": list, "frozen": list,
                          "parameters": dict, "samples": list, "training": dict, "figures": list, "formulas": list})
        parameters = self.numbers(top.get("parameters", {}), "[parameters]")
        samples = tuple(self.numbers(self.table(s, f"[[samples]] {i}", {}, dict.fromkeys(s, str)), f"[[samples]] {i}")
                        for i, s in enumerate(top.get("samples", [{}]), 1)) or ({},)
        for i, sample in enumerate(samples, 1):
            if odd := sorted(set(sample) ^ set(samples[0])):
                self.fail(f"[[samples]] {i}", f"{odd[0]!r} is not in every sample")
        forward = self.forward(top, parameters, samples[0])
        self.known = {name: symbol(name) for name in (*parameters, *samples[0], *top["forward"])}
        training = self.training(top.get("training", {}))
        figures = tuple(self.figure(f, i, training, len(samples)) for i, f in enumerate(top.get("figures", []), 1))
        formulas = tuple(self.formula(f, i) for i, f in enumerate(top.get("formulas", []), 1))
        return WorkedExample(name, top.get("title", name), top.get("author", ""), top.get("address", ""), forward,
                             parameters, samples, training, figures, formulas)

    def forward(self, top, parameters, sample):
        targets = top.get("targets", [])
        for name in targets:
            if name not in sample:
                self.fail("targets", unknown("sample quantity", name, sample))
        known = {name: symbol(name) for name in (*parameters, *sample)}
        equations = []
        for name, text in self.names(top["forward"], "[forward]").items():
            try:
                equations.append(Equation(name, parse(text, known)))
            except (ValueError, TypeError) as error:
                self.fail("[forward]", f"{name}: {error}")
            known[name] = symbol(name)
        try:
            return Program(tuple(equations), inputs=[s for s in sample if s not in targets], targets=targets,
                           parameters=list(parameters), loss=top["loss"], frozen=top.get("frozen", []))
        except (ValueError, TypeError) as error:
            self.fail("[forward]", str(error))

    def training(self, data):
        where = "[training]"
        kinds = {"optimizer": str, "reduce": str} | dict.fromkeys(("learning_rate", *COEFFICIENTS), str)
        self.table(data, where, {}, kinds)
        reduce = data.get("reduce", "sum")
        if reduce not in (*REDUCE, "online"):
            self.fail(where, unknown("reduction", reduce, (*REDUCE, "online")))
        if "optimizer" not in data:
            return Training(None, None, "sum" if reduce == "online" else reduce, reduce == "online")
        if data["optimizer"] not in OPTIMIZERS:
            self.fail(where, unknown("optimizer", data["optimizer"], OPTIMIZERS))
        given = self.numbers({k: v for k, v in data.items() if k not in ("optimizer", "reduce")}, where)
        if "learning_rate" not in given:
            self.fail(where, "the key 'learning_rate' is missing")
        rate = given.pop("learning_rate")
        try:
            optimizer = OPTIMIZERS[data["optimizer"]](**given)
        except TypeError:
            self.fail(where, f"{data['optimizer']} takes no {', '.join(sorted(given))}")
        return Training(optimizer, rate, "sum" if reduce == "online" else reduce, reduce == "online")

    def quantity(self, text, where):
        """The name of a quantity, checked down to the symbols that it is made of."""
        try:
            todo = [signed(text)[1]]
        except ValueError as error:
            self.fail(where, f"quantity: {error}")
        while todo:
            s = todo.pop()
            if isinstance(s, Partial):
                todo += [s.of, s.wrt]
            elif s.name not in self.known:
                self.fail(where, unknown("quantity", s.name, self.known))
        return text

    def figure(self, data, i, training, samples):
        where = f"[[figures]] {i}" if i else ""
        self.table(data, where, {"quantity": str, "printed": str}, {"after": int, "sample": int, "section": str})
        figure = PrintedFigure(**data)
        self.quantity(figure.quantity, where)
        self.numbers({"printed": figure.printed}, where)
        if not 0 <= figure.after <= MAX_UPDATES:
            self.fail(where, f"after: expected 0 to {MAX_UPDATES:,} updates, got {figure.after}")
        if figure.after and training.optimizer is None:
            self.fail(where, "after: the file has no [training] with an optimizer, so nothing is updated")
        if figure.sample is not None and not 1 <= figure.sample <= samples:
            self.fail(where, f"sample: expected 1 to {samples}, got {figure.sample}")
        return figure

    def formula(self, data, i):
        where = f"[[formulas]] {i}"
        self.table(data, where, {"quantity": str, "printed": str}, {})
        self.quantity(data["quantity"], where)
        try:
            return PrintedFormula(data["quantity"], data["printed"], parse(data["printed"], self.known))
        except ValueError as error:
            self.fail(where, f"printed: {error}")
