"""Functions of whole arrays: what each row computes, how it is read and written, and what is refused."""
import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.describe.matrices import FUNCTIONS, spread, transposed
from tests import arrays

SHAPES = {"A": "B, n", "C": "n, m", "b": "n", "c": "B, 1", "s": ()}
# What each row computes, in NumPy by hand, of A (B, n), C (n, m), b (n,), c (B, 1) and a number s.
BY_HAND = {
    "A @ C": lambda v: np.einsum("ik,kj->ij", v["A"], v["C"]),
    "A.T": lambda v: np.array([[row[j] for row in v["A"]] for j in range(v["A"].shape[1])]),
    "sum(A)": lambda v: sum(x for row in v["A"] for x in row),
    "sum(b)": lambda v: sum(v["b"]),
    "sum(A, rows)": lambda v: np.array([[sum(row)] for row in v["A"]]),
    "sum(A, columns)": lambda v: np.array([sum(column) for column in zip(*v["A"], strict=True)]),
    "mean(A)": lambda v: sum(x for row in v["A"] for x in row)/v["A"].size,
    "mean(A, rows)": lambda v: np.array([[sum(row)/len(row)] for row in v["A"]]),
    "mean(A, columns)": lambda v: np.array([sum(column)/len(column) for column in zip(*v["A"], strict=True)]),
    "max(A, rows)": lambda v: np.array([[max(row)] for row in v["A"]]),
    "max(A, columns)": lambda v: np.array([max(column) for column in zip(*v["A"], strict=True)]),
    "min(A, rows)": lambda v: np.array([[min(row)] for row in v["A"]]),
    "min(A, columns)": lambda v: np.array([min(column) for column in zip(*v["A"], strict=True)]),
    "hardmax(A, rows)": lambda v: np.array([[float(x == max(row)) for x in row] for row in v["A"]]),
    "hardmax(A, columns)": lambda v: np.array([[float(x == max(row)) for x in row] for row in v["A"].T]).T,
    "softmax(A)": lambda v: np.array([[np.exp(x)/sum(map(np.exp, row)) for x in row] for row in v["A"]]),
    "logsumexp(A)": lambda v: np.array([[np.log(sum(map(np.exp, row)))] for row in v["A"]]),
    "spread(b, B, n)": lambda v: np.array([v["b"] for _ in v["A"]]),
    "spread(c, B, n)": lambda v: np.array([[x]*len(v["b"]) for x, in v["c"]]),
    "spread(s, B, n)": lambda v: np.full(v["A"].shape, v["s"]),
    "reshape(A, n, B)": lambda v: np.array([x for row in v["A"] for x in row]).reshape(v["A"].shape[::-1]),
    "spread(s, n)": lambda v: np.full(len(v["b"]), v["s"]),
}


def test_a_network_of_any_width_has_the_same_equations():
    """A network that is too large in numbers is not in matrices; the error says so."""
    wide = bp.dense([784, 512, 10], form="matrix")
    assert len(wide) == len(bp.dense([2, 2, 2], form="matrix")) and len(bp.reverse(wide)) == 8
    with pytest.raises(ValueError, match="widths.*form='matrix'"):
        bp.dense([784, 512, 10])


def test_every_row_of_the_table_is_computed_by_hand():
    used = {type(call).__name__ for text in BY_HAND for call in _parsed(text)["Z"].rhs.atoms(*FUNCTIONS.values())}
    assert used == set(FUNCTIONS)


def _parsed(text):
    return bp.Program.parse([f"Z = {text}", "E = sum(A @ C) + sum(b) + sum(c) + s"], shapes=SHAPES, loss="E")


@pytest.mark.parametrize("text", BY_HAND)
@pytest.mark.parametrize("rows, units, others", [(2, 3, 2), (1, 2, 3), (3, 1, 1), (1, 1, 1)])
def test_a_row(text, rows, units, others):
    rng = np.random.default_rng(rows + 10*units)
    shape = {"A": (rows, units), "C": (units, others), "b": (units,), "c": (rows, 1), "s": ()}
    values = {name: rng.normal(size=size) for name, size in shape.items()}
    program, expected = _parsed(text), np.asarray(BY_HAND[text](values))
    for found in (bp.lambdify(program, "numpy")(values)["Z"], program.evaluate(values, 20)["Z"]):
        assert np.shape(found) == expected.shape
        assert np.allclose(np.asarray(found, dtype=float), expected, rtol=1e-14, atol=1e-14)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(arrays.programs())
def test_what_is_written_is_read_back(program):
    assert bp.Program.parse(repr(program), shapes=program.shapes) == program


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_backward_pass_is_read_back_under_plain_names(data):
    """A slope has two faces, of which one is written: so what is read back is the same number."""
    program, sizes = data.draw(arrays.programs(depth=2, most=2)), data.draw(arrays.sizes)
    whole = program + bp.reverse(program, wrt=program.given)
    plain = whole.rename({s: f"d_{s.wrt.name}" for s in whole.defined if isinstance(s, bp.Partial)})
    again = bp.Program.parse(repr(plain), shapes=plain.shapes)
    values = arrays.numbers_of(data.draw, program, sizes)
    found, expected = again.evaluate(values, 20), plain.evaluate(values, 20)
    assert again.shape == plain.shape
    for name, value in expected.items():
        assert np.all(abs(found[name] - value) <= 1e-17*np.maximum(1, abs(value)))


@pytest.mark.parametrize(("line", "message"), [
    ("Z = A @ C.T", r"^in Z = A @ C.T: @ expected as many columns .* got shapes \(B, n\) and \(m, n\)$"),
    ("Z = A + C", r"^in Z = A \+ C: entry by entry, expected arrays of one shape, got shapes \(B, n\) and \(n, m\)$"),
    ("Z = A*(A @ C)", r"^in Z = .*: entry by entry, .* got shapes \(B, n\) and \(B, m\)$"),
    ("Z = b.T", r"^in Z = b.T: .T expected a matrix, such as one of shape \(B, n\), got shape \(n,\)$"),
    ("Z = sum(b, rows)", r"^in Z = sum\(b, rows\): a sum by rows or columns expected a matrix"),
    ("Z = sum(s)", r"^in Z = sum\(s\): a sum or mean of all entries expected an array, got a number$"),
    ("Z = softmax(b)", r"^in Z = softmax\(b\): softmax expected a matrix"),
    ("Z = logsumexp(s)", r"logsumexp expected a matrix.* got shape \(\)$"),
    ("Z = spread(A, n, m)", r"spread expected what can be repeated to shape \(n, m\), got shape \(B, n\)$"),
    ("Z = spread(A.T, B, n)", r"spread expected what can be repeated to shape \(B, n\), got shape \(n, B\)$"),
    ("Z = spread(A)", r"expected one or two sizes, as in spread\(a, B, n\), got 'spread\(A\)'"),
    ("Z = spread(s, 0, n)", r"expected one or two sizes"),
    ("Z = A.S", r"expected .T, got 'A.S'"),
    ("Z = A - A + b", r"A cancels, and with it the shape of the result"),
    ("Z = A/A", r"A cancels"),
    ("Z = A**0", r"A cancels"),
    *((f"Z = 1 + {text}", rf"{text[:3]} expected several arrays, .* as in {text[:3]}\(A, C\), or one .*\(A, rows\), got")
      for text in ("max(A)", "min(b)", "max(A @ C)")),
    ("Z = max(b, rows)", r"a maximum by rows or columns expected a matrix, such as one of shape \(B, n\), got shape \(n,\)$"),
    ("Z = min(s, columns)", r"a maximum by rows or columns expected a matrix.* got shape \(\)$"),
    ("Z = hardmax(b, rows)", r"hardmax expected a matrix"),
    ("Z = gather(A)", r"unknown function 'gather'"),
])
def test_what_does_not_fit_is_named(line, message):
    with pytest.raises(ValueError, match=message):
        bp.Program.parse([line], shapes=SHAPES)


def test_a_transpose_of_a_transpose_is_none():
    A, C = sp.symbols("A C")
    assert transposed(transposed(A)) == A
    turned, plain = (bp.Program.parse([f"Z = {text}"], shapes={"A": "n, B", "C": "m, n"}) for text in ("(A.T @ C.T).T", "C @ A"))
    assert turned == plain


@pytest.mark.parametrize("convention", ["row", "column"])
def test_programs_of_programs(convention):
    net = bp.dense([2, 3, 2], form="matrix", convention=convention)
    later = net.after(1)
    assert [later.shape[s] for s in later.defined] == [net.shape[s] for s in net.defined]
    assert later.shape[later.parameters[0]] == net.shape[net.parameters[0]]
    assert net.upto("Z2").shape[bp.symbol("Z2")] == net.shape[bp.symbol("Z2")] and net.upto("Z2").loss is None
    renamed = net.rename({"W1": "V"})
    assert "V" in renamed.names and renamed.shape[bp.symbol("V")] == net.shape[bp.symbol("W1")] and renamed != net
    step = bp.step(net, bp.Adam())
    for program in (net, step, renamed):
        again = pickle.loads(pickle.dumps(program))
        assert again == program and again.shape == program.shape
    assert net == bp.dense([2, 3, 2], form="matrix", convention=convention)


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_two_matrices_of_samples_are_one_with_all_of_them(reduce):
    """The mean over two batches of one size is that of a batch twice as large; unrolled, they make the same update."""
    net, rng = bp.dense([2, 3, 2], form="matrix"), np.random.default_rng(5)
    values = {s.name: rng.normal(size=[4 if size.is_Symbol else int(size) for size in net.shape[s]]) for s in net.given}
    parts = {f"{name}_sample{k + 1}": values[name][2*k:2*k + 2] for name in "XY" for k in range(2)}
    whole = bp.unroll(net, 1, 2, bp.GradientDescent(), reduce=reduce)
    found = bp.lambdify(whole, "numpy")({**values, **parts, "eta": 0.5})
    one = bp.lambdify(bp.step(net), "numpy")({**values, "eta": 0.5 if reduce == "mean" else 1.0})
    assert np.allclose(found["W1_new"], one["W1_new"], rtol=1e-14)
    pair = bp.lambdify(bp.batch(net, 2, reduce), "numpy")({**values, **parts})
    assert np.isclose(pair["E_total"], one["E_total"]*(1 if reduce == "mean" else 2), rtol=1e-14)


def test_spread_knows_its_sizes():
    a = spread(sp.Symbol("a"), 2, 3)
    assert a.operands == (sp.Symbol("a"),) and str(a.rows.count("{}")) == "3"


@given(st.sampled_from(["Yhat", "Z1", "X", "E"]))
def test_an_array_has_no_name_twice(name):
    with pytest.raises(ValueError, match="defined twice"):
        bp.Program.parse([f"{name} = A @ C", f"{name} = A"], shapes=SHAPES)
