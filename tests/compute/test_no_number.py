"""What is no real number, or none that could be written down: nan, or an error that says of which quantity, soon."""
import math
import time

import numpy as np
import pytest
import sympy as sp

import backprop_sym as bp
from tests.compute.test_engines import ENGINES
from tests.compute.test_not_finite import BACKENDS, computed

W = sp.Symbol("w")
IN_FLOATS = ["python", "numpy", *ENGINES]
LOG, ROOT, POWER = "log of a negative number", "sqrt of a negative number", "a negative number to the power of a fraction"
OF_NEGATIVE = {"log(w)": LOG, "log10(w)": LOG, "sqrt(w)": ROOT, "w**(1/3)": POWER, "w**v": POWER, "1/w**(3/2)": POWER}


@pytest.mark.parametrize("backend", IN_FLOATS)
@pytest.mark.parametrize("text", OF_NEGATIVE)
def test_what_is_complex_is_nan_in_floats(text, backend):
    program = bp.Program.parse([f"E = {text}"])
    f, values = bp.lambdify(program, backend), {"w": 8, "v": 0.5}
    assert math.isnan(f({**values, "w": -8})["E"])
    assert f(values)["E"] == pytest.approx(float(program.evaluate(values)["E"]))


@pytest.mark.parametrize("text", OF_NEGATIVE)
def test_what_is_complex_is_an_error_in_any_digits(text):
    program = bp.Program.parse(["u = w", f"E = {text.replace('w', 'u')}"])
    with pytest.raises(ValueError, match=f"'E' cannot be computed: {OF_NEGATIVE[text]}"):
        program.evaluate({"w": -8, "v": 0.5})


def test_whole_powers_of_negative_numbers_are_numbers():
    program = bp.Program.parse(["E = w**v", "F = w**3", "G = w**-3"])
    for backend in ("python", "numpy", "mpmath"):
        found = bp.lambdify(program, backend)({"w": -2, "v": 3})
        assert [float(x) for x in found.values()] == [-8, -8, -0.125]


# Numbers without end: of w, about 2.
WITHOUT_END = ["exp(exp(exp(exp(w))))", "exp(exp(exp(exp(exp(exp(w))))))", "10**(10**(10**w))", "w**exp(exp(exp(w + 1)))",
               "sin(exp(exp(exp(w))))", "tan(exp(exp(exp(w))))", "softplus(exp(exp(exp(exp(w)))))", "log(exp(exp(exp(exp(w)))))"]
EXAMPLE = """loss = "E"
forward = {{ u = "2*w", E = "{}" }}
parameters = {{ w = "2.05" }}
samples = [{{}}]
training = {{ optimizer = "gradient_descent", learning_rate = "0.1" }}
figures = [{{ quantity = "E", printed = "3.0" }}]
"""


@pytest.mark.parametrize("text", WITHOUT_END)
def test_an_audit_of_numbers_without_end_says_so_soon(text, tmp_path):
    path, before = tmp_path/"tower.toml", time.perf_counter()
    path.write_text(EXAMPLE.format(text), encoding="utf-8")
    with pytest.raises(ValueError, match="tower: E after 0 updates cannot be computed: OverflowError: .* than are computed with"):
        bp.worked_example(path).audit()
    assert time.perf_counter() - before < 5


@pytest.mark.parametrize("text", ["exp(exp(exp(w)))", "exp(-exp(exp(exp(w))))", "tanh(exp(exp(exp(w))))", "w*exp(100000)"])
def test_what_is_huge_or_tiny_and_known_is_audited(text, tmp_path):
    path, before = tmp_path/"tower.toml", time.perf_counter()
    path.write_text(EXAMPLE.format(text), encoding="utf-8")
    audit = bp.worked_example(path).audit()
    assert repr(audit) and audit[0].verdict == "wrong" and time.perf_counter() - before < 5


@pytest.mark.parametrize("text", ["max(exp(exp(exp(exp(3)))), w)", "relu(exp(exp(exp(exp(3))))) + w",
                                  "sign(exp(exp(exp(exp(3)))))*w", "step(sin(exp(exp(exp(exp(3))))))*w",
                                  "sin(((1 + sqrt(2))**1000 + 1)**1000)*w"])
def test_a_number_without_end_in_a_text_is_refused_at_once(text):
    before = time.perf_counter()
    with pytest.raises(ValueError, match="expected numbers of at most 1000 digits, got a function of one with more"):
        bp.parse(text)
    assert time.perf_counter() - before < 2


CONDITIONS = [sp.Eq(W, 0), sp.Ne(W, 0), sp.And(W > 0, W < 1), sp.Or(W < 0, W > 1), sp.Or(sp.Eq(W, 0), W > 2),
              sp.And(sp.Ne(W, 0), W < 2), sp.Not(sp.And(W > 0, sp.Ne(W, 3)))]


@pytest.mark.parametrize("backend", BACKENDS)
def test_nan_goes_through_every_condition(backend, tmp_path):
    """Ne holds for NaN, and what joins conditions has no opposite of its own: each is made of < and >."""
    for k, condition in enumerate(CONDITIONS):
        for n, (first, second) in enumerate(((1, 2), (W, 2), (1, W), (W, W**2))):
            choice = sp.Piecewise((first, condition), (second, True))
            chosen = bp.activation(f"chosen{k}_{n}", lambda z, choice=choice: choice.subs(W, z))
            program = bp.Program((("E", chosen(W)),))
            (nan,), = computed(program, backend, False, tmp_path)
            assert np.isnan(float(nan)), (condition, first, second)
            if backend != "javascript":
                f = bp.lambdify(program, backend)
                for w in (-1, 0, 0.5, 1, 2, 3):
                    right = first if condition.subs(W, w) else second
                    assert float(f({"w": w})["E"]) == float(sp.sympify(right).subs(W, w)), (condition, w)


def test_single_precision_stays_single():
    program = bp.Program.parse(["z = x*w + b", "a = sigmoid(z)", "r = relu(z)/3", "E = (a - 1)**2/2"])
    program += bp.reverse(program, of="E", wrt=["w", "b"])
    f, x = bp.lambdify(program, "numpy"), np.array([1, 2, -300])
    doubles = f({"x": x.astype(float), "w": 0.5, "b": 0.1})
    for w in (0.5, np.float64(0.5), np.full(3, 0.5, dtype="float32")):
        for name, value in f({"x": x.astype("float32"), "w": w, "b": 0.1}).items():
            assert value.dtype == "float32" and value == pytest.approx(doubles[name], rel=1e-6), name
    assert {v.dtype for v in f({"x": x.astype("float32"), "w": np.full(3, 0.5), "b": 0.1}).values()} == {np.dtype(float)}
