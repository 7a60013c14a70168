"""The gradient checker: five ways agree on what is right, and tell what is wrong."""
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

import backprop_sym as bp
from backprop_sym.describe.functions import ACTIVATIONS
from tests.oracles import SOURCE, networks, substituted

NET = bp.dense([2, 2, 2])


@settings(max_examples=12, deadline=None)
@given(networks(("sigmoid", "tanh", "softplus", "identity")))
def test_right_gradients_pass(network):
    _, _, program, values = network
    check = bp.gradcheck(program, values)
    assert check.ok or any(abs(float(r.exact)) < 1e-9 for r in check.rows if r.name in check.wrong), repr(check)


def test_fifty_digits_are_fifty_digits():
    row = bp.gradcheck(NET, SOURCE, wrt=["w1"]).rows[0]
    expected = substituted(NET).diff(sp.Symbol("w1")).subs({k: sp.Rational(v) for k, v in SOURCE.items()}).evalf(60)
    with mpmath.workdps(60):
        assert abs(row.exact - mpmath.mpf(str(expected))) < mpmath.mpf(10)**-53
    assert row.complex_step == pytest.approx(float(row.exact), rel=1e-14)
    assert row.difference == pytest.approx(float(row.exact), rel=1e-7)
    assert row.paths == pytest.approx(float(row.exact), rel=1e-14)


def test_a_mistake_in_a_readers_own_derivative_is_found():
    bp.activation("wrong_tanh", lambda z: (sp.exp(z) - sp.exp(-z))/(sp.exp(z) + sp.exp(-z)),
                  slope=lambda z, a: 1 - a, stable_slope=lambda z: 1 - sp.tanh(z), checked=False)
    try:
        check = bp.gradcheck(bp.dense([1, 1], activation="wrong_tanh"), {"x1": 1, "y1": 0, "w1": 0.5, "b1": 0.1})
        assert not check.ok and check.wrong == ("w1", "b1")
        assert "✗ wrong" in repr(check) and "font-weight:bold" in check._repr_html_()
        row = check.rows[0]
        assert row.complex_step == pytest.approx(float(row.exact), rel=1e-13) and row.error > 0.1
    finally:
        del ACTIVATIONS["wrong_tanh"]


def test_the_error_of_the_difference_is_v_shaped():
    check = bp.gradcheck(NET, SOURCE, wrt=["w5"])
    steps, errors = check.curve("w5")
    best = np.argmin(errors)
    assert 1e-7 < steps[best] < 1e-3 and errors[best] < 1e-9
    assert errors[0] > 1e-5 and errors[-1] > 1e-5
    line = check.plot("w5").axes[0].lines[0]
    assert (line.get_xdata() == steps).all() and (line.get_ydata() == np.maximum(errors, 1e-17)).all()


@pytest.mark.parametrize("w", ["1e200", "-1e160", "1e308"])
def test_what_leaves_the_floats_leaves_no_warning(w):
    """Of squares and of exponentials: warnings are errors here."""
    for line in ("E = (w*x)**2", "E = exp(w) - exp(w*x)", "E = w**2*x - w**2"):
        program = bp.Program.parse([line], inputs="x", parameters="w", loss="E")
        try:
            check = bp.gradcheck(program, {"w": w, "x": 1})
        except OverflowError as error:                     # in any digits a number may be too large to be written
            assert "'E' cannot be computed" in str(error)
            continue
        assert check.rows[0].name == "w" and repr(check)


def test_a_kink_shows():
    """At the kink of relu there is no derivative: the backward pass takes the left one, a difference the mean of both."""
    row, = bp.gradcheck(bp.dense([1, 1], activation="relu"), {"x1": 1, "y1": 1, "w1": 0, "b1": 0}, wrt=["w1"]).rows
    assert row.reverse == 0 and row.difference == pytest.approx(-0.5, rel=1e-4)


@pytest.mark.parametrize("call", [
    lambda: bp.gradcheck(NET.upto("z1"), SOURCE), lambda: bp.gradcheck(NET, SOURCE, wrt=["w99x"]),
    lambda: bp.gradcheck(NET, {"w1": 1})])
def test_wrong_input(call):
    with pytest.raises(ValueError):
        call()
