"""Networks as forward Programs.

    dense([2, 2, 2])            the source's network: fully connected layers, named and ordered as it names them
    fully_connected(...)        the same from the rows of the tables, each layer with a function and a bias of its own
    penalize(net, l2="lamda")   its loss with a penalty on large weights
"""
import sympy as sp

from .algebra import times
from .arguments import bounded, expect, whole
from .dataflow import is_bias
from .functions import ACTIVATIONS, logsumexp
from .losses import HALF, LOSSES
from .matrices import total
from .matrix_network import matrix_dense
from .names import symbol
from .nearest import lookup, said, unknown
from .program import Equation, Program

MOST_PARAMETERS = 100_000       # some two seconds

FORMS = {"scalar": "scalar", "matrix": "matrix"}
# How many biases a layer of so many units has.
BIASES = {"neuron": lambda units: units, "layer": lambda units: 1, "none": lambda units: 0}


def dense(widths, activation="sigmoid", loss="half_squared_error", bias="neuron",
          form="scalar", convention="row"):
    r"""The forward pass of a fully connected network and its loss, in scalar equations.

    ``widths`` are the numbers of units from the inputs to the outputs, [2, 2, 2] for the source's network;
    ``activation`` is one name, or one a layer; ``loss`` a name from the table of losses; ``bias`` "neuron" (each unit
    has its own), "layer" (the units of a layer share one) or "none". ``form`` "matrix" is the same for a whole batch at once, in
    matrix equations (see ``matrix_network``): by ``convention`` "row" a sample is a row of X, Z = X @ W + b with W of shape
    (inputs, outputs), as in NumPy and PyTorch; by "column" it is a column, Z = W @ X + b. For unit j of a layer with inputs a_i

    .. math:: z_j = \sum_i a_i w_{ij} + b_j, \qquad a_j = f(z_j).

    Names: inputs x1, x2, ...; weights w1, w2, ... that run on through the layers, all weights of the first input
    first (w1: x1 to h1, w2: x1 to h2, w3: x2 to h1); biases b1, b2, ...; weighted sums z1, z2, ...; hidden activations
    a_z1, ...; outputs yhat1, ...; targets y1, ...; the loss E_total. Raises ValueError for widths that are no positive
    integers, for unknown names and for a loss or an activation that cannot be of so many outputs.

    >>> dense([1, 1])
    z1 = x1*w1 + b1
    yhat1 = sigmoid(z1)
    E_total = (y1 - yhat1)**2/2
    """
    widths = _checked(widths)
    functions = _functions(activation, len(widths) - 1)
    return fully_connected(widths, functions, lookup(LOSSES, "loss", loss), [bias]*len(functions), form, convention)


def fully_connected(widths, functions, loss, biases, form="scalar", convention="row"):
    """What ``dense`` returns, from Activations and a name from BIASES for each layer, and a Loss."""
    if lookup(FORMS, "form", form) == "matrix":
        return matrix_dense(widths, functions, loss, biases, convention)
    layers = list(zip(widths, widths[1:], strict=False))
    bounded("widths: parameters of a network in scalar equations", sum(a*b for a, b in layers), MOST_PARAMETERS,
            "use form='matrix', whose equations are as many whatever the widths")
    biases_of = [lookup(BIASES, "bias", "none" if bias is None else bias) for bias in biases]

    inputs = _numbered("x", 0, widths[0])
    targets, outputs = _numbered("y", 0, widths[-1]), _numbered("yhat", 0, widths[-1])
    equations, weights, biases = _layered(layers, functions, biases_of, inputs, outputs)
    total, expression = symbol("E_total"), loss(targets, outputs)
    for call in expression.atoms(logsumexp):           # computed once, and named
        equations.append(Equation("lse", call))
        expression = expression.xreplace({call: symbol("lse")})
    equations.append(Equation(total, expression))
    return Program(tuple(equations), inputs=inputs, targets=targets, parameters=weights + biases, loss=total,
                   domains=loss.domains(targets))


def _functions(activation, layers):
    """The activation of each layer."""
    names = [activation]*layers if isinstance(activation, str | None) else activation
    if not isinstance(names, list | tuple):
        raise TypeError(f"activation: expected one name, or a list of one a layer, got {said(activation)}")
    if len(names) != layers:
        raise ValueError(f"activation: expected one name or {layers}, one a layer, got {len(names)}")
    return [lookup(ACTIVATIONS, "activation", name) for name in names]


def _layered(layers, functions, biases_of, inputs, outputs):
    """(equations, weights, biases) of the layers, from the inputs to the outputs."""
    equations, weights, biases, sums, units = [], [], [], [], inputs
    for depth, ((fan_in, fan_out), function, biased) in enumerate(zip(layers, functions, biases_of, strict=True), 1):
        w = _numbered("w", len(weights), fan_in*fan_out)
        b = _numbered("b", len(biases), biased(fan_out))
        z = _numbered("z", len(sums), fan_out)
        after = outputs if depth == len(layers) else [symbol(f"a_{s.name}") for s in z]
        rows = [sp.Add(*(times(a, w[i*fan_out + j]) for i, a in enumerate(units)), *b[j:j + 1] if len(b) > 1 else b)
                for j in range(fan_out)]
        pairs = list(zip([Equation(*row) for row in zip(z, rows, strict=True)],
                         [Equation(*row) for row in zip(after, function.layer(z), strict=True)], strict=True))
        # a function of the whole layer comes after all its sums, any other beside its own
        equations += [e for pair in (pairs if function.slope else zip(*pairs, strict=True)) for e in pair]
        weights, biases, sums, units = weights + w, biases + b, sums + z, after
    return equations, weights, biases


def penalize(program, l1=None, l2=None, of=None, name="J"):
    r"""The program with a penalty on large weights added to its loss, which is then called ``name``.

    .. math:: J = E + \lambda_1 \sum_w |w| + \frac{\lambda_2}{2} \sum_w w^2

    ``l1`` and ``l2`` name the coefficients, which become hyperparameters; a term whose coefficient is None is left out.
    ``of``: the parameters that are penalised, by default all trainable ones that multiply something (weights, not
    biases). The derivative of \|w\| at 0 is 0. Raises ValueError where there is no loss, nothing to penalise, or a name
    that the program does not have.

    >>> penalize(dense([1, 1]), l2="lamda")["J"]
    J = E_total + lamda*w1**2/2
    """
    expect("penalize", program=program, l1=l1, l2=l2, of=of, name=name)
    if program.loss is None:
        raise ValueError("a penalty is added to a loss: program has none: Program(..., loss=...)")
    weights = tuple(p for p in program.trainable if not is_bias(program, p)) if of is None else program.symbols(of)
    if odd := [s for s in weights if s not in program.parameters]:
        raise ValueError(unknown("parameter", odd[0].name, program.parameters))
    terms = [(l1, 1, sp.Abs), (l2, HALF, lambda w: w**2)]
    terms = [(symbol(c), symbol(c)*scale*sp.Add(*(_every(size(w), program.shape.get(w)) for w in weights)))
             for c, scale, size in terms if c is not None]
    if not terms or not weights:
        raise ValueError("penalize: expected the name of a coefficient, l1 or l2, and weights to penalise, of=...")
    j = symbol(name)
    return program._with((*program.equations, Equation(j, sp.Add(program.loss, *(term for _, term in terms)))), loss=j,
                         hyperparameters=(*program.hyperparameters, *(c for c, _ in terms)))


def _every(size, shape):
    """What a weight adds to a penalty; of an array the sum over its entries."""
    return total(size) if shape else size


def _numbered(stem, start, count):
    return [symbol(f"{stem}{start + i}") for i in range(1, count + 1)]


def _checked(widths):
    try:
        checked = list(widths)
    except TypeError:
        raise ValueError(f"widths: expected a list of positive integers such as [2, 2, 2], got {said(widths)}") from None
    for width in checked:
        if not whole(1).holds(width):
            raise ValueError(f"widths: expected positive integers, got {said(width)} in {said(checked)}")
    checked = [width.__index__() for width in checked]
    if len(checked) < 2:
        raise ValueError(f"widths: expected at least an input and an output layer, got {said(checked)}")
    return checked
