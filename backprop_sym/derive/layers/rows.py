"""Layers whose samples are rows: what is made of each, and of all together.

    batch_norm, layer_norm      each unit over the samples, each sample over the units: mean 0 and variance 1
    attention                   every row a mean of all rows, with weights that are computed
    embedding                   a row of a table for each whole number
    dropout, residual           a mask that is given; what goes past a layer
"""
import sympy as sp

from ...describe.names import symbol
from ...describe.shapes import Extent
from .layer import layer, names_itself, told

MOST = 10**12
POSITIVE_OR_0 = sp.Interval(0, sp.oo)


@names_itself
def batch_norm(units, training=True, x="X", y="H", mark="", form="matrix", samples=2):
    r"""Batch normalisation of X of shape (B, units) (Ioffe and Szegedy, 2015).

    .. math:: \mu = \frac1B \sum_i X_i, \qquad v = \frac1B \sum_i (X_i - \mu)^2, \qquad
              H = \gamma \frac{X - \mu}{\sqrt{v + \epsilon}} + \beta

    A sample moves the result in three ways: itself, through the mean, and through the variance. Where ``training`` is False,
    mu and v are given: those of all that was seen before. Raises ValueError for numbers of which there is one sample alone.

    >>> batch_norm(3)
    mu = mean(X, columns)
    v = mean((X - mu)**2, columns)
    Xhat = (X - mu)/sqrt(v + epsilon)
    H = Xhat*gamma + beta
    """
    told(units=units, training=training)
    shapes = {"X": ("B", units), "gamma": (units,), "beta": (units,)}
    statistics = ["mu = mean(X, columns)", "v = mean((X - mu)**2, columns)"]
    if training:
        return layer([*statistics, *NORMALISED], shapes, {"X": x, "H": y}, mark, form, samples, inputs="X",
                     parameters="gamma beta", hyperparameters="epsilon",
                     domains=((Extent("B"), sp.Range(2, MOST)), (symbol("epsilon"), POSITIVE_OR_0)))
    return layer(NORMALISED, {**shapes, "mu": (units,), "v": (units,)}, {"X": x, "H": y}, mark, form, samples, inputs="X",
                 parameters="gamma beta", hyperparameters="mu v epsilon",
                 domains=((symbol("v"), POSITIVE_OR_0), (symbol("epsilon"), POSITIVE_OR_0)))


NORMALISED = ["Xhat = (X - mu)/sqrt(v + epsilon)", "H = Xhat*gamma + beta"]


@names_itself
def layer_norm(units, x="X", y="H", mark="", form="matrix", samples=1):
    r"""Layer normalisation of X of shape (B, units): the mean and the variance are those of a row (Ba, Kiros and Hinton, 2016).

    >>> layer_norm(3).defined
    (mu, v, Xhat, H)
    """
    told(units=units)
    return layer(["mu = mean(X, rows)", "v = mean((X - mu)**2, rows)", *NORMALISED],
                 {"X": ("B", units), "gamma": (units,), "beta": (units,)}, {"X": x, "H": y}, mark, form, samples,
                 inputs="X", parameters="gamma beta", hyperparameters="epsilon", domains=((symbol("epsilon"), POSITIVE_OR_0),))


@names_itself
def attention(inputs, keys, values=None, masked=False, heads=1, x="X", y="H", mark="", form="matrix", samples=2):
    r"""Scaled dot-product attention (Vaswani et al., 2017); the rows of X are the B tokens of one sequence.

    .. math:: H = \mathrm{softmax}\!\left(\frac{Q K^T}{\sqrt{d}} + M\right) V W_O, \qquad
              Q = X W_Q, \quad K = X W_K, \quad V = X W_V

    d is the number of ``keys``, which the scores grow with: divided by its root they have the spread of one product. ``masked``:
    whether there is a mask M of shape (B, B) that is added to the scores, 0 where a token may look and some -1000 where not.
    Several ``heads`` share the keys and the values out among them, and each looks with weights of its own; what they make is
    added up, which is the paper's product of all side by side with a W_O of all rows. Raises ValueError for heads that cannot
    share them out.

    >>> attention(4, 2)
    Q = X @ W_Q
    K = X @ W_K
    V = X @ W_V
    S = sqrt(2)*(Q @ K.T)/2
    P = softmax(S)
    O = P @ V
    H = O @ W_O
    >>> print(attention(4, 4, heads=2)["H"])
    H = O1 @ W_O1 + O2 @ W_O2
    """
    values = keys if values is None else values
    told(inputs=inputs, keys=keys, values=values, masked=masked, heads=heads)
    if keys % heads or values % heads:
        fits = ", ".join(str(n) for n in range(1, min(keys, values) + 1) if keys % n == values % n == 0)
        raise ValueError(f"{heads} heads cannot share out {keys} keys and {values} values: {fits} could")
    keys, values, marks = keys//heads, values//heads, [str(k + 1) for k in range(heads)] if heads > 1 else [""]
    lines = [line for k in marks for line in (
        f"Q{k} = X @ W_Q{k}", f"K{k} = X @ W_K{k}", f"V{k} = X @ W_V{k}",
        f"S{k} = Q{k} @ K{k}.T/sqrt({keys})" + " + M"*bool(masked), f"P{k} = softmax(S{k})", f"O{k} = P{k} @ V{k}")]
    sizes = {"W_Q": (inputs, keys), "W_K": (inputs, keys), "W_V": (inputs, values), "W_O": (values, inputs)}
    weights = {name + k: shape for k in marks for name, shape in sizes.items()}
    return layer([*lines, f"H = {' + '.join(f'O{k} @ W_O{k}' for k in marks)}"],
                 {"X": ("B", inputs), **({"M": ("B", "B")} if masked else {}), **weights}, {"X": x, "H": y}, mark, form, samples,
                 inputs="X M" if masked else "X", parameters=list(weights))


@names_itself
def embedding(tokens, units, x="N", y="H", mark="", form="matrix", samples=1):
    r"""A row of the table E for each whole number of N, from 0 to ``tokens`` - 1 (Bengio et al., 2003).

    The gradient of a row is the sum over the places where it was looked up. Raises ValueError for a number that is in no row.

    >>> embedding(10, 4)
    H = one_hot(N, 10) @ E
    """
    told(tokens=tokens, units=units)
    return layer([f"H = one_hot(N, {tokens}) @ E"], {"N": ("B",), "E": (tokens, units)}, {"N": x, "H": y}, mark, form, samples,
                 inputs="N", parameters="E")


@names_itself
def dropout(units, x="X", y="H", mark="", form="matrix", samples=1):
    r"""Dropout with a mask that is given, of zeros and ones (Srivastava et al., 2014): what is left is divided by its share q.

    >>> dropout(3)
    H = X*M/q
    """
    told(units=units)
    return layer(["H = M*X/q"], {"X": ("B", units), "M": ("B", units)}, {"X": x, "H": y}, mark, form, samples,
                 inputs="X M", hyperparameters="q",
                 domains=((symbol("M"), sp.FiniteSet(0, 1)), (symbol("q"), sp.Interval.Lopen(0, 1))))


@names_itself
def residual(units, x="X", through="F", y="H", mark="", form="matrix", samples=1):
    r"""What a layer made of X, added to X itself: a path of which every factor is 1 goes past the layer (He et al., 2016).

    >>> residual(3, through="Z1")
    H = X + Z1
    """
    told(units=units)
    return layer(["H = F + X"], {"X": ("B", units), "F": ("B", units)}, {"X": x, "F": through, "H": y}, mark, form, samples,
                 inputs="X F")
