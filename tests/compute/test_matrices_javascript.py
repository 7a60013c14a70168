"""Programs of arrays in JavaScript: loops over entries, run by Node.js where it is present, have the numbers of NumPy."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.compute.trainer import Trainer
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
from tests.compute.test_javascript import called, needs_node
from tests.oracles import matrix_programs, matrix_values, output_for


def listed(value):
    """A number, or the entries of an array row by row."""
    return np.ravel(value).tolist() if np.ndim(value) else float(value)


def entries(found):
    """The same of what JSON makes of an array: {"0": ..., "1": ...}."""
    return list(found.values()) if isinstance(found, dict) else found


def agree(found, expected, near=1e-12):
    for ours, theirs in zip(found, expected, strict=True):
        assert entries(ours) == pytest.approx(listed(theirs), rel=near, abs=near, nan_ok=True)


def compared(program, values, folder):
    """The quantities of a program in JavaScript beside those in NumPy."""
    arguments = [listed(values[program.spelled[s]]) for s in program.given]
    (found, unchanged), = called(folder, bp.lambdify(program, "javascript").source, "program", [arguments])
    agree(found, bp.lambdify(program, "numpy")(values).values())
    assert unchanged == arguments


@needs_node
@pytest.mark.parametrize("samples", [1, 5], ids="{} samples".format)
@pytest.mark.parametrize("convention", ["row", "column"])
@pytest.mark.parametrize(("activation", "loss"), [
    *((name, "half_squared_error") for name in sorted(set(ACTIVATIONS) - {"step"})),
    *(("tanh", name) for name in sorted(LOSSES))])
def test_forward_and_backward(activation, loss, convention, samples, tmp_path):
    net = bp.dense([4, 3, 2], [activation, output_for(loss, "identity")], loss, form="matrix", convention=convention)
    values, columns = matrix_values(net, samples, 1, loss)
    compared(net + bp.reverse(net), {**values, **columns}, tmp_path)


@needs_node
@settings(max_examples=25, deadline=None)
@given(matrix_programs(), st.integers(1, 4))
def test_any_program(tmp_path_factory, program, samples):
    rng = np.random.default_rng(1)
    values = {s.name: rng.normal(size=[int(size) if size.is_number else samples for size in program.shape[s]])
              for s in program.given}
    compared(program + bp.reverse(program), values, tmp_path_factory.mktemp("node"))


@needs_node
@pytest.mark.parametrize("batch", [None, 1, 3], ids="batch of {}".format)
@pytest.mark.parametrize("optimizer", [bp.GradientDescent(), bp.Adam()], ids=["gradient descent", "Adam"])
@pytest.mark.parametrize("convention", ["row", "column"])
def test_the_training_loop(convention, optimizer, batch, tmp_path):
    net = bp.dense([4, 3, 2], ["sigmoid", "softmax"], "cross_entropy", form="matrix", convention=convention)
    step, (values, samples) = bp.step(net, optimizer), matrix_values(net, 7, 1, "cross_entropy")
    start = {**values, **optimizer.coefficients, "eta": 0.1}
    trainer = Trainer(step, start, samples, "numpy", batch=batch)
    kept, orders = [], list(np.random.default_rng(1).permutation(7))
    kept, state = trainer.run(trainer.state, 8, 3, [orders])
    arguments = [8, 3, [], list(map(int, orders)), 1, 7, trainer.size, 7, *map(listed, (
        *trainer._columns, *trainer.constants.values(), *trainer.state.values()))]
    source = bp.training_source(step, start, samples, "javascript", batch=batch)
    (found, (_, _, record, *after)), = called(tmp_path, source, "train", [arguments])
    agree(found, state.values())
    agree(record, kept)
    assert after == arguments[3:]                              # nothing that was given changes


@needs_node
def test_a_step_brings_its_loop(tmp_path):
    net = bp.dense([2, 2], "sigmoid", form="matrix")
    source = bp.lambdify(bp.step(net), "javascript").source
    assert [line.split("(")[0] for line in source.splitlines() if line.startswith("export")] == [
        "export function program", "export function whole", "export function train"]
    assert "function sigmoid(z)" in source and "let Z1 = new Float64Array(2*B);" in source
    with pytest.raises(TypeError, match="its code runs in JavaScript"):
        bp.fit(net, {"W1": np.eye(2), "b1": np.zeros(2)}, {"X": np.eye(2), "Y": np.eye(2)}, epochs=1, backend="javascript")


def test_sizes_are_found_one_by_one():
    program = bp.Program.parse(["Z = X @ W + b"], inputs="X", parameters="W b", shapes={"X": "B, n", "W": "n, m", "b": "m"})
    lines = bp.lambdify(program, "javascript").source.splitlines()
    assert [line.strip() for line in lines[1:4]] == ["let m = b.length;", "let n = W.length/m;", "let B = X.length/n;"]


def test_a_flat_array_of_two_open_sizes_is_refused():
    """Its length alone does not tell them; where another array does, or a number, it is read."""
    program = bp.Program.parse("s = sum(A)", inputs="A", shapes={"A": "B, n"})
    with pytest.raises(ValueError, match=r"A: expected at most one open size.*shapes=\{'A': 'B, 3'\}"):
        bp.lambdify(program, "javascript")
    assert "A.length/3" in bp.lambdify(bp.Program.parse("s = sum(A)", inputs="A", shapes={"A": "B, 3"}), "javascript").source
    both = bp.Program.parse("s = sum(A @ W + b)", inputs="A", parameters="W b",
                            shapes={"A": "B, n", "W": "n, m", "b": "m"})
    assert "A.length/n" in bp.lambdify(both, "javascript").source
