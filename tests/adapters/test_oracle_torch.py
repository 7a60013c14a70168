"""from_torch against loss.backward() in float64, where PyTorch is installed (`make oracle` installs it)."""
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.adapters.from_torch import ACTIVATION_OF, LOSS_OF

torch = pytest.importorskip("torch", reason="PyTorch is not installed: `make oracle` installs it and runs this")
nn = torch.nn
DOUBLE = {"dtype": torch.float64}


def of(kind):
    """A module of each kind, in each form that is known."""
    forms = {"GELU": [{}, {"approximate": "tanh"}], "LeakyReLU": [{}, {"negative_slope": 0.2}, {"negative_slope": -1.5}],
             "Softmax": [{"dim": 1}]}
    return [getattr(nn, kind)(**keywords) for keywords in forms.get(kind, [{}])]


class Chain(nn.Module):
    """A class of a reader's own, which uses one activation twice."""

    def __init__(self, activation):
        super().__init__()
        self.first, self.act, self.last = nn.Linear(3, 2, **DOUBLE), activation, nn.Linear(2, 3, bias=False, **DOUBLE)
        self.rest = nn.Sequential(nn.Identity(), nn.Sequential(nn.Linear(3, 2, **DOUBLE)))

    def forward(self, x):
        return self.rest(self.act(self.last(self.act(self.first(x)))))


def models(activation):
    """Small and large, flat and nested, with and without biases."""
    yield nn.Sequential(nn.Linear(3, 4, **DOUBLE), activation, nn.Linear(4, 2, **DOUBLE))
    yield nn.Sequential(nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False, **DOUBLE)), nn.Sequential(
        nn.Sequential(activation), nn.Dropout()), nn.Linear(2, 2, **DOUBLE)).eval()
    yield Chain(activation)
    yield nn.Sequential(nn.Linear(3, 40, **DOUBLE), activation, nn.Linear(40, 10, bias=False, **DOUBLE), nn.Identity(),
                        nn.Linear(10, 2, **DOUBLE))


def compared(model, loss, output=None):
    """The gradients of every parameter, ours beside those of loss.backward()."""
    model = model if output is None else nn.Sequential(model, output)
    net, values = bp.from_torch(model, loss)
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(4 if net.shapes else 1, 3)), rng.uniform(size=(4 if net.shapes else 1, 2))
    y = y/y.sum(axis=1, keepdims=True)
    given = {"X": x, "Y": y} if net.shapes else {**{f"x{i + 1}": x[0, i] for i in range(3)},
                                                 **{f"y{i + 1}": y[0, i] for i in range(2)}}
    found = bp.lambdify(net + bp.reverse(net), "numpy")({**values, **given})
    E = loss(model(torch.tensor(x)), torch.tensor(y))
    model.zero_grad()
    E.backward()
    assert found["E_total"] == pytest.approx(float(E.detach()), rel=1e-12)
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    biases = [m.bias for m in model.modules() if isinstance(m, nn.Linear) and m.bias is not None]
    if net.shapes:
        order = [t for m in model.modules() if isinstance(m, nn.Linear) for t in (m.weight, m.bias) if t is not None]
        theirs = [t.grad.numpy().T for t in order]
    else:
        theirs = [g for t in (*weights, *biases) for g in t.grad.numpy().T.ravel()]
    size = max(np.abs(g).max() for g in theirs)
    assert len(theirs) == len(net.parameters)
    for p, g in zip(net.parameters, theirs, strict=True):
        assert found[f"d(E_total)/d({p})"] == pytest.approx(g, rel=1e-12, abs=1e-14*size), p
    return net, values


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("activation", [module for kind in sorted(ACTIVATION_OF) for module in of(kind)], ids=str)
def test_gradients_of_every_activation(activation, k):
    torch.manual_seed(k)
    net, _ = compared(list(models(activation))[k], nn.MSELoss())
    assert bool(net.shapes) == (k == 3)


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", sorted(LOSS_OF))
def test_gradients_of_every_loss(kind, reduction, k):
    torch.manual_seed(k)
    compared(list(models(nn.Tanh()))[k], getattr(nn, kind)(reduction=reduction), nn.Sigmoid() if kind == "BCELoss" else None)


def test_the_network_of_the_source():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 2), nn.Sigmoid())
    net, values = bp.from_torch(model, "MSELoss")
    assert net == bp.dense([2, 2, 2]) and net.loss == bp.symbol("E_total")         # half the sum is the mean of two
    assert bp.from_torch(model, "half_squared_error")[0] == net
    weight, bias = model[0].weight.detach(), model[2].bias.detach()
    assert values["w2"] == float(weight[1, 0]) and values["b4"] == float(bias[1])


def test_numbers_are_exact():
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.1)
    assert bp.decimal(bp.from_torch(model, "MSELoss")[1]["w1"], 15) == "0.100000001490116"


@pytest.mark.parametrize("width", [2, 300])
def test_what_needs_no_gradient_is_frozen(width):
    model = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, 1))
    model[0].bias.requires_grad_(False)
    net, _ = bp.from_torch(model, "MSELoss")
    assert [p.name for p in net.frozen] == (["b1", "b2"] if width == 2 else ["b1"])


def test_the_matrix_form_begins_above_400_parameters():
    assert not bp.from_torch(nn.Linear(399, 1), "MSELoss")[0].shapes and bp.from_torch(nn.Linear(400, 1), "MSELoss")[0].shapes


class Functional(nn.Sequential):
    def forward(self, x):
        return torch.relu(super().forward(x))


LINEAR, SHARED = nn.Linear(2, 2), nn.Linear(2, 2)


@pytest.mark.parametrize(("model", "loss", "words"), [
    (nn.Sequential(LINEAR, nn.Tanh(), nn.Conv2d(1, 1, 1)), "MSELoss", r"model\[2\] is nn.Conv2d: expected one of nn.Linear, "),
    (nn.Sequential(LINEAR, nn.Sequential(nn.ELU())), "MSELoss", r"model\[1\]\[0\] is nn.ELU: expected one of"),
    (nn.LSTM(1, 1), "MSELoss", "model is nn.LSTM: expected"),
    (nn.MultiheadAttention(2, 1), "MSELoss", "model is nn.MultiheadAttention: expected"),
    (nn.Sequential(LINEAR, nn.Dropout()), "MSELoss", r"nn.Dropout with training=True: .* model.eval\(\)"),
    (nn.Sequential(LINEAR, nn.Softplus(beta=2)), "MSELoss", "nn.Softplus with beta=2: expected beta=1"),
    (nn.Sequential(nn.Tanh(), LINEAR), "MSELoss", r"model\[0\] is nn.Tanh: expected it to follow nn.Linear"),
    (nn.Sequential(LINEAR, nn.Tanh(), nn.Tanh()), "MSELoss", r"model\[2\] is nn.Tanh: expected it to follow"),
    (nn.Sequential(SHARED, nn.Tanh(), SHARED), "MSELoss", "has the weights of a layer before it"),
    (nn.Sequential(LINEAR, nn.Linear(3, 2)), "MSELoss", "takes 2 numbers a sample"),
    (nn.Sequential(nn.Tanh()), "MSELoss", "at least one nn.Linear"),
    (Functional(LINEAR, nn.Tanh()), "MSELoss", "calls its modules one after the other and does nothing else"),
    (LINEAR, nn.NLLLoss(), "loss is nn.NLLLoss: expected one of nn.MSELoss"),
    (LINEAR, nn.MSELoss(reduction="none"), "reduction 'none'; there are mean, sum"),
    (LINEAR, nn.HuberLoss(delta=2.0), "nn.HuberLoss with delta=2.0: expected delta=1"),
    (LINEAR, nn.CrossEntropyLoss(label_smoothing=0.1), "label_smoothing=0.1: expected label_smoothing=0"),
    (LINEAR, "MSEloss", "did you mean 'MSELoss'"),
    (nn.Linear(2, 1), "CrossEntropyLoss", "at least 2 outputs"),
])
def test_what_is_not_known_is_named_with_its_place(model, loss, words):
    with pytest.raises(ValueError, match=words):
        bp.from_torch(model, loss)
