"""The matrix of second derivatives, as numbers.

    hessian(program, values)    all its columns from one call of the Program of H u
"""
import numpy as np

from ..derive.curvature import SLOPE, direction, hessian_vector
from ..describe.arguments import expect
from ..describe.names import Partial
from ..describe.nearest import lookup
from ..describe.shapes import numbers_only
from ..describe.values import by_symbol
from .lambdify import lambdify
from .trainer import REDUCE, checked_samples


def hessian(program, values, samples=None, wrt=None, reduce="mean"):
    """The matrix of second derivatives of the loss (of its mean or sum over samples) by the parameters, n x n floats.

    All n columns come from one call of ``hessian_vector``: its directions are the n unit vectors, side by side. Its
    largest eigenvalue L bounds the learning rate: near a minimum gradient descent is stable below 2/L. Raises
    ValueError and TypeError as ``fit`` does.

    >>> from backprop_sym import Program
    >>> bowl = Program.parse(["E = u**2 + 3*u*v"], parameters="u v", loss="E")
    >>> hessian(bowl, {"u": 1, "v": 2}).tolist()
    [[2.0, 3.0], [3.0, 0.0]]
    """
    expect(program=program, values=values, samples=samples, wrt=wrt)
    numbers_only(program, "hessian")
    reduced = lookup(REDUCE, "reduction", reduce)
    product = hessian_vector(program, wrt)
    names = program.trainable if wrt is None else program.symbols(wrt)
    f = lambdify(product, "numpy")
    units = dict(zip(map(direction, names), np.eye(len(names)), strict=True))
    known = by_symbol(program, values)
    found = [f({**known, **sample, **units}) for sample in checked_samples(program, samples)]
    rows = [[np.broadcast_to(one[Partial(SLOPE, p)], len(names)) for p in names] for one in found]
    return np.asarray(reduced(np.array(rows, dtype=float)))
