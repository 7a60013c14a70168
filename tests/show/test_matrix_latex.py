"""Matrix programs on paper, to the letter."""
import re

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.describe.values import Values
from backprop_sym.show.arrays import array_latex, shape_latex
from backprop_sym.show.latex import _printer_of as printer_of

NET = bp.dense([2, 3, 2], form="matrix")
VALUES = {"X": [[1, 0]], "Y": [["0", "1"]], "W1": [[0, 1, 2], [3, 4, 5]], "b1": [0, 0, 0], "W2": [[1, 0], [0, 1], [1, 1]],
          "b2": [0, "0.5"]}


def d(of, wrt):
    return rf"\frac{{\partial {of}}}{{\partial {wrt}}}"


def lines(text):
    return text.removeprefix("$$\\begin{aligned}\n").removesuffix("\n\\end{aligned}$$").split(" \\\\\n")


def test_the_forward_pass():
    assert lines(NET._repr_latex_()) == [
        r"Z_{1} &= X W_{1} + b_{1}", r"A_{1} &= \sigma\left(Z_{1}\right)", r"Z_{2} &= A_{1} W_{2} + b_{2}",
        r"\hat{Y} &= \sigma\left(Z_{2}\right)",
        r"E_{total} &= \frac{1}{2 B} \sum_{i, j} \left(Y_{ij} - \hat{Y}_{ij}\right)^{2}"]


def test_the_four_equations():
    E = "E_{total}"
    assert lines(bp.reverse(NET)._repr_latex_())[:6] == [
        d(E, r"\hat{Y}") + r" &= \frac{1}{B} \left(\hat{Y} - Y\right)",
        d(E, "Z_{2}") + " &= " + d(E, r"\hat{Y}") + r" \odot \hat{Y} \odot \left(1 - \hat{Y}\right)",
        d(E, "A_{1}") + " &= " + d(E, "Z_{2}") + r" W_{2}^{\top}",
        d(E, "Z_{1}") + " &= " + d(E, "A_{1}") + r" \odot A_{1} \odot \left(1 - A_{1}\right)",
        d(E, "W_{1}") + r" &= X^{\top} " + d(E, "Z_{1}"),
        d(E, "b_{1}") + r" &= \mathbf{1}^{\top} " + d(E, "Z_{1}")]


def test_a_chain_shows_what_each_factor_hands_on_and_its_shape():
    partials, first, second, nested = lines(bp.chain(NET, "W1")._repr_latex_())
    assert partials.startswith(d("E_{total}", "W_{1}") + " &= " + d("E_{total}", r"\hat{Y}"))
    assert first.endswith(r"\underbrace{D \odot \hat{Y} \odot \left(1 - \hat{Y}\right)}_{B \times 2} \;\to\; "
                          r"\underbrace{D W_{2}^{\top}}_{B \times 3}")
    assert second.endswith(r"\;\to\; \underbrace{X^{\top} D}_{2 \times 3}")
    assert nested == (r"&= X^{\top} \left[\left[\left[\left[\frac{1}{B} \left(\hat{Y} - Y\right)\right] \odot \hat{Y} \odot "
                      r"\left(1 - \hat{Y}\right)\right] W_{2}^{\top}\right] \odot A_{1} \odot \left(1 - A_{1}\right)\right]")
    *_, value = lines(bp.chain(NET, "b2").at(VALUES)._repr_latex_())
    assert re.fullmatch(r"&= \\begin\{pmatrix\} [-\d.]+ & [-\d.]+ \\end\{pmatrix\}", value)


@pytest.mark.parametrize(("line", "expected"), [
    ("A.T @ A", r"A^{\top} A"), ("A*A2", r"A \odot A_{2}"), ("2*s*A", r"2 s A"), ("A/A2", r"\frac{A}{A_{2}}"),
    ("A**2", r"A^{\odot 2}"),
    ("sum(A, rows)", r"A \mathbf{1}"), ("sum(A + A2, columns)", r"\mathbf{1}^{\top} \left(A + A_{2}\right)"),
    ("mean(A, rows)", r"\frac{1}{n} A \mathbf{1}"), ("mean(A, columns)", r"\frac{1}{B} \mathbf{1}^{\top} A"),
    ("mean(A)", r"\frac{1}{B n} \sum_{i, j} A_{ij}"), ("sum(A*b)", r"\sum_{i, j} A_{ij} b_{j}"), ("sum(b)", r"\sum_{j} b_{j}"),
    ("sum(W1)", r"\sum_{i, j} \left(W_{1}\right)_{ij}"), ("s*sum(b)/2", r"\frac{1}{2} s \sum_{j} b_{j}"),
    ("sum(logsumexp(A))", r"\sum_{i} \left[\mathrm{logsumexp}_{\text{rows}}\left(A\right)\right]_{i}"),
    ("max(A, rows)", r"\max_{\text{rows}}\left(A\right)"), ("min(A, columns)", r"-\max_{\text{columns}}\left(-A\right)"),
    ("hardmax(A, rows)", r"\mathrm{hardmax}_{\text{rows}}\left(A\right)"),
    ("hardmax(A, columns)*A", r"A \odot \mathrm{hardmax}_{\text{columns}}\left(A\right)"),
    ("softmax(A)", r"\mathrm{softmax}_{\text{rows}}\left(A\right)"),
    ("spread(b, B, n)", r"\mathbf{1}_{B} b"), ("spread(s, B, n)", r"s \mathbf{1}_{B \times n}"),
    ("spread(1, n)", r"\mathbf{1}_{n}"),
    ("spread(sum(A, rows), B, n)", r"\left(A \mathbf{1}\right) \mathbf{1}_{n}^{\top}"),
    ("(A @ W1)*(A @ W1)**2", r"\left(A W_{1}\right)^{\odot 3}"), ("s*(A @ W1)", r"s A W_{1}"), ("-A", "-A"),
    ("sum(s*A)*A", r"\left(\sum_{i, j} A_{ij} s\right) A")])
def test_what_a_textbook_writes(line, expected):
    program = bp.Program.parse([f"Z = {line}"], shapes={"A": "B, n", "A2": "B, n", "W1": "n, m", "b": "n", "s": ()})
    text = printer_of(program)(program["Z"].rhs)
    assert text == expected


def test_small_matrices_are_shown_and_large_ones_say_their_size():
    worked = lines(NET.at(VALUES)._repr_latex_())
    assert worked[1].startswith(r"&= \begin{pmatrix} 1 & 0 \end{pmatrix} \begin{pmatrix} 0 & 1 & 2 \\ 3 & 4 & 5 \end{pmatrix} + ")
    assert worked[1].endswith(r" = \begin{pmatrix} 0 & 1 & 2 \end{pmatrix}")
    assert worked[-2].startswith(r"&= \frac{1}{2 \cdot 1} \cdot \sum_{i, j} \left[\left(\begin{pmatrix} 0 & 1 \end{pmatrix} - ")
    large = lines(NET.at(VALUES | {"X": np.zeros((20, 2)), "Y": np.zeros((20, 2))})._repr_latex_())
    assert large[1] == r"&\in \mathbb{R}^{20 \times 3}" and large[-1].startswith("&= 0.")
    assert "array of shape (20, 3)" in repr(NET.at(VALUES | {"X": np.zeros((20, 2)), "Y": np.zeros((20, 2))}))
    assert lines(Values({"X": [[1, 2.5]], "s": 3})._repr_latex_()) == [
        r"X &= \begin{pmatrix} 1 & 2.5 \end{pmatrix}", "s &= 3"]
    assert array_latex([1 / 3, 2]) == r"\begin{pmatrix} 0.33333 & 2 \end{pmatrix}" and shape_latex(()) == "1"


@pytest.mark.parametrize("program", [NET, bp.reverse(NET), bp.step(NET, bp.Adam()), bp.dense(
    [2, 3, 2], ["tanh", "softmax"], "cross_entropy", form="matrix", convention="column")])
def test_github_sets_it(program):
    text = program._repr_latex_()
    assert r"\operatorname" not in text and text.count("{") == text.count("}") and text.count(r"\left") == text.count(r"\right")


def test_a_diagram_of_matrices():
    assert bp.figures.network(NET).alt.startswith("Network with 1 input (X), 1 hidden neuron (Z1, A1), 1 output (Z2, Yhat)")
    for drawn in (lambda: bp.figures.network(NET, values=VALUES),
                  lambda: bp.figures.contributions(bp.chain(NET, "W1").at(VALUES))):
        with pytest.raises(ValueError, match="expected a program of numbers, got one of arrays; write it out with bp.entries"):
            drawn()
