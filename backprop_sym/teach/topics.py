"""What a worksheet can be about: a network for each level, and what is asked of it; and numbers that suit a pencil.

    TOPICS                      {name: Topic}
    network(topic, level)       the network and its training, a WorkedExample, all its numbers one
    sums_of(net)                the weighted sums, which numbers must not make too large
    drawn(example, random)      {name: number}: inputs, weights, biases and targets of few digits
"""
from collections.abc import Callable
from dataclasses import dataclass

from sympy import Rational

from ..derive.optimizers import GradientDescent
from ..describe.dataflow import is_bias
from ..describe.network import dense
from ..verify.example import Training, WorkedExample

RATE = Rational(1, 2)
LEVELS = (1, 2, 3)
# What numbers are drawn from, by what they are: tenths, and halves for inputs.
INPUTS = tuple(Rational(k, 2) for k in (-4, -3, -2, -1, 1, 2, 3, 4))
WEIGHTS = tuple(Rational(k, 10) for k in range(-9, 10) if k)
BIASES = tuple(Rational(k, 10) for k in range(-5, 6) if k)
CERTAIN = Rational(0), Rational(1)


@dataclass(frozen=True)
class Topic:
    """``widths`` are those of the network by level; ``asked`` maps it to what is asked: pairs (quantity, after updates)."""

    title: str
    widths: tuple
    asked: Callable
    activation: object = "sigmoid"
    loss: str = "half_squared_error"
    updates: bool = False


def _forward(net):
    return [(s.name, 0) for s in net.defined]


def sums_of(net):
    """The weighted sums: what has parameters in its equation, and what goes into an activation, which it may saturate."""
    return [e.lhs for e in net if not e.uses.isdisjoint(net.parameters)]


def _hidden(net):
    """What the weighted sums are made of, besides inputs: the activations of the hidden layers."""
    return [s for s in net.defined if any(s in net[z].uses for z in sums_of(net))]


def _outputs(net):
    """The weighted sums of the output layer: those that lead to no other."""
    inside = {s for a in _hidden(net) for s in net[a].uses}
    return [z for z in sums_of(net) if z not in inside]


def _parameters(net, last):
    """The parameters of the last layer, or of the others."""
    top = {p for z in _outputs(net) for p in net[z].uses}
    return [p for p in net.parameters if (p in top) == last]


def _slopes(net, quantities):
    return [(f"d({net.loss})/d({s})", 0) for s in quantities]


def _output_layer(net):
    return _forward(net) + _slopes(net, [*_outputs(net), *_parameters(net, True)])


def _hidden_layer(net):
    return _forward(net) + _slopes(net, [*_outputs(net), *_hidden(net), *_parameters(net, False)])


def _update(net):
    return _slopes(net, net.parameters) + [(p.name, 1) for p in net.parameters] + [(str(net.loss), 0), (str(net.loss), 1)]


def _all(net):
    return _forward(net) + _slopes(net, net.parameters)


DEEP = ((1, 1, 1), (2, 2, 1), (2, 2, 2))
TOPICS = {
    "one neuron": Topic("One neuron", ((1, 1), (2, 1), (3, 1)), _output_layer),
    "forward pass": Topic("The forward pass", DEEP, _forward),
    "output layer": Topic("The gradients of the output layer", DEEP, _output_layer),
    "hidden layer": Topic("The gradients of the hidden layer", DEEP, _hidden_layer),
    "update": Topic("A step of gradient descent", ((1, 1), (2, 1), (1, 1, 1)), _update, updates=True),
    "whole gradient": Topic("The whole gradient", DEEP, _all),
    "tanh": Topic("A hidden layer of tanh", DEEP, _hidden_layer, ("tanh", "identity")),
    "cross-entropy": Topic("Cross-entropy", ((1, 1), (2, 1), (1, 2, 1)), _all, "sigmoid", "binary_cross_entropy"),
}


def network(topic, level):
    """The network of a topic as a WorkedExample, all its numbers one."""
    made = TOPICS[topic]
    widths = list(made.widths[level - 1])
    activation = made.activation if isinstance(made.activation, str) else [*made.activation][-(len(widths) - 1):]
    net = dense(widths, activation, made.loss)
    one = Rational(1)
    training = Training(GradientDescent(), RATE) if made.updates else Training()
    return WorkedExample(topic, made.title, "", "", net, {p.name: one for p in net.parameters},
                         ({s.name: one for s in (*net.inputs, *net.targets)},), training, ())


def asked(topic, example):
    """What is asked, in order: pairs (quantity, after updates)."""
    found = TOPICS[topic].asked(example.forward)
    return tuple(dict.fromkeys(found))


def drawn(example, random):
    """A number for each parameter, input and target."""
    net = example.forward
    kinds = {**{p: BIASES if is_bias(net, p) else WEIGHTS for p in net.parameters}, **dict.fromkeys(net.inputs, INPUTS),
             **dict.fromkeys(net.targets, CERTAIN)}
    return {s.name: random.choice(kind) for s, kind in kinds.items()}
