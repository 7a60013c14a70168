"""JAX runs the epochs of a training as one scan, compiled by XLA; optional: pip install "backprop_sym[jax]".

    JaxBackend                  ``f.compute`` can be given to jit, vmap and grad
"""
from functools import lru_cache, partial

import numpy as np

from ..plan.statements import Pack
from ..write.jax import Jax
from .arrays import NumpyBackend
from .backend import Backend, optional


class JaxBackend(NumpyBackend):
    """JAX: arrays that broadcast, as in NumPy."""

    language, in_place, piece = Jax, False, Backend.piece
    whole_runs = True           # each number of epochs is compiled once

    @staticmethod
    def convert(name, value):
        """A value as a JAX array, in the precision that JAX is set to."""
        jax = optional("jax", "jax", "jax")
        return value if isinstance(value, jax.Array) else jax.numpy.asarray(NumpyBackend.convert(name, value))

    @staticmethod
    def together(state, constants):
        """A state that keeps its shape from step to step."""
        jnp = optional("jax", "jax", "jax").numpy
        shape = jnp.broadcast_shapes(*map(jnp.shape, (*constants, *state)))
        return [jnp.broadcast_to(v, shape) for v in state]

    @classmethod
    def recorder(cls, rows, width):
        kept = []
        return kept, lambda: kept

    @classmethod
    def compile(cls, source, functions):
        optional("jax", "jax", "jax")
        return cls._compiled(source, tuple(len(p.items) for p in functions[0].parameters if isinstance(p, Pack)))

    @classmethod
    @lru_cache(32)
    def _compiled(cls, source, sizes):
        namespace = super().compile(source, ())
        return {**namespace, "train": partial(_train, _jitted(namespace), sizes)} if "step" in namespace else namespace


def _jitted(made):
    """A function that runs the epochs as one scan, compiled for each number of them once."""
    import jax
    from jax import lax

    def batch(columns, constants, state, chosen):
        return made["step"](*(made["chosen"](*columns, chosen) if columns else ()), *constants, *state)

    @partial(jax.jit, static_argnames=("every", "cycles", "length", "size", "count", "rows", "last"))
    def run(columns, constants, orders, state, every, cycles, length, size, count, rows, last):
        batches, size = size < count, min(size, length)
        full = length//size

        def epoch(state, e):
            order = lax.dynamic_slice_in_dim(orders, e % cycles*length, length)
            if full == 1 and length == size:
                before, state = batch(columns, constants, state, order)
                return state, before
            first, before = (made["whole"](*columns, *constants, *state) if batches else None), state
            state, _ = lax.scan(lambda s, chosen: (batch(columns, constants, s, chosen)[1], None), state,
                                order[:full*size].reshape(full, size))
            if length % size:
                state = batch(columns, constants, state, order[full*size:])[1]
            return state, (first, *before)

        def some(state, start, count):
            state, record = epoch(state, start)
            return lax.fori_loop(1, count, lambda k, s: epoch(s, start + k)[0], state), record

        state, records = lax.scan(lambda s, r: some(s, r*every, every), state, jax.numpy.arange(rows))
        if last:
            state, record = some(state, rows*every, last)
            records = tuple(jax.numpy.concatenate([a, b[None]]) for a, b in zip(records, record, strict=True))
        return state, records

    return run


def _train(jitted, sizes, epochs, every, keep, orders, cycles, length, size, count, *arguments):
    """Run the epochs; the loss and the state before each ``every``-th are put into ``keep``."""
    import jax
    values = iter(arguments)
    columns, constants, state = (tuple(next(values) for _ in range(n)) for n in sizes)
    state, records = jitted(columns, constants, jax.numpy.asarray(orders), state, every=every, cycles=cycles, length=length,
                            size=size, count=count, rows=epochs//every, last=epochs % every)
    keep.extend(value for row in zip(*map(np.asarray, records), strict=True) for value in row)
    return tuple(np.asarray(v) if getattr(v, "ndim", 0) else float(v) for v in state)
