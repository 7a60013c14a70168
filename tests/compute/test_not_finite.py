"""What leaves the finite numbers: NaN goes through every function, and no run ends in one without a word."""
import json
import math
import random
import shutil
import subprocess
from functools import cache

import mpmath
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
from backprop_sym.describe.parser import FUNCTIONS
from tests.compute.test_engines import ENGINES, NO_COMPILER

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
BACKENDS = ["python", "numpy", "mpmath", pytest.param("javascript", marks=NODE), *ENGINES]
FAST = ["python", "numpy", pytest.param("c", marks=NO_COMPILER)]
SEVERAL = ("max", "min", "logsumexp", "mean", "sum")


@cache
def table():
    """{name: a program of one function or loss, and its derivatives}."""
    found = {}
    for name in {**FUNCTIONS, **ACTIVATIONS}:
        call = "softmax(2, z, u, v)" if name == "softmax" else f"{name}(z, u, v)" if name in SEVERAL else f"{name}(z)"
        found[name] = bp.Program.parse([f"E = {call}"])
    for name, loss in LOSSES.items():
        ys, ps = ([bp.symbol(f"{s}{i}") for i in (1, 2)] for s in "yp")
        found[name] = bp.Program(((bp.symbol("E"), loss(ys, ps)),))
    return {name: program + bp.reverse(program, of="E", wrt=program.given) for name, program in found.items()}


def calls(program):
    """Arguments with NaN in each place in turn: [(the symbol, the arguments)]."""
    return [(s, [math.nan if other == s else 0.3 + i/10 for i, other in enumerate(program.given)]) for s in program.given]


def must_be_nan(program, s):
    """The quantities that depend on s: all whose equation holds it, in the value of the function or a derivative."""
    reached = {s}
    for e in program:
        if e.rhs.free_symbols & reached:
            reached.add(e.lhs)
    return reached & set(program.defined)


@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("backend", BACKENDS)
def test_nan_goes_through_every_function(backend, arrays, tmp_path):
    if arrays and backend not in ("numpy", "jax"):
        pytest.skip("no arrays")
    for name, program in table().items():
        for (s, arguments), results in zip(calls(program), computed(program, backend, arrays, tmp_path), strict=True):
            found = dict(zip(program.defined, results, strict=True))
            own = bp.symbol("E"), bp.symbol(f"d(E)/d({s})")
            for q in own:
                if q in must_be_nan(program, s) and q in dependent(name, program, s):
                    value = np.array(found[q], dtype=float)
                    assert np.isnan(value).all(), (name, s, q, value)
            assert np.isnan(np.array(found[own[0]], dtype=float)).all(), (name, s, arguments)


def dependent(name, program, s):
    """The value, and the derivative by s where it is written with s: that of a sum, or of -y*log(p) by y, is not."""
    return {e.lhs for e in program if s in e.rhs.free_symbols} | {bp.symbol("E")}


def computed(program, backend, arrays, folder):
    """The results for each list of arguments, NaN among them: which no reader can give, so no check is asked."""
    f = bp.lambdify(program, backend)
    if backend == "javascript":
        return in_node(f.source, [arguments for _, arguments in calls(program)], folder)
    kind = mpmath.mpf if backend == "mpmath" else (lambda v: np.full(3, v)) if arrays else float
    return [f.compute(*map(kind, arguments)) for _, arguments in calls(program)]


def in_node(source, given, folder):
    (folder / "made.mjs").write_text(source, encoding="utf-8")
    (folder / "call.mjs").write_text(
        'import {program} from "./made.mjs";\nimport {readFileSync} from "node:fs";\n'
        "const given = JSON.parse(readFileSync(0)).map(row => row.map(x => x === null ? NaN : x));\n"
        "console.log(JSON.stringify(given.map(row => program(...row))));\n")
    text = json.dumps([[None if math.isnan(v) else v for v in row] for row in given])
    result = subprocess.run([shutil.which("node"), "call.mjs"], input=text, capture_output=True, text=True, cwd=folder,
                            check=True)
    return [[math.nan if v is None else v for v in row] for row in json.loads(result.stdout)]


def test_nan_in_an_array_stays_in_its_place():
    for name, program in table().items():
        values = [np.array([0.3 + i/10, math.nan, 0.7 - i/10]) for i in range(len(program.given))]
        found = bp.lambdify(program, "numpy").compute(*values)[0]
        assert np.isnan(found).tolist() == [False, True, False], name


# ---- no run ends in a number that is none

OPTIMIZERS = [bp.GradientDescent(), bp.Momentum(), bp.Nesterov(), bp.RMSProp(), bp.Adam(), bp.AdamW()]


def run(seed, backend):
    """A random training, often with rates and numbers far too large: (its History, what was said)."""
    rng = random.Random(f"run {seed}")
    loss = rng.choice([name for name in LOSSES if name not in ("binary_cross_entropy", "cross_entropy")])
    names = [name for name in ACTIVATIONS if name != "softmax"]
    net = bp.dense([2, 2, 2], [rng.choice(names), rng.choice(names)], loss)
    targets, large = {"hinge": (1, -1)}.get(loss, (0.25, 0.75)), 10**rng.uniform(-1, rng.choice([1, 3, 160]))
    samples = [{"x1": rng.gauss(0, 1)*large, "x2": rng.gauss(0, 1), "y1": targets[0], "y2": targets[1]}
               for _ in range(rng.choice([1, 3]))]
    start = {net.spelled[p]: rng.gauss(0, 1)*10**rng.uniform(-1, rng.choice([1, 150])) for p in net.parameters}
    settings = {"learning_rate": 10**rng.uniform(-3, rng.choice([1, 5, 200])), "epochs": rng.choice([5, 40]),
                "batch": rng.choice([None, 1]), "every": rng.choice([1, 7]), "reduce": rng.choice(["mean", "sum"])}
    try:
        return bp.fit(net, start, samples, rng.choice(OPTIMIZERS), backend=backend, progress=False, **settings), ""
    except FloatingPointError as error:
        return error.history, str(error)


@pytest.mark.parametrize(("backend", "seeds"), [("python", range(120)), ("numpy", range(120, 360)),
                                               pytest.param("c", range(12), marks=NO_COMPILER)])
def test_no_run_ends_in_a_number_that_is_none(backend, seeds):
    """A History holds finite numbers alone; where a run left them, the error says so, and holds what was before."""
    diverged = 0
    for seed in seeds:
        history, said = run(seed, backend)
        for values in (history.loss, *history.values.values()):
            assert np.isfinite(np.asarray(values, dtype=float)).all(), seed
        assert repr(history).startswith("History of")
        assert not said or "diverged: at epoch" in said and "is not finite" in said
        diverged += bool(said)
    assert 0.2 < diverged/len(seeds) < 0.8


def test_backends_diverge_together():
    for seed in range(30):
        (one, said), (many, too) = run(seed, "python"), run(seed, "numpy")
        assert said == too and len(one.epochs) == len(many.epochs), (seed, said, too)


LINE = bp.dense([1, 1], "identity")


@pytest.mark.parametrize("backend", FAST)
def test_the_sum_over_samples_alone_overflows(backend):
    samples = [{"x1": 1, "y1": 1.3e154}]*3
    with pytest.raises(FloatingPointError, match="epoch 0 E_total, taken over all samples, is not finite"):
        bp.fit(LINE, {"w1": 0, "b1": 0}, samples, epochs=3, backend=backend, reduce="sum", learning_rate=1e-300)


@pytest.mark.parametrize("backend", FAST)
def test_a_large_residual_is_no_overflow_for_huber(backend):
    """It is linear far out: no square is taken there, which Python would refuse."""
    net = bp.dense([1, 1], "identity", "huber")
    history = bp.fit(net, {"x1": 1, "y1": 1, "w1": 1e160, "b1": 0}, epochs=3, backend=backend)
    assert history.loss[-1] == 1e160 and np.isfinite(history.values["w1"]).all()


def test_memory_alone_may_leave_the_numbers():
    """The loss is finite, and what the optimizer remembers is not."""
    program = bp.Program.parse(["p = w*x", "E = relu(p)/1e300"], inputs="x", parameters="w", loss="E")
    with pytest.raises(FloatingPointError, match="is not finite") as error:
        bp.fit(program, {"w": -1, "x": 1e200}, optimizer=bp.RMSProp(), epochs=5, learning_rate=1e200,
               samples=[{"x": 1e200}, {"x": -1e300}], batch=1, progress=False)
    assert all(np.isfinite(v).all() for v in error.value.history.values.values())


@pytest.mark.parametrize("backend", FAST)
def test_nothing_warns(backend):
    """Warnings are errors in these tests."""
    net = bp.dense([2, 2, 2], "identity", "squared_error")
    values = {f"w{i}": 0.5 for i in range(1, 9)} | {f"b{i}": 1 for i in range(1, 5)}
    sample = {"x1": 1, "x2": 2, "y1": 1, "y2": 0}
    with pytest.raises(FloatingPointError):
        bp.fit(net, {**values, **sample}, learning_rate=1e200, epochs=10, backend=backend)
    with pytest.raises(FloatingPointError):
        bp.fit(net, values, [sample, sample], learning_rate=1e200, epochs=10, backend=backend)
    found = bp.lambdify(net + bp.reverse(net), backend)({**values, **sample, "w1": 1e200, "w5": 1e200})
    assert found["E_total"] == math.inf
    grid = bp.landscape(net, {**values, **sample}, {"w1": [0, 1e200], "w5": [1, 1e200]}, backend=backend)
    assert grid.tolist()[1][1] == math.inf and np.isfinite(grid[0, 0])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("lines", "values", "expected"), [
    (["a = exp(x)", "b = 1/(1 + a)"], {"x": 1000}, [math.inf, 0]),
    (["r = x**2", "s = 1/r - 1", "t = r*(s + 1)"], {"x": 1e160}, [math.inf, -1, math.nan]),
    (["a = 1/x"], {"x": 0}, [math.inf]), (["a = log(x)"], {"x": 0}, [-math.inf]), (["a = log(x)"], {"x": -1}, [math.nan]),
    (["a = sqrt(x)"], {"x": -1}, [math.nan]), (["a = x**3", "b = a + 1"], {"x": -1e160}, [-math.inf, -math.inf]),
    (["a = x*1e400"], {"x": 1}, [math.inf]), (["a = x + 1e400"], {"x": 1}, [math.inf])])
def test_what_leaves_the_floats_is_the_same_everywhere(backend, lines, values, expected):
    program = bp.Program.parse(lines)
    if backend in ("mpmath", "javascript"):
        pytest.skip("mpmath has no such bounds; JavaScript is run elsewhere")
    if backend == "jax" and any(abs(v) > 1e38 for v in values.values()):
        pytest.skip("in the precision that JAX is set to")
    assert list(bp.lambdify(program, backend)(values).values()) == pytest.approx(expected, nan_ok=True)


def test_mpmath_names_what_cannot_be_computed():
    with pytest.raises(ZeroDivisionError, match="'b' cannot be computed"):
        bp.Program.parse(["a = x - 1", "b = 3/a", "c = b + 1"]).evaluate({"x": 1})
