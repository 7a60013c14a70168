"""Slips that take what stands beside: worked out in plain Python, printed, and recognised."""
import math

import pytest

from tests.verify.made import audited, causes, sigmoid


def printed(numbers, digits):
    return ", ".join(f'"{name}" = "{value:.{digits}f}"' for name, value in numbers.items())


ATTENTION = """loss = "E"
forward = {{s11 = "q1*k1", s12 = "q1*k2", s21 = "q2*k1", s22 = "q2*k2",
p11 = "softmax(1, s11, s12)", p12 = "softmax(2, s11, s12)", p21 = "softmax(1, s21, s22)", p22 = "softmax(2, s21, s22)",
o1 = "p11*v1 + p12*v2", o2 = "p21*v1 + p22*v2", E = "o1**2 + o2**2"}}
samples = [{{q1 = "0.5", q2 = "-0.8", k1 = "1.2", k2 = "0.3", v1 = "0.7", v2 = "-1.2"}}]
[[figures]]
printed = {{{figures}}}
""".replace(",\n", ", ")


@pytest.mark.parametrize("digits", [2, 5])
def test_softmax_over_the_other_axis_is_one_cause(digits, tmp_path):
    q, k, v = (0.5, -0.8), (1.2, 0.3), (0.7, -1.2)
    exps = [[math.exp(a*b) for b in k] for a in q]
    p = [[exps[i][j]/(exps[0][j] + exps[1][j]) for j in range(2)] for i in range(2)]
    o = [sum(a*b for a, b in zip(row, v, strict=True)) for row in p]
    figures = {f"p{i + 1}{j + 1}": p[i][j] for i in range(2) for j in range(2)} | {"o1": o[0], "o2": o[1], "E": o[0]**2 + o[1]**2}
    assert causes(tmp_path, ATTENTION.format(figures=printed(figures, digits))) == [
        "softmax is taken over the other axis in p11, p12, p21 and p22"]


W, U, V, XS, T = 0.5, 0.7, 1.3, (1, 0.5, -0.8), 0.4
RECURRENT = f"""loss = "L"
targets = ["t"]
forward = {{{{h1 = "tanh(W*x1)", h2 = "tanh(W*x2 + U*h1)", h3 = "tanh(W*x3 + U*h2)", yhat = "V*h3", L = "(yhat - t)**2/2"}}}}
parameters = {{{{W = "{W}", U = "{U}", V = "{V}"}}}}
samples = [{{{{x1 = "1", x2 = "0.5", x3 = "-0.8", t = "{T}"}}}}]
[[figures]]
printed = {{{{h3 = "{{h3:.6f}}", "d(L)/d(W)" = "{{of_w:.6f}}", "d(L)/d(U)" = "{{of_u:.6f}}"}}}}
"""


def through_time(shift=0, own=False, share=1):
    """The text with the input of another step in the derivative by W, with the state of the same step in that by U, or with a
    share of both.
    """
    h = [0.0]
    for x in XS:
        h.append(math.tanh(W*x + U*h[-1]))
    delta, of_w, of_u = (V*h[3] - T)*V, 0.0, 0.0
    for k in (3, 2, 1):
        inner = delta*(1 - h[k]**2)
        of_w += inner*(XS[k - 1 + shift] if 0 <= k - 1 + shift < 3 else 0)
        of_u += inner*((h[k] if k > 1 else 0) if own else h[k - 1])
        delta = inner*U
    return RECURRENT.format(h3=h[3], of_w=share*of_w, of_u=share*of_u)


@pytest.mark.parametrize(("slip", "cause"), [
    ({}, None),
    ({"share": 1/3}, "the mean over 3 paths is taken for their sum in ∂L/∂W and ∂L/∂U"),
    ({"own": True}, "the output of the unit stands for its input in ∂L/∂U"),
    ({"shift": -1}, "the input of the step before is taken in every term in ∂L/∂W"),
    ({"shift": 1}, "the input of the step after is taken in every term in ∂L/∂W")])
def test_another_step_in_a_sum_over_time(slip, cause, tmp_path):
    assert causes(tmp_path, through_time(**slip)) == ([cause] if cause else [])


DENSE = """loss = "E"
targets = ["y"]
forward = {{z1 = "w11*x1 + w12*x2 + b1", a1 = "sigmoid(z1)", z2 = "w21*x1 + w22*x2 + b2", a2 = "sigmoid(z2)",
yhat = "v1*a1 + v2*a2 + c", E = "(yhat - y)**2/2 + 0.05*(w11**2 + w12**2 + w21**2 + w22**2 + v1**2 + v2**2)"}}
parameters = {{w11 = "0.2", w12 = "0.5", w21 = "-0.4", w22 = "0.3", v1 = "0.7", v2 = "-0.6", b1 = "0.1", b2 = "0.25", c = "-0.3"}}
samples = [{{x1 = "0.6", x2 = "-0.3", y = "0.3"}}]
[[figures]]
printed = {{{figures}}}
""".replace(",\n", ", ")
WEIGHTS, BIASES, OUT, LAST, X, Y = ((0.2, 0.5), (-0.4, 0.3)), (0.1, 0.25), (0.7, -0.6), -0.3, (0.6, -0.3), 0.3


def backward():
    """(activations, derivative by yhat, derivatives by the weighted sums)"""
    a = [sigmoid(sum(w*x for w, x in zip(row, X, strict=True)) + b) for row, b in zip(WEIGHTS, BIASES, strict=True)]
    miss = sum(v*s for v, s in zip(OUT, a, strict=True)) + LAST - Y
    return a, miss, [miss*v*s*(1 - s) for v, s in zip(OUT, a, strict=True)]


def test_a_penalty_that_is_put_on_biases_too(tmp_path):
    _, miss, sums = backward()
    figures = {"d(E)/d(c)": miss + 0.1*LAST} | {f"d(E)/d(b{i + 1})": sums[i] + 0.1*BIASES[i] for i in range(2)}
    assert causes(tmp_path, DENSE.format(figures=printed(figures, 5))) == [
        "the parameter is penalised too, as others are, in ∂E/∂b1, ∂E/∂b2 and ∂E/∂c"]


def test_the_output_of_a_unit_for_its_input(tmp_path):
    a, _, sums = backward()
    figures = {f"d(E)/d(w{i + 1}{j + 1})": sums[i]*a[i] for i in range(2) for j in range(2)}
    text = DENSE.format(figures=printed(figures, 5)).replace(" + 0.05*(w11**2 + w12**2 + w21**2 + w22**2 + v1**2 + v2**2)", "")
    assert causes(tmp_path, text) == ["the output of the unit stands for its input in ∂E/∂w11, ∂E/∂w12, ∂E/∂w21 and ∂E/∂w22"]


TWICE = """loss = "E"
targets = ["y"]
forward = {z = "w*x", a = "sigmoid(z)", E = "(v*a - y)**2"}
parameters = {w = "0.5", v = "0.7"}
samples = [{x = "1", y = "0"}]
[[figures]]
quantity = "d(E)/d(v)"
printed = "0.123456"
[[figures]]
quantity = "d(E)/d(w)"
printed = "0.123456"
"""


def test_two_wrong_figures_are_not_copied_from_each_other(tmp_path):
    copied = [row.quantity for row in audited(tmp_path, TWICE)
              if row.verdict == "wrong" and "is copied" in str(row.cause)]
    assert len(copied) <= 1
