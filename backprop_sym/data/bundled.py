"""The data sets that come with the package: nothing is fetched from anywhere.

    digits()                    1,797 handwritten digits of 8 x 8 pixels
    iris()                      150 flowers of three species

``sets/README.md`` says where they come from and under which licence. Their division into parts never changes.
"""
from functools import cache
from pathlib import Path

from .csvfile import csv
from .idxfile import idx

SETS = Path(__file__).parent / "sets"


@cache
def digits():
    """Handwritten digits, pixels from 0 (white) to 16: X of shape (samples, 64). ``digits().scaled()`` has them from 0 to 1.

    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
    doi:10.24432/C50P49, CC BY 4.0; the test part of it.

    >>> digits().train
    Part of 1,078 samples: X (1078, 64), Y (1078, 10)
    """
    return idx(SETS / "digits-images-idx3-ubyte.gz", name="digits")


@cache
def iris():
    """Length and width of sepal and petal in cm of 150 flowers, 50 of each species: X of shape (samples, 4).

    R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 1936; doi:10.24432/C56C76,
    CC BY 4.0.

    >>> iris().classes
    ('setosa', 'versicolor', 'virginica')
    """
    return csv(SETS / "iris.csv", target="species", name="iris")
