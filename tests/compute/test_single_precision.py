"""JAX as it comes, in single precision: each test is a process, for JAX's precision is set once."""
import importlib.util
import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None,
                                reason="JAX is not installed: `make oracle` installs it and runs this")
ALL = """
import json, math
import numpy as np
import backprop_sym as bp
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
"""


def in_single_precision(code):
    """What the code prints last, where JAX has its default precision."""
    environment = {**os.environ, "JAX_ENABLE_X64": "0", "JAX_PLATFORMS": "cpu"}
    result = subprocess.run([sys.executable, "-W", "error", "-c", ALL + code], capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout.splitlines()[-1])


def test_stable_forms_far_out():
    """Values and slopes of every activation, as far as 1000 on both sides, are those of doubles, to seven digits."""
    for name, z, ours, theirs in in_single_precision("""
rows = []
for name in ACTIVATIONS:
    if name != "softmax":
        program = bp.Program.parse([f"a = {name}(z)"])
        program += bp.reverse(program, of="a", wrt=["z"])
        f, g = bp.lambdify(program), bp.lambdify(program, "jax")
        for z in (-1000, -355, -104, -90, -88, -87, -20, -5, -0.3, 0, 0.3, 5, 20, 87, 88, 90, 104, 355, 1000):
            rows.append((name, z, list(f({"z": z}).values()), [float(v) for v in g({"z": z}).values()]))
print(json.dumps(rows))
"""):
        assert theirs == pytest.approx(ours, rel=2e-5, abs=1e-34), (name, z)      # exp in single precision has five digits at -87


def test_training_far_out():
    """Weights at which the slopes of doubles' form overflow: a run, not a divergence."""
    said = in_single_precision("""
said = []
for name in ("sigmoid", "silu", "gelu", "softplus", "tanh"):
    net = bp.dense([1, 1, 1], [name, "identity"])
    h = bp.fit(net, {"x1": 1, "y1": 1, "w1": -90, "b1": 0, "w2": 0.5, "b2": 0}, epochs=20, backend="jax")
    said.append((repr(h), float(h.loss[-1]), repr(h.at(20))))
print(json.dumps(said))
""")
    for text, loss, _ in said:
        assert text.startswith("History of 20 epochs") and 0 <= loss < 1.125


@pytest.mark.parametrize("loss", ["half_squared_error", "huber", "hinge", "cross_entropy_with_logits",
                                  "binary_cross_entropy_with_logits", "cross_entropy"])
def test_every_loss_trains(loss):
    ours, theirs = in_single_precision(f"""
net = bp.dense([2, 2, 2], ["tanh", "softmax" if {loss!r} == "cross_entropy" else "identity"], {loss!r})
targets = (1, -1) if {loss!r} == "hinge" else (0.25, 0.75)
samples = [{{"x1": x, "x2": 0.5, "y1": targets[0], "y2": targets[1]}} for x in (1, -1)]
start = {{net.spelled[p]: 0.3 - 0.05*i for i, p in enumerate(net.parameters)}}
runs = [bp.fit(net, start, samples, bp.Adam(), 0.05, epochs=30, every=7, backend=b, batch=1) for b in ("python", "jax")]
assert all(map(repr, runs))
print(json.dumps([[float(v) for v in r.loss] for r in runs]))
""")
    assert theirs == pytest.approx(ours, rel=1e-4, abs=1e-6)


def test_numbers_of_any_size_and_kind():
    found = in_single_precision("""
f = bp.lambdify(bp.Program.parse(["q = 1", "r = q/3", "a = 3000000000*x", "b = a + 12345678901234567890", "s = step(x)/3",
                                  "t = s**-2", "u = max(2, 3)/7"]), "jax")
print(json.dumps([np.broadcast_to(v, 2).astype(float).tolist() for kind in ("int32", "float32", "float16")
                  for v in f({"x": np.array([1, 2], dtype=kind)}).values()]))
""")
    expected = [[1, 1], [1/3]*2, [3e9, 6e9], [12345678904234567890, 12345678907234567890], [1/3]*2, [9, 9], [3/7]*2]*3
    for ours, theirs in zip(expected, found, strict=True):
        assert theirs == pytest.approx(ours, rel=1e-6)


def test_divergence_and_landscapes():
    said, grid = in_single_precision("""
net = bp.dense([1, 1], "identity")
try:
    bp.fit(net, {"x1": 1, "y1": 1, "w1": 3, "b1": 0}, learning_rate=1e30, epochs=50, backend="jax")
except FloatingPointError as error:
    said = str(error), repr(error.history)
grid = bp.landscape(bp.dense([1, 1]), {"x1": 1, "y1": 1}, {"w1": [-100, 0, 100], "b1": [-100, 0, 1]}, backend="jax")
print(json.dumps([said, grid.tolist()]))
""")
    assert "diverged" in said[0] and "History of" in said[1]
    assert grid[0] == [0.5, 0.5, 0.5] and grid[1][1] == 0.125
