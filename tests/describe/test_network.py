"""Networks and what is added to them: biases, penalties, batches as one program, schedules, curvature."""
import math

import numpy as np
import pytest
import sympy as sp

import backprop_sym as bp
from backprop_sym.derive.optimizers import OPTIMIZERS
from backprop_sym.describe.copies import sampled
from backprop_sym.show.latex import name_latex
from tests.oracles import SOURCE, substituted

NET = bp.dense([2, 2, 2])
NUMBERS = {k: float(v) for k, v in SOURCE.items()}


@pytest.mark.parametrize(("bias", "names"), [
    ("neuron", ["b1", "b2", "b3", "b4", "b5"]), ("layer", ["b1", "b2"]), ("none", []), (None, [])])
def test_biases(bias, names):
    net = bp.dense([2, 3, 2], "tanh", bias=bias)
    assert [str(p) for p in net.parameters if str(p)[0] == "b"] == names
    values = {s.name: 0.3 + 0.1*i for i, s in enumerate(net.given)}
    whole, at = substituted(net), {s: sp.Float(values[s.name], 30) for s in net.given}
    found = bp.lambdify(net + bp.reverse(net))(values)
    for p in net.parameters:
        assert found[f"d(E_total)/d({p})"] == pytest.approx(float(whole.diff(p).subs(at)), rel=1e-12)


def test_a_shared_bias_adds_up_over_its_layer():
    net = bp.dense([1, 2, 1], bias="layer")
    assert "d(E_total)/d(b1) = d(E_total)/d(z1) + d(E_total)/d(z2)" in str(bp.reverse(net))
    assert len(bp.chain(net, "b1").paths) == 2


def test_penalties():
    net = bp.penalize(NET, l1="lamda_1", l2="lamda_2")
    weights = [p for p in net.parameters if str(p)[0] == "w"]
    values = {**NUMBERS, "w3": -0.25, "lamda_1": 0.1, "lamda_2": 0.3}
    found, plain = (bp.lambdify(n + bp.reverse(n))(values) for n in (net, NET))
    size = sum(0.1*abs(values[str(w)]) + 0.15*values[str(w)]**2 for w in weights)
    assert found["J"] == pytest.approx(plain["E_total"] + size, rel=1e-15)
    for p in net.parameters:
        w = values[str(p)]
        more = 0.1*math.copysign(1, w) + 0.3*w if p in weights else 0
        assert found[f"d(J)/d({p})"] == pytest.approx(plain[f"d(E_total)/d({p})"] + more, rel=1e-14)
    assert bp.gradcheck(net, values).ok
    assert r"\lambda_{1} \left|w_{1}\right|" in bp.penalize(bp.dense([1, 1]), l1="lamda_1")._repr_latex_()
    assert bp.fit(net, values, epochs=50).loss[-1] < found["J"]


def test_penalised_by_name_and_not_the_frozen():
    one = bp.penalize(NET, l2="lamda", of="w1 b1")
    assert one["J"].rhs == sp.sympify("E_total + lamda*(w1**2 + b1**2)/2")
    frozen = NET._with(NET.equations, frozen=("w1",))
    assert sp.Symbol("w1") not in bp.penalize(frozen, l2="lamda")["J"].rhs.free_symbols


SAMPLES = [{"x1": 0.05, "x2": 0.1, "y1": 0.01, "y2": 0.99}, {"x1": -0.4, "x2": 0.7, "y1": 0.3, "y2": 0.2},
           {"x1": 0.9, "x2": -0.2, "y1": 0.8, "y2": 0.5}]


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_batch_is_one_derivation(reduce):
    """Three samples as one program, as a batch of fit, and as a sum by hand: the same step."""
    whole = bp.batch(NET, 3, reduce)
    values = {**NUMBERS, **{f"{name}_sample{k}": v for k, s in enumerate(SAMPLES, 1) for name, v in s.items()}}
    found = bp.lambdify(bp.step(whole))({**values, "eta": 0.5})
    history = bp.fit(NET, NUMBERS, SAMPLES, learning_rate=0.5, epochs=1, reduce=reduce)
    each = [bp.lambdify(NET + bp.reverse(NET))({**NUMBERS, **s}) for s in SAMPLES]
    scale = 3 if reduce == "mean" else 1
    assert history.loss[0] == pytest.approx(found["E_total"], rel=1e-15)
    for p in NET.parameters:
        g = sum(e[f"d(E_total)/d({p})"] for e in each)/scale
        assert found[f"d(E_total)/d({p})"] == pytest.approx(g, rel=1e-13)
        assert history.values[str(p)][1] == pytest.approx(found[f"{p}_new"], rel=1e-14)
    assert len(bp.chain(whole, "w1").paths) == 6


def test_a_sample_is_shown_above():
    assert name_latex(sampled(bp.symbol("a_z1"), 2)) == "a_{z1}^{(2)}"
    assert name_latex(sampled(bp.symbol("yhat1"), 12)) == r"\hat{y}_{1}^{(12)}"
    assert r"\frac{1}{2} \left(E_{total}^{(1)} + E_{total}^{(2)}\right)" in bp.batch(bp.dense([1, 1]), 2)._repr_latex_()


def test_the_domains_of_a_batch():
    net = bp.batch(bp.dense([1, 1], loss="binary_cross_entropy"), 2)
    with pytest.raises(ValueError, match="y1_sample2: expected a number from 0 to 1, got 3"):
        bp.lambdify(net)({**{s.name: 0.5 for s in net.given}, "y1_sample2": 3})


# ---- schedules

RATES = {"exponential": (bp.ExponentialDecay("0.9"), lambda t: 0.9**t),
         "inverse": (bp.InverseTimeDecay("0.5"), lambda t: 1/(1 + 0.5*t)),
         "cosine": (bp.CosineDecay(20), lambda t: (1 + math.cos(math.pi*t/20))/2),
         "cosine, over": (bp.CosineDecay(8), lambda t: (1 + math.cos(math.pi*min(t, 8)/8))/2),
         "warmup": (bp.Warmup(5), lambda t: min(1, (t + 1)/5))}


@pytest.mark.parametrize("backend", ["python", "numpy"])
@pytest.mark.parametrize("optimizer", [bp.GradientDescent(), bp.Adam()])
@pytest.mark.parametrize("name", RATES)
def test_schedules(name, optimizer, backend):
    """A scheduled run is the run in which each step is made with the rate of its moment."""
    schedule, factor = RATES[name]
    history = bp.fit(NET, SOURCE, optimizer=optimizer, schedule=schedule, learning_rate=0.3, epochs=12, backend=backend)
    one = bp.lambdify(bp.step(NET, optimizer))
    state = {**NUMBERS, **optimizer.coefficients, **{s.name: 0 for s in one.program.given if s.name not in NUMBERS}}
    for t in range(12):
        found = one({**state, **{str(k): v for k, v in optimizer.coefficients.items()}, "eta": 0.3*factor(t)})
        state = {**state, **{old.name: found[new] for old, new in one.program.updates.items()}}
    for p in NET.parameters:
        assert history.values[p.name][-1] == pytest.approx(state[p.name], rel=1e-13)


SHARES, SIZES = (-1, "1", 2, np.float64(1), np.array([0.5, 1.5]), "-0.1"), (-1, "-1e-8", np.float32(-3))
OUTSIDE = {**{(optimizer, name): SHARES for optimizer, names in {
    bp.Momentum: ["momentum"], bp.Nesterov: ["momentum"], bp.RMSProp: ["beta2"], bp.Adam: ["beta1", "beta2"],
    bp.AdamW: ["beta1", "beta2"]}.items() for name in names},
    **{(optimizer, "epsilon"): SIZES for optimizer in (bp.RMSProp, bp.Adam, bp.AdamW)}, (bp.AdamW, "weight_decay"): SIZES,
    (bp.ExponentialDecay, "gamma"): (0, -1, "1.01", np.float64(2)), (bp.InverseTimeDecay, "kappa"): SIZES,
    (bp.CosineDecay, "T"): (0, -3, "0", np.int64(-1), np.array([3, 0])), (bp.Warmup, "T"): (0, -3, "-1")}


@pytest.mark.parametrize(("made", "name"), OUTSIDE)
def test_a_coefficient_outside_of_its_range_is_refused(made, name):
    for value in OUTSIDE[made, name]:
        with pytest.raises(ValueError, match=f"{name}: expected a .*number.* [01]|{name}: expected a positive number"):
            made(**{name: value})
    for value in ("0.5", 0.5, np.float64(0.5), sp.Rational(1, 2), [0.25, 0.5], np.array([0.25, 0.5])):
        assert made(**{name: value}) is not None


def test_a_schedule_is_an_equation():
    step = bp.step(NET, schedule=bp.ExponentialDecay())
    assert str(step["eta"]) == "eta = eta_0*gamma**t_step" and r"\eta = \eta_{0} \gamma^{t_{step}}" in \
        step._repr_latex_().replace(" &=", " =")


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values())
@pytest.mark.parametrize("schedule", [schedule for schedule, _ in RATES.values()])
def test_a_rate_that_changes_is_written_where_a_constant_one_is(optimizer, schedule):
    """In a step, and in a training of two steps, which has a rate for each."""
    net = bp.dense([1, 1])
    for make in (lambda s: optimizer().update(net, s), lambda s: bp.unroll(net, 2, optimizer=optimizer(), schedule=s)):
        constant, changing = (str(make(s)).replace("eta_prime", "eta").splitlines() for s in (None, schedule))
        rates = [line for line in changing if line.startswith(("eta =", "t_step"))]
        assert rates and [line for line in changing if line not in rates] == [
            line for line in constant if not line.startswith("t_step")]


def test_what_depends_on_data_is_a_quantity_whatever_its_factors():
    program = bp.Program.parse(["r = c*k", "half = r/2", "p = k*x", "E = w*p*x*half"], inputs="x", parameters="w",
                               hyperparameters="c k", loss="E")
    assert str(program).splitlines() == ["r = c*k", "half = r/2", "p = k*x", "E = half*x*p*w"]
    net = bp.Program.parse(["h = k*x*w", "E = c*h**2"], inputs="x", parameters="w", hyperparameters="c k", loss="E")
    assert str(bp.reverse(net)).splitlines() == ["d(E)/d(h) = 2*c*h", "d(E)/d(w) = k*d(E)/d(h)*x"]     # by itself: h is given


# ---- curvature

def test_hessian():
    net = bp.dense([1, 2, 1], activation=["tanh", "sigmoid"])
    values = {s.name: 0.2*i - 0.5 for i, s in enumerate(net.given)}
    expected = sp.hessian(substituted(net), net.parameters).subs({s: values[s.name] for s in net.given})
    found = bp.hessian(net, values)
    assert found == pytest.approx(np.array(expected, dtype=float), rel=1e-12, abs=1e-15)
    assert found == pytest.approx(found.T, rel=1e-13)
    product = bp.lambdify(bp.hessian_vector(net))
    direction = np.arange(1, len(net.parameters) + 1)/7
    got = product({**values, **{f"u_{p}": u for p, u in zip(net.parameters, direction, strict=True)}})
    assert [got[f"d(D)/d({p})"] for p in net.parameters] == pytest.approx(list(found @ direction), rel=1e-12)


def test_hessian_over_samples_and_of_some():
    each = [bp.hessian(NET, {**NUMBERS, **s}) for s in SAMPLES]
    assert bp.hessian(NET, NUMBERS, SAMPLES) == pytest.approx(sum(each)/3, rel=1e-13)
    assert bp.hessian(NET, NUMBERS, SAMPLES, reduce="sum") == pytest.approx(sum(each), rel=1e-13)
    assert bp.hessian(NET, NUMBERS, wrt="w5 w7") == pytest.approx(bp.hessian(NET, NUMBERS)[np.ix_([4, 6], [4, 6])], rel=1e-13)


def test_the_largest_stable_learning_rate():
    """Below 2/L gradient descent settles at the minimum of a line's squared error, above it leaves."""
    line = bp.dense([1, 1], "identity")
    points = {"x1": [0.0, 1.0, 2.0], "y1": [1.0, 3.0, 5.0]}
    start = {"w1": 0.0, "b1": 0.0}
    limit = 2/np.linalg.eigvalsh(bp.hessian(line, start, points))[-1]
    below = bp.fit(line, start, points, learning_rate=0.98*limit, epochs=2000)
    assert below.loss[-1] < 1e-12
    above = bp.fit(line, start, points, learning_rate=1.02*limit, epochs=200)
    assert above.loss[-1] > 10*above.loss[0]


@pytest.mark.parametrize(("call", "words"), [
    (lambda: bp.penalize(NET), ["coefficient"]),
    (lambda: bp.penalize(NET, l2="lamda", of="w99"), ["'w99'", "'w"]),
    (lambda: bp.penalize(NET.upto("z1"), l2="lamda"), ["loss"]),
    (lambda: bp.batch(NET, 0), ["size", "0"]),
    (lambda: bp.batch(NET, 2, "average"), ["average"]),
    (lambda: bp.batch(NET.upto("z1"), 2), ["loss"]),
    (lambda: bp.fit(NET, NUMBERS, {"x1": [1, 2], "x2": [1, 2, 3], "y1": [0, 0], "y2": [0, 0]}), ["one length", "2", "3", "'x2'"]),
    (lambda: bp.hessian(NET, NUMBERS, wrt="w99"), ["'w99'"]),
])
def test_wrong_input(call, words):
    with pytest.raises(ValueError) as error:
        call()
    assert all(word in str(error.value) for word in words), str(error.value)


def test_the_price_of_many_weights_is_differentiated_term_by_term():
    """A sum of more than rules.LONG squares behind its price: the derivative by each weight, and by the price."""
    net = bp.penalize(bp.dense([6, 4, 1]), l2="lamda")
    back = bp.reverse(net, wrt=["w1", "w28", "lamda"])
    squares = sum(w**2 for w in net.parameters if w.name[0] == "w")
    assert back["d(J)/d(lamda)"].rhs == squares/2
    values = {s.name: 0.1 + 0.01*i for i, s in enumerate(net.given)}
    assert bp.gradcheck(net, values, wrt=["w1", "w28", "lamda"]).ok
