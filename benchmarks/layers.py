"""Layers of today beside NumPy by hand and PyTorch, on the same work in one process and thread; prints JSON.

    python benchmarks/layers.py             milliseconds of a forward and a backward pass, by layer and route
    python benchmarks/layers.py compile     seconds from the sizes to a compiled forward and backward pass

A convolution of 28 x 28 pictures with 8 kernels of 5 x 5, 32 at once; an LSTM of 64 units over 50 steps of 32 numbers, 16 at
once; attention of 64 tokens of 32 numbers with keys of 32. The loss is the sum of squares of what comes out. By hand and ours
give the same gradients by the parameters, to rounding, which is checked.
"""
import json
import os
import sys
import time

ONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
if __name__ == "__main__":
    os.environ |= ONE

import numpy as np  # noqa: E402  (after the number of threads is set)
from timing import median  # noqa: E402

import backprop_sym as bp  # noqa: E402

L, RNG = bp.layers, np.random.default_rng(0)
SAMPLES = {"convolution": 32, "lstm": 16, "attention": 64}
STEPS = 50


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


# ---- by hand: what runs, and returns the gradients by the parameters

def convolution_by_hand(v):
    """im2col by places that are known: what the windows see are columns, all sums one product; back to the parameters alone."""
    X, K, b = v["X"], v["K"], v["b"]
    at = np.arange(784).reshape(28, 28)
    places = np.array([at[i:i + 24, j:j + 24].ravel() for i in range(5) for j in range(5)])

    def run():
        P = X.T[places].reshape(25, -1)
        D = 2*(K @ P + b)
        return {"K": D @ P.T, "b": D.sum(axis=1, keepdims=True)}
    return run


def attention_by_hand(v):
    """As one writes it."""
    X, Q_, K_, V_, O_ = (v[name] for name in ("X", "W_Q", "W_K", "W_V", "W_O"))

    def run():
        Q, K, V = X @ Q_, X @ K_, X @ V_
        S = Q @ K.T/np.sqrt(32)
        P = np.exp(S - S.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        O = P @ V  # noqa: E741
        D = 2*(O @ O_)
        dO = D @ O_.T
        dP = dO @ V.T
        dS = P*(dP - (dP*P).sum(axis=1, keepdims=True))/np.sqrt(32)
        return {"W_Q": X.T @ (dS @ K), "W_K": X.T @ (dS.T @ Q), "W_V": X.T @ (P.T @ dO), "W_O": O.T @ D}
    return run


def lstm_by_hand(v):
    """All gates in one product, step after step, and back."""
    W, U, b = (np.concatenate([v[kind + gate] for gate in ("_i", "_f", "_g", "_o")], axis=-1) for kind in "WUb")
    X = [v[f"X_time{t}"] for t in range(1, STEPS + 1)]

    def run():
        H, C, kept = v["H"], v["C"], []
        for x in X:
            A = x @ W + H @ U + b
            gates = 1/(1 + np.exp(-A))
            G = np.tanh(A[:, 128:192])
            I, F, O = gates[:, :64], gates[:, 64:128], gates[:, 192:]  # noqa: E741
            new = F*C + I*G
            T = np.tanh(new)
            kept.append((x, H, C, I, F, G, O, T))
            H, C = O*T, new
        dH, dC = 2*H, 0
        dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
        for x, before, c, I, F, G, O, T in reversed(kept):  # noqa: E741
            dC = dC + dH*O*(1 - T*T)
            D = np.concatenate([dC*G*I*(1 - I), dC*c*F*(1 - F), dC*I*(1 - G*G), dH*T*O*(1 - O)], axis=1)
            dW += x.T @ D
            dU += before.T @ D
            db += D.sum(axis=0)
            dH, dC = D @ U.T, dC*F
        parts = {kind: np.split(d, 4, axis=-1) for kind, d in (("W", dW), ("U", dU), ("b", db))}
        return {f"{kind}_{gate}": parts[kind][k] for k, gate in enumerate("ifgo") for kind in parts}
    return run


BY_HAND = {"convolution": convolution_by_hand, "lstm": lstm_by_hand, "attention": attention_by_hand}


# ---- ours, and PyTorch's

def ours(net, v):
    """The generated code: forward and backward."""
    f = bp.lambdify(net + bp.reverse(net), "numpy")
    given, names = [v[s.name] for s in f.program.given], list(map(str, f.program.defined))

    def run():
        found = dict(zip(names, f.compute(*given), strict=True))
        return {p.name: found[f"d(E)/d({p})"] for p in net.parameters}
    return run


def torch_eager(name, v):
    """PyTorch's own layers and autograd; the gradients are not put into our names."""
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

    def run():
        layer.zero_grad()
        made = layer(*given)
        made = made[0][-1] if name == "lstm" else made[0] if name == "attention" else made
        (made**2).sum().backward()
    return run


def routes():
    """{layer and route: what runs}, the gradients by hand checked against ours."""
    found = {}
    for name, by_hand in BY_HAND.items():
        net = program(name)
        v = {s.name: value for s, value in numbers(net, SAMPLES[name]).items()}
        found |= {f"{name}: ours": ours(net, v), f"{name}: NumPy by hand": by_hand(v)}
        one, other = found[f"{name}: ours"](), found[f"{name}: NumPy by hand"]()
        for p, gradient in one.items():
            assert np.allclose(gradient, other[p], rtol=1e-9, atol=1e-9*abs(gradient).max()), (name, p)
        try:
            found[f"{name}: PyTorch, eager"] = torch_eager(name, v)
        except ImportError:
            pass
    return found


def compiled():
    """{layer: seconds of the processor until its passes are code}; what SymPy imports first is not counted."""
    bp.lambdify(program("attention"))
    found = {}
    for name in BY_HAND:
        start = time.process_time()
        net = program(name)
        bp.lambdify(net + bp.reverse(net), "numpy")
        found[f"{name}: sizes to compiled"] = time.process_time() - start
    return found


def measured():
    """{layer and route: milliseconds}."""
    return {name: 1e3*median(run) for name, run in routes().items()}


if __name__ == "__main__":
    print(json.dumps(compiled() if sys.argv[1:] == ["compile"] else measured()))
