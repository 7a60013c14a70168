"""Every layer against PyTorch in float64, where it is installed (`make oracle` installs it): results and all gradients."""
import numpy as np
import pytest

import backprop_sym as bp

torch = pytest.importorskip("torch", reason="PyTorch is not installed: `make oracle` installs it and runs this")
L, SAMPLES, STEPS = bp.layers, 5, 4
RNG = np.random.default_rng(2)


def tensor(array):
    return torch.tensor(np.asarray(array), requires_grad=np.asarray(array).dtype.kind == "f")


def numbers(program, **given):
    """Numbers for all that is given, {name: array}; those by name as they are."""
    return {s.name: given.get(s.name, RNG.normal(size=[SAMPLES if n.is_Symbol else int(n) for n in program.shape[s]]))
            for s in program.given}


def compared(program, out, values, theirs, made):
    """What ``out`` is, and the gradients of the sum of its entries, weighed, by everything that ``theirs`` names.

    ``theirs`` maps names to tensors with the same entries, or to what their gradient is made of.
    """
    shape = program.shape[bp.symbol(out)]
    weights = RNG.normal(size=tuple(made.shape))
    net = program + bp.Program.parse([f"L = sum(R*{out})"], shapes={"R": shape, out: shape}, inputs=f"R {out}", loss="L")
    (made*torch.tensor(weights)).sum().backward()
    found = bp.lambdify(net + bp.reverse(net, wrt=list(theirs)), "numpy")({**values, "R": weights})
    assert found[out] == pytest.approx(made.detach().numpy(), rel=1e-12, abs=1e-12)
    for name, grad in theirs.items():
        expected = (grad() if callable(grad) else grad.grad).numpy()
        assert found[f"d(L)/d({name})"] == pytest.approx(expected, rel=1e-10, abs=1e-11), name


@pytest.mark.parametrize(("channels", "height", "width", "kernels", "size", "stride", "padding"), [
    (1, 28, 28, 3, 5, 1, 0), (3, 6, 8, 2, 3, 1, 0), (2, 7, 5, 4, 3, 2, 0), (2, 4, 4, 1, 1, 1, 0), (1, 3, 3, 2, 3, 1, 0),
    (1, 28, 28, 3, 5, 1, 2), (3, 6, 8, 2, 3, 1, 1), (2, 7, 5, 4, 3, 2, 3), (2, 1, 2, 1, 3, 1, 1)])
def test_convolution(channels, height, width, kernels, size, stride, padding):
    program = L.convolution(channels, height, width, kernels, size, stride, padding)
    values = numbers(program)
    layer = torch.nn.Conv2d(channels, kernels, size, stride, padding, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(values["K"]).reshape(layer.weight.shape))
        layer.bias.copy_(torch.tensor(values["b"][:, 0]))
    x = tensor(values["X"])
    weights = {"K": lambda: layer.weight.grad.reshape(kernels, -1), "b": lambda: layer.bias.grad[:, None]}
    compared(program, "Z", values, {"X": x, **weights},
             layer(x.reshape(-1, channels, height, width)).reshape(SAMPLES, -1))


@pytest.mark.parametrize("kind", ["max", "mean"])
@pytest.mark.parametrize(("channels", "height", "width", "size"), [(1, 4, 4, 2), (3, 6, 9, 3), (2, 2, 2, 1)])
def test_pooling(channels, height, width, size, kind):
    program = L.pooling(channels, height, width, size, kind)
    values = numbers(program)
    x, pool = tensor(values["X"]), {"max": torch.nn.MaxPool2d, "mean": torch.nn.AvgPool2d}[kind]
    compared(program, "Z", values, {"X": x}, pool(size)(x.reshape(-1, channels, height, width)).reshape(SAMPLES, -1))


# The gates of PyTorch, in the order in which it stacks them; b is its first bias, and c, where there is one, its second.
CELLS = {"recurrent": (L.recurrent, torch.nn.RNN, [""]), "lstm": (L.lstm, torch.nn.LSTM, ["_i", "_f", "_g", "_o"]),
         "gru": (L.gru, torch.nn.GRU, ["_r", "_z", "_n"])}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_over_time(name):
    make, layer, gates = CELLS[name]
    inputs, units = 3, 4
    program = bp.unroll_in_time(make(inputs, units), STEPS)
    values = numbers(program)
    layer = layer(inputs, units, dtype=torch.float64)
    with torch.no_grad():
        for kind, own in (("W", layer.weight_ih_l0), ("U", layer.weight_hh_l0), ("b", layer.bias_ih_l0)):
            own.copy_(torch.tensor(np.concatenate([values[kind + gate].T for gate in gates])))
        layer.bias_hh_l0.zero_()
        if name == "gru":
            layer.bias_hh_l0[2*units:] = torch.tensor(values["c_n"])
    x = {f"X_time{t}": tensor(values[f"X_time{t}"]) for t in range(1, STEPS + 1)}
    states = {s: tensor(values[s]) for s in "HC" if s in values}
    start = tuple(states[s][None] for s in states)
    made, _ = layer(torch.stack(list(x.values())), start if name == "lstm" else start[0])

    def part(own, k, turned=True):
        return lambda: own.grad[k*units:(k + 1)*units].T if turned else own.grad[k*units:(k + 1)*units]

    weights = {kind + gate: part(own, k, kind != "b") for k, gate in enumerate(gates)
               for kind, own in (("W", layer.weight_ih_l0), ("U", layer.weight_hh_l0), ("b", layer.bias_ih_l0))}
    more = {"c_n": part(layer.bias_hh_l0, 2, False)} if name == "gru" else {}
    assert all(np.allclose(bp.lambdify(program)(values)[f"H_time{t + 1}"], made[t].detach(), rtol=1e-12) for t in range(STEPS))
    compared(program.rename({program.defined[-1]: "H_out"}), "H_out", values, {**x, **states, **weights, **more}, made[-1])


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(training):
    program = L.batch_norm(3, training)
    values = numbers(program, epsilon=1e-5, v=np.array([0.5, 1.0, 2.0]))
    layer = torch.nn.BatchNorm1d(3, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(values["gamma"]))
        layer.bias.copy_(torch.tensor(values["beta"]))
        if not training:
            layer.running_mean.copy_(torch.tensor(values["mu"]))
            layer.running_var.copy_(torch.tensor(values["v"]))
    x = tensor(values["X"])
    compared(program, "H", values, {"X": x, "gamma": layer.weight, "beta": layer.bias}, layer.train(training)(x))


def test_layer_norm():
    program = L.layer_norm(4)
    values = numbers(program, epsilon=1e-5)
    layer = torch.nn.LayerNorm(4, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(values["gamma"]))
        layer.bias.copy_(torch.tensor(values["beta"]))
    x = tensor(values["X"])
    compared(program, "H", values, {"X": x, "gamma": layer.weight, "beta": layer.bias}, layer(x))


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("width", "heads"), [(4, 1), (6, 2), (6, 3), (8, 4), (3, 3)])
def test_attention(width, heads, masked):
    """Keys as wide as the tokens, without biases: there PyTorch's has the same weights, those of all heads side by side."""
    program = L.attention(width, width, masked=masked, heads=heads)
    mask = np.triu(np.ones((SAMPLES, SAMPLES)), 1)
    values = numbers(program, M=-1000*mask)
    layer = torch.nn.MultiheadAttention(width, heads, bias=False, dtype=torch.float64)
    marks, d = [str(h + 1) for h in range(heads)] if heads > 1 else [""], width//heads
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.tensor(np.concatenate([values[f"W_{k}{h}"].T for k in "QKV" for h in marks])))
        layer.out_proj.weight.copy_(torch.tensor(np.concatenate([values[f"W_O{h}"] for h in marks]).T))
    x = tensor(values["X"])
    made, _ = layer(x, x, x, attn_mask=torch.tensor(mask == 1) if masked else None)
    weights = {f"W_{name}{h}": (lambda at=width*k + d*i: layer.in_proj_weight.grad[at:at + d].T)
               for k, name in enumerate("QKV") for i, h in enumerate(marks)}
    weights |= {f"W_O{h}": (lambda at=d*i: layer.out_proj.weight.grad[:, at:at + d].T) for i, h in enumerate(marks)}
    compared(program, "H", values, {"X": x, **weights}, made)


def test_embedding():
    program = L.embedding(6, 3)
    values = numbers(program, N=np.array([1, 4, 4, 0, 4]))
    layer = torch.nn.Embedding(6, 3, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(values["E"]))
    compared(program, "H", values, {"E": layer.weight}, layer(torch.tensor(values["N"])))


@pytest.mark.parametrize("training", [True, False])
def test_dropout(training):
    """The mask that PyTorch drew is given to the layer; in evaluation nothing is dropped, and q is 1."""
    program, x = L.dropout(40), tensor(RNG.normal(size=(SAMPLES, 40)))
    torch.manual_seed(1)
    made = torch.nn.Dropout(0.25).train(training)(x)
    mask = (made != 0).double().numpy()
    assert (mask.mean() < 1) == training
    compared(program, "H", {"X": x.detach().numpy(), "M": mask, "q": 0.75 if training else 1}, {"X": x}, made)
