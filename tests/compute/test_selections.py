"""Look-ups, slices, windows and reshapes: what they compute by hand, what they hand back, in every form, what does not fit."""
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.describe.selections import SELECTIONS
from tests.arrays import scalars
from tests.compute.test_javascript import needs_node
from tests.compute.test_matrices_javascript import compared

RNG = np.random.default_rng(7)
SHAPES = {"N": "B", "E": "5, d", "X": "B, 12", "Q": "B, 24", "A": "B, d"}
SIZE = {"B": 3, "d": 2}


def seen(pictures, channels, height, width, size, stride):
    """What a window sees at every place of pictures in columns, by four plain loops and more: numbers first, then places."""
    whole = pictures.reshape(channels, height, width, -1)
    return np.array([whole[c, y + u, x + v] for c in range(channels) for u in range(size) for v in range(size)
                     for y in range(0, height - size + 1, stride) for x in range(0, width - size + 1, stride)])


def framed(pictures, channels, height, width, frame):
    """Pictures in columns with a frame of zeros around each."""
    whole = pictures.reshape(channels, height, width, -1)
    return np.pad(whole, [(0, 0), (frame, frame), (frame, frame), (0, 0)]).reshape(-1, pictures.shape[1])


# What each selection makes of what it is multiplied with, by hand.
BY_HAND = {
    "one_hot(N, 5) @ E": lambda v: np.array([v["E"][int(n)] for n in v["N"]]),
    "one_hot(N, 5).T @ A": lambda v: np.array([sum((row for row, k in zip(v["A"], v["N"], strict=True) if k == n), 0*v["A"][0])
                                               for n in range(5)]),
    "one_hot(N, 5)": lambda v: np.array([[float(k == n) for n in range(5)] for k in v["N"]]),
    "X @ span(2, 5, 12).T": lambda v: v["X"][:, 2:5],
    "span(1, 4, 5) @ E": lambda v: v["E"][1:4],
    "X @ span(0, 12, 15) + 1": lambda v: np.hstack([v["X"], np.zeros((len(v["X"]), 3))]) + 1,
    "windows(1, 3, 4, 2) @ X.T": lambda v: seen(v["X"].T, 1, 3, 4, 2, 1),
    "windows(2, 3, 4, 3) @ Q.T": lambda v: seen(v["Q"].T, 2, 3, 4, 3, 1),
    "windows(3, 2, 4, 2, 2) @ Q.T": lambda v: seen(v["Q"].T, 3, 2, 4, 2, 2),
    "X @ windows(3, 2, 2, 1).T": lambda v: seen(v["X"].T, 3, 2, 2, 1, 1).T,
    "inside(1, 3, 4, 2).T @ X.T": lambda v: framed(v["X"].T, 1, 3, 4, 2),
    "inside(2, 2, 3, 1).T @ X.T": lambda v: framed(v["X"].T, 2, 2, 3, 1),
    "inside(1, 2, 1, 1) @ X.T": lambda v: v["X"].T[[4, 7]],
    "reshape(windows(1, 3, 4, 2) @ X.T, 4, 6*B)": lambda v: seen(v["X"].T, 1, 3, 4, 2, 1).reshape(4, -1),
    "reshape(E, 5*d)": lambda v: v["E"].ravel(),
}


def program_of(text):
    """E = sum(R*Z**2), Z being what is looked up and R as large."""
    shape = bp.Program.parse([f"Z = {text}"], shapes=SHAPES).shape[bp.symbol("Z")]
    found = bp.Program.parse([f"Z = {text}", "L = sum(R*Z**2)"], shapes=SHAPES, loss="L")
    return found._with(found.equations, shapes={**found.shapes, bp.symbol("R"): shape})


def values_of(program, sizes=SIZE):
    found = {s.name: RNG.integers(-900, 900, [int(n.xreplace({k: sizes[str(k)] for k in n.free_symbols})) for n in
                                              program.shape[s]])/500 for s in program.given}
    return found | ({"N": RNG.integers(0, 5, sizes["B"])} if "N" in found else {})


def both(text, sizes=SIZE):
    program = program_of(text)
    return program + bp.reverse(program, wrt=[s for s in program.given if s.name not in "NR"]), values_of(program, sizes)


def test_every_selection_is_computed_by_hand():
    assert {name for name in SELECTIONS if any(name + "(" in text for text in BY_HAND)} == set(SELECTIONS)


@pytest.mark.parametrize("sizes", [SIZE, {"B": 1, "d": 1}, {"B": 7, "d": 3}], ids=str)
@pytest.mark.parametrize("text", BY_HAND)
def test_arrays_entries_and_by_hand(text, sizes):
    """What is looked up; and what is handed back, in arrays against the entries' own derivative."""
    whole, values = both(text, sizes)
    found, exact = bp.lambdify(whole, "numpy")(values), whole.evaluate(values, 30)
    assert np.array_equal(found["Z"], BY_HAND[text](values))
    one = bp.entries(program_of(text), sizes)
    known = [s for s in scalars({s: values[s.name] for s in program_of(text).given if s.name not in "NR"}) if s in one.given]
    written_out = one + bp.reverse(one, wrt=known)
    entries = written_out.evaluate(scalars({s: values[s.name] for s in whole.given}), 30)
    for s in whole.defined:
        assert np.allclose(found[s], np.asarray(exact[s], dtype=float), rtol=1e-13, atol=1e-13)
        for entry, value in scalars({s: exact[s]}).items():
            if entry in written_out:                           # what is the same whatever is given has no derivative there
                assert abs(value - entries[entry]) <= 1e-27*max(1, abs(value))
            else:
                assert getattr(s, "wrt", None) == bp.symbol("Z") or value == 0


@pytest.mark.parametrize("text", BY_HAND)
def test_what_is_written_is_read_back(text):
    program = program_of(text)
    assert bp.Program.parse(repr(program), shapes=program.shapes, loss="L") == program
    assert r"\mathrm" in program._repr_latex_()


@needs_node
@pytest.mark.parametrize("text", BY_HAND)
def test_javascript(text, tmp_path):
    whole, values = both(text)
    compared(whole, values, tmp_path)


@pytest.mark.parametrize("text", BY_HAND)
def test_jax(text):
    jax = pytest.importorskip("jax", reason="JAX is not installed: `make oracle` installs it and runs this")
    jax.config.update("jax_enable_x64", True)
    whole, values = both(text)
    found, expected = (bp.lambdify(whole, backend)(values) for backend in ("jax", "numpy"))
    for name, value in expected.items():
        assert np.allclose(found[name], value, rtol=1e-12, atol=1e-12), name


@pytest.mark.parametrize("batch", [None, 4, 3], ids="batch of {}".format)
@pytest.mark.parametrize("line", ["P = reshape(windows(1, 3, 4, 2) @ X.T, 4, 6*B)", "P = windows(1, 3, 4, 2) @ X.T"])
def test_a_training_in_place_is_one_step_after_another(line, batch):
    """Twenty epochs of fit beside as many steps with arrays made anew; the last batch may be shorter."""
    shape, read = ("4", "reshape(K @ P + b, 6, B).T") if "reshape" in line else ("24", "(K @ P + b).T")
    rows = "1" if "reshape" in line else "6"
    net = bp.Program.parse([line, f"Z = {read}", "E = mean(Y*tanh(Z)**2)"], inputs="X", targets="Y", parameters="K b", loss="E",
                           shapes={"X": "B, 12", "Y": "B, 6", "K": f"{rows}, {shape}", "b": f"{rows}, 1"})
    start = {"K": RNG.normal(size=(int(rows), int(shape))), "b": RNG.normal(size=(int(rows), 1))}
    samples = {"X": RNG.normal(size=(10, 12)), "Y": RNG.uniform(size=(10, 6))}
    history = bp.fit(net, start, samples, epochs=20, batch=batch, learning_rate=0.1, seed=3)
    step, values = bp.lambdify(bp.step(net), "numpy"), dict(start)
    if batch is None:
        for epoch in range(20):
            found = step({**values, **samples, "eta": 0.1})
            assert history.loss[epoch] == pytest.approx(found["E"], rel=1e-13)
            values = {"K": found["K_new"], "b": found["b_new"]}
    else:
        assert history.loss[-1] < history.loss[0]


def test_a_table_is_trained_where_it_was_looked_up():
    net = bp.Program.parse(["H = one_hot(N, 5) @ E", "L = mean((H - Y)**2)"], inputs="N", targets="Y", parameters="E", loss="L",
                           shapes={"N": "B", "E": "5, 2", "Y": "B, 2"})
    samples = {"N": np.array([0, 3, 3, 1, 0, 3]), "Y": RNG.normal(size=(6, 2))}
    found = bp.fit(net, {"E": np.ones((5, 2))}, samples, epochs=4, batch=4, learning_rate=0.5).values["E"][-1]
    assert np.array_equal(found[[2, 4]], np.ones((2, 2))) and not (found[[0, 1, 3]] == 1).any()


@pytest.mark.parametrize(("line", "message"), [
    ("Z = windows(1, 3, 4, 5) @ X.T", r"windows of 5 x 5 at a stride of 1 do not fit .* of 3 x 4: a size of 1, 2, 3 would"),
    ("Z = windows(1, 3, 4, 2, 2) @ X.T", r"windows of 2 x 2 at a stride of 2 do not fit .* 3 x 4: a stride of 1 would"),
    ("Z = windows(1, 4, 4, 3, 2) @ X.T", r"windows of 3 x 3 at a stride of 2 .* 4 x 4: a size of 2, 4 or a stride of 1 would"),
    ("Z = windows(1, 3, 3, 2) @ X.T", r"@ expected as many columns .* got shapes \(16, 9\) and \(12, B\)"),
    ("Z = windows(1, 3, 3) @ X.T", r"expected four or five whole numbers, as in windows\(1, 28, 28, 3\), got"),
    ("Z = windows(1, 3, B, 2) @ X.T", r"expected four or five whole numbers"),
    ("Z = inside(1, 3, 3, 1).T @ X.T", r"@ expected as many columns .* got shapes \(25, 9\) and \(12, B\)"),
    ("Z = inside(1, 3, 4).T @ X.T", r"expected four whole numbers, as in inside\(1, 28, 28, 2\), got"),
    ("Z = span(3, 3, 12) @ X.T", r"span\(3, 3, 12\) expected rows from 0 on, at most 12 of them"),
    ("Z = span(3, 13, 12) @ X.T", r"span\(3, 13, 12\) expected rows"),
    ("Z = one_hot(X, 5) @ E", r"one_hot expected a row of whole numbers, of shape \(B,\), got shape \(B, 12\)"),
    ("Z = one_hot(N, d) @ E", r"expected one whole number, as in one_hot\(N, 10\)"),
    ("Z = reshape(E, 10*d)", r"reshape expected a shape of as many numbers as \(5, d\), 5\*d, got \(10\*d,\) of 10\*d"),
    ("Z = reshape(E)", r"expected one or two sizes, as in reshape\(A, m, n\)"),
    ("Z = reshape(E, -5, d)", r"expected one or two sizes"),
])
def test_what_does_not_fit_is_named(line, message):
    with pytest.raises(ValueError, match=message):
        bp.Program.parse([line], shapes=SHAPES)


@pytest.mark.parametrize("odd", [5, -1, 1.5])
def test_a_number_that_is_in_no_table_is_named(odd):
    program = bp.Program.parse(["H = one_hot(N, 5) @ E", "L = sum(H)"], shapes={"N": "B", "E": "5, 2"}, parameters="E",
                               inputs="N", loss="L")
    values = {"N": np.array([0, odd, 4]), "E": np.ones((5, 2))}
    message = rf"N: expected a whole number from 0 to 4, the number of a row in one_hot\(N, 5\), got {odd}"
    for call in (lambda: program.evaluate(values), lambda: bp.lambdify(program)(values),
                 lambda: bp.fit(program, {"E": values["E"]}, {"N": values["N"]}, epochs=1)):
        with pytest.raises(ValueError, match=message):
            call()
