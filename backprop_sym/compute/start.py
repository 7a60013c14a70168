r"""Where a training starts: small random weights, biases of zero.

    start(program, seed)        {parameter: number or array}

A unit adds up n products of an input and a weight. With inputs of variance 1 and independent weights of variance v the sum has
variance n v; so that it neither grows nor dies from layer to layer, v = 1/n.
"""
import numpy as np
import sympy as sp

from ..describe.arguments import expect
from ..describe.dataflow import is_bias
from ..describe.matrices import dot
from ..describe.shapes import Extent


def start(program, seed=0, scale=1.0):
    r"""Random values of a program's parameters: normal, of standard deviation ``scale``/:math:`\sqrt n` for a weight.

    n is how many products the sum has that the weight stands in (the inputs of its unit). Parameters that are only ever added,
    the biases, start at 0; frozen ones are left out. Raises ValueError for a seed that is no integer of at least 0, for a scale
    that is no positive number, and for a parameter whose size is open.

    >>> from backprop_sym import dense
    >>> values = start(dense([64, 30, 10], form="matrix"), seed=1)
    >>> values["W1"].shape, bool(abs(values["W1"].std()*8 - 1) < 0.1), values["b1"].any()
    ((64, 30), True, np.False_)
    """
    expect("start", program=program, seed=seed, scale=scale)
    numbers, found = np.random.default_rng(seed), {}
    for p in program.trainable:
        shape = program.shape.get(p, ())
        if open_sizes := [size for size in shape if isinstance(size, Extent)]:
            raise ValueError(f"start: the shape of {p} has the open size {open_sizes[0]}; declare it as a number")
        shape = tuple(map(int, shape))
        if is_bias(program, p):
            found[program.spelled[p]] = np.zeros(shape) if shape else 0.0
        else:
            drawn = numbers.normal(size=shape)*scale/np.sqrt(_inputs(program, p, shape))
            found[program.spelled[p]] = drawn if shape else float(drawn)
    return found


def _inputs(program, p, shape):
    """How many products the sum has that a weight stands in."""
    for e in program:
        if p in e.rhs.free_symbols:
            for product in e.rhs.atoms(dot):
                if p in product.args:                  # A @ W adds up the rows of W, W @ A its columns
                    return shape[0] if product.args[1] == p else shape[1]
            return sum(1 for term in sp.Add.make_args(e.rhs) if term.is_Mul) or 1
    return 1
