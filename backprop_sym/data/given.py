"""A data set from arrays that somebody has; the readers of files end here as well.

    arrays(X, labels)           a Dataset, checked and divided into its parts
"""
from numbers import Integral

import numpy as np

from ..describe.nearest import excerpt
from .dataset import Dataset, Part
from .labels import numbered, one_hot
from .split import SHARES, stratified

LARGEST = 1e100         # the square of a larger number could not be summed up


def arrays(X, labels, classes=None, features=None, *, test=None, seed=0, name="arrays"):
    """The Dataset of samples ``X`` and their classes: 60 % of every class for training, 20 % for validation, 20 % for the test.

    ``X`` has the shape (samples, features), or (samples, height, width) where samples are pictures. ``labels`` are positions in
    ``classes`` or names of them; where ``classes`` is left out they are what is found. ``features`` are the names of the columns.
    ``test=(X, labels)`` is a test part of its own: then the rest is divided 75 to 25. ``seed`` decides which rows go where.

    Raises ValueError for a number that is not finite, a label that is no class, lengths or shapes that do not fit, and a class
    with too few rows for every part; TypeError for what is not numbers.

    >>> arrays([[0.5], [1.5], [2.5], [3.5]]*5, [0, 0, 1, 1]*5, name="steps")
    steps: 20 samples of 1 feature, 2 classes
    part        samples  0  1
    train       12       6  6
    validation  4        2  2
    test        4        2  2
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral):
        raise TypeError(f"seed: expected a whole number, got {seed!r:.60}")
    X = numbers(X)
    found = classes is None
    labels, classes = numbered(labels, classes)
    flat, shape = _flat(X, labels)
    names = _features(features, X.shape[1:])
    finite(flat, names)
    shares = SHARES if test is None else {part: SHARES[part] for part in SHARES if part != "test"}
    parts = {part: _part(flat, labels, rows, classes) for part, rows in stratified(labels, seed, shares, classes).items()}
    if test is not None:
        parts["test"] = _own_test(test, X.shape[1:], classes, names, found)
    return Dataset(name, **parts, classes=classes, features=names, shape=shape)


def numbers(X, where="X"):
    """X as an array of real numbers; TypeError for anything else."""
    try:
        array = np.asarray(X)
    except ValueError:
        raise TypeError(f"{where}: expected rows of one length, got {X!r:.60}") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{where}: expected numbers, got an array of type {array.dtype}")
    if array.ndim < 2 or not array.size:
        raise ValueError(f"{where}: expected an array of shape (samples, features), got one of shape {array.shape}")
    return array


def finite(X, features, where="X"):
    """ValueError for the first number that is not finite, or too large to calculate with."""
    if X.dtype.kind == "f" and not (fine := np.abs(X) <= min(LARGEST, float(np.finfo(X.dtype).max))).all():
        row, column = np.argwhere(~fine)[0]
        raise ValueError(f"{where}: row {row}, {features[column]!r}: expected a finite number up to {LARGEST:g}, "
                         f"got {X[row, column]}")


def _flat(X, labels, where=""):
    if len(X) != len(labels):
        raise ValueError(f"{where}labels: expected one for each of {len(X):,} rows of X, got {len(labels):,}")
    return X.reshape(len(X), -1), X.shape[1:] if X.ndim > 2 else ()


def _features(features, shape):
    """The names of the columns: those given, checked; else of pixels their place, and of other columns x1, x2, ..."""
    n = int(np.prod(shape))
    if features is None:
        return (tuple(f"pixel_{'_'.join(map(str, place))}" for place in np.ndindex(*shape)) if len(shape) > 1
                else tuple(f"x{i}" for i in range(1, n + 1)))
    names = tuple(map(str, features))
    if isinstance(features, str) or len(names) != n:
        raise ValueError(f"features: expected {n} names, one a column of X, got {excerpt(repr(features))}")
    return names


def _own_test(test, shape, classes, features, found):
    """The test part; where the classes were found among the labels of training, these labels too are names and no positions."""
    try:
        X, labels = test
    except (TypeError, ValueError):
        raise TypeError(f"test: expected a pair (X, labels), got {test!r:.60}") from None
    X = numbers(X, "test: X")
    if X.shape[1:] != shape:
        raise ValueError(f"test: X: expected samples of shape {shape} as in training, got {X.shape[1:]}")
    positions, _ = numbered(np.asarray(labels).astype(str) if found else labels, classes, "test: labels")
    flat, _ = _flat(X, positions, "test: ")
    finite(flat, features, "test: X")
    return _part(flat, positions, np.arange(len(flat)), classes)


def _part(X, labels, rows, classes):
    chosen = labels[rows]
    return Part(X[rows].astype(np.float64), one_hot(chosen, len(classes)), chosen, rows)
