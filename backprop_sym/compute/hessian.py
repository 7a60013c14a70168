r"""Second derivatives: the backward pass is a Program, so it has a backward pass of its own.

    hessian_vector(program)     the Program of H u, for a direction u: the backward pass of g . u
    hessian(program, values)    the matrix H of second derivatives, as numbers

With :math:`g = \partial E/\partial w` and a direction u that does not depend on w,

.. math:: \frac{\partial}{\partial w_i} (g \cdot u) = \sum_j \frac{\partial^2 E}{\partial w_i\, \partial w_j}\, u_j = (H u)_i,

so one more pass, not n of them, gives the product with a vector.
"""
import numpy as np
import sympy as sp

from ..derive.reverse import reverse
from ..describe.activation import times
from ..describe.names import Partial, symbol, symbols
from ..describe.program import Equation
from .lambdify import lambdify
from .trainer import REDUCE, checked_samples

SLOPE = symbol("D")             # the slope of the loss along the direction
DIRECTION = "u_"


def hessian_vector(program, wrt=None):
    r"""The forward pass, the backward pass, the slope D = g . u along a direction u, and its backward pass.

    ``wrt``: the parameters (every trainable one). The direction is given by values for u_w1, u_w2, ...; the product H u
    is d(D)/d(w1), d(D)/d(w2), .... Raises ValueError for names that the program does not have.

    >>> from backprop_sym import Program
    >>> square = Program.parse(["E = w**2*x"], inputs="x", parameters="w", loss="E")
    >>> hessian_vector(square)
    E = x*w**2
    d(E)/d(w) = 2*x*w
    D = d(E)/d(w)*u_w
    d(D)/d(d(E)/d(w)) = u_w
    d(D)/d(w) = 2*d(D)/d(d(E)/d(w))*x
    """
    names = program.trainable if wrt is None else symbols(wrt)
    whole = program + reverse(program, wrt=names)
    slope = sp.Add(*(times(Partial(program.loss, p), symbol(DIRECTION + p.name)) for p in names))
    directed = whole._with((*whole.equations, Equation(SLOPE, slope)),
                           inputs=(*whole.inputs, *(symbol(DIRECTION + p.name) for p in names)))
    return directed + reverse(directed, of=SLOPE, wrt=names)


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
    product = hessian_vector(program, wrt)
    names = program.trainable if wrt is None else symbols(wrt)
    f = lambdify(product, "numpy")
    units = dict(zip((DIRECTION + p.name for p in names), np.eye(len(names)), strict=True))
    found = [f({**values, **sample, **units}) for sample in checked_samples(program, samples)]
    rows = [[np.broadcast_to(one[Partial(SLOPE, p)], len(names)) for p in names] for one in found]
    return np.asarray(REDUCE[reduce](np.array(rows, dtype=float)))
