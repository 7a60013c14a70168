"""Programs of arrays on NumPy: what is computed in place has the numbers of the straight code, and nothing given changes."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.compute.plan.batches import Batches
from backprop_sym.compute.plan.loop import ARRAYS, NUMBERS, STEPS
from backprop_sym.compute.plan.wellformed import check
from backprop_sym.compute.run.arrays import NumpyBackend
from backprop_sym.compute.same import forget
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
from tests.oracles import matrix_programs, matrix_values, output_for


@pytest.fixture
def straight(monkeypatch):
    """Runs something with code that makes an array for each value."""
    def run(what):
        with monkeypatch.context() as patch:
            patch.setattr(NumpyBackend, "in_place", False)
            forget()
            found = what()
        forget()
        return found
    return run


def same(ours, theirs, near=1e-13):
    """Whether two histories agree."""
    assert ours.loss == pytest.approx(theirs.loss, rel=near, abs=near)
    for name, values in theirs.values.items():
        assert ours.values[name] == pytest.approx(values, rel=near, abs=near), name


def network(activation="sigmoid", loss="cross_entropy_with_logits", convention="row", widths=(4, 3, 2)):
    return bp.dense(list(widths), [activation, output_for(loss, "identity")], loss, form="matrix", convention=convention)


@pytest.mark.parametrize("batch", [1, 3, 7], ids="batch of {}".format)          # of 7: the last of 3 is shorter
@pytest.mark.parametrize("optimizer", [bp.GradientDescent(), bp.Nesterov(), bp.RMSProp(), bp.AdamW()],
                         ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("convention", ["row", "column"])
def test_in_place_as_straight(convention, optimizer, batch, straight):
    net = network(convention=convention)
    values, samples = matrix_values(net, 7, 1, "cross_entropy")
    given = {name: array.copy() for name, array in {**values, **samples}.items()}

    def run():
        return bp.fit(net, values, samples, optimizer, 0.02, 5, batch, backend="numpy", seed=3)
    same(run(), straight(run))
    assert all(np.array_equal(given[name], array) for name, array in {**values, **samples}.items())


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"step"}))
def test_every_activation_and_loss(activation, loss, straight):
    net = network(activation, loss)
    values, samples = matrix_values(net, 5, 2, loss)

    def run():
        return bp.fit(net, values, samples, bp.Momentum(), 0.01, 3, 2, backend="numpy")
    same(run(), straight(run))


def outcome(run):
    try:
        with np.errstate(all="ignore"):
            return run()
    except FloatingPointError as error:
        return error.history


@settings(max_examples=150, deadline=None)
@given(matrix_programs(), st.integers(1, 5), st.integers(0, 99))
def test_any_program(program, batch, seed):
    values, samples = matrix_values_of(program, 5, seed)
    step = bp.step(program)
    for kind in (NUMBERS, ARRAYS, STEPS):
        for in_place, in_turn in {(False, False), (kind == ARRAYS, False), (kind == ARRAYS, kind == ARRAYS)}:
            for function in Batches(step, tuple(map(bp.symbol, samples)), batch < 5, "mean", kind, in_place, in_turn).functions:
                check(function)
    before = {name: array.copy() for name, array in {**values, **samples}.items()}
    def trained(seed):
        return outcome(lambda: bp.fit(program, values, samples, None, 0.01, 3, batch, backend="numpy", seed=seed))

    quick = [trained(seed) for seed in (1, None)]                    # the samples in an order, and as they are given
    NumpyBackend.in_place = False
    forget()
    try:
        plain = [trained(seed) for seed in (1, None)]
    finally:
        NumpyBackend.in_place = True
    for a, b in zip(quick, plain, strict=True):
        same(a, b, 1e-11)
    assert all(np.array_equal(before[name], array) for name, array in {**values, **samples}.items())


def matrix_values_of(program, samples, seed):
    rng = np.random.default_rng(seed)
    arrays = {s.name: rng.normal(size=[int(size) if size.is_number else samples for size in program.shape[s]])
              for s in program.given}
    return arrays, {s.name: arrays.pop(s.name) for s in program.inputs}


def test_sizes_in_letters(straight):
    program = bp.Program.parse(["Z = X @ W + b", "A = tanh(Z) + mean(W)", "E = mean(A*A)"], inputs="X", parameters="W b",
                               loss="E", shapes={"X": "B, n", "W": "n, m", "b": "m"})
    values, samples = {"W": np.ones((3, 2))/4, "b": np.zeros(2)}, {"X": np.arange(15).reshape(5, 3)/9}

    def run():
        return bp.fit(program, values, samples, None, 0.1, 4, 2, backend="numpy", seed=1)
    same(run(), straight(run))


def test_what_is_recorded_does_not_change_later():
    net = network()
    values, samples = matrix_values(net, 7, 1, "cross_entropy")
    long, short = (bp.fit(net, values, samples, epochs=epochs, batch=3, backend="numpy") for epochs in (5, 1))
    for name in ("W1", "b2"):
        assert np.array_equal(long.values[name][:2], short.values[name]) and not np.array_equal(*long.values[name][:2])


def test_all_samples_among_the_values():
    net = network()
    values, samples = matrix_values(net, 7, 1, "cross_entropy")
    same(bp.fit(net, {**values, **samples}, epochs=4, backend="numpy"), bp.fit(net, values, samples, epochs=4, backend="numpy"))


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "leaky_relu", "gelu"])
def test_single_precision_stays_single(activation):
    net = network(activation)
    values, samples = matrix_values(net, 7, 1, "cross_entropy", "f")
    history = bp.fit(net, values, samples, bp.Adam(), epochs=3, batch=3, dtype="float32")
    assert history.loss.dtype == "f" and all(history.values[p.name].dtype == "f" for p in net.parameters)
    found = bp.lambdify(net + bp.reverse(net), "numpy")({**values, **samples})
    assert {v.dtype.char for v in found.values()} == {"f"}
    double, its_samples = ({name: a.astype(float) for name, a in arrays.items()} for arrays in (values, samples))
    same(history, bp.fit(net, double, its_samples, bp.Adam(), epochs=3, batch=3, backend="numpy"), 2e-5)


def test_single_precision_far_to_the_left():
    net = network()
    values, samples = matrix_values(net, 7, 1, "cross_entropy", "f")
    values["b1"] -= 200                                    # exp(200) is no float of single precision
    history = bp.fit(net, values, samples, epochs=3, batch=3, dtype="float32")
    assert np.isfinite(history.values["W1"]).all()


def test_nothing_is_hidden_where_a_number_is_undefined():
    net = network()
    values, samples = matrix_values(net, 4, 1, "cross_entropy")
    samples["X"][2, 1] = np.nan
    f = bp.lambdify(net, "numpy")
    with np.errstate(all="ignore"):
        found = dict(zip(map(str, net.defined), f.compute(*({**values, **samples}[str(s)] for s in net.given)), strict=True))
    assert np.isnan(found["Yhat"][2]).all() and np.isfinite(found["Yhat"][[0, 1, 3]]).all() and np.isnan(found["E_total"])
    with pytest.raises(TypeError, match=r"'X'.*nan at \[3, 2\]"):
        bp.fit(net, values, samples, epochs=2, batch=2, backend="numpy")


def test_the_code():
    net = network()
    values, samples = matrix_values(net, 7, 1, "cross_entropy")
    source = bp.training_source(bp.step(net), {**values, "eta": 0.1}, samples, "numpy", batch=3)
    loop = source.partition("for start in ")[2]
    assert "ndim" not in source and "dot(X, W1, out=r1)" in loop and "subtract(W1_row, dE_total_dW1_row, out=W1_row)" in loop
    made = [line for line in loop.splitlines() if " = " in line and "out=" not in line and "arrays[" not in line]
    assert [line.split(" = ")[0].strip() for line in made] == ["stop", "X", "Y", "B", "A1", "Yhat_t0"]   # other names, or parts
    softmax = bp.lambdify(bp.dense([2, 2], "softmax", "cross_entropy", form="matrix"), "numpy").source
    assert """def softmax(Z):
    t0 = exp(Z - Z.max(axis=1, keepdims=True))
    return t0/t0.sum(axis=1, keepdims=True)
""" in softmax and "Yhat = softmax(Z1)" in softmax


def test_far_out_softmax_is_right():
    net = bp.dense([1, 3], "softmax", "cross_entropy", form="matrix")
    f = bp.lambdify(net, "numpy")
    with np.errstate(all="ignore"):
        found = f({"X": [[1.0]], "W1": [[1000.0, 0, 999]], "b1": np.zeros(3), "Y": [[1.0, 0, 0]]})
    assert found["Yhat"] == pytest.approx(np.array([[1/(1 + np.exp(-1)), 0, 1/(1 + np.e)]]), rel=1e-15)


def test_what_a_reader_gave_is_neither_changed_nor_looked_at_later():
    """The arrays of samples are not copied, those of parameters and constants are."""
    net = bp.dense([2, 3, 1], form="matrix")
    rng = np.random.default_rng(1)
    values = {s.name: rng.normal(size=[4 if n.is_Symbol else int(n) for n in net.shape[s]]) for s in net.given}
    before = {name: a.copy() for name, a in values.items()}
    history = bp.fit(net, values, epochs=3, learning_rate=0.5, progress=False)
    kept = {name: np.array(a) for name, a in history.constants.items()}
    assert all((values[name] == a).all() for name, a in before.items())
    for a in values.values():
        a += 1
    assert all((np.asarray(a) == kept[name]).all() for name, a in history.constants.items())
    assert (history.values["W1"][0] == before["W1"]).all()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_one_odd_number_among_many_is_seen(odd):
    net, many = bp.dense([2, 1], form="matrix"), np.zeros((50, 2))
    many[31, 1] = odd
    with pytest.raises(TypeError, match=r"'X': expected finite numbers.* at \[32, 2\]"):
        bp.fit(net, {"W1": [[1], [2]], "b1": [0]}, {"X": many, "Y": np.zeros((50, 1))}, epochs=1)
