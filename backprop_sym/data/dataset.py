"""Samples with their classes, or with what was measured, in three parts: to learn from, to choose by, to judge by at the end.

    Dataset                     .train, .validation, .test; .classes, .features; .scaled(), .standardized()
    Part                        .X, .Y, .labels, .samples
"""
import html
from dataclasses import dataclass, replace

import numpy as np

from ..describe.doors import ask
from .pictures import contact_sheet

PARTS = ("train", "validation", "test")
MOST_COLUMNS = 12       # classes that a table of sizes shows a column each of


@dataclass(frozen=True, repr=False, eq=False)
class Part:
    """Rows of a data set: ``X`` of shape (samples, features), ``Y`` of shape (samples, classes), ``labels`` of shape (samples,).

    ``Y`` holds 1 at the label's position and 0 elsewhere. Where the targets are measurements ``Y`` holds them, of shape
    (samples, 1), and ``labels`` is None. ``rows`` says where each sample stood in what was read, counted from 0. The arrays
    cannot be written to.
    """

    X: object
    Y: object
    labels: object
    rows: object

    def __post_init__(self):
        for array in (self.X, self.Y, self.labels, self.rows):
            if array is not None:
                array.setflags(write=False)

    def __len__(self):
        return len(self.X)

    @property
    def samples(self):
        """The inputs and the targets by name, as ``fit`` takes them: {"X": X, "Y": Y}."""
        return {"X": self.X, "Y": self.Y}

    def __repr__(self):
        return f"Part of {len(self):,} samples: X {self.X.shape}, Y {self.Y.shape}"


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Three parts, and what the numbers in them mean.

    ``classes`` and ``features`` are names; ``shape`` is that of a sample that is a picture, (8, 8), otherwise (). What was read
    is ``X*factor + shift``: ``scaled`` and ``standardized`` give the same data in other units. Where the targets are
    measurements ``target`` is their name, there are no classes, and what was read is ``Y*target_factor + target_shift``.

    >>> from backprop_sym import data
    >>> data.iris()
    iris: 150 samples of 4 features, 3 classes
    part        samples  setosa  versicolor  virginica
    train       90       30      30          30
    validation  30       10      10          10
    test        30       10      10          10
    """

    name: str
    train: Part
    validation: Part
    test: Part
    classes: tuple
    features: tuple
    shape: tuple = ()
    shift: object = 0.0
    factor: object = 1.0
    target: str = ""
    target_shift: float = 0.0
    target_factor: float = 1.0

    @property
    def parts(self):
        """{name: Part}, in the order in which they are used."""
        return {part: getattr(self, part) for part in PARTS}

    def standardized(self):
        """The same data with each feature of the training part at mean 0 and standard deviation 1: (X - mean)/deviation.

        Mean and deviation are those of the training part, in every part: nothing of the other two may be known beforehand. A
        feature that does not vary there has nothing to be divided by; it is only shifted. The same is done with targets that are
        measurements.

        >>> from backprop_sym import data
        >>> X = data.iris().standardized().train.X
        >>> bool(abs(X.mean(axis=0)).max() < 1e-14), bool(abs(X.std(axis=0) - 1).max() < 1e-14)
        (True, True)
        """
        found = self._in_units(*_mean_and_deviation(self.train.X))
        if not self.target:
            return found
        (shift,), (factor,) = _mean_and_deviation(self.train.Y)
        parts = {name: replace(part, Y=(part.Y - shift)/factor) for name, part in found.parts.items()}
        return replace(found, **parts, target_shift=self.target_shift + float(shift)*self.target_factor,
                       target_factor=self.target_factor*float(factor))

    def scaled(self):
        """The same data divided by one number, the largest magnitude in the training part: pixels from 0 to 16 become 0 to 1.

        >>> from backprop_sym import data
        >>> digits = data.digits()
        >>> digits.train.X.max(), digits.scaled().train.X.max(), digits.scaled().factor
        (np.float64(16.0), np.float64(1.0), 16.0)
        """
        return self._in_units(0.0, float(np.abs(self.train.X).max()) or 1.0)

    def _in_units(self, shift, factor):
        parts = {name: replace(part, X=(part.X - shift)/factor) for name, part in self.parts.items()}
        return replace(self, **parts, shift=self.shift + shift*self.factor, factor=self.factor*factor)

    @property
    def table(self):
        """The sizes: a row for each part, a column for each class unless there are too many; the range of measurements."""
        if self.target:
            return ask("table", ("part", "samples", f"{self.target} from", "to"), tuple(
                (name, f"{len(part):,}", f"{part.Y.min():.4g}", f"{part.Y.max():.4g}") for name, part in self.parts.items()))
        classes = self.classes if len(self.classes) <= MOST_COLUMNS else ()
        rows = []
        for name, part in self.parts.items():
            counts = np.bincount(part.labels, minlength=len(self.classes))
            rows.append((name, f"{len(part):,}", *(f"{counts[i]:,}" for i in range(len(classes)))))
        return ask("table", ("part", "samples", *classes), tuple(rows))

    @property
    def title(self):
        """The data set in a line."""
        features = f"{len(self.features)} feature{'s' if len(self.features) > 1 else ''}"
        size = f"{' x '.join(map(str, self.shape))} pixels" if self.shape else features
        found = f"{self.target} measured" if self.target else f"{len(self.classes)} classes"
        return f"{self.name}: {sum(map(len, self.parts.values())):,} samples of {size}, {found}"

    def __repr__(self):
        return f"{self.title}\n{self.table!r}"

    def _repr_html_(self):
        return f"<p>{html.escape(self.title)}</p>\n{self.table._repr_html_()}{self._first_of_each_class()}"

    def _first_of_each_class(self):
        """One picture of each class where samples are pictures; otherwise nothing."""
        if len(self.shape) != 2:
            return ""
        found, places = np.unique(self.train.labels, return_index=True)
        shown = [self.classes[label] for label in found]
        pictures = self.train.X[places].reshape(-1, *self.shape)
        return "\n" + contact_sheet(pictures, f"{self.name}: the first training sample of each class: ", shown)


def _mean_and_deviation(values):
    """Of each column; where one does not vary, its value and 1."""
    constant = (values == values[0]).all(axis=0)
    mean = np.where(constant, values[0], values.mean(axis=0))
    return mean, np.where(constant, 1.0, np.sqrt(((values - mean)**2).mean(axis=0)))
