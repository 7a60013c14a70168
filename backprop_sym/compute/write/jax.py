"""JAX: the same equations for jit, vmap, grad and sharding, compiled by XLA; optional: pip install "backprop_sym[jax]".

    Jax     the dialect
"""
from functools import lru_cache, partial

from .dialects import Numpy, optional
from .expression import Code


class Jax(Numpy):
    """JAX: arrays that broadcast, as in NumPy; ``f.compute`` can be given to jit, vmap and grad."""

    module, PIECE = "jax.numpy", Code.PIECE
    whole_runs = True           # each number of epochs is compiled once
    imported = {**Numpy.imported, "erf": "from jax.scipy.special import erf", "erfc": "from jax.scipy.special import erfc",
                "ndim": "from jax.numpy import ndim"}

    @staticmethod
    def convert(name, value):
        """A value as a JAX array, in the precision that JAX is set to."""
        jax = optional("jax", "jax", "jax")
        return value if isinstance(value, jax.Array) else jax.numpy.asarray(Numpy.convert(name, value))

    def define_train(self, loop, body):
        """A function ``step``: (loss, state) from the columns of a batch, the constants and the state; and ``whole``."""
        from ..lambdify import assignments
        columns, constants, state = ([loop.by_name[n] for n in part] for part in (loop.columns, loop.constants, loop.state))
        loss, total = loop.names[loop.program.loss], "mean" if loop.reduce == "mean" else "total"
        dims = ["dims = max(0, " + ", ".join(f"ndim({n})" for n in (*constants, *state)) + ")"]
        some = f"len({columns[0]})" if columns else "1"
        reduced = dict.fromkeys([loss, *map(loop.names.get, loop.reduced)])
        over = [f"{name} = {total}({name}, {some}, dims)" for name in reduced]*bool(columns)
        before = [f"before = {', '.join([loss, *state])}"]
        step = [*dims, *assignments(loop.parts[1], self), *over, *before, *loop.update_lines(self)]
        whole = [*dims, *assignments(loop.parts[0], self), *([f"{loss} = {total}({loss}, {some}, dims)"]*bool(columns))]
        self.once = frozenset()
        return [f"COLUMNS, CONSTANTS, BATCHES = {len(columns)}, {len(constants)}, {loop.batches}", "", "",
                *self.define("step", [*columns, *constants, *state], step, ["before", f"({', '.join(state)},)"]), "", "",
                *self.define("whole", [*columns, *constants, *state], whole, [loss])]

    @classmethod
    def recorder(cls, rows, width):
        kept = []
        return kept, lambda: kept

    @classmethod
    @lru_cache(32)
    def compile(cls, source):
        optional("jax", "jax", "jax")
        namespace = super().compile(source)
        return {**namespace, "train": partial(_run_jax, namespace, _jitted(namespace))}


def _jitted(made):
    """A function that runs the epochs as one scan, compiled for each number of them once."""
    import jax
    from jax import lax

    def batch(columns, constants, state, chosen):
        return made["step"](*(column[chosen] for column in columns), *constants, *state)

    @partial(jax.jit, static_argnames=("every", "cycles", "length", "size", "rows", "last"))
    def run(columns, constants, orders, state, every, cycles, length, size, rows, last):
        size = min(size, length)
        full = length//size

        def epoch(state, e):
            order = lax.dynamic_slice_in_dim(orders, e % cycles*length, length)
            if full == 1 and length == size:
                (loss, *before), state = batch(columns, constants, state, order)
                return state, (loss, *before)
            first, before = made["whole"](*columns, *constants, *state) if made["BATCHES"] else None, state
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


def _run_jax(made, jitted, epochs, every, keep, orders, cycles, length, size, count, *arguments):
    """Run the epochs; the loss and the state before each ``every``-th are put into ``keep``."""
    import jax
    columns, constants = arguments[:made["COLUMNS"]], arguments[made["COLUMNS"]:made["COLUMNS"] + made["CONSTANTS"]]
    state = arguments[made["COLUMNS"] + made["CONSTANTS"]:]
    shape = jax.numpy.broadcast_shapes(*(jax.numpy.shape(v) for v in (*constants, *state)))
    state = tuple(jax.numpy.broadcast_to(v, shape) for v in state)
    state, records = jitted(columns, constants, jax.numpy.asarray(orders), state, every=every, cycles=cycles, length=length,
                            size=size, rows=epochs//every, last=epochs % every)
    keep.extend(value for row in zip(*map(_as_numpy, records), strict=True) for value in row)
    return tuple(_as_numpy(v) if getattr(v, "ndim", 0) else float(v) for v in state)


def _as_numpy(value):
    import numpy as np
    return np.asarray(value)
