"""What ``bp.fit`` costs a reader, beside the loop that it runs; prints JSON, in microseconds.

In an interpreter of its own: there the first call derives and compiles, and nothing of the peers is in memory. What is
compared takes turns, so that both meet the same moods of the machine.
"""
import json
import statistics
import time

from timing import REPEATS

import backprop_sym as bp
from backprop_sym.compute.trainer import Trainer

MANY, SOME = 100_000, 10_000
EXAMPLE = bp.worked_example("source")
NET, VALUES = EXAMPLE.forward, EXAMPLE.values


def microseconds(run, divisor=1):
    """A single call."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start)*1e6/divisor


def fitting():
    """{what: microseconds}, an epoch or a call."""
    fit = bp.fit                                       # what it imports belongs to no call
    first = microseconds(lambda: fit(NET, VALUES, epochs=SOME), SOME)
    trainer = Trainer(bp.step(NET), {**VALUES, "eta": "0.01"})
    routes = {"fit: 10,000 epochs again": (lambda: fit(NET, VALUES, epochs=SOME), SOME),
              "fit: 100,000 epochs": (lambda: fit(NET, VALUES, epochs=MANY), MANY),
              "fit: the bare loop": (lambda: trainer.run(trainer.state, MANY, every=MANY), MANY),
              "fit: until a second one starts": (lambda: fit(NET, VALUES, epochs=0), 1)}
    times = {name: [] for name in routes}
    for _ in range(2*REPEATS):
        for name, (run, divisor) in routes.items():
            times[name].append(microseconds(run, divisor))
    return {"fit: 10,000 epochs, the first time": first, **{name: statistics.median(found) for name, found in times.items()}}


if __name__ == "__main__":
    print(json.dumps(fitting()))
