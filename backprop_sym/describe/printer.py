"""Expressions as text, in the order in which a person writes them.

The order is that of ``order``; a common factor stays outside.

    Printer                     the walk over the few kinds of nodes; a language says how its pieces are put together
    Text                        the language of ``str``: what the parser reads back
"""
from functools import cache

import sympy as sp

from .order import Order, all_negative, has_no_factor, is_divisor, is_negative

# How tightly an expression holds together: what is below the level asked for is put in brackets.
SUM, PRODUCT, POWER, ATOM = range(4)


class Pieces:
    """How the pieces of an expression are put together: here they are texts, in one line."""

    def sum(self, pieces):
        """Pairs (whether it is subtracted, piece), one after the other."""
        (minus, text), *rest = pieces
        return (self.negative(text) if minus else text) + "".join((" - " if m else " + ") + piece for m, piece in rest)

    def times(self, pieces):
        return "*".join(pieces)

    def divide(self, above, below):
        return f"{above}/{below}"

    def negative(self, piece):
        return "-" + piece

    def raised(self, base, exponent):
        return f"{base}**{exponent}"

    def applied(self, name, pieces):
        return f"{name}({', '.join(pieces)})"

    def compare(self, sign, left, right):
        return f"{left} {sign} {right}"


@cache
def _writer(printer, node):
    """The method of a class of printers for a class of nodes: that of the nearest of its bases."""
    found = (getattr(printer, "write_" + vars(cls).get("written_as", cls.__name__), None) for cls in node.__mro__)
    return next(filter(None, found), Printer.other)        # which refuses it


class Printer(Pieces, Order):
    """Writes an expression; subclasses say how a name, a number, a product and so on look in their language.

    The walk decides what comes after what. A few methods put the pieces together (sum, times, divide, negative, raised,
    applied, compare): here the pieces are texts, but nothing of the walk depends on that.
    """

    functions, constants = {}, {}
    root = "sqrt"

    def __init__(self, rank=None, names=None, placed=None):
        super().__init__(rank)
        self.names, self.placed = names or {}, placed or {}        # placed: {symbol: what stands in its place, and how tightly}

    def __call__(self, expression):
        return self.write(expression)[0]

    def write(self, e):
        """The text of an expression and how tightly it holds together."""
        return _writer(type(self), type(e))(self, e)

    def wrap(self, e, level):
        """The text of an expression, in brackets where it holds together less tightly than the place needs."""
        text, own = self.write(e)
        return text if own >= level else self.brackets(text)

    def beside(self, e, level):
        """The text of a term, an exponent, or a side of a comparison: a number there has something else beside it."""
        return self.wrap(e, level)

    def brackets(self, text):
        return f"({text})"

    # ---- the kinds of nodes

    def write_Symbol(self, e):
        return self.placed.get(e) or (self.name(e), ATOM)

    def write_Rational(self, e):
        return self.rational(e.p, e.q)

    def rational(self, p, q):
        if q == 1:
            return str(p), ATOM if p >= 0 else SUM
        return f"{p}/{q}", PRODUCT if p >= 0 else SUM

    def write_Float(self, e):
        return repr(float(e)), ATOM if e >= 0 else SUM

    def write_NumberSymbol(self, e):
        return self.constants[e], ATOM

    def write_Add(self, e):
        common, rest = self.common(e)
        return (self.sum(self.addends(e)), SUM) if common == 1 else self.write_product(common, [rest])

    def common(self, e):
        """The number that stands outside a sum, and what it is a factor of."""
        common, rest = (sp.S.One, e) if all(map(has_no_factor, e.args)) else e.primitive()
        if common != 1 and any(abs(term.as_coeff_Mul()[0]) != 1 for term in rest.args):
            common, rest = sp.S.One, e                 # what is a factor of some terms only stays with them
        return (-common, -rest) if all_negative(rest) else (common, rest)

    def addends(self, e):
        """Pairs (whether it is subtracted, text) of the terms that a sum is written with; of what is no sum, of the whole."""
        if not e.is_Add or self.common(e)[0] != 1:
            return [(False, self(e))]
        terms = [(is_negative(term), term) for term in self.terms(e)]
        return [(minus, self.beside(-term if minus else term, PRODUCT)) for minus, term in terms]

    def write_Mul(self, e):
        if all(f.is_Symbol for f in e.args):
            return self.times([self.wrap(f, POWER) for f in sorted(e.args, key=self.place)]), PRODUCT
        coefficient, rest = e.as_coeff_Mul()
        return self.write_product(coefficient, self.factors(rest))

    def write_product(self, coefficient, factors):
        if not coefficient.is_Rational:
            coefficient, factors = sp.Integer(1), [coefficient, *factors]
        coefficient *= (-1)**sum(all_negative(f) for f in factors)        # c*(-a - b) is -c*(a + b)
        factors = [-f if all_negative(f) else f for f in factors]
        above = [f for f in factors if not is_divisor(f)]
        below = [1/f for f in factors if is_divisor(f)]
        piece = self.fraction(abs(coefficient.p), above, coefficient.q, below)
        return (self.negative(piece), SUM) if coefficient < 0 else (piece, PRODUCT)

    def fraction(self, p, above, q, below):
        """p*above / (q*below) in one line."""
        top = self.times([self.integer(p)]*(p != 1 or not above) + [self.wrap(f, POWER) for f in above])
        bottom = [self.integer(q)]*(q != 1) + [self.wrap(f, POWER) for f in below]
        if not bottom:
            return top
        return self.divide(top, bottom[0] if len(bottom) == 1 else self.brackets(self.times(bottom)))

    def integer(self, n):
        """A whole number in a product."""
        return str(n)

    def write_Pow(self, e):
        if is_divisor(e):
            return self.write_product(sp.Integer(1), [e])
        if e.exp == sp.Rational(1, 2):
            return self.call(self.root, [e.base])
        return self.power(e)

    def power(self, e):
        return self.raised(self.wrap(e.base, ATOM), self.beside(e.exp, ATOM)), POWER

    def write_Function(self, e):
        if type(e) in self.functions:
            return self.call(self.functions[type(e)], e.args)
        return self.other(e)

    def write_Activation(self, e):
        return self.call(type(e).__name__, e.args)

    def write_ArrayFunction(self, e):
        if e.joins:
            return e.rows.format(*(self.wrap(a, POWER) for a in e.operands)), PRODUCT
        return e.rows.format(*(self.wrap(a, ATOM) if e.rows.startswith("{") else self(a) for a in e.args)), ATOM

    def write_Slope(self, e):
        return self.write(e.doit())

    def call(self, name, arguments):
        return self.applied(name, [self(a) for a in arguments]), ATOM

    def write_Relational(self, e):
        return self.compare(e.rel_op, *(self.beside(side, SUM) for side in (e.lhs, e.rhs))), SUM

    def write_Expr(self, e):
        return self.other(e)

    def other(self, e):
        raise TypeError(f"cannot write {type(e).__name__} in {type(self).__name__}: {e}")


class Text(Printer):
    """The language of ``str`` and of the parser.

    >>> from .parser import parse
    >>> Text()(parse("((y1 - p1)**2 + (y2 - p2)**2)/2"))
    '((y1 - p1)**2 + (y2 - p2)**2)/2'
    """

    functions = {sp.exp: "exp", sp.log: "log", sp.tanh: "tanh", sp.Abs: "abs", sp.erf: "erf", sp.erfc: "erfc",
                 sp.cos: "cos", sp.sin: "sin", sp.sign: "sign"}
    constants = {sp.pi: "pi", sp.E: "exp(1)"}

    def name(self, s):
        return self.names.get(s) or s.name

    def other(self, e):
        return sp.sstr(e), ATOM


