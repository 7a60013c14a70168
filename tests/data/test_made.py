"""Points by formulas: those of scikit-learn without noise, and our own noise."""
import re

import numpy as np
import pytest

import backprop_sym as bp
from tests.data.test_bundled import as_read


@pytest.mark.parametrize(("name", "options"), [("moons", {}), ("circles", {}), ("circles", {"factor": 0.3})])
@pytest.mark.parametrize("n", [10, 31, 200])
def test_the_points_are_those_of_scikit_learn(name, options, n):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is compared with where it is installed")
    theirs = getattr(datasets, f"make_{name}")(n, shuffle=False, **({"factor": 0.5} | options if name == "circles" else {}))
    ours = as_read(getattr(bp.data, name)(n, noise=0, **options))
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-6)


@pytest.mark.parametrize(("name", "distances"), [
    ("moons", lambda X, label: np.hypot(X[:, 0] - label, X[:, 1] - label/2) - 1),
    ("circles", lambda X, label: np.hypot(*X.T) - np.where(label, 0.5, 1))])
def test_the_noise_is_normal_around_the_curves(name, distances):
    noise = 0.02
    X, labels = as_read(getattr(bp.data, name)(4000, noise=noise))
    off = distances(X, labels)
    assert abs(off.mean()) < 4*noise/4000**0.5 + noise**2 and abs(off.std()/noise - 1) < 0.05
    assert 0.66 < (np.abs(off) < noise).mean() < 0.71


def test_the_seed_decides():
    same, other = (bp.data.moons(seed=seed).train.X for seed in (0, 1))
    assert (bp.data.moons().train.X == same).all() and not np.array_equal(same, other)
    assert not np.array_equal(as_read(bp.data.moons(noise=0)), as_read(bp.data.moons()))


@pytest.mark.parametrize(("name", "options", "error", "says"), [
    ("moons", {"n": 9}, ValueError, "n: expected 10 to 1,000,000 points, got 9"),
    ("moons", {"n": 10**12}, ValueError, "n: expected 10 to 1,000,000 points"),
    ("moons", {"n": 20.0}, TypeError, "n: expected a whole number"),
    ("moons", {"n": True}, TypeError, "n: expected a whole number"),
    ("moons", {"noise": -0.1}, ValueError, "noise: expected a number from 0"),
    ("moons", {"noise": float("nan")}, ValueError, "noise: expected a finite number"),
    ("moons", {"noise": "0.1"}, TypeError, "noise: expected a number"),
    ("moons", {"seed": "a"}, TypeError, "seed: expected a whole number"),
    ("circles", {"factor": 1}, ValueError, "factor: expected a number between 0 and 1"),
    ("circles", {"factor": 0}, ValueError, "factor: expected a number between 0 and 1"),
    ("circles", {"factor": float("inf")}, ValueError, "factor: expected a finite number"),
])
def test_wrong_numbers(name, options, error, says):
    with pytest.raises(error, match=re.escape(says)):
        getattr(bp.data, name)(**options)
