"""Programs of arrays against PyTorch and JAX in float64, where they are installed (`make oracle` installs both)."""
import os
import subprocess
import sys

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
from tests.oracles import matrix_values, output_for

NAMES = sorted(set(ACTIVATIONS) - {"step"})
CONVENTIONS = ["row", "column"]


def case(activation, loss, convention, samples=6):
    net = bp.dense([4, 3, 2], [activation, output_for(loss, "identity")], loss, form="matrix", convention=convention)
    return net, *matrix_values(net, samples, 3, loss)


def by_samples(convention, arrays):
    """The same arrays in the row convention, as others have them."""
    return arrays if convention == "row" else {name: a.T.reshape(-1) if name[0] == "b" else a.T for name, a in arrays.items()}


def compared(net, values, columns, convention, loss, gradients):
    """The loss and the gradients of a network beside those of an oracle."""
    found = bp.lambdify(net + bp.reverse(net), "numpy")({**values, **columns})
    assert found["E_total"] == pytest.approx(float(loss), rel=1e-12, abs=1e-13)
    ours = by_samples(convention, {p.name: found[f"d(E_total)/d({p})"] for p in net.parameters})
    size = max(abs(np.asarray(g)).max() for g in gradients.values())
    for name, g in gradients.items():
        assert ours[name] == pytest.approx(np.asarray(g), rel=1e-10, abs=1e-12*size), name


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", NAMES)
def test_against_pytorch(activation, loss, convention):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: `make oracle` installs it and runs this")
    from tests.compute.test_oracle_pytorch import ACTIVATIONS as FUNCTIONS
    from tests.compute.test_oracle_pytorch import TORCH_LOSSES
    net, values, columns = case(activation, loss, convention)
    v = {name: torch.tensor(np.array(a), requires_grad=name[0] in "Wb") for name, a in by_samples(
        convention, {**values, **columns}).items()}
    first = (lambda z: torch.softmax(z, -1)) if activation == "softmax" else FUNCTIONS[activation]
    output = output_for(loss, "identity")
    z = first(v["X"] @ v["W1"] + v["b1"]) @ v["W2"] + v["b2"]
    p = torch.softmax(z, -1) if output == "softmax" else FUNCTIONS[output](z)
    E = sum(TORCH_LOSSES[loss](p[i], v["Y"][i]) for i in range(len(p)))/len(p)
    E.backward()
    compared(net, values, columns, convention, E.detach(), {name: t.grad for name, t in v.items() if name[0] in "Wb"})


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", NAMES)
def test_against_jax(activation, loss, convention="row"):
    jax = pytest.importorskip("jax", reason="JAX is not installed: `make oracle` installs it and runs this")
    from tests.compute.test_oracle_jax import ACTIVATIONS as FUNCTIONS
    from tests.compute.test_oracle_jax import JAX_LOSSES
    net, values, columns = case(activation, loss, convention)

    def forward(w, x):
        z = FUNCTIONS[activation](x["X"] @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"]
        p = FUNCTIONS[output_for(loss, "identity")](z)
        return jax.vmap(JAX_LOSSES[loss])(p, x["Y"]).mean()

    E, gradients = jax.jit(jax.value_and_grad(forward))(by_samples(convention, values), by_samples(convention, columns))
    compared(net, values, columns, convention, E, gradients)


@pytest.mark.parametrize("batch", [None, 2, 4], ids="batch of {}".format)
@pytest.mark.parametrize("optimizer", [bp.GradientDescent(), bp.Adam()], ids=["gradient descent", "Adam"])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_training_as_a_scan(convention, optimizer, batch):
    jax = pytest.importorskip("jax", reason="JAX is not installed: `make oracle` installs it and runs this")
    jax.config.update("jax_enable_x64", True)
    net, values, columns = case("gelu", "cross_entropy_with_logits", convention)
    ours, theirs = (bp.fit(net, values, columns, optimizer, 0.05, 20, batch, seed=1, backend=backend)
                    for backend in ("numpy", "jax"))
    assert theirs.loss == pytest.approx(ours.loss, rel=1e-12)
    for name, found in ours.values.items():
        assert theirs.values[name] == pytest.approx(found, rel=1e-11, abs=1e-12), name


SHARDED = """
import jax, numpy as np
jax.config.update("jax_enable_x64", True)
from jax.sharding import Mesh, NamedSharding, PartitionSpec
import backprop_sym as bp
from tests.compute.test_oracle_matrices import case
assert len(jax.devices()) == 8
mesh = Mesh(np.array(jax.devices()), ("samples",))
for convention, axes in (("row", ("samples", None)), ("column", (None, "samples"))):
    net, values, columns = case("tanh", "cross_entropy_with_logits", convention, 32)
    apart = {name: jax.device_put(a, NamedSharding(mesh, PartitionSpec(*axes))) for name, a in columns.items()}
    program = net + bp.reverse(net)
    f, given = bp.lambdify(program, "jax"), {**values, **apart}
    found = jax.jit(f.compute)(*(given[s.name] for s in program.given))
    for ours, theirs in zip(found, bp.lambdify(program, "numpy")({**values, **columns}).values(), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    assert len(found[0].sharding.device_set) == 8
    for batch in (None, 16):
        ours, theirs = (bp.fit(net, values, samples, bp.Adam(), 0.05, 10, batch, seed=1, backend=backend, progress=False)
                        for samples, backend in ((columns, "numpy"), (apart, "jax")))
        assert np.allclose(ours.loss, theirs.loss, rtol=1e-12, atol=0), (convention, batch)
print("equal")
"""


def test_a_batch_on_eight_devices():
    pytest.importorskip("jax", reason="JAX is not installed: `make oracle` installs it and runs this")
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
    result = subprocess.run([sys.executable, "-c", SHARDED], capture_output=True, text=True, env=environment)
    assert result.stdout == "equal\n", result.stderr
