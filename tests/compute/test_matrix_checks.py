"""Gradient checks, penalties and curvature of matrix programs, against the same programs in numbers."""
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.compute.gradcheck import MOST
from backprop_sym.derive import adjoints
from backprop_sym.derive.curvature import SLOPE, direction
from tests.arrays import scalars


def drawn(program, samples=2, seed=4):
    """{symbol: array} for what a program is given."""
    rng = np.random.default_rng(seed)
    return {s: rng.integers(-999, 999, [samples if d.is_Symbol else int(d) for d in program.shape[s]])/1000
            for s in program.given}


@pytest.mark.parametrize("convention", ["row", "column"])
def test_five_ways(convention):
    net = bp.dense([2, 2, 2], ["tanh", "identity"], "binary_cross_entropy_with_logits", form="matrix", convention=convention)
    values = drawn(net)
    values[net.targets[0]] = np.abs(values[net.targets[0]])
    check = bp.gradcheck(net, values)
    assert check.ok and len(check.rows) == 12 and "W1_1_2" in repr(check)
    assert all(r.paths is not None and abs(r.paths - float(r.exact)) < 1e-12 and abs(r.complex_step - float(r.exact)) < 1e-12
               for r in check.rows)
    assert len(check.curve("W1_1_2")[1]) == len(check.curve()[0])


def test_a_wrong_rule_is_found(monkeypatch):
    right = adjoints.derivative
    monkeypatch.setattr(adjoints, "derivative", lambda name, *more: right(name, *more)*(2 if name == "dot" else 1))
    net = bp.dense([2, 1], form="matrix")
    assert set(bp.gradcheck(net, drawn(net)).wrong) == {"W1_1_1", "W1_2_1"}


def test_too_many_derivatives_are_refused():
    net = bp.dense([20, 20], form="matrix")
    with pytest.raises(ValueError, match=f"gradcheck: 420 derivatives, one by one, are more than {MOST}: check with smaller"):
        bp.gradcheck(net, drawn(net))


def test_penalties_are_sums_over_the_weights_of_every_matrix():
    net = bp.penalize(bp.dense([2, 2, 1], form="matrix"), l1="mu", l2="lamda")
    scalar = bp.penalize(bp.entries(bp.dense([2, 2, 1], form="matrix"), {"B": 2}), l1="mu", l2="lamda")
    values = drawn(net)
    one = scalars(values)
    assert abs(net.evaluate(values, 30)["J"] - scalar.evaluate(one, 30)["J"]) < 1e-27
    assert "\nd(J)/d(W2) = A1.T @ d(J)/d(Z2) + lamda*W2 + mu*sign(W2)\n" in repr(bp.reverse(net))
    assert "b1" not in str(net["J"])
    found, exact = (program + bp.reverse(program) for program in (net, scalar))
    found, exact = found.evaluate(values, 30), exact.evaluate(one, 30)
    for entry, value in scalars({bp.Partial(net.loss, p): found[bp.Partial(net.loss, p)] for p in net.parameters}).items():
        assert abs(value - exact[entry]) < 1e-27


@pytest.mark.parametrize(("activation", "loss"), [("tanh", "half_squared_error"), ("identity", "cross_entropy_with_logits"),
                                                  ("softmax", "squared_error")])
def test_the_product_with_the_matrix_of_second_derivatives(activation, loss):
    net = bp.dense([2, 2, 2], ["sigmoid", activation], loss, form="matrix")
    product, scalar = bp.hessian_vector(net), bp.hessian_vector(bp.entries(net, {"B": 2}))
    values = drawn(product)
    values[net.targets[0]] = np.array([[0.25, 0.75], [1, 0]])
    exact, fast = scalar.evaluate(scalars(values), 30), bp.lambdify(product, "numpy")(values)
    found = product.evaluate(values, 30)
    assert abs(found[SLOPE] - exact[SLOPE]) < 1e-26 and direction(net.parameters[0]) in product.inputs
    for p in net.parameters:
        d = bp.Partial(SLOPE, p)
        for entry, value in scalars({d: found[d]}).items():
            assert abs(value - exact[entry]) < 1e-26
        assert np.allclose(fast[d], found[d].astype(float), rtol=1e-12, atol=1e-14)


def test_operations_on_whole_arrays_count_as_one():
    net = bp.Program.parse(["Z = X @ W + b", "E = sum(sigmoid(Z))"], shapes={"X": "B, 2", "W": "2, 3", "b": "3"}, loss="E")
    assert bp.operations(net) == 4
    assert bp.operations(bp.entries(net, {"B": 1})) == 3*(2 + 1) + 3 + 3 + 2


@pytest.mark.parametrize("optimizer", [bp.GradientDescent(), bp.Momentum(), bp.Nesterov(), bp.RMSProp(), bp.Adam(), bp.AdamW()],
                         ids=lambda o: type(o).__name__)
def test_the_step_in_entries_is_the_step_of_the_entries(optimizer):
    net = bp.dense([2, 2, 1], form="matrix")
    one, other = bp.entries(bp.step(net, optimizer), {"B": 2}), bp.step(bp.entries(net, {"B": 2}), optimizer)
    assert set(one.defined) == set(other.defined) and one.updates == other.updates
    values = scalars({s: np.abs(a) + 0.1 for s, a in drawn(bp.step(net, optimizer)).items()})
    a, b = one.evaluate(values, 30), other.evaluate(values, 30)
    assert all(abs(a[s] - b[s]) < 1e-26 for s in one.defined)
