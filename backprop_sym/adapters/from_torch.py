"""A small PyTorch model as a Program, with its numbers.

    from_torch(model, loss)     (Program, values)

The layers are the modules that the model calls, in the order in which it calls them. What is known of PyTorch's modules stands
in three tables: activations, losses, and what is passed over.
"""
from dataclasses import dataclass, field, replace
from importlib import import_module

import sympy as sp

from ..describe import functions as f
from ..describe.activation import ACTIVATIONS
from ..describe.additions import activation
from ..describe.arguments import expect
from ..describe.losses import LOSSES, Loss
from ..describe.matrix_network import SAMPLES
from ..describe.nearest import lookup, unknown
from ..describe.network import fully_connected

MOST = 400              # parameters in scalar equations; beyond that, matrices


# ---- the tables

@dataclass(frozen=True)
class Row:
    """What a module of torch.nn is here: ``made`` of it, where its attributes are among those ``only``."""

    made: object
    only: dict = field(default_factory=dict)


def leaky_relu(module):
    """The leaky ReLU with the slope of a module, as a row of the package's own table."""
    slope = sp.Rational(repr(float(module.negative_slope)))
    name = f"leaky_relu_{slope.p}_{slope.q}".replace("-", "minus_")
    if slope == sp.Rational(1, 100):
        return f.leaky_relu
    return ACTIVATIONS.get(name) or activation(
        name, lambda z: f.piecewise(z, z > 0, slope*z), slope=lambda z, a: f.piecewise(1, z > 0, slope),
        latex=rf"\mathrm{{leaky\_relu}}_{{{slope}}}")


ACTIVATION_OF = {
    "Sigmoid": Row(f.sigmoid), "Tanh": Row(f.tanh), "ReLU": Row(f.relu), "SiLU": Row(f.silu),
    "LeakyReLU": Row(leaky_relu),
    "GELU": Row(lambda module: f.gelu_tanh if module.approximate == "tanh" else f.gelu),
    "Softplus": Row(f.softplus, {"beta": (1,)}),             # PyTorch replaces it by z beyond its threshold: 2e-9 at z = 20
    "Softmax": Row(f.softmax, {"dim": (-1, 1, None)}),
}
LOSS_OF = {
    "MSELoss": Row(LOSSES["squared_error"]),
    "L1Loss": Row(Loss("absolute_error", lambda y, p: sp.Abs(y - p))),
    "HuberLoss": Row(LOSSES["huber"], {"delta": (1,)}),
    "SmoothL1Loss": Row(LOSSES["huber"], {"beta": (1,)}),
    "BCELoss": Row(LOSSES["binary_cross_entropy"], {"weight": (None,)}),
    "BCEWithLogitsLoss": Row(LOSSES["binary_cross_entropy_with_logits"], {"weight": (None,), "pos_weight": (None,)}),
    "CrossEntropyLoss": Row(LOSSES["cross_entropy_with_logits"], {"weight": (None,), "label_smoothing": (0,)}),
}
# These change no number of one sample; dropout only while it is off.
PASSED = {"Identity": Row(None), "Flatten": Row(None, {"start_dim": (1,), "end_dim": (-1,)}),
          "Dropout": Row(None, {"training": (False,)})}
HOLDERS = (None, "Sequential", "ModuleList", "ModuleDict")   # of modules that they call; None is a class of the reader's own
LAYERS = {"Linear": Row(None), **ACTIVATION_OF, **PASSED}
PER_SAMPLE = ("cross_entropy_with_logits",)                 # PyTorch's mean is over the samples; of the others over all outputs


def from_torch(model, loss):
    r"""A PyTorch model of fully connected layers and its loss as a forward Program, with the model's numbers: (Program, values).

    ``model`` may be nn.Linear, nn.Sequential in any nesting, or a module of your own that calls one after the other;
    activations are those of the package's table. ``loss`` is a module such as nn.MSELoss() or its name, with its reduction.
    Names are those of ``dense``; inputs and targets are yours to add (for the number of a class a 1 among zeros). The numbers
    are exact: single precision says 0.100000001490116 for 0.1. Above 400 parameters the Program is one of matrices, for any
    number of samples; W1 is then what PyTorch calls weight.T. Parameters that need no gradient are frozen. Raises ImportError
    where there is no PyTorch, TypeError for what is no module, and ValueError for a module that is not known here, by its
    place, and for a model that does more than to call its modules.

    ::

        model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 2), nn.Sigmoid())
        net, values = bp.from_torch(model, nn.MSELoss())
        bp.reverse(net)                                     # the backward pass of your model, on paper
    """
    expect("from_torch", model=model, loss=loss)
    torch = _torch()
    lost = _loss(torch, loss)
    layers = _layers(torch, model)
    linear = [layer for layer, _ in layers]
    size = sum(p.numel() for layer in linear for p in layer.parameters())
    form = "scalar" if size <= MOST else "matrix"
    net = fully_connected([linear[0].in_features, *(layer.out_features for layer in linear)], [a for _, a in layers],
                          lost(form), ["none" if layer.bias is None else "neuron" for layer in linear], form)
    values, frozen = (_numbers if form == "scalar" else _matrices)(linear, net)
    return replace(net, frozen=frozen), values


def _torch():
    try:
        return import_module("torch")
    except ImportError as error:
        raise ImportError('from_torch needs torch: pip install "backprop_sym[torch]"') from error


# ---- the model

def _kind(torch, module):
    """The name of a module of torch.nn; None for one of another's making."""
    name = type(module).__name__
    return name if getattr(torch.nn, name, None) is type(module) else None


def _row(torch, module, table, where, what):
    """The row of a module in a table; ValueError where there is none, or where an attribute is none that it allows."""
    kind = _kind(torch, module)
    if kind not in table:
        raise ValueError(f"{where} is {f'nn.{kind}' if kind else type(module).__name__}: expected {what} of "
                         + ", ".join(f"nn.{name}" for name in table))
    for name, allowed in table[kind].only.items():
        if not any(getattr(module, name) is one or one is not None and getattr(module, name) == one for one in allowed):
            hint = "; call model.eval() first" if name == "training" else ""
            raise ValueError(f"{where} is nn.{kind} with {name}={getattr(module, name)}: expected {name}={allowed[0]}{hint}")
    return table[kind]


def _place(name):
    """Where a module stands, as code says it.

    >>> _place("body.0.2")
    'model.body[0][2]'
    """
    return "model" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in name.split(".") if part)


def _layers(torch, model):
    """Pairs (nn.Linear, Activation), from the inputs to the outputs."""
    found = []
    for where, module in _called(torch, model):
        kind = _kind(torch, module)
        if kind == "Linear":
            if any(module.weight is layer.weight for layer, _ in found):
                raise ValueError(f"{where} has the weights of a layer before it: expected each layer to have its own")
            found.append((module, None))
        elif kind in ACTIVATION_OF:
            if not found or found[-1][1] is not None:
                raise ValueError(f"{where} is nn.{kind}: expected it to follow nn.Linear")
            made = ACTIVATION_OF[kind].made
            found[-1] = found[-1][0], made if isinstance(made, type) else made(module)
    return [(layer, function or f.identity) for layer, function in found]


def _called(torch, model):
    """[(place, module)] of the known modules that the model calls, in that order; ValueError where it does anything else."""
    known, calls = {}, []
    for name, module in model.named_modules():
        if _kind(torch, module) not in HOLDERS or not list(module.children()):
            _row(torch, module, LAYERS, _place(name), "one")
            known[module] = _place(name)
    weights = [module.weight for module in known if _kind(torch, module) == "Linear"]
    if not weights:
        raise ValueError("model: expected at least one nn.Linear, got none")
    hooks = [module.register_forward_hook(lambda module, *_: calls.append(module)) for module in known]
    drawn = torch.rand(64, weights[0].shape[1], generator=torch.Generator().manual_seed(0))
    sample = (20*drawn - 10).to(weights[0])                 # on both sides of every kink, most likely
    try:
        with torch.no_grad():
            result = model(sample)
    except (RuntimeError, TypeError, NotImplementedError) as error:
        raise ValueError(f"model: expected one that takes {drawn.shape[1]} numbers a sample, as its first nn.Linear does; "
                         f"called so it says: {str(error).splitlines()[0]}") from error
    finally:
        for hook in hooks:
            hook.remove()
    with torch.no_grad():
        again = sample
        for module in calls:
            again = module(again)
    if not torch.is_tensor(result) or not torch.equal(result, again):
        raise ValueError("model: expected one that calls its modules one after the other and does nothing else; write what "
                         "its forward does as modules, such as nn.Sigmoid(), in nn.Sequential(...)")
    return [(known[module], module) for module in calls]


# ---- the loss

def _loss(torch, loss):
    """A function of the form that returns a Loss."""
    if isinstance(loss, str):
        if loss in LOSSES:
            return lambda form: LOSSES[loss]
        if loss not in LOSS_OF:
            raise ValueError(unknown("loss", loss, [*LOSS_OF, *LOSSES]))
        loss = getattr(torch.nn, loss)()
    row = _row(torch, loss, LOSS_OF, "loss", "one").made
    per_sample = row.name in PER_SAMPLE
    mean = row if per_sample else replace(row, scale=lambda n: sp.Rational(1, n))
    reduced = lookup({"mean": (mean, mean), "sum": (row, replace(row, scale=lambda n: SAMPLES))}, "reduction", loss.reduction)
    return lambda form: reduced[form == "matrix"]           # in matrix form the package takes the mean over the samples


# ---- the numbers

def _numbers(layers, net):
    """({name: number}, the names of what is frozen), in the order of ``dense``: the weights of the first input first."""
    numbers = [layer.weight.T.flatten() for layer in layers] + [layer.bias for layer in layers if layer.bias is not None]
    needs = [layer.weight.requires_grad for layer in layers] + [
        layer.bias.requires_grad for layer in layers if layer.bias is not None]
    flat = [(number, need) for tensor, need in zip(numbers, needs, strict=True) for number in tensor.tolist()]
    pairs = list(zip(net.parameters, flat, strict=True))
    return {p.name: number for p, (number, _) in pairs}, tuple(p for p, (_, need) in pairs if not need)


def _matrices(layers, net):
    """The same of a network of matrices: arrays, weights as (inputs, outputs)."""
    tensors = [t for layer in layers for t in (layer.weight, layer.bias) if t is not None]
    pairs = list(zip(net.parameters, tensors, strict=True))
    return ({p.name: t.detach().double().cpu().numpy().T.copy() for p, t in pairs},
            tuple(p for p, t in pairs if not t.requires_grad))
