"""Worked examples from files.

    worked_example("source")    a bundled example by name, or any file by its path
    examples()                  the names of the bundled ones

A file is TOML and is only read: expressions go through the parser's whitelist, sizes are bounded, nothing runs. Errors
name the file, the table and the key.
"""
import re
from pathlib import Path

from ..compute.trainer import REDUCE
from ..derive.entries import entries_of, entry_of, indices
from ..derive.optimizers import COEFFICIENTS, ETA, OPTIMIZERS
from ..derive.schedules import SCHEDULES
from ..describe.arguments import expect
from ..describe.array_parser import ArrayReader
from ..describe.names import symbol
from ..describe.nearest import said, unknown
from ..describe.program import Equation, Program
from .example import Rules, Training, WorkedExample
from .file import tables
from .inarrays import entry, flat, in_numbers, named, nested, shapes_of
from .printed import Printed

CALLED_NOT = re.compile(r"(?<!\w)[^\W\d]\w*(?!\w|\s*\()")         # names that are no functions
BUNDLED = Path(__file__).parent.parent / "data" / "examples"
# What the tables of a file may hold.
TOP = {"title": str, "author": str, "address": str, "note": str, "where": str, "targets": (list, str),
       "frozen": (list, str), "parameters": dict, "samples": (list, dict), "training": dict, "figures": (list, dict),
       "formulas": (list, dict)}
TRAINING = {"optimizer": str, "schedule": str, "reduce": str, "updates": dict, "carry": dict,
            **dict.fromkeys(("learning_rate", *COEFFICIENTS, "gamma", "kappa", "T"), str)}


def examples():
    """The names of the bundled examples.

    >>> "source" in examples()
    True
    """
    return sorted(path.stem for path in BUNDLED.glob("*.toml"))


def worked_example(name_or_path):
    """A bundled example by its name, or one from a TOML file by its path.

    A file says what is computed, from which numbers, and what is printed, all of it as text::

        loss = "E"
        targets = ["y"]
        forward = {z = "w*x + b", yhat = "sigmoid(z)", E = "(yhat - y)**2/2"}
        parameters = {w = "0.5", b = "1/10"}
        samples = [{x = "2", y = "1"}]
        training = {optimizer = "gradient_descent", learning_rate = "0.1"}
        [[figures]]
        printed = {yhat = "0.750", E = "0.0312", "d(E)/d(w)" = "-0.0938"}
        [[figures]]
        after = 1
        printed = {w = "0.509"}

    A table of figures is of the pass after so many updates, of one ``sample`` where there are several. Values that
    are lists, or lists of rows, are arrays, and so is what is computed of them: ``X = [["1", "2"], ["0", "1"]]``.

    ``optimizer`` is gradient_descent, momentum or nesterov (with ``momentum``), rmsprop (``beta2``, ``epsilon``), adam
    (``beta1`` as well) or adamw (``weight_decay`` as well); ``reduce`` over samples is sum, mean, or online: one update a
    sample; ``schedule`` is exponential_decay (``gamma``), inverse_time_decay (``kappa``), cosine_decay or warmup (``T``).
    Figures may be of what an optimizer remembers, v(w) and m(w), and of expressions: ``"eta*d(E)/d(w)"``.

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
    return Printed.for_example(example).figure(given, "", example.training, len(example.samples))


class Loader(Printed):
    """Reads the tables of one file; every complaint says where."""

    def example(self, name):
        top, self.shapes = self.table(self.data, "the file", {"loss": str, "forward": dict}, TOP), {}
        parameters = self.values(top.get("parameters", {}), "[parameters]")
        samples = tuple(self.values(s, f"[[samples]] {i}") for i, s in enumerate(top.get("samples", [{}]), 1)) or ({},)
        for i, odd in enumerate((sorted(set(sample) ^ set(samples[0])) for sample in samples), 1):
            if odd:
                self.fail(f"[[samples]] {i}", f"{odd[0]!r} is not in every sample")
        written = self.forward(top, list(nested(parameters)), list(nested(samples[0])))
        forward, arrays = (self.in_numbers(written), written) if self.shapes else (written, None)
        self.known, self.shapes, self.arrays = named(forward), shapes_of(arrays), arrays
        training = self.training(top.get("training", {}), forward)
        figures = tuple(figure for i, entry in enumerate(top.get("figures", []), 1)
                        for figure in self.figures(entry, f"[[figures]] {i}", training, len(samples)))
        formulas = tuple(self.formula(f, f"[[formulas]] {i}") for i, f in enumerate(top.get("formulas", []), 1))
        note = " ".join(top[key] for key in ("note", "where") if key in top)
        return WorkedExample(name, top.get("title", name), top.get("author", ""), top.get("address", ""), forward,
                             parameters, samples, training, figures, formulas, note, arrays)

    def values(self, data, where):
        """{name: Rational} of a table of values; of an array, of each of its entries."""
        if not isinstance(data, dict):
            self.fail(where, f"expected a table, got {said(data)}")
        try:
            found, shapes = flat(self.names(data, where))
        except ValueError as error:
            self.fail(where, str(error))
        for name, shape in shapes.items():
            if self.shapes.setdefault(name, shape) != shape:
                self.fail(where, f"{name}: expected the shape {self.shapes[name]} as in the first sample, got {shape}")
        return self.numbers(self.table(found, where, {}, dict.fromkeys(found, str)), where, names=False)

    def in_numbers(self, program):
        try:
            return in_numbers(program)
        except ValueError as error:
            self.fail("[forward]", str(error))

    def forward(self, top, parameters, sample):
        training = self.table(top.get("training", {}), "[training]", {}, TRAINING)
        targets, carried = top.get("targets", []), training.get("carry", {})
        if odd := [name for name in targets if name not in sample]:
            self.fail("targets", unknown("sample quantity", odd[0], sample))
        known = {name: symbol(name) for name in (*parameters, *sample)}
        equations, order = [], list(top["forward"])
        for name, text in self.names(top["forward"], "[forward]").items():
            if role := "parameter" if name in parameters else "quantity of the samples" if name in sample else None:
                self.fail("[forward]", f"{name!r} is a {role}, which is given, and an equation defines it as well")
            used = set(CALLED_NOT.findall(text)) if isinstance(text, str) else set()
            if late := [later for later in order[order.index(name) + 1:] if later in used and later not in known]:
                self.fail("[forward]", f"{name}: {late[0]!r} is used, and defined only further down")
            equations.append(Equation(name, self.expression(text, known, f"[forward]: {name}",
                                                            ArrayReader if self.shapes else None)))
            known[name] = symbol(name)
        frozen = dict.fromkeys([*top.get("frozen", []), *(name for name in carried if name in parameters)])
        try:
            return Program(tuple(equations), inputs=[s for s in sample if s not in targets], targets=targets,
                           parameters=list(parameters), loss=top["loss"], frozen=list(frozen), shapes=self.shapes)
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
            return Training(self.rules(data["updates"], self.arrays or forward), rate, **settings)
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
            takes = ", ".join(f for f in OPTIMIZERS[data["optimizer"]].__dataclass_fields__ if f not in data)
            self.fail(where, f"{data['optimizer']} takes no {', '.join(sorted(given))}" + f"; it takes {takes}"*bool(takes)
                      + "; a penalty on large weights may stand in the loss"*("weight_decay" in given))
        return Training(made["optimizer"], rate, schedule=made["schedule"], **settings)

    def carried(self, data, forward):
        """Pairs (state, the quantity that it is after a pass)."""
        for state, name in data.items():
            if (shape := self.shapes.get(state, ())) != (other := self.shapes.get(name, ())):
                self.fail("[training]", f"carry: {state} has the shape {shape}, and {name} {other}")
            for at in indices(shape):
                s, q = (self.known.get(entry(text, at)) for text in (state, name))
                if s not in (*forward.parameters, *forward.inputs):
                    self.fail("[training]", "carry: " + unknown("parameter or sample quantity", state, forward.given))
                if q not in forward.defined:
                    self.fail("[training]", f"carry: {state}: " + unknown("quantity", name, forward.defined))
                yield s, q

    def rules(self, data, program):
        """The Rules of a table {parameter: its next value}; of an array, of each of its entries."""
        if odd := [name for name in data if name not in map(str, program.parameters)]:
            self.fail("[training]", "updates: " + unknown("parameter", odd[0], program.parameters))
        known, reader = {"eta": ETA, **self.known}, None
        if self.arrays:
            known, reader = {"eta": ETA, **{s.name: s for s in (*program.given, *program.defined)}}, ArrayReader
        written = tuple((program.symbol(name), self.expression(text, known, f"[training]: updates: {name}", reader))
                        for name, text in data.items())
        return Rules(tuple(pair for rule in written for pair in self.each(*rule)), written) if self.arrays else Rules(written)

    def each(self, array, value):
        """Pairs (entry, its next value) of what an array becomes."""
        try:
            shape, found = entries_of(self.arrays, value)
        except ValueError as error:
            self.fail("[training]", f"updates: {array}: {error}")
        if shape != (own := self.shapes.get(array.name, ())):
            self.fail("[training]", f"updates: {array} has the shape {own}, and what it becomes {shape}")
        return [(entry_of(array, at), entry) for at, entry in found.items()]
