"""Points in a plane that no straight line divides, made by formulas: to look at what a network learns.

    moons()                     two half circles that reach into each other
    circles()                   a circle within a circle

The classic tests of scikit-learn (``make_moons``, ``make_circles``) with random numbers of our own: see ``split``.
"""
from math import cos, isfinite, pi, sin
from numbers import Integral, Real
from statistics import NormalDist

from .given import arrays
from .split import uniform

LEAST, MOST = 10, 1_000_000
PLACES = 6              # decimals that are kept, so that the points are the same whatever library computes sine and cosine


def moons(n=200, noise=0.1, seed=0):
    """Two half circles of radius 1, each point moved by a normal deviate: a Dataset of n points (x1, x2).

        upper: (cos t, sin t)    lower: (1 - cos t, 1/2 - sin t)    t from 0 to pi

    ``noise`` is the standard deviation. Raises TypeError and ValueError for numbers of another kind or size.

    >>> moons(n=100)
    moons: 100 samples of 2 features, 2 classes
    part        samples  upper  lower
    train       60       30     30
    validation  20       10     10
    test        20       10     10
    """
    upper, lower = _halves(n)
    points = ([(cos(t), sin(t)) for t in _angles(upper, pi, upper - 1)]
              + [(1 - cos(t), 0.5 - sin(t)) for t in _angles(lower, pi, lower - 1)])
    return _made("moons", points, ("upper", "lower"), noise, seed)


def circles(n=200, noise=0.05, factor=0.5, seed=0):
    """A circle of radius 1 and one of radius ``factor`` within it, each point moved by a normal deviate: a Dataset of n points.

        outer: (cos t, sin t)    inner: factor (cos t, sin t)    t from 0 to 2 pi

    ``noise`` is the standard deviation; ``factor`` is above 0 and below 1. Raises as ``moons`` does.

    >>> circles(n=100, noise=0).features
    ('x1', 'x2')
    """
    if not _real("factor", factor) > 0 or not factor < 1:
        raise ValueError(f"factor: expected a number between 0 and 1, got {factor!r}")
    outer, inner = _halves(n)
    points = [(radius*cos(t), radius*sin(t)) for radius, many in ((1, outer), (factor, inner)) for t in _angles(many, 2*pi, many)]
    return _made("circles", points, ("outer", "inner"), noise, seed)


def _made(name, points, classes, noise, seed):
    """The Dataset of these points, of which the first half, rounded down, belongs to the first class."""
    if _real("noise", noise) < 0:
        raise ValueError(f"noise: expected a number from 0, got {noise!r}")
    normal = NormalDist()
    X = [[round(x + noise*normal.inv_cdf(uniform(seed, name, i, axis)), PLACES) for axis, x in enumerate(point)]
         for i, point in enumerate(points)]
    return arrays(X, [int(i >= len(points)//2) for i in range(len(points))], classes, seed=seed, name=name)


def _halves(n):
    if isinstance(n, bool) or not isinstance(n, Integral):
        raise TypeError(f"n: expected a whole number, got {n!r:.60}")
    if not LEAST <= n <= MOST:
        raise ValueError(f"n: expected {LEAST} to {MOST:,} points, got {n:,}")
    return n//2, n - n//2


def _angles(many, whole, steps):
    return [whole*i/steps for i in range(many)]


def _real(what, x):
    if isinstance(x, bool) or not isinstance(x, Real):
        raise TypeError(f"{what}: expected a number, got {x!r:.60}")
    if not isfinite(x):
        raise ValueError(f"{what}: expected a finite number, got {x!r}")
    return x
