"""The compiled backends: the numbers of Python for every shape of loop; C where a compiler is, the others where installed."""
import importlib.util
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.compute.run.compilers import CBackend, NumbaBackend
from backprop_sym.compute.same import forget
from backprop_sym.compute.trainer import Trainer
from tests.oracles import MPMATH, SOURCE

NET = bp.dense([2, 2, 2])
SMALL = bp.dense([2, 3, 2], ["gelu", "softmax"], "cross_entropy")
START = {s.name: random.Random(4).uniform(-1, 1) + i/50 for i, s in enumerate(SMALL.parameters)}
SAMPLES = [{"x1": 0.1*k, "x2": -0.3*k + 0.5, "y1": k/6, "y2": 1 - k/6} for k in range(7)]


def missing(module, hint):
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{hint}: `make oracle` installs it and runs this")


NO_COMPILER = pytest.mark.skipif(not any(map(shutil.which, CBackend.COMPILERS)), reason="there is no C compiler")
ENGINES = [pytest.param("c", marks=NO_COMPILER), pytest.param("numba", marks=missing("numba", "Numba is not installed")),
           pytest.param("jax", marks=missing("jax", "JAX is not installed"))]
os.environ.setdefault("JAX_ENABLE_X64", "1")


@pytest.mark.parametrize("backend", ENGINES)
@pytest.mark.parametrize("net", [NET, SMALL, bp.dense([2, 2, 2], ["relu", "identity"], "huber"), bp.penalize(NET, "l", "m"),
                                 bp.dense([2, 2, 2], ["silu", "identity"], "cross_entropy_with_logits")],
                         ids=["source", "softmax", "huber", "penalised", "logits"])
def test_every_quantity(net, backend):
    step = bp.step(net)
    values = {s.name: 0.1 + 0.05*i for i, s in enumerate(step.given)} | {"y1": 0.25, "y2": 0.75}
    ours, theirs = bp.lambdify(step)(values), bp.lambdify(step, backend)(values)
    assert list(ours) == list(theirs)
    for name, value in ours.items():
        assert float(theirs[name]) == pytest.approx(value, rel=1e-13, abs=1e-16)


@pytest.mark.parametrize("backend", ENGINES)
@pytest.mark.parametrize("name", sorted(MPMATH))
def test_activations_far_out(name, backend):
    """The same values and slopes as Python's, which mpmath has checked, as far as 1000 on both sides."""
    program = bp.Program.parse([f"a = {name}(z)"])
    program += bp.reverse(program, of="a", wrt=["z"])
    ours, theirs = bp.lambdify(program), bp.lambdify(program, backend)
    for z in (-1000, -709.8, -37, -5, -0.3, 0, 0.3, 5, 37, 709.8, 1000):
        for key, value in ours({"z": z}).items():
            assert float(theirs({"z": z})[key]) == pytest.approx(value, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("backend", ENGINES)
@pytest.mark.parametrize("settings", [
    {}, {"batch": 3}, {"batch": 1, "seed": 1}, {"batch": 3, "seed": 2, "every": 7}, {"reduce": "sum", "every": 5},
    {"optimizer": bp.Adam(), "schedule": bp.CosineDecay(50)}], ids=range(6))
def test_every_loop(settings, backend):
    ours, theirs = (bp.fit(SMALL, START, SAMPLES, learning_rate=0.3, epochs=22, backend=b, **settings)
                    for b in ("python", backend))
    assert list(ours.epochs) == list(theirs.epochs)
    assert theirs.loss == pytest.approx(ours.loss, rel=1e-12)
    for name, values in ours.values.items():
        assert theirs.values[name] == pytest.approx(values, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("backend", ENGINES)
def test_one_sample_and_divergence(backend):
    ours, theirs = (bp.fit(NET, SOURCE, epochs=200, backend=b) for b in ("python", backend))
    assert theirs.loss == pytest.approx(ours.loss, rel=1e-14)
    line = bp.dense([1, 1], "identity")
    with pytest.raises(FloatingPointError, match="E_total is not finite") as error:
        bp.fit(line, {"x1": 2, "y1": 1, "w1": 0, "b1": 0}, learning_rate=0.9, epochs=5000, backend=backend)
    assert len(error.value.history.loss) > 100 and np.isfinite(error.value.history.loss).all()


@NO_COMPILER
def test_the_c_file_stands_alone(tmp_path):
    """The source with a main of its own, compiled with warnings as errors, prints what Python computes."""
    f = bp.lambdify(NET + bp.reverse(NET), "c")
    values = [float(SOURCE[s.name]) for s in f.program.given]
    main = f"""#include <stdio.h>
int main(void) {{
    double given[] = {{{', '.join(map(repr, values))}}}, found[{len(f.program)}];
    program(given, found);
    for (int i = 0; i < {len(f.program)}; i++) printf("%.17g\\n", found[i]);
    return 0;
}}
"""
    (tmp_path / "whole.c").write_text(f.source + main)
    compiler = next(filter(None, map(shutil.which, CBackend.COMPILERS)))
    subprocess.run([compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", "whole.c", "-o", "whole", "-lm"], cwd=tmp_path,
                   check=True)
    printed = subprocess.run([tmp_path / "whole"], capture_output=True, text=True, check=True).stdout.split()
    expected = bp.lambdify(NET + bp.reverse(NET))(SOURCE)
    assert [float(p) for p in printed] == pytest.approx(list(expected.values()), rel=1e-15)


def test_c_is_readable_without_a_compiler(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    f = bp.lambdify(bp.dense([1, 2], "tanh"), "c")
    assert "const double x1 = given[0];" in f.source and "double a_z1" not in f.source
    assert "double z1 = x1*w1 + b1;" in f.source
    with pytest.raises(OSError, match="expected a C compiler"):
        f({s.name: 0.5 for s in f.program.given})


@pytest.mark.parametrize(("backend", "module", "extra"), [("numba", "numba", "fast"), ("jax", "jax", "jax")])
def test_a_backend_that_is_not_installed(backend, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    forget()                                            # another test may have compiled the same source
    with pytest.raises(ImportError, match=rf'needs {module}: pip install "backprop_sym\[{extra}\]"'):
        bp.lambdify(NET, backend)({**SOURCE})


@pytest.mark.parametrize("backend", ["python", "numpy", *ENGINES])
def test_names_that_a_language_has_for_itself(backend):
    """NAN is a macro of C; before, z_t0 and first are what generated code calls its own."""
    program = bp.Program.parse(["z = NAN*before + z_t0", "a = sigmoid(z)", "E = (a - first)**2/2"], inputs="before",
                               targets="first", parameters="NAN z_t0", loss="E")
    values = {"NAN": 0.5, "before": 0.3, "z_t0": 0.1, "first": 1}
    found = bp.fit(program, values, learning_rate=0.5, epochs=5, backend=backend).loss
    assert found == pytest.approx(bp.fit(program.rename({"NAN": "w", "before": "x", "z_t0": "b", "first": "y"}), {
        "w": 0.5, "x": 0.3, "b": 0.1, "y": 1}, learning_rate=0.5, epochs=5).loss, rel=1e-12)


@pytest.mark.parametrize("backend", ENGINES)
def test_online_updates_on_every_engine(backend):
    step, start = bp.step(SMALL), {**START, "eta": 0.1}
    ours, theirs = (Trainer(step, start, SAMPLES, backend=name) for name in ("python", backend))
    for name, value in ours.updates(ours.state, 0, 9, True).items():
        assert theirs.updates(theirs.state, 0, 9, True)[name] == pytest.approx(value, rel=1e-12, abs=1e-15)


@missing("jax", "JAX is not installed")
def test_jax_compiles_a_number_of_epochs_once(caplog):
    import jax
    trainer = Trainer(bp.step(SMALL), {**START, "eta": 0.1}, SAMPLES, backend="jax")
    compiled = []
    for _ in range(2):
        caplog.clear()
        with jax.log_compiles():
            trainer.run(trainer.state, 7, every=3)
        compiled.append("Compiling jit(run)" in caplog.text)
    assert compiled == [True, False]


@missing("numba", "Numba is not installed")
def test_what_numba_would_take_too_long_for(monkeypatch):
    monkeypatch.setattr(NumbaBackend, "MOST", 50)
    forget()
    with pytest.raises(ValueError, match="at most 50 statements.*use backend='numpy'"):
        bp.fit(SMALL, START, SAMPLES, epochs=1, backend="numba")


@NO_COMPILER
def test_what_c_would_take_too_long_for(monkeypatch):
    """It is refused before a compiler is called; the source is there all the same."""
    monkeypatch.setattr(CBackend, "MOST", 50)
    monkeypatch.setattr(CBackend, "library", None)
    forget()
    f = bp.lambdify(bp.step(SMALL), "c")
    assert f.source.startswith("#include <math.h>")
    for call in (lambda: f.compute(*[0.1]*len(f.program.given)), lambda: bp.fit(SMALL, START, SAMPLES, epochs=1, backend="c")):
        with pytest.raises(ValueError, match="'c': expected a program of at most 50 statements.*compile .source elsewhere"):
            call()
    forget()


SHARDED = """
import jax, numpy as np
import backprop_sym as bp
from jax.sharding import Mesh, NamedSharding, PartitionSpec
assert len(jax.devices()) == 8
jax.config.update("jax_enable_x64", True)
net = bp.dense([2, 3, 1], ["tanh", "sigmoid"])
f = bp.lambdify(net + bp.reverse(net), "jax")
rng = np.random.default_rng(0)
columns = {n: rng.normal(size=64) for n in ("x1", "x2", "y1")}
start = {p.name: rng.normal() for p in net.parameters}
mesh = Mesh(np.array(jax.devices()), ("batch",))
split = NamedSharding(mesh, PartitionSpec("batch"))
names, results = [s.name for s in f.program.given], [s.name for s in f.program.defined]

@jax.jit
def step(w, columns):
    found = dict(zip(results, f.compute(*[{**w, **columns}[n] for n in names])))
    return {p: w[p] - 0.5*found[f"d(E_total)/d({p})"].mean() for p in w}, found["E_total"].mean()

w, losses = start, []
placed = {n: jax.device_put(c, split) for n, c in columns.items()}
assert len(placed["x1"].addressable_shards) == 8
for _ in range(50):
    w, loss = step(w, placed)
    losses.append(float(loss))
whole = bp.fit(net, start, columns, learning_rate=0.5, epochs=50, backend="numpy")
assert np.abs(whole.loss[:-1] - losses).max() < 1e-12, np.abs(whole.loss[:-1] - losses).max()
grad = jax.grad(lambda w: f.compute(*[{**w, **columns}[n] for n in names])[results.index("E_total")].mean())(start)
assert all(abs(float(grad[p]) - (start[p] - whole.values[p][1])/0.5) < 1e-12 for p in start)
print("equal")
"""


@missing("jax", "JAX is not installed")
def test_a_batch_over_eight_devices():
    """jit, grad and sharding come from JAX: 50 steps, the batch over 8 simulated devices, and the losses of NumPy."""
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    result = subprocess.run([sys.executable, "-c", SHARDED], capture_output=True, text=True, env=environment,
                            cwd=Path(bp.__file__).parent.parent)
    assert result.stdout.strip() == "equal", result.stderr[-2000:]


@missing("jax", "JAX is not installed")
def test_vmap_of_the_program():
    import jax
    f = bp.lambdify(NET, "jax")
    rates = np.linspace(-1, 1, 5)
    given = [float(SOURCE[s.name]) for s in f.program.given]
    position = [s.name for s in f.program.given].index("w5")
    each = jax.vmap(lambda w5: f.compute(*given[:position], w5, *given[position + 1:])[-1])(rates)
    assert np.asarray(each) == pytest.approx(bp.lambdify(NET, "numpy")({**SOURCE, "w5": rates})["E_total"], rel=1e-14)
