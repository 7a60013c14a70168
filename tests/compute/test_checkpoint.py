"""Checkpoints: a run goes on to the same bits; a file that is no checkpoint is refused; nothing half-written is left."""
import io
import json
import os
import random
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

import backprop_sym as bp

rng = np.random.default_rng(4)
X, Y = rng.random((37, 5)), np.eye(3)[rng.integers(0, 3, 37)]
OTHER = {"X": X[:9] + 0.1, "Y": Y[:9]}
NET = bp.dense([5, 4, 3], ["tanh", "identity"], "cross_entropy_with_logits", form="matrix")
START = {"W1": rng.normal(size=(5, 4)), "b1": np.zeros(4), "W2": rng.normal(size=(4, 3)), "b2": np.zeros(3)}
SCALAR = bp.dense([2, 3, 1], "tanh")
NUMBERS = {p.name: 0.1*i for i, p in enumerate(SCALAR.parameters)}
SAMPLES = [{"x1": 0, "x2": 1, "y1": 1}, {"x1": 1, "x2": 1, "y1": 0}, {"x1": 1, "x2": 0, "y1": 1}]

RUNS = {
    "arrays": (NET, START, {"samples": {"X": X, "Y": Y}, "batch": 8, "seed": 3, "optimizer": bp.Adam(), "learning_rate": "0.02"}),
    "every third": (NET, START, {"samples": {"X": X, "Y": Y}, "batch": 10, "seed": 1, "every": 3,
                                 "optimizer": bp.Momentum("0.5")}),
    "a penalty": (bp.penalize(NET, l2="lamda"), {**START, "lamda": 0.01}, {"samples": {"X": X, "Y": Y}}),
    "a sample among the values": (SCALAR, {**NUMBERS, **SAMPLES[0]}, {"learning_rate": 0.5}),
    "numbers, online": (SCALAR, NUMBERS, {"samples": SAMPLES, "batch": 1, "seed": 7, "schedule": bp.CosineDecay("50")}),
    "numbers, NumPy": (SCALAR, NUMBERS, {"samples": SAMPLES, "backend": "numpy", "optimizer": bp.Nesterov()}),

    "float32": (NET, START, {"samples": {"X": X, "Y": Y}, "dtype": "float32", "seed": 2, "batch": 9}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_was_saved_goes_on_to_the_same_bits(name, tmp_path):
    net, start, keywords = RUNS[name]
    whole = bp.fit(net, start, epochs=17, **keywords)
    bp.fit(net, start, epochs=7, **keywords).save(tmp_path/"run.npz")
    gone_on = bp.resume(tmp_path/"run.npz", epochs=10)
    assert np.array_equal(whole.epochs, gone_on.epochs) and np.array_equal(whole.loss, gone_on.loss)
    assert all(np.array_equal(whole.values[p], gone_on.values[p]) and whole.values[p].dtype == gone_on.values[p].dtype
               for p in whole.values)


def test_validation_goes_on_as_well(tmp_path):
    net, start, keywords = RUNS["arrays"]
    whole = bp.fit(net, start, epochs=9, validation=OTHER, **keywords)
    bp.fit(net, start, epochs=4, validation=OTHER, **keywords).save(tmp_path/"run.npz")
    gone_on = bp.resume(tmp_path/"run.npz", epochs=5, validation=OTHER)
    assert list(whole.validation) == list(gone_on.validation) and list(whole.accuracy) == list(gone_on.accuracy)
    assert whole.best == gone_on.best


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("first", [0, 1, 4, 5, 9])
def test_patience_remembers_the_epochs_before(first, every, tmp_path):
    net, start, keywords = RUNS["arrays"]
    keywords = {**keywords, "learning_rate": 1, "every": every}
    watch = {"validation": {"X": 1 - X, "Y": Y}, "patience": 5}                # what gets no better soon
    whole = bp.fit(net, start, epochs=200, **keywords, **watch)
    bp.fit(net, start, epochs=first, **keywords, **watch).save(tmp_path/"run.npz")
    gone_on = bp.resume(tmp_path/"run.npz", epochs=200 - first, **watch)
    assert 9 < whole.epochs[-1] < 200 and list(gone_on.epochs) == list(whole.epochs)
    assert list(gone_on.validation) == list(whole.validation) and list(gone_on.loss) == list(whole.loss)


def in_time():
    """A recurrent network, written out in time, and what makes one number of its last state."""
    past = bp.unroll_in_time(bp.layers.gru(2, 2), 3)
    net = past + bp.dense([2, 1], form="matrix").rename({"X": past.symbol("H_time3")})
    samples = {f"X_time{t}": X[:, t:t + 2] for t in (1, 2, 3)} | {"Y": Y[:, :1], "H": np.zeros((37, 2))}
    return net, bp.start(net, seed=1), samples


def of_samples():
    """Three samples in one program of numbers, and all entries of an array."""
    batch, arrays = bp.batch(bp.dense([1, 1]), 3), bp.entries(bp.dense([2, 1], form="matrix"), {"B": 2})
    return [(net, {s: 0.1*i for i, s in enumerate(net.given)}, None) for net in (batch, arrays)]


@pytest.mark.parametrize("name", ["in time", "samples", "entries"])
def test_names_that_tell_more_than_their_text_are_read_back(name, tmp_path):
    net, start, samples = dict(zip(["in time", "samples", "entries"], [in_time(), *of_samples()], strict=True))[name]
    keywords = {"samples": samples, "optimizer": bp.Adam()}
    whole = bp.fit(net, start, epochs=6, **keywords)
    bp.fit(net, start, epochs=2, **keywords).save(tmp_path/"run.npz")
    gone_on = bp.resume(tmp_path/"run.npz", epochs=4)
    assert list(gone_on.loss) == list(whole.loss) and gone_on.program == whole.program
    assert gone_on.program.names == whole.program.names and gone_on.settings["program"].given == net.given


@pytest.mark.parametrize("name", ["arrays", "every third", "numbers, online"])
@pytest.mark.parametrize("first", [0, 5])
def test_the_history_of_a_run_that_diverged_can_be_saved(name, first, tmp_path):
    """As the run up to the epoch that was kept last, the order of its samples included."""
    net, start, keywords = RUNS[name]
    keywords = {**keywords, "optimizer": bp.AdamW(weight_decay="1"), "schedule": None, "learning_rate": "1000"}
    with pytest.raises(FloatingPointError) as raised:
        bp.fit(net, start, epochs=200, **keywords)
    last = int(raised.value.history.epochs[-1])
    assert last > 5
    raised.value.history.save(tmp_path/"run.npz")
    if first:
        bp.fit(net, start, epochs=first, **keywords).save(tmp_path/"first.npz")
        with pytest.raises(FloatingPointError) as again:
            bp.resume(tmp_path/"first.npz", epochs=200)
        assert list(again.value.history.loss) == list(raised.value.history.loss)
        again.value.history.save(tmp_path/"run.npz")
    whole = bp.fit(net, start, epochs=last, **keywords)
    assert list(bp.resume(tmp_path/"run.npz").loss) == list(whole.loss)
    assert whole.settings["random"].getstate() == raised.value.history.settings["random"].getstate()


def test_an_activation_of_a_readers_is_asked_for(tmp_path):
    """In a process that does not know it."""
    bp.activation("of_a_run", lambda z: z**2 + z)
    net = bp.dense([1, 1], "of_a_run")
    bp.fit(net, {"x1": 1, "y1": 1, "w1": 0.1, "b1": 0}, epochs=3).save(tmp_path/"run.npz")
    del bp.ACTIVATIONS["of_a_run"]
    with pytest.raises(ValueError, match=r"'of_a_run' is not defined here: define it with activation\('of_a_run', ...\) before"):
        bp.resume(tmp_path/"run.npz")
    bp.activation("of_a_run", lambda z: z**2 + z)
    assert bp.resume(tmp_path/"run.npz", epochs=2).epochs[-1] == 5
    del bp.ACTIVATIONS["of_a_run"]


def test_without_epochs_it_is_the_run_that_was_saved(tmp_path):
    net, start, keywords = RUNS["arrays"]
    saved = bp.fit(net, start, epochs=5, **keywords)
    saved.save(tmp_path/"run.npz")
    found = bp.resume(tmp_path/"run.npz")
    assert repr(found) == repr(saved) and found.program == saved.program and np.array_equal(found.loss, saved.loss)


@pytest.fixture
def checkpoint(tmp_path):
    net, start, keywords = RUNS["numbers, online"]
    bp.fit(net, start, epochs=3, **keywords).save(tmp_path/"run.npz")
    return tmp_path/"run.npz"


def test_a_damaged_file_is_refused_or_gives_what_was_saved(checkpoint):
    data, numbers, refused = checkpoint.read_bytes(), random.Random(0), 0
    good = bp.resume(checkpoint)
    for _ in range(200):
        damaged = bytearray(data)
        damaged[numbers.randrange(len(data))] ^= 1 << numbers.randrange(8)
        checkpoint.write_bytes(damaged[:numbers.choice((len(data), numbers.randrange(len(data))))])
        try:
            assert np.array_equal(bp.resume(checkpoint).loss, good.loss)
        except ValueError as error:
            assert str(checkpoint) in str(error)
            refused += 1
    assert refused > 150


def rewritten(path, **changes):
    with np.load(path) as found:
        arrays = dict(found)
    header = json.loads(bytes(arrays["header"])) | changes
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    np.savez(path, **arrays)


@pytest.mark.parametrize(("changes", "words"), [
    ({"version": 2}, "version"), ({"format": "another"}, "format"), ({"program": {"lines": ["a = b"]}}, "checkpoint"),
    ({"optimizer": ["nothing", {}]}, "checkpoint"), ({"names": ["w1"]}, "checkpoint"),
    ({"batch": "zz"}, "batch: expected a whole number"), ({"every": 0}, "every: expected"), ({"dtype": 99}, "dtype: expected"),
    ({"learning_rate": "x"}, "learning_rate: expected"), ({"reduce": "max"}, "reduction"), ({"backend": "fortran"}, "backend"),
    ({"backend": ["numpy"]}, "backend"), ({"optimizer": ["momentum", {"momentum": "nan"}]}, "momentum")])
def test_a_newer_or_foreign_file_is_refused(checkpoint, changes, words):
    rewritten(checkpoint, **changes)
    with pytest.raises(ValueError, match=words) as raised:
        bp.resume(checkpoint, epochs=1)
    assert str(checkpoint) in str(raised.value)


@pytest.mark.parametrize("epochs", [[3, 2, 1, 0], [0, 1, 1, 2], [0, 0.5, 1, 1.5], [-1, 0, 1, 2], [[0], [1], [2], [3]], ["0"]*4])
def test_epochs_that_no_run_has_are_refused(checkpoint, epochs):
    with np.load(checkpoint) as found:
        arrays = dict(found)
    assert len(arrays["epochs"]) == len(epochs)
    np.savez(checkpoint, **{**arrays, "epochs": np.array(epochs)})
    with pytest.raises(ValueError, match="run.npz.*epochs: expected whole numbers, each larger than the one before"):
        bp.resume(checkpoint)


def test_nothing_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path/"trapped"),)

    path, buffer = tmp_path/"run.npz", io.BytesIO()
    np.savez(buffer, header=np.array([Trap()], dtype=object))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match="no checkpoint"):
        bp.resume(path)
    assert not (tmp_path/"trapped").exists()


def test_a_failure_leaves_the_last_good_one(checkpoint, monkeypatch):
    before = checkpoint.read_bytes()
    history = bp.resume(checkpoint, epochs=2)
    monkeypatch.setattr(np, "savez", lambda file, **arrays: file.write(b"half") and 1/0)
    with pytest.raises(ZeroDivisionError):
        history.save(checkpoint)
    assert checkpoint.read_bytes() == before and os.listdir(checkpoint.parent) == [checkpoint.name]


def test_a_kill_at_any_moment_leaves_a_good_one(tmp_path):
    """A process that saves without end is killed; what it left can always be read."""
    code = textwrap.dedent(f"""
        import backprop_sym as bp
        net = bp.dense([2, 3, 1], "tanh")
        history = bp.fit(net, {NUMBERS!r}, {SAMPLES!r}, epochs=2000)
        while True:
            history.save({str(tmp_path/'run.npz')!r})
    """)
    for wait in (0.01, 0.03, 0.05):
        process = subprocess.Popen([sys.executable, "-c", code])
        while not (tmp_path/"run.npz").exists():
            time.sleep(0.01)
            assert process.poll() is None
        time.sleep(wait)
        process.kill()
        process.wait()
        assert bp.resume(tmp_path/"run.npz").epochs[-1] == 2000
        (tmp_path/"run.npz").unlink()


def test_what_cannot_be_saved_is_said(tmp_path):
    with pytest.raises(ValueError, match="written as text"):
        bp.fit(bp.step(SCALAR), {**NUMBERS, **SAMPLES[0]}, epochs=2).save(tmp_path/"run.npz")
    history = bp.fit(SCALAR, {**NUMBERS, **SAMPLES[0]}, epochs=2)
    with pytest.raises(ValueError, match="by fit"):
        bp.History(history.program, history.epochs, history.loss, history.values).save(tmp_path/"run.npz")
    assert not os.listdir(tmp_path)
