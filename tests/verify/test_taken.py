"""Slips that take one thing for another all over a text: worked out in plain Python, printed, and recognised as one cause."""
import math

import pytest

from tests.verify.made import causes, printed, sigmoid

NET = """loss = "E"
targets = ["y"]
forward = {z1 = "w1*x1 + w2*x2 + b1", h1 = "sigmoid(z1)", z2 = "w3*x1 + w4*x2 + b2", h2 = "sigmoid(z2)",
p = "v1*h1 + v2*h2 + c", E = "(p - y)**2/2"}
parameters = {w1 = "0.3", w2 = "-0.2", w3 = "0.5", w4 = "0.4", v1 = "0.7", v2 = "-0.6", b1 = "0.1", b2 = "-0.3", c = "0.2"}
samples = [{x1 = "0.6", x2 = "-1.4", y = "1.5"}]
training = {optimizer = "gradient_descent", learning_rate = "0.4"}
""".replace(",\np", ", p")
W, V, B, C, X, Y = ((0.3, -0.2), (0.5, 0.4)), (0.7, -0.6), (0.1, -0.3), 0.2, (0.6, -1.4), 1.5


def passed(w, v, b, c):
    """(weighted sums, activations, output)"""
    z = [sum(a*x for a, x in zip(row, X, strict=True)) + e for row, e in zip(w, b, strict=True)]
    h = list(map(sigmoid, z))
    return z, h, sum(a*e for a, e in zip(v, h, strict=True)) + c


def gradients(inputs=X, outputs=None, bias=1):
    """{name: derivative of the loss}, with other inputs of the units below, or other outputs of theirs, or none of the biases."""
    _, h, p = passed(W, V, B, C)
    sums = [(p - Y)*v*a*(1 - a) for v, a in zip(V, h, strict=True)]
    found = {f"w{2*i + j + 1}": sums[i]*inputs[j] for i in range(2) for j in range(2)}
    found |= {f"v{i + 1}": (p - Y)*(outputs or h)[i] for i in range(2)}
    return found | {f"b{i + 1}": sums[i]*bias for i in range(2)} | {"c": (p - Y)*bias}


def test_the_first_input_for_the_last_and_the_last_for_the_first(tmp_path):
    figures = {f"d(E)/d({name})": g for name, g in gradients(inputs=X[::-1]).items()}
    assert causes(tmp_path, NET + printed(figures, 4)) == [
        "x2 is taken for x1 in ∂E/∂w1, x1 is taken for x2 in ∂E/∂w2, and so on in 2 more"]


def test_what_goes_into_a_unit_for_what_comes_out(tmp_path):
    figures = {f"d(E)/d({name})": g for name, g in gradients(outputs=passed(W, V, B, C)[0]).items()}
    assert causes(tmp_path, NET + printed(figures, 4)) == ["z1 is taken for h1 in ∂E/∂v1 and z2 is taken for h2 in ∂E/∂v2"]


def test_biases_that_are_taken_for_constants(tmp_path):
    figures = {f"d(E)/d({name})": g for name, g in gradients(bias=0).items()}
    (cause,) = causes(tmp_path, NET + printed(figures, 4))
    assert cause.startswith("b1 is taken for a constant, with the derivative 0, in ∂E/∂b1, b2 is taken for")


def test_the_old_weights_of_a_layer_in_the_second_pass(tmp_path):
    g = gradients()
    b, v, c = [e - 0.4*g[f"b{i + 1}"] for i, e in enumerate(B)], [e - 0.4*g[f"v{i + 1}"] for i, e in enumerate(V)], C - 0.4*g["c"]
    z, h, p = passed(W, v, b, c)
    new = {f"w{2*i + j + 1}": W[i][j] - 0.4*g[f"w{2*i + j + 1}"] for i in range(2) for j in range(2)}
    figures = {**new, "z1": z[0], "z2": z[1], "h1": h[0], "h2": h[1], "p": p, "E": (p - Y)**2/2}
    assert causes(tmp_path, NET + printed(figures, 4, "after = 1\n")) == [
        "w1 and w2 of the pass before are used in z1 and w3 and w4 of the pass before are used in z2"]


LINE = """loss = "L"
targets = ["y"]
forward = {{p = "w*x + b", L = "(p - y)**2"}}
parameters = {{w = "2", b = "0.5"}}
samples = [{{x = "1.5", y = "1"}}]
training = {{optimizer = "{name}", learning_rate = "0.05", momentum = "0.9"}}
"""


@pytest.mark.parametrize(("stated", "ahead", "cause"), [("momentum", True, "the step is that of Nesterov, ahead of the memory"),
                                                        ("nesterov", False, "the step is that of plain momentum")])
def test_one_momentum_for_the_other(stated, ahead, cause, tmp_path):
    values, memory, text = [2.0, 0.5], [0.0, 0.0], LINE.format(name=stated)
    for step in range(1, 4):
        miss = 2*(values[0]*1.5 + values[1] - 1)
        slopes = [miss*1.5, miss]
        memory = [0.9*v + g for v, g in zip(memory, slopes, strict=True)]
        steps = [g + 0.9*v if ahead else v for v, g in zip(memory, slopes, strict=True)]
        values = [a - 0.05*s for a, s in zip(values, steps, strict=True)]
        text += printed(dict(zip("wb", values, strict=True)), 5, f"after = {step}\n")
    assert causes(tmp_path, text) == [cause]


NORMALISED = """loss = "E"
forward = {{m = "(x1 + x2 + x3)/3", var = "((x1 - m)**2 + (x2 - m)**2 + (x3 - m)**2)/3", n1 = "(x1 - m)/sqrt(var + eps)",
n2 = "(x2 - m)/sqrt(var + eps)", n3 = "(x3 - m)/sqrt(var + eps)", E = "n1**2 + n2*n3"}}
samples = [{{x1 = "1.2", x2 = "-0.4", x3 = "3.1", eps = "0.1"}}]
""".format().replace(",\nn2", ", n2")


def test_what_is_added_outside_the_root(tmp_path):
    x = 1.2, -0.4, 3.1
    m = sum(x)/3
    var = sum((a - m)**2 for a in x)/3
    n = [(a - m)/(math.sqrt(var) + 0.1) for a in x]
    figures = {"m": m, "var": var, "n1": n[0], "n2": n[1], "n3": n[2], "E": n[0]**2 + n[1]*n[2]}
    assert causes(tmp_path, NORMALISED + printed(figures, 4)) == ["eps is added outside the root in n1, n2 and n3"]


RECURRENT = """loss = "L"
targets = ["y"]
forward = {a1 = "wx*x1 + wh*h0 + b", h1 = "tanh(a1)", a2 = "wx*x2 + wh*h1 + b", h2 = "tanh(a2)", a3 = "wx*x3 + wh*h2 + b",
h3 = "tanh(a3)", o = "v*h3", L = "(o - y)**2/2"}
parameters = {wx = "0.5", wh = "0.8", b = "0.1", v = "1.2"}
samples = [{x1 = "1", x2 = "-0.5", x3 = "0.8", h0 = "0", y = "1"}]
""".replace(",\nh3", ", h3")


def test_another_weight_on_the_way_back_through_time(tmp_path):
    h = [0.0]
    for x in (1, -0.5, 0.8):
        h.append(math.tanh(0.5*x + 0.8*h[-1] + 0.1))
    by_h, figures, of_wx, of_wh = (1.2*h[3] - 1)*1.2, {}, 0.0, 0.0
    for t, x in ((3, 0.8), (2, -0.5), (1, 1)):
        figures[f"d(L)/d(h{t})"] = by_h
        by_a = by_h*(1 - h[t]**2)
        of_wx, of_wh = of_wx + by_a*x, of_wh + by_a*h[t - 1]
        by_h = by_a*0.5
    figures |= {"d(L)/d(wx)": of_wx, "d(L)/d(wh)": of_wh}
    assert causes(tmp_path, RECURRENT + printed(figures, 4)) == ["wx is taken for wh in ∂L/∂h1 and ∂L/∂h2"]


@pytest.mark.parametrize(("taken", "cause"), [
    ("another", "tanh is taken for sigmoid in h1 and h2"),
    ("slope", "the derivative of tanh is taken for that of sigmoid in ∂h1/∂z1 and ∂h2/∂z2"),
    ("e", "e is taken as 2.72")])
def test_another_function(taken, cause, tmp_path):
    z, h, _ = passed(W, V, B, C)
    h = {"another": list(map(math.tanh, z)), "slope": h, "e": [1/(1 + 2.72**-s) for s in z]}[taken]
    p = V[0]*h[0] + V[1]*h[1] + C
    slopes = [a*(1 - a) if taken == "e" else 1 - a*a for a in h]
    figures = {"h1": h[0], "h2": h[1], "p": p, "E": (p - Y)**2/2,
               **{f"d(E)/d(z{i + 1})": (p - Y)*V[i]*slopes[i] for i in range(2)}}
    digits = 6 if taken == "e" else 4
    assert causes(tmp_path, NET + printed(figures, digits)) == [cause]


def test_the_mean_for_the_largest(tmp_path):
    text = 'loss = "E"\nforward = {m1 = "max(x1, x2)", m2 = "max(x3, x4)", E = "(m1 - m2)**2"}\n' \
        'samples = [{x1 = "1.3", x2 = "0.4", x3 = "-0.7", x4 = "2.2"}]\n'
    m1, m2 = 0.85, 0.75
    assert causes(tmp_path, text + printed({"m1": m1, "m2": m2, "E": (m1 - m2)**2}, 4)) == [
        "the mean is taken for the largest in m1 and m2"]


# ---- updates

def stepped(w, g, rate=0.4):
    return {name: w[name] - rate*g[name] for name in w}


START = {"w1": 0.3, "w2": -0.2, "w3": 0.5, "w4": 0.4, "v1": 0.7, "v2": -0.6, "b1": 0.1, "b2": -0.3, "c": 0.2}


@pytest.mark.parametrize(("slip", "cause"), [
    (lambda g: g | {"v1": g["v2"], "v2": g["v1"]}, "v1 and v2 are updated by the gradients of each other"),
    (lambda g: g | {"v2": g["v1"]}, "v2 is updated by the gradient of v1"),
    (lambda g: g | {"w1": g["w1"]/10, "w3": g["w3"]/10},
     "the step of w1 is a tenth as long and the step of w3 is a tenth as long"),
    (lambda g: g | {"w3": 10*g["w3"], "w4": 10*g["w4"]},
     "the step of w3 is ten times as long and the step of w4 is ten times as long"),
    (lambda g: {name: 2*a for name, a in g.items()}, "every step is twice as long")])
def test_steps_of_some_parameters(slip, cause, tmp_path):
    assert causes(tmp_path, NET + printed(stepped(START, slip(gradients())), 5, "after = 1\n")) == [cause]


def test_every_step_from_the_first_weights(tmp_path):
    w, b, text = 0.7, 0.3, 'loss = "E"\ntargets = ["y"]\nforward = {p = "w*x + b", E = "(p - y)**2/2"}\n' \
        'parameters = {w = "0.7", b = "0.3"}\nsamples = [{x = "0.8", y = "1.4"}]\n' \
        'training = {optimizer = "gradient_descent", learning_rate = "0.4"}\n'
    for after in range(1, 4):
        miss = w*0.8 + b - 1.4
        w, b = 0.7 - 0.4*miss*0.8, 0.3 - 0.4*miss
        text += printed({"w": w, "b": b}, 5, f"after = {after}\n")
    assert causes(tmp_path, text) == ["every step is taken from the first weights"]


# ---- sums, numbers, maxima

def test_the_weights_left_out_of_a_sum_over_paths(tmp_path):
    text = 'loss = "E"\ntargets = ["y1", "y2"]\nforward = {h = "w*x", r1 = "d1*h", r2 = "d2*h", ' \
        'E = "(r1 - y1)**2/2 + (r2 - y2)**2/2"}\nparameters = {w = "0.6", d1 = "0.8", d2 = "-1.3"}\n' \
        'samples = [{x = "1.5", y1 = "0.2", y2 = "0.7"}]\n'
    by_h = (0.8*0.9 - 0.2) + (-1.3*0.9 - 0.7)
    assert causes(tmp_path, text + printed({"d(E)/d(h)": by_h, "d(E)/d(w)": by_h*1.5}, 4)) == [
        "the factors d1 and d2 are left out of ∂E/∂h"]


def test_a_number_that_is_read_with_two_digits_exchanged(tmp_path):
    text = NET.replace('w4 = "0.4"', 'w4 = "0.47"')
    z, h, p = passed(((0.3, -0.2), (0.5, 0.74)), V, B, C)
    figures = {"z1": z[0], "z2": z[1], "h1": h[0], "h2": h[1], "p": p, "E": (p - Y)**2/2}
    assert causes(tmp_path, text + printed(figures, 3)) == ["w4 is read as 0.74, with two digits exchanged"]


@pytest.mark.parametrize(("share", "cause"), [(1, "the derivative is 1 for each, not for the largest alone, in ∂m1/∂c1"),
                                              (0.5, "the derivative is shared, not that of the largest alone, in ∂m1/∂c1")])
def test_the_derivative_of_the_largest(share, cause, tmp_path):
    text = 'loss = "E"\nforward = {c1 = "k*x1", c2 = "k*x2", c3 = "k*x3", c4 = "k*x4", m1 = "max(c1, c2)", m2 = "max(c3, c4)", ' \
        'E = "(m1 - m2)**2"}\nparameters = {k = "0.9"}\n' \
        'samples = [{x1 = "1.3", x2 = "0.4", x3 = "-0.7", x4 = "2.2"}]\n'
    by_m = 2*0.9*(1.3 - 2.2)
    figures = {"d(E)/d(c1)": share*by_m, "d(E)/d(c2)": share*by_m, "d(E)/d(c3)": -share*by_m, "d(E)/d(c4)": -share*by_m,
               "d(E)/d(k)": share*by_m*(1.3 + 0.4 + 0.7 - 2.2)}
    (found,) = causes(tmp_path, text + printed(figures, 4))
    assert found.startswith(cause)


# ---- states, inputs, and what only looks alike

def test_the_states_of_the_pass_before(tmp_path):
    """What is computed of the units below is that of the first pass: in the first pass there is none before."""
    g = gradients()
    new = stepped(START, g, 0.4)
    _, h, p = passed(W, V, B, C)
    figures = {"h1": h[0], "h2": h[1], "p": p}
    later = new["v1"]*h[0] + new["v2"]*h[1] + new["c"]
    text = NET + printed(figures, 5) + printed({**new, "p": later, "E": (later - Y)**2/2}, 5, "after = 1\n")
    assert causes(tmp_path, text) == ["h1 and h2 of the pass before are used in p"]


def test_an_earlier_state_for_the_last(tmp_path):
    h = [0.0]
    for x in (1, -0.5, 0.8):
        h.append(math.tanh(0.5*x + 0.8*(h[-1] if len(h) < 3 else h[1]) + 0.1))
    figures = {"h1": h[1], "h2": h[2], "h3": h[3], "o": 1.2*h[3], "L": (1.2*h[3] - 1)**2/2}
    assert causes(tmp_path, RECURRENT + printed(figures, 4)) == ["h1 is taken for h2 in a3"]


def test_the_inputs_for_the_hidden_units(tmp_path):
    figures = {f"d(E)/d({name})": g for name, g in gradients(outputs=list(X)).items()}
    assert causes(tmp_path, NET + printed(figures, 4)) == ["x1 is taken for h1 in ∂E/∂v1 and x2 is taken for h2 in ∂E/∂v2"]


def test_sums_for_activations_in_the_next_sum(tmp_path):
    z, h, _ = passed(W, V, B, C)
    p = V[0]*z[0] + V[1]*z[1] + C
    figures = {"z1": z[0], "z2": z[1], "h1": h[0], "h2": h[1], "p": p, "E": (p - Y)**2/2}
    assert causes(tmp_path, NET + printed(figures, 4)) == ["z1 and z2 are taken for h1 and h2 in p"]


ADAM = """loss = "L"
targets = ["y"]
forward = {p = "w*x + b", L = "(p - y)**2"}
parameters = {w = "2", b = "0.5"}
samples = [{x = "1.5", y = "1"}]
training = {optimizer = "adam", learning_rate = "0.05", beta1 = "0.9", beta2 = "0.99"}
"""


def test_two_slips_that_are_one_number_with_these_coefficients_are_both_named(tmp_path):
    """0.1/sqrt(0.01) is 1: without its corrections Adam takes the steps of the first correction, again and again."""
    values, memory, text = [2.0, 0.5], [(0.0, 0.0)]*2, ADAM
    for step in range(1, 4):
        miss = 2*(values[0]*1.5 + values[1] - 1)
        slopes = [miss*1.5, miss]
        memory = [(0.9*m + 0.1*g, 0.99*s + 0.01*g*g) for (m, s), g in zip(memory, slopes, strict=True)]
        values = [a - 0.05*m/(math.sqrt(s) + 1e-8) for a, (m, s) in zip(values, memory, strict=True)]
        text += printed(dict(zip("wb", values, strict=True)), 5, f"after = {step}\n")
    (cause,) = causes(tmp_path, text)
    assert "the bias correction is left out" in cause and "is that of the first step in every step" in cause


def test_a_figure_that_does_not_say_of_which_sample_it_is(tmp_path):
    text = 'loss = "E"\ntargets = ["y"]\nforward = {z = "w*x + b", p = "sigmoid(z)", E = "(p - y)**2/2"}\n' \
        'parameters = {w = "0.5", b = "0.1"}\nsamples = [{x = "2", y = "1"}, {x = "1", y = "0"}]\n'
    assert causes(tmp_path, text + printed({"p": sigmoid(1.1)}, 3)) == ["the value of sample 1 is printed"]
