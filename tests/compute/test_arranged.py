"""Programs arranged for speed: the same numbers as step after step, whatever is turned or stacked; with fewer operations."""
import re

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.compute.plan.arranged import LOOKS, MANY, arranged
from backprop_sym.compute.trainer import training_source
from tests.arrays import scalars

SHAPES = {"X": "B, 6", "Y": "B, 6", "W": "6, 6", "V": "6, 6", "c": "6, 1", "d": "1, 6",
          "g": "3, 1", "G": "3, 3", "J": "2, 2"}
# Lines that come to Z, of shape (B, 6), from X and the parameters, with looks in every place.
RATE = 0.01             # so small that what rounding changes does not grow from epoch to epoch
LINES = {
    "a transpose in a product": ["A = (W @ X.T).T", "Z = A*Y*2"],
    "two transposes in a product": ["A = W @ X.T", "C = V @ X.T", "Z = A.T*C.T + tanh(A.T)"],
    "one beside none": ["A = W @ X.T", "Z = A.T*X + Y"],
    "what is repeated": ["A = (W @ X.T).T", "D = A.T + c", "Z = D.T"],
    "there and back": ["A = reshape(X @ W, 6*B, 1)", "C = tanh(A)*A", "Z = reshape(reshape(C, 2*B, 3), B, 6)"],
    "a reshape of a transpose": ["A = reshape((X @ W).T, 3, 2*B)", "C = sin(A)", "Z = reshape(C, 6, B).T"],
    "reshapes of arrays of two shapes": ["A = reshape(X, 2*B, 3) @ G", "C = reshape(X, 3*B, 2) @ J",
                                         "Z = reshape(A, B, 6)*reshape(C, B, 6)"],
    "numbers": ["A = sqrt(2)*(X @ W)/8", "Z = sqrt(3)*A/2 + X @ V/sqrt(6)"],
    "a softmax of a transpose": ["A = softmax(W @ X.T)", "Z = A.T*sqrt(2)"],
    "as many steps as are stacked": [f"{'S' if t else 'Z'}{t or ''} = tanh({'X' if t == MANY else f'S{t + 1}'} @ W + Y @ V)"
                                     for t in range(MANY, -1, -1)],
    "steps in two stacks": ["S4 = tanh(X @ W)", "S3 = tanh(S4 @ W)", "S2 = tanh(S3 @ W)", "S1 = tanh(S2 @ W)",
                            "Z = S4 @ V + S3 @ V + S2 @ V + S1 @ V"],
    "stacks of what is made twice": [*(f"S{t} = sin({'X' if t == MANY else f'S{t + 1}'} @ W)*Y" for t in range(MANY, 0, -1)),
                                     "Z = S1*S2*S1 + S3*S1"],
    "products of several shapes": ["Z = " + " + ".join(f"sin({a}*{k}) @ W" for k in range(1, MANY + 1) for a in "Xd")],
    "sums of several shapes": ["Z = X @ W + " + " + ".join(f"sum(sin({a}*{k}), columns)" for k in range(1, MANY + 1)
                                                           for a in "Xgd")],
    "all to all": ["A = X @ W @ X.T", "P = softmax(A/sqrt(6))", "Z = P @ X @ V"],
}


def net_of(name):
    used = [s for s in "WVcdgGJ" if any(re.search(rf"\b{s}\b", line) for line in LINES[name])]
    return bp.Program.parse([*LINES[name], "E = mean((Z - Y)**2)"], shapes={s: SHAPES[s] for s in ["X", "Y", *used]}, inputs="X",
                            targets="Y", parameters=used, loss="E")


def values_of(net, samples=7):
    rng = np.random.default_rng(5)                     # the same for a test, whichever ran before
    return {s.name: rng.normal(size=[samples if n.is_Symbol else int(n) for n in net.shape[s]])/2 for s in net.given}


@pytest.mark.parametrize("seed", [1, None], ids=["in an order", "in turn"])
@pytest.mark.parametrize("batch", [None, 3], ids="batch of {}".format)
@pytest.mark.parametrize("name", LINES)
def test_a_training_is_one_step_after_another(name, batch, seed):
    """What fit computes, beside steps in which every equation is computed as it stands; the last batch is shorter."""
    net, epochs = net_of(name), 5
    values = values_of(net)
    start = {p.name: values.pop(p.name) for p in net.parameters}
    history = bp.fit(net, start, values, epochs=epochs, batch=batch, learning_rate=RATE, seed=seed)
    step, now = bp.lambdify(bp.step(net), "numpy"), dict(start)
    if batch is None:
        for epoch in range(epochs):
            found = step({**values, **now, "eta": RATE})
            assert history.loss[epoch] == pytest.approx(found["E"], rel=1e-12)
            now = {p: found[f"{p}_new"] for p in now}
        for p, value in now.items():
            assert np.allclose(history.values[p][-1], value, rtol=1e-11, atol=1e-13)
    else:
        loss = bp.lambdify(net, "numpy")
        for epoch in (0, epochs):
            found = loss({**values, **{p: a[epoch] for p, a in history.values.items()}})
            assert history.loss[epoch] == pytest.approx(found["E"], rel=1e-12)


@pytest.mark.parametrize("name", LINES)
def test_what_is_wanted_is_the_same(name):
    """Every gradient of the arranged program, in thirty digits, is that of the program; looks work entry by entry no more."""
    net = net_of(name)
    whole = net + bp.reverse(net)
    wanted = [net.loss, *(s for s in whole.defined if getattr(s, "wrt", None) in net.parameters)]
    made = arranged(whole, wanted)
    values = values_of(net)
    found, exact = bp.lambdify(made, "numpy")(values), whole.evaluate(values, 30)
    for s in wanted:
        for (_, one), (_, other) in zip(scalars({s: np.asarray(found[s])}).items(), scalars({s: exact[s]}).items(), strict=True):
            assert abs(one - float(other)) <= 1e-13*max(1, abs(float(other)))
    assert {s for s in made.defined if not any(s in e.rhs.free_symbols for e in made)} <= set(wanted)


def test_twice_a_transpose_is_the_transpose_of_twice():
    made = arranged(bp.Program.parse(["Z = 2*A.T", "E = sum(Z.T*A)"], shapes={"A": "m, n"}, loss="E"), [bp.symbol("E")])
    assert not made[bp.symbol("E")].rhs.has(*LOOKS) and len(made) == 2


def test_the_gradient_of_a_shared_weight_is_one_product():
    """Of a cell over many steps: a product for each weight, whatever the number of steps."""
    def products(steps):
        whole = bp.unroll_in_time(bp.layers.recurrent(2, 3), steps)
        net = whole + bp.dense([3, 1], form="matrix").rename({"X": whole.defined[-1], "W1": "W2", "b1": "b2"})
        values = values_of(net, 4)
        start = {p.name: values.pop(p.name) for p in net.parameters}
        source = training_source(bp.step(net), {**start, "eta": 0.1}, values)
        train = source[source.index("def train"):]
        return train.count("dot("), train.count("concatenate(")
    (few, stacks), (many, again) = products(MANY + 1), products(MANY + 9)
    assert many - few == 3*8                                   # two products of a step, and one on its way back
    assert stacks == again == 0                                # which lie one below the other from the start
