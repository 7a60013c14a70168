"""The layers: both forms against each other, thirty digits, five ways to the gradient, composition, and what does not fit."""
import inspect

import mpmath
import numpy as np
import pytest

import backprop_sym as bp
from tests.arrays import scalars

L, RNG = bp.layers, np.random.default_rng(11)


def over_time(cell, steps):
    """A cell written out, with its last state as H_out."""
    whole = bp.unroll_in_time(cell, steps)
    return whole.rename({whole.defined[-1]: "H_out"})


# Every layer in small: a Program of one, and what it makes.
LAYERS = {
    "convolution": (L.convolution(1, 3, 4, 2, 2), "Z"),
    "convolution of channels": (L.convolution(2, 3, 3, 1, 3), "Z"),
    "convolution with a stride": (L.convolution(1, 4, 4, 2, 2, 2), "Z"),
    "convolution with padding": (L.convolution(1, 2, 3, 2, 3, padding=1), "Z"),
    "convolution with both": (L.convolution(2, 3, 3, 1, 3, 2, padding=1), "Z"),
    "pooling, max": (L.pooling(2, 2, 4, 2), "Z"),
    "pooling, mean": (L.pooling(2, 2, 4, 2, "mean"), "Z"),
    "recurrent": (over_time(L.recurrent(2, 3), 3), "H_out"),
    "recurrent, relu": (over_time(L.recurrent(1, 2, "relu"), 2), "H_out"),
    "lstm": (over_time(L.lstm(2, 2), 2), "H_out"),
    "gru": (over_time(L.gru(2, 2), 2), "H_out"),
    "batch_norm": (L.batch_norm(3), "H"),
    "batch_norm, given statistics": (L.batch_norm(3, training=False), "H"),
    "layer_norm": (L.layer_norm(3), "H"),
    "attention": (L.attention(2, 3), "H"),
    "attention with a mask": (L.attention(2, 2, 1, masked=True), "H"),
    "attention, heads": (L.attention(2, 4, heads=2), "H"),
    "attention, heads with a mask": (L.attention(3, 3, 6, masked=True, heads=3), "H"),
    "embedding": (L.embedding(4, 2), "H"),
    "dropout": (L.dropout(3), "H"),
    "residual": (L.residual(3), "H"),
}


def weighed(name):
    """A layer with a loss: the sum of what it makes, squared and weighed by R."""
    layer, out = LAYERS[name]
    shape = layer.shape[bp.symbol(out)]
    return layer + bp.Program.parse([f"L = sum(R*{out}**2)"], shapes={"R": shape, out: shape}, inputs=f"R {out}", loss="L")


def values_of(program, samples):
    """Numbers for what a program is given, {name: array}."""
    found = {}
    for s in program.given:
        size = [samples if n.is_Symbol else int(n) for n in program.shape[s]]
        found[s.name] = RNG.integers(-999, 999, size)/700
        if s.name == "N":
            found["N"] = RNG.integers(0, 4, size)
        elif s.name == "M":
            found["M"] = RNG.integers(0, 2, size) if program.domains else np.triu(np.full(size, -1000.0), 1)
        elif s.name.startswith(("epsilon", "q", "v")):
            found[s.name] = abs(found[s.name])/2 + 0.1
    return found


def differentiable(program):
    """What the loss is derived by: all that is given but whole numbers and masks."""
    return [s for s in program.given if s.name not in ("N", "M")]


def test_every_layer_is_here():
    assert {name.split(",")[0].split(" ")[0] for name in LAYERS} == set(L.__all__)


# ---- what they compute, by hand

def sigmoid(z):
    return 1/(1 + np.exp(-z))


def convolved(v, channels, height, width, size, stride=1, padding=0):
    """Every sum of every window, one after the other."""
    X = np.pad(v["X"].reshape(-1, channels, height, width), [(0, 0)]*2 + [(padding, padding)]*2)
    places = [(i, j) for i in range(0, X.shape[2] - size + 1, stride) for j in range(0, X.shape[3] - size + 1, stride)]
    return np.array([[(x[:, i:i + size, j:j + size].ravel()*k).sum() + b for k, (b,) in zip(v["K"], v["b"], strict=True)
                      for i, j in places] for x in X])


def pooled(v, best):
    """Of pictures of two channels, 2 x 4."""
    return np.array([[best(c[:, j:j + 2]) for c in x for j in (0, 2)] for x in v["X"].reshape(-1, 2, 2, 4)])


def recurrent(v, steps, function):
    h = v["H"]
    for t in range(1, steps + 1):
        h = function(v[f"X_time{t}"] @ v["W"] + h @ v["U"] + v["b"])
    return h


def lstm(v, steps):
    h, c = v["H"], v["C"]
    for t in range(1, steps + 1):
        i, f, g, o = (function(v[f"X_time{t}"] @ v[f"W_{k}"] + h @ v[f"U_{k}"] + v[f"b_{k}"]) for k, function in
                      (("i", sigmoid), ("f", sigmoid), ("g", np.tanh), ("o", sigmoid)))
        c = f*c + i*g
        h = o*np.tanh(c)
    return h


def gru(v, steps):
    h = v["H"]
    for t in range(1, steps + 1):
        x = v[f"X_time{t}"]
        r, z = (sigmoid(x @ v[f"W_{k}"] + h @ v[f"U_{k}"] + v[f"b_{k}"]) for k in "rz")
        n = np.tanh(x @ v["W_n"] + v["b_n"] + r*(h @ v["U_n"] + v["c_n"]))
        h = n + z*(h - n)
    return h


def normalised(v, axis):
    X = v["X"]
    return (X - X.mean(axis=axis, keepdims=True))/np.sqrt(X.var(axis=axis, keepdims=True) + v["epsilon"])*v["gamma"] + v["beta"]


def attention(v, keys, k=""):
    S = (v["X"] @ v["W_Q" + k]) @ (v["X"] @ v["W_K" + k]).T/np.sqrt(keys) + v.get("M", 0)
    return np.array([np.exp(row)/np.exp(row).sum() for row in S]) @ v["X"] @ v["W_V" + k] @ v["W_O" + k]


BY_HAND = {
    "convolution": lambda v: convolved(v, 1, 3, 4, 2), "convolution of channels": lambda v: convolved(v, 2, 3, 3, 3),
    "convolution with a stride": lambda v: convolved(v, 1, 4, 4, 2, 2),
    "convolution with padding": lambda v: convolved(v, 1, 2, 3, 3, padding=1),
    "convolution with both": lambda v: convolved(v, 2, 3, 3, 3, 2, 1),
    "pooling, max": lambda v: pooled(v, np.max), "pooling, mean": lambda v: pooled(v, np.mean),
    "recurrent": lambda v: recurrent(v, 3, np.tanh), "recurrent, relu": lambda v: recurrent(v, 2, lambda z: np.maximum(z, 0)),
    "lstm": lambda v: lstm(v, 2), "gru": lambda v: gru(v, 2), "batch_norm": lambda v: normalised(v, 0),
    "batch_norm, given statistics": lambda v: (v["X"] - v["mu"])/np.sqrt(v["v"] + v["epsilon"])*v["gamma"] + v["beta"],
    "layer_norm": lambda v: normalised(v, 1), "attention": lambda v: attention(v, 3),
    "attention with a mask": lambda v: attention(v, 2),
    "attention, heads": lambda v: sum(attention(v, 2, k) for k in "12"),
    "attention, heads with a mask": lambda v: sum(attention(v, 1, k) for k in "123"),
    "embedding": lambda v: np.array([v["E"][n] for n in v["N"]]),
    "dropout": lambda v: np.where(v["M"], v["X"]/v["q"], 0), "residual": lambda v: v["X"] + v["F"],
}


@pytest.mark.parametrize("name", LAYERS)
def test_by_hand(name):
    layer, out = LAYERS[name]
    values = values_of(layer, 3)
    assert np.allclose(bp.lambdify(layer)(values)[out], BY_HAND[name](values), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("samples", [2, 3])
@pytest.mark.parametrize("name", LAYERS)
def test_both_forms_and_thirty_digits(name, samples):
    """Matrices in NumPy, numbers in Python and numbers of thirty digits agree: what a layer makes, and every derivative."""
    program = weighed(name)
    values = values_of(program, samples)
    whole, one = program + bp.reverse(program, wrt=differentiable(program)), bp.entries(program, {"B": samples})
    entries = scalars({s: values[s.name] for s in program.given})
    wrt = [s for s in scalars({s: values[s.name] for s in differentiable(program)}) if s in one.given]
    whole_one = one + bp.reverse(one, wrt=wrt)
    found, exact = bp.lambdify(whole, "numpy")(values), whole_one.evaluate(entries, 30)
    plain = bp.lambdify(whole_one, "python")(entries)
    size = max(1, *(abs(float(x)) for x in exact.values()))
    for s in whole.defined:
        for entry, value in scalars({s: np.asarray(found[s])}).items():
            if entry in whole_one:
                assert abs(value - plain[entry]) <= 1e-14*size and abs(value - exact[entry]) <= 1e-14*size, entry


@pytest.mark.parametrize("name", LAYERS)
def test_gradcheck(name):
    program = weighed(name)
    check = bp.gradcheck(program, values_of(program, 2), wrt=[s for s in differentiable(program) if s.name != "R"])
    assert check.ok, repr(check)


@pytest.mark.parametrize("make", [
    lambda **more: L.convolution(1, 3, 3, 2, 2, **more), lambda **more: L.batch_norm(2, **more),
    lambda **more: L.attention(2, 2, **more), lambda **more: L.embedding(3, 2, **more), lambda **more: L.lstm(1, 1, **more)])
def test_the_scalar_form_is_the_matrix_form_written_out(make):
    assert make(form="scalar", samples=2) == bp.entries(make(), {"B": 2})
    with pytest.raises(ValueError, match="unknown form 'tensor'"):
        make(form="tensor")


def test_a_layer_is_what_a_reader_could_write():
    """Every layer is parsed again from the lines that it is shown as."""
    for name, (layer, _) in LAYERS.items():
        roles = {role: getattr(layer, role) for role in ("inputs", "parameters", "hyperparameters")}
        plain = layer.rename({s: f"q{i}" for i, s in enumerate((*layer.given, *layer.defined)) if "time" in s.name})
        roles = {role: getattr(plain, role) for role in roles}
        assert bp.Program.parse(repr(plain), shapes=plain.shapes, **roles) == plain, name
        assert layer._repr_latex_().startswith("$$") and "cannot" not in layer._repr_latex_()


def test_layers_compose_with_what_stands_before_and_after():
    """dense, then two layers of each other kind, then dense: one program, whose gradients are those of its entries."""
    first = bp.dense([2, 9], "tanh", form="matrix").upto("Z1")
    net = (first + L.convolution(1, 3, 3, 2, 2, x="Z1", y="Z_c") + L.batch_norm(8, x="Z_c", y="N1", mark="1")
           + L.layer_norm(8, x="N1", y="N2", mark="2") + L.residual(8, x="N1", through="N2", y="H")
           + L.attention(8, 2, x="H", y="T", mark="_a") + L.dropout(8, x="T", y="D")
           + bp.dense([8, 2], "identity", form="matrix").rename({"X": "D", "W1": "W2", "b1": "b2", "Z1": "Z2"}))
    assert [p.name for p in net.parameters] == ["W1", "b1", "K", "b", "gamma1", "beta1", "gamma2", "beta2", "W_Q_a", "W_K_a",
                                                "W_V_a", "W_O_a", "W2", "b2"]
    assert [s.name for s in net.inputs] == ["X", "M"] and net.loss.name == "E_total"
    values = values_of(net, 3) | {"M": np.ones((3, 8))}
    assert bp.gradcheck(net, values, wrt=["W1", "gamma1", "b2"]).ok
    history = bp.fit(net, {s.name: values[s.name] for s in (*net.parameters, *net.hyperparameters)},
                     {name: values[name] for name in ("X", "Y", "M")}, learning_rate=1e-4, epochs=20)
    assert history.loss[-1] < history.loss[0]


def test_a_recurrent_network_reads_out_its_last_state():
    states = bp.unroll_in_time(L.gru(1, 3), 4)
    net = states + bp.dense([3, 1], "identity", form="matrix").rename({"X": states.defined[-1]})
    samples = {f"X_time{t}": RNG.normal(size=(8, 1)) for t in range(1, 5)} | {"H": np.zeros((8, 3))}
    samples["Y"] = samples["X_time1"]                       # what was said first has to be kept
    history = bp.fit(net, bp.start(net, seed=1), samples, optimizer=bp.Adam(), learning_rate=0.05, epochs=150)
    assert history.loss[-1] < history.loss[0]/10


# ---- the loop over time

def test_the_gradient_of_a_shared_weight_is_the_sum_over_time():
    """By a shared weight as by one weight a step, each equal, added up."""
    cell = bp.Program.parse(["a = w*x + u*h", "s = tanh(a)", "e = (s - y)**2"], inputs="x h", targets="y", parameters="w u",
                            loss="e", updates={"h": "s"})
    whole = bp.unroll_in_time(cell, 3)
    values = {s.name: RNG.normal() for s in whole.given}
    equations = [(e.lhs, e.rhs.xreplace({bp.symbol("u"): bp.symbol(f"u{t}")})) for t in (1, 2, 3) for e in whole
                 if e.lhs.name.endswith(f"time{t}")]
    apart = bp.Program([*equations, (whole.loss, whole[whole.loss].rhs)], loss="e")
    one = (whole + bp.reverse(whole)).evaluate(values, 30)["d(e)/d(u)"]
    each = (apart + bp.reverse(apart, wrt=["u1", "u2", "u3"])).evaluate(values | {f"u{t}": values["u"] for t in (1, 2, 3)}, 30)
    with mpmath.workdps(40):
        assert abs(one - sum(each[f"d(e)/d(u{t})"] for t in (1, 2, 3))) < 1e-28
    assert len(bp.chain(whole, "u").paths) == 6 and bp.gradcheck(whole, values).ok
    mean = bp.unroll_in_time(cell, 3, reduce="mean").evaluate(values, 30)["e"]
    assert float(3*mean) == pytest.approx(float(whole.evaluate(values, 30)["e"]), rel=1e-15)


def test_states_are_handed_on():
    cell = bp.Program.parse(["s = h + c", "t = c*h"], inputs="h c", updates={"h": "s", "c": "t"})
    whole = bp.unroll_in_time(cell, 3)
    assert [s.name for s in whole.given] == ["h", "c"]
    found = whole.evaluate({"h": 2, "c": 3})
    h, c = 2, 3
    for t in (1, 2, 3):
        h, c = h + c, c*h
        assert (found[f"h_time{t}"], found[f"c_time{t}"]) == (h, c)


@pytest.mark.parametrize(("cell", "message"), [
    (lambda: bp.Program.parse(["s = w*h"], inputs="h", parameters="w"), "cell: expected a Program that hands a state on"),
    (lambda: bp.Program.parse(["s = w*h"], inputs="h", parameters="w", updates={"w": "h"}),
     "cell: expected updates from what is given"),
    (lambda: bp.Program.parse(["S = H @ W"], inputs="H", parameters="W", shapes={"H": "B, 2", "W": "2, 3"}, updates={"H": "S"}),
     r"a state that keeps its shape, got 'H' of shape \(B, 2\) that becomes 'S' of shape \(B, 3\)"),
])
def test_a_cell_that_is_none(cell, message):
    with pytest.raises(ValueError, match=message):
        bp.unroll_in_time(cell(), 2)
    with pytest.raises(ValueError, match="steps: .*expected at most 100,000"):
        bp.unroll_in_time(L.recurrent(1, 1), 10**6)


# ---- what does not fit

@pytest.mark.parametrize(("call", "message"), [
    (lambda: L.convolution(1, 3, 3, 1, 4), "convolution: windows of 4 x 4 at a stride of 1 do not fit .* of 3 x 3: a size of 1"),
    (lambda: L.convolution(1, 4, 5, 1, 3, 2), "windows of 3 x 3 at a stride of 2 .* pictures of 4 x 5: a stride of 1 would"),
    (lambda: L.convolution(1, 4, 4, 1, 3, 2), "of 4 x 4: a size of 2, 4 or a stride of 1 would"),
    (lambda: L.convolution(1, 3.5, 3, 1, 2), "^convolution: height: expected a whole number from 1 .* got 3.5"),
    (lambda: L.pooling(1, 5, 4, 2), "^pooling: squares of 2 x 2 do not fill pictures of 5 x 4: a size of 1 would"),
    (lambda: L.pooling(1, 6, 4, 3), "^pooling: squares of 3 x 3 do not fill pictures of 6 x 4: a size of 1, 2 would"),
    (lambda: L.convolution(1, 3, 3, 1, 4, 2, padding=1), "convolution: windows of 4 x 4 .* pictures of 5 x 5: a size of 1, 3, 5"),
    (lambda: L.convolution(1, 3, 3, 1, 2, padding=-1), "padding: expected a whole number from 0"),
    (lambda: L.pooling(1, 4, 4, 2, "min"), "^pooling: unknown kind 'min'"),
    (lambda: L.lstm(2, 0), "^lstm: units: expected a whole number from 1 to 100,000, got 0"),
    (lambda: L.gru("2", 1), "^gru: inputs: expected a whole number from 1 to 100,000, got '2'"),
    (lambda: L.lstm(2, 3, form="tensor"), "^lstm: unknown form 'tensor'; there are matrix, scalar"),
    (lambda: L.attention(2, 2, form="scalar", samples=0), "^attention: samples: expected a whole number from 1"),
    (lambda: L.convolution(1, 28, 28, 8, 5, form="scalar"), "^convolution: written out, the program has .* more than 20,000"),
    (lambda: L.batch_norm(2, form="scalar", samples=1), "^batch_norm: B: expected at least 2 for mu = .*, got 1"),
    (lambda: L.layer_norm(2, y="X"), "^layer_norm: expected another name for each of X, H, got 'X', 'X'"),
    (lambda: L.residual(2, through="X"), "^residual: expected another name for each of X, F, H, got 'X', 'X', 'H'"),
    (lambda: bp.unroll_in_time(L.lstm(1, 1), 0), "^steps: expected a whole number of at least 1, got 0"),
    (lambda: bp.unroll_in_time(L.layer_norm(2), 2), "cell: expected a Program that hands a state on"),
    (lambda: L.attention(8, 8, heads=3), "attention: 3 heads cannot share out 8 keys and 8 values: 1, 2, 4, 8 could"),
    (lambda: L.attention(8, 6, 9, heads=2), "attention: 2 heads cannot share out 6 keys and 9 values: 1, 3 could"),
    (lambda: L.attention(8, 8, heads=0), "heads: expected a whole number from 1"),
    (lambda: L.convolution(1, 3, 3, 0, 2), "kernels: expected a whole number from 1 to 100,000, got 0"),
    (lambda: L.recurrent(1, 2, "tahn"), "^recurrent: unknown activation 'tahn'; did you mean 'tanh'"),
    (lambda: L.layer_norm(2, mark="-"), "mark: expected letters, digits"),
    (lambda: _fails(L.attention(2, 2, masked=True), X=(3, 2), M=(3, 2)),
     r"^attention: 'M': expected an array of shape \(B, B\) with B = 3 from 'X', got one of shape \(3, 2\)"),
    (lambda: _fails(L.dropout(2), X=(3, 2), M=np.ones((2, 2))),
     r"^dropout: 'M': expected an array of shape \(B, 2\) with B = 3 from 'X'"),
    (lambda: _fails(L.dropout(2), X=(3, 2), M=(3, 2)), r"^dropout: M: expected 0 or 1, got 0.5"),
    (lambda: _fails(L.dropout(2), X=(3, 2), M=np.ones((3, 2)), q=0), r"^dropout: q: expected a number above 0, at most 1, got 0"),
    (lambda: _fails(L.dropout(2), X=(3, 2), M=np.ones((3, 2)), q=1.5), r"q: expected a number above 0, at most 1, got 1.5"),
    (lambda: _fails(L.layer_norm(2), X=(3, 2), epsilon=-1), r"^layer_norm: epsilon: expected a number of at least 0, got -1"),
    (lambda: _fails(L.batch_norm(2), X=(3, 2), epsilon=-1), r"^batch_norm: epsilon: expected a number of at least 0, got -1"),
    (lambda: _fails(L.batch_norm(2, training=False), X=(3, 2), v=np.array([-1, 1])),
     "^batch_norm: v: expected a number of at least 0"),
    (lambda: _fails(L.embedding(4, 2, x="word"), word=np.array([0, 4])),
     r"^embedding: word: expected a whole number from 0 to 3, the number of a row in one_hot\(word, 4\), got 4"),
    (lambda: _fails(L.embedding(4, 2), N=(2, 1)),
     r"^embedding: 'N': expected an array of shape \(B,\), got one of shape \(2, 1\)"),
    (lambda: _fails(L.convolution(1, 3, 3, 1, 2), X=(2, 8)),
     r"^convolution: 'X': expected an array of shape \(B, 9\), got one of .*\(2, 8\)"),
    (lambda: _fails(bp.unroll_in_time(L.gru(2, 3), 2), X_time1=(2, 2), X_time2=(2, 3)),
     r"^gru: 'X_time2': expected an array of shape \(B, 2\) with B = 2 from 'X_time1', got one of shape \(2, 3\)"),
    (lambda: _fails(bp.unroll_in_time(L.gru(2, 3), 2), X_time1=(2, 2), X_time2=(2, 2), H=(2, 2)),
     r"^gru: 'H': expected an array of shape \(B, 3\) with B = 2"),
    (lambda: _fails(L.embedding(4, 2), N=(2,)),
     r"^embedding: N: expected a whole number from 0 to 3, the number of a row in one_hot\(N, 4\), got 0.5"),
    (lambda: _fails(L.batch_norm(2), X=(1, 2)),
     r"^batch_norm: B: expected at least 2 for mu = mean\(X, columns\), which is over all B rows, got 1$"),
    (lambda: _fails(L.embedding(4, 2, form="scalar"), N_1=4), "^embedding: N_1: expected a whole number from 0 to 3, got 4"),
    (lambda: _fails(bp.dense([3, 2], form="matrix").upto("Z1") + L.attention(2, 2, masked=True, x="Z1"), X=(4, 3), M=(3, 3)),
     r"^attention: 'M': expected an array of shape \(B, B\) with B = 4 from 'X', got one of shape \(3, 3\)"),
    (lambda: L.batch_norm(2) + bp.dense([3, 1], form="matrix").rename({"X": "H"}),
     r"^'H': the second program expected .* shape \(B, 3\), for Z1 = H @ W1 \+ b1; batch_norm makes one of shape \(B, 2\)$"),
    (lambda: L.dropout(3) + L.layer_norm(4, x="H", y="N"),
     r"'H': layer_norm expected .* \(B, 4\), for mu = mean\(H, rows\); dropout .* \(B, 3\)$"),
    (lambda: L.convolution(1, 3, 3, 2, 2) + L.batch_norm(9, x="Z"),
     r"'Z': .* \(B, 9\), for mu = mean\(Z, columns\); .* \(B, 8\)$"),
    (lambda: L.layer_norm(9) + L.convolution(1, 4, 4, 2, 2, x="H"), r"'H': .* \(B, 16\), for P = .*; .* \(B, 9\)$"),
    (lambda: L.embedding(5, 4) + L.attention(3, 2, x="H", y="T"), r"'H': .* \(B, 3\), for Q = H @ W_Q; .* \(B, 4\)$"),
    (lambda: L.layer_norm(9, y="F") + L.residual(8), r"'F': .* \(B, 8\), for H = X \+ F; .* \(B, 9\)$"),
    (lambda: L.layer_norm(2) + L.layer_norm(2, x="H", y="N"), "'mu' is defined twice, in both programs: .* the mark of a layer"),
])
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def _fails(layer, **shapes):
    shapes_of = layer.shape if layer.shapes else {}
    values = {s.name: np.full([int(n) for n in shapes_of.get(s, ()) if not n.is_Symbol], 0.5) for s in layer.given}
    given = {name: np.full(shape, 0.5) if isinstance(shape, tuple) else shape for name, shape in shapes.items()}
    bp.lambdify(layer)({**values, **given})


@pytest.mark.parametrize(("batch", "where"), [(4, "the last batch of an epoch"), (1, "a batch")])
def test_a_batch_of_one_is_refused_before_the_training(batch, where):
    net = L.batch_norm(2) + bp.dense([2, 1], "identity", form="matrix").rename({"X": "H"})
    values = {**bp.start(net, seed=1), "epsilon": 1e-5, "gamma": np.ones(2), "beta": np.zeros(2)}
    samples = {"X": RNG.normal(size=(9, 2)), "Y": RNG.normal(size=(9, 1))}
    with pytest.raises(ValueError, match=r"^batch_norm: B: expected at least 2 for mu = .*, got 1 in " + where):
        bp.fit(net, values, samples, batch=batch, epochs=1)
    history = bp.fit(net, values, samples, batch=3, epochs=5, learning_rate=0.1)
    assert history.loss[-1] < history.loss[0]


def test_a_run_with_layers_is_saved_and_goes_on(tmp_path):
    net = L.batch_norm(2) + bp.dense([2, 1], "identity", form="matrix").rename({"X": "H"})
    values = {**bp.start(net, seed=1), "epsilon": 1e-5}
    samples = {"X": RNG.normal(size=(8, 2)), "Y": RNG.normal(size=(8, 1))}
    bp.fit(net, values, samples, epochs=3).save(tmp_path/"run.npz")
    again = bp.resume(tmp_path/"run.npz", epochs=2, samples=samples)
    assert list(again.loss) == list(bp.fit(net, values, samples, epochs=5).loss)
    with pytest.raises(ValueError, match="^batch_norm: B: expected at least 2"):
        again.program.evaluate({**values, "eta": 1, "X": np.ones((1, 2)), "Y": np.ones((1, 1))})


def test_what_the_numbers_of_a_layer_may_be_is_saved_with_it(tmp_path):
    """A share above 0, at most 1; a number of at least 0."""
    net = L.dropout(2) + L.layer_norm(2, x="H", y="N") + bp.dense([2, 1], "identity", form="matrix").rename({"X": "N"})
    values = {**bp.start(net, seed=1), "epsilon": 1e-5, "q": 1}
    samples = {"X": RNG.normal(size=(4, 2)), "Y": RNG.normal(size=(4, 1)), "M": np.ones((4, 2))}
    bp.fit(net, values, samples, epochs=1).save(tmp_path/"run.npz")
    again = bp.resume(tmp_path/"run.npz", epochs=1, samples=samples).program
    for name, wrong, message in (("q", 0, "above 0, at most 1"), ("q", 2, "above 0, at most 1"), ("epsilon", -1, "at least 0")):
        with pytest.raises(ValueError, match=f"^[a-z_]+: {name}: expected a number .*{message}"):
            again.evaluate({**values, **samples, "eta": 1, name: wrong})


def test_every_layer_says_what_it_is():
    for name in L.__all__:
        assert ">>>" in inspect.getdoc(getattr(L, name)) and "math::" in inspect.getdoc(L.convolution)


@pytest.mark.parametrize("kind", ["max", "mean"])
def test_pooling_of_single_numbers_is_what_is_given(kind):
    X = np.arange(16.).reshape(2, 8)
    assert np.array_equal(bp.lambdify(L.pooling(2, 2, 2, 1, kind))({"X": X})["Z"], X)
