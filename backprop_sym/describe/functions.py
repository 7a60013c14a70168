"""Activations: a table, one row each; the expression and its derivative side by side.

    sigmoid(z)                  a SymPy expression; sp.diff(sigmoid(z), z) == sigmoid(z)*(1 - sigmoid(z))
    softmax(2, z1, z2, z3)      the second of three; softmax.layer([z1, z2, z3]) all of them
    ACTIVATIONS["sigmoid"]      its class

The machinery is in ``rules.py``; the tests prove each row equal to ``sympy.diff`` of its definition. At a kink the
derivative is the one of the left side for relu and leaky_relu, and 0 for hinge and the absolute value.
"""

from functools import reduce

import sympy as sp
from sympy.codegen.cfunctions import log1p

from .activation import ACTIVATIONS, Activation, Faces, Rule, row


def piecewise(value, condition, otherwise):
    """One value where the condition holds, else the other."""
    return sp.Piecewise((value, condition), (otherwise, True))


class clipped(sp.Function):  # noqa: N801
    """z, held where exp(-z) is a finite float: below -708 in floating point, nowhere in mpmath."""

    def _eval_evalf(self, prec):
        return self.args[0]._eval_evalf(prec)


class bracket(sp.Function):  # noqa: N801
    """Its argument, computed before what it is multiplied with: (t*a) is near 1 where t is huge and a*a is lost."""

    def _eval_evalf(self, prec):
        return self.args[0]._eval_evalf(prec)


def _grown(z):
    """exp(-z): 1/(1 + exp(-z)) has all its digits on both sides."""
    return sp.exp(-clipped(z))


def _small(z):
    """exp(-|z|): never above 1, so nothing built on it overflows."""
    return sp.exp(-sp.Abs(z))


def _fold(z):
    """The smaller of sigmoid(z) and sigmoid(-z): that number and what it lacks to 1 have all their digits. 1/inf is 0."""
    return 1/(1 + sp.exp(sp.Abs(z)))


class erfc(sp.Function):  # noqa: N801  (SymPy functions are written small)
    """1 - erf, left as it is: SymPy's own turns erfc(-x) into 2 - erfc(x), and there the digits are lost."""

    def _eval_evalf(self, prec):
        return sp.erfc(*self.args)._eval_evalf(prec)


def _vanishing(z):
    """The sigmoid in the form that is exactly 0 far to the left, for factors that grow there."""
    return piecewise(1, z >= 0, _small(z))/(1 + _small(z))


def _normal(z):
    """The share of a normal distribution that lies below z, by the function that keeps its digits far to the left."""
    return erfc(-z/sp.sqrt(2))/2


def _density(z):
    return sp.exp(-z**2/2)/sp.sqrt(2*sp.pi)


def _inner(z):
    """What the approximate gelu takes the tanh of."""
    return sp.sqrt(2/sp.pi)*(z + sp.Rational(44715, 10**6)*z**3)


def _inner_slope(z):
    return sp.sqrt(2/sp.pi)*(1 + sp.Rational(134145, 10**6)*z**2)


# ---- activations: the definition, the derivative as shown, the name on paper, the stable forms

sigmoid = row(
    "sigmoid", lambda z: 1/(1 + sp.exp(-z)), slope=lambda z, a: a*(1 - a), latex=r"\sigma",
    stable=lambda z: 1/(1 + _grown(z)),
    stable_slope=lambda z: bracket(_grown(z)/(1 + _grown(z)))/(1 + _grown(z)),
    folded=lambda z: piecewise(_fold(z), z < 0, 1 - _fold(z)),
    folded_slope=lambda z: _fold(z)*(1 - _fold(z)))
tanh = row(
    "tanh", lambda z: (sp.exp(z) - sp.exp(-z))/(sp.exp(z) + sp.exp(-z)), slope=lambda z, a: 1 - a**2, latex=r"\tanh",
    stable=lambda z: sp.tanh(z),
    stable_slope=lambda z: 4*_small(2*z)/(1 + _small(2*z))**2)
relu = row(
    "relu", lambda z: piecewise(z, z > 0, 0), slope=lambda z, a: piecewise(1, z > 0, 0))
leaky_relu = row(
    "leaky_relu", lambda z: piecewise(z, z > 0, z/100),
    slope=lambda z, a: piecewise(1, z > 0, sp.Rational(1, 100)))
softplus = row(
    "softplus", lambda z: sp.log(1 + sp.exp(z)), slope=lambda z, a: sigmoid(z),
    stable=lambda z: piecewise(z, z > 0, 0) + log1p(_small(z)),
    stable_slope=lambda z: sigmoid.rule.stable(z))
gelu = row(
    "gelu", lambda z: z*(1 + sp.erf(z/sp.sqrt(2)))/2,
    slope=lambda z, a: (1 + sp.erf(z/sp.sqrt(2)))/2 + z*_density(z),
    stable=lambda z: z*_normal(z),
    stable_slope=lambda z: _normal(z) + z*_density(z))
gelu_tanh = row(
    "gelu_tanh", lambda z: z*(1 + sp.tanh(_inner(z)))/2,
    slope=lambda z, a: (1 + sp.tanh(_inner(z)))/2 + z*(1 - sp.tanh(_inner(z))**2)*_inner_slope(z)/2,
    stable=lambda z: z*_vanishing(2*_inner(z)),
    stable_slope=lambda z: (_vanishing(2*_inner(z))
                            + 2*z*_inner_slope(z)*_small(2*_inner(z))/(1 + _small(2*_inner(z)))**2))
silu = row(
    "silu", lambda z: z/(1 + sp.exp(-z)), slope=lambda z, a: a + sigmoid(z)*(1 - a),
    stable=lambda z: z*sigmoid.rule.stable(z),
    stable_slope=lambda z: sigmoid.rule.stable(z) + z*sigmoid.rule.stable_slope(z))
identity = row("identity", lambda z: z, slope=lambda z, a: sp.Integer(1))


# ---- functions of a whole layer

class top(sp.Function):  # noqa: N801  (SymPy functions are written small)
    """The largest of its arguments: what stable forms shift by, never differentiated."""

    @classmethod
    def eval(cls, *numbers):
        return numbers[0] if len(numbers) == 1 else None


class larger(sp.Function):  # noqa: N801
    """The larger of two numbers, and undefined (NaN) where one of them is."""

    nargs = 2

    def _eval_evalf(self, prec):
        return sp.Max(*self.args)._eval_evalf(prec)


class softmax(Activation):  # noqa: N801
    r"""softmax(k, z_1, ..., z_n), the k-th of n shares that add up to 1: :math:`e^{z_k} / \sum_j e^{z_j}`.

    The derivative by z_i is p_k*(1 - p_k) where i is k, and -p_k*p_i elsewhere. Raises ValueError where k is none of
    1, ..., n.

    >>> z1, z2 = sp.symbols("z1 z2")
    >>> softmax(1, z1, z2).definition
    exp(z1)/(exp(z1) + exp(z2))
    >>> softmax(1, z1, z2).diff(z2)
    -softmax(1, z1, z2)*softmax(2, z1, z2)
    """

    @classmethod
    def eval(cls, k, *sums):
        if not (k.is_Integer and 1 <= k <= len(sums)):
            raise ValueError(f"softmax: expected first which one, 1 to {len(sums)}, and then the weighted sums; got {k}")
        return sp.S.One if len(sums) == 1 else None

    @classmethod
    def layer(cls, sums):
        """All shares of a layer; one alone would always be 1, so at least two are expected."""
        if len(sums) < 2:
            raise ValueError("softmax: expected a layer of at least 2 units, got 1, whose share would always be 1")
        return [cls(k, *sums) for k in range(1, len(sums) + 1)]

    def by(self, i):
        k, *sums = self.args
        if i != k:
            return -self*softmax(i, *sums)
        return Faces(self*(1 - self), self*sp.Add(*(softmax(j + 1, *sums) for j in range(len(sums)) if j + 1 != k)))

    rule = Rule(definition=lambda k, *sums: sp.exp(sums[k - 1])/sp.Add(*map(sp.exp, sums)),
                latex=r"\mathrm{softmax}",
                stable=lambda k, *sums: (sp.exp(sums[k - 1] - top(*sums))
                                         / sp.Add(*(sp.exp(z - top(*sums)) for z in sums))))


class logsumexp(Activation):  # noqa: N801
    r"""logsumexp(z_1, ..., z_n) is :math:`\ln \sum_j e^{z_j}`; its derivative by z_i is the i-th softmax.

    >>> z1, z2 = sp.symbols("z1 z2")
    >>> logsumexp(z1, z2).diff(z2)
    softmax(2, z1, z2)
    """

    def by(self, i):
        return Faces(softmax(i + 1, *self.args), sp.exp(self.args[i] - self))

    rule = Rule(definition=lambda *sums: sp.log(sp.Add(*map(sp.exp, sums))),
                latex=r"\mathrm{logsumexp}",
                stable=lambda *sums: top(*sums) + sp.log(sp.Add(*(sp.exp(z - top(*sums)) for z in sums))))


class maximum(Activation):  # noqa: N801
    r"""The largest of its arguments, written max(z_1, ..., z_n); its derivative is 1 by the first that is as large, else 0.

    >>> z1, z2 = sp.symbols("z1 z2")
    >>> maximum(z1, z2).subs({z1: 1, z2: 3}).evalf()
    3.00000000000000
    """

    def by(self, i):
        z = self.args[i]
        return sp.Mul(*(piecewise(1, z > other if j < i else z >= other, 0) for j, other in enumerate(self.args) if j != i))

    rule = Rule(definition=sp.Max, latex=r"\max",
                stable=lambda *sums: larger(*sums) if len(sums) == 2 else reduce(maximum, sums))


class step(Activation):  # noqa: N801
    """1 where its argument is 0 or more, else 0, and so is its derivative everywhere: what a perceptron answers."""

    nargs = 1

    def by(self, i):
        return sp.S.Zero

    rule = Rule(definition=lambda z: piecewise(1, z >= 0, 0), latex=r"\mathrm{step}",
                stable=lambda z: piecewise(1, z >= 0, 0))


maximum.__name__ = "max"
ACTIVATIONS["softmax"] = softmax
