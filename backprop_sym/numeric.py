"""Numbers: a Program becomes straight-line source code, and that becomes a function.

    evaluate(program, values, digits)   every quantity to any number of digits
    lambdify(program, backend)          f(values) -> values; f.source is the code, complete and readable
    numbers(program, values)            what a reader gave, checked and exact
    decimal(value)                      a number as it is shown

A backend is a dialect: the names of its functions, how it writes a number and a choice between two cases.
"""
import builtins
import keyword
import re
from numbers import Number

import mpmath
import sympy as sp
from sympy.codegen.cfunctions import log1p

from .functions import ACTIVATIONS, Activation, Slope, lookup
from .parser import number
from .printer import ATOM, SUM, Printer
from .symbols import nearest, unknown

SHOWN = 10              # significant digits of a number on paper
GUARD = 12              # digits beyond those asked for, so that the last one asked for is right
# What generated code may import from its backend's module; it imports what it uses.
IMPORTED = {"math": "e exp log log1p pi sqrt tanh", "numpy": "abs e exp log log1p pi sqrt tanh where",
            "mpmath": "e exp log log1p mpf pi sqrt tanh"}


class Values(dict):
    """{name: number}, found by name or by symbol, that shows itself as equations."""

    def __missing__(self, key):
        if isinstance(key, sp.Symbol) and key.name in self:
            return self[key.name]
        raise KeyError(unknown("quantity", key, self))

    def _repr_latex_(self):
        from .latex import values_latex
        return f"$${values_latex(self)}$$"


def decimal(value, digits=SHOWN):
    """A number with that many significant digits, as it is shown in the book.

    >>> decimal(mpmath.mpf("0.08826404864017"))
    '0.08826404864'
    >>> decimal(0.25), decimal(mpmath.mpf("4.8336454755e-4"), 9)
    ('0.25', '0.000483364548')
    """
    return mpmath.nstr(mpmath.mpf(value), digits, min_fixed=-6, max_fixed=digits).removesuffix(".0")


# ---- what a reader gave

def numbers(program, values, digits=15):
    """{name: mpf} for every name in ``program.given``; exact decimals are rounded to ``digits`` only here.

    Raises ValueError for a missing value (with the nearest name given), TypeError for one that is no number.
    """
    with mpmath.workdps(digits):
        return {name: exact(name, value) for name, value in given(program, values).items()}


def given(program, values):
    """{name: value} for what the program needs, in its order; other names are ignored."""
    try:
        named = {str(key): value for key, value in dict(values).items()}
    except (TypeError, ValueError):
        raise TypeError(f"values: expected a mapping of names to numbers, got {values!r}") from None
    for s in program.given:
        if s.name not in named:
            spare = set(named) - {g.name for g in program.given}
            hint = nearest(s.name, sorted(spare)) or f"the program needs {', '.join(map(str, program.given))}"
            raise ValueError(f"no value for {s.name!r}; {hint}")
    return {s.name: named[s.name] for s in program.given}


def exact(name, value):
    """A value as an mpf at the working precision; text is an exact decimal."""
    try:
        if isinstance(value, str):
            value = number(value)
        if value != value:
            raise ValueError("not a number")
        if isinstance(value, sp.Rational):
            return mpmath.mpf(value.p)/value.q
        if isinstance(value, sp.Expr) and value.is_real:
            return value._to_mpmath(mpmath.mp.prec)
        if not isinstance(value, bool) and (isinstance(value, Number | mpmath.mpf) or hasattr(value, "__float__")):
            return mpmath.mpmathify(value) if not hasattr(value, "dtype") else mpmath.mpf(float(value))
    except (TypeError, ValueError):
        pass
    raise TypeError(f"value of {name!r}: expected a number, got {value!r}")


# ---- dialects

class Code(Printer):
    """What the backends share. Identifiers replace names such as d(E)/d(w) that no language takes."""

    functions = {sp.exp: "exp", sp.log: "log", log1p: "log1p", sp.tanh: "tanh", sp.Abs: "abs"}
    constants = {sp.pi: "pi", sp.E: "e"}
    module = ""

    def __init__(self, rank, names):
        super().__init__(rank)
        self.names = names

    def face(self, factor):
        return factor                      # a Slope is computed by its own stable form

    def name(self, s):
        return self.names[s]

    def write_Slope(self, e):
        return self.call(type(e).__name__, e.args[:1])

    def write_Piecewise(self, e):
        (value, condition), *rest = e.args
        if condition == True or not rest:  # noqa: E712  (SymPy's true is no Python bool)
            return self.write(value)
        return self.choice(self(condition), self(value), self(sp.Piecewise(*rest)))

    def choice(self, condition, value, otherwise):
        return f"{value} if {condition} else {otherwise}", -1

    def power(self, e):
        if e.exp == 2 and e.base.is_Symbol:
            return self.times([self.wrap(e.base, ATOM)]*2), 1
        return super().power(e)


class Python(Code):
    """Plain Python floats and the math module."""

    module = "math"

    @staticmethod
    def convert(name, value):
        return value if type(value) is float and value == value else float(exact(name, value))


class Numpy(Code):
    """NumPy: every value may be an array, and all broadcast."""

    module = "numpy"

    def choice(self, condition, value, otherwise):
        return f"where({condition}, {value}, {otherwise})", ATOM

    @staticmethod
    def convert(name, value):
        import numpy as np
        if isinstance(value, np.ndarray | list | tuple):
            array = np.asarray(value)
            if array.dtype.kind in "fiuc":
                return array if array.dtype.kind in "fc" else array.astype(float)
            raise TypeError(f"value of {name!r}: expected numbers, got an array of {array.dtype}")
        return np.float64(Python.convert(name, value))


class Mpmath(Code):
    """mpmath at the precision of the moment."""

    module = "mpmath"

    def rational(self, p, q):
        return (f"mpf({p})/{q}", 1 if p >= 0 else SUM) if q != 1 else super().rational(p, q)

    convert = staticmethod(exact)


BACKENDS = {"python": Python, "numpy": Numpy, "mpmath": Mpmath}


# ---- Program -> source -> function

def identifiers(program):
    """{symbol: a Python identifier}, distinct, for every symbol: d(E)/d(w) becomes dE_dw."""
    taken = {*dir(builtins), *" ".join(IMPORTED.values()).split(), "program"}
    taken |= {form for name in ACTIVATIONS for form in (name, name + "_slope")}
    names = {}
    for s in (*program.given, *program.defined):
        name = s.name.replace("d(", "d").replace(")/", "_").replace("(", "").replace(")", "")
        while name in taken or keyword.iskeyword(name):
            name += "_"
        taken.add(name)
        names[s] = name
    return names


def helpers(program, dialect):
    """The definitions of the activations and slopes that the program calls, in their stable forms."""
    needed, todo = {}, [e.rhs for e in program.equations]
    while todo:
        for call in todo.pop().atoms(Activation, Slope):
            cls = type(call)
            if cls not in needed and not _is_library(cls, dialect):
                needed[cls] = (cls.of.rule.stable_slope if issubclass(cls, Slope) else cls.rule.stable)(sp.Symbol("z"))
                todo.append(needed[cls])
    lines = []
    for cls, form in reversed(needed.items()):
        # what a form uses more than once, such as exp(-|z|), is computed once
        shared, (body,) = sp.cse(form, symbols=sp.numbered_symbols("t"), optimizations=())
        write = dialect({}, {sp.Symbol(name): name for name in ("z", *(str(s) for s, _ in shared))})
        lines += ["", "", f"def {cls.__name__}(z):"]
        lines += [f"    {write(name)} = {write(value)}" for name, value in shared]
        lines += [f"    return {write(body)}"]
    return lines


def _is_library(cls, dialect):
    """Whether an activation is a function of the backend's own module: tanh is, and is not defined again."""
    return issubclass(cls, Activation) and dialect.functions.get(type(cls.rule.stable(sp.Symbol("z")))) == cls.__name__


def lambdify(program, backend="python"):
    """The program as a function from {name: number} to {name: number}, all quantities in order.

    ``backend`` is "python" (floats), "numpy" (any value may be an array; they broadcast) or "mpmath" (the precision
    of mpmath.mp). ``f.source`` is the generated code, one line an equation, complete in itself. Raises ValueError for
    an unknown backend and for a missing value, TypeError for a value that is no number.

    >>> from backprop_sym import dense
    >>> f = lambdify(dense([1, 1]))
    >>> print(f.source.rpartition("def ")[2])
    program(x1, y1, w1, b1):
        z1 = x1*w1 + b1
        yhat1 = sigmoid(z1)
        E_total = (y1 - yhat1)**2/2
        return z1, yhat1, E_total
    <BLANKLINE>
    >>> f({"x1": 1, "w1": 2, "b1": -2, "y1": 1})["E_total"]
    0.125
    """
    dialect = lookup(BACKENDS, "backend", backend)
    names = identifiers(program)
    write = dialect(program.rank, names)
    lines = [*helpers(program, dialect), "", "", f"def program({', '.join(names[s] for s in program.given)}):"]
    lines += [f"    {write(e.lhs)} = {write(e.rhs)}" for e in program.equations]
    lines += [f"    return {', '.join(names[s] for s in program.defined)}{',' if len(program) == 1 else ''}", ""]
    source = _header(dialect.module, lines) + "\n".join(lines)
    compute = _compiled(source)
    results = [s.name for s in program.defined]

    def f(values):
        converted = [dialect.convert(name, value) for name, value in given(program, values).items()]
        return Values(zip(results, compute(*converted), strict=True))

    f.source, f.compute, f.program = source, compute, program
    return f


def _header(module, lines):
    """The import of the functions and constants that the lines use."""
    words = set(re.findall(r"\w+", " ".join(lines)))
    used = [name for name in IMPORTED[module].split() if name in words]
    return f"from {module} import {', '.join(used)}\n" if used else ""


def _compiled(source):
    """The function ``program`` that generated source defines; the source was made from a validated Program."""
    namespace = {}
    exec(compile(source, "<backprop_sym>", "exec"), namespace)
    return namespace["program"]


def evaluate(program, values, digits=15):
    """Every quantity in order, {name: mpf}, to ``digits`` digits: see Program.evaluate."""
    if isinstance(digits, bool) or not hasattr(digits, "__index__") or digits < 1:
        raise ValueError(f"digits: expected a positive integer, got {digits!r}")
    with mpmath.workdps(digits + GUARD):
        exactly = lambdify(program, "mpmath")(values)
    with mpmath.workdps(digits):
        return Values((name, +value) for name, value in exactly.items())


def value_of(factors, quantities, digits):
    """The product of expressions as a number, with quantities as values."""
    from .program import Equation, Program
    program = Program(tuple(Equation(f"factor{i}", factor) for i, factor in enumerate(factors)))
    found = evaluate(program, quantities, digits + GUARD)
    with mpmath.workdps(digits + GUARD):
        product = mpmath.fprod(found.values())
    with mpmath.workdps(digits):
        return +product


def total(numbers, digits):
    """The sum of numbers, rounded once."""
    with mpmath.workdps(digits):
        return mpmath.fsum(numbers)
