"""Layers of today beside NumPy by hand and PyTorch, on the same work in one process and thread; prints JSON.

    python benchmarks/layers.py             milliseconds of a training step, by layer and route
    python benchmarks/layers.py memory      megabytes of arrays at the peak of a training of two steps
    python benchmarks/layers.py compile     seconds from the sizes to a compiled training step

A convolution of 28 x 28 pictures with 8 kernels of 5 x 5, 32 at once; an LSTM of 64 units over 50 steps of 32 numbers, 16 at
once; attention of 64 tokens of 32 numbers with keys of 32. The loss is the sum of squares of what comes out. A step is a forward
pass, a backward pass and an update; ours also puts each batch together, for it could be a part of the samples. By hand and ours
come to the same parameters, to rounding, which is checked. "right everywhere" is by hand with slopes of sigmoid and tanh that are
right where these are near 1, as ours are: 1 - tanh(z)**2 has lost half its digits at z = 10.
"""
import json
import os
import statistics
import sys
import time
import tracemalloc

ONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
if __name__ == "__main__":
    os.environ |= ONE

import numpy as np  # noqa: E402  (after the number of threads is set)

import backprop_sym as bp  # noqa: E402
from backprop_sym.compute.trainer import Trainer  # noqa: E402

L, RNG = bp.layers, np.random.default_rng(0)
SAMPLES = {"convolution": 32, "lstm": 16, "attention": 64}
STEPS, RATE, TURNS = 50, 1e-4, 9
PASSES = {"convolution": 20, "lstm": 20, "attention": 150}


def program(name):
    """The layer, and its loss."""
    layer, out = {"convolution": lambda: (L.convolution(1, 28, 28, 8, 5), "Z"), "attention": lambda: (L.attention(32, 32), "H"),
                  "lstm": lambda: (bp.unroll_in_time(L.lstm(32, 64), STEPS), None)}[name]()
    out = layer.symbol(out) if out else layer.defined[-1]
    loss = bp.Program.parse(["E = sum(out**2)"], shapes={"out": layer.shape[out]}, inputs="out", loss="E").rename({"out": out})
    return layer + loss


def numbers(net, samples):
    """Numbers for what it is given."""
    return {s: RNG.normal(size=[samples if n.is_Symbol else int(n) for n in net.shape[s]])*0.2 for s in net.given}


# ---- by hand: each returns what runs so many training steps, and returns the parameters

def convolution_by_hand(v):
    """im2col by places that are known: what the windows see are columns, all sums one product; back to the parameters alone."""
    X = v["X"]
    at = np.arange(784).reshape(28, 28)
    places = np.array([at[i:i + 24, j:j + 24].ravel() for i in range(5) for j in range(5)])

    def run(passes):
        K, b = v["K"].copy(), v["b"].copy()
        for _ in range(passes):
            P = X.T[places].reshape(25, -1)
            D = 2*(K @ P + b)
            K -= RATE*(D @ P.T)
            b -= RATE*D.sum(axis=1, keepdims=True)
        return {"K": K, "b": b}
    return run


def attention_by_hand(v):
    """As one writes it."""
    X = v["X"]

    def run(passes):
        Q_, K_, V_, O_ = (v[name].copy() for name in ("W_Q", "W_K", "W_V", "W_O"))
        for _ in range(passes):
            Q, K, V = X @ Q_, X @ K_, X @ V_
            S = Q @ K.T/np.sqrt(32)
            P = np.exp(S - S.max(axis=1, keepdims=True))
            P /= P.sum(axis=1, keepdims=True)
            O = P @ V  # noqa: E741
            D = 2*(O @ O_)
            dO = D @ O_.T
            dP = dO @ V.T
            dS = P*(dP - (dP*P).sum(axis=1, keepdims=True))/np.sqrt(32)
            Q_ -= RATE*(X.T @ (dS @ K))
            K_ -= RATE*(X.T @ (dS.T @ Q))
            V_ -= RATE*(X.T @ (P.T @ dO))
            O_ -= RATE*(O.T @ D)
        return {"W_Q": Q_, "W_K": K_, "W_V": V_, "W_O": O_}
    return run


def lstm_by_hand(v, right=False):
    """All gates in one product, step after step, and back; ``right``: with slopes that are right where a gate is near 1."""
    X = [v[f"X_time{t}"] for t in range(1, STEPS + 1)]

    def slopes(gates, G, T, kept):
        if not right:
            return gates*(1 - gates), 1 - G*G, 1 - T*T
        small, of_g, of_c = kept
        return gates*gates*small, 4*of_g/(1 + of_g)**2, 4*of_c/(1 + of_c)**2

    def run(passes):
        W, U, b = (np.concatenate([v[kind + gate] for gate in ("_i", "_f", "_g", "_o")], axis=-1) for kind in "WUb")
        for _ in range(passes):
            H, C, kept = v["H"], v["C"], []
            for x in X:
                A = x @ W + H @ U + b
                small = np.exp(-A)
                gates = 1/(1 + small)
                G = np.tanh(A[:, 128:192])
                I, F, O = gates[:, :64], gates[:, 64:128], gates[:, 192:]  # noqa: E741
                new = F*C + I*G
                T = np.tanh(new)
                more = (small, np.exp(-2*abs(A[:, 128:192])), np.exp(-2*abs(new))) if right else ()
                kept.append((x, H, C, gates, G, T, more))
                H, C = O*T, new
            dH, dC = 2*H, 0
            dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
            while kept:
                x, before, c, gates, G, T, more = kept.pop()
                I, F, O = gates[:, :64], gates[:, 64:128], gates[:, 192:]  # noqa: E741
                of_gates, of_g, of_c = slopes(gates, G, T, more)
                dC = dC + dH*O*of_c
                D = np.concatenate([dC*G, dC*c, dC*I, dH*T], axis=1)
                D *= of_gates
                D[:, 128:192] = dC*I*of_g
                dW += x.T @ D
                dU += before.T @ D
                db += D.sum(axis=0)
                dH, dC = D @ U.T, dC*F
            W -= RATE*dW
            U -= RATE*dU
            b -= RATE*db
        parts = {kind: np.split(d, 4, axis=-1) for kind, d in (("W", W), ("U", U), ("b", b))}
        return {f"{kind}_{gate}": parts[kind][k] for k, gate in enumerate("ifgo") for kind in parts}
    return run


def lstm_right(v):
    return lstm_by_hand(v, True)


BY_HAND = {"convolution": {"NumPy by hand": convolution_by_hand}, "attention": {"NumPy by hand": attention_by_hand},
           "lstm": {"NumPy by hand": lstm_by_hand, "NumPy by hand, right everywhere": lstm_right}}


# ---- ours, and PyTorch's

def ours(net, v):
    """The generated loop, on all samples at once."""
    parameters = {p.name for p in net.parameters}
    start, samples = ({name: a for name, a in v.items() if (name in parameters) == mine} for mine in (True, False))
    trainer = Trainer(bp.step(net), {**start, "eta": RATE}, samples)
    return lambda passes: {s.name: a for s, a in trainer.run(trainer.state, passes, every=10**9)[1].items()}


def torch_eager(name, v):
    """PyTorch's own layers, autograd and optimizer, from weights of its own."""
    import torch
    torch.set_num_threads(1)

    def tensor(array):
        return torch.tensor(array)

    if name == "convolution":
        layer, given = torch.nn.Conv2d(1, 8, 5, dtype=torch.float64), (tensor(v["X"].reshape(-1, 1, 28, 28)),)
    elif name == "lstm":
        layer = torch.nn.LSTM(32, 64, dtype=torch.float64)
        given = (tensor(np.stack([v[f"X_time{t}"] for t in range(1, STEPS + 1)])), (tensor(v["H"])[None], tensor(v["C"])[None]))
    else:
        layer, x = torch.nn.MultiheadAttention(32, 1, bias=False, dtype=torch.float64), tensor(v["X"])
        given = (x, x, x)
    optimizer = torch.optim.SGD(layer.parameters(), RATE)

    def run(passes):
        for _ in range(passes):
            optimizer.zero_grad()
            made = layer(*given)
            made = made[0][-1] if name == "lstm" else made[0] if name == "attention" else made
            (made**2).sum().backward()
            optimizer.step()
    return run


def routes(name):
    """{route: what runs so many steps}, the parameters by hand checked against ours."""
    net = program(name)
    v = {s.name: value for s, value in numbers(net, SAMPLES[name]).items()}
    by_hand = {route: make(v) for route, make in BY_HAND[name].items()}
    found = {"ours": ours(net, v), **by_hand}
    for route, run in by_hand.items():
        for p, one in found["ours"](3).items():
            assert np.allclose(one, run(3)[p], rtol=1e-9, atol=1e-9*abs(one).max()), (name, route, p)
    try:
        found["PyTorch, eager"] = torch_eager(name, v)
    except ImportError:
        pass
    return found


# ---- what is measured

def measured():
    """{layer and route: milliseconds of the processor a step}; the routes take turns, to meet the same moods of the machine."""
    found = {}
    for name in BY_HAND:
        runs = routes(name)
        times = {route: [] for route in runs}
        for _ in range(TURNS):
            for route, run in runs.items():
                start = time.process_time()
                run(PASSES[name])
                times[route].append(1e3*(time.process_time() - start)/PASSES[name])
        found |= {f"{name}: {route}": statistics.median(t) for route, t in times.items()}
    return found


def memory():
    """{layer and route: megabytes of arrays at the peak of two steps}; PyTorch keeps its own where Python does not see them."""
    found = {}
    for name in BY_HAND:
        for route, run in routes(name).items():
            if not route.startswith("PyTorch"):
                run(2)
                tracemalloc.start()
                run(2)
                found[f"{name}: {route}, peak"] = tracemalloc.get_traced_memory()[1]/1e6
                tracemalloc.stop()
    return found


def compiled():
    """{layer: seconds of the processor until its training step is code}; what SymPy imports first is not counted."""
    bp.lambdify(program("attention"))
    found = {}
    for name in BY_HAND:
        v = {s.name: value for s, value in numbers(program(name), SAMPLES[name]).items()}
        start = time.process_time()
        ours(program(name), v)
        found[f"{name}: sizes to compiled"] = time.process_time() - start
    return found


if __name__ == "__main__":
    print(json.dumps({"": measured, "memory": memory, "compile": compiled}["".join(sys.argv[1:])]()))
