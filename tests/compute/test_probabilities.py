"""Losses of probabilities that are rounded to 0 or 1: value and gradient against mpmath by hand, in every form and language."""
import mpmath
import numpy as np
import pytest
import sympy as sp

import backprop_sym as bp
from backprop_sym.compute.plan.probabilities import FORMS, of_sums
from tests.compute.test_engines import ENGINES
from tests.compute.test_javascript import called, needs_node
from tests.oracles import MPMATH_LOSSES, softmax

LOSS = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}
SUMS = [(0.3, -1.2, 0.7), (20, 0, -20), (40, 39.5, -3), (1000, 0, 0), (0, 0, 1000), (-1000, 1000, 0), (-5000, 3, 3)]
TARGETS = [(1, 0, 0), (0, 0, 1), (0.25, 0.25, 0.5)]


def by_hand(kind, zs, ys):
    """(the loss, its derivatives by the sums), with so many digits that no probability is 0 or 1."""
    with mpmath.workdps(1000 if max(map(abs, zs)) <= 1000 else 5000):
        zs, ys = list(map(mpmath.mpf, zs)), list(map(mpmath.mpf, ys))
        ps = softmax(zs) if kind == "softmax" else [1/(1 + mpmath.exp(-z)) for z in zs]
        return float(MPMATH_LOSSES[LOSS[kind]](ys, ps)), [float(p*(sum(ys) if kind == "softmax" else 1) - y)
                                                          for p, y in zip(ps, ys, strict=True)]


def agree(found, expected):
    """Numbers agree to rounding: 1 - p has the error of p."""
    assert np.ravel(found) == pytest.approx(np.ravel(expected), rel=1e-14, abs=3e-16)


@pytest.mark.parametrize("ys", TARGETS, ids=str)
@pytest.mark.parametrize("zs", SUMS[:-1], ids=str)
@pytest.mark.parametrize("backend", ["python", "numpy", "mpmath", *ENGINES])
@pytest.mark.parametrize("kind", LOSS)
def test_in_numbers(kind, backend, zs, ys):
    net = bp.dense([1, 3], kind, LOSS[kind])
    values = {"x1": 1, **{f"w{i}": z for i, z in enumerate(zs, 1)}, **{f"b{i}": 0 for i in (1, 2, 3)},
              **{f"y{i}": y for i, y in enumerate(ys, 1)}}
    loss, slopes = by_hand(kind, zs, ys)
    with np.errstate(all="ignore"):                        # dE/dp = -y/p itself leaves the floats
        found = bp.lambdify(net + bp.reverse(net), backend)(values)
    agree(float(found["E_total"]), loss)
    agree([float(found[f"d(E_total)/d({s}{i})"]) for s in "zwb" for i in (1, 2, 3)], slopes*3)


@pytest.mark.parametrize("convention", ["row", "column"])
@pytest.mark.parametrize("kind", LOSS)
@pytest.mark.parametrize("backend", ["numpy", "evaluate", pytest.param("javascript", marks=needs_node), "jax"])
def test_in_arrays(kind, convention, backend, tmp_path):
    """All samples at once; the last sums are so far apart that no probability would do in mpmath either."""
    if backend == "jax":
        pytest.importorskip("jax", reason="JAX is not installed: `make oracle` installs it and runs this").config.update(
            "jax_enable_x64", True)
    cases = [(zs, ys) for zs in (SUMS if backend != "evaluate" else SUMS[:-1]) for ys in TARGETS]
    X, Y = (np.array(part, dtype=float) for part in zip(*cases, strict=True))
    net = bp.dense([3, 3], kind, LOSS[kind], form="matrix", convention=convention)
    turned = (lambda a: a.T) if convention == "column" else (lambda a: a)
    values = {"X": turned(X), "Y": turned(Y), "W1": np.eye(3), "b1": np.zeros((3, 1) if convention == "column" else 3)}
    program = net + bp.reverse(net)
    if backend == "evaluate":
        found = program.evaluate(values, 40)
    elif backend == "javascript":
        names = [s.name for s in program.given]
        (results, _), = called(tmp_path, bp.lambdify(program, backend).source, "program", [[
            np.ravel(values[name]).tolist() for name in names]])
        found = {program.spelled[s]: np.reshape(list(r.values()) if isinstance(r, dict) else r, [
            len(X) if n.is_Symbol else int(n) for n in program.shape[s]]) for s, r in zip(program.defined, results, strict=True)}
    else:
        with np.errstate(all="ignore"):
            found = bp.lambdify(program, backend)(values)
    losses, slopes = zip(*(by_hand(kind, *case) for case in cases), strict=True)
    agree(float(found["E_total"]), sum(losses)/len(cases))
    agree(turned(np.asarray(found["d(E_total)/d(Z1)"], dtype=float)), np.array(slopes)/len(cases))
    assert np.isfinite(np.asarray(found["d(E_total)/d(W1)"], dtype=float)).all()


@pytest.mark.parametrize("form", ["scalar", "matrix"])
@pytest.mark.parametrize("kind", LOSS)
def test_a_training_that_begins_far_out_comes_back(kind, form):
    """Weights that say 1000 for what is 0: no probability is more than 0 there, and the gradient still points home."""
    net = bp.dense([2, 2], kind, LOSS[kind], form=form)
    if form == "scalar":
        start = {"w1": 1000, "w2": -1000, "w3": -1000, "w4": 1000, "b1": 0, "b2": 0}
        samples = {"x1": [1, 0], "x2": [0, 1], "y1": [0, 1], "y2": [1, 0]}
    else:
        start = {"W1": np.array([[1000.0, -1000], [-1000, 1000]]), "b1": np.zeros(2)}
        samples = {"X": np.eye(2), "Y": np.eye(2)[::-1]}
    history = bp.fit(net, start, samples, learning_rate=100.0, epochs=60)
    assert history.loss[0] == 2000 and history.loss[-1] < 1e-6


# Equations of probabilities, and what is made of them: z of any size, y given.
WRITTEN = [
    ["p = sigmoid(z)", "E = -y*log(p) - (1 - y)*log(1 - p)"], ["E = -y*log(sigmoid(z))"],
    ["p = sigmoid(z)", "E = -y*(1 - p)**2*log(p)"], ["p = sigmoid(z)", "l = log(p)", "E = y*l - l**2"],
    ["p = sigmoid(z)", "q = p", "E = log(1 - q)"], ["p = sigmoid(z)", "E = p*log(p) + (1 - p)*log(1 - p)"],
    ["p = sigmoid(z)", "E = y*p/(1 - p)"], ["p = sigmoid(z)", "o = log(p/(1 - p))", "E = y*o**2"],
    ["p = softmax(1, z, u)", "q = softmax(2, z, u)", "E = -y*log(p) - (1 - y)*log(q)"],
    ["p = softmax(1, z, u)", "q = softmax(2, z, u)", "E = p*log(p) + q*log(q)"],
    ["p = softmax(2, z, u, y)", "E = log(p) + 1/p"],
]


@pytest.mark.parametrize("lines", WRITTEN, ids=str)
@pytest.mark.parametrize("z", [-3.5, 0.25, 8])
def test_what_is_computed_is_what_is_written(lines, z):
    """Where nothing is rounded away both are the same, and so is the second derivative."""
    net = bp.Program.parse(lines)
    first = net + bp.reverse(net, of="E", wrt=["z"])
    whole = first + bp.reverse(first, of="d(E)/d(z)", wrt=["z"])
    values = {s: v for s, v in zip(map(bp.symbol, "zuy"), (z, 0.5, 0.3), strict=True) if s in net.given}
    with mpmath.workdps(60):
        known = {s: mpmath.mpf(v) for s, v in values.items()}
        for e in whole:
            rhs = e.rhs.replace(lambda x: hasattr(x, "doit") and type(x).__name__ == "Faces", lambda x: x.args[0])
            written = rhs.doit().replace(lambda x: hasattr(x, "definition"), lambda x: x.definition)
            known[e.lhs] = mpmath.mpf(written.doit().xreplace(
                {s: bp.parse(mpmath.nstr(v, 50)) for s, v in known.items()}).replace(
                    lambda x: hasattr(x, "definition"), lambda x: x.definition).evalf(50))
    found = bp.lambdify(whole)(values)
    for s in whole.defined:
        assert found[whole.spelled[s]] == pytest.approx(float(known[s]), rel=1e-11, abs=1e-12), s


@pytest.mark.parametrize("line", [
    "E = -sum(log(P))", "E = -sum(c*log(P))", "E = -sum(c*log(P.T).T)", "E = sum(Y/P)", "E = -sum(log(mean(P, columns)))",
    "E = -sum(Y*log(softmax(Z)))", "E = -sum(reshape(Y, n, B)*log(reshape(P, n, B)))", "E = sum(sum(log(P), rows)**2)"])
def test_what_cancels_had_a_shape(line):
    """Of arrays that are repeated to fit, the gradient is that of the entries."""
    net = bp.Program.parse(["P = softmax(Z)", line], shapes={"Z": "B, n", "Y": "B, n", "c": "n"})
    values = {s.name: np.random.default_rng(2).normal(size=[{"B": 3, "n": 4}[str(n)] for n in net.shape[s]]) for s in net.given}
    whole = net + bp.reverse(net, of="E", wrt=["Z"])
    found, exact = bp.lambdify(whole)(values), whole.evaluate(values, 30)
    for name in ("E", "d(E)/d(Z)"):
        assert np.allclose(found[name], np.asarray(exact[name], dtype=float), rtol=1e-12, atol=1e-12)
    assert bp.gradcheck(net._with(net.equations, loss=bp.symbol("E")), values, wrt=["Z"]).ok


def test_what_is_known_of_probabilities():
    """The logarithm and what is missing to 1, in the forms that are computed, against the definition at 40 digits."""
    z, u = bp.symbol("z"), bp.symbol("u")
    at = {z: bp.parse("5/3"), u: bp.parse("-7/4")}
    calls = {bp.sigmoid: (z,), bp.softmax: (bp.parse("1"), z, u)}
    for name, known in FORMS.items():
        for function, form in known.items():
            if function in calls:
                value = function(*calls[function]).definition.xreplace(at).evalf(40)
                found = form(*calls[function])
                for written in (lambda x: x.definition, lambda x: x.rule.stable(*x.args)):
                    e = found.replace(lambda x: hasattr(x, "definition"), written)
                    e = e.replace(lambda x: type(x).__name__ == "top", lambda x: x.args[0]).xreplace(at)
                    assert abs(e.evalf(40) - (sp.log(value) if name == "logarithm" else 1 - value)) < 1e-35, function


def test_a_program_without_probabilities_stays_as_it_is():
    net = bp.dense([2, 3, 2], "tanh")
    whole = net + bp.reverse(net)
    assert of_sums(whole) is whole or of_sums(whole) == whole
    deep = bp.dense([2, 3, 2], ["sigmoid", "tanh"])
    assert of_sums(deep + bp.reverse(deep)) == deep + bp.reverse(deep)
