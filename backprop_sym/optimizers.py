"""Optimizers as equations: an update is a Program, displayed and compiled like every other.

    GradientDescent()           w_new = w - eta*dE/dw
    step(net, optimizer)        forward pass, backward pass and update in one Program
"""
from dataclasses import dataclass

from .program import Equation, Program
from .reverse import reverse
from .symbols import Partial, symbol, updated


@dataclass(frozen=True)
class GradientDescent:
    r"""Gradient descent: every parameter takes a step of the learning rate against its own derivative,

    .. math:: w_{new} = w - \eta\, \frac{\partial E}{\partial w},

    all derivatives taken at the old parameters. The learning rate is the symbol eta.

    >>> from backprop_sym import dense
    >>> GradientDescent().update(dense([1, 1]))
    w1_new = w1 - eta*d(E_total)/d(w1)
    b1_new = b1 - eta*d(E_total)/d(b1)
    """

    def update(self, program):
        """The update equations of the program's trainable parameters, as a Program with ``updates``."""
        eta = symbol("eta")
        parameters = program.trainable
        gradient = {p: Partial(program.loss, p) for p in parameters}
        equations = tuple(Equation(updated(p), p - eta*gradient[p]) for p in parameters)
        return Program(equations, parameters=parameters, hyperparameters=(eta,), given=tuple(gradient.values()),
                       updates={p: updated(p) for p in parameters})


def step(program, optimizer=None, gradient=None):
    """One training step: the forward pass, the backward pass and the update, concatenated.

    ``optimizer`` is gradient descent unless given. ``gradient`` replaces the backward pass by another Program that
    defines d(loss)/d(p) for each trainable parameter p: to see what a wrong gradient does. Raises ValueError where
    the program has no loss or no parameter to update, or ``gradient`` leaves one out.

    >>> from backprop_sym import dense
    >>> step(dense([1, 1])).updates
    {w1: w1_new, b1: b1_new}
    """
    if program.loss is None:
        raise ValueError("a training step needs a loss: Program(..., loss=...)")
    if not program.trainable:
        raise ValueError("a training step needs parameters to update: Program(..., parameters=...)")
    backward = reverse(program) if gradient is None else gradient
    for p in program.trainable:
        if Partial(program.loss, p) not in backward:
            raise ValueError(f"the gradient defines no {Partial(program.loss, p)}")
    return program + backward + (optimizer or GradientDescent()).update(program)


# The names that files use; each takes its coefficients as keywords.
OPTIMIZERS = {"gradient_descent": GradientDescent}
