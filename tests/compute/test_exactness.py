"""Every number is of its dialect's kind: fifty digits stay fifty digits, and no quantity is ever a whole number."""
from fractions import Fraction
from pathlib import Path
from threading import Thread

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.describe.activation import Activation
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
from backprop_sym.describe.parser import FUNCTIONS
from backprop_sym.describe.precision import precise, working

DIGITS = 50
SEVERAL = ("max", "min", "logsumexp", "mean", "sum", "softmax")
CONSTANTS = ("3", "-3", "1/3", "-2/7", "5", "1e-3")
CALLS = {name: ("softmax(2, {0}, {1}, 2)" if name == "softmax" else f"{name}({{0}}, {{1}}, 2)" if name in SEVERAL
                else f"{name}({{0}})") for name in {**FUNCTIONS, **ACTIVATIONS}}


def written_out(expression):
    """The expression with nothing in it but SymPy's own functions."""
    while expression.has(Activation):
        expression = expression.replace(lambda e: isinstance(e, Activation), lambda e: e.definition)
    return expression


def near(found, expected, digits=DIGITS):
    """Whether two numbers agree to almost so many digits; where terms cancel, beside the numbers around 1 they are made of."""
    with precise(digits + 20) as mp:
        expected = mp.mpf(sp.Float(expected, digits + 20)._mpf_) if isinstance(expected, sp.Expr) else mp.convert(expected)
        return abs(mp.convert(found) - expected) <= mp.mpf(10)**(3 - digits)*max(abs(expected), mp.mpf(10)**-6)


def allowed(call):
    """Whether a function has a real value there."""
    try:
        value = written_out(bp.parse(call)).evalf(30)
    except ValueError:                                     # the logarithm of a negative number is refused
        return False
    return value.is_real and value.is_finite


@pytest.mark.parametrize("name", CALLS)
def test_functions_of_constants(name):
    """Of numbers as they are written, of quantities that are numbers, and divided by a number after that."""
    for constant in CONSTANTS:
        at_once = CALLS[name].format(f"({constant})", "(1)")
        if not allowed(at_once):
            continue
        expected = written_out(bp.parse(at_once)/3).evalf(DIGITS + 20)
        for lines in ([f"q = {constant}", "r = 1", f"E = {CALLS[name].format('q', 'r')}/3"], [f"a = {at_once}", "E = a/3"]):
            found = bp.Program.parse(lines).evaluate({}, DIGITS)["E"]
            assert near(found, expected), (lines, found, expected)


@pytest.mark.parametrize("name", CALLS)
def test_derivatives_with_constants(name):
    """d f(w*x)/3 by w, where w and x are whole numbers or fractions."""
    w, x = bp.symbol("w"), bp.symbol("x")
    lines = ["z = w*x", "r = 1", f"E = {CALLS[name].format('z', 'r')}/3"]
    program = bp.Program.parse(lines, inputs="x", parameters="w", loss="E")
    real = dict(zip((w, x), sp.symbols("w x", real=True), strict=True))
    derivative = sp.diff(written_out(bp.parse(CALLS[name].format("(w*x)", "(1)"))).subs(real)/3, real[w])
    for constant in CONSTANTS:
        values = {"w": sp.Rational(constant), "x": 2}
        if allowed(CALLS[name].format(f"(2*({constant}))", "(1)")):
            found = (program + bp.reverse(program)).evaluate(values, DIGITS)["d(E)/d(w)"]
            expected = derivative.subs({real[w]: sp.Rational(constant), real[x]: 2}).doit().evalf(DIGITS + 20)
            assert near(found, expected), (constant, found, expected)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_constants(name):
    ys, ps = sp.symbols("y1 y2"), sp.symbols("p1 p2")
    loss = LOSSES[name](ys, ps)
    program = bp.Program(((bp.symbol("E"), loss),))
    program += bp.reverse(program, of="E", wrt=["p1", "p2"])
    plain = written_out(loss)
    targets = {"hinge": ("1", "-1")}.get(name, ("1/3", "2/3"))
    for at in (("1/3", "2/7"), ("1/7", "1/1000"), ("3", "-2"), ("1/2", "1")):
        values = dict(zip(("y1", "y2", "p1", "p2"), map(sp.Rational, (*targets, *at)), strict=True))
        exactly = {sp.Symbol(s): v for s, v in values.items()}
        value = plain.subs(exactly)
        if not (value.is_finite and value.is_real):                  # the logarithm of a probability that is none
            continue
        found = program.evaluate(values, DIGITS)
        assert near(found["E"], value.evalf(DIGITS + 20))
        for p in ("p1", "p2"):
            expected = sp.diff(plain, sp.Symbol(p)).subs(exactly).doit().evalf(DIGITS + 20)
            assert near(found[f"d(E)/d({p})"], expected), (values, p)


# q1, q2, ... in turn: a number, or an operation on numbers and earlier quantities.
numbers = st.fractions(-5, 5, max_denominator=9).map(lambda f: f"({f})")
operations = st.sampled_from([
    "{a} + {b}", "{a} - {b}", "{a}*{b}", "{a}/(1 + {b}**2)", "relu({a})", "sigmoid({a})", "max({a}, {b})", "({a})**3/7",
    "sign({a})/3", "step({a})/3", "leaky_relu({a})", "abs({a})/3", "exp(-({a})**2)"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(operations, st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=6),
       st.lists(numbers, min_size=2, max_size=3))
def test_any_program_of_constants(made, constants):
    lines, names, exactly = [], list(constants), {}
    for i, (operation, a, b) in enumerate(made):
        text = operation.format(a=names[a % len(names)], b=names[b % len(names)])
        lines.append(f"q{i} = {text}")
        names.append(f"q{i}")
        exactly[sp.Symbol(f"q{i}")] = written_out(bp.parse(text)).subs(exactly).evalf(DIGITS + 30)
    found = bp.Program.parse(lines).evaluate({}, DIGITS)
    for s, expected in exactly.items():
        if expected.is_finite and not 0 < abs(expected) < 1e-12:       # what cancels has no digits to compare
            assert near(found[s.name], expected), (lines, s)


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_the_mean_of_a_batch(reduce):
    """A linear model has exact weights: fractions."""
    net = bp.Program.parse(["p = w*x", "E = (p - y)**2/3"], inputs="x", targets="y", parameters="w", loss="E")
    samples = [{"x": 1, "y": 2}, {"x": 2, "y": 1}, {"x": 3, "y": 5}]
    w = Fraction(1)
    for _ in range(3):
        slope = sum(Fraction(2, 3)*(w*s["x"] - s["y"])*s["x"] for s in samples)/(3 if reduce == "mean" else 1)
        w -= Fraction(1, 7)*slope
    with mpmath.workdps(DIGITS):
        run = bp.fit(net, {"w": 1}, samples, learning_rate=sp.Rational(1, 7), epochs=3, reduce=reduce, backend="mpmath")
        assert near(run.values["w"][-1], mpmath.mpf(w.numerator)/w.denominator)


def test_a_float_of_many_digits():
    """A SymPy Float has the digits that it was made with."""
    third = sp.Rational(1, 3).evalf(60)
    program = bp.Program(((bp.symbol("E"), 2*bp.symbol("x")*third),))
    assert near(program.evaluate({"x": 1}, DIGITS)["E"], sp.Rational(2, 3).evalf(60))


@pytest.mark.parametrize("backend", ["python", "numpy", "mpmath"])
def test_no_quantity_is_a_whole_number(backend):
    program = bp.Program.parse(["q = 1", "r = q/3", "s = step(x)", "t = s**-2/3", "u = max(2, 3)", "v = relu(-3)", "k = 2**s",
                                "m = 12345678901234567890*x", "n = sign(x)/3"])
    kind = mpmath.mpf if backend == "mpmath" else float | np.ndarray
    found = bp.lambdify(program, backend)({"x": 2})
    for name, value in found.items():
        assert isinstance(value, kind) and getattr(value, "dtype", np.dtype(float)).kind == "f", (name, value)
    assert float(found["t"]) == float(found["r"]) == float(found["n"]) == 1/3


@pytest.mark.parametrize("kind", [int, "int8", "float16", "float32", "uint8", bool])
def test_arrays_of_any_kind(kind):
    """What is given in another precision is computed in doubles, where the stable forms are stable; singles stay singles."""
    program = bp.Program.parse(["a = silu(z)", "b = z**-2/3"])
    f = bp.lambdify(program + bp.reverse(program, "a", ["z"]), "numpy")
    z = np.array([1, 3, 90]).astype(kind)
    if kind is bool:
        with pytest.raises(TypeError):
            f({"z": z})
        return
    for name, value in f({"z": z}).items():
        precision = "float32" if np.dtype(kind).kind == "f" else float
        assert value.dtype == precision and np.array_equal(value, f({"z": z.astype(float)})[name].astype(precision))
    if np.dtype(kind).kind == "f":
        assert np.isfinite(f({"z": -z})["d(a)/d(z)"]).all()


def test_many_threads_at_once():
    """Each with digits of its own, while another sets those that all share."""
    net = bp.dense([2, 2, 2])
    values = {net.spelled[s]: f"0.{i}7" for i, s in enumerate(net.given, 1)}
    wanted = {digits: net.evaluate(values, digits)["E_total"] for digits in (15, 30, 60, 100)}
    text = {digits: bp.decimal(value, digits) for digits, value in wanted.items()}
    chained = bp.chain(net, "w1").at(values).value
    wrong, going = [], True

    def meddle():
        while going:
            mpmath.mp.dps = 3

    def compute(digits):
        for _ in range(30):
            found = net.evaluate(values, digits)["E_total"]
            if found._mpf_ != wanted[digits]._mpf_ or bp.decimal(found, digits) != text[digits]:
                wrong.append((digits, found))
            if bp.chain(net, "w1").at(values).value._mpf_ != chained._mpf_:
                wrong.append("chain")

    before = mpmath.mp.dps
    meddling, threads = Thread(target=meddle), [Thread(target=compute, args=(digits,)) for digits in [*wanted]*3]
    try:
        for thread in (meddling, *threads):
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        going = False
        meddling.join()
        mpmath.mp.dps = before
    assert not wrong


def test_precision_ends_where_it_began():
    assert working() is mpmath.mp
    with precise(40) as mp:
        with precise(20) as inner:
            assert inner is mp is working() and mp.dps == 20
        assert mp.dps == 40
    assert working() is mpmath.mp
    with pytest.raises(ZeroDivisionError), precise(30):
        raise ZeroDivisionError
    assert working() is mpmath.mp


def test_the_shared_precision_is_left_alone():
    """No module of the package sets the digits of mpmath.mp."""
    for path in Path(bp.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        setting = [word for word in ("mp.dps =", "mp.prec =", "workprec(", "workdps(") if word in text]
        assert not setting or path.name == "precision.py", (path, setting)
