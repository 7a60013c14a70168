"""A data set whose targets are measurements: a number for each sample, not one of some classes.

    measured(X, y, target)      a Dataset, checked and divided into its parts
"""
import numpy as np

from .dataset import Dataset, Part
from .given import finite
from .split import stratified

FEWEST = 5              # rows, of which each of three parts gets one


def measured(X, y, target, features, *, seed=0, name="arrays"):
    """The Dataset of samples ``X`` and a number ``y`` for each: 60 % for training, 20 % for validation, 20 % for the test.

    ``X`` has the shape (samples, features), ``y`` (samples,); ``target`` is the name of what was measured. The rows of a part
    are drawn by ``seed``. Raises ValueError for a number that is not finite and for fewer than five rows.

    >>> measured(np.arange(10.0).reshape(10, 1), np.arange(10.0)**2, "area", ["side"], name="squares")
    squares: 10 samples of 1 feature, area measured
    part        samples  area from  to
    train       6        1          49
    validation  2        0          64
    test        2        9          81
    """
    X, Y = np.asarray(X, dtype=float), np.asarray(y, dtype=float).reshape(-1, 1)
    finite(X, features)
    finite(Y, [target], "y")
    if len(X) < FEWEST:
        raise ValueError(f"expected at least {FEWEST} rows, for training, validation and test, got {len(X)}")
    rows = stratified(np.zeros(len(X), dtype=int), seed)
    parts = {part: Part(X[chosen], Y[chosen], None, chosen) for part, chosen in rows.items()}
    return Dataset(name, **parts, classes=(), features=tuple(features), target=target)
