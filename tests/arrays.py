"""Programs of arrays at random, and numbers for them: what the tests of matrix programs draw."""
import numpy as np
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.derive.entries import Entry, entry_of, indices
from backprop_sym.describe.matrices import (
    column_maxima,
    column_means,
    column_sums,
    dot,
    hardmax_columns,
    hardmax_rows,
    logsumexp_rows,
    mean,
    row_maxima,
    row_means,
    row_sums,
    softmax_rows,
    spread,
    total,
    transposed,
)
from backprop_sym.describe.program import Equation, Program
from backprop_sym.describe.selections import reshape
from backprop_sym.describe.shapes import Extent

LETTERS = B, M, N = tuple(map(Extent, "Bmn"))
ONE = bp.parse("1")
SHAPES = [(), (N,), (ONE, N), (B, ONE), (B, N), (N, M), (B, M)]
ELEMENTWISE = [bp.sigmoid, bp.tanh, bp.softplus, lambda a: a**2, lambda a: -a/2, bp.silu]


class Drawer:
    """Draws expressions of a shape; what they use is given, or was defined before."""

    def __init__(self, draw):
        self.draw, self.shapes, self.known = draw, {}, {}

    def expression(self, shape, depth):
        """An expression of a shape, its operations so deep."""
        ways = [self.leaf, self.entrywise, self.combined, *WAYS.get(len(shape), ())]
        way = self.draw(st.sampled_from(ways if depth else [self.leaf]))
        found = way(shape, depth - 1) if way in ways[:3] else way(self, shape, depth - 1)
        return self.leaf(shape, 0) if found is None else found

    def leaf(self, shape, depth):
        """A quantity that is known, or one more that is given."""
        known = [s for s, of in {**self.shapes, **self.known}.items() if of == shape]
        if known and self.draw(st.booleans()):
            return self.draw(st.sampled_from(known))
        s = bp.symbol(f"X{len(self.shapes)}")
        self.shapes[s] = shape
        return s

    def entrywise(self, shape, depth):
        """A function of each entry."""
        return self.draw(st.sampled_from(ELEMENTWISE))(self.expression(shape, depth))

    def combined(self, shape, depth):
        """A sum or product with what is as large, or repeated to fit."""
        smaller = [s for s in SHAPES if fits(s, shape)]
        a, b = self.expression(shape, depth), self.expression(self.draw(st.sampled_from(smaller)), depth)
        found = self.draw(st.sampled_from([lambda: a + b, lambda: a*b, lambda: a - b, lambda: a/bp.sigmoid(b)]))()
        return found if found.free_symbols == a.free_symbols | b.free_symbols else a      # nothing has cancelled


def fits(small, large):
    """Whether an array of one shape can be repeated to another."""
    return len(small) <= len(large) and all(a in (1, b) for a, b in zip(small, large[len(large) - len(small):], strict=True))


def _repeated(d, shape, depth):
    return spread(d.expression(d.draw(st.sampled_from([s for s in SHAPES if fits(s, shape)])), depth), *shape)


def _product(d, shape, depth):
    inner = d.draw(st.sampled_from([B, M, N, ONE]))
    return dot(d.expression((shape[0], inner), depth), d.expression((inner, shape[1]), depth))


def _by_rows(d, shape, depth):
    """A number for each row."""
    if shape[1] != 1:
        return None
    return d.draw(st.sampled_from([row_sums, row_means, row_maxima, logsumexp_rows]))(
        d.expression((shape[0], d.draw(st.sampled_from([M, N]))), depth))


# The functions of whole arrays whose result has so many indices.
WAYS = {
    0: (lambda d, shape, depth: d.draw(st.sampled_from([total, mean]))(
        d.expression(d.draw(st.sampled_from(SHAPES[1:])), depth)),),
    1: (lambda d, shape, depth: d.draw(st.sampled_from([column_sums, column_means, column_maxima]))(
            d.expression((B, *shape), depth)),
        _repeated),
    2: (_product, lambda d, shape, depth: transposed(d.expression(shape[::-1], depth)),
        lambda d, shape, depth: reshape(d.expression(shape[::-1], depth), *shape),
        lambda d, shape, depth: d.draw(st.sampled_from([softmax_rows, hardmax_rows, hardmax_columns]))(
            d.expression(shape, depth)), _by_rows, _repeated),
}


@st.composite
def programs(draw, depth=3, most=4):
    """A program of arrays: a few equations of any shape, and a loss."""
    d, equations = Drawer(draw), []
    for i in range(draw(st.integers(0, most - 1))):
        shape = draw(st.sampled_from(SHAPES))
        e = Equation(bp.symbol(f"Z{i}"), d.expression(shape, depth))
        equations.append(e)
        d.known[e.lhs] = Program([e], shapes={**d.shapes, **d.known}).shape[e.lhs]
    equations.append(Equation(bp.symbol("E"), d.expression((), depth) + total(dot(*map(bp.symbol, "PQ")))))    # with all sizes
    return Program(equations, loss="E", shapes={"P": (B, M), "Q": (M, N), **d.shapes})


def numbers_of(draw, program, sizes):
    """{symbol: array} for what a program is given, drawn by ``draw``: numbers of three digits."""
    found = {}
    for s in program.given:
        shape = [int(sizes.get(str(size), size)) for size in program.shape[s]]
        seed = draw(st.integers(0, 2**32 - 1))
        found[s] = np.random.default_rng(seed).integers(-1500, 1500, shape)/1000
    return found


sizes = st.fixed_dictionaries({letter: st.integers(1, 3) for letter in "Bmn"})


def scalars(values):
    """{entry: number} of {symbol: array}."""
    return {entry_of(s, at): np.asarray(value)[at] for s, value in values.items() for at in indices(np.shape(value))}


__all__ = ["Entry", "LETTERS", "SHAPES", "numbers_of", "programs", "scalars", "sizes"]
