r"""How equations and chains are set: LaTeX, as the source sets it.

    program_latex(program)      the aligned equations
    worked_latex(net.at(values))    the equations with their numbers put in
    chain_latex(chain)          the product of partials, each factor differentiated, the closed form, the numbers
    values_latex(values)        name = number, aligned
    name_latex("w5")            a symbol: w_{5}, \hat{y}_{1}, w_{5(new)}

Everything fits between $$ and $$, with short lines: GitHub, nbviewer, Colab and JupyterLab set it alike.
"""
import unicodedata

import sympy as sp

from ..describe.activation import Activation
from ..describe.arguments import expect
from ..describe.digits import SHOWN, short
from ..describe.names import Name, Partial, symbol
from ..describe.printer import ATOM, POWER, PRODUCT, SUM, Printer

FACTORS_A_LINE = 3          # of a chain whose factors are written out
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
        if isinstance(e.base, sp.Function | Partial):          # log(x)^2 and a derivative squared stand in brackets
            return rf"{self.brackets(self(e.base))}^{{{self(e.exp)}}}", POWER
        return rf"{self.wrap(e.base, ATOM)}^{{{self(e.exp)}}}", POWER

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

    def __init__(self, rank, values):
        super().__init__(rank)
        self.values = values

    def write_Symbol(self, e):
        text = number_latex(self.values[e])
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


def aligned(lines):
    r"""Lines with & and without \\, as one aligned block."""
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def program_latex(program):
    r"""The equations, aligned at =; an activation is also written out, as the source does."""
    expect(program=program)
    write = Latex(program.rank)
    lines = []
    for e in program.equations:
        line = rf"{write(e.lhs)} &= {write(e.rhs)}"
        if isinstance(e.rhs, Activation) and e.rhs.definition != e.rhs.args[0]:
            line += rf" = {write(e.rhs.definition)}"
        lines.append(line)
    return aligned(lines)


def worked_latex(worked):
    """The equations with the numbers put in and the results, as one works them out by hand."""
    expect(worked=worked)
    write = Latex(worked.program.rank)
    number = Numbers(worked.program.rank, worked.quantities)
    lines = []
    for e in worked.program.equations:
        rhs = e.rhs.definition if isinstance(e.rhs, Activation) else e.rhs
        lines += [f"{write(e.lhs)} &= {write(e.rhs)}" + (f" = {write(rhs)}" if rhs not in (e.rhs, *e.rhs.args) else ""),
                  f"&= {number(rhs)} = {number_latex(worked.quantities[e.lhs])}"]
    return aligned(lines)


def values_latex(values, digits=SHOWN):
    """name = number for each value, aligned."""
    expect(values=values, digits=digits)
    symbols = {text: s for s, text in getattr(values, "spelled", {}).items()}
    return aligned([rf"{name_latex(symbols.get(name, name))} &= {number_latex(value, digits)}" for name, value in values.items()])


def chain_latex(chain):
    """The expansion of a chain: the partials, each factor differentiated, the closed form; with values the numbers."""
    expect(chain=chain)
    write = Latex(chain.program.rank)

    def product(form, join, width=99):
        return _sum([[form(factor) for factor in path.factors] for path in chain.paths], join, width)

    lines = product(lambda f: write(f.partial), " ")
    lines += product(lambda f: _operator(f, chain, write), " ", FACTORS_A_LINE)
    lines += product(lambda f: write.wrap(f.expression, PRODUCT), r" \cdot ")
    if chain.quantities is not None:
        number = Numbers(chain.program.rank, chain.quantities)
        lines += product(lambda f: number.wrap(f.expression, PRODUCT), r" \cdot ")
        if len(chain.paths) > 1:
            lines += ["&= " + _signed([number_latex(path.contribution) for path in chain.paths])]
        lines += [f"&= {number_latex(chain.value)}"]
    return aligned([write(chain.partial) + " " + (lines[0] if lines else "&= 0"), *lines[1:]])


def _operator(factor, chain, write):
    """d/dv [ u ]: the equation's right-hand side still to be differentiated; of the loss, the terms that hold v."""
    of, wrt = factor.partial.of, factor.partial.wrt
    rhs = chain.program[of].rhs
    if of == chain.program.loss and rhs.is_Add:
        rhs = sp.Add(*(term for term in rhs.args if wrt in term.free_symbols))
    if isinstance(rhs, Activation):
        rhs = rhs.definition
    return rf"\frac{{\partial}}{{\partial {write(wrt)}}} \left[{write(rhs)}\right]"


def _sum(paths, join, width):
    """The lines of a sum over paths, each a product; a long product goes on in a line of its own."""
    lines = []
    for i, factors in enumerate(paths):
        pieces = [join.join(factors[k:k + width]) for k in range(0, len(factors), width)] or ["1"]
        lines.append((r"&\quad + " if i else "&= ") + pieces[0])
        lines += [r"&\qquad " + (join.strip() + " " if join.strip() else "") + piece for piece in pieces[1:]]
    return lines


def _signed(numbers):
    text = numbers[0]
    for number in numbers[1:]:
        text += f" - {number[1:]}" if number.startswith("-") else f" + {number}"
    return text
