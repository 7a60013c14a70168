"""The parts, one by one: ``pytest benchmarks/test_parts.py`` with pytest-benchmark (installed by ``make bench``)."""
import pytest

import backprop_sym as bp
from backprop_sym.compute.same import forget
from backprop_sym.compute.trainer import Trainer

pytest.importorskip("pytest_benchmark", reason="pytest-benchmark is not installed: `make bench` installs it")
NET = bp.dense([4, 16, 16, 3])
VALUES = bp.worked_example("source").values


def test_dense(benchmark):
    benchmark(bp.dense, [4, 16, 16, 3])


def test_reverse(benchmark):
    benchmark(bp.reverse, NET)


def test_lambdify(benchmark):
    step = bp.step(NET)
    benchmark(lambda: forget() or bp.lambdify(step))


def test_latex(benchmark):
    benchmark(bp.step(bp.dense([2, 2, 2]))._repr_latex_)


def test_fifty_digits(benchmark):
    net = bp.dense([2, 2, 2])
    benchmark((net + bp.reverse(net)).evaluate, VALUES, 50)


@pytest.mark.parametrize("backend", ["python", "numpy"])
def test_a_thousand_steps(benchmark, backend):
    trainer = Trainer(bp.step(bp.dense([2, 2, 2])), {**VALUES, "eta": "0.01"}, backend=backend)
    benchmark(trainer.run, trainer.state, 1_000, 1_000)
