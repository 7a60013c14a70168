"""The largest number of each row or column: as it is computed in every language, trained in place, and by others."""
import numpy as np
import pytest

import backprop_sym as bp
from tests.compute.test_javascript import needs_node
from tests.compute.test_matrices_javascript import compared

RNG = np.random.default_rng(3)
TEXTS = ["max(A, rows)", "max(A, columns)", "min(A, rows)", "min(A, columns)", "A - max(A, rows)", "A*max(A*A, columns)",
         "A*hardmax(A, rows)", "hardmax(A @ W, columns)*A", "max(A.T @ W, rows)"]
SHAPES = {"A": "B, 4", "W": "4, 4", "c": "4"}
AXES = {"rows": (1, True), "columns": (0, False)}


def program_of(text):
    """E = sum(R*Z**2): Z is one of the texts, and R as large."""
    shapes = SHAPES if "A.T" not in text else {**SHAPES, "W": "B, 4"}
    shape = bp.Program.parse([f"Z = {text}"], shapes=shapes).shape[bp.symbol("Z")]
    net = bp.Program.parse([f"Z = {text}", "E = sum(R*Z**2)"], shapes={**shapes, "R": shape}, loss="E")
    return net + bp.reverse(net, wrt=[s for s in net.given if s.name != "R"])


def values_of(program, samples, kind=float):
    return {s.name: RNG.normal(size=[samples if n.is_Symbol else int(n) for n in program.shape[s]]).astype(kind)
            for s in program.given}


@needs_node
@pytest.mark.parametrize("samples", [1, 5], ids="{} samples".format)
@pytest.mark.parametrize("text", TEXTS)
def test_javascript(text, samples, tmp_path):
    program = program_of(text)
    values = values_of(program, samples)
    compared(program, values, tmp_path)
    compared(program, {**values, "A": np.round(values["A"])}, tmp_path)          # of which some are as large


@pytest.mark.parametrize("text", TEXTS)
def test_jax(text):
    """The same code, and JAX's own derivative of what is computed."""
    jax = pytest.importorskip("jax", reason="JAX is not installed: `make oracle` installs it and runs this")
    jax.config.update("jax_enable_x64", True)
    program = program_of(text)
    values = values_of(program, 5)
    found, expected = (bp.lambdify(program, backend)(values) for backend in ("jax", "numpy"))
    for name, value in expected.items():
        assert np.allclose(found[name], value, rtol=1e-13, atol=1e-13), name
    f, names = bp.lambdify(program.upto("E"), "jax"), [s.name for s in program.upto("E").given]
    by_a = jax.grad(lambda A: f.compute(*({**values, "A": A}[name] for name in names))[-1])(values["A"])
    assert np.allclose(by_a, expected["d(E)/d(A)"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("by", AXES)
@pytest.mark.parametrize("name", ["max", "min"])
def test_pytorch(name, by):
    """amax, and where several are as large torch.max by an axis, of which one has the gradient: the first."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: `make oracle` installs it and runs this")
    axis, kept = AXES[by]
    program = program_of(f"{name}(A, {by})")
    values = values_of(program, 6)
    for several in (False, True):
        a = np.round(values["A"]) if several else values["A"]
        A = torch.tensor(a, requires_grad=True)
        Z = getattr(torch, name)(A, axis, keepdim=kept).values if several else getattr(torch, f"a{name}")(A, axis, keepdim=kept)
        (torch.tensor(values["R"])*Z**2).sum().backward()
        found = bp.lambdify(program)({**values, "A": a})
        assert np.array_equal(found["Z"], Z.detach()) and np.allclose(found["d(E)/d(A)"], A.grad, rtol=1e-14, atol=0)


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize("batch", [None, 4])
def test_a_training_in_place_is_one_step_after_another(batch, kind):
    """Of a network with a softmax that a reader wrote; the last batch is shorter."""
    net = bp.Program.parse(["Z = X @ W + b", "S = exp(Z - max(Z, rows))", "P = S/sum(S, rows)", "M = max(P*c, columns)",
                            "E = mean((P - Y)**2) + sum(M**2)/100 + sum(hardmax(Z, rows)*Z)/B/10"],
                           inputs="X c", targets="Y", parameters="W b", loss="E",
                           shapes={"X": "B, 5", "Y": "B, 3", "W": "5, 3", "b": "3", "c": "3"})
    start = {"W": RNG.normal(size=(5, 3)).astype(kind), "b": np.zeros(3, kind), "c": np.ones(3, kind)}
    samples = {"X": RNG.normal(size=(10, 5)).astype(kind), "Y": RNG.uniform(size=(10, 3)).astype(kind)}
    history = bp.fit(net, start, samples, epochs=12, batch=batch, learning_rate=0.5, seed=2, dtype=kind)
    known, step = {**start, "eta": 0.5}, bp.lambdify(bp.step(net), "numpy")
    if batch is None:
        for _ in range(12):
            found = step({**known, **samples})
            known |= {"W": found["W_new"], "b": found["b_new"]}
        assert np.allclose(history.values["W"][-1], known["W"], rtol=1e-12 if kind == "float64" else 1e-4)
    assert history.values["W"][-1].dtype == kind and history.loss[-1] < history.loss[0]


@pytest.mark.parametrize("by", AXES)
def test_a_number_that_is_none_has_none_for_its_largest(by):
    """NaN in a row is the largest of it, in NumPy; another row has its own."""
    program = program_of(f"max(A, {by})")
    values = values_of(program, 3)
    values["A"][1, 2] = np.nan
    found = np.ravel(bp.lambdify(program).compute(*(values[s.name] for s in program.given))[0])
    assert np.isnan(found).tolist() == [k == (1 if by == "rows" else 2) for k in range(len(found))]
