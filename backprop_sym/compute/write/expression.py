"""What generated code is made of, in any language: expressions, lines, blocks, functions.

    Code                        the printer that all dialects share; each says how its language differs
    helper_forms(call)          how a function that the code calls is computed

A dialect collects the functions that it calls, so that their definitions can be written in front of the program.
"""
import re
from functools import cache

import sympy as sp
from sympy.codegen.cfunctions import log1p

from ...describe.activation import ActivationSlope
from ...describe.functions import erfc, softmax, top
from ...describe.printer import ATOM, PRODUCT, SUM, Printer

LOWEST = sp.Integer(-708)       # exp(708) is a float, exp(710) is not


class Code(Printer):
    """What the dialects share. Identifiers replace names such as d(E)/d(w) that no language takes."""

    functions = {sp.exp: "exp", sp.log: "log", log1p: "log1p", sp.tanh: "tanh", sp.Abs: "abs", sp.erf: "erf",
                 sp.erfc: "erfc", erfc: "erfc", sp.cos: "cos", sp.sin: "sin", top: "max"}
    constants = {sp.pi: "pi", sp.E: "e"}
    # What the code may import: {name: the line that makes it known}, "" for a name from ``module``.
    module = ""
    tuples = True           # whether a function may return several values
    floats = False          # whether whole numbers are written with a point: Python adds 1.0 to a float faster than 1
    arrays = False          # whether values are arrays
    loop_floats = False     # the same in a training loop
    PIECE = 2**24           # bytes of a landscape that are computed together
    whole_runs = False      # whether all epochs of a run are made in one call
    declared = frozenset()  # the names of a loop's state: known before its first line
    once = frozenset()      # what is written where it is used, instead of in a line of its own
    imported = dict.fromkeys("cos e erf erfc exp log log1p pi sin sqrt tanh".split(), "")

    def __init__(self, rank, names, called=None):
        super().__init__(rank)
        self.names = names
        self.inlined = {}                                      # {symbol of once: (text, how tightly it holds)}
        self.called = {} if called is None else called         # {function name: one call of it}

    def face(self, factor):
        return factor                      # a Slope is computed by its own stable form

    def write_Symbol(self, e):
        return self.inlined[e] if e in self.inlined else (self.names[e], ATOM)

    def integer(self, n):
        return f"{n}.0" if self.floats else str(n)

    def rational(self, p, q):
        if not self.floats:
            return super().rational(p, q)
        text = f"{p}.0" if q == 1 else f"{p}.0/{q}.0"
        return text, SUM if p < 0 else ATOM if q == 1 else PRODUCT

    def write_ActivationSlope(self, e):
        return self.helper(type(e).__name__, e, e.args[:1])

    def write_Faces(self, e):
        return self.write(e.args[1])

    def write_Activation(self, e):
        name = type(e).__name__
        if e.nargs == sp.FiniteSet(1):
            own = self.functions.get(_stable_type(type(e))) != name       # tanh is a function of the math module already
            return self.helper(name, e, e.args) if own else self.call(name, e.args)
        return self.helper(f"{name}_{len(e.args)}", e, e.args)

    def write_softmax(self, e):
        k, *sums = e.args
        text, _ = self.helper(f"softmax_{len(sums)}", e, sums)
        return f"{text}[{k - 1}]", ATOM

    def helper(self, name, e, arguments):
        """The call of a function whose definition is written in front of the program."""
        name += "_"*(name in self.imported)                    # somebody's activation may have the name of NumPy's function
        self.called.setdefault(name, e)
        return self.call(name, arguments)

    def write_clipped(self, e):
        z = e.args[0]
        return self.write(sp.Piecewise((z, z > LOWEST), (LOWEST, True)))

    def write_bracket(self, e):
        return self.brackets(self(e.args[0])), ATOM

    def write_sign(self, e):
        z = e.args[0]
        return self.write(sp.Piecewise((1, z > 0), (-1, z < 0), (0, True)))

    def write_Piecewise(self, e):
        (value, condition), *rest = e.args
        if condition == True or not rest:  # noqa: E712  (SymPy's true is no Python bool)
            return self.write(value)
        return self.choice(self(condition), self.wrap(value, SUM), self.wrap(sp.Piecewise(*rest), SUM))

    def choice(self, condition, value, otherwise):
        return f"{value} if {condition} else {otherwise}", -1

    def power(self, e):
        if e.exp == 2 and e.base.is_Symbol:
            return self.times([self.wrap(e.base, ATOM)]*2), 1
        return super().power(e)

    # ---- lines and blocks

    def header(self, text):
        """The imports of the functions and constants that stand in the text."""
        words = set(re.findall(r"\w+", text))
        lines = [line for name, line in self.imported.items() if line and name in words]
        words.update(re.findall(r"\w+", " ".join(lines)))
        plain = [name for name, line in self.imported.items() if not line and name in words]
        lines = [f"from {self.module} import {', '.join(plain)}"]*bool(plain) + lines
        return "".join(f"{line}\n" for line in lines)

    def assign(self, names, text):
        """The line that gives names their values."""
        return f"{', '.join(names)} = {text}"

    def store(self, place, name):
        """The line that puts a value into an array."""
        return f"{place} = {name}"

    def index(self, name, text):
        """The line that gives a whole number its value."""
        return self.assign([name], text)

    def add(self, total, name):
        """The line that adds to a sum."""
        return f"{total} += {name}"

    def least(self, a, b):
        """The smaller of two whole numbers."""
        return f"min({a}, {b})"

    def count(self, variable, start, stop, step, lines):
        """The lines, repeated for each value of a whole number."""
        bounds = stop if (start, step) == ("0", "1") else f"{start}, {stop}" + (f", {step}" if step != "1" else "")
        return [f"for {variable} in range({bounds}):", *indented(lines)]

    def when(self, condition, lines):
        """The lines, if a condition holds."""
        return [f"if {condition}:", *indented(lines)]

    def keep(self, names):
        """The lines that record values."""
        return [f"keep(({', '.join(names)}))"]

    def define(self, name, parameters, body, results):
        """The lines of a function."""
        return [f"def {name}({', '.join(parameters)}):", *indented(body), f"    return {', '.join(results)}"]

    def define_program(self, parameters, body, results):
        """The lines of the function that computes every quantity."""
        return self.define("program", parameters, body, results if len(results) > 1 else [f"{results[0]},"])

    def define_train(self, loop, body):
        """The lines of the function that holds a training loop."""
        parameters = ["epochs", "every", "keep", "orders", "cycles", "length", "size", "count",
                      *(f"{loop.by_name[n]}_of" for n in loop.columns),
                      *(loop.by_name[n] for n in (*loop.constants, *loop.state))]
        results = [loop.by_name[n] for n in loop.state]
        return self.define("train", parameters, body, results if len(results) > 1 else [f"{results[0]},"])

    def define_grid(self, axes, constants, kept, body):
        """The lines of the function that fills arrays over a grid."""
        unpack = [([f"n{i}" for i in range(len(axes))], "lengths"), ([f"{name}_of" for name in axes], "axes"),
                  (constants, "constants"), ([f"{name}_of" for name in kept], "kept")]
        read = [f"{', '.join(names)}{',' if len(names) == 1 else ''} = {whole}" for names, whole in unpack if names]
        return self.define("grid", ["lengths", "axes", "constants", "kept"], [*read, *body], ["kept"])

    def define_open_grid(self, axes, constants, results, body):
        """The lines of the function that computes arrays over an open grid."""
        return self.define("grid", [*axes, *constants], body, [f"({', '.join(results)},)"])

    # ---- how a training loop is called: by default with Python's own lists

    @classmethod
    def recorder(cls, rows, width):
        """(what ``keep`` is, a function that returns what was kept as one list)."""
        kept = []
        return kept.extend, lambda: kept

    @staticmethod
    def column(values, known):
        """The values of one name for all samples."""
        return values

    @staticmethod
    def order(indices):
        """The indices of samples."""
        return list(indices)

    @staticmethod
    def in_parts(run, values):
        """What ``run(of)`` returns, for all networks at once."""
        return run(lambda value: value)

    @classmethod
    def compile(cls, source):
        """The names that generated source defines; the source was made from a validated Program."""
        namespace = {}
        exec(compile(source, "<backprop_sym>", "exec"), namespace)
        return namespace


def indented(lines):
    """The lines, one level further in."""
    return ["    " + line for line in lines]


@cache
def _stable_type(function):
    return type(function.rule.stable(sp.Symbol("z")))


def helper_forms(call, tuples=True):
    """(parameters, forms): how the function that a call needs is computed; more than one form is a tuple."""
    if isinstance(call, ActivationSlope):
        z = sp.Symbol("z")
        return (z,), (call.of.rule.stable_slope(z),)
    if isinstance(call, softmax):
        sums = sp.symbols(f"z1:{len(call.args)}")
        shares = range(1, len(call.args)) if tuples else call.args[:1]
        return sums, tuple(call.rule.stable(k, *sums) for k in shares)
    sums = sp.symbols("z,") if len(call.args) == 1 else sp.symbols(f"z1:{len(call.args) + 1}")
    return sums, (call.rule.stable(*sums),)
