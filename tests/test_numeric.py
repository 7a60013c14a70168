"""Numbers: any number of digits, three backends, broadcasting, and the far ends of the activations."""
import math
import warnings

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

import backprop_sym as bp
from backprop_sym.functions import ACTIVATIONS, LOSSES
from backprop_sym.rules import shown
from tests.oracles import MPMATH, SOURCE, forward, networks

NET = bp.dense([2, 2, 2])
ENDS = (-1000, -709.8, -355, -37, -20, -5, -0.3, 0, 0.3, 5, 20, 37, 355, 709.8, 1000)


@pytest.mark.parametrize("digits", [15, 40, 100])
def test_evaluate_against_mpmath(digits):
    found = NET.evaluate(SOURCE, digits)["E_total"]
    with mpmath.workdps(digits + 20):
        expected = forward([2, 2, 2], ["sigmoid"]*2, SOURCE, MPMATH, mpmath.mpf)
        assert abs(found - expected) <= abs(expected)*mpmath.mpf(10)**(1 - digits)


def test_quantities_come_in_order():
    assert list(NET.evaluate(SOURCE)) == [s.name for s in NET.defined]
    assert NET.evaluate(SOURCE)[bp.symbol("z1")] == NET.evaluate(SOURCE)["z1"] == mpmath.mpf("0.4325")


@settings(max_examples=20, deadline=None)
@given(networks())
def test_backends_agree(network):
    _, _, program, values = network
    step = bp.step(program)
    values = {**values, "eta": 0.1}
    results = [bp.lambdify(step, backend)(values) for backend in ("python", "numpy", "mpmath")]
    for name in results[0]:
        numbers = [float(r[name]) for r in results]
        assert numbers == pytest.approx([numbers[2]]*3, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("backend", ["python", "numpy", "mpmath"])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("z", ENDS)
def test_activations_far_out(name, backend, z):
    """Value and derivative, relative to mpmath at 500 digits; warnings are errors."""
    if name not in MPMATH:
        pytest.skip("an activation that another test defined")
    program = bp.Program.parse([f"a = {name}(z)"])
    program += bp.reverse(program, of="a", wrt=["z"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = bp.lambdify(program, backend)({"z": z})
    with mpmath.workdps(500):
        x = mpmath.mpf(z)
        value = MPMATH[name](x)
        if name in ("relu", "leaky_relu"):
            slope = mpmath.mpf(1) if x > 0 else mpmath.mpf(0 if name == "relu" else 1)/100
        else:
            a, e = 1/(1 + mpmath.exp(-x)), mpmath.exp(-abs(2*x))
            slope = {"sigmoid": a*(1 - a), "tanh": 4*e/(1 + e)**2, "softplus": a, "identity": mpmath.mpf(1)}[name]
    for got, expected in ((found["a"], value), (found["d(a)/d(z)"], slope)):
        assert float(got) == pytest.approx(float(expected), rel=4e-15, abs=1e-300)


@pytest.mark.parametrize("name", sorted(MPMATH))
def test_the_forms_of_an_activation_agree_with_sympy(name):
    """Definition, derivative as shown, stable value, stable derivative: one function, proved or to 30 digits."""
    rule, z = ACTIVATIONS[name].rule, sp.Symbol("z", real=True)
    definition = rule.definition(z)
    for point in (sp.Rational(-7, 3), sp.Rational(-1, 5), sp.Rational(1, 3), sp.Rational(11, 4)):
        at = {z: point}
        derivative = definition.diff(z).xreplace(at).evalf(40)
        for form in (rule.slope(z, definition), rule.stable_slope(z)):
            written = form.replace(lambda x: hasattr(x, "definition"), lambda x: x.definition)
            assert abs(written.xreplace(at).evalf(40) - derivative) < 1e-30
        assert abs(rule.stable(z).xreplace(at).rewrite(sp.log).evalf(40) - definition.xreplace(at).evalf(40)) < 1e-30


def test_an_activation_is_an_ordinary_sympy_function():
    z = sp.Symbol("z")
    assert sp.diff(bp.sigmoid(z), z) == bp.sigmoid(z)*(1 - bp.sigmoid(z))
    assert bp.sigmoid(sp.Rational(1, 2)).evalf(30) == (1/(1 + sp.exp(-sp.Rational(1, 2)))).evalf(30)
    assert shown(bp.reverse(bp.Program.parse(["a = sigmoid(z)"]), "a", ["z"]).equations[-1].rhs) == \
        sp.Symbol("a")*(1 - sp.Symbol("a"))


def test_a_readers_own_activation():
    bp.activation("swish2", lambda z: z*bp.sigmoid(2*z))
    try:
        net = bp.dense([1, 1], activation="swish2")
        found = bp.lambdify(net + bp.reverse(net))({"x1": 0.7, "y1": 0.2, "w1": -1.3, "b1": 0.4})
        h, values = 1e-6, {"x1": 0.7, "y1": 0.2, "b1": 0.4}
        up, down = (bp.lambdify(net)({**values, "w1": -1.3 + s})["E_total"] for s in (h, -h))
        assert found["d(E_total)/d(w1)"] == pytest.approx((up - down)/(2*h), rel=1e-8)
    finally:
        del ACTIVATIONS["swish2"]


@pytest.mark.parametrize(("definition", "error", "word"), [
    (lambda z: z*sp.Symbol("q"), ValueError, "q"), (lambda z: "z", TypeError, "expression")])
def test_an_activation_that_is_none(definition, error, word):
    with pytest.raises(error, match=word):
        bp.activation("odd", definition)
    assert "odd" not in ACTIVATIONS


def test_losses():
    y, p = sp.symbols("y1:4"), sp.symbols("p1:4")
    total = sum((a - b)**2 for a, b in zip(y, p, strict=True))
    assert sp.expand(LOSSES["squared_error"](y, p) - total) == 0
    assert sp.expand(LOSSES["half_squared_error"](y, p) - total/2) == 0
    assert sp.expand(LOSSES["mean_squared_error"](y, p) - total/3) == 0


def test_everything_broadcasts():
    f = bp.lambdify(NET + bp.reverse(NET), "numpy")
    w5, w7 = np.linspace(-1, 1, 5)[:, None], np.linspace(0, 2, 4)[None, :]
    grid = f({**SOURCE, "w5": w5, "w7": w7})
    assert grid["E_total"].shape == (5, 4) and grid["z1"].shape == ()
    one = bp.lambdify(NET + bp.reverse(NET))({**SOURCE, "w5": w5[3, 0], "w7": w7[0, 2]})
    for name in ("E_total", "d(E_total)/d(w1)"):
        assert grid[name][3, 2] == pytest.approx(one[name], rel=1e-14)


@pytest.mark.parametrize("backend", ["python", "numpy", "mpmath"])
def test_the_source_stands_alone(backend):
    f = bp.lambdify(bp.step(NET), backend)
    namespace = {}
    exec(f.source, namespace)
    values = {**{k: float(v) for k, v in SOURCE.items()}, "eta": 0.01}
    again = namespace["program"](*[values[s.name] for s in f.program.given])
    assert [float(v) for v in again] == pytest.approx([float(v) for v in f(values).values()], rel=1e-14)
    assert "a_z1 = sigmoid(z1)" in f.source and "w5_new = w5 - eta*dE_total_dw5" in f.source


def test_names_that_python_has_taken():
    program = bp.Program([bp.Equation(bp.symbol("print"), bp.symbol("lambda")*bp.symbol("exp") + bp.symbol("e")),
                          bp.Equation(bp.symbol("sigmoid"), bp.sigmoid(bp.symbol("print"))),
                          bp.Equation(bp.symbol("list"), sp.exp(bp.symbol("sigmoid")))])
    found = bp.lambdify(program)({"lambda": 2, "exp": 3, "e": 1})
    assert found["list"] == pytest.approx(math.exp(1/(1 + math.exp(-7))), rel=1e-15)


@pytest.mark.parametrize(("values", "error", "words"), [
    ({k: v for k, v in SOURCE.items() if k != "w5"}, ValueError, ["'w5'"]),
    ({**{k: v for k, v in SOURCE.items() if k != "w5"}, "w_5": 1}, ValueError, ["'w5'", "did you mean 'w_5'"]),
    ({**SOURCE, "w5": None}, TypeError, ["'w5'", "number", "None"]),
    ({**SOURCE, "w5": "abc"}, TypeError, ["'w5'", "'abc'"]),
    ({**SOURCE, "w5": float("nan")}, TypeError, ["'w5'", "nan"]),
    ({**SOURCE, "w5": object()}, TypeError, ["'w5'", "number"]),
    ({**SOURCE, "w5": True}, TypeError, ["'w5'", "True"]),
    (7, TypeError, ["mapping", "7"]),
])
@pytest.mark.parametrize("backend", ["python", "numpy", "mpmath"])
def test_wrong_values(values, error, words, backend):
    with pytest.raises(error) as raised:
        bp.lambdify(NET, backend)(values)
    assert all(word in str(raised.value) for word in words), str(raised.value)


def test_wrong_settings():
    with pytest.raises(ValueError, match="unknown backend 'numpi'; did you mean 'numpy'"):
        bp.lambdify(NET, "numpi")
    for digits in (0, -3, 2.5, True):
        with pytest.raises(ValueError, match="digits"):
            NET.evaluate(SOURCE, digits)
    with pytest.raises(KeyError, match="did you mean"):
        NET.evaluate(SOURCE)["yhat11"]
