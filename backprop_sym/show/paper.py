r"""Expressions on paper: the printer that writes LaTeX, names and numbers.

    Latex(rank)                 the printer
    Numbers(rank, values, digits)   the same with a number in the place of each symbol
    name_latex("w5")            a symbol: w_{5}, \hat{y}_{1}, w_{5(new)}
    number_latex(value)         a number
"""
import unicodedata

import sympy as sp

from ..derive.entries import Entry
from ..describe.digits import SHOWN, short
from ..describe.names import Name, Partial, symbol
from ..describe.printer import ATOM, POWER, SUM, Printer

# Letters with an accent, as SymPy spells them: ŷ is yhat.
ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot"}


class Latex(Printer):
    r"""The language of paper.

    >>> from ..describe.parser import parse
    >>> Latex()(parse("((y1 - yhat1)**2 + (y2 - yhat2)**2)/2"))
    '\\frac{1}{2} \\left[\\left(y_{1} - \\hat{y}_{1}\\right)^{2} + \\left(y_{2} - \\hat{y}_{2}\\right)^{2}\\right]'
    """

    functions = {sp.exp: r"\exp", sp.log: r"\ln", sp.tanh: r"\tanh", sp.cos: r"\cos", sp.sin: r"\sin",
                 sp.sign: r"\mathrm{sgn}", sp.erf: r"\mathrm{erf}", sp.erfc: r"\mathrm{erfc}"}
    constants = {sp.pi: r"\pi", sp.E: "e"}

    def name(self, s):
        return name_latex(s)

    def brackets(self, text):
        opening, closing = ("[", "]") if r"\left(" in text else ("(", ")")
        return rf"\left{opening}{text}\right{closing}"

    def rational(self, p, q):
        if q == 1:
            return str(p), ATOM if p >= 0 else SUM
        return ("-" if p < 0 else "") + rf"\frac{{{abs(p)}}}{{{q}}}", POWER if p >= 0 else SUM

    def fraction(self, p, above, q, below):
        if not below:               # a common factor stays outside: 1/2 [...]
            number = [self.rational(p, q)[0]] if (p, q) != (1, 1) or not above else []
            return self.times(number + [self.wrap(f, POWER) for f in above])
        top = self(sp.Mul(p, *above)) if len(above) < 2 else self.times(
            ([str(p)] if p != 1 else []) + [self.wrap(f, POWER) for f in above])
        bottom = [self.wrap(f, POWER) for f in below] if q != 1 or len(below) > 1 else [self(below[0])]
        return rf"\frac{{{top}}}{{{self.times(([str(q)] if q != 1 else []) + bottom)}}}"

    def times(self, texts):
        return " ".join(texts)

    def power(self, e):
        return rf"{self.raisable(e.base)}^{{{self(e.exp)}}}", POWER

    def raisable(self, base):
        """What an exponent can stand at: log(x), a derivative and what has a mark above stand in brackets."""
        text = self(base)
        marked = base.is_Symbol and bool(set("^'") & set(text))
        return self.brackets(text) if marked or isinstance(base, sp.Function | Partial) else self.wrap(base, ATOM)

    def write_exp(self, e):
        return rf"e^{{{self(e.exp)}}}", POWER

    def write_Abs(self, e):
        return rf"\left|{self(e.args[0])}\right|", ATOM

    def write_Activation(self, e):
        return self.call(e.rule.latex, e.args)

    def write_softmax(self, e):
        return self.call(rf"{e.rule.latex}_{{{e.args[0]}}}", e.args[1:])

    def call(self, name, arguments):
        if name == "sqrt":
            return rf"\sqrt{{{self(arguments[0])}}}", ATOM
        return name + r"\left(" + ", ".join(self(a) for a in arguments) + r"\right)", ATOM

    def write_Piecewise(self, e):
        rows = [rf"{self(value)} & " + (r"\text{otherwise}" if condition == True  # noqa: E712
                                        else rf"\text{{if }} {self(condition)}") for value, condition in e.args]
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}", SUM

    def write_Relational(self, e):
        sign = {">=": r"\ge", "<=": r"\le"}.get(e.rel_op, e.rel_op)
        return f"{self(e.lhs)} {sign} {self(e.rhs)}", SUM

    def other(self, e):
        return sp.latex(e), SUM


class Numbers(Latex):
    """The same with a number in the place of each symbol."""

    def __init__(self, rank, values, digits):
        super().__init__(rank)
        self.values, self.digits = values, digits

    def write_Symbol(self, e):
        text = number_latex(self.values[e], self.digits)
        return text, SUM if text.startswith("-") else POWER if "times" in text else ATOM

    def times(self, texts):
        return r" \cdot ".join(texts)


def name_latex(name):
    r"""A symbol on paper.

    >>> from ..describe.copies import primed, updated
    >>> yhat1, w5 = symbol("yhat1"), symbol("w5")
    >>> print(name_latex("a_z1"), name_latex(primed(yhat1)), name_latex(updated(w5)), name_latex("d(E)/d(w5)"))
    a_{z1} \hat{y}'_{1} w_{5(new)} \frac{\partial E}{\partial w_{5}}
    """
    s = symbol(name)
    if isinstance(s, Partial):
        return rf"\frac{{\partial {name_latex(s.of)}}}{{\partial {name_latex(s.wrt)}}}"
    if isinstance(s, Entry):
        base, _, subscript = name_latex(s.array).partition("_")
        at = ",".join(map(str, s.at)) if max(s.at) > 9 else "".join(map(str, s.at))
        return rf"{base}_{{{subscript.strip('{}')}{',' if subscript else ''}{at}}}"
    if not isinstance(s, Name):
        letters = unicodedata.normalize("NFKD", s.name)                # ŷ is y and its accent, w₁ is w1
        return sp.latex(sp.Symbol("".join(ACCENTS.get(letter, letter) for letter in letters)))
    base, below, subscript = name_latex(s.stem).partition("_")
    if s.carried:
        mark = "(new)" if s.after == 1 else f"({s.after})"
        subscript = f"{subscript[:-1]}{mark}}}" if below else f"{{{mark}}}"
        return f"{base}_{subscript}"
    above = [f"({k})" for k in (s.sample,) if k] + [rf"\langle {k} \rangle" for k in (s.time,) if k]
    return base + "'"*s.after + below + subscript + (f"^{{{', '.join(above)}}}" if above else "")


def number_latex(value, digits=SHOWN):
    r"""A number with that many significant digits: 0.08826404863, 2.57 \times 10^{-69}."""
    mantissa, e, exponent = short(value, digits).partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else mantissa
