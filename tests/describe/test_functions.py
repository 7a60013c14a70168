"""The tables of activations and losses: every row against mpmath and SymPy, at the far ends and at the kinks."""
import warnings

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.compute.plan.sharing import written_out
from backprop_sym.describe.algebra import minus, times
from backprop_sym.describe.functions import ACTIVATIONS
from backprop_sym.describe.losses import LOSSES
from backprop_sym.describe.names import Partial
from tests.compute.test_training import OPTIMIZERS, hand
from tests.oracles import MPMATH, MPMATH_LOSSES, numbers, output_for, softmax, substituted, targets_for

BACKENDS = ["python", "numpy", "mpmath"]
ENDS = (-1000, -709.8, -355, -37, -20, -5, -0.3, 0, 0.3, 5, 20, 37, 355, 709.8, 1000)
KINKED = {"relu": 0, "leaky_relu": mpmath.mpf(1)/100}


def test_every_function_has_an_oracle():
    assert set(MPMATH) | {"softmax"} == set(ACTIVATIONS) and set(MPMATH_LOSSES) == set(LOSSES)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", sorted(MPMATH))
@pytest.mark.parametrize("z", ENDS)
def test_activations_far_out(name, backend, z):
    """Value and derivative, relative to mpmath at 500 digits; warnings are errors."""
    program = bp.Program.parse([f"a = {name}(z)"])
    program += bp.reverse(program, of="a", wrt=["z"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = bp.lambdify(program, backend)({"z": z})
    with mpmath.workdps(500):
        x, h = mpmath.mpf(z), mpmath.mpf(10)**-150
        value = MPMATH[name](x)
        slope = (1 if x > 0 else KINKED[name]) if name in KINKED else (MPMATH[name](x + h) - MPMATH[name](x - h))/(2*h)
    # e^(-z^2/2) has an error of z^2/2 units, and the slopes of gelu and silu a zero
    rel = 4e-15 if not name.startswith(("gelu", "silu")) else 1e-12
    for got, expected in ((found["a"], value), (found["d(a)/d(z)"], slope)):
        assert float(got) == pytest.approx(float(expected), rel=rel, abs=1e-300)


FOLDED = sorted(name for name, function in ACTIVATIONS.items() if function.rule.folded)


@pytest.mark.parametrize("name", FOLDED)
def test_folded_forms_far_out(name):
    """By one exponential function that may overflow: value and derivative keep all digits on both sides, and nan stays nan."""
    program = bp.Program.parse([f"a = {name}(z)"])
    folded = written_out(program + bp.reverse(program, of="a", wrt=["z"]), folded=True)
    found = bp.lambdify(folded, "numpy")({"z": list(ENDS)})
    with mpmath.workdps(500):
        h = mpmath.mpf(10)**-150
        wanted = {"a": [MPMATH[name](mpmath.mpf(z)) for z in ENDS],
                  "d(a)/d(z)": [(MPMATH[name](mpmath.mpf(z) + h) - MPMATH[name](mpmath.mpf(z) - h))/(2*h) for z in ENDS]}
    for quantity, values in wanted.items():
        assert found[quantity].tolist() == pytest.approx([float(v) for v in values], rel=4e-15, abs=1e-300)
    compute = bp.lambdify(folded, "numpy").compute
    assert all(x != x for x in compute(float("nan"))[-2:])


@pytest.mark.parametrize("name", sorted(MPMATH))
def test_the_forms_of_an_activation_agree_with_sympy(name):
    """Definition, derivative as shown, and value and derivative in each form that is computed: one function, to 30 digits."""
    rule, z = ACTIVATIONS[name].rule, sp.Symbol("z", real=True)
    definition = rule.definition(z)
    for point in (sp.Rational(-7, 3), sp.Rational(-1, 5), sp.Rational(1, 3), sp.Rational(11, 4)):
        at = {z: point}
        derivative = definition.diff(z).xreplace(at).evalf(40)
        for form in (rule.slope(z, definition), rule.stable_slope(z), *([rule.folded_slope(z)] if rule.folded else [])):
            written = form.replace(lambda x: hasattr(x, "definition"), lambda x: x.definition)
            assert abs(written.xreplace(at).evalf(40) - derivative) < 1e-30
        for form in (rule.stable(z), *([rule.folded(z)] if rule.folded else [])):
            assert abs(form.xreplace(at).rewrite(sp.log).evalf(40) - definition.xreplace(at).evalf(40)) < 1e-30


@pytest.mark.parametrize(("name", "left", "right"), [("relu", 0, 1), ("leaky_relu", 0.01, 1)])
@pytest.mark.parametrize("backend", BACKENDS)
def test_kinks_of_activations(name, left, right, backend):
    program = bp.Program.parse([f"a = {name}(z)"])
    f = bp.lambdify(program + bp.reverse(program, of="a", wrt=["z"]), backend)
    assert [float(f({"z": z})["d(a)/d(z)"]) for z in (-1e-9, 0, 1e-9)] == [left, left, right]
    as_shown = [ACTIVATIONS[name].rule.slope(sp.Rational(z), None) for z in ("-1e-9", "0", "1e-9")]
    assert [float(slope) for slope in as_shown] == [left, left, right]


@pytest.mark.parametrize("backend", BACKENDS)
def test_kinks_of_losses(backend):
    hinge = bp.dense([1, 1], "identity", "hinge", bias=None)
    f = bp.lambdify(hinge + bp.reverse(hinge), backend)
    assert [float(f({"x1": 1, "y1": 1, "w1": w})["d(E_total)/d(w1)"]) for w in (0.999, 1, 1.001)] == [-1, 0, 0]
    huber = bp.dense([1, 1], "identity", "huber", bias=None)
    f = bp.lambdify(huber + bp.reverse(huber), backend)
    assert [float(f({"x1": 1, "y1": 0, "w1": w})["d(E_total)/d(w1)"]) for w in (-3, -1, 0.5, 1, 7)] == [-1, -1, 0.5, 1, 1]
    f = bp.lambdify(bp.reverse(bp.Program.parse(["m = abs(w)"]), of="m", wrt=["w"]), backend)
    assert [float(f({"w": w})["d(m)/d(w)"]) for w in (-2, 0, 3)] == [-1, 0, 1]


# ---- softmax

@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sums", [(0.2, -1.3, 0.7), (1000, -1000, 999), (-1000, -1000.5, -1002), (0, 0, 0), (40, 0, -3)])
def test_softmax(backend, sums):
    """Shares and their nine derivatives against mpmath at 60 digits, far out too."""
    lines = [f"p{k} = softmax({k}, z1, z2, z3)" for k in (1, 2, 3)]
    program = bp.Program.parse(lines)
    for k in (1, 2, 3):
        program += bp.reverse(program, of=f"p{k}", wrt=["z1", "z2", "z3"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = bp.lambdify(program, backend)(dict(zip(("z1", "z2", "z3"), sums, strict=True)))
    with mpmath.workdps(60):
        p = softmax([mpmath.mpf(z) for z in sums])
        for k in range(3):
            assert float(found[f"p{k + 1}"]) == pytest.approx(float(p[k]), rel=1e-15, abs=1e-300)
            for i in range(3):
                others = sum(p[j] for j in range(3) if j != k)
                expected = p[k]*others if i == k else -p[k]*p[i]
                assert float(found[f"d(p{k + 1})/d(z{i + 1})"]) == pytest.approx(float(expected), rel=1e-15, abs=1e-300)


def test_one_softmax_is_computed_at_once():
    net = bp.dense([1, 3], "softmax", "cross_entropy")
    assert "yhat1, yhat2, yhat3 = softmax_3(z1, z2, z3)" in bp.lambdify(net).source
    swapped = bp.Program.parse(["b = softmax(2, u, v)", "again = softmax(2, u, v)", "c = b + softmax(1, u, v)"])
    found = bp.lambdify(swapped)({"u": 0, "v": 1})
    assert found["again"] == found["b"] == pytest.approx(0.7310585786300049, rel=1e-15) and found["c"] == 1


def test_softmax_of_a_kind_that_is_none():
    z1, z2 = sp.symbols("z1 z2")
    for call in (lambda: bp.softmax(3, z1, z2), lambda: bp.softmax(z1, z2), lambda: bp.Program.parse(["p = softmax(0, z1)"])):
        with pytest.raises(ValueError, match="softmax: expected first which one"):
            call()
    with pytest.raises(ValueError, match="at least 2 units"):
        bp.dense([2, 1], activation="softmax")


def test_softmax_and_cross_entropy_cancel_to_p_minus_y():
    net = bp.dense([2, 3], "softmax", "cross_entropy")
    ys, ps = net.targets, sp.symbols("yhat1:4")
    for k in range(3):
        derived = sp.expand(bp.chain(net, f"z{k + 1}").expression)
        assert sp.expand(derived - (sum(ys)*ps[k] - ys[k])) == 0          # p - y, for the targets add up to 1
    logits = bp.dense([2, 3], "identity", "cross_entropy_with_logits")
    assert str(bp.reverse(logits)["d(E_total)/d(yhat2)"]).endswith("= softmax(2, yhat1, yhat2, yhat3) - y2")


# ---- losses

@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("backend", BACKENDS)
def test_losses(loss, backend):
    ys = {"hinge": (1, -1)}.get(loss, (0.25, 0.75))
    for ps in ((0.4, 0.7), (0.01, 0.96), *([] if LOSSES[loss].allowed == sp.Interval(0, 1) else [(3, -4), (-2.5, 0.8)])):
        values = {"y1": ys[0], "y2": ys[1], "p1": ps[0], "p2": ps[1]}
        program = bp.Program([bp.Equation("E", LOSSES[loss](sp.symbols("y1:3"), sp.symbols("p1:3")))])
        with mpmath.workdps(40):
            expected = MPMATH_LOSSES[loss]([mpmath.mpf(y) for y in ys], [mpmath.mpf(p) for p in ps])
        assert float(bp.lambdify(program, backend)(values)["E"]) == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("loss", [loss for loss in sorted(LOSSES) if loss.endswith("logits")])
@pytest.mark.parametrize("z", [-1000, -37, 0, 37, 1000])
def test_losses_of_logits_far_out(loss, backend, z):
    net = bp.dense([1, 2], "identity", loss, bias=None)
    values = {"x1": 1, "w1": z, "w2": -z, "y1": 1, "y2": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = bp.lambdify(net + bp.reverse(net), backend)(values)
    with mpmath.workdps(2000):
        zs = [mpmath.mpf(z), mpmath.mpf(-z)]
        ps = softmax(zs) if loss.startswith("cross") else [1/(1 + mpmath.exp(-v)) for v in zs]
        expected = MPMATH_LOSSES[loss]([1, 0], zs)
        gradient = [ps[0] - 1, ps[1]]
    assert float(found["E_total"]) == pytest.approx(float(expected), rel=1e-14, abs=1e-12)
    for k in range(2):
        assert float(found[f"d(E_total)/d(w{k + 1})"]) == pytest.approx(float(gradient[k]), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", sorted(MPMATH))
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_every_activation_with_every_loss(activation, loss, data):
    """One step of a random network by every optimizer against sympy.diff of the substituted loss, and the optimizer by hand."""
    net = bp.dense([1, 2, 2], [activation, output_for(loss, "identity")], loss)
    drawn = {s.name: data.draw(numbers) for s in net.given}
    values = {**drawn, **dict(zip(("y1", "y2"), data.draw(targets_for(loss)), strict=True))}
    p = data.draw(st.sampled_from(net.parameters))
    derivative = sp.lambdify(net.given, substituted(net).diff(p), "mpmath")
    with mpmath.workdps(40):
        expected = float(derivative(*(mpmath.mpf(values[s.name]) for s in net.given)))
    found = bp.lambdify(net + bp.reverse(net))(values)
    scale = max(abs(expected), *(abs(v) for name, v in found.items() if name.startswith("d(")), 1e-6)
    assert found[Partial(net.loss, p)] == pytest.approx(expected, rel=1e-11, abs=1e-13*scale)
    if abs(expected) > 1e-6*scale:
        for name, optimizer in {**OPTIMIZERS, "gradient_descent": bp.GradientDescent()}.items():
            history = bp.fit(net, values, optimizer=optimizer, learning_rate=0.1, epochs=1)
            decay = 1 - 0.1*0.01 if name == "adamw" else 1
            move = 0.1*expected if name == "gradient_descent" else hand(name, expected, {}, 1, 0.1)
            assert history.values[p.name][1] == pytest.approx(values[p.name]*decay - move, rel=1e-9, abs=1e-9)


# ---- what a reader adds

def test_a_readers_own_activation():
    bp.activation("swish2", lambda z: z*bp.sigmoid(2*z))
    try:
        net = bp.dense([1, 1], activation="swish2")
        found = bp.lambdify(net + bp.reverse(net))({"x1": 0.7, "y1": 0.2, "w1": -1.3, "b1": 0.4})
        h, values = 1e-6, {"x1": 0.7, "y1": 0.2, "b1": 0.4}
        up, down = (bp.lambdify(net)({**values, "w1": -1.3 + s})["E_total"] for s in (h, -h))
        assert found["d(E_total)/d(w1)"] == pytest.approx((up - down)/(2*h), rel=1e-8)
    finally:
        del ACTIVATIONS["swish2"]


@pytest.fixture
def table():
    """The table of activations, which is as before when the test is over."""
    before = dict(ACTIVATIONS)
    yield ACTIVATIONS
    ACTIVATIONS.clear()
    ACTIVATIONS.update(before)


@pytest.mark.parametrize(("definition", "error", "word"), [
    (lambda z: z*sp.Symbol("q"), ValueError, "q"), (lambda z: "z", TypeError, "expression"),
    (lambda z: sp.Integer(1), ValueError, "that z is in, got 1"), (lambda z: z - z, ValueError, "that z is in, got 0"),
    *((lambda z, odd=odd: z + odd(z), ValueError, "got " + word) for odd, word in (
        (sp.atan, "atan"), (sp.sinh, "sinh"), (sp.gamma, "gamma"), (sp.re, "re"), (sp.Function("f"), "f"),
        (lambda z: sp.GoldenRatio*z, "GoldenRatio"), (lambda z: z*sp.I, "I"), (lambda z: sp.Sum(z, (z, 1, 3)), "Sum"),
        (lambda z: sp.Derivative(sp.exp(z), z), "Derivative")))])
@pytest.mark.parametrize("form", ["definition", "slope", "stable", "stable_slope"])
def test_an_activation_that_is_none(definition, error, word, form, table):
    if form != "definition" and "that z is in" in word:
        pytest.skip("a constant is a derivative")
    forms = {"definition": lambda z: z, form: lambda z, *a: definition(z)}
    with pytest.raises(error, match=f"activation 'odd': {form}: .*{word}"):
        bp.activation("odd", **forms)
    assert "odd" not in table


# What SymPy calls otherwise, and at a kink differentiates otherwise: the function and its derivative as floats.
EVERYDAY = {
    "softsign": (lambda z: z/(1 + sp.Abs(z)), lambda z: z/(1 + abs(z)), lambda z: 1/(1 + abs(z))**2),
    "hard_tanh": (lambda z: sp.Max(-1, sp.Min(1, z)), lambda z: max(-1, min(1, z)), lambda z: float(-1 < z < 1)),
    "gate": (lambda z: z*sp.Heaviside(z), lambda z: z*(z >= 0), lambda z: float(z >= 0)),
    "signed": (lambda z: sp.sign(z)*z**2, lambda z: z*abs(z), lambda z: 2*abs(z)),
    "tangent": (lambda z: sp.tan(z/9), lambda z: float(mpmath.tan(z/9)), lambda z: float(mpmath.sec(z/9)**2/9)),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", EVERYDAY)
def test_what_sympy_calls_otherwise(name, backend, table):
    definition, value, slope = EVERYDAY[name]
    bp.activation(name, definition)
    net = bp.Program.parse([f"a = {name}(w*x)", "E = a**2"], inputs="x", parameters="w", loss="E")
    f = bp.lambdify(net + bp.reverse(net), backend)
    curve = bp.lambdify(bp.hessian_vector(net), backend)
    for w in (-7.3, -0.4, 0.3, 2.5):
        found = f({"w": w, "x": 1})
        assert float(found["a"]) == pytest.approx(value(w), rel=1e-13)
        assert float(found["d(E)/d(w)"]) == pytest.approx(2*value(w)*slope(w), rel=1e-13)
        h = 1e-5                                       # and so the derivative of the derivative
        wanted = (value(w + h)*slope(w + h) - value(w - h)*slope(w - h))/h
        assert float(list(curve({"w": w, "x": 1, "u_w": 1}).values())[-1]) == pytest.approx(wanted, rel=1e-6)
    arrays = bp.dense([2, 2], name, form="matrix")
    history = bp.fit(arrays, bp.start(arrays, seed=1), {"X": [[1, 2], [0.5, -1]], "Y": [[1, 0], [0, 1]]}, epochs=3)
    assert history.loss[-1] <= history.loss[0]


WRONG = {"slope": lambda z, a: 3*a/z, "stable": lambda z: z**3, "stable_slope": lambda z: 2*z + sp.Rational(1, 10**6)}


@pytest.mark.parametrize("form", WRONG)
def test_a_form_that_is_another_function_is_refused(form, table):
    """Of z**2; one that is the same function in other words is none."""
    with pytest.raises(ValueError, match=f"activation 'squared': {form}: expected .*definition, at z = .* it is .*, got "):
        bp.activation("squared", lambda z: z**2, **{form: WRONG[form]})
    assert "squared" not in table
    bp.activation("squared", lambda z: z**2, slope=lambda z, a: 2*a/z, stable=lambda z: sp.Abs(z)**2,
                  stable_slope=lambda z: z + z)
    bp.activation("planted", lambda z: z**2, **{form: WRONG[form]}, checked=False)


@pytest.mark.parametrize("name", sorted(set(MPMATH)))
def test_the_forms_of_the_table_are_what_a_reader_may_give(name, table):
    rule = table[name].rule
    if table[name].nargs == sp.FiniteSet(1) and rule.slope:
        mine = bp.activation("mine", rule.definition, slope=rule.slope, stable=rule.stable, stable_slope=rule.stable_slope)
        program = bp.Program.parse(["a = mine(z)", f"b = {name}(z)"])
        assert mine is table["mine"] and len(set(bp.lambdify(program)({"z": 0.7}).values())) == 1


@pytest.mark.parametrize("name", [*sorted(MPMATH), "softmax", "exp", "max"])
def test_the_name_of_a_function_of_the_package_stays_what_it_is(name):
    before = dict(ACTIVATIONS)
    with pytest.raises(ValueError, match=f"the name '{name}' is that of another function"):
        bp.activation(name, lambda z: z + 1)
    assert before == ACTIVATIONS


def test_a_name_means_one_function(table):
    """A cell may run twice, and the forms may change; another function takes another name."""
    for stable in (None, lambda z: z*z):
        bp.activation("mine", lambda z: z**2, stable=stable)
    with pytest.raises(ValueError, match=r"'mine' is that .* with another definition, z\*\*2: .* del bp.ACTIVATIONS"):
        bp.activation("mine", lambda z: z**3)
    del bp.ACTIVATIONS["mine"]
    assert bp.activation("mine", lambda z: z**3) is table["mine"]


def test_a_product_made_without_asking_is_the_product():
    a, b = sp.symbols("a b")
    for x, y in ((a, b), (b, a), (a, a), (a, Partial(a, b)), (a, 2*b), (sp.Integer(3), a), (a*b, a + b)):
        assert times(x, y) == x*y and times(x, y).args == (x*y).args


def test_a_difference_made_without_asking_is_the_difference():
    a, b, c = sp.symbols("a b c")
    partial = Partial(a, b)
    for x, y in ((a, b*c), (c, a*b), (a, a*b), (partial, a*b), (b, c*partial), (a, 2*b), (a, a**2), (a + b, b*c), (a*b, a*b)):
        assert minus(x, y) == x - y and minus(x, y).args == (x - y).args and hash(minus(x, y)) == hash(x - y)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: LOSSES["huber"](sp.symbols("y1:3"), sp.symbols("p1:4")), ["huber", "2 and 3"]),
    (lambda: bp.dense([2, 1], "identity", "cross_entropy_with_logits"), ["at least 2", "binary_cross_entropy_with_logits"]),
    (lambda: bp.dense([2, 1], "sigmoid", "cross_entropy"), ["at least 2", "binary_cross_entropy"]),
    (lambda: bp.dense([2, 1], "sigmoid", "crossentropy"), ["crossentropy", "'cross_entropy'"]),
    (lambda: bp.dense([2, 1], "sigmoidd"), ["'sigmoidd'", "'sigmoid'"]),
    (lambda: bp.dense([2, 1], bias="neurons"), ["'neurons'", "'neuron'"]),
])
def test_what_cannot_be(call, words):
    with pytest.raises(ValueError) as error:
        call()
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize(("loss", "y1", "y2", "words"), [
    ("binary_cross_entropy", 0.2, 1.5, ["y2", "from 0 to 1", "1.5"]),
    ("binary_cross_entropy", "-0.1", 1, ["y1", "from 0 to 1"]),
    ("cross_entropy", 0.5, 0.6, ["y1 + y2", "expected 1"]),
    ("hinge", 1, 0, ["y2", "-1 or 1", "0"]),
])
def test_a_target_outside_the_domain(loss, y1, y2, words):
    net = bp.dense([1, 2], output_for(loss, "tanh"), loss)
    values = {**{s.name: 0.1 for s in net.given}, "y1": y1, "y2": y2}
    start = {k: v for k, v in values.items() if k[0] in "wb"}
    sample = {k: v for k, v in values.items() if k[0] in "xy"}
    for call in (lambda: net.evaluate(values), lambda: bp.lambdify(net)(values), lambda: bp.fit(net, values, epochs=1),
                 lambda: bp.fit(net, start, [sample], epochs=1), lambda: bp.gradcheck(net, values)):
        with pytest.raises(ValueError) as error:
            call()
        assert all(word in str(error.value) for word in words), str(error.value)


def test_a_target_inside_the_domain_up_to_rounding():
    net = bp.dense([1, 3], "softmax", "cross_entropy")
    assert net.evaluate({**{s.name: 0.1 for s in net.given}, "y1": 0.1, "y2": 0.2, "y3": 1 - 0.1 - 0.2})["E_total"] > 0
