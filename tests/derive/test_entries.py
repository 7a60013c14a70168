"""The derivatives of programs of arrays against those of the same programs written out in numbers."""
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.derive.entries import MOST, Entry, entry_of, indices
from backprop_sym.describe.selections import windows
from tests import arrays
from tests.arrays import scalars
from tests.oracles import MPMATH, MPMATH_LOSSES, SOURCE, output_for, softmax

DIGITS = 30


def agree(program, values, sizes, wrt=None):
    """Every derivative by ``wrt`` (all that is given): in arrays, through the entries, and in NumPy."""
    wrt = program.given if wrt is None else wrt
    whole, one = program + bp.reverse(program, wrt=wrt), bp.entries(program, sizes)
    known = {s for s in scalars({s: values[s] for s in wrt}) if s in one.given}      # one share alone is 1, whatever it is of
    exact = (one + bp.reverse(one, wrt=sorted(known, key=str))).evaluate(scalars(values), DIGITS)
    found, fast = whole.evaluate(values, DIGITS), bp.lambdify(whole, "numpy")(values)
    for s in wrt:
        d = bp.Partial(program.loss, s)
        assert np.shape(found[d]) == np.shape(fast[d]) == np.shape(values[s])
        for at in indices(np.shape(values[s])):
            expected = exact[entry_of(d, at)] if entry_of(s, at) in known else 0
            assert abs(np.asarray(found[d])[at] - expected) <= mpmath.mpf(10)**(5 - DIGITS)*max(1, abs(expected))
            assert abs(np.asarray(fast[d])[at] - expected) <= 1e-9*max(1, abs(expected))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_programs(data):
    program, sizes = data.draw(arrays.programs(depth=2, most=3)), data.draw(arrays.sizes)
    agree(program, arrays.numbers_of(data.draw, program, sizes), sizes)


@pytest.mark.parametrize("lines", [
    ["E = sum(X + b)"], ["E = sum(X + s)"], ["E = sum(X*b)"], ["E = mean(X + c)"], ["E = sum(sum(X + b, rows))"],
    ["E = sum((X + b).T)"], ["E = sum(softmax(X + b).T @ X)"], ["E = sum(X + r)*s"], ["E = sum(b + r)"],
    ["Z = X @ W", "V = Z @ W", "E = sum(sigmoid(V + Z)*V)"],                        # a matrix used twice
    ["E = sum(W @ W @ W)"], ["E = sum((W + W.T)*W)"], ["E = sum(X.T @ X)"],
    ["E = s*sum(spread(s, B, n)*X)"],
])
@pytest.mark.parametrize("sizes", [{"B": 2, "n": 3}, {"B": 1, "n": 2}, {"B": 2, "n": 1}, {"B": 1, "n": 1}], ids=str)
def test_what_is_repeated_counts_as_often_as_it_stands_there(lines, sizes):
    program = bp.Program.parse(lines, loss="E", shapes={"X": "B, n", "W": "n, n", "b": "n", "c": "B, 1", "r": "1, n", "s": ()})
    rng = np.random.default_rng(1)
    known = {s: int(n) for s, n in sizes.items()}
    values = {s: rng.integers(-99, 99, [int(known.get(str(d), d)) for d in program.shape[s]])/50 for s in program.given}
    if not any(str(d) == "B" for s in program.given for d in program.shape[s]):
        known.pop("B")
    agree(program, values, known)


def by_hand(activations, loss, X, Y, weights):
    """The mean loss of the rows of X, in mpmath by plain loops."""
    def layer(name, zs):
        return softmax(zs) if name == "softmax" else [MPMATH[name](z) for z in zs]

    total = 0
    for x, y in zip(X, Y, strict=True):
        a = [mpmath.mpf(v) for v in x]
        for name, (W, b) in zip(activations, weights, strict=True):
            a = layer(name, [sum(a[i]*W[i][j] for i in range(len(a))) + b[j] for j in range(len(b))])
        total += MPMATH_LOSSES[loss]([mpmath.mpf(v) for v in y], a)
    return total/len(X)


def turned(values):
    """The same for columns that are samples; a bias is a column then."""
    return {name: np.atleast_2d(value).T for name, value in values.items()}


@pytest.mark.parametrize("loss", bp.LOSSES)
@pytest.mark.parametrize("activation", [*MPMATH, "softmax"])
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_activation_and_loss(activation, loss, data):
    """The loss against plain loops in mpmath, its derivatives against the program of the entries; columns against rows."""
    least = max(bp.LOSSES[loss].least, 1 + (activation == "softmax"))
    widths = [data.draw(st.integers(*bounds)) for bounds in ((1, 2), (1 + (activation == "softmax"), 2), (least, 2))]
    samples, names = data.draw(st.integers(1, 2)), [activation, output_for(loss, activation)]
    row, column = (bp.dense(widths, names, loss, form="matrix", convention=convention) for convention in ("row", "column"))
    values = {s.name: value for s, value in arrays.numbers_of(data.draw, row, {"B": samples}).items()}
    shares = np.round(np.abs(values["Y"])*512)/1024               # of 1, exactly
    values["Y"] = (np.sign(values["Y"] - 1e-4) if loss == "hinge" else
                   np.stack([shares[:, 0], 1 - shares[:, 0]], axis=1) if loss.startswith("cross") else shares)
    with mpmath.workdps(DIGITS + 10):
        expected = by_hand(names, loss, values["X"], values["Y"], [(values[f"W{i}"], values[f"b{i}"]) for i in (1, 2)])
    for net, given_values in ((row, values), (column, turned(values))):
        error = abs(net.evaluate(given_values, DIGITS)["E_total"] - expected)
        assert error <= mpmath.mpf(10)**(3 - DIGITS)*max(1, abs(expected))
    agree(row, {row.symbol(name): value for name, value in values.items()}, {"B": samples}, row.parameters)
    by_rows, by_columns = (bp.lambdify(net + bp.reverse(net), "numpy")(v) for net, v in ((row, values), (column, turned(values))))
    for name, value in turned(by_rows).items():
        assert np.allclose(value, by_columns[name], rtol=1e-11, atol=1e-13)


# ---- the source's network

def renamed(program):
    """{entry of the matrix network: the scalar network's name}, rows being samples."""
    numbers = {"X": "x{j}", "Y": "y{j}", "Z1": "z{j}", "A1": "a_z{j}", "Yhat": "yhat{j}", "b1": "b{i}"}

    def name(s):
        if isinstance(s, bp.Partial):
            return bp.Partial(name(s.of), name(s.wrt))
        if not isinstance(s, Entry):
            stem = getattr(s, "stem", s)
            return type(s)(name(stem), *s.identity[1:]) if stem != s else s
        array, (i, j) = s.array.name, (*s.at, 0)[:2]
        texts = numbers | {"W1": f"w{2*i + j - 2}", "W2": f"w{2*i + j + 2}", "Z2": f"z{j + 2}", "b2": f"b{i + 2}"}
        return bp.symbol(texts[array].format(i=i, j=j))
    return {s: name(s) for s in (*program.given, *program.defined)}


def test_of_two_two_two_the_matrix_step_is_the_scalar_step():
    matrix = bp.entries(bp.step(bp.dense([2, 2, 2], form="matrix")), {"B": 1})
    scalar, names = bp.step(bp.dense([2, 2, 2])), renamed(matrix)
    assert set(names.values()) == {*scalar.given, *scalar.defined}
    for e in matrix:
        there, here = scalar[names[e.lhs]].rhs, e.rhs.xreplace(names)
        assert sp.expand((there - here).doit()) == 0, (e, there)
    values = {name: float(v) for name, v in SOURCE.items()} | {"eta": 0.01}
    inverse = {new: old for old, new in names.items()}
    expected = bp.lambdify(scalar)(values)
    program = bp.step(bp.dense([2, 2, 2], form="matrix"))
    given_arrays = {s: np.empty([1 if d.is_Symbol else int(d) for d in program.shape[s]]) for s in program.given}
    for s, array in given_arrays.items():
        for at in indices(array.shape):
            array[at] = values[str(names[entry_of(s, at)])]
    by_text = {str(s): value for s, value in scalars({program.symbol(t): v for t, v in bp.lambdify(program, "numpy")(
        given_arrays).items()}).items()}
    assert len(by_text) == len(expected)
    for s in scalar.defined:
        assert abs(by_text[str(inverse[s])] - expected[s]) <= 1e-15


# ---- what is refused

def test_each_entry_is_read_once(monkeypatch):
    """However often it is used: a look-up in a look-up, as in a convolution with a frame, would be read for each pair."""
    read, place = [], windows.place
    monkeypatch.setattr(windows, "place", lambda self, i: read.append((self, i)) or place(self, i))
    layer = bp.layers.convolution(1, 4, 4, 1, 3, padding=1)
    assert bp.entries(layer, {"B": 2}).defined
    assert 0 < len(read) <= 9*16*36                         # the entries of one matrix: windows, places, pixels


def test_entries_need_sizes_and_are_bounded():
    net = bp.dense([2, 2], form="matrix")
    with pytest.raises(ValueError, match="sizes: expected a number for B"):
        bp.entries(net)
    with pytest.raises(ValueError, match=f"more than {MOST:,}: take smaller sizes; its equations are the same for all"):
        bp.entries(bp.dense([100, 200, 10], form="matrix"), {"B": 10})


def test_the_derivative_is_that_of_a_number():
    net = bp.dense([2, 2], form="matrix")
    for derived in (lambda: bp.reverse(net, of="Z1"), lambda: bp.chain(net, "W1", of="Yhat")):
        with pytest.raises(ValueError, match=r"is an array of shape \(B, 2\): take a number made of it, such as sum\("):
            derived()


def test_what_the_loss_does_not_depend_on_has_a_derivative_of_zeros():
    program = bp.Program.parse(["Z = X @ W", "E = sum(X)"], loss="E", inputs="X", parameters="W V", shapes={
        "X": "B, n", "W": "n, 2", "V": "3"})
    found = (program + bp.reverse(program)).evaluate({"X": [[1, 2]], "W": [[1, 2], [3, 4]]})
    assert found["d(E)/d(W)"].tolist() == [[0, 0], [0, 0]] and found["d(E)/d(V)"].tolist() == [0, 0, 0]


def test_what_holds_of_an_array_holds_of_its_entries():
    net = bp.entries(bp.dense([2, 2], "softmax", "cross_entropy", form="matrix"), {"B": 1})
    given = {s.name: 0.5 for s in net.given}
    net.evaluate(given)
    with pytest.raises(ValueError, match="Y"):
        net.evaluate({**given, "Y_1_1": 0.75})                         # shares that do not add up to one
    with pytest.raises(ValueError, match="Y_1_1"):
        net.evaluate({**given, "Y_1_1": -1})
    with pytest.raises(ValueError, match="B: expected at least 2 for mu"):
        bp.layers.batch_norm(2, form="scalar", samples=1)


@pytest.mark.parametrize("form", ["matrix", "scalar"])
def test_a_mask_is_known_by_what_it_is(form):
    layer = bp.layers.dropout(1, x="Mixed", mark="_1", form=form)
    given = {s.name: 0.5 for s in layer.given}
    mask, = (name for name in given if name.startswith("M_1"))
    assert layer.text(layer.domains[0][0]) == mask
