"""JAX: the same equations for jit, vmap, grad and sharding, compiled by XLA.

    Jax                         the language
"""
from ..plan.loop import STEPS
from .numpy import Numpy


class Jax(Numpy):
    """JAX: arrays that broadcast, as in NumPy."""

    loops, package = STEPS, "jax.numpy"
    imports = {**Numpy.imports, "erf": "from jax.scipy.special import erf", "erfc": "from jax.scipy.special import erfc",
               "ndim": "from jax.numpy import ndim"}
