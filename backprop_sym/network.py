"""Networks as forward Programs.

    dense([2, 2, 2])            the source's network: fully connected layers, named and ordered as it names them
"""
from .functions import ACTIVATIONS, LOSSES, lookup
from .program import Equation, Program
from .symbols import symbol


def dense(widths, activation="sigmoid", loss="half_squared_error"):
    r"""The forward pass of a fully connected network and its loss, in scalar equations.

    ``widths`` are the numbers of units from the inputs to the outputs, [2, 2, 2] for the source's network;
    ``activation`` is one name, or one a layer; ``loss`` a name from the table of losses. For unit j of a layer with
    inputs a_i

    .. math:: z_j = \sum_i a_i w_{ij} + b_j, \qquad a_j = f(z_j).

    Names: inputs x1, x2, ...; weights w1, w2, ... that run on through the layers, all weights of the first input
    first (w1: x1 to h1, w2: x1 to h2, w3: x2 to h1); biases b1, b2, ...; weighted sums z1, z2, ...; hidden activations
    a_z1, ...; outputs yhat1, ...; targets y1, ...; the loss E_total. Raises ValueError for widths that are no positive
    integers and for unknown names.

    >>> dense([1, 1])
    z1 = x1*w1 + b1
    yhat1 = sigmoid(z1)
    E_total = (y1 - yhat1)**2/2
    """
    widths = _checked(widths)
    layers = list(zip(widths, widths[1:], strict=False))
    activations = [activation]*len(layers) if isinstance(activation, str) else list(activation)
    if len(activations) != len(layers):
        raise ValueError(f"activation: expected one name or {len(layers)}, one a layer, got {len(activations)}")
    functions = [lookup(ACTIVATIONS, "activation", name) for name in activations]

    inputs = _numbered("x", 0, widths[0])
    targets, outputs = _numbered("y", 0, widths[-1]), _numbered("yhat", 0, widths[-1])
    equations, weights, biases, units = [], [], [], inputs
    for depth, ((fan_in, fan_out), function) in enumerate(zip(layers, functions, strict=True), 1):
        w = _numbered("w", len(weights), fan_in*fan_out)
        b = _numbered("b", len(biases), fan_out)
        z = _numbered("z", len(biases), fan_out)
        after = outputs if depth == len(layers) else [symbol(f"a_{s.name}") for s in z]
        for j in range(fan_out):
            equations.append(Equation(z[j], sum((a*w[i*fan_out + j] for i, a in enumerate(units)), b[j])))
            equations.append(Equation(after[j], function(z[j])))
        weights, biases, units = weights + w, biases + b, after
    total = symbol("E_total")
    equations.append(Equation(total, lookup(LOSSES, "loss", loss)(targets, outputs)))
    return Program(tuple(equations), inputs=inputs, targets=targets, parameters=weights + biases, loss=total)


def _numbered(stem, start, count):
    return [symbol(f"{stem}{start + i}") for i in range(1, count + 1)]


def _checked(widths):
    try:
        checked = list(widths)
    except TypeError:
        raise ValueError(f"widths: expected a list of positive integers such as [2, 2, 2], got {widths!r}") from None
    for width in checked:
        if isinstance(width, bool) or not hasattr(width, "__index__") or width.__index__() < 1:
            raise ValueError(f"widths: expected positive integers, got {width!r} in {checked!r}")
    if len(checked) < 2:
        raise ValueError(f"widths: expected at least an input and an output layer, got {checked!r}")
    return [width.__index__() for width in checked]
