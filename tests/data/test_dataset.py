"""Arrays, checked, in three parts; other units by the numbers of the training part alone."""
import base64
import io
import re
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import backprop_sym as bp
from backprop_sym.data.labels import MOST_NUMBERS, numbered
from backprop_sym.data.split import SHARES, ranked, stratified, uniform

X = [[float(i), i % 7] for i in range(30)]
LABELS = [i % 3 for i in range(30)]


@given(st.lists(st.integers(5, 60), min_size=2, max_size=6), st.integers(0, 5), st.randoms())
def test_the_parts_are_stratified_disjoint_and_everything(sizes, seed, random):
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    random.shuffle(labels)
    parts = stratified(np.array(labels), seed)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(len(labels)))
    for part, share in SHARES.items():
        counts = np.bincount(np.array(labels)[parts[part]], minlength=len(sizes))
        assert all(abs(count - Fraction(share*size, 100)) <= 1 for count, size in zip(counts, sizes, strict=True))
        assert (counts > 0).all()


def test_a_part_is_mixed_and_the_seed_decides():
    labels = np.repeat([0, 1, 2], 50)
    first = labels[stratified(labels)["train"]]
    assert len(set(first[:15])) == 3
    assert not np.array_equal(stratified(labels, 0)["train"], stratified(labels, 1)["train"])
    assert np.array_equal(stratified(labels, 1)["train"], stratified(labels, 1)["train"])


def test_ranks_and_uniform_numbers_are_those_of_sha256():
    # From hashlib's sha256(b"0 0"), sha256(b"0 1"), ...: they may never change, for the committed parts hang on them.
    assert ranked(8, 0).tolist() == [6, 4, 2, 1, 7, 5, 0, 3]
    assert uniform(0, "moons", 0, 0) == 0.7383679155151818


def test_uniform_numbers_are_uniform():
    drawn = np.array([uniform(3, i) for i in range(4000)])
    assert (0 < drawn).all() and (drawn < 1).all()
    counts = np.histogram(drawn, 10, (0, 1))[0]
    assert ((counts - 400)**2/400).sum() < 27.9             # chi squared with 9 degrees of freedom: one in a thousand is above


def test_the_arrays_of_a_part_belong_together_and_cannot_be_written_to():
    data = bp.data.arrays(X, LABELS)
    for part in data.parts.values():
        assert (part.X == np.array(X)[part.rows]).all() and (part.labels == np.array(LABELS)[part.rows]).all()
        assert (part.Y.argmax(axis=1) == part.labels).all() and (part.Y.sum(axis=1) == 1).all()
        assert part.X.dtype == part.Y.dtype == np.float64
        assert part.samples["X"] is part.X and part.samples["Y"] is part.Y
        for array in (part.X, part.Y, part.labels, part.rows):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    with pytest.raises(AttributeError):
        data.train = data.test


@pytest.mark.parametrize("kind", ["u1", "i1", ">i2", "u8", "f2", ">f4", "f8", "g"])
def test_numbers_of_any_kind_are_read_as_float64(kind):
    data = bp.data.arrays(np.array(X, kind), LABELS)
    assert data.train.X.dtype == np.float64 and (data.train.X == np.array(X)[data.train.rows]).all()


def test_the_arrays_that_were_given_stay_as_they_are():
    given_X, given_labels = np.array(X), np.array(LABELS)
    data = bp.data.arrays(given_X, given_labels, test=(given_X, given_labels))
    given_X[:] = given_labels[:] = 1
    assert (data.test.X == X).all() and (data.test.labels == LABELS).all()


@pytest.mark.parametrize("make", [bp.data.digits, bp.data.iris, bp.data.moons, lambda: bp.data.arrays(X, LABELS)])
@pytest.mark.parametrize("change", ["scaled", "standardized"])
def test_other_units_are_those_of_training_alone(make, change):
    data = make()
    changed = getattr(data, change)()
    for name, part in data.parts.items():
        other = changed.parts[name]
        np.testing.assert_allclose(other.X*changed.factor + changed.shift, part.X, atol=1e-13)
        assert other.Y is part.Y and other.labels is part.labels
    train = data.train.X
    if change == "scaled":
        assert changed.factor == np.abs(train).max() and changed.shift == 0
    else:
        varies = np.ptp(train, axis=0) > 0
        np.testing.assert_allclose(changed.shift, train.mean(axis=0), rtol=1e-14)
        np.testing.assert_allclose(changed.factor[varies], train.std(axis=0)[varies], rtol=1e-13)
        assert (changed.factor[~varies] == 1).all() and (changed.train.X[:, ~varies] == 0).all()


def test_what_is_not_in_training_does_not_touch_the_units():
    data = bp.data.arrays(X, LABELS)
    spoiled = np.array(X)
    spoiled[data.test.rows] *= 1000
    spoiled[data.validation.rows] -= 1000
    other = bp.data.arrays(spoiled, LABELS)
    assert (other.standardized().train.X == data.standardized().train.X).all()
    assert other.scaled().factor == data.scaled().factor


def test_units_after_units():
    data = bp.data.digits()
    twice = data.scaled().standardized()
    np.testing.assert_allclose(twice.train.X, data.standardized().train.X, atol=1e-12)
    np.testing.assert_allclose(twice.test.X*twice.factor + twice.shift, data.test.X, atol=1e-12)


def test_a_feature_of_one_value_is_shifted_whatever_its_size():
    data = bp.data.arrays([[0.1, i] for i in range(30)], LABELS).standardized()
    assert (data.train.X[:, 0] == 0).all() and data.factor[0] == 1
    assert (bp.data.arrays(np.zeros((30, 2)), LABELS).scaled().train.X == 0).all()


# ---- labels

@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(7, 9))
def test_one_hot_is_the_position(labels, n):
    Y = bp.data.one_hot(labels, n)
    assert Y.shape == (len(labels), n) and Y.argmax(axis=1).tolist() == labels and Y.sum() == len(labels)


@pytest.mark.parametrize(("labels", "classes", "error", "says"), [
    ([0, 3], 3, ValueError, "row 1: expected a class from 0 to 2, got 3"),
    ([-1, 0], 3, ValueError, "row 0: expected a class from 0 to 2, got -1"),
    ([0, 2], ["no", "yes"], ValueError, "row 1: expected a class from 0 to 1, got 2"),
    ([], 3, ValueError, "at least one"),
    ([0.0, 1.0], 3, TypeError, "whole numbers"),
    ([True, False], 2, TypeError, "whole numbers"),
    ([[0], [1, 2]], 3, TypeError, "whole numbers"),
    ([[0, 1]], 3, TypeError, "shape"),
    ("01", 3, TypeError, "whole numbers"),
    ([0, 1], 1.5, TypeError, "classes: expected their names"),
    ([0, 1], "ab", TypeError, "classes: expected their names"),
    ([0, 1], ["a", "a"], ValueError, "'a' stands there twice"),
    ([0, 1], ["a"], ValueError, "at least two"),
    ([0, 1], MOST_NUMBERS, ValueError, "at most 100,000,000 targets"),
])
def test_labels_that_are_none(labels, classes, error, says):
    with pytest.raises(error, match=re.escape(says)):
        bp.data.one_hot(labels, classes)


@pytest.mark.parametrize(("labels", "classes", "found"), [
    (["10", "9", "-1", "b", "a"], None, ("-1", "9", "10", "a", "b")),
    ([10, 9, 9], None, ("9", "10")),
    (["no", "yes"], ["yes", "no"], ("yes", "no")),
])
def test_classes_are_in_this_order(labels, classes, found):
    positions, names = numbered(labels, classes)
    assert names == found and [names[i] for i in positions] == [str(label) for label in labels]


def test_a_name_without_end_takes_no_time():
    began = time.perf_counter()
    numbered(["9"*130_000 + "x", "a"])
    assert time.perf_counter() - began < 1


# ---- what is refused

BAD = np.array(X)
BAD[7, 1] = np.nan


@pytest.mark.parametrize(("X", "labels", "options", "error", "says"), [
    (BAD, LABELS, {}, ValueError, "X: row 7, 'x2': expected a finite number up to 1e+100, got nan"),
    (BAD, LABELS, {"features": ["height", "width"]}, ValueError, "row 7, 'width'"),
    ([[np.inf, 1]]*30, LABELS, {}, ValueError, "row 0, 'x1'"),
    ([[1, -np.inf]]*30, LABELS, {}, ValueError, "row 0, 'x2'"),
    (np.full((30, 2), np.inf, "f2"), LABELS, {}, ValueError, "row 0, 'x1'"),
    (np.full((30, 2), np.nan, "f4"), LABELS, {}, ValueError, "row 0, 'x1'"),
    ([[1, 1e200]]*30, LABELS, {}, ValueError, "up to 1e+100"),
    ([[1, 2], [3]]*15, LABELS, {}, TypeError, "rows of one length"),
    ([["a", "b"]]*30, LABELS, {}, TypeError, "expected numbers"),
    ([[1j, 2]]*30, LABELS, {}, TypeError, "expected numbers"),
    ([[None, 2]]*30, LABELS, {}, TypeError, "expected numbers"),
    (list(range(30)), LABELS, {}, ValueError, "shape (samples, features)"),
    (np.zeros((0, 2)), [], {}, ValueError, "shape (samples, features)"),
    (np.zeros((30, 0)), LABELS, {}, ValueError, "shape (samples, features)"),
    (X, LABELS[:-1], {}, ValueError, "expected one for each of 30 rows of X, got 29"),
    (X, [*LABELS[:-1], 3], {"classes": ["a", "b", "c"]}, ValueError, "row 29: expected a class from 0 to 2, got 3"),
    (X, ["a", "b", "z"]*10, {"classes": ["a", "b", "c"]}, ValueError, "row 2: unknown class 'z'"),
    (X, [0]*30, {}, ValueError, "classes: expected at least two, got '0'"),
    (X, [0]*28 + [1, 1], {}, ValueError, "class '1': expected rows enough for train, validation, test, got 2"),
    (X, list(range(30)), {}, ValueError, "class '0': expected rows enough"),
    (X, LABELS, {"features": ["a"]}, ValueError, "expected 2 names"),
    (X, LABELS, {"features": "ab"}, ValueError, "expected 2 names"),
    (X, LABELS, {"seed": 0.5}, TypeError, "seed"),
    (X, LABELS, {"seed": True}, TypeError, "seed"),
    (X, LABELS, {"test": X}, TypeError, "expected a pair (X, labels)"),
    (X, LABELS, {"test": ([[1, 2, 3]], [0])}, ValueError, "test: X: expected samples of shape (2,)"),
    (X, LABELS, {"test": ([[1, 2]], [7])}, ValueError, "test: labels: row 0: unknown class '7'"),
    (X, LABELS, {"test": ([[1, np.nan]], [0])}, ValueError, "test: X: row 0, 'x2'"),
    (X, LABELS, {"test": ([], [])}, ValueError, "test: X: expected an array"),
    (X, LABELS, {"test": ([[1, 2]], [0, 1])}, ValueError, "test: labels: expected one for each of 1 rows"),
])
def test_wrong_arrays(X, labels, options, error, says):
    with pytest.raises(error, match=re.escape(says)):
        bp.data.arrays(X, labels, **options)


def test_a_test_part_of_its_own():
    data = bp.data.arrays(X, [label + 1 for label in LABELS], test=([[1, 2], [3, 4]], [3, 1]))
    assert data.test.labels.tolist() == [2, 0] and data.test.rows.tolist() == [0, 1] and data.classes == ("1", "2", "3")
    assert (len(data.train), len(data.validation)) == (24, 6)


# ---- shown

def test_it_shows_its_sizes_and_escapes_what_others_wrote():
    data = bp.data.arrays(X, ["<b>", "&", "c"]*10, name="<script>")
    shown = data._repr_html_()
    assert "<script>" not in shown and "<b>" not in shown and "&lt;b&gt;" in shown
    assert "<img" not in shown
    assert "<script>" in repr(data) and "18" in repr(data)


def test_many_classes_have_no_columns():
    data = bp.data.arrays(np.arange(200).reshape(100, 2), [i % 20 for i in range(100)])
    assert data.table.headings == ("part", "samples")


def test_a_contact_sheet_shows_one_picture_of_each_class():
    data = bp.data.digits()
    shown = data._repr_html_()
    assert 'alt="digits: the first training sample of each class: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"' in shown
    image = Image.open(io.BytesIO(base64.b64decode(re.search('base64,([^"]+)"', shown)[1])))
    assert image.mode == "L" and image.size == (100, 8)
    pixels = np.asarray(image)
    for label in range(10):
        first = data.train.X[data.train.labels == label][0].reshape(8, 8)
        assert (pixels[:, 10*label + 1:10*label + 9] == 255 - np.round(255*first/16)).all()
    assert shown == data._repr_html_() and data.standardized()._repr_html_()
