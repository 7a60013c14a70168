"""Classes as numbers: from what stands in a file to positions, and from positions to the targets of a network.

    numbered(labels, classes)   the position of each label among the classes, and the classes
    one_hot(labels, classes)    the targets: 1 at the label's position, 0 elsewhere
    decimal(text)               the number that a text is, if it is one
"""
from numbers import Integral

import numpy as np

from ..describe.decimals import DECIMAL, MAX_DIGITS
from ..describe.nearest import excerpt, unknown

MOST_NUMBERS = 100_000_000      # in one array: 0.8 GB as float64


def one_hot(labels, classes):
    """The targets Y of shape (samples, classes): Y[i, labels[i]] = 1, all else 0.

    ``classes`` is their number, or their names. Raises ValueError for a label that is not from 0 to classes - 1 (as where there
    are more classes than a network has outputs) and for no label at all, TypeError for labels that are no whole numbers.

    >>> one_hot([2, 0], classes=3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    >>> one_hot([2, 10], classes=10)
    Traceback (most recent call last):
        ...
    ValueError: labels: row 1: expected a class from 0 to 9, got 10
    """
    n = classes if isinstance(classes, Integral) and not isinstance(classes, bool) else len(named(classes))
    labels = in_range(_line(labels, "iu", "whole numbers such as [0, 2, 1]"), n)
    if len(labels)*n > MOST_NUMBERS:
        raise ValueError(f"classes: expected at most {MOST_NUMBERS:,} targets, got {len(labels):,} x {n:,}")
    Y = np.zeros((len(labels), n))
    Y[np.arange(len(labels)), labels] = 1
    return Y


def numbered(labels, classes=None, where="labels"):
    """The position of each label among the classes, and the names of the classes as text.

    With ``classes`` the labels are positions, or names of them; without, the classes are what is found, numbers by size, then
    words by the alphabet. Raises ValueError for a label that is none of the classes, TypeError for labels that are neither whole
    numbers nor text.

    >>> numbered(["no", "yes", "no"]), numbered([7, 10, 9])
    ((array([0, 1, 0]), ('no', 'yes')), (array([0, 2, 1]), ('7', '9', '10')))
    """
    labels = _line(labels, "iuU", "whole numbers, or names", where)
    if classes is not None:
        classes = named(classes)
        if labels.dtype.kind != "U":
            return in_range(labels, len(classes), where), classes
    found, places = np.unique(labels, return_inverse=True)
    words = [str(word) for word in found]
    if classes is None:
        classes = named(sorted(words, key=_numbers_first))
    position = {name: i for i, name in enumerate(classes)}
    for i, word in enumerate(words):
        if word not in position:
            raise ValueError(f"{where}: row {np.flatnonzero(places == i)[0]}: {unknown('class', word, classes)}")
    return np.array([position[word] for word in words], dtype=np.intp)[places], classes


def _numbers_first(word):
    value = decimal(word)
    return (0, value, word) if value is not None else (1, 0, word)


def decimal(text):
    """The float that a decimal such as "-2.5e3" denotes; None for any other text, also "nan", "1_000" and one without end.

    >>> decimal("-2.5e3"), decimal("1,5")
    (-2500.0, None)
    """
    return float(text) if len(text) <= MAX_DIGITS and DECIMAL.fullmatch(text) else None


def named(classes):
    """The names of classes as a tuple of texts, checked: at least two, no name twice."""
    if isinstance(classes, str | Integral) or not hasattr(classes, "__iter__"):
        raise TypeError(f"classes: expected their names, such as ['no', 'yes'], got {classes!r:.60}")
    names = tuple(map(str, classes))
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise ValueError(f"classes: {excerpt(twice)!r} stands there twice")
    if len(names) < 2:
        raise ValueError(f"classes: expected at least two, got {', '.join(map(repr, names)) or 'none'}")
    return names


def in_range(labels, n, where="labels"):
    """The labels as positions, each from 0 to n - 1; ValueError for the first that is not."""
    wrong = np.flatnonzero((labels < 0) | (labels >= n))
    if len(wrong):
        raise ValueError(f"{where}: row {wrong[0]}: expected a class from 0 to {n - 1}, got {labels[wrong[0]]}")
    return labels.astype(np.intp)


def _line(labels, kinds, expected, where="labels"):
    """The labels as an array of one dimension that holds something of one of these kinds."""
    try:
        array = np.asarray(labels)
    except ValueError:
        raise TypeError(f"{where}: expected {expected}, got {labels!r:.60}") from None
    if array.ndim == 1 and not len(array):
        raise ValueError(f"{where}: expected at least one, got none")
    if array.ndim != 1 or array.dtype.kind not in kinds:
        raise TypeError(f"{where}: expected {expected}, one a row, got an array of shape {array.shape} and type {array.dtype}")
    return array
