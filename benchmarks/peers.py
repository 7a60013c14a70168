"""The same 2-2-2 network, written by hand for everything that it is compared with.

Each function takes a number of epochs and returns the loss after them; each is written as its own documentation would write
it. What is not installed is left out, with the reason.
"""
import ctypes
import math
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

X, Y, RATE = (0.05, 0.10), (0.01, 0.99), 0.01
W1, B1 = [[0.15, 0.20], [0.25, 0.30]], [0.40, 0.35]
W2, B2 = [[0.40, 0.45], [0.50, 0.55]], [0.25, 0.60]

C_SOURCE = r"""
#include <math.h>
static double sigmoid(double z) {
    if (z >= 0.0) return 1.0/(1.0 + exp(-z));
    double t = exp(z);
    return t/(1.0 + t);
}
double run(long epochs) {
    double x[2] = {0.05, 0.10}, y[2] = {0.01, 0.99}, rate = 0.01;
    double w1[2][2] = {{0.15, 0.20}, {0.25, 0.30}}, b1[2] = {0.40, 0.35};
    double w2[2][2] = {{0.40, 0.45}, {0.50, 0.55}}, b2[2] = {0.25, 0.60};
    double h[2], p[2], dp[2], dh[2], loss = 0.0;
    for (long epoch = 0; epoch <= epochs; epoch++) {
        loss = 0.0;
        for (int j = 0; j < 2; j++) h[j] = sigmoid(x[0]*w1[0][j] + x[1]*w1[1][j] + b1[j]);
        for (int k = 0; k < 2; k++) {
            p[k] = sigmoid(h[0]*w2[0][k] + h[1]*w2[1][k] + b2[k]);
            loss += 0.5*(y[k] - p[k])*(y[k] - p[k]);
        }
        if (epoch == epochs) break;
        for (int k = 0; k < 2; k++) dp[k] = (p[k] - y[k])*p[k]*(1.0 - p[k]);
        for (int j = 0; j < 2; j++) dh[j] = (dp[0]*w2[j][0] + dp[1]*w2[j][1])*h[j]*(1.0 - h[j]);
        for (int j = 0; j < 2; j++) {
            for (int k = 0; k < 2; k++) w2[j][k] -= rate*dp[k]*h[j];
            for (int k = 0; k < 2; k++) w1[j][k] -= rate*dh[k]*x[j];
        }
        for (int j = 0; j < 2; j++) { b1[j] -= rate*dh[j]; b2[j] -= rate*dp[j]; }
    }
    return loss;
}
"""


# One hidden and one output unit of it: nothing but operations that must wait for one another, and so take their time one after
# the other, however many the processor can do at once. No program that does the same operations is faster.
C_CHAIN = r"""
#include <math.h>
double run(long epochs) {
    double x = 0.05, y = 0.01, rate = 0.01, w1 = 0.15, b1 = 0.40, w2 = 0.40, b2 = 0.25, p = 0.0;
    for (long epoch = 0; epoch < epochs; epoch++) {
        double t = exp(-(x*w1 + b1)), h = 1.0/(1.0 + t);
        double u = exp(-(h*w2 + b2));
        p = 1.0/(1.0 + u);
        w1 -= (p - y)*p*(u*p)*w2*(rate*x*(h*(t*h)));
    }
    return 0.5*(y - p)*(y - p);
}
"""


def c():
    """The loop in C, gcc -O3."""
    return _compiled(C_SOURCE)


def c_chain():
    """The longest chain of that loop alone."""
    return _compiled(C_CHAIN)


def _compiled(source):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise ImportError("there is no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        code, made = Path(folder, "run.c"), Path(folder, "run.so")
        code.write_text(source)
        subprocess.run([compiler, "-O3", "-shared", "-fPIC", code, "-o", made, "-lm"], check=True)
        library = ctypes.CDLL(str(made))
    library.run.restype = ctypes.c_double
    return lambda epochs: library.run(ctypes.c_long(epochs))


def numpy_matrices():
    """NumPy, 2 x 2 matrices."""
    def sigmoid(z):
        t = np.exp(-np.abs(z))
        return np.where(z >= 0, 1, t)/(1 + t)

    def run(epochs):
        x, y = np.array(X), np.array(Y)
        w1, b1, w2, b2 = (np.array(v) for v in (W1, B1, W2, B2))
        for _ in range(epochs):
            h = sigmoid(x @ w1 + b1)
            p = sigmoid(h @ w2 + b2)
            dp = (p - y)*p*(1 - p)
            dh = (w2 @ dp)*h*(1 - h)
            w1 -= RATE*np.outer(x, dh)
            b1 -= RATE*dh
            w2 -= RATE*np.outer(h, dp)
            b2 -= RATE*dp
        return 0.5*((y - sigmoid(sigmoid(x @ w1 + b1) @ w2 + b2))**2).sum()
    return run


def micrograd():
    """micrograd, its Value objects."""
    from micrograd.engine import Value
    sigmoid = _micrograd_sigmoid                       # micrograd has relu alone

    def run(epochs):
        w1, w2 = ([[Value(v) for v in row] for row in w] for w in (W1, W2))
        b1, b2 = ([Value(v) for v in b] for b in (B1, B2))
        parameters = [*w1[0], *w1[1], *w2[0], *w2[1], *b1, *b2]

        def loss():
            h = [sigmoid(sum((X[i]*w1[i][j] for i in range(2)), b1[j])) for j in range(2)]
            p = [sigmoid(sum((h[j]*w2[j][k] for j in range(2)), b2[k])) for k in range(2)]
            return sum((Y[k] - p[k])**2 for k in range(2))*0.5

        for _ in range(epochs):
            E = loss()
            for v in parameters:
                v.grad = 0
            E.backward()
            for v in parameters:
                v.data -= RATE*v.grad
        return loss().data
    return run


def _micrograd_sigmoid(z):
    """A sigmoid in micrograd's own style: a Value with its local derivative."""
    from micrograd.engine import Value
    t = math.exp(-abs(z.data))
    a = (1 if z.data >= 0 else t)/(1 + t)
    out = Value(a, (z,), "sigmoid")

    def backward():
        z.grad += a*(1 - a)*out.grad
    out._backward = backward
    return out


def torch_eager():
    """PyTorch, eager, float64; on one thread, which is faster for so little."""
    import torch
    torch.set_num_threads(1)

    def run(epochs):
        x, y = (torch.tensor(v, dtype=torch.float64) for v in (X, Y))
        parameters = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (W1, B1, W2, B2)]
        w1, b1, w2, b2 = parameters
        optimizer = torch.optim.SGD(parameters, RATE)

        def loss():
            return 0.5*((y - torch.sigmoid(torch.sigmoid(x @ w1 + b1) @ w2 + b2))**2).sum()

        for _ in range(epochs):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        return float(loss().detach())
    return run


def autograd():
    """autograd (HIPS)."""
    import autograd.numpy as anp
    from autograd import grad

    def loss(parameters):
        w1, b1, w2, b2 = parameters
        h = 1/(1 + anp.exp(-(anp.dot(anp.array(X), w1) + b1)))
        return 0.5*anp.sum((anp.array(Y) - 1/(1 + anp.exp(-(anp.dot(h, w2) + b2))))**2)

    def run(epochs):
        parameters, gradient = [np.array(v) for v in (W1, B1, W2, B2)], grad(loss)
        for _ in range(epochs):
            parameters = [v - RATE*g for v, g in zip(parameters, gradient(parameters), strict=True)]
        return float(loss(parameters))
    return run


def _jax():
    import jax
    jax.config.update("jax_enable_x64", True)
    x, y = jax.numpy.array(X), jax.numpy.array(Y)

    def loss(parameters):
        w1, b1, w2, b2 = parameters
        return 0.5*((y - jax.nn.sigmoid(jax.nn.sigmoid(x @ w1 + b1) @ w2 + b2))**2).sum()

    def step(parameters, rate=RATE):
        return jax.tree.map(lambda v, g: v - rate*g, parameters, jax.grad(loss)(parameters))

    return jax, loss, step, tuple(jax.numpy.array(v) for v in (W1, B1, W2, B2))


def jax_step():
    """JAX, a jitted step."""
    jax, loss, step, start = _jax()
    jitted = jax.jit(step)

    def run(epochs):
        parameters = start
        for _ in range(epochs):
            parameters = jitted(parameters)
        return float(loss(jax.block_until_ready(parameters)))
    return run


def jax_loop():
    """JAX, lax.fori_loop."""
    jax, loss, step, start = _jax()
    loop = jax.jit(lambda parameters, epochs: jax.lax.fori_loop(0, epochs, lambda k, p: step(p), parameters))
    return lambda epochs: float(loss(jax.block_until_ready(loop(start, epochs))))


# ---- many networks, and landscapes

def jax_vmap_rates():
    """jax.vmap over learning rates, jitted loop."""
    jax, loss, step, start = _jax()

    def one(rate, epochs):
        return loss(jax.lax.fori_loop(0, epochs, lambda k, p: step(p, rate), start))

    many = jax.jit(jax.vmap(one, in_axes=(0, None)))
    return lambda rates, epochs: np.asarray(jax.block_until_ready(many(rates, epochs)))


def _scalar_loss(sigmoid, w5, w7):
    """The loss as a function of two weights that may be arrays of an open grid; the rest are numbers."""
    h = [1/(1 + math.exp(-(X[0]*W1[0][j] + X[1]*W1[1][j] + B1[j]))) for j in range(2)]
    p1 = sigmoid(h[0]*w5 + h[1]*w7 + B2[0])
    p2 = 1/(1 + math.exp(-(h[0]*W2[0][1] + h[1]*W2[1][1] + B2[1])))
    return 0.5*((Y[0] - p1)**2 + (Y[1] - p2)**2)


def jax_open_grid():
    """JAX, jitted, the same open grid."""
    jax, *_ = _jax()
    f = jax.jit(lambda a, b: _scalar_loss(jax.nn.sigmoid, a, b))
    return lambda a, b: np.asarray(jax.block_until_ready(f(a[:, None], b[None, :])))


def jax_nested_vmap():
    """jax.vmap twice over the network's loss, jitted."""
    jax, loss, _, (w1, b1, w2, b2) = _jax()

    def at(w5, w7):
        return loss((w1, b1, w2.at[:, 0].set(jax.numpy.stack([w5, w7])), b2))

    f = jax.jit(jax.vmap(jax.vmap(at, (None, 0)), (0, None)))
    return lambda a, b: np.asarray(jax.block_until_ready(f(a, b)))


def jax_nested_vmap_by_hand():
    """jax.vmap twice over a loss from which the constants were taken by hand, jitted."""
    jax, *_ = _jax()
    f = jax.jit(jax.vmap(jax.vmap(lambda a, b: _scalar_loss(jax.nn.sigmoid, a, b), (None, 0)), (0, None)))
    return lambda a, b: np.asarray(jax.block_until_ready(f(a, b)))


def _torch():
    """PyTorch with a thread for each core, as it comes."""
    import torch
    torch.set_num_threads(os.cpu_count())
    return torch


def torch_open_grid():
    """PyTorch, the same open grid."""
    torch = _torch()
    return lambda a, b: _scalar_loss(torch.sigmoid, torch.as_tensor(a)[:, None], torch.as_tensor(b)[None, :]).numpy()


def torch_nested_vmap():
    """torch.func.vmap twice over the network's loss."""
    torch = _torch()
    x, y, w1, b1, w2, b2 = (torch.tensor(v, dtype=torch.float64) for v in (X, Y, W1, B1, W2, B2))

    def at(w5, w7):
        w = torch.cat([torch.stack([w5, w7])[:, None], w2[:, 1:]], 1)
        return 0.5*((y - torch.sigmoid(torch.sigmoid(x @ w1 + b1) @ w + b2))**2).sum()

    f = torch.func.vmap(torch.func.vmap(at, (None, 0)), (0, None))
    return lambda a, b: f(torch.as_tensor(a), torch.as_tensor(b)).numpy()


def torch_nested_vmap_by_hand():
    """torch.func.vmap twice over a loss from which the constants were taken by hand."""
    torch = _torch()
    f = torch.func.vmap(torch.func.vmap(lambda a, b: _scalar_loss(torch.sigmoid, a, b), (None, 0)), (0, None))
    return lambda a, b: f(torch.as_tensor(a), torch.as_tensor(b)).numpy()
