"""The derivative of each row, as SymPy finds it in index notation: proved by SymPy's other rule, and by the entries."""
import numpy as np
import pytest
import sympy as sp

import backprop_sym as bp
from backprop_sym.derive.indices import Entries, _adder, derivative, in_indices
from backprop_sym.describe.matrices import (
    FUNCTIONS,
    column_means,
    column_sums,
    dot,
    hardmax_columns,
    hardmax_rows,
    logsumexp_rows,
    mean,
    row_means,
    row_sums,
    softmax_rows,
    spread,
    total,
    transposed,
)
from tests.arrays import scalars

m, n, k = sp.symbols("m n k", integer=True, positive=True)
MATRIX, ROW, COLUMN = (m, n), (n,), (m, sp.S.One)


def ones(rows, columns):
    return sp.OneMatrix(rows, columns)


def matrix(e, shapes):
    """An expression of arrays in SymPy's matrices; (n,) is a row of shape (1, n), a number a matrix of one entry."""
    def of(e):
        if e.is_Symbol:
            shape = shapes[e.name]
            return sp.MatrixSymbol(e.name, *(sp.S.One,)*(2 - len(shape)), *shape)
        numbers, rest = sp.Mul(*(a for a in sp.Mul.make_args(e) if not a.free_symbols & set(map(sp.Symbol, "ABD")))), e
        if e.is_Mul and numbers != 1:
            return numbers*of(e/numbers)
        assert not rest.is_Mul, f"{e} is a product entry by entry"
        a = of(e.args[0])
        rows, columns = a.shape
        return {dot: lambda: a*of(e.args[-1]), transposed: lambda: a.T, row_sums: lambda: a*ones(columns, 1),
                column_sums: lambda: ones(1, rows)*a, total: lambda: ones(1, rows)*a*ones(columns, 1),
                row_means: lambda: a*ones(columns, 1)/columns, column_means: lambda: ones(1, rows)*a/rows,
                mean: lambda: ones(1, rows)*a*ones(columns, 1)/(rows*columns),
                spread: lambda: repeated(a, e.args[1:])}[type(e)]()
    return of(e)


def repeated(a, shape):
    """A matrix repeated to a shape, where it has one row or column."""
    rows, columns = (sp.S.One,)*(2 - len(shape)) + tuple(shape)
    left = ones(rows, 1) if a.shape[0] == 1 != rows else sp.Identity(rows)
    right = ones(1, columns) if a.shape[1] == 1 != columns else sp.Identity(columns)
    return left*a*right


A, B = sp.symbols("A B")
# Rows whose derivative SymPy's trace rule finds as well: the function, the shapes of its operands.
TRACED = [(dot(A, B), (MATRIX, (n, k))), (transposed(A), (MATRIX,)), (total(A), (MATRIX,)), (row_sums(A), (MATRIX,)),
          (column_sums(A), (MATRIX,)), (mean(A), (MATRIX,)), (row_means(A), (MATRIX,)), (column_means(A), (MATRIX,)),
          (spread(A, m, n), (ROW,)), (spread(A, m, n), (COLUMN,)), (spread(A, m, n), ((sp.S.One, n),)), (total(A), (ROW,))]


@pytest.mark.parametrize(("call", "shapes"), TRACED, ids=[f"{call} of {shapes}" for call, shapes in TRACED])
def test_index_notation_and_the_trace_rule_agree(call, shapes):
    """The derivative of tr(D^T F(A)) by A, with symbolic sizes, and D read back from the indices."""
    sizes = tuple(call.args[1:]) if isinstance(call, spread) else ()
    given = dict(zip("AB", shapes, strict=False))
    F = matrix(call, given)
    D = sp.MatrixSymbol("D", *F.shape)
    for i, name in enumerate(given):
        operand = matrix(sp.Symbol(name), given)
        traced = sp.Trace(D.T*F).diff(operand)
        found = matrix(derivative(type(call).__name__, i, shapes, sizes), given | {"D": call.result(shapes, sizes)})
        small = {m: 2, n: 3, k: 4}
        explicit = [sp.expand(sp.Matrix(repeated(x, operand.shape).subs(small).doit().as_explicit())) for x in (traced, found)]
        assert explicit[0] == explicit[1]
        if found.shape == operand.shape and type(call) in (dot, transposed):
            assert (traced - found).doit() == sp.ZeroMatrix(*operand.shape)          # for all sizes


def test_the_rules_of_the_book():
    D = sp.Symbol("D")
    assert derivative("dot", 0, (MATRIX, (n, k))) == dot(D, transposed(B))
    assert derivative("dot", 1, (MATRIX, (n, k))) == dot(transposed(A), D)
    assert derivative("transposed", 0, (MATRIX,)) == transposed(D)
    assert derivative("logsumexp_rows", 0, (MATRIX,)) == D*softmax_rows(A)
    assert derivative("row_maxima", 0, (MATRIX,)) == D*hardmax_rows(A)
    assert derivative("column_maxima", 0, (MATRIX,)) == D*hardmax_columns(A)
    P = softmax_rows(A)
    assert derivative("softmax_rows", 0, (MATRIX,)) == D*P - row_sums(D*P)*P
    assert derivative("spread", 0, (ROW,), (m, n)) == column_sums(D)
    assert derivative("spread", 0, (COLUMN,), (m, n)) == row_sums(D)
    assert derivative("spread", 0, ((),), (m, n)) == total(D)
    assert "Sum(" in str(in_indices("dot", 0, (MATRIX, (n, k))))


# Every row between what varies and a loss that weighs its entries: text, and the shapes of A and C.
ROWS = ["A @ C", "A.T", "sum(A)", "sum(A, rows)", "sum(A, columns)", "mean(A)", "mean(A, rows)", "mean(A, columns)",
        "max(A, rows)", "max(A, columns)", "min(A, rows)", "hardmax(A, rows)*A", "A*hardmax(A, columns)", "softmax(A)",
        "logsumexp(A)", "spread(b, B, n)", "spread(c, B, n)", "spread(s, B, n)", "reshape(A, n, B)"]


def test_no_row_is_left_out():
    used = {type(call).__name__ for text in ROWS for call in _weighed(text)["Z"].rhs.atoms(*FUNCTIONS.values())}
    assert used == set(FUNCTIONS)


def _weighed(text):
    """E = sum(R*Z**2), Z being a row; R is as large."""
    shapes = {"A": "B, n", "C": "n, m", "b": "n", "c": "B, 1", "s": ()}
    shape = bp.Program.parse([f"Z = {text}"], shapes=shapes).shape[bp.symbol("Z")]
    return bp.Program.parse([f"Z = {text}", "E = " + ("sum(R*Z**2)" if shape else "R*Z**2") + " + sum(A @ C)"],
                            shapes=shapes | {"R": shape}, loss="E")


@pytest.mark.parametrize("text", ROWS)
@pytest.mark.parametrize("size", [{"B": 2, "n": 3, "m": 2}, {"B": 1, "n": 2, "m": 1}, {"B": 3, "n": 1, "m": 2}])
def test_every_row_against_its_entries(text, size):
    program, rng = _weighed(text), np.random.default_rng(3)
    values = {s: rng.integers(-999, 999, [int(size.get(str(d), d)) for d in program.shape[s]])/500 for s in program.given}
    whole, one = program + bp.reverse(program, wrt=program.given), bp.entries(program, size)
    exact = (one + bp.reverse(one, wrt=one.given)).evaluate(scalars(values), 30)
    found = whole.evaluate(values, 30)
    for s in program.given:
        for entry, value in scalars({bp.Partial(program.loss, s): found[bp.Partial(program.loss, s)]}).items():
            assert abs(value - exact[entry]) <= 1e-27*max(1, abs(value))


@pytest.mark.parametrize("text", ["max(A, rows)", "max(A, columns)", "min(A, rows)", "min(A, columns)"])
def test_of_several_that_are_as_large_the_first_has_the_gradient(text):
    """As of max(z1, z2, z3) in numbers: numbers of which most come twice, in arrays and in entries, to the last digit."""
    program, size = _weighed(text), {"B": 3, "n": 4, "m": 1}
    rng = np.random.default_rng(5)
    values = {s: rng.integers(0, 2, [int(size.get(str(d), d)) for d in program.shape[s]]) + 0.0 for s in program.given}
    values[bp.symbol("A")][0] = values[bp.symbol("A")][:, 0] = 1
    whole, one = program + bp.reverse(program, wrt="A"), bp.entries(program, size)
    wrt = list(scalars({bp.symbol("A"): values[bp.symbol("A")]}))
    exact = (one + bp.reverse(one, wrt=wrt)).evaluate(scalars(values), 30)
    by_a = bp.Partial(program.loss, bp.symbol("A"))
    for found in (whole.evaluate(values, 30)[by_a], bp.lambdify(whole)(values)[by_a]):
        assert all(value == exact[entry] for entry, value in scalars({by_a: found}).items())


def test_a_stable_softmax_is_what_a_reader_writes():
    """exp(A - max(A, rows)), divided by its sums, against the row of the table at 1000, in value and gradient; by columns too."""
    for by, softmax in (("rows", "softmax(A)"), ("columns", "softmax(A.T).T")):
        lines = [f"S = exp(A - max(A, {by}))", f"P = S/sum(S, {by})", "E = sum(R*P)"]
        mine = bp.Program.parse(lines, shapes={"A": "B, n", "R": "B, n"}, inputs="R", parameters="A", loss="E")
        known = bp.Program.parse([f"P = {softmax}", "E = sum(R*P)"], shapes=mine.shapes, inputs="R", parameters="A",
                                 loss="E")
        rng = np.random.default_rng(1)
        values = {"A": rng.choice([-1000, -3, 0, 2, 1000.0], (4, 5)), "R": rng.normal(size=(4, 5))}
        found, expected = (bp.lambdify(net + bp.reverse(net))(values) for net in (mine, known))
        for name in ("P", "d(E)/d(A)"):
            assert np.allclose(found[name], expected[name], rtol=1e-14, atol=1e-16), (by, name)


# ---- softmax, by SymPy

def _pulled(e):
    """e^(a + b) as a product, and what does not hang on the index of a sum before it."""
    e = sp.expand(e, power_exp=True)
    return e.replace(lambda x: isinstance(x, sp.Sum), lambda x: sp.Mul(*(
        (outer := x.function.as_independent(x.limits[0][0]))[:1]))*sp.Sum(outer[1], *x.limits))


class Shifted:
    """Z - c, c being the same along a row: its maximum, say."""

    shape = (m, n)

    def __getitem__(self, at):
        return Entries(sp.Symbol("Z"), MATRIX)[at] - Entries(sp.Symbol("c"), ROW)[at[:1]]


def test_that_a_row_is_shifted_changes_no_share():
    i, j = sp.symbols("i j", integer=True)
    Z, c = Entries(sp.Symbol("Z"), MATRIX), sp.IndexedBase("c")[i]
    plain, shifted = (softmax_rows.entry(_adder("k"), array)(i, j) for array in (Z, Shifted()))
    assert plain != shifted and sp.powsimp(_pulled(shifted)) == plain
    plain, shifted = (logsumexp_rows.entry(_adder("k"), array)(i, 0) for array in (Z, Shifted()))
    assert _pulled(sp.exp(shifted))*sp.exp(c) == sp.exp(plain)


@pytest.mark.parametrize("convention", ["row", "column"])
def test_the_gradient_of_cross_entropy_is_what_is_missing_to_the_targets(convention):
    """(softmax(Z) - Y)/B exactly, with logits; and with shares, in entries, where the targets of a sample add up to 1."""
    net = bp.dense([2, 3], "identity", "cross_entropy_with_logits", form="matrix", convention=convention)
    found = str(bp.reverse(net)["d(E_total)/d(Yhat)"])
    softmax = "softmax(Yhat)" if convention == "row" else "softmax(Yhat.T).T"
    assert found == f"d(E_total)/d(Yhat) = ({softmax} - Y)/B"
    net = bp.dense([2, 3], "softmax", "cross_entropy", form="matrix", convention=convention)
    whole = bp.entries(net + bp.reverse(net), {"B": 1})
    known = {}
    for e in whole:
        if isinstance(e.lhs, bp.Partial):
            known[e.lhs] = e.rhs.xreplace(known).doit()
    p = {f"Yhat_{i}_{j}": f"Yhat_{j}_{i}" for i in (1, 2, 3) for j in (1,)} if convention == "row" else {}
    name = (lambda stem, j: bp.symbol(f"{stem}_1_{j}")) if convention == "row" else (lambda stem, j: bp.symbol(f"{stem}_{j}_1"))
    by_text = {whole.spelled[s]: s for s in (*whole.given, *whole.defined)}
    z, y, p = ([by_text[str(name(stem, j))] for j in (1, 2, 3)] for stem in ("Z1", "Y", "Yhat"))
    for j in range(3):
        left = known[bp.Partial(net.loss, z[j])] - (p[j] - y[j])
        assert sp.simplify(left.xreplace({y[2]: 1 - y[0] - y[1]})) == 0
