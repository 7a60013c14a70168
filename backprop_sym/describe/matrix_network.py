"""Fully connected networks in matrix form: a whole batch at once, of any size.

    matrix_dense(widths, functions, loss, biases, convention)   what ``dense(..., form="matrix")`` returns
    CONVENTIONS                 rows are samples, or columns are
"""
from .functions import softmax
from .matrices import column_sums, dot, logsumexp_rows, row_sums, softmax_rows, total, transposed
from .names import symbol
from .nearest import lookup
from .program import Equation, Program
from .shapes import Extent

SAMPLES = Extent("B")


class Rows:
    """A sample is a row, as in NumPy and in PyTorch: Z = X @ W + b, with W of shape (inputs, outputs)."""

    def matrix(self, samples, units):
        return samples, units

    def weights(self, fan_in, fan_out):
        return fan_in, fan_out

    def bias(self, units):
        return (units,)

    def sums(self, a, w):
        return dot(a, w)

    def samples(self, z):
        """The samples as rows."""
        return z

    def by_sample(self, function, z):
        return function(z)


class Columns:
    """A sample is a column, as in much of the literature: Z = W @ X + b, with W of shape (outputs, inputs)."""

    def matrix(self, samples, units):
        return units, samples

    def weights(self, fan_in, fan_out):
        return fan_out, fan_in

    def bias(self, units):
        return (units, 1)

    def sums(self, a, w):
        return dot(w, a)

    def samples(self, z):
        return transposed(z)

    def by_sample(self, function, z):
        return transposed(function(self.samples(z)))


CONVENTIONS = {"row": Rows(), "column": Columns()}


def matrix_dense(widths, functions, loss, biases, convention="row"):
    r"""The forward pass of a fully connected network for B samples at once, in matrix equations.

    .. math:: Z_l = A_{l-1} W_l + \mathbf 1\, b_l^T, \qquad A_l = f_l(Z_l), \qquad
              E = \frac{1}{B} \sum_{\text{samples}} \sum_{\text{outputs}} e(Y, \hat Y)

    Raises ValueError for an unknown convention, and for what cannot be: a bias that a layer shares, a softmax of one unit.
    """
    for bias in biases:
        if bias not in ("neuron", "none", None):
            raise ValueError(f"bias: in matrix form expected 'neuron' or 'none', got {bias!r}")
    convention = lookup(CONVENTIONS, "convention", convention)
    loss.checked(widths[-1])
    X, Y, yhat, e = map(symbol, ("X", "Y", "Yhat", "E_total"))
    shapes = {X: convention.matrix(SAMPLES, widths[0]), Y: convention.matrix(SAMPLES, widths[-1])}
    equations, parameters, a = [], [], X
    for depth, (fan_in, fan_out, function, bias) in enumerate(zip(widths, widths[1:], functions, biases, strict=False), 1):
        w, b, z = (symbol(f"{stem}{depth}") for stem in ("W", "b", "Z"))
        shapes |= {w: convention.weights(fan_in, fan_out)}
        parameters.append(w)
        sums = convention.sums(a, w)
        if bias == "neuron":
            shapes |= {b: convention.bias(fan_out)}
            parameters.append(b)
            sums += b
        a = yhat if depth == len(functions) else symbol(f"A{depth}")
        equations += [Equation(z, sums), Equation(a, _applied(function, z, convention))]
    equations.append(Equation(e, _batch_loss(loss, Y, yhat, widths[-1], convention)))
    return Program(tuple(equations), inputs=(X,), targets=(Y,), parameters=tuple(parameters), loss=e, shapes=shapes,
                   domains=loss.domains_of([Y], row_sums(Y) if isinstance(convention, Rows) else column_sums(Y)))


def _applied(function, z, convention):
    """The activations of a layer: of each sum, or of all sums of a sample."""
    return convention.by_sample(softmax_rows, z) if function is softmax else function(z)


def _batch_loss(loss, y, p, outputs, convention):
    """The mean over the samples of a loss."""
    terms = total(loss.each(y, p))
    if loss.once is not None:
        terms += total(logsumexp_rows(convention.samples(p)))
    return loss.scale(outputs)*terms/SAMPLES
