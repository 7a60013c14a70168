"""Slips that exchange, repeat or pile up: worked out in plain Python, printed, and recognised as one certain cause."""
import math

import pytest

import backprop_sym as bp
from backprop_sym.verify.hypothesis import Both
from backprop_sym.verify.search import Search
from tests.verify.made import audited, causes, printed, sigmoid

# ---- in one equation

GATES = """loss = "E"
targets = ["t"]
forward = {f = "sigmoid(1.1*x)", i = "sigmoid(-0.6*x)", g = "tanh(2*x)", c = "f*cp + i*g", h = "o*tanh(c)", E = "(h - t)**2/2"}
samples = [{x = "-0.8", cp = "0.35", o = "0.55", t = "0.5"}]
"""


@pytest.mark.parametrize("digits", [3, 5])
def test_two_gates_exchanged_in_one_equation(digits, tmp_path):
    c = sigmoid(0.48)*0.35 + sigmoid(-0.88)*math.tanh(-1.6)
    h = 0.55*math.tanh(c)
    figures = {"c": c, "h": h, "E": (h - 0.5)**2/2}
    assert causes(tmp_path, GATES + printed(figures, digits)) == ["f and i are exchanged in c"]


LINE = """loss = "E"
targets = ["y"]
forward = {z = "w*(x + s)", a = "z**2", E = "(a - y)**2/2"}
parameters = {w = "0.7", s = "0.3"}
samples = [{x = "1.6", y = "0.5"}]
"""


@pytest.mark.parametrize(("z", "square", "cause"), [
    (0.7*1.6 + 0.3, 2, "the brackets around x + s are left out in z"),
    (0.7*1.9, "double", "2*z is taken for its square in a"),
    (0.7*1.9*1.9, 2, "the factor (x + s) is applied twice in z")])
def test_of_one_equation(z, square, cause, tmp_path):
    a = 2*z if square == "double" else z**2
    figures = {"z": z, "a": a, "E": (a - 0.5)**2/2}
    assert causes(tmp_path, LINE + printed(figures, 4)) == [cause]


TWO_UNITS = """loss = "E"
targets = ["y1", "y2"]
forward = {z1 = "w1*x1 + w2*x2 + b1", z2 = "w3*x1 + w4*x2 + b2", E = "(z1 - y1)**2/2 + (z2 - y2)**2/2"}
parameters = {w1 = "0.2", w2 = "0.5", w3 = "-0.4", w4 = "0.3", b1 = "0.15", b2 = "-0.25"}
samples = [{x1 = "0.6", x2 = "-0.35", y1 = "0.3", y2 = "0.9"}]
"""
X, W, B, Y = (0.6, -0.35), ((0.2, 0.5), (-0.4, 0.3)), (0.15, -0.25), (0.3, 0.9)


def sums(weights):
    return [sum(w*x for w, x in zip(row, X, strict=True)) + b for row, b in zip(weights, B, strict=True)]


def test_the_weights_of_another_unit(tmp_path):
    z1, z2 = sums((W[1], W[1]))
    figures = {"z1": z1, "z2": z2, "E": (z1 - Y[0])**2/2 + (z2 - Y[1])**2/2}
    assert causes(tmp_path, TWO_UNITS + printed(figures, 5)) == ["w3 and w4 are taken for w1 and w2 in z1"]


@pytest.mark.parametrize(("factor", "cause"), [(lambda k: X[0], "the factor x1 is too much in ∂E/∂b1 and ∂E/∂b2"),
                                               (lambda k: B[k], "the factor b1 is too much in ∂E/∂b1 and "
                                                                "the factor b2 is too much in ∂E/∂b2")])
def test_a_factor_too_much_in_the_gradient_of_a_bias(factor, cause, tmp_path):
    figures = {f"d(E)/d(b{k + 1})": (z - y)*factor(k) for k, (z, y) in enumerate(zip(sums(W), Y, strict=True))}
    assert causes(tmp_path, TWO_UNITS + printed(figures, 5)) == [cause]


KEYS = """loss = "E"
forward = {k1 = "m1*x1", k2 = "m1*x2", v1 = "m2*x1", v2 = "m2*x2", s1 = "q*k1", s2 = "q*k2",
p1 = "softmax(1, s1, s2)", p2 = "softmax(2, s1, s2)", o = "p1*v1 + p2*v2", E = "o**2"}
parameters = {m1 = "0.8", m2 = "-1.3"}
samples = [{x1 = "0.9", x2 = "-0.4", q = "1.1"}]
""".replace(",\n", ", ")


def test_the_keys_for_the_values(tmp_path):
    k = 0.8*0.9, 0.8*-0.4
    share = sigmoid(1.1*(k[0] - k[1]))
    o = share*k[0] + (1 - share)*k[1]
    assert causes(tmp_path, KEYS + printed({"o": o, "E": o*o}, 5)) == ["k1 and k2 are taken for v1 and v2 in o"]


# ---- in the whole run

KERNEL = """loss = "L"
targets = ["y"]
forward = {c1 = "k11*x1 + k12*x2 + k21*x4 + k22*x5", c2 = "k11*x2 + k12*x3 + k21*x5 + k22*x6", p = "c1 - c2",
L = "(p - y)**2/2"}
parameters = {k11 = "0.2", k12 = "-0.5", k21 = "0.7", k22 = "0.4"}
samples = [{x1 = "1", x2 = "2", x3 = "-1", x4 = "0.5", x5 = "3", x6 = "1.5", y = "1"}]
training = {optimizer = "gradient_descent", learning_rate = "0.05"}
""".replace(",\nL", ", L")


def test_a_kernel_that_is_transposed_in_every_pass(tmp_path):
    x, k, text = (1, 2, -1, 0.5, 3, 1.5), [0.2, -0.5, 0.7, 0.4], KERNEL
    for after in range(3):
        turned = k[0], k[2], k[1], k[3]
        windows = [[x[i] for i in at] for at in ((0, 1, 3, 4), (1, 2, 4, 5))]
        c1, c2 = (sum(a*b for a, b in zip(turned, window, strict=True)) for window in windows)
        figures = dict(zip(("k11", "k12", "k21", "k22"), k, strict=True)) if after else {}
        text += printed({**figures, "c1": c1, "c2": c2, "L": (c1 - c2 - 1)**2/2}, 4, f"after = {after}\n")
        k = [w - 0.05*(c1 - c2 - 1)*(a - b) for w, a, b in zip(k, *windows, strict=True)]
    assert causes(tmp_path, text) == ["k12 and k21 are exchanged in c1 and c2"]


SAMPLES = """loss = "E"
targets = ["y"]
forward = {p = "w*x + b", E = "(p - y)**2/2"}
parameters = {w = "0.4", b = "0.1"}
samples = [{x = "1", y = "2"}, {x = "-0.5", y = "1"}, {x = "2", y = "-1"}]
"""
DATA = ((1, 2), (-0.5, 1), (2, -1))


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("online", [True, False])
def test_gradients_that_are_not_set_to_zero(shown, online, tmp_path):
    """One update a sample, or one for all of them; the gradient that is printed is the sum so far, or that of its pass."""
    reduce = "online" if online else "mean"
    w, b, pile, text = 0.4, 0.1, [0, 0], SAMPLES + f'training = {{optimizer = "gradient_descent", learning_rate = "0.1", ' \
        f'reduce = "{reduce}"}}\n'
    for after in range(4):
        of = [DATA[after % 3]] if online else DATA
        gradient = [sum((w*x + b - y)*(x if k == 0 else 1) for x, y in of)/len(of) for k in (0, 1)]
        pile = [p + g for p, g in zip(pile, gradient, strict=True)]
        if after:
            sample = f"sample = {after % 3 + 1}\n" if online else ""
            now = pile if shown else gradient
            text += printed({"d(E)/d(w)": now[0], "d(E)/d(b)": now[1]}, 5, f"after = {after}\n{sample}")
            text += printed({"w": w, "b": b}, 5, f"after = {after}\n")
        w, b = w - 0.1*pile[0], b - 0.1*pile[1]
    assert causes(tmp_path, text) == ["the gradients are not set to 0 between the updates: those before are added"]


@pytest.mark.parametrize("where", ["", ", in the gradient", ", in the loss"])
def test_a_mean_over_samples_that_is_divided_by_one_less(where, tmp_path):
    misses = [0.4*x + 0.1 - y for x, y in DATA]
    counts = [2 if where in ("", there) else 3 for there in (", in the gradient", ", in the loss")]
    figures = {"d(E)/d(w)": sum(m*x for m, (x, _) in zip(misses, DATA, strict=True))/counts[0],
               "d(E)/d(b)": sum(misses)/counts[0], "E": sum(m*m/2 for m in misses)/counts[1]}
    text = SAMPLES + 'training = {optimizer = "gradient_descent", learning_rate = "0.1", reduce = "mean"}\n'
    found = causes(tmp_path, text + printed(figures, 5))
    assert found == [f"the mean over the samples is divided by 2, not by 3{where}"]


# ---- no copy, no digits run together, where that says nothing

RELU = """loss = "E"
forward = {c1 = "k*x1 + b", c2 = "k*x2 + b", r1 = "relu(c1)", r2 = "relu(c2)", E = "(r1 - r2)**2"}
parameters = {k = "0.8", b = "0.35"}
samples = [{x1 = "1.5", x2 = "0.6"}]
"""


def test_no_figure_is_copied_from_one_that_is_wrong_because_of_it(tmp_path):
    figures = {"c1": 0.8*1.5, "c2": 0.8*0.6, "r1": 0.8*1.5, "r2": 0.8*0.6}
    assert causes(tmp_path, RELU + printed(figures, 3)) == ["the term b is left out of c1 and c2"]


def test_a_sum_is_no_pair_of_numbers_run_together(tmp_path):
    """0.3 + 0.0388 is 0.3388, whichever way it is written: the sign of the step says it."""
    text = 'loss = "E"\ntargets = ["y"]\nforward = {p = "w*x + b", E = "(p - y)**2/2"}\n' \
        'parameters = {w = "0.7", b = "0.3"}\nsamples = [{x = "0.2", y = "0.052"}]\n' \
        'training = {optimizer = "gradient_descent", learning_rate = "0.1"}\n' + printed({"b": 0.3388}, 4, "after = 1\n")
    (cause,) = audited(tmp_path, text).causes
    assert "run together" not in str(cause)


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_each_factor_gathered_over_the_samples(reduce, tmp_path):
    """The mean of the errors times the mean of the inputs, for the mean of the products."""
    misses, inputs, count = [0.4*x + 0.1 - y for x, y in DATA], [x for x, _ in DATA], len(DATA) if reduce == "mean" else 1
    figures = {"d(E)/d(w)": sum(misses)/count*(sum(inputs)/count), "d(E)/d(b)": sum(misses)/count}
    text = SAMPLES + f'training = {{optimizer = "gradient_descent", learning_rate = "0.1", reduce = "{reduce}"}}\n'
    after = {"w": 0.4 - 0.1*figures["d(E)/d(w)"], "b": 0.1 - 0.1*figures["d(E)/d(b)"]}
    assert causes(tmp_path, text + printed(figures, 5) + printed(after, 5, "after = 1\n")) == [
        f"the {reduce} over the samples is taken of each factor, not of the product, in the gradient"]


def test_a_slip_in_a_run_and_one_in_an_equation_together(tmp_path):
    """What is gathered over the samples is of other numbers on some rows: with the bias left out of the sum, too."""
    text = SAMPLES + 'training = {optimizer = "gradient_descent", learning_rate = "0.1", reduce = "mean"}\n'
    audited(tmp_path, text + printed({"d(E)/d(w)": 0.777}, 3))
    search = Search(bp.worked_example(tmp_path/"e.toml"))
    apart = next(h for h in search.pool.common if h.settings == {"factors": "apart"})
    left_out = next(h for h in search.pool.common if h.text == "the term b is left out of p")
    found = search.predictions.of([apart, Both((apart, left_out))])[:, 0]
    inputs = [x for x, _ in DATA]
    assert found == pytest.approx([sum(0.4*x + b - y for x, y in DATA)/3*sum(inputs)/3 for b in (0.1, 0)], rel=1e-12)
