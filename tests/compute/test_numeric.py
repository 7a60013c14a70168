"""Numbers: any number of digits, three backends, broadcasting, and the far ends of the activations."""
import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

import backprop_sym as bp
from backprop_sym.describe.activation import shown
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


def test_an_activation_is_an_ordinary_sympy_function():
    z = sp.Symbol("z")
    assert sp.diff(bp.sigmoid(z), z) == bp.sigmoid(z)*(1 - bp.sigmoid(z))
    assert bp.sigmoid(sp.Rational(1, 2)).evalf(30) == (1/(1 + sp.exp(-sp.Rational(1, 2)))).evalf(30)
    assert shown(bp.reverse(bp.Program.parse(["a = sigmoid(z)"]), "a", ["z"]).equations[-1].rhs) == \
        sp.Symbol("a")*(1 - sp.Symbol("a"))


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
