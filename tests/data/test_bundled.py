"""The sets that come with the package are those of scikit-learn, divided once and for all."""
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.data.bundled import SETS

BUNDLED = {"digits": bp.data.digits, "iris": bp.data.iris}
SPLITS = {
    "digits": "8b64d406b9352b34",
    "iris": "d3781c857dcc0ea6",
}


def as_read(dataset):
    """The samples and labels of all parts, in the order of the file."""
    order = np.argsort(np.concatenate([part.rows for part in dataset.parts.values()]))
    return (np.concatenate([getattr(part, name) for part in dataset.parts.values()])[order] for name in ("X", "labels"))


def run(code, **environment):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(bp.__file__).parent.parent, env={**os.environ, **environment}).stdout.strip()


def digest(dataset):
    rows = [" ".join(map(str, part.rows)) for part in dataset.parts.values()]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", BUNDLED)
def test_the_same_as_scikit_learn(name):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is compared with where it is installed")
    theirs, ours = getattr(datasets, f"load_{name}")(), BUNDLED[name]()
    X, labels = as_read(ours)
    assert (X == theirs.data).all() and (labels == theirs.target).all()
    assert ours.classes == tuple(map(str, theirs.target_names)) and ours.features == tuple(theirs.feature_names)


@pytest.mark.parametrize("name", BUNDLED)
def test_the_split_is_this_one(name):
    assert digest(BUNDLED[name]()) == SPLITS[name]


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_split_does_not_hang_on_the_order_of_a_set(name, seed):
    code = f"import backprop_sym as bp\nfor part in bp.data.{name}().parts.values(): print(*part.rows)"
    printed = run(code, PYTHONHASHSEED=seed)
    assert hashlib.sha256(printed.encode()).hexdigest()[:16] == SPLITS[name]


def test_sizes():
    assert [len(part) for part in bp.data.digits().parts.values()] == [1078, 360, 359]
    assert [len(part) for part in bp.data.iris().parts.values()] == [90, 30, 30]
    assert bp.data.digits().shape == (8, 8) and bp.data.iris().shape == ()


def test_they_are_small_and_their_source_and_licence_are_said():
    assert sum(path.stat().st_size for path in SETS.iterdir()) < 100_000
    said = (SETS/"README.md").read_text(encoding="utf-8")
    for path in SETS.iterdir():
        assert path.name == "README.md" or path.name in said
    assert said.count("Source:") == said.count("Licence:") == len(BUNDLED)


def test_reading_them_needs_no_network_and_no_scikit_learn():
    code = ("import socket, sys\ndef refuse(*a, **k): raise OSError('no network')\nsocket.socket.connect = refuse\n"
            "import backprop_sym as bp; bp.data.digits(), bp.data.iris(), bp.data.moons(), bp.data.circles()\n"
            "print([m for m in ('sklearn', 'matplotlib', 'IPython') if m in sys.modules])")
    assert run(code) == "[]"
