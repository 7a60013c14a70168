"""JavaScript: the module that ``lambdify`` writes, run by Node.js where it is present, has the numbers of Python."""
import json
import random
import shutil
import subprocess

import pytest

import backprop_sym as bp
from backprop_sym.compute.trainer import Trainer
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
from tests.oracles import SOURCE, output_for

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
NET = bp.dense([2, 2, 2])
NETWORKS = {name: bp.dense([2, 3, 2], [name, "identity"]) for name in ACTIVATIONS if name != "softmax"} | {
    f"{name} of a loss": bp.dense([2, 3, 2], ["tanh", output_for(name, "identity")], name) for name in LOSSES}


def called(folder, source, function, calls):
    """What a function of a module returns for each list of arguments, and these after the call."""
    (folder / "made.mjs").write_text(source, encoding="utf-8")
    (folder / "call.mjs").write_text(
        f'import {{{function}}} from "./made.mjs";\nimport {{readFileSync}} from "node:fs";\n'
        f'const given = JSON.parse(readFileSync(0));\nconsole.log(JSON.stringify(given.map(x => [{function}(...x), x])));\n')
    result = subprocess.run([NODE, "call.mjs"], input=json.dumps(calls), capture_output=True, text=True, cwd=folder)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def values_of(net, seed):
    rng = random.Random(seed)
    values = {net.spelled[s]: rng.uniform(-2, 2) for s in net.given}
    return {**values, "y1": 0.25, "y2": 0.75}


@needs_node
@pytest.mark.parametrize("name", NETWORKS)
def test_every_activation_and_loss(name, tmp_path):
    net = NETWORKS[name]
    program = net + bp.reverse(net)
    f = bp.lambdify(program, "javascript")
    assert "export function program(" in f.source
    hinge = {"y1": 1, "y2": -1} if net is NETWORKS["hinge of a loss"] else {}
    points = [values_of(net, seed) | hinge for seed in range(5)]
    results = called(tmp_path, f.source, "program", [[values[program.spelled[s]] for s in program.given] for values in points])
    for values, (found, _) in zip(points, results, strict=True):
        assert found == pytest.approx(list(bp.lambdify(program)(values).values()), rel=1e-14, abs=1e-15)


@needs_node
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_far_out(name, tmp_path):
    program = bp.Program.parse([f"a = {name}(z)"])
    program += bp.reverse(program, of="a", wrt=["z"])
    ours, source = bp.lambdify(program), bp.lambdify(program, "javascript").source
    points = (-1000, -709.8, -37, -5, -1.5, -1, -0.3, 0, 0.3, 1, 1.5, 5, 37, 709.8, 1000)
    for z, (found, _) in zip(points, called(tmp_path, source, "program", [[z] for z in points]), strict=True):
        assert found == pytest.approx(list(ours({"z": z}).values()), rel=1e-13, abs=1e-300)


SAMPLES = [{"x1": 0.1*k, "x2": -0.3*k + 0.5, "y1": k/6, "y2": 1 - k/6} for k in range(7)]


@needs_node
@pytest.mark.parametrize("settings", [{}, {"samples": SAMPLES}, {"samples": SAMPLES, "batch": 3, "reduce": "sum"}], ids=range(3))
@pytest.mark.parametrize("optimizer", [bp.GradientDescent(), bp.Adam()], ids=["gradient descent", "Adam"])
def test_the_training_loop(optimizer, settings, tmp_path):
    step = bp.step(NET, optimizer)
    start = {**SOURCE, **optimizer.coefficients, "eta": 0.1}
    trainer = Trainer(step, start, **settings)
    kept, state = trainer.run(trainer.state, 20, 3)
    indices = list(range(trainer.count))
    (found, (_, _, record, *_)), = called(
        tmp_path, bp.training_source(step, start, backend="javascript", **settings), "train", [[
            20, 3, [], indices, 1, len(indices), trainer.size, trainer.count, *trainer._columns, *trainer.constants.values(),
            *trainer.state.values()]])
    assert found == pytest.approx(list(state.values()), rel=1e-14)
    assert record == pytest.approx(kept, rel=1e-14, abs=1e-15)


def test_a_step_brings_its_loop():
    source = bp.lambdify(bp.step(NET), "javascript").source
    assert source.count("export function") == 2 and "export function train(epochs, every, keep, " in source
    assert source.count("function sigmoid(") == 1 and "train" not in bp.lambdify(NET, "javascript").source


@pytest.mark.parametrize("call", [
    lambda: bp.lambdify(NET, "javascript")(SOURCE), lambda: bp.fit(NET, SOURCE, epochs=1, backend="javascript"),
    lambda: bp.landscape(NET, SOURCE, {"w5": [0, 1]}, backend="javascript")])
def test_python_does_not_run_it(call):
    with pytest.raises(TypeError, match="its code runs in JavaScript, not when it is called from Python"):
        call()
