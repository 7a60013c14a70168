"""Data to learn from: sets that come with the package, sets that are made, readers of files.

    digits(), iris()            handwritten digits, and Fisher's flowers
    moons(), circles()          points in a plane
    idx(path)                   MNIST's format
    csv(path, target)           a table with a header; the target is a class, or with measured=True a number
    arrays(X, labels)           what you have already
    one_hot(labels, classes)    the targets of a network, from the classes

All but the last give a Dataset: parts ``train``, ``validation`` and ``test``, each with ``X``, ``Y``, ``labels``; names of the
classes and of the features, or of what was measured; ``scaled()`` and ``standardized()``, by the numbers of the training part
alone.
The folder ``examples`` holds the published worked examples.
"""
from .bundled import digits, iris
from .csvfile import csv
from .dataset import Dataset, Part
from .given import arrays
from .idxfile import idx
from .labels import one_hot
from .made import circles, moons

__all__ = ["Dataset", "Part", "arrays", "circles", "csv", "digits", "idx", "iris", "moons", "one_hot"]
