"""Everything side by side in one run: ``make bench`` writes benchmarks/results.json and benchmarks/results.png.

Only ratios within one run mean anything; each time is the median of REPEATS. What is not installed is left out, with the
reason. No test asserts a time.
"""
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import peers
from fidelity import fidelity
from timing import REPEATS, median
from validation import validation

import backprop_sym as bp
from backprop_sym.engines import BACKENDS, IN_PLACE
from backprop_sym.grids import Grid
from backprop_sym.landscape import fill
from backprop_sym.trainer import Trainer

HERE = Path(__file__).parent
EXAMPLE = bp.worked_example("source")
NET, VALUES = EXAMPLE.forward, EXAMPLE.values


def ours(backend):
    """Our own loop, nothing recorded."""
    trainer = Trainer(bp.step(NET), {**VALUES, "eta": "0.01"}, backend=backend)
    return lambda epochs: trainer.run(trainer.state, epochs, every=epochs)


# name: (what makes the route, epochs in one timing)
STEPPING = {
    "C, gcc -O3": (peers.c, 2_000_000),
    "ours, backend c": (lambda: ours("c"), 2_000_000),
    "ours, backend numba": (lambda: ours("numba"), 2_000_000),
    "JAX, fori_loop": (peers.jax_loop, 500_000),
    "ours, backend jax": (lambda: ours("jax"), 200_000),
    "ours, default": (lambda: ours("python"), 100_000),
    "JAX, jitted step": (peers.jax_step, 5_000),
    "NumPy matrices by hand": (peers.numpy_matrices, 5_000),
    "micrograd": (peers.micrograd, 1_000),
    "PyTorch, eager": (peers.torch_eager, 500),
    "autograd": (peers.autograd, 300),
}
RATES, SIDE = np.linspace(0.01, 1, 10_000), np.linspace(-4, 4, 200)
NETWORK_EPOCHS = 50


def our_networks(backend):
    """10,000 learning rates in one call."""
    def made():
        trainer = Trainer(bp.step(NET), {**VALUES, "eta": RATES}, backend=backend)
        return lambda: trainer.run(trainer.state, NETWORK_EPOCHS, every=NETWORK_EPOCHS)
    return made


def jax_networks():
    """The same by jax.vmap, jitted."""
    run = peers.jax_vmap_rates()
    return lambda: run(RATES, NETWORK_EPOCHS)


def our_landscape(backend):
    """200 x 200 losses on an open grid, as ``bp.landscape`` computes them once the code is made."""
    def made():
        dialect = BACKENDS[backend]
        grid = Grid(NET, (bp.symbol("w5"), bp.symbol("w7")), NET.loss, IN_PLACE.get(dialect, dialect))
        constants = [float(VALUES[s.name]) for s in grid.constants]
        return lambda: fill(grid, [SIDE, SIDE], constants, grid.dialect.PIECE)
    return made


def on_grid(make):
    """A peer's landscape as something to time."""
    def made():
        run = make()
        return lambda: run(SIDE, SIDE)
    return made


# What a landscape is compared with, and how many times as long it should take at least.
LANDSCAPES = {"JAX, open grid": (peers.jax_open_grid, 1), "PyTorch, open grid": (peers.torch_open_grid, 1),
              "jax.vmap twice": (peers.jax_nested_vmap, 5), "torch vmap twice": (peers.torch_nested_vmap, 5),
              "jax.vmap twice, constants out": (peers.jax_nested_vmap_by_hand, 1),
              "torch vmap twice, constants out": (peers.torch_nested_vmap_by_hand, 1)}
OTHER = {
    **{f"10,000 networks: ours, {backend}": our_networks(backend) for backend in ("numpy", "jax")},
    "10,000 networks: jax.vmap": jax_networks,
    **{f"landscape: ours, {backend}": our_landscape(backend) for backend in ("numpy", "numba", "c")},
    **{f"landscape: {what}": on_grid(make) for what, (make, _) in LANDSCAPES.items()},
}


def measured():
    """({name: seconds}, {name: why it was left out})."""
    times, missing = {}, {}
    routes = {name: (make, epochs) for name, (make, epochs) in STEPPING.items()}
    routes |= {name: (make, None) for name, make in OTHER.items()}
    for name, (make, epochs) in routes.items():
        print(f"  {name} ...", file=sys.stderr)
        try:
            run = make()
            times[name] = median(lambda run=run, epochs=epochs: run(epochs))/epochs if epochs else median(run)
        except (ImportError, OSError) as error:
            missing[name] = str(error)
    times |= json.loads(alone("derivation.py"))
    times["import backprop_sym"] = start_up()
    print("  validation of the book ...", file=sys.stderr)
    try:
        times["the book, validated"], times["bare kernels"] = validation()
    except ImportError as error:
        missing["the book, validated"] = str(error)
    return times, missing


def alone(*arguments):
    """What a new interpreter prints: nothing of the peers is in its memory."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=HERE).stdout


def start_up():
    """Seconds that ``import backprop_sym`` takes."""
    code = "import time; t = time.perf_counter(); import backprop_sym; print(time.perf_counter() - t)"
    return statistics.median(float(alone("-c", code)) for _ in range(REPEATS))


def operations():
    """The largest ratio of (gradient + loss) to forward operations over widths and depths, a function counted as one."""
    worst = 0.0
    for width in (2, 4, 8, 16):
        for depth in (1, 3, 6, 10):
            net = bp.dense([width]*(depth + 2))
            worst = max(worst, bp.operations(net + bp.reverse(net))/bp.operations(net))
    return worst


# (what, its value from the measurements, target, whether more is better)
TARGETS = [
    ("default: times C", lambda t: t["ours, default"]/t["C, gcc -O3"], 25, False),
    ("default: faster than NumPy matrices", lambda t: t["NumPy matrices by hand"]/t["ours, default"], 12, True),
    ("default: faster than micrograd", lambda t: t["micrograd"]/t["ours, default"], 40, True),
    ("default: faster than PyTorch eager", lambda t: t["PyTorch, eager"]/t["ours, default"], 150, True),
    ("default: faster than a jitted JAX step", lambda t: t["JAX, jitted step"]/t["ours, default"], 7, True),
    ("numba: times C", lambda t: t["ours, backend numba"]/t["C, gcc -O3"], 1.1, False),
    ("numba: faster than JAX's fori_loop", lambda t: t["JAX, fori_loop"]/t["ours, backend numba"], 2, True),
    ("numba: faster than micrograd", lambda t: t["micrograd"]/t["ours, backend numba"], 1000, True),
    *((f"10,000 networks, {backend}: jax.vmap over ours",
       lambda t, backend=backend: t["10,000 networks: jax.vmap"]/t[f"10,000 networks: ours, {backend}"], 1, True)
      for backend in ("numpy", "jax")),
    *((f"landscape, {backend}: {what} over ours",
       lambda t, what=what, backend=backend: t[f"landscape: {what}"]/t[f"landscape: ours, {backend}"], least, True)
      for backend in ("numpy", "numba") for what, (_, least) in LANDSCAPES.items()),
    ("derive and compile 2-2-2, seconds", lambda t: t["derive and compile 2-2-2"], 0.1, False),
    ("derive and compile 4-16-16-3, seconds", lambda t: t["derive and compile 4-16-16-3"], 0.1, False),
    ("derive and compile 64-32-10, seconds", lambda t: t["derive and compile 64-32-10"], 0.4, False),
    ("exponent of derivation over edges", lambda t: t["exponent of derivation over edges"], 1.1, False),
    ("operations: (gradient + loss)/forward, worst", lambda t: t["operations"], 2.5, False),
    ("import backprop_sym, seconds", lambda t: t["import backprop_sym"], 0.01, False),
    ("validation: the book over bare kernels", lambda t: t["the book, validated"]/t["bare kernels"], 2, False),
]


def main():
    """Measure, print the tables, write the JSON and the plot."""
    times, missing = measured()
    times["operations"] = operations()
    unit = times["C, gcc -O3"] if "C, gcc -O3" in times else None
    print(f"\n{'one step of 2-2-2':28} {'us':>10} {'x C':>10} {'x ours':>10}")
    for name in STEPPING:
        if name in times:
            print(f"{name:28} {times[name]*1e6:10.4f} {times[name]/unit if unit else float('nan'):10.2f} "
                  f"{times[name]/times['ours, default']:10.2f}")
    print(f"\n{'at once':44} {'ms':>10}")
    for name in OTHER:
        if name in times:
            print(f"{name:44} {times[name]*1e3:10.3f}")
    print(f"\n{'target':58} {'found':>10} {'target':>8}  met")
    rows = []
    for what, value, target, more in TARGETS:
        try:
            found = value(times)
        except KeyError:
            continue
        rows.append({"what": what, "found": found, "target": target, "met": bool(found >= target if more else found <= target)})
        bound = (">= " if more else "<= ") + format(target, "g")
        print(f"{what:58} {found:10.3g} {bound:>8}  {'yes' if rows[-1]['met'] else 'NO'}")
    digits = fidelity()
    print(f"\n{'gradients of 200 random networks':28} {'within 4 ulp':>14} {'99th percentile':>18}")
    for name, (share, far) in digits.items():
        print(f"{name:32} {share:10.1%} {far:14.3g} ulp")
    for name, why in missing.items():
        print(f"left out: {name} ({why})")
    report = {"python": platform.python_version(), "times": times, "targets": rows, "fidelity": digits, "left out": missing}
    (HERE / "results.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (HERE / "results.png").write_bytes(plot(times)._repr_mimebundle_()[0]["image/png"])
    return 0


def plot(times):
    """One step of 2-2-2 by every route, on a logarithmic axis."""
    names = [name for name in STEPPING if name in times][::-1]
    made, axes = bp.figures.figure("Bars: one training step of the 2-2-2 network by each route.", height=4.5)
    colors = [bp.figures.COLORS["blue" if name.startswith("ours") else "grey"] for name in names]
    bars = axes.barh(names, [times[name]*1e6 for name in names], color=colors)
    axes.bar_label(bars, [f"{times[name]*1e6:.3g}" for name in names], padding=4)
    axes.set(xscale="log", xlabel="microseconds a step (logarithmic)", title="One training step of 2-2-2")
    axes.margins(x=0.15)
    return made


if __name__ == "__main__":
    sys.exit(main())
