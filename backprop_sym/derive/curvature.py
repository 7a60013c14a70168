r"""Second derivatives: the backward pass is a Program, so it has a backward pass of its own.

    hessian_vector(program)     the Program of H u, for a direction u: the backward pass of g . u

With :math:`g = \partial E/\partial w` and a direction u that does not depend on w,

.. math:: \frac{\partial}{\partial w_i} (g \cdot u) = \sum_j \frac{\partial^2 E}{\partial w_i\, \partial w_j}\, u_j = (H u)_i,

so one more pass, not n of them, gives the product with a vector.
"""
import sympy as sp

from ..describe.algebra import times
from ..describe.arguments import expect
from ..describe.matrices import total
from ..describe.names import Owned, Partial
from ..describe.program import Equation
from .adjoints import shape_in
from .reverse import reverse

SLOPE = Owned("curvature", "D")             # the slope of the loss along the direction


def direction(parameter):
    """The symbol of the direction's component along a parameter."""
    return Owned("curvature", "u", parameter)


def hessian_vector(program, wrt=None):
    r"""The forward pass, the backward pass, the slope D = g . u along a direction u, and its backward pass.

    ``wrt``: the parameters (every trainable one). The direction is given by values for u_w1, u_w2, ...; the product H u
    is d(D)/d(w1), d(D)/d(w2), ...; of an array W the direction is the array u_W, and the slope sum(g*u). Raises ValueError
    for names that the program does not have.

    >>> from backprop_sym import Program
    >>> square = Program.parse(["E = w**2*x"], inputs="x", parameters="w", loss="E")
    >>> hessian_vector(square)
    E = x*w**2
    d(E)/d(w) = 2*x*w
    D = d(E)/d(w)*u_w
    d(D)/d(d(E)/d(w)) = u_w
    d(D)/d(w) = 2*d(D)/d(d(E)/d(w))*x
    """
    expect(program=program, wrt=wrt)
    names = program.trainable if wrt is None else program.symbols(wrt)
    whole = program + reverse(program, wrt=names)
    slope = sp.Add(*(_along(times(Partial(program.loss, p), direction(p)), program, p) for p in names))
    directed = whole._with((*whole.equations, Equation(SLOPE, slope)),
                           inputs=(*whole.inputs, *(direction(p) for p in names)))
    return directed + reverse(directed, of=SLOPE, wrt=names)


def _along(product, program, p):
    """What a parameter adds to the slope: g*u, of an array the sum over its entries."""
    return total(product) if shape_in(program, p) else product
