"""Figures that answer: a reader slides, chooses, draws or types, and the program of the cell says what follows.

    weight(net, values, "w1")           one weight: the forward pass, the loss, its tangent and slope
    paths(net, values)                  a parameter's paths, their factors, and what each adds
    backward(net, values)               the backward pass, one equation a step
    rate(net, values)                   the loss over the epochs for the learning rate under the finger
    difference(net, values, "w1")       the step of a finite difference, and the digits that cancel
    valley(net, values, optimizers)     the way of each optimizer from the place that is clicked
    space(net, values, X, Y)            a network of two inputs, while it trains
    through_time(cell, values, "u")     a weight of a cell, and what is left of a gradient back through its steps
    digit(net, values, pictures)        a picture to draw, and what the network makes of it
    answer(example, quantity)           a number to type, and the mistake that it shows

Each takes any network, and returns an ``Explorable``. What is too large to be seen is refused, and the error says what to use.
"""
from .answers import answer
from .arrays import digit, space
from .slopes import difference, rate, weight
from .times import through_time
from .ways import backward, paths, valley

__all__ = ["answer", "backward", "difference", "digit", "paths", "rate", "space", "through_time", "valley", "weight"]
