"""How many digits of a gradient are right: entries of random networks against 50 digits, in units in the last place."""
import random

import numpy as np

import backprop_sym as bp

NETWORKS = 200


def cases():
    """(widths, values) of random sigmoid networks."""
    rng = random.Random(1)
    for _ in range(NETWORKS):
        widths = [rng.randint(1, 4) for _ in range(rng.randint(3, 5))]
        net = bp.dense(widths)
        scale = 10**rng.uniform(-1, 1)
        yield widths, net, {s.name: rng.gauss(0, scale if s.name[0] in "wb" else 1) for s in net.given}


def fidelity():
    """{route: (share of entries within 4 ulp, 99th percentile in ulp)}."""
    routes = {"ours": _ours}
    for name, make in (("PyTorch", _torch), ("JAX", _jax)):
        try:
            routes[name] = make()
        except ImportError:
            pass
    errors = {name: [] for name in routes}
    for widths, net, values in cases():
        exact = (net + bp.reverse(net)).evaluate(values, 50)
        truth = {p.name: float(exact[f"d(E_total)/d({p})"]) for p in net.parameters}
        for name, route in routes.items():
            found = route(widths, net, values)
            errors[name] += [abs(found[p] - t)/np.spacing(abs(t)) for p, t in truth.items() if t]
    return {name: (float(np.mean(np.array(e) <= 4)), float(np.quantile(e, 0.99))) for name, e in errors.items()}


def _ours(widths, net, values):
    found = bp.lambdify(net + bp.reverse(net))(values)
    return {p.name: found[f"d(E_total)/d({p})"] for p in net.parameters}


def _layers(widths, values):
    """[(weights, biases)] and their names, layer by layer."""
    w = b = 0
    for n, m in zip(widths, widths[1:], strict=False):
        yield [f"w{w + k + 1}" for k in range(n*m)], [f"b{b + k + 1}" for k in range(m)], (n, m)
        w, b = w + n*m, b + m


def _torch():
    import torch

    def gradient(widths, net, values):
        a = torch.tensor([values[f"x{i + 1}"] for i in range(widths[0])], dtype=torch.float64)
        y = torch.tensor([values[f"y{i + 1}"] for i in range(widths[-1])], dtype=torch.float64)
        made = {}
        for w, b, shape in _layers(widths, values):
            for names in (w, b):
                made[tuple(names)] = torch.tensor([values[n] for n in names], dtype=torch.float64, requires_grad=True)
            a = torch.sigmoid(a @ made[tuple(w)].reshape(shape) + made[tuple(b)])
        (0.5*((y - a)**2).sum()).backward()
        return {n: float(g) for names, t in made.items() for n, g in zip(names, t.grad, strict=True)}
    return gradient


def _jax():
    import jax
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def loss(parameters, widths, values):
        a = jnp.array([values[f"x{i + 1}"] for i in range(widths[0])])
        y = jnp.array([values[f"y{i + 1}"] for i in range(widths[-1])])
        for w, b, shape in _layers(widths, values):
            a = jax.nn.sigmoid(a @ jnp.stack([parameters[n] for n in w]).reshape(shape) + jnp.stack([parameters[n] for n in b]))
        return 0.5*((y - a)**2).sum()

    def gradient(widths, net, values):
        return {n: float(g) for n, g in jax.grad(loss)({p.name: values[p.name] for p in net.parameters}, widths, values).items()}
    return gradient


if __name__ == "__main__":
    for name, (share, far) in fidelity().items():
        print(f"{name:16} {share:7.1%} within 4 ulp, 99th percentile {far:.3g} ulp")
