"""Training: histories, batches, optimizers against hand-written loops, progress, and runs that diverge."""
import math

import mpmath
import numpy as np
import pytest

import backprop_sym as bp
from tests.oracles import SOURCE, source_step

NET = bp.dense([2, 2, 2])
XOR = [{"x1": a, "x2": b, "y1": a ^ b} for a in (0, 1) for b in (0, 1)]
START = {k: v for k, v in SOURCE.items() if k[0] in "wb"}
SMALL = bp.dense([2, 2, 1])
LINE = bp.dense([1, 1], activation="identity")
LINE_START = {"x1": 2, "y1": 1, "w1": 0, "b1": 0}


def test_reference_run():
    history = bp.fit(NET, SOURCE, epochs=10_000)
    assert history.loss.shape == (10_001,) and history.values["w5"].shape == (10_001,)
    assert history.loss[0] == pytest.approx(0.254325323020430, abs=1e-15)
    assert history.loss[1] == pytest.approx(0.253931118274, abs=1e-12)
    assert history.loss[-1] == pytest.approx(0.002523945400, abs=1e-12)
    assert history.values["w7"][1] == pytest.approx(source_step(0.01)["w7"], rel=1e-15)


def test_the_sources_gradient_trains_too():
    example = bp.worked_example("source")
    gradient = bp.Program([bp.Equation(f.symbol, f.expression) for f in example.formulas])
    wrong = bp.fit(bp.step(NET, gradient=gradient), SOURCE, epochs=10_000)
    assert wrong.loss[-1] == pytest.approx(0.0026521, abs=5e-8)


def test_what_an_activation_is_taken_of_is_computed_once():
    roles = {"parameters": "w v b", "inputs": "x", "targets": "y", "loss": "E"}
    start = {"w": 0.5, "v": -1.5, "b": 0.25, "x": 0.75, "y": 0.5}
    packed = bp.Program.parse(["p = tanh(w*sigmoid(v*x + b) + b)*sigmoid(v*x + b)", "E = (y - p)**2/2"], **roles)
    apart = bp.Program.parse(["z = v*x + b", "h = sigmoid(z)", "n = w*h + b", "p = tanh(n)*h", "E = (y - p)**2/2"], **roles)
    train = bp.training_source(bp.step(packed), {**start, "eta": 0.1}).partition("def train")[2]
    assert train.count("exp(") == 2 and train.count("tanh(") == 1          # the slope of tanh has an exp of its own
    one, other = (bp.fit(net, start, learning_rate=0.1, epochs=50) for net in (packed, apart))
    for name in ("w", "v", "b"):
        assert one.values[name] == pytest.approx(other.values[name], rel=1e-13)


@pytest.mark.parametrize("activation", [name for name in bp.ACTIVATIONS if name != "softmax"])
def test_a_loop_has_the_numbers_of_its_equations(activation):
    net = bp.dense([2, 2, 2], [activation, activation])
    history, f = bp.fit(net, SOURCE, learning_rate=0.3, epochs=2), bp.lambdify(bp.step(net))
    for k in range(2):
        after = f({**history.at(k), "eta": 0.3})
        assert after["E_total"] == pytest.approx(history.loss[k], rel=1e-13)
        for p in net.parameters:
            assert history.values[p.name][k + 1] == pytest.approx(after[f"{p.name}_new"], rel=1e-13)


def test_the_loss_is_computed_where_it_is_recorded():
    def lines(net, samples=None, **settings):
        start = {**(SOURCE if net is NET else START), "eta": 0.1}
        return bp.training_source(bp.step(net), start, samples, **settings).partition("def train")[2].splitlines()

    alone = lines(NET)
    record = next(i for i, line in enumerate(alone) if "if epoch % every == 0" in line)
    loss = [i for i, line in enumerate(alone) if line.lstrip().startswith("E_total = ")]
    assert [i > record for i in loss] == [True] and alone[loss[0]].startswith(" "*12)      # in the if, not after it
    assert all("yhat1 = " not in line for line in alone[record:])                          # which the gradient needs too
    assert bp.fit(NET, SOURCE, epochs=9, every=3).loss[1] == bp.fit(NET, SOURCE, epochs=3).loss[-1]


def test_every_nth_epoch():
    full, some = bp.fit(NET, SOURCE, epochs=100), bp.fit(NET, SOURCE, epochs=100, every=30)
    assert list(some.epochs) == [0, 30, 60, 90, 100]
    assert list(some.loss) == [full.loss[k] for k in some.epochs]
    assert some.at(60)["w1"] == full.values["w1"][60]
    with pytest.raises(ValueError, match="epoch 61 was not kept"):
        some.at(61)


def test_going_on_from_a_history():
    whole = bp.fit(NET, SOURCE, epochs=50)
    rest = bp.fit(NET, whole.at(20), epochs=30)
    assert rest.loss[-1] == whole.loss[-1]


def by_hand(samples, batch, epochs, rate, reduce):
    """Batches in order, one update each, from gradients of each sample alone."""
    gradient = bp.lambdify(SMALL + bp.reverse(SMALL))
    state = {k: float(v) for k, v in START.items() if k in {s.name for s in SMALL.parameters}}
    for _ in range(epochs):
        for i in range(0, len(samples), batch):
            some = [gradient({**state, **sample}) for sample in samples[i:i + batch]]
            state = {k: v - rate*sum(g[f"d(E_total)/d({k})"] for g in some)/(len(some) if reduce == "mean" else 1)
                     for k, v in state.items()}
    return state


@pytest.mark.parametrize("reduce", ["mean", "sum"])
@pytest.mark.parametrize("batch", [None, 1, 3])
def test_batches(batch, reduce):
    history = bp.fit(SMALL, START, XOR, epochs=5, learning_rate=0.7, batch=batch, reduce=reduce)
    for name, value in by_hand(XOR, batch or 4, 5, 0.7, reduce).items():
        assert history.values[name][-1] == pytest.approx(value, rel=1e-13)
    losses = [bp.lambdify(SMALL)({**history.at(5), **sample})["E_total"] for sample in XOR]
    assert history.loss[-1] == pytest.approx(sum(losses)/(4 if reduce == "mean" else 1), rel=1e-14)


def test_a_seed_makes_an_order():
    one, same, other = (bp.fit(SMALL, START, XOR, epochs=5, batch=1, seed=seed) for seed in (1, 1, 2))
    assert (one.loss == same.loss).all() and (one.loss != other.loss).any()


def test_many_learning_rates_at_once():
    rates = np.array([0.01, 0.5, 3.0])
    together = bp.fit(NET, SOURCE, learning_rate=rates, epochs=20, backend="numpy")
    assert together.loss.shape == (21, 3)
    for i, rate in enumerate(rates):
        alone = bp.fit(NET, SOURCE, learning_rate=float(rate), epochs=20)
        assert together.loss[:, i] == pytest.approx(alone.loss, rel=1e-12)


def test_mpmath_backend():
    with mpmath.workdps(30):
        history = bp.fit(NET, SOURCE, learning_rate="0.01", epochs=1, backend="mpmath")
        expected = (bp.step(NET)).evaluate({**SOURCE, "eta": "0.01"}, 30)["w1_new"]
        assert abs(history.values["w1"][-1] - expected) < 1e-28


# ---- optimizers, against loops written by hand from their papers' formulas

def hand(name, g, memory, t, rate):
    m, s = memory.get("m", 0.0), memory.get("s", 0.0)
    if name == "momentum":
        memory["m"] = 0.9*m + g
        return rate*memory["m"]
    if name == "nesterov":
        memory["m"] = 0.9*m + g
        return rate*(g + 0.9*memory["m"])
    if name == "rmsprop":
        memory["s"] = 0.99*s + 0.01*g*g
        return rate*g/(math.sqrt(memory["s"]) + 1e-8)
    memory["m"], memory["s"] = 0.9*m + 0.1*g, 0.999*s + 0.001*g*g
    return rate*(memory["m"]/(1 - 0.9**t))/(math.sqrt(memory["s"]/(1 - 0.999**t)) + 1e-8)


OPTIMIZERS = {"momentum": bp.Momentum(), "nesterov": bp.Nesterov(), "rmsprop": bp.RMSProp(), "adam": bp.Adam(),
              "adamw": bp.AdamW()}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    gradient = bp.lambdify(NET + bp.reverse(NET))
    values = {k: float(v) for k, v in SOURCE.items()}
    memory = {p.name: {} for p in NET.parameters}
    for t in range(1, 101):
        g = gradient(values)
        for p in memory:
            decay = 1 - 0.05*0.01 if name == "adamw" else 1
            values[p] = values[p]*decay - hand(name, g[f"d(E_total)/d({p})"], memory[p], t, 0.05)
    history = bp.fit(NET, SOURCE, optimizer=OPTIMIZERS[name], learning_rate=0.05, epochs=100)
    for p in memory:
        assert history.values[p][-1] == pytest.approx(values[p], rel=1e-12)


def test_frozen_parameters_stay():
    net = bp.worked_example("mazur_2015").forward
    assert {str(s) for s in net.frozen} == {"b1", "b2"}
    history = bp.fit(net, bp.worked_example("mazur_2015").values, epochs=3)
    assert "b1" not in history.values and "w1" in history.values


# ---- progress and divergence

def test_a_bar_only_when_asked_or_after_two_seconds(capfd):
    bp.fit(NET, SOURCE, epochs=50)
    assert capfd.readouterr().err == ""
    bp.fit(NET, SOURCE, epochs=50, progress=True)
    assert "epochs" in capfd.readouterr().err


@pytest.mark.parametrize("backend", ["python", "numpy"])
def test_divergence(backend):
    with pytest.raises(FloatingPointError) as error:
        bp.fit(LINE, LINE_START, learning_rate=0.9, epochs=5000, backend=backend)
    history = error.value.history
    assert np.isfinite(history.loss).all() and len(history.loss) > 100
    message = str(error.value)
    assert f"epoch {history.epochs[-1] + 1} " in message and "E_total is not finite" in message
    assert "learning rate" in message


def test_divergence_at_the_start():
    with pytest.raises(FloatingPointError, match="epoch 0"):
        bp.fit(LINE, {**LINE_START, "w1": 1e200}, epochs=3)


@pytest.mark.parametrize(("settings", "error", "words"), [
    ({"learning_rate": math.nan}, ValueError, ["learning_rate", "finite", "nan"]),
    ({"learning_rate": math.inf}, ValueError, ["learning_rate", "finite", "inf"]),
    ({"learning_rate": "abc"}, ValueError, ["learning_rate", "abc"]),
    ({"learning_rate": None}, ValueError, ["learning_rate", "None"]),
    ({"epochs": -1}, ValueError, ["epochs", "-1"]),
    ({"epochs": 2.5}, ValueError, ["epochs", "2.5"]),
    ({"every": 0}, ValueError, ["every", "0"]),
    ({"batch": 0}, ValueError, ["batch", "0"]),
    ({"backend": "nunpy"}, ValueError, ["backend", "'numpy'"]),
    ({"reduce": "meen"}, ValueError, ["'meen'", "'mean'"]),
    ({"samples": []}, ValueError, ["samples", "none"]),
    ({"samples": [{"x1": 1}, {"x2": 1}]}, ValueError, ["samples", "'x1'"]),
    ({"optimizer": "adam"}, TypeError, ["optimizer", "'adam'"]),
])
def test_wrong_settings(settings, error, words):
    with pytest.raises(error) as raised:
        bp.fit(NET, SOURCE, **settings)
    assert all(word in str(raised.value) for word in words), str(raised.value)


def test_missing_value():
    with pytest.raises(ValueError, match="no value for 'w5'; did you mean 'w55'"):
        bp.fit(NET, {**{k: v for k, v in SOURCE.items() if k != "w5"}, "w55": 1})


def test_parameters_that_multiply_each_other_move_together():
    """dE/dw1 holds w2 and dE/dw2 holds w1: both take the old values, in line as well as in the equations."""
    net = bp.Program.parse(["p = w1*w2", "E = (y - p)**2/2"], targets="y", parameters="w1 w2", loss="E")
    w1, w2 = 0.5, 3.0
    history = bp.fit(net, {"y": 1, "w1": w1, "w2": w2}, learning_rate=0.05, epochs=5)
    for _ in range(5):
        miss = w1*w2 - 1
        w1, w2 = w1 - 0.05*miss*w2, w2 - 0.05*miss*w1
    assert history.values["w1"][-1] == pytest.approx(w1, rel=1e-14)
    assert history.values["w2"][-1] == pytest.approx(w2, rel=1e-14)
