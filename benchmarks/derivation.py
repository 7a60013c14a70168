"""What it costs to derive and compile one training step, from the widths to a function; prints JSON.

In an interpreter of its own: with the hundred thousands of objects of JAX and PyTorch in memory each search for garbage
takes longer, and the more is derived the more often it is made.
"""
import json
from itertools import pairwise

import numpy as np
from timing import median

import backprop_sym as bp
from backprop_sym.compute.same import forget

NETWORKS = {"2-2-2": [2, 2, 2], "4-16-16-3": [4, 16, 16, 3], "64-32-10": [64, 32, 10]}
DECADE = [[8, n, 4] for n in (16, 32, 64, 128, 256)]         # 192 to 3,072 edges


def derive(widths):
    """Derive and compile one step, as if for the first time."""
    def run():
        forget()
        bp.lambdify(bp.step(bp.dense(widths)))
    return run


def derivation():
    """{what: seconds}, and the exponent of the time over the number of edges."""
    times = {f"derive and compile {name}": median(derive(widths)) for name, widths in NETWORKS.items()}
    edges = [sum(a*b for a, b in pairwise(widths)) for widths in DECADE]
    slope, _ = np.polyfit(np.log(edges), np.log([median(derive(widths)) for widths in DECADE]), 1)
    return {**times, "exponent": float(slope)}


if __name__ == "__main__":
    print(json.dumps(derivation()))
