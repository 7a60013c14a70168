"""Training in matrix form beside others, on the same work in one process and thread; prints JSON.

    python benchmarks/matrices.py               milliseconds of an epoch, by route
    python benchmarks/matrices.py large         the same of 784-128-10 on 60,000 made-up images
    python benchmarks/matrices.py memory ROUTE  the peak of a process that trains one epoch of 784-128-10, in MB
    python benchmarks/matrices.py compile       seconds from the widths to a compiled step, the import of SymPy not counted

All run on one processor, where a route's own time is that of the process, whatever else the machine does, and take turns, so
that all meet the same moods of it. "with its loss" is an epoch of a run that knows the loss of all samples before and after
each, as ``bp.fit`` does; the loop alone, and the one by hand, know it at the start.

Samples come as they are given, and a batch is a part of the array; "shuffled" they come in a new order each epoch, and a batch
is taken by its indices, as by default in scikit-learn.

The floor: the five products of a step are done by the same library in our code, in scikit-learn and by hand: see their row.
scikit-learn computes the loss of each batch besides, and looks at its data before. Where OpenBLAS does not know a processor it
takes instructions of half the width: it is told of those of the processor, for all that it multiplies for.
JAX's gradient computes the slope of the sigmoid as a(1 - a), which loses its digits where a is near 1; ours keeps them.
"""
import json
import os
import statistics
import sys
import time
from pathlib import Path

ONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
       "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
WIDE = {"OPENBLAS_CORETYPE": "SkylakeX"}               # of those with AVX-512 the one that every OpenBLAS knows


def wide():
    """Whether the processor says that it has the instructions of 512 bits that OpenBLAS would use."""
    cpu = Path("/proc/cpuinfo")
    flags = set(cpu.read_text().split()) if cpu.exists() else set()
    return {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"} <= flags


if __name__ == "__main__":
    os.environ |= ONE | (WIDE if wide() else {})
    if hasattr(os, "sched_setaffinity"):               # XLA takes a thread for each processor that it sees, whatever it is told
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np  # noqa: E402  (after the number of threads is set)

RATE, TURNS, MANY = 0.1, 15, 60


def made(widths, samples):
    """(parameters, X, Y, the class of each) at random."""
    rng = np.random.default_rng(0)
    n, hidden, classes = widths
    labels = rng.integers(0, classes, samples)
    values = {"W1": rng.normal(size=(n, hidden))/np.sqrt(n), "b1": np.zeros(hidden),
              "W2": rng.normal(size=(hidden, classes))/np.sqrt(hidden), "b2": np.zeros(classes)}
    return values, rng.random((samples, n)), np.eye(classes)[labels], labels


# ---- routes: each is made from (values, X, Y, labels, batch), and returns what runs so many epochs

def orders(count, epochs):
    """A new order of the samples for each epoch."""
    rng = np.random.default_rng(1)
    return [rng.permutation(count) for _ in range(epochs)]


def numpy_by_hand(values, X, Y, labels, batch, with_loss=False, shuffled=False):
    """As one writes it: no array is looked after."""
    def loss(W1, b1, W2, b2):
        Z2 = 1/(1 + np.exp(-(X @ W1 + b1))) @ W2 + b2
        top = Z2.max(axis=1, keepdims=True)
        return ((top + np.log(np.exp(Z2 - top).sum(axis=1, keepdims=True))).sum() - (Y*Z2).sum())/len(X)

    def run(epochs):
        W1, b1, W2, b2 = (a.copy() for a in values.values())
        losses, every = [], orders(len(X), epochs) if shuffled else ()
        for epoch in range(epochs):
            if with_loss or epoch == 0:
                losses.append(loss(W1, b1, W2, b2))
            for start in range(0, len(X), batch):
                chosen = every[epoch][start:start + batch] if shuffled else slice(start, start + batch)
                x, y = X[chosen], Y[chosen]
                A1 = 1/(1 + np.exp(-(x @ W1 + b1)))
                Z2 = A1 @ W2 + b2
                P = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
                P /= P.sum(axis=1, keepdims=True)
                D2 = (P - y)/len(x)
                D1 = (D2 @ W2.T)*A1*(1 - A1)
                W1 -= RATE*(x.T @ D1)
                b1 -= RATE*D1.sum(axis=0)
                W2 -= RATE*(A1.T @ D2)
                b2 -= RATE*D2.sum(axis=0)
        if with_loss:
            losses.append(loss(W1, b1, W2, b2))
        return W1, b1, W2, b2
    return run


def network(values):
    """The same as a Program."""
    import backprop_sym as bp
    widths = [*values["W1"].shape, values["W2"].shape[1]]
    return bp.dense(widths, ["sigmoid", "identity"], "cross_entropy_with_logits", form="matrix")


def ours(values, X, Y, labels, batch, backend="numpy", shuffled=False):
    """The loop alone."""
    import backprop_sym as bp
    from backprop_sym.compute.trainer import Trainer
    trainer = Trainer(bp.step(network(values)), {**values, "eta": RATE}, {"X": X, "Y": Y}, backend, batch=batch)
    return lambda epochs: trainer.run(trainer.state, epochs, every=10**9,
                                      orders=orders(len(X), epochs) if shuffled else None)[1].values()


def our_jax(values, X, Y, labels, batch):
    """The same Program, as a scan of JAX."""
    import jax
    jax.config.update("jax_enable_x64", True)
    return ours(values, jax.numpy.asarray(X), jax.numpy.asarray(Y), labels, batch, "jax")


def fit(values, X, Y, labels, batch):
    """``bp.fit`` as readers call it."""
    import backprop_sym as bp
    net = network(values)

    def run(epochs):
        history = bp.fit(net, values, {"X": X, "Y": Y}, epochs=epochs, batch=batch, learning_rate=RATE, backend="numpy",
                         progress=False)
        return [a[-1] for a in history.values.values()]
    return run


def scikit_learn(values, X, Y, labels, batch, shuffled=False):
    """MLPClassifier with gradient descent; where it starts, and its order, are its own."""
    from sklearn.neural_network import MLPClassifier

    def run(epochs):
        model = MLPClassifier([values["W1"].shape[1]], "logistic", solver="sgd", alpha=0, batch_size=batch, momentum=0,
                              learning_rate_init=RATE, max_iter=epochs, tol=0, n_iter_no_change=epochs + 1, shuffle=shuffled)
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, labels)
    return run


def pytorch(values, X, Y, labels, batch, compiled=False):
    """Eager, with the loss and the optimizer of its own; or compiled."""
    import torch
    torch.set_num_threads(1)
    x, y = torch.tensor(X), torch.tensor(labels)

    def run(epochs):
        n, hidden = values["W1"].shape
        model = torch.nn.Sequential(torch.nn.Linear(n, hidden), torch.nn.Sigmoid(), torch.nn.Linear(hidden, values["W2"].shape[1])
                                    ).double()
        with torch.no_grad():
            for layer, name in ((model[0], "1"), (model[2], "2")):
                layer.weight.copy_(torch.tensor(values["W" + name].T))
                layer.bias.copy_(torch.tensor(values["b" + name]))
        optimizer = torch.optim.SGD(model.parameters(), RATE)

        def loss_of(a, b):
            return torch.nn.functional.cross_entropy(model(a), b)
        loss = torch.compile(loss_of) if compiled else loss_of
        for _ in range(epochs):
            for start in range(0, len(X), batch):
                chosen = slice(start, start + batch)
                optimizer.zero_grad()
                loss(x[chosen], y[chosen]).backward()
                optimizer.step()
        return [a.detach().numpy().T for a in model.parameters()]
    return run


def pytorch_compiled(*case):
    return pytorch(*case, compiled=True)


def jax_grad(values, X, Y, labels, batch):
    """jax.grad of the loss, in a scan."""
    from functools import partial

    import jax
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def loss(w, x, y):
        z = jax.nn.sigmoid(x @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"]
        return -(y*jax.nn.log_softmax(z)).sum()/len(x)

    def update(w, x, y):
        return jax.tree.map(lambda a, g: a - RATE*g, w, jax.grad(loss)(w, x, y))

    x, y, full = jnp.asarray(X), jnp.asarray(Y), len(X)//batch
    order = jnp.arange(len(X))

    @partial(jax.jit, static_argnames="epochs")
    def trained(w, x, y, order, epochs):
        def epoch(_, w):
            chosen = order[:full*batch].reshape(full, batch)
            w, _ = jax.lax.scan(lambda w, chosen: (update(w, x[chosen], y[chosen]), None), w, chosen)
            return update(w, x[order[full*batch:]], y[order[full*batch:]]) if len(X) % batch else w
        return jax.lax.fori_loop(0, epochs, epoch, w)

    start = {name: jnp.asarray(a) for name, a in values.items()}
    def run(epochs):
        found = trained(start, x, y, order, epochs=epochs)
        return [np.asarray(found[name]) for name in values]
    return run


def products(values, X, Y, labels, batch):
    """The five matrix products of each step and nothing else: no route that NumPy computes can be quicker."""
    W1, W2 = values["W1"], values["W2"]

    def run(epochs):
        for _ in range(epochs):
            for start in range(0, len(X), batch):
                x, y = X[start:start + batch], Y[start:start + batch]
                Z1 = x @ W1
                Z1 @ W2
                D1 = y @ W2.T
                x.T @ D1
                Z1.T @ y
    return run


def by_hand_with_loss(*case):
    return numpy_by_hand(*case, with_loss=True)


def shuffled(route):
    return lambda *case: route(*case, shuffled=True)


ROUTES = {"ours": ours, "NumPy by hand": numpy_by_hand, "bp.fit": fit, "NumPy by hand, with its loss": by_hand_with_loss,
          "scikit-learn": scikit_learn, "PyTorch, eager": pytorch, "PyTorch, compiled": pytorch_compiled, "ours, jax": our_jax,
          "jax.grad in a scan": jax_grad, "the matrix products alone": products, "ours, shuffled": shuffled(ours),
          "NumPy by hand, shuffled": shuffled(numpy_by_hand), "scikit-learn, shuffled": shuffled(scikit_learn)}
SHUFFLED = {"ours, shuffled"}
SAME = SHUFFLED | {"ours", "bp.fit", "NumPy by hand, with its loss", "PyTorch, eager", "ours, jax", "jax.grad in a scan"}


def measured(widths, samples, batches, routes, epochs, turns=TURNS):
    """{route, batch: milliseconds of an epoch}; every result that can be is compared with that by hand."""
    case, found, missing = made(widths, samples), {}, {}
    for batch in batches:
        runs = {}
        for name in routes:
            try:
                runs[name] = ROUTES[name](*case, batch)
                result = runs[name](2)
            except ImportError as error:
                missing[name] = str(error)
                runs.pop(name, None)
                continue
            if name in SAME:
                by_hand = numpy_by_hand(*case, batch, shuffled=name in SHUFFLED)(2)
                for a, b in zip(result, by_hand, strict=True):
                    assert np.allclose(np.reshape(a, b.shape), b, rtol=1e-9, atol=1e-12), name
            runs[name](MANY if "jax" in name else epochs)      # what is compiled for a number of epochs is compiled
        times = {name: [] for name in runs}
        for _ in range(turns):
            for name, run in runs.items():
                count = MANY if "jax" in name else epochs      # a call of JAX costs some milliseconds, an epoch less than one
                start = time.process_time()
                run(count)
                times[name].append(1e3*(time.process_time() - start)/count)
        found |= {f"{name}, batch {batch}": statistics.median(t) for name, t in times.items()}
    return found, missing


def memory(route):
    """Megabytes at the peak of this process while it trains an epoch, above those before."""
    import resource

    import backprop_sym  # noqa: F401  (both routes have it in memory)
    case = made([784, 128, 10], 60_000)
    run = ROUTES[route](*case, 256)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(1)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {f"{route}, what an epoch adds": (after - before)/1024, f"{route}, peak": after/1024}


def compiled():
    """{widths: seconds}, in a process that has imported SymPy and nothing else."""
    from importlib import import_module

    import sympy  # noqa: F401
    start = time.perf_counter()
    import_module("backprop_sym.compute.trainer")
    values, X, Y, labels = made([64, 30, 10], 100)
    start = time.perf_counter()
    ours(values, X, Y, labels, 16)
    first = time.perf_counter() - start
    case = made([784, 512, 10], 100)
    start = time.perf_counter()
    ours(*case, 16)
    return {"matrices: derive and compile 64-30-10": first,
            "matrices: derive and compile 784-512-10": time.perf_counter() - start}


if __name__ == "__main__":
    what = sys.argv[1] if sys.argv[1:] else "small"
    if what == "small":
        result, _ = measured([64, 30, 10], 1_078, [16, 64, 256], ROUTES, 10)
    elif what == "large":
        result, _ = measured([784, 128, 10], 60_000, [64, 256], [*ROUTES][:4] + ["PyTorch, eager"], 1, 3)
        result = {f"{name}, large": value for name, value in result.items()}
    elif what == "memory":
        result = memory(sys.argv[2])
    else:
        result = compiled()
    print(json.dumps(result, indent=1))
