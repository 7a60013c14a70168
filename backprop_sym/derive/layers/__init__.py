"""The layers of today, each a Program of a few lines, its parameters called as in the papers.

    pictures    convolution, pooling: of pictures that are rows of numbers
    cells       recurrent, lstm, gru: one step, which unroll_in_time writes out
    rows        batch_norm, layer_norm, attention, embedding, dropout, residual

A layer is what a reader could write: it is parsed from the lines that are seen when it is printed, and its backward pass is
derived from them. A sample is a row, as in ``dense(..., form="matrix")``. With ``form="scalar"`` a layer is written out in
numbers, for ``samples`` rows, so that every path can be seen.

Layers compose with ``+``. ``x`` is what a layer is given and ``y`` what it makes, by name; a network goes on with
``dense(...).rename({"X": y})``. ``mark`` comes after all its other names, where there are two layers of a kind.

>>> from backprop_sym import dense
>>> hidden = dense([3, 2], form="matrix").upto("Z1")
>>> hidden + layer_norm(2, x="Z1", y="H") + dense([2, 1], form="matrix").rename({"X": "H", "W1": "W2", "b1": "b2", "Z1": "Z2"})
Z1 = X @ W1 + b1
mu = mean(Z1, rows)
v = mean((Z1 - mu)**2, rows)
Xhat = (Z1 - mu)/sqrt(v + epsilon)
H = Xhat*gamma + beta
Z2 = H @ W2 + b2
Yhat = sigmoid(Z2)
E_total = sum((Y - Yhat)**2)/(2*B)
"""
from .cells import gru, lstm, recurrent
from .pictures import convolution, pooling
from .rows import attention, batch_norm, dropout, embedding, layer_norm, residual

__all__ = ["attention", "batch_norm", "convolution", "dropout", "embedding", "gru", "layer_norm", "lstm", "pooling", "recurrent",
           "residual"]
