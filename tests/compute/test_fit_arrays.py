"""fit on programs of arrays: the same training as of numbers; validation, early end, callbacks; what is wrong is said first."""
import numpy as np
import pytest

import backprop_sym as bp

rng = np.random.default_rng(2)
X, Y = rng.random((23, 2)), rng.random((23, 2))
CLASSES = np.eye(3)[rng.integers(0, 3, 23)]
CLASSIFIER = bp.dense([2, 4, 3], ["tanh", "identity"], "cross_entropy_with_logits", form="matrix")


def start(net, seed=0):
    numbers = np.random.default_rng(seed)
    return {p.name: numbers.normal(size=tuple(map(int, net.shape[p]))) for p in net.parameters}


def in_numbers(values):
    """The parameters of the 2-2-2 network of numbers, whose weights are those of the arrays row by row."""
    flat = {"w": np.concatenate([values["W1"].ravel(), values["W2"].ravel()]),
            "b": np.concatenate([values["b1"].ravel(), values["b2"].ravel()])}
    return {f"{stem}{i}": v for stem, vs in flat.items() for i, v in enumerate(vs, 1)}


@pytest.mark.parametrize("batch", [None, 1, 5])
@pytest.mark.parametrize("optimizer", [bp.GradientDescent(), bp.Momentum(), bp.Nesterov(), bp.RMSProp(), bp.Adam(), bp.AdamW()])
def test_a_training_of_arrays_is_that_of_numbers(optimizer, batch):
    arrays, numbers = bp.dense([2, 2, 2], form="matrix"), bp.dense([2, 2, 2])
    values = start(arrays)
    keywords = {"optimizer": optimizer, "learning_rate": 0.05, "epochs": 4, "batch": batch, "seed": 5}
    a = bp.fit(arrays, values, {"X": X, "Y": Y}, **keywords)
    b = bp.fit(numbers, in_numbers(values), {"x1": X[:, 0], "x2": X[:, 1], "y1": Y[:, 0], "y2": Y[:, 1]}, **keywords)
    assert np.allclose(a.loss, b.loss, rtol=1e-13, atol=0)
    last = in_numbers({p: v[-1] for p, v in a.values.items()})
    assert all(abs(last[p] - b.values[p][-1]) < 1e-13 for p in last)


def test_both_conventions_train_alike():
    rows, columns = (bp.dense([2, 3, 2], form="matrix", convention=c) for c in ("row", "column"))
    values = start(rows)
    turned = {p: v.T if p[0] == "W" else v[:, None] for p, v in values.items()}
    a = bp.fit(rows, values, {"X": X, "Y": Y}, epochs=5, batch=4, seed=1)
    b = bp.fit(columns, turned, {"X": X.T, "Y": Y.T}, epochs=5, batch=4, seed=1)
    assert np.allclose(a.loss, b.loss, rtol=1e-13)
    assert np.allclose(a.values["W1"][-1], b.values["W1"][-1].T, rtol=1e-13)


def test_what_was_given_does_not_change():
    values = start(CLASSIFIER)
    copies = {p: v.copy() for p, v in values.items()}
    history = bp.fit(CLASSIFIER, values, {"X": X, "Y": CLASSES}, epochs=3, batch=4)
    assert all(np.array_equal(values[p], copies[p]) for p in values)
    assert np.array_equal(history.values["W1"][0], copies["W1"]) and not np.array_equal(history.values["W1"][1], copies["W1"])


def test_validation_is_the_loss_of_other_samples():
    other = {"X": X[:7] + 0.2, "Y": CLASSES[:7]}
    history = bp.fit(CLASSIFIER, start(CLASSIFIER), {"X": X, "Y": CLASSES}, epochs=6, every=2, validation=other)
    f = bp.lambdify(CLASSIFIER)
    for k, epoch in enumerate(history.epochs):
        found = f({**history.at(epoch), **other})
        assert history.validation[k] == pytest.approx(found["E_total"], rel=1e-14)
        assert history.accuracy[k] == np.mean(found["Yhat"].argmax(axis=1) == other["Y"].argmax(axis=1))
    assert history.best == history.epochs[np.argmin(history.validation)]


def test_patience_ends_a_run_that_gets_no_better():
    noise = {"X": rng.random((40, 2)), "Y": np.eye(3)[rng.integers(0, 3, 40)]}
    history = bp.fit(CLASSIFIER, start(CLASSIFIER), {"X": X, "Y": CLASSES}, learning_rate=2, epochs=5000, batch=4, seed=0,
                     validation=noise, patience=5)
    assert len(history.epochs) < 5000 and history.epochs[-1] - history.best == 5


def test_patience_needs_something_to_validate_by():
    with pytest.raises(ValueError, match="patience.*validation"):
        bp.fit(CLASSIFIER, start(CLASSIFIER), {"X": X, "Y": CLASSES}, epochs=2, patience=3)


@pytest.mark.parametrize("every", [1, 2, 5])
@pytest.mark.parametrize("answer", [bool, np.bool_])
def test_a_callback_sees_every_kept_epoch_and_can_end_the_run_at_it(every, answer):
    seen = []

    def stop(report):
        seen.append(report)
        return answer(report.epoch >= 4)

    history = bp.fit(bp.dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0, "b1": 0}, epochs=100, every=every, callback=stop)
    assert [r.epoch for r in seen] == list(history.epochs) == list(range(0, 4 + every, every))
    assert [r.loss for r in seen] == list(history.loss) and seen[1].values["w1"] == history.values["w1"][1]


def test_nothing_is_computed_beyond_the_epoch_at_which_a_run_ends(tmp_path):
    """Neither does it diverge there, nor is the order of the samples drawn."""
    keywords = {"samples": {"X": X, "Y": CLASSES}, "batch": 4, "seed": 1}
    whole = bp.fit(CLASSIFIER, start(CLASSIFIER), epochs=8, **keywords)
    bp.fit(CLASSIFIER, start(CLASSIFIER), epochs=8, callback=lambda r: r.epoch == 3, **keywords).save(tmp_path/"run.npz")
    assert list(bp.resume(tmp_path/"run.npz", epochs=5).loss) == list(whole.loss)
    line = bp.Program.parse(["E = (w*x)**2"], inputs="x", parameters="w", loss="E")
    for every in (1, 7):
        history = bp.fit(line, {"w": 1, "x": 1}, learning_rate=1e200, epochs=20, every=every, callback=lambda r: True)
        assert list(history.epochs) == [0]


def test_what_a_callback_answers_besides_true_ends_nothing():
    for answer in (None, 1, "no", [True], np.bool_(False), np.float64(1)):
        history = bp.fit(bp.dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0, "b1": 0}, epochs=3, callback=lambda r, a=answer: a)
        assert history.epochs[-1] == 3


@pytest.mark.parametrize(("samples", "words"), [
    ({"X": X[:, :1], "Y": CLASSES}, r"'X': expected an array of shape \(B, 2\), got one of shape \(23, 1\)"),
    ({"X": X, "Y": CLASSES[:5]}, r"'Y': expected an array of shape \(B, 3\) with B = 23 from 'X', got one of shape \(5, 3\)"),
    ({"X": X[:0], "Y": CLASSES[:0]}, "expected at least one sample"),
    ({"X": X, "Y": 2*CLASSES}, "expected a number from 0 to 1"),
    *(({"X": X, "Y": labels}, r"'Y': expected an array of shape \(B, 3\) with B = 23 .*bp\.data\.one_hot\(Y, 3\)") for labels in (
        CLASSES.argmax(axis=1), 7*CLASSES.argmax(axis=1), CLASSES.argmax(axis=1)[:, None], list(map(int, CLASSES.argmax(axis=1))),
        CLASSES.argmax(axis=1)[None])),
    ([{"X": 1}], "expected a mapping of names to arrays"),
    ({"X": X}, "no value for 'Y'"),
])
def test_samples_that_do_not_fit_are_refused(samples, words):
    with pytest.raises((ValueError, TypeError), match=words):
        bp.fit(CLASSIFIER, start(CLASSIFIER), samples, epochs=1)


@pytest.mark.parametrize("batch", [1, 3])
def test_rows_that_are_no_samples_make_no_batches(batch):
    """The tokens of a sequence look at each other, and their mask has as many rows and columns."""
    net = bp.layers.attention(2, 2, masked=True, y="Yhat") + bp.Program.parse(
        ["E = sum((Y - Yhat)**2)/B"], inputs="Yhat", targets="Y", loss="E", shapes={"Yhat": "B, 2", "Y": "B, 2"})
    values, samples = {**bp.start(net, seed=1), "M": np.zeros((4, 4))}, {"X": X[:4], "Y": Y[:4]}
    with pytest.raises(ValueError, match=r"batch: expected None, got \d: X, Y have .* bp\.batch"):
        bp.fit(net, values, samples, batch=batch)
    assert bp.fit(net, values, samples, epochs=3).loss[-1] < bp.fit(net, values, samples, epochs=3).loss[0]


def test_backends_of_numbers_say_what_to_use():
    for backend in ("python", "c", "numba", "mpmath"):
        with pytest.raises(ValueError, match="numpy"):
            bp.fit(CLASSIFIER, start(CLASSIFIER), {"X": X, "Y": CLASSES}, epochs=1, backend=backend)
