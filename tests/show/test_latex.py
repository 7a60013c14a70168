"""What is shown, to the letter: the strings were read against the source, formula by formula."""
import re

import pytest

import backprop_sym as bp
from backprop_sym.describe.copies import primed, updated
from backprop_sym.show.latex import Latex, name_latex, number_latex
from backprop_sym.show.lines import LIMIT, width
from tests.oracles import SOURCE

NET = bp.dense([2, 2, 2])

FORWARD = r"""\begin{aligned}
z_{1} &= x_{1} w_{1} + x_{2} w_{3} + b_{1} \\
a_{z1} &= \sigma\left(z_{1}\right) = \frac{1}{1 + e^{-z_{1}}} \\
z_{2} &= x_{1} w_{2} + x_{2} w_{4} + b_{2} \\
a_{z2} &= \sigma\left(z_{2}\right) = \frac{1}{1 + e^{-z_{2}}} \\
z_{3} &= a_{z1} w_{5} + a_{z2} w_{7} + b_{3} \\
\hat{y}_{1} &= \sigma\left(z_{3}\right) = \frac{1}{1 + e^{-z_{3}}} \\
z_{4} &= a_{z1} w_{6} + a_{z2} w_{8} + b_{4} \\
\hat{y}_{2} &= \sigma\left(z_{4}\right) = \frac{1}{1 + e^{-z_{4}}} \\
E_{total} &= \frac{1}{2} \left[\left(y_{1} - \hat{y}_{1}\right)^{2} + \left(y_{2} - \hat{y}_{2}\right)^{2}\right]
\end{aligned}"""

E, P1, P2 = "E_{total}", r"\hat{y}_{1}", r"\hat{y}_{2}"


def d(of, wrt):
    return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"


W5 = rf"""\begin{{aligned}}
{d(E, "w_{5}")} &= {d(E, P1)} {d(P1, "z_{3}")} {d("z_{3}", "w_{5}")} \\
&= \frac{{\partial}}{{\partial {P1}}} \left[\frac{{1}}{{2}} \left(y_{{1}} - {P1}\right)^{{2}}\right] \frac{{\partial}}{{\partial z_{{3}}}} \left[\frac{{1}}{{1 + e^{{-z_{{3}}}}}}\right] \\
&\qquad \frac{{\partial}}{{\partial w_{{5}}}} \left[a_{{z1}} w_{{5}} + a_{{z2}} w_{{7}} + b_{{3}}\right] \\
&= \left({P1} - y_{{1}}\right) \cdot {P1} \left(1 - {P1}\right) \cdot a_{{z1}}"""  # noqa: E501

W1_PARTIALS = rf"""{d(E, "w_{1}")} &= {d(E, P1)} {d(P1, "z_{3}")} {d("z_{3}", "a_{z1}")} {d("a_{z1}", "z_{1}")} {d("z_{1}", "w_{1}")} \\
&\quad + {d(E, P2)} {d(P2, "z_{4}")} {d("z_{4}", "a_{z1}")} {d("a_{z1}", "z_{1}")} {d("z_{1}", "w_{1}")} \\"""  # noqa: E501

W1_CLOSED = rf"""&= \left({P1} - y_{{1}}\right) \cdot {P1} \left(1 - {P1}\right) \cdot w_{{5}} \cdot a_{{z1}} \left(1 - a_{{z1}}\right) \cdot x_{{1}} \\
&\quad + \left({P2} - y_{{2}}\right) \cdot {P2} \left(1 - {P2}\right) \cdot w_{{6}} \cdot a_{{z1}} \left(1 - a_{{z1}}\right) \cdot x_{{1}}"""  # noqa: E501


def test_the_forward_pass():
    assert NET._repr_latex_() == f"$${FORWARD}$$"


def test_w5():
    assert bp.chain(NET, "w5")._repr_latex_() == f"$${W5}\n\\end{{aligned}}$$"


def test_w5_with_numbers():
    numbers = r""" \\
&= \left(0.68799 - 0.01\right) \cdot 0.68799 \cdot \left(1 - 0.68799\right) \\
&\qquad \cdot 0.60647 \\
&= 0.088264
\end{aligned}"""
    assert bp.chain(NET, "w5").at(SOURCE)._repr_latex_() == f"$${W5}{numbers}$$"


def test_w1():
    text = bp.chain(NET, "w1")._repr_latex_()
    assert text.startswith("$$\\begin{aligned}\n" + W1_PARTIALS)
    assert text.endswith(W1_CLOSED + "\n\\end{aligned}$$")
    assert text.count(r"\frac{\partial}{\partial z_{1}} \left[\frac{1}{1 + e^{-z_{1}}}\right]") == 2


def test_w1_with_numbers_shows_each_path_and_the_sum():
    text = bp.chain(NET, "w1").at(SOURCE)._repr_latex_()
    assert text.endswith("&= 0.00069469 - 0.00021133 \\\\\n&= 0.00048336\n\\end{aligned}$$")


def test_a_derivation_shows_five_digits_or_as_many_as_are_asked_for():
    for worked in (bp.chain(NET, "w1").at, NET.at):
        for digits, shown in ((None, 5), (3, 3), (9, 9), (20, 20)):
            given = worked(SOURCE, **({} if digits is None else {"digits": digits}))
            for text in (repr(given), given._repr_latex_()):
                assert max(map(significant, re.findall(r"\d+\.\d+", text))) == shown
    assert bp.chain(NET, "w1").at(SOURCE).value == bp.chain(NET, "w1").at(SOURCE, digits=15).value       # only what is shown
    assert NET.at(SOURCE).quantities == NET.at(SOURCE, digits=15).quantities


def significant(number):
    return len(number.replace(".", "").lstrip("0"))


def test_a_derivation_of_no_digits_is_refused():
    for worked in (bp.chain(NET, "w1").at, NET.at):
        with pytest.raises(ValueError, match="digits: expected"):
            worked(SOURCE, digits=0)


def test_a_bias_and_no_path():
    assert bp.chain(NET, "b3")._repr_latex_().endswith(rf"\cdot {P1} \left(1 - {P1}\right) \cdot 1" + "\n\\end{aligned}$$")
    assert bp.chain(NET, "w1", of="z2")._repr_latex_().endswith("&= 0\n\\end{aligned}$$")


@pytest.mark.parametrize(("program", "expected"), [
    (bp.GradientDescent().update(bp.dense([1, 1])).upto("w1_new"),
     rf"w_{{1(new)}} &= w_{{1}} - \eta {d(E, 'w_{1}')}"),
    (bp.reverse(bp.dense([1, 1], loss="squared_error")).upto("d(E_total)/d(yhat1)"),
     rf"{d(E, P1)} &= 2 \left({P1} - y_{{1}}\right)"),
    (bp.reverse(NET).upto("d(E_total)/d(a_z2)"), rf"{d(E, 'a_{z2}')} &= {d(E, 'z_{3}')} w_{{7}} + {d(E, 'z_{4}')} w_{{8}}"),
    (bp.reverse(NET).upto("d(E_total)/d(w5)"), rf"{d(E, 'w_{5}')} &= {d(E, 'z_{3}')} a_{{z1}}"),
    (bp.Program.parse(["a = tanh(z)"]), r"a &= \tanh\left(z\right) = \frac{e^{z} - e^{-z}}{e^{-z} + e^{z}}"),
    (bp.Program.parse(["a = relu(z)"]),
     r"a &= \mathrm{relu}\left(z\right) = \begin{cases} z & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}"),
    (bp.dense([1, 1], loss="binary_cross_entropy"),
     rf"E_{{total}} &= -\left[y_{{1}} \ln\left({P1}\right) + \left(1 - y_{{1}}\right) \ln\left(1 - {P1}\right)\right]"),
    (bp.Momentum().update(bp.dense([1, 1])).upto("w1_new"), r"w_{1(new)} &= w_{1} - \eta v_{w1(new)}"),
])
def test_last_line(program, expected):
    assert program._repr_latex_().splitlines()[-2] == expected


def test_numbers_in_place():
    assert NET.upto("z1").at(SOURCE)._repr_latex_().splitlines()[1:3] == [
        r"z_{1} &= x_{1} w_{1} + x_{2} w_{3} + b_{1} \\",
        r"&= 0.05 \cdot 0.15 + 0.1 \cdot 0.25 + 0.4 = 0.4325"]


def test_a_line_is_broken_at_a_term_or_a_factor_and_no_other_place():
    """Of every derivation of the source: no line is wider than the limit but where one piece alone is."""
    shown = [bp.chain(NET, p).at(SOURCE)._repr_latex_() for p in NET.parameters]
    shown += [NET.at(SOURCE)._repr_latex_(), bp.reverse(NET)._repr_latex_()]
    for text in shown:
        lines = text.removeprefix("$$\\begin{aligned}\n").removesuffix("\n\\end{aligned}$$").split(" \\\\\n")
        for line in lines:
            assert width(line.partition("&")[2]) <= LIMIT or r"\left[\left(" in line, line          # the whole of 1/2 [...]
            assert line.count("{") == line.count("}") and line.count(r"\left") == line.count(r"\right"), line


@pytest.mark.parametrize(("narrow", "wide"), [
    ("a", "a + b"), ("w_{5}", "w5"), (r"\frac{a + b}{c}", r"a + b + c"), (r"\hat{y}", "yh"), (r"\left(a\right)", "(a)b"),
    (r"\begin{pmatrix} a \\ b \end{pmatrix}", r"\begin{pmatrix} a & b + c \end{pmatrix}"),
    (r"\underbrace{a}_{b}", r"\underbrace{a}_{b + c}")])
def test_what_is_printed_wider_measures_wider(narrow, wide):
    assert width(narrow) < width(wide)


def test_negative_numbers_stand_in_brackets():
    text = NET.upto("z1").at({**SOURCE, "x2": "-0.1", "w1": "-0.15"})._repr_latex_()
    assert r"&= 0.05 \cdot \left(-0.15\right) + \left(-0.1\right) \cdot 0.25 + 0.4" in text


z1, w5 = bp.symbol("z1"), bp.symbol("w5")


@pytest.mark.parametrize(("name", "expected"), [
    (primed(z1), "z'_{1}"), (primed(bp.symbol("yhat2")), r"\hat{y}'_{2}"), (primed(bp.symbol("a_z1")), "a'_{z1}"),
    (primed(bp.symbol("E_total")), "E'_{total}"), (primed(primed(z1)), "z''_{1}"), (updated(w5), "w_{5(new)}"),
    (updated(updated(w5)), "w_{5(2)}"), (updated(bp.symbol("w")), "w_{(new)}"), ("w5_new", "w_{5 new}"),
    ("lambda", r"\lambda"), ("λ", "λ"), ("ŷ1", r"\hat{y}_{1}"), ("w₁", "w_{1}"), ("eta", r"\eta"), ("w_x1_h1", "w_{x1 h1}")])
def test_names(name, expected):
    assert name_latex(name) == expected


def test_numbers():
    assert number_latex(0.25) == "0.25" and number_latex(2.5e-9) == r"2.5 \times 10^{-9}" and number_latex(-1) == "-1"


def test_a_fraction_of_a_sum_and_a_root():
    write = Latex()
    assert write(bp.parse("1/(a + b)")) == r"\frac{1}{a + b}"
    assert write(bp.parse("sqrt(a)/(2*b)")) == r"\frac{\sqrt{a}}{2 b}"
    assert write(bp.parse("-(a + b)*c")) == r"-c \left(a + b\right)"


def test_a_table_in_markdown_shows_what_is_in_it():
    table = bp.Table(("a*b", "c|d"), (("2*x*y", "one\ntwo"), ("_w_", "<b>$1 [x]")))
    assert table.to_markdown() == ("| a\\*b | c\\|d |\n| --- | --- |\n| 2\\*x\\*y | one<br>two |\n"
                                   "| \\_w\\_ | \\<b\\>\\$1 \\[x\\] |\n")


def test_a_sentence_stands_under_its_row_where_it_is_read_and_in_its_column_where_it_is_data():
    table = bp.Table(("a", "cause", "b"), (("1", "", "2"), ("3", "lost", "4")), frozenset({1}), ("cause",))
    assert repr(table) == "a  b\n1  2\n3  4\n    cause: lost"
    assert table._repr_html_().count('<td colspan="2"') == 1 and ">cause<" not in table._repr_html_()
    assert table.to_csv() == "a,cause,b\n1,,2\n3,lost,4\n"
    with pytest.raises(ValueError, match="heading"):
        bp.Table(("a",), (("1",),), below=("b",))


def test_an_equation_of_arrays_on_its_own_knows_its_shapes():
    heads = bp.layers.attention(inputs=4, keys=4, heads=2)
    assert "&= O_{1} W_{O1} + O_{2} W_{O2}" in heads["H"]._repr_latex_()
    assert r"C \odot F + G \odot I" in bp.layers.lstm(1, 2)["C_next"]._repr_latex_()
    assert heads["H"] == heads.equations[-1]                           # what it is, its shapes leave as it was
