"""Figures that are right and written down wrongly; logarithms, angles and constants that are others."""
import math

import pytest

import backprop_sym as bp
from tests.verify.made import audited


def causes(folder, text):
    return [str(row.cause) for row in audited(folder, text) if row.verdict == "wrong"]


LINE = """loss = "L"
targets = ["y"]
forward = {{z = "w*x + b", a = "sigmoid(z)", L = "(a - y)**2"}}
parameters = {{w = "0.7", b = "0.35"}}
samples = [{{x = "1.3", y = "1"}}]
[[figures]]
printed = {{z = "{z}", a = "{a}", L = "{L}"}}
"""
Z = 0.7*1.3 + 0.35
A = 1/(1 + math.exp(-Z))
RIGHT = {"z": f"{Z:.6f}", "a": f"{A:.6f}", "L": f"{(A - 1)**2:.6f}"}


def test_two_digits_are_exchanged(tmp_path):
    a = RIGHT["a"]                                      # 0.779131
    text = LINE.format(**RIGHT | {"a": a[:3] + a[4] + a[3] + a[5:]})
    assert causes(tmp_path, text) == ["two neighbouring digits are exchanged"]


def test_zeros_stand_for_digits(tmp_path):
    text = LINE.format(**RIGHT | {"a": f"{A:.2f}0000", "L": f"{(A - 1)**2:.2f}0000"})
    assert all(cause.startswith("it is rounded to 2 decimals, and filled up with zeros") for cause in causes(tmp_path, text))


def test_what_follows_from_a_misprint_is_inherited(tmp_path):
    a = float("0.791731")
    text = LINE.format(**RIGHT | {"a": f"{a:.6f}", "L": f"{(a - 1)**2:.6f}"})
    assert causes(tmp_path, text)[1] == "inherited: follows from the printed a"


ONE = """loss = "L"
forward = {{{forward}}}
samples = [{{{samples}}}]
[[figures]]
printed = {{{figures}}}
"""


@pytest.mark.parametrize(("forward", "samples", "figures", "cause"), [
    ('L = "-log(p)", M = "-log(q)"', 'p = "0.3", q = "0.45"', {"L": -math.log2(0.3), "M": -math.log2(0.45)},
     "log2 is taken for ln in L and M"),
    ('L = "sin(p)", M = "cos(p)"', 'p = "2"', {"L": math.sin(math.radians(2)), "M": math.cos(math.radians(2))},
     "the angle is taken in degrees in L and M"),
    ('M = "leaky_relu(p)", L = "3*M + q"', 'p = "-1.37", q = "0.25"', {"M": -0.137, "L": -0.411 + 0.25},
     "the 0.01 is ten times what it should be in M"),
    ('M = "p/(1 - d)", N = "q/(1 - d)", L = "M + N"', 'p = "1.37", q = "2.45", d = "0.2"',
     {"M": 1.37/0.2, "N": 2.45/0.2, "L": 3.82/0.2}, "d is taken for 1 - d in M and N")])
def test_one_other_function_or_number(forward, samples, figures, cause, tmp_path):
    shown = ", ".join(f'{name} = "{value:.5f}"' for name, value in figures.items())
    found = causes(tmp_path, ONE.format(forward=forward, samples=samples, figures=shown))
    assert found[0].removesuffix(" (and 1 other figure)").removesuffix(" (and 2 other figures)") == cause


KERNEL = """loss = "c1"
forward = {{c1 = "{c1}", c2 = "{c2}"}}
parameters = {{{parameters}}}
samples = [{{{samples}}}]
[[figures]]
printed = {{c1 = "{one:.2f}", c2 = "{two:.2f}"}}
"""


def test_a_kernel_that_is_flipped_over_a_picture_that_is_wider(tmp_path):
    """A kernel of 2 by 3 over a picture of 2 by 4: the places of the picture are not in the order of the kernel."""
    kernel = [[0.5, -1.2, 2.0], [1.5, 0.3, -0.7]]
    picture = [[1.1, 2.3, 3.7, -4.1], [5.9, -6.3, 7.1, 8.7]]
    places = [(i, j) for i in range(2) for j in range(3)]
    sums = [" + ".join(f"k{i}{j}*x{i}{j + at}" for i, j in places) for at in range(2)]
    flipped = [sum(kernel[1 - i][2 - j]*picture[i][j + at] for i, j in places) for at in range(2)]
    text = KERNEL.format(c1=sums[0], c2=sums[1], one=flipped[0], two=flipped[1],
                         parameters=", ".join(f'k{i}{j} = "{kernel[i][j]}"' for i, j in places),
                         samples=", ".join(f'x{i}{j} = "{picture[i][j]}"' for i in range(2) for j in range(4)))
    assert causes(tmp_path, text) == ["one side of the products is taken from the last to the first, as of a flipped kernel, "
                                      "in c1 and c2 (and 1 other figure)"]*2


MEAN = """loss = "L"
targets = ["y"]
forward = {p = "sigmoid(z)", L = "-(y*log(p) + (1 - y)*log(1 - p))"}
samples = [{z = "2", y = "1"}, {z = "0.3", y = "0"}]
training = {reduce = "mean"}
figures = [{sample = 1, printed = {L = "0.583"}}, {sample = 2, printed = {L = "1.233"}}, {printed = {L = "0.908"}}]
"""


def test_the_mean_of_wrong_losses_follows_from_them(tmp_path):
    assert causes(tmp_path, MEAN)[2] == "inherited: follows from the printed L"


ALIKE = """loss = "L"
targets = ["y"]
forward = {{yhat = "w*x", L = "(yhat - y)**2/2"}}
parameters = {{w = "3"}}
samples = [{{x = "2", y = "1"}}]
[training]
{training}
[[figures]]
printed = {{yhat = "6", L = "12.5"}}
"""


def momentum(rate, mu, weight, steps=3):
    w, v, found = 3.0, 0.0, []
    for _ in range(steps):
        v = mu*v + weight*(2*w - 1)*2
        w -= rate*v
        found.append(w)
    return "".join(f'[[figures]]\nafter = {t}\nprinted = {{w = "{w:.6f}"}}\n' for t, w in enumerate(found, 1))


@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_of_slips_that_give_one_number_here_the_likelier_is_named_or_all(rate, tmp_path):
    """With a learning rate of 0.1 and a momentum of 0.9 the weight 1 - mu is the learning rate."""
    training = f'optimizer = "momentum"\nlearning_rate = "{rate}"\nmomentum = "0.9"'
    found = causes(tmp_path, ALIKE.format(training=training) + momentum(rate, 0.9, 0.1))
    assert all("the gradient is remembered with the weight 1 - mu" in cause for cause in found)


def test_integers_with_zeros_behind_them_say_no_more(tmp_path):
    """Several slips make 2 of 1: none is certain, with whatever zeros the 2 is printed."""
    text = """loss = "c"
forward = {c = "k1*x1 + k2*x2 + k3*x3 + k4*x4"}
parameters = {k1 = "1", k2 = "-1", k3 = "2", k4 = "1"}
samples = [{x1 = "1", x2 = "1", x3 = "0", x4 = "1"}]
figures = [{printed = {c = "2.000"}}]
"""
    assert all(cause.startswith("could be: ") for cause in causes(tmp_path, text) if cause != "None")


def test_what_floats_lose_is_not_called_a_slip_that_changes_nothing():
    audit = bp.worked_example("sigmoid_saturated").audit()
    found = [str(c) for c in audit.causes]
    assert "the difference of near numbers loses its digits in double precision" in found


SAMPLES = """loss = "E"
targets = ["y"]
forward = {{yhat = "w*x", E = "(yhat - y)**2/2"}}
parameters = {{w = "1.5"}}
samples = [{{x = "1", y = "2.2"}}, {{x = "2", y = "3.8"}}, {{x = "3", y = "6.1"}}, {{x = "4", y = "8.3"}}]
training = {{optimizer = "gradient_descent", learning_rate = "0.1", reduce = "mean"}}
[[figures]]
printed = {{"d(E)/d(w)" = "{g:.4f}"}}
[[figures]]
after = 1
printed = {{w = "{w:.5f}"}}
"""


@pytest.mark.parametrize(("divisor", "words"), [(4, ", and counted still"), (3, "")])
def test_a_sample_that_is_left_out(divisor, words, tmp_path):
    g = sum((1.5*x - y)*x for x, y in ((1, 2.2), (2, 3.8), (3, 6.1)))/divisor
    found = causes(tmp_path, SAMPLES.format(g=g, w=1.5 - 0.1*g))
    assert f"sample 4 is left out{words}" in found[0] and found[1] == "inherited: follows from the printed ∂E/∂w"


@pytest.mark.parametrize(("by", "cause"), [(2, "it is divided by 2, not by sqrt(2), in s1 and s2"),
                                           (1, "the division by sqrt(2) is left out of s1 and s2")])
def test_a_score_that_is_scaled_otherwise(by, cause, tmp_path):
    text = ONE.replace("L", "s1").format(
        forward='s1 = "(q1*k11 + q2*k12)/sqrt(2)", s2 = "(q1*k21 + q2*k22)/sqrt(2)"',
        samples='q1 = "1.3", q2 = "0.7", k11 = "0.9", k12 = "-0.4", k21 = "1.6", k22 = "2.1"',
        figures=f's1 = "{(1.3*0.9 - 0.7*0.4)/by:.4f}", s2 = "{(1.3*1.6 + 0.7*2.1)/by:.4f}"')
    assert causes(tmp_path, text) == [f"{cause} (and 1 other figure)"]*2


def test_no_slip_is_made_where_a_figure_is_right(tmp_path):
    """tanh taken for 2*sigmoid(z) - 1: half of it would be half of a1 as well, which is printed right."""
    text = """loss = "E"
targets = ["y"]
forward = {a1 = "0.9*x", a2 = "-0.4*x", h1 = "tanh(a1)", h2 = "tanh(a2)", E = "(h1 + h2 - y)**2/2"}
samples = [{x = "1.3", y = "1"}]
[[figures]]
printed = {a1 = "1.17", a2 = "-0.52", h1 = "0.5263", h2 = "-0.2543"}
"""
    assert not any("a1" in cause and "too much" in cause for cause in causes(tmp_path, text))
