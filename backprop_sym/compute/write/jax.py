"""JAX: the same equations for jit, vmap, grad and sharding, compiled by XLA.

    Jax                         the language
"""
from ...describe.printer import ATOM
from ..plan.loop import STEPS
from .numpy import Numpy

# exp(-lowest(z)) is finite in the precision that z has, which only the running code knows: -707 in doubles, -88 in float32.
LOWEST = """
from jax.numpy import finfo, result_type


def lowest(z):
    return -0.69*finfo(result_type(z)).maxexp"""


class Jax(Numpy):
    """JAX: arrays that broadcast, as in NumPy."""

    loops, package = STEPS, "jax.numpy"
    imports = {**Numpy.imports, "erf": "from jax.scipy.special import erf", "erfc": "from jax.scipy.special import erfc",
               "ndim": "from jax.numpy import ndim", "lowest": LOWEST}
    reserved = Numpy.reserved.union(imports, ("finfo", "result_type"))

    def write_dot(self, e):
        return self.write_ArrayFunction(e)                     # no array changes here: a look-up is the product it stands for

    def write_clipped(self, e):
        z, = e.args
        return self.applied("maximum", [self(z), self.applied("lowest", [self(z)])]), ATOM
