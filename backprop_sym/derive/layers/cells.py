"""Cells: what one step of a recurrent network does with its state. ``unroll_in_time(cell, steps)`` writes the steps out.

    recurrent                   a state that is made anew in every step
    lstm, gru                   states that are kept, and gates that say how much of them

X is what a step is given, of shape (B, inputs), H the state before it, of shape (B, units); W are the weights of what is given, U
those of the state. After T steps there are H_time1, ..., H_timeT; H alone is the state at the start.
"""
from ...describe.functions import ACTIVATIONS
from ...describe.nearest import lookup
from .layer import layer, names_itself, told


@names_itself
def recurrent(inputs, units, activation="tanh", x="X", state="H", mark="", form="matrix", samples=1):
    r"""A simple recurrent network, one step (Elman, 1990).

    .. math:: H_t = f(X_t W + H_{t-1} U + b)

    >>> recurrent(3, 2)
    A = X @ W + H @ U + b
    S = tanh(A)
    """
    told(inputs=inputs, units=units)
    lookup(ACTIVATIONS, "activation", activation)
    shapes = {"X": ("B", inputs), "H": ("B", units), "W": (inputs, units), "U": (units, units), "b": (units,)}
    return layer(["A = X @ W + H @ U + b", f"S = {activation}(A)"], shapes, {"X": x, "H": state}, mark, form, samples,
                 inputs="X H", parameters="W U b", updates={"H": "S"})


def _gate(name, function="sigmoid", after=""):
    """The two lines of a gate: its weighted sum, and a function of that."""
    return [f"A_{name} = X @ W_{name} + H @ U_{name} + b_{name}", f"{after or name} = {function}(A_{name})"]


def _weights(names, inputs, units):
    """{name: shape} of the weights of some gates."""
    return {f"{kind}_{name}": shape for name in names
            for kind, shape in (("W", (inputs, units)), ("U", (units, units)), ("b", (units,)))}


@names_itself
def lstm(inputs, units, x="X", state="H", mark="", form="matrix", samples=1):
    r"""Long short-term memory, one step (Hochreiter and Schmidhuber, 1997; with the forget gate of Gers et al., 2000).

    .. math:: C_t = F \odot C_{t-1} + I \odot G, \qquad H_t = O \odot \tanh C_t

    The gates I (input), F (forget), O (output) are sigmoids and G, what may be stored, a tanh, of :math:`X_t W + H_{t-1} U + b`
    each. What was stored goes on multiplied by F alone.

    >>> print(*map(str, lstm(3, 2).defined))
    A_i I A_f F A_g G A_o O C_next S
    """
    told(inputs=inputs, units=units)
    weights = _weights("ifgo", inputs, units)
    lines = [*_gate("i", after="I"), *_gate("f", after="F"), *_gate("g", "tanh", after="G"), *_gate("o", after="O"),
             "C_next = F*C + I*G", "S = O*tanh(C_next)"]
    shapes = {"X": ("B", inputs), "H": ("B", units), "C": ("B", units), **weights}
    return layer(lines, shapes, {"X": x, "H": state}, mark, form, samples, inputs="X H C", parameters=list(weights),
                 updates={"H": "S", "C": "C_next"})


@names_itself
def gru(inputs, units, x="X", state="H", mark="", form="matrix", samples=1):
    r"""The gated recurrent unit, one step (Cho et al., 2014).

    .. math:: H_t = (1 - Z) \odot N + Z \odot H_{t-1}, \qquad N = \tanh(X_t W + b + R \odot (H_{t-1} U + c))

    The gates R (reset) and Z (update) are sigmoids. R stands after the product with U, as in PyTorch and cuDNN; in the paper it
    stands before.

    >>> print(gru(3, 2)["S"])
    S = H*Z + N*(1 - Z)
    """
    told(inputs=inputs, units=units)
    weights = {**_weights("rzn", inputs, units), "c_n": (units,)}
    lines = [*_gate("r", after="R"), *_gate("z", after="Z"), "V = H @ U_n + c_n", "A_n = X @ W_n + b_n + R*V", "N = tanh(A_n)",
             "S = (1 - Z)*N + Z*H"]
    return layer(lines, {"X": ("B", inputs), "H": ("B", units), **weights}, {"X": x, "H": state}, mark, form, samples,
                 inputs="X H", parameters=list(weights), updates={"H": "S"})
