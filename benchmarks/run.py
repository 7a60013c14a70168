"""Everything side by side in one run: ``make bench`` writes benchmarks/results.json and benchmarks/results.png.

Only ratios within one run mean anything; each time is the median of REPEATS. What is not installed is left out, with the
reason. No test asserts a time.
"""
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import peers
from fidelity import fidelity
from timing import REPEATS, median

import backprop_sym as bp
from backprop_sym.compute.landscape import Filler, fill
from backprop_sym.compute.run.backends import BACKENDS
from backprop_sym.compute.trainer import Trainer

HERE = Path(__file__).parent
EXAMPLE = bp.worked_example("source")
NET, VALUES = EXAMPLE.forward, EXAMPLE.values
RATES, SIDE = np.linspace(0.01, 1, 10_000), np.linspace(-4, 4, 200)
NETWORK_EPOCHS = 50


@dataclass(frozen=True)
class Group:
    """Routes to the same thing: ``routes`` maps names to (what makes a function to time, its argument and divisor or None).

    ``c`` and ``ours`` are the routes that the others are compared with.
    """

    title: str
    unit: str
    scale: float
    routes: dict
    c: str = ""
    ours: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table; ``targets`` are texts, each with whether it is met."""

    group: str
    route: str
    value: float
    unit: str
    times_c: float | None = None
    times_ours: float | None = None
    targets: list = field(default_factory=list)


# ---- the routes

def ours(backend):
    """Our own loop, nothing recorded."""
    def made():
        trainer = Trainer(bp.step(NET), {**VALUES, "eta": "0.01"}, backend=backend)
        return lambda epochs: trainer.run(trainer.state, epochs, every=epochs)
    return made, {"c": 2_000_000, "numba": 2_000_000, "jax": 200_000, "python": 100_000}[backend]


def our_networks(backend):
    """10,000 learning rates in one call."""
    def made():
        trainer = Trainer(bp.step(NET), {**VALUES, "eta": RATES}, backend=backend)
        return lambda: trainer.run(trainer.state, NETWORK_EPOCHS, every=NETWORK_EPOCHS)
    return made, None


def vmapped_networks():
    """The same by jax.vmap, jitted."""
    run = peers.jax_vmap_rates()
    return lambda: run(RATES, NETWORK_EPOCHS)


def our_landscape(backend):
    """200 x 200 losses on an open grid, as ``bp.landscape`` computes them once the code is made."""
    def made():
        filler = Filler(NET, (bp.symbol("w5"), bp.symbol("w7")), NET.loss, BACKENDS[backend])
        constants = [float(VALUES[s.name]) for s in filler.constants]
        return lambda: fill(filler, [SIDE, SIDE], constants, filler.backend.piece)
    return made, None


def on_grid(make):
    """A peer's landscape as something to time."""
    def made():
        run = make()
        return lambda: run(SIDE, SIDE)
    return made, None


LANDSCAPES = {"JAX, open grid": peers.jax_open_grid, "PyTorch, open grid": peers.torch_open_grid,
              "jax.vmap twice": peers.jax_nested_vmap, "torch vmap twice": peers.torch_nested_vmap,
              "jax.vmap twice, constants out": peers.jax_nested_vmap_by_hand,
              "torch vmap twice, constants out": peers.torch_nested_vmap_by_hand}
GROUPS = [
    Group("one training step of 2-2-2", "us", 1e6, {
        "C, gcc -O3": (peers.c, 2_000_000), "C, its longest chain": (peers.c_chain, 2_000_000),
        "ours, c": ours("c"), "ours, numba": ours("numba"), "JAX, fori_loop": (peers.jax_loop, 500_000),
        "ours, jax": ours("jax"), "ours": ours("python"), "JAX, jitted step": (peers.jax_step, 5_000),
        "NumPy matrices by hand": (peers.numpy_matrices, 5_000), "micrograd": (peers.micrograd, 1_000),
        "PyTorch, eager": (peers.torch_eager, 500), "autograd": (peers.autograd, 300)}, "C, gcc -O3", "ours"),
    Group(f"10,000 networks, {NETWORK_EPOCHS} steps", "ms", 1e3, {
        "networks: ours": our_networks("numpy"), "networks: ours, jax": our_networks("jax"),
        "networks: jax.vmap": (vmapped_networks, None)}, ours="networks: ours"),
    Group("a landscape of 200 x 200 losses", "ms", 1e3, {
        **{f"landscape: ours{suffix}": our_landscape(backend)
           for suffix, backend in (("", "numpy"), (", numba", "numba"), (", c", "c"))},
        **{f"landscape: {name}": on_grid(make) for name, make in LANDSCAPES.items()}}, "landscape: ours, c", "landscape: ours"),
]
BATCHES = "batch 16", "batch 64", "batch 256"
# (route, what it is divided by if anything, whether it should be at least or at most this)
TARGETS = [
    *((f"{name}: ours", f"{name}: NumPy by hand", "<=", 1.1) for name in ("convolution", "lstm", "attention")),
    *((f"{name}: ours, peak", f"{name}: NumPy by hand, peak", "<=", 1.1) for name in ("convolution", "lstm", "attention")),
    *((f"{name}: sizes to compiled", None, "<=", 2) for name in ("convolution", "lstm", "attention")),
    ("ours", "C, gcc -O3", "<=", 25), ("NumPy matrices by hand", "ours", ">=", 12), ("micrograd", "ours", ">=", 40),
    ("PyTorch, eager", "ours", ">=", 150), ("JAX, jitted step", "ours", ">=", 7), ("ours, numba", "C, gcc -O3", "<=", 1.1),
    ("JAX, fori_loop", "ours, numba", ">=", 2), ("micrograd", "ours, numba", ">=", 1000),
    *(("networks: jax.vmap", of, ">=", 1) for of in ("networks: ours", "networks: ours, jax")),
    *((f"landscape: {name}", f"landscape: ours{suffix}", ">=", 5 if name.endswith("twice") else 1)
      for name in LANDSCAPES for suffix in ("", ", numba")),
    ("fit: 100,000 epochs", "fit: the bare loop", "<=", 1.6), ("fit: until a second one starts", None, "<=", 2000),
    ("derive and compile 2-2-2", None, "<=", 0.1), ("derive and compile 4-16-16-3", None, "<=", 0.1),
    ("derive and compile 64-32-10", None, "<=", 0.4), ("derivation: exponent over edges", None, "<=", 1.1),
    ("operations: (gradient + loss)/forward, worst", None, "<=", 2.5), ("import backprop_sym", None, "<=", 0.01),
    *(("within 4 ulp: ours", f"within 4 ulp: {peer}", ">=", 1) for peer in ("PyTorch", "JAX")),
    ("99th percentile: ours", None, "<=", 100),
    *((f"{ours}, {batch}", f"{peer}, {batch}", "<=", 1.05) for batch in (*BATCHES, "batch 64, large", "batch 256, large")
      for ours, peer in (("ours", "NumPy by hand"), ("bp.fit", "NumPy by hand, with its loss"))),
    *((f"ours, shuffled, {batch}", f"NumPy by hand, shuffled, {batch}", "<=", 1.05) for batch in BATCHES),
    *((f"scikit-learn, shuffled, {batch}", f"ours, shuffled, {batch}", ">=", 3) for batch in BATCHES),
    *(("ours, jax, " + batch, "jax.grad in a scan, " + batch, "<=", 1.05) for batch in BATCHES),
    *((f"{peer}, {batch}", f"ours, {batch}", ">=", least) for batch in BATCHES
      for peer, least in (("scikit-learn", 3), ("PyTorch, eager", 2.5))),
    ("bp.fit, peak", "NumPy by hand, with its loss, peak", "<=", 1.1),
    *((f"matrices: derive and compile {widths}", None, "<=", 0.5) for widths in ("64-30-10", "784-512-10")),
    ("causes: the source", None, "<=", 1), ("causes: 62 figures of attention", None, "<=", 10),
    ("causes: the corpus", None, "<=", 20),
]


# ---- measuring

def measured():
    """([(group, route, value)], {route: why it was left out})."""
    found, missing = [], {}
    for group in GROUPS:
        for name, (make, epochs) in group.routes.items():
            print(f"  {name} ...", file=sys.stderr)
            try:
                run = make()
                seconds = median(lambda run=run, epochs=epochs: run(epochs))/epochs if epochs else median(run)
                found.append((group, name, seconds*group.scale))
            except (ImportError, OSError) as error:
                missing[name] = str(error)
    for title, unit, measure in OTHERS:
        print(f"  {title} ...", file=sys.stderr)
        try:
            found += [(Group(title, unit, 1, {}), name, value) for name, value in measure().items()]
        except ImportError as error:
            missing[title] = str(error)
    return found, missing


def alone(*arguments):
    """What a new interpreter prints: nothing of the peers is in its memory."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=HERE).stdout


@cache
def derived():
    """What derivation.py measures."""
    return json.loads(alone("derivation.py"))


def derivation():
    """Seconds from the widths of a network to its training step as a function."""
    return {name: seconds for name, seconds in derived().items() if name != "exponent"}


def fitting():
    """Microseconds of ``bp.fit`` as readers call it: see fitting.py."""
    return json.loads(alone("fitting.py"))


def auditing():
    """Seconds until every wrong figure of a text has a cause: see auditing.py."""
    return json.loads(alone("auditing.py"))


def start_up():
    """Seconds that ``import backprop_sym`` takes."""
    code = "import time; t = time.perf_counter(); import backprop_sym; print(time.perf_counter() - t)"
    return {"import backprop_sym": statistics.median(float(alone("-c", code)) for _ in range(REPEATS))}


def counted():
    """Numbers without a unit: how derivation grows, and the largest ratio of operations, a function counted as one."""
    nets = [bp.dense([width]*(depth + 2)) for width in range(2, 17) for depth in (1, 4, 10)]
    return {"derivation: exponent over edges": derived()["exponent"],
            "operations: (gradient + loss)/forward, worst":
                max(bp.operations(net + bp.reverse(net))/bp.operations(net) for net in nets)}


def digits():
    """How right the gradients of random networks are."""
    found = fidelity()
    return {**{f"within 4 ulp: {name}": share for name, (share, _) in found.items()},
            **{f"99th percentile: {name}": far for name, (_, far) in found.items()}}


def matrices(*what):
    """What matrices.py measures."""
    return lambda: json.loads(alone("matrices.py", *what))


def layers(*what):
    """What layers.py measures."""
    return lambda: json.loads(alone("layers.py", *what))


def memory():
    """Megabytes of a process each: see matrices.py."""
    return {name: size for route in ("bp.fit", "NumPy by hand, with its loss")
            for name, size in json.loads(alone("matrices.py", "memory", route)).items()}


OTHERS: list[tuple[str, str, Callable]] = [
    ("bp.fit as readers call it, an epoch", "us", fitting), ("derivation", "s", derivation),
    ("causes of wrong figures", "s", auditing), ("start-up", "s", start_up),
    ("counts", "", counted), ("digits of 200 gradients", "", digits),
    ("an epoch of 64-30-10 on 1,078 samples", "ms", matrices()),
    ("an epoch of 784-128-10 on 60,000 samples", "ms", matrices("large")),
    ("memory of training 784-128-10 on 60,000 samples", "MB", memory),
    ("matrices: widths to a compiled step", "s", matrices("compile")),
    ("a training step of the layers of today", "ms", layers()), ("layers: memory of two steps", "MB", layers("memory")),
    ("layers: sizes to compiled", "s", layers("compile"))]


# ---- the table

def table(found):
    """The rows of the table, from the measurements."""
    values = {name: value for _, name, value in found}
    rows = []
    for group, name, value in found:
        targets = []
        for route, of, sign, bound in TARGETS:
            if route == name and (of is None or of in values):
                ratio = value/values[of] if of else value
                text = f"{sign} {bound:g}" + (f" x {of}: {ratio:.3g}" if of else "")
                targets.append((text, bool(ratio >= bound if sign == ">=" else ratio <= bound)))
        rows.append(Row(group.title, name, value, group.unit, *(value/values[base] if base in values else None
                                                                for base in (group.c, group.ours)), targets))
    return rows


def show(rows):
    """Print the table."""
    def cell(number):
        return "" if number is None else f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"

    print(f"\n{'route':46} {'value':>10}    {'x C':>7} {'x ours':>7}  target, found, met")
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            print(f"-- {group}")
        first, *more = [f"{text}  {'yes' if met else 'NO'}" for text, met in row.targets] or [""]
        ratios = f"{cell(row.times_c):>7} {cell(row.times_ours):>7}"
        print(f"{row.route:46} {cell(row.value):>10} {row.unit:2} {ratios}  {first}".rstrip())
        for text in more:
            print(f"{'':77}{text}")


def plot(rows):
    """One step of 2-2-2 by every route, on a logarithmic axis."""
    steps = {row.route: row.value for row in reversed(rows) if row.group == GROUPS[0].title}
    made, axes = bp.figures.figure("Bars: one training step of the 2-2-2 network by each route.", height=4.5)
    colors = [bp.figures.COLORS["blue" if name.startswith("ours") else "grey"] for name in steps]
    bars = axes.barh(list(steps), list(steps.values()), color=colors)
    axes.bar_label(bars, [f"{value:.3g}" for value in steps.values()], padding=4)
    axes.set(xscale="log", xlabel="microseconds a step (logarithmic)", title="One training step of 2-2-2")
    axes.margins(x=0.15)
    return made


def main():
    """Measure, print the table, write the JSON and the plot."""
    found, missing = measured()
    rows = table(found)
    show(rows)
    for name, why in missing.items():
        print(f"left out: {name} ({why})")
    report = {"python": platform.python_version(), "rows": [asdict(row) for row in rows], "left out": missing}
    (HERE / "results.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (HERE / "results.png").write_bytes(plot(rows).png())


if __name__ == "__main__":
    main()
