"""Optimizers as equations: an update is a Program, displayed and compiled like every other.

    GradientDescent()           w_new = w - eta*g, with g = dE/dw
    Momentum, Nesterov          the step follows a running sum of gradients
    RMSProp, Adam, AdamW        the step is divided by a running size of the gradient
    step(net, optimizer)        forward pass, backward pass and update in one Program
    OPTIMIZERS                  the same by the names that files use

What an optimizer remembers from step to step (v_w5, say) is updated like a parameter and starts at zero. Its
coefficients are symbols, such as the learning rate eta; their values are the optimizer's fields, exact decimals. All of them
are names of the optimizer's own, which no name of a reader meets.
"""
from dataclasses import dataclass, fields

import sympy as sp

from ..describe.algebra import minus, times
from ..describe.arguments import expect
from ..describe.copies import updated
from ..describe.names import Owned, Partial
from ..describe.program import Equation, Program
from .reverse import reverse


def _own(name, parameter=None):
    return Owned("optimizer", name, parameter)


ETA, ETA_0 = _own("eta"), _own("eta_0")
STEPS = _own("t_step")            # how many steps came before
# The symbol of each coefficient that an optimizer may have.
COEFFICIENTS = {"momentum": _own("mu"), "beta1": _own("beta1"), "beta2": _own("beta2"), "epsilon": _own("epsilon"),
                "weight_decay": _own("lamda")}


class Optimizer:
    """The base of all optimizers; ``rule`` says what becomes of one parameter w with gradient g, at the rate ``eta``.

    What is remembered is a share from 0 up to, and without, 1 (momentum, beta1, beta2); epsilon and the weight decay are at least
    0. Raises ValueError for others.
    """

    eta = ETA

    def __post_init__(self):
        expect(**vars(self))

    def rule(self, w, g):
        """Pairs (symbol, expression of its next value), in order; the last is for w itself."""
        raise NotImplementedError

    @property
    def coefficients(self):
        """{symbol: value}, without the learning rate."""
        return {COEFFICIENTS[f.name]: getattr(self, f.name) for f in fields(self)}

    def update(self, program, schedule=None):
        """The update equations of the program's trainable parameters, as a Program with ``updates``.

        With a ``schedule`` the learning rate has an equation of its own, and the steps are counted.
        """
        expect(program=program, schedule=schedule)
        if program.loss is None:
            raise ValueError("an update needs the loss of a program: Program(..., loss=...)")
        rules = {} if schedule is None else {STEPS: STEPS + 1}
        rate = () if schedule is None else (Equation(ETA, schedule.rate(ETA_0, STEPS)),)
        hyperparameters = (ETA, *self.coefficients) if schedule is None else (
            ETA_0, *self.coefficients, *schedule.coefficients)
        gradient = {p: Partial(program.loss, p) for p in program.trainable}
        parameters = set(program.parameters)
        for p in program.trainable:
            rules.update(self.rule(p, gradient[p]))
        return Program((*rate, *(Equation(updated(old), new) for old, new in rules.items())),
                       parameters=program.trainable, hyperparameters=hyperparameters,
                       given=(*gradient.values(), *(s for s in rules if s not in parameters)),
                       updates={old: updated(old) for old in rules})


@dataclass(frozen=True)
class GradientDescent(Optimizer):
    r"""Gradient descent: every parameter takes a step of the learning rate against its own derivative,

    .. math:: w_{new} = w - \eta\, \frac{\partial E}{\partial w},

    all derivatives taken at the old parameters.

    >>> from backprop_sym import dense
    >>> GradientDescent().update(dense([1, 1]))
    w1_new = w1 - eta*d(E_total)/d(w1)
    b1_new = b1 - eta*d(E_total)/d(b1)
    """

    def rule(self, w, g):
        yield w, minus(w, times(ETA, g))


@dataclass(frozen=True)
class Momentum(Optimizer):
    r"""Gradient descent with classical (heavy-ball) momentum; g is the gradient, v starts at 0:

    .. math:: v_{new} = \mu v + g, \qquad w_{new} = w - \eta\, v_{new}.
    """

    momentum: object = "0.9"

    def rule(self, w, g):
        v = _own("v", w)
        yield v, COEFFICIENTS["momentum"]*v + g
        yield w, w - ETA*updated(v)


@dataclass(frozen=True)
class Nesterov(Optimizer):
    r"""Nesterov's momentum, in the form that looks ahead along the running sum:

    .. math:: v_{new} = \mu v + g, \qquad w_{new} = w - \eta\,(g + \mu v_{new}).
    """

    momentum: object = "0.9"

    def rule(self, w, g):
        mu, v = COEFFICIENTS["momentum"], _own("v", w)
        yield v, mu*v + g
        yield w, w - ETA*(g + mu*updated(v))


@dataclass(frozen=True)
class RMSProp(Optimizer):
    r"""RMSProp: the step is divided by a running root mean square of the gradient (s starts at 0):

    .. math:: s_{new} = \beta_2 s + (1 - \beta_2)\, g^2, \qquad
              w_{new} = w - \eta\, \frac{g}{\sqrt{s_{new}} + \epsilon}.
    """

    beta2: object = "0.99"
    epsilon: object = "1e-8"

    def rule(self, w, g):
        beta2, s = COEFFICIENTS["beta2"], _own("s", w)
        yield s, beta2*s + (1 - beta2)*g**2
        yield w, w - ETA*g/(sp.sqrt(updated(s)) + COEFFICIENTS["epsilon"])


@dataclass(frozen=True)
class Adam(Optimizer):
    r"""Adam: momentum and RMSProp together, both corrected for their start at 0; t counts the steps:

    .. math:: m_{new} = \beta_1 m + (1 - \beta_1)\, g, \quad s_{new} = \beta_2 s + (1 - \beta_2)\, g^2, \quad
              w_{new} = w - \eta\, \frac{m_{new}/(1 - \beta_1^t)}{\sqrt{s_{new}/(1 - \beta_2^t)} + \epsilon}.
    """

    beta1: object = "0.9"
    beta2: object = "0.999"
    epsilon: object = "1e-8"

    def rule(self, w, g):
        beta1, beta2 = COEFFICIENTS["beta1"], COEFFICIENTS["beta2"]
        m, s, t = _own("m", w), _own("s", w), STEPS
        yield t, t + 1
        yield m, beta1*m + (1 - beta1)*g
        yield s, beta2*s + (1 - beta2)*g**2
        mean = updated(m)/(1 - beta1**updated(t))
        size = sp.sqrt(updated(s)/(1 - beta2**updated(t)))
        yield w, self.decayed(w) - ETA*mean/(size + COEFFICIENTS["epsilon"])

    def decayed(self, w):
        """The parameter from which the step is taken."""
        return w


@dataclass(frozen=True)
class AdamW(Adam):
    r"""Adam with decoupled weight decay: the step of Adam is taken from :math:`(1 - \eta\lambda)\, w`."""

    weight_decay: object = "0.01"

    def decayed(self, w):
        return w - ETA*COEFFICIENTS["weight_decay"]*w


# The names that files use; each takes its coefficients as keywords.
OPTIMIZERS = {"gradient_descent": GradientDescent, "momentum": Momentum, "nesterov": Nesterov, "rmsprop": RMSProp,
              "adam": Adam, "adamw": AdamW}


def step(program, optimizer=None, gradient=None, schedule=None):
    """One training step: the forward pass, the backward pass and the update, concatenated.

    ``optimizer`` is gradient descent unless given; ``schedule`` changes its learning rate from step to step.
    ``gradient`` replaces the backward pass by another Program that defines d(loss)/d(p) for each trainable parameter p: to
    see what a wrong gradient does. Raises ValueError where the program has no loss or no parameter to update, or
    ``gradient`` leaves one out.

    >>> from backprop_sym import dense
    >>> step(dense([1, 1])).updates
    {w1: w1_new, b1: b1_new}
    """
    expect(program=program, optimizer=optimizer, gradient=gradient, schedule=schedule)
    if program.loss is None:
        raise ValueError("a training step needs a loss: Program(..., loss=...)")
    if program.loss not in program:
        raise ValueError(f"the loss {program.loss} is given from outside: a training step needs one that an equation defines")
    if not program.trainable:
        raise ValueError("a training step needs parameters to update: Program(..., parameters=...)")
    backward = reverse(program) if gradient is None else gradient
    for p in program.trainable:
        if Partial(program.loss, p) not in backward:
            raise ValueError(f"the gradient defines no {Partial(program.loss, p)}")
    return program + backward + (optimizer or GradientDescent()).update(program, schedule)
