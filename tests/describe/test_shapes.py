"""Shapes that are declared and inferred, and values that do not fit them."""
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.describe.shapes import Extent, declared, together

NET = bp.dense([2, 3], "softmax", "cross_entropy", form="matrix")
COLUMNS = bp.dense([2, 3], "softmax", "cross_entropy", form="matrix", convention="column")
X, Y = [[1, 2], [3, 4]], [["0.2", "0.3", "0.5"], [1, 0, 0]]
VALUES = {"X": X, "Y": Y, "W1": np.ones((2, 3)), "b1": [0, 0, 0]}
BY_BACKEND = [lambda net, values: net.evaluate(values), lambda net, values: bp.lambdify(net, "numpy")(values)]


def test_a_shape_is_declared_in_letters_or_numbers():
    assert declared({"X": "B, 64", "b": ("n",), "c": 3, "s": ()}) == {
        bp.symbol("X"): (Extent("B"), 64), bp.symbol("b"): (Extent("n"),), bp.symbol("c"): (3,), bp.symbol("s"): ()}
    assert together([(Extent("n"),), (Extent("B"), 1)]) == (Extent("B"), Extent("n"))


@pytest.mark.parametrize("shape", ["B, n, m", "0", "-1, 2", (2.5,), "B n m", True, "1.5", ("",)])
def test_what_is_no_shape(shape):
    with pytest.raises(ValueError, match="shape of X: expected at most two sizes|an identifier"):
        declared({"X": shape})


@pytest.mark.parametrize("line", ["E = (Y - X)**2", "E = sum((Y - X)**2, rows)", "E = mean(X, columns)", "E = X @ X.T"])
def test_a_loss_is_one_number(line):
    with pytest.raises(ValueError, match=r"loss: expected one number, got E of shape \(.*: the loss may be its sum or its mean"):
        bp.Program.parse([line], inputs="X", targets="Y", loss="E", shapes={"X": "B, 2", "Y": "B, 2"})


def test_shapes_must_be_a_mapping():
    with pytest.raises(TypeError, match="shapes: expected a mapping"):
        declared(3)


def numeric(values):
    """The same, text as numbers: what NumPy takes."""
    return {name: np.array(value, dtype=float) for name, value in values.items()}


@pytest.mark.parametrize("computed", BY_BACKEND)
@pytest.mark.parametrize(("changes", "message"), [
    ({"X": np.ones((2, 5))}, r"^'X': expected an array of shape \(B, 2\), got one of shape \(2, 5\)$"),
    ({"Y": np.full((3, 3), 1/3)}, r"^'Y': expected an array of shape \(B, 3\) with B = 2 from 'X', got one of shape \(3, 3\)$"),
    ({"b1": np.ones((1, 3))}, r"^'b1': expected an array of shape \(3,\), got one of shape \(1, 3\)$"),
    ({"W1": 1.0}, r"^'W1': expected an array of shape \(2, 3\), got one of shape \(\)$"),
    ({"X": np.ones((0, 2)), "Y": np.ones((0, 3))}, r"^'X': expected at least one sample, got an array of shape \(0, 2\)$"),
    ({"Y": [[0.2, 0.3, 0.4], [1, 0, 0]]}, r"^sum\(Y, rows\): expected 1, got 0.9"),
    ({"Y": [[0.2, 0.3, 0.5], [2, -1, 0]]}, r"^Y: expected a number from 0 to 1, got 2"),
])
def test_values_that_do_not_fit(computed, changes, message):
    with pytest.raises(ValueError, match=message):
        computed(NET, numeric(VALUES | changes))


@pytest.mark.parametrize("computed", BY_BACKEND)
def test_values_that_are_no_numbers(computed):
    for wrong in (np.full((2, 2), np.nan), [[1, 2], [None, 4]], [["a", "b"], ["c", "d"]], "X"):
        with pytest.raises((TypeError, ValueError), match="X"):
            computed(NET, numeric({k: v for k, v in VALUES.items() if k != "X"}) | {"X": wrong})
    with pytest.raises(ValueError, match="no value for 'b1'"):
        computed(NET, numeric({k: v for k, v in VALUES.items() if k != "b1"}))


def test_targets_of_columns_add_up_in_columns():
    turned = {name: np.atleast_2d(value).T for name, value in numeric(VALUES).items()}
    assert abs(COLUMNS.evaluate(turned)["E_total"] - NET.evaluate(VALUES)["E_total"]) < 1e-14
    with pytest.raises(ValueError, match=r"^sum\(Y, columns\): expected 1, got 0.9"):
        COLUMNS.evaluate(turned | {"Y": turned["Y"]*0.9})


def test_text_is_an_exact_decimal_in_arrays_as_well():
    program = bp.Program.parse(["E = sum(X)"], shapes={"X": "n"}, loss="E")
    assert program.evaluate({"X": ["0.1"]*3}, 40)["E"] == bp.Program.parse(["E = 3*x"]).evaluate({"x": "0.1"}, 40)["E"]


@pytest.mark.parametrize("backend", ["python", "mpmath", "c", "numba"])
def test_a_backend_that_computes_with_numbers_alone(backend):
    with pytest.raises(ValueError, match=f"backend '{backend}': a program of arrays needs backend 'numpy', 'jax'"):
        bp.lambdify(NET, backend)


@pytest.mark.parametrize("asked", [lambda: bp.hessian(NET, VALUES), lambda: bp.landscape(NET, VALUES, {"b1": [0, 1]})])
def test_what_is_of_numbers_alone_says_so(asked):
    with pytest.raises(ValueError, match=r"expected a program of numbers, got one of arrays; write it out with bp.entries"):
        asked()
