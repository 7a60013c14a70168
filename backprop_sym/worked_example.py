"""A published worked example as data: equations, values, and every figure that was printed for it.

    worked_example("source")    a bundled example by name, or any file by its path
    examples()                  the names of the bundled ones

A file is TOML and is only read: expressions go through the parser's whitelist, sizes are bounded, nothing runs. Errors
name the file, the table and the key.
"""
import json
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import sympy as sp

from .optimizers import COEFFICIENTS, OPTIMIZERS
from .parser import number, parse
from .program import Equation, Program
from .symbols import Partial, symbol, unknown
from .training import REDUCE

BUNDLED = Path(__file__).parent / "examples"
MAX_BYTES = 1_000_000
MAX_UPDATES = 1_000_000


@dataclass(frozen=True)
class PrintedFigure:
    """A number as it was printed: of which quantity, after how many updates, for which sample (from 1)."""

    quantity: str
    printed: str
    after: int = 0
    sample: int | None = None
    section: str = ""

    @property
    def symbol(self):
        """The quantity's symbol, without the sign."""
        return symbol(self.quantity.removeprefix("-").strip())

    @property
    def sign(self):
        """-1 for a figure of -d(E)/d(z), else 1."""
        return -1 if self.quantity.startswith("-") else 1

    @property
    def value(self):
        """The printed number, exactly."""
        return number(self.printed)

    @property
    def unit(self):
        """One unit in the last printed place, exactly.

        >>> PrintedFigure("w5", "0.694690157e-3").unit
        1/1000000000000
        """
        return sp.Rational(10)**Decimal(self.printed).as_tuple().exponent

    @property
    def significant(self):
        """The number of significant digits printed."""
        return len(Decimal(self.printed).as_tuple().digits)


@dataclass(frozen=True)
class PrintedFormula:
    """The closed form that a text claims for a quantity."""

    quantity: str
    printed: str
    expression: sp.Expr

    symbol = PrintedFigure.symbol
    sign = PrintedFigure.sign


@dataclass(frozen=True)
class Training:
    """How an example updates its parameters; without an optimizer nothing is updated."""

    optimizer: object = None
    learning_rate: sp.Rational | None = None
    reduce: str = "sum"
    online: bool = False


@dataclass(frozen=True)
class WorkedExample:
    """A published worked example: ``forward`` is its Program; ``parameters`` and ``samples`` hold exact Rationals."""

    name: str
    title: str
    author: str
    address: str
    forward: Program
    parameters: dict
    samples: tuple
    training: Training
    figures: tuple
    formulas: tuple = field(default=())

    @property
    def values(self):
        """Parameters and sample together, where there is one sample; ValueError where there are more."""
        if len(self.samples) != 1:
            raise ValueError(f"{self.name} has {len(self.samples)} samples: use .parameters and .samples")
        return {**self.parameters, **self.samples[0]}

    @cached_property
    def _audit(self):
        from .audit import audit
        return audit(self)

    def audit(self):
        """Every printed figure beside the derived value, with a verdict: see ``audit``."""
        return self._audit

    def diagnose(self, quantity, printed, after=0, sample=None):
        """The slips that explain a figure, the simplest first: see ``diagnose``.

        Where the example prints this very figure, those printed before it count too: it may have been computed from
        them.
        """
        from .diagnose import explain
        figure = self._figure(quantity, printed, after, sample)
        places = [i for i, f in enumerate(self.figures) if f.symbol == figure.symbol and
                  (f.printed, f.after, f.sample) == (printed, after, sample)]
        return explain(self, figure, self.figures[:places[0]] if places else ())

    def check_answer(self, quantity, answer, after=0, sample=None):
        """A reader's answer for a quantity, judged in words: right, rounded, cut, or wrong, and then why.

        ``quantity`` is a name or "d(A)/d(B)", as in the file; ``answer`` is text, with the digits that were worked out.

        >>> print(worked_example("source").check_answer("d(E_total)/d(w1)", "0.000694690"))
        Not right. This is ∂E_total/∂w1 with a slip: the path through yhat2 is left out.
        """
        from .exercises import reply
        return reply(self, self._figure(quantity, answer, after, sample))

    def _figure(self, quantity, printed, after, sample):
        return _Loader.for_example(self).figure(
            {"quantity": str(quantity), "printed": printed, "after": after} | ({"sample": sample} if sample else {}), None,
            self.training, len(self.samples))

    def to_toml(self):
        """The example as the text of a TOML file that loads as an equal example."""
        from .printer import Text
        write = Text(self.forward.rank)
        return _toml({
            "title": self.title, "author": self.author, "address": self.address, "loss": self.forward.loss.name,
            "targets": [s.name for s in self.forward.targets], "frozen": [s.name for s in self.forward.frozen],
            "forward": {e.lhs.name: write(e.rhs) for e in self.forward},
            "parameters": {name: _decimal(value) for name, value in self.parameters.items()},
            "samples": [{name: _decimal(value) for name, value in sample.items()} for sample in self.samples],
            "training": _training_table(self.training),
            "formulas": [{"quantity": f.quantity, "printed": f.printed} for f in self.formulas],
            "figures": [{k: v for k, v in vars(f).items() if v not in ("", None) and (k, v) != ("after", 0)}
                        for f in self.figures],
        })

    def __repr__(self):
        return f"{self.title} ({len(self.figures)} printed figures)"


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
    return _Loader(path.name, data).example(path.stem)


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


class _Loader:
    """Reads the tables of one file; every complaint says where."""

    def __init__(self, file, data):
        self.file, self.data = file, data

    @classmethod
    def for_example(cls, example):
        """One that checks what is asked of an example that was loaded before."""
        loader = cls(example.name, {})
        forward = example.forward
        loader.known = dict.fromkeys(s.name for s in (*forward.inputs, *forward.targets, *forward.parameters, *forward.defined))
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
        self.known = dict.fromkeys([*parameters, *samples[0], *top["forward"]])
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
        known = dict.fromkeys([*parameters, *sample])
        equations = []
        for name, text in self.names(top["forward"], "[forward]").items():
            try:
                equations.append(Equation(name, parse(text, known)))
            except (ValueError, TypeError) as error:
                self.fail("[forward]", f"{name}: {error}")
            known[name] = None
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
            todo = [symbol(text.removeprefix("-").strip())]
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
