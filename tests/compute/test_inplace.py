"""Code that computes in place has the numbers of the code that it was made from, to the last bit."""
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.compute.plan.loop import EPOCH
from backprop_sym.compute.plan.registers import in_place
from backprop_sym.compute.plan.statements import Array, Assign, For, Function, Made, Return
from backprop_sym.compute.plan.wellformed import check
from backprop_sym.compute.run.arrays import NumpyBackend
from backprop_sym.compute.same import forget
from backprop_sym.compute.write.block import written
from backprop_sym.compute.write.numpy import REGISTERS, Numpy
from backprop_sym.derive.optimizers import Optimizer
from backprop_sym.describe.functions import top
from tests.oracles import SOURCE

NET = bp.dense([2, 2, 2])
RATES = np.linspace(0.01, 1, 5)
X, Y, U, V, N = sp.symbols("x y u v n")
KNOWN = {X: np.array([0.3, -1.2, 2.0]), Y: np.array([-0.7, 0.1, 1.1]), U: np.ones(3), V: np.array([2.0, 3, 4]), N: 0.5}


COMBINED = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a*b, lambda a, b: a/(2 + b**2), lambda a, b: -a,
            lambda a, b: sp.tanh(a), lambda a, b: a/4 - b/3, lambda a, b: top(a, b),
            lambda a, b: sp.Piecewise((a, X > 0), (b, True)) if a != b else a]


@st.composite
def expressions(draw, known, depth=3):
    """An expression of some symbols."""
    if depth and draw(st.booleans()):
        return draw(st.sampled_from(COMBINED))(*(draw(expressions(known, depth - 1)) for _ in range(2)))
    return draw(st.sampled_from([*known, sp.Integer(2), sp.Rational(1, 3), sp.Integer(-3)]))


@st.composite
def plans(draw):
    """A plan: x and y are arrays, u and v arrays of the state, n a number; each statement uses what there is."""
    known, statements, moved = [X, Y, U, V, N], [], set()
    for k in range(draw(st.integers(1, 8))):
        value, state = draw(expressions(known)), draw(st.sampled_from([None, None, U, V]))
        if state is None or state in moved:
            statements.append(Assign(target := sp.Symbol(f"t{k}"), value))
        elif draw(st.booleans()):
            statements.append(Assign(target := Made("new", state), value, into=state))
            known.remove(state)
            moved.add(state)
        else:
            statements.append(Assign(target := state, value))
        known += [target]*(target not in known)
    return statements, known, [U, V]


def computed(function):
    """What a function of NumPy returns, and whether what it was given has changed."""
    namespace, values = {}, [np.copy(KNOWN[s]) for s in function.symbols]
    exec(written(Numpy, [function]), namespace)
    with np.errstate(all="ignore"):
        found = namespace["f"](*values)
    assert all(np.array_equal(v, KNOWN[s]) for v, s in zip(values, function.symbols, strict=True))
    return found


@settings(max_examples=300, deadline=None)
@given(plans(), st.booleans())
def test_any_plan(made, looped):
    statements, known, state = made
    body = (For(EPOCH, sp.S.Zero, sp.Integer(3), sp.S.One, tuple(statements)), Return((U, V))) if looped else (
        *statements, Return(tuple(known)))
    plain = check(Function("f", (X, Y, U, V, N), body, tuple(state), Array("found")))
    quick = check(in_place(plain, dict.fromkeys((X, Y, U, V), (0,)), state))
    for ours, theirs in zip(computed(quick), computed(plain), strict=True):
        assert np.array_equal(*np.broadcast_arrays(ours, theirs), equal_nan=True), written(Numpy, [quick])


OPTIMIZERS = [bp.GradientDescent(), bp.Momentum(), bp.Nesterov(), bp.RMSProp(), bp.Adam(), bp.AdamW()]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("net", [
    NET, bp.dense([2, 3, 2], ["gelu", "softmax"], "cross_entropy"), bp.dense([2, 2, 2], ["relu", "identity"], "huber"),
    bp.dense([2, 2, 2], ["silu", "identity"], "cross_entropy_with_logits"), bp.penalize(NET, "l", "m")],
    ids=["source", "softmax", "huber", "logits", "penalised"])
def test_training_in_place_changes_no_number(net, optimizer, monkeypatch):
    start = {s.name: 0.1 + 0.05*i for i, s in enumerate(net.given)} | {"y1": 0.25, "y2": 0.75}

    def histories():
        for many in ({}, {"w1": RATES - 0.3, "w2": RATES}):
            yield bp.fit(net, {**start, **many}, optimizer=optimizer, learning_rate=RATES/20 if not many else 0.02, epochs=4,
                         backend="numpy")
    quick = list(histories())
    monkeypatch.setattr(NumpyBackend, "in_place", False)
    for ours, plain in zip(quick, histories(), strict=True):
        assert np.array_equal(ours.loss, plain.loss)
        for name, values in plain.values.items():
            assert np.array_equal(*np.broadcast_arrays(ours.values[name], values)), name


def together_and_alone(program, values, optimizer=None, **many):
    """Losses of networks that are trained together, and of the same one by one."""
    rates = np.array([0.1, 0.3])
    both = bp.fit(program, {**values, **many}, optimizer=optimizer, learning_rate=rates, epochs=4, backend="numpy").loss
    alone = [bp.fit(program, {**values, **{name: v[i] for name, v in many.items()}}, optimizer=optimizer,
                    learning_rate=rate, epochs=4).loss for i, rate in enumerate(rates)]
    return both, np.transpose(alone)


class Remembering(Optimizer):
    """Keeps the gradient before, through a function that returns its own argument."""

    coefficients = {}

    def rule(self, w, g):
        v = bp.symbol(f"v_{w.name}")
        yield v, bp.ACTIVATIONS["identity"](g)
        yield w, w - self.eta*(3*g - v)/2


ONE = {"x": 0.5, "y": 0.2, "w": 0.3, "b": 0.1}


@pytest.mark.parametrize(("program", "optimizer"), [
    (bp.dense([250, 1]), None),                                                    # a sum of more terms than may be nested
    (NET, Remembering()),                                                          # a function that returns its own argument
    (bp.Program.parse(["E = (w*x - y)**2 + b"], inputs="x", targets="y", parameters="w b", loss="E"), Remembering()),
    (bp.Program.parse(["z = w*x + z_t0", "a = sigmoid(z)", "E = (a - y)**2"], inputs="x", targets="y", parameters="w z_t0",
                      loss="E"), None),                                            # a name such as a loop makes for itself
    (bp.Program.parse(["a = identity(x) - x", "E = (a + w - y)**2"], inputs="x", targets="y", parameters="w", loss="E"), None),
], ids=["wide", "identity", "constant", "z_t0", "cancelled"])
def test_together_as_one_by_one(program, optimizer):
    values = {s.name: ONE.get(s.name, 0.01*(i % 7)) for i, s in enumerate(program.given)}
    both, alone = together_and_alone(program, values, optimizer)
    assert both == pytest.approx(alone, rel=1e-12)


def test_an_activation_with_the_name_of_a_function_of_numpy():
    bp.activation("multiply", lambda z: z/(1 + z**2))
    try:
        program = bp.Program.parse(["E = (multiply(2)*w*x - y)**2"], inputs="x", targets="y", parameters="w", loss="E")
    finally:
        del bp.ACTIVATIONS["multiply"]
    both, alone = together_and_alone(program, {"x": 0.5, "y": 0.2, "w": 0.3})
    assert both == pytest.approx(alone, rel=1e-12)


def test_a_landscape_of_a_wide_unit():
    net = bp.dense([330, 1])
    values = {s.name: 0.01*(i % 5) for i, s in enumerate(net.given)}
    axes = {"w1": np.array([0, 1.0]), "b1": np.array([0, 1.0, 2.0])}
    found, f = bp.landscape(net, values, axes), bp.lambdify(net)
    assert found[1, 2] == pytest.approx(f({**values, "w1": 1.0, "b1": 2.0})["E_total"], rel=1e-12)


def test_which_code_is_made_in_place():
    def source(**values):
        known = {**SOURCE, **bp.Adam().coefficients, "eta": 0.1, **values}
        return bp.training_source(bp.step(NET, bp.Adam()), known, backend="numpy")

    one, many, mixed = source(), source(eta=RATES), source(eta=RATES, w1=np.zeros((2, 1)))
    assert "multiply(x1, w1, out=r" in many and "registers" not in one and "registers" not in mixed
    assert "        subtract(w1, r" in many and ", out=w1)" in many                      # in the array of the old one
    plain = bp.training_source(bp.step(NET), {**SOURCE, "eta": RATES}, backend="numpy")
    assert "out=r10" in plain and "out=r11" not in plain                           # ten are enough
    assert "registers" in source(eta=RATES.astype("f"))                            # which is computed in doubles
    assert "registers" not in source(eta=RATES.astype("g"))                        # in doubles only


def test_a_landscape_in_place_changes_no_number(monkeypatch):
    axes = {"w5": np.linspace(-2, 2, 7), "w1": np.linspace(-1, 3, 5)}
    quick = bp.landscape(NET, SOURCE, axes)
    monkeypatch.setattr(NumpyBackend, "in_place", False)
    forget()
    assert "out=" not in bp.landscape_source(NET, axes)
    assert np.array_equal(quick, bp.landscape(NET, SOURCE, axes))
    forget()


def test_a_landscape_is_not_the_memory_of_its_axis():
    line = np.linspace(0, 1, 5)
    found = bp.landscape(bp.Program.parse(["a = w"]), {}, {"w": line}, of="a")
    found += 1
    assert line[0] == 0


def test_arrays_begin_where_a_cache_line_begins():
    namespace = {}
    exec("from numpy import empty, prod" + REGISTERS, namespace)
    arrays = namespace["registers"]((3, 5), 2, [1, np.ones(5)])
    assert len(arrays) == 4 and all(a.ctypes.data % 64 == 0 and a.shape == (3, 5) and a.dtype == float for a in arrays)
    assert (arrays[2] == 1).all() and (arrays[3] == 1).all()
