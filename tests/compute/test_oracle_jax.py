"""Against JAX in float64, where it is installed (`make oracle` installs it): gradients, training, the emitted program."""
import random
from functools import cache

import pytest

import backprop_sym as bp
from backprop_sym.describe.losses import LOSSES
from tests.compute.test_training import OPTIMIZERS, hand
from tests.oracles import MPMATH, output_for

jax = pytest.importorskip("jax", reason="JAX is not installed: `make oracle` installs it and runs this")
jax.config.update("jax_enable_x64", True)
jnp, nn = jax.numpy, jax.nn
SHAPE = [2, 3, 2]

ACTIVATIONS = {
    "sigmoid": nn.sigmoid, "tanh": jnp.tanh, "relu": nn.relu, "leaky_relu": lambda z: nn.leaky_relu(z, 0.01),
    "softplus": nn.softplus, "gelu": lambda z: nn.gelu(z, approximate=False),
    "gelu_tanh": lambda z: nn.gelu(z, approximate=True), "silu": nn.silu, "identity": lambda z: z, "softmax": nn.softmax}
JAX_LOSSES = {
    "half_squared_error": lambda p, y: ((p - y)**2).sum()/2,
    "squared_error": lambda p, y: ((p - y)**2).sum(),
    "mean_squared_error": lambda p, y: ((p - y)**2).mean(),
    "binary_cross_entropy": lambda p, y: -(y*jnp.log(p) + (1 - y)*jnp.log(1 - p)).sum(),
    "cross_entropy": lambda p, y: -(y*jnp.log(p)).sum(),
    "binary_cross_entropy_with_logits": lambda z, y: -(y*nn.log_sigmoid(z) + (1 - y)*nn.log_sigmoid(-z)).sum(),
    "cross_entropy_with_logits": lambda z, y: -(y*nn.log_softmax(z)).sum(),
    "huber": lambda p, y: jnp.where(abs(p - y) <= 1, (p - y)**2/2, abs(p - y) - 0.5).sum(),
    "hinge": lambda p, y: jnp.maximum(0, 1 - p*y).sum()}


def numbers(net, loss, seed):
    rng = random.Random(seed)
    values = {s.name: rng.uniform(-1, 1) for s in net.given}
    return {**values, **({"y1": 1.0, "y2": -1.0} if loss == "hinge" else {"y1": 0.3, "y2": 0.7})}


def forward(values, shape, activations, loss):
    """The network of ``dense`` in JAX, from {name: number}."""
    a, w, b = jnp.array([values[f"x{i + 1}"] for i in range(shape[0])]), 0, 0
    for n, m, activation in zip(shape, shape[1:], activations, strict=False):
        matrix = jnp.array([values[f"w{w + k + 1}"] for k in range(n*m)]).reshape(n, m)
        a = ACTIVATIONS[activation](a @ matrix + jnp.array([values[f"b{b + k + 1}"] for k in range(m)]))
        w, b = w + n*m, b + m
    return JAX_LOSSES[loss](a, jnp.array([values[f"y{i + 1}"] for i in range(shape[-1])]))


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", sorted(MPMATH))
def test_gradients(activation, loss):
    activations = [activation, output_for(loss, "identity")]
    net = bp.dense(SHAPE, activations, loss)
    gradient = jax.jit(jax.value_and_grad(lambda values: forward(values, SHAPE, activations, loss)))
    for seed in range(3):
        values = numbers(net, loss, seed)
        E, g = gradient(values)
        found = bp.lambdify(net + bp.reverse(net))(values)
        size = max(abs(float(v)) for v in g.values())
        assert found["E_total"] == pytest.approx(float(E), rel=1e-13, abs=1e-14)
        for p in net.parameters:
            assert found[f"d(E_total)/d({p})"] == pytest.approx(float(g[p.name]), rel=1e-11, abs=1e-13*size)


@cache
def gradient_of(activation, loss):
    """The jitted gradient of a network, as JAX derives it."""
    activations = (activation, output_for(loss, "identity"))
    return jax.jit(jax.grad(lambda values: forward(values, SHAPE, activations, loss)))


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, "gradient_descent"])
@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", sorted(MPMATH))
def test_a_hundred_steps(activation, loss, optimizer):
    """Each optimizer by hand on JAX's gradients, against the derived program."""
    net = bp.dense(SHAPE, [activation, output_for(loss, "identity")], loss)
    values = numbers(net, loss, f"{activation} {loss}")
    state, memory = dict(values), {p.name: {} for p in net.parameters}
    for t in range(1, 101):
        g = {name: float(v) for name, v in jax.device_get(gradient_of(activation, loss)(state)).items()}
        for p in memory:
            move = 0.05*g[p] if optimizer == "gradient_descent" else hand(optimizer, g[p], memory[p], t, 0.05)
            state[p] = state[p]*(1 - 0.05*0.01 if optimizer == "adamw" else 1) - move
    ours = OPTIMIZERS.get(optimizer, bp.GradientDescent())
    history, near = (bp.fit(net, {k: v*scale if k[0] in "wb" else v for k, v in values.items()}, optimizer=ours,
                            learning_rate=0.05, epochs=100) for scale in (1, 1 + 2**-51))
    apart = max(abs(history.values[p][-1] - near.values[p][-1]) for p in memory)       # as in the test of PyTorch
    for p in memory:
        assert history.values[p][-1] == pytest.approx(state[p], rel=1e-12, abs=max(1e-12, 30*apart))


def test_second_derivatives():
    net = bp.dense(SHAPE, ["gelu", "identity"], "squared_error")
    values = numbers(net, "squared_error", 1)
    names = [p.name for p in net.parameters]
    fixed = {k: v for k, v in values.items() if k not in names}
    rows = jax.hessian(lambda w: forward({**fixed, **w}, SHAPE, ["gelu", "identity"], "squared_error"))(
        {k: values[k] for k in names})
    expected = [[float(rows[a][b]) for b in names] for a in names]
    assert bp.hessian(net, values).tolist() == [pytest.approx(row, rel=1e-11, abs=1e-13) for row in expected]
