"""Many networks and whole landscapes at once: the numbers of one at a time, in pieces that fit, or a clear refusal."""
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.compute.run.arrays import NumpyBackend
from tests.oracles import SOURCE

NET = bp.dense([2, 2, 2])
XS, YS, ZS = np.linspace(-2, 2, 7), np.linspace(-1, 3, 5), np.linspace(0, 1, 3)


def test_a_landscape_is_the_loss_at_every_point():
    grid = bp.landscape(NET, SOURCE, {"w5": XS, "w1": YS, "b3": ZS})
    assert grid.shape == (7, 5, 3)
    f = bp.lambdify(NET)
    for i, j, k in ((0, 0, 0), (6, 2, 1), (3, 4, 2)):
        assert grid[i, j, k] == pytest.approx(f({**SOURCE, "w5": XS[i], "w1": YS[j], "b3": ZS[k]})["E_total"], rel=1e-14)


def test_pieces_change_nothing():
    whole = bp.landscape(NET, SOURCE, {"w5": XS, "w7": YS})
    assert (bp.landscape(NET, SOURCE, {"w5": XS, "w7": YS}, piece=1) == whole).all()
    assert (bp.landscape(NET, SOURCE, {"w5": XS, "w7": YS}, of="yhat2") ==
            bp.lambdify(NET)(SOURCE)["yhat2"]).all()


def test_the_bar_of_a_landscape(capfd):
    bp.landscape(NET, SOURCE, {"w5": XS, "w7": YS}, piece=1)
    assert capfd.readouterr().err == ""
    bp.landscape(NET, SOURCE, {"w5": XS, "w7": YS}, piece=1, progress=True)
    assert "landscape" in capfd.readouterr().err


def test_what_cannot_be_allocated_is_refused_with_its_bytes():
    side = np.zeros(10**7)
    with pytest.raises(MemoryError, match="10000000 x 10000000 points needs 800,000,000,000,000 bytes"):
        bp.landscape(NET, SOURCE, {"w5": side, "w7": side})
    with pytest.raises(MemoryError, match=r"1,000,001 epochs of 1,000,000 networks with 13 numbers each needs 1\d\d,"):
        bp.fit(NET, SOURCE, learning_rate=np.full(10**6, 0.1), epochs=10**6, backend="numpy")


@pytest.mark.parametrize(("axes", "error", "words"), [
    ({"w99": XS}, ValueError, ["'w99'", "'w"]), ({}, TypeError, ["axes", "mapping"]), ([1, 2], TypeError, ["axes"]),
    ({"w5": ["a"]}, TypeError, ["axes", "'a'"])])
def test_wrong_axes(axes, error, words):
    with pytest.raises(error) as raised:
        bp.landscape(NET, SOURCE, axes)
    assert all(word in str(raised.value) for word in words), str(raised.value)


def test_ten_thousand_learning_rates():
    rates = np.linspace(0.01, 1, 10_000)
    together = bp.fit(NET, SOURCE, learning_rate=rates, epochs=20, every=20, backend="numpy")
    assert together.loss.shape == (2, 10_000)
    for i in (0, 4321, 9999):
        alone = bp.fit(NET, SOURCE, learning_rate=rates[i], epochs=20)
        assert together.loss[-1, i] == pytest.approx(alone.loss[-1], rel=1e-13)
        assert together.values["w3"][-1, i] == pytest.approx(alone.values["w3"][-1], rel=1e-13)


def test_more_networks_than_are_computed_together(monkeypatch):
    rng = np.random.default_rng(0)
    start = {**SOURCE, "w1": rng.normal(size=50), "w5": rng.normal(size=50)}
    whole = bp.fit(NET, start, epochs=6, every=2, backend="numpy")
    monkeypatch.setattr(NumpyBackend, "PART", 7)
    parts = bp.fit(NET, start, epochs=6, every=2, backend="numpy")
    assert (parts.loss == whole.loss).all() and (parts.values["w1"] == whole.values["w1"]).all()
    assert (parts.values["b2"] == whole.values["b2"]).all()


def test_many_networks_and_many_samples():
    samples = {"x1": [0.1, 0.2, 0.3], "x2": [1, 0, -1], "y1": [0, 1, 0.5], "y2": [1, 1, 0]}
    scale = np.array([0.5, 1, 2, 3])
    start = {p.name: float(SOURCE[p.name])*scale for p in NET.parameters}
    together = bp.fit(NET, start, samples, learning_rate=0.4, epochs=9, batch=2, backend="numpy")
    for i in range(4):
        alone = bp.fit(NET, {k: v[i] for k, v in start.items()}, samples, learning_rate=0.4, epochs=9, batch=2)
        assert together.loss[:, i] == pytest.approx(alone.loss, rel=1e-13)
