"""Text to expressions: a whitelist over Python's syntax tree. Nothing is ever evaluated.

    parse("x1*w1 + b1", names)      an expression; names: the symbols that it may use (None: any)
    parse_equation("z = w*x + b")   the name and the expression

Allowed are numbers, names, + - * / **, unary minus and plus, and the functions of ``FUNCTIONS`` and of the table of
activations. A name may be any (``lambda``, λ, w₁): before Python's grammar sees the text, each is replaced by n0, n1, ...
Sizes are bounded, and so is the work, so that a hostile text is refused in milliseconds.
"""
import ast
import math
import re
from functools import reduce

import sympy as sp

from .decimals import MAX_DIGITS, UNSIGNED, number
from .functions import ACTIVATIONS, logsumexp, maximum, step
from .names import plain, symbol
from .nearest import excerpt, said, unknown

FUNCTIONS = {
    "exp": sp.exp,
    "log": sp.log,
    "ln": sp.log,
    "sqrt": sp.sqrt,
    "log10": lambda x: sp.log(x)/sp.log(10),
    "abs": sp.Abs,
    "sign": sp.sign,
    "step": step,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": lambda x: sp.sin(x)/sp.cos(x),
    "logsumexp": logsumexp,
    "max": maximum,
    "min": lambda *x: -maximum(*(-z for z in x)),
    "sum": sp.Add,
    "mean": lambda *x: sp.Add(*x)/len(x),
}
MANY_ARGUMENTS = ("softmax", "logsumexp", "max", "min", "sum", "mean")
TOKEN = re.compile(rf"(?P<number>{UNSIGNED})|(?P<name>[^\W\d][\w\u0300-\u036f]*)|\s+")
MAX_TEXT = 20_000       # characters of one expression
MAX_DEPTH = 150         # nested operations
MAX_TOGETHER = 20_000   # digits of all the numbers in a sum or a product
MAX_POWER = 1_000       # the largest exponent of a symbol
MAX_NUMBERS = 8         # functions of a number, whose sign SymPy would ask for
MANY = 50               # factors, beyond which a product is made at once


def parse(text, names=None, reader=None):
    """The SymPy expression that a text denotes; decimals are exact.

    ``names`` are the symbols that the text may use, or a mapping of texts to symbols; with None it may use any.
    ``reader``: the class that reads it, a Reader. Raises
    ValueError for text that is no expression of the allowed kind, for unknown names (with the nearest ones) and for sizes
    beyond the bounds.

    >>> parse("x1*w1 + 1*b1"), parse("lambda*λ")
    (b1 + w1*x1, lambda*λ)
    >>> parse("x1*w1 + x3", ["x1", "x2", "w1"])
    Traceback (most recent call last):
        ...
    ValueError: in 'x1*w1 + x3': unknown name 'x3'; did you mean 'x2' or 'x1'?
    """
    if not isinstance(text, str):
        raise TypeError(f"expected an expression as text, got {said(text)}")
    if len(text) > MAX_TEXT:
        raise ValueError(f"expected an expression of at most {MAX_TEXT:,} characters, got one of {len(text):,}")
    if reader is not None and not (isinstance(reader, type) and issubclass(reader, Reader)):
        raise TypeError(f"reader: expected a class of readers, or None, got {said(reader)}")
    try:
        known = names if names is None or isinstance(names, dict) else {str(name): symbol(name) for name in names}
    except TypeError:
        raise TypeError(f"names: expected the names that a text may use, got {said(names)}") from None
    try:
        reader = (Reader if reader is None else reader)(text, known)
        return reader.read(ast.parse(reader.text, mode="eval").body, 0)
    except (SyntaxError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "nested too deeply"
        raise ValueError(f"in {excerpt(text)!r}: expected an expression: {reason}") from None
    except ValueError as error:
        raise ValueError(f"in {excerpt(text)!r}: {error}") from None


def parse_equation(text, names=None, reader=None):
    """The pair (name, expression) of a line such as "z1 = x1*w1 + b1"."""
    if not isinstance(text, str):
        raise TypeError(f"expected an equation as text, got {said(text)}")
    left, equals, right = text.partition("=")
    if not equals:
        raise ValueError(f"expected an equation such as 'z = w*x + b', got {excerpt(text)!r}")
    return left.strip(), parse(right, names, reader)


class Reader:
    """Walks the syntax tree; whatever is not on the list is refused."""

    def __init__(self, text, known):
        self.known, self.names = known, {}                 # names: {what Python's grammar sees: the name}
        seen = {}

        def replaced(token):
            if token["number"]:
                return token[0]
            if token["name"] is None:
                return " "                                 # a text may go over several lines
            return seen.setdefault(plain(token[0]), f"n{len(seen)}")

        self.text = TOKEN.sub(replaced, text).strip()
        self.names = {place: name for name, place in seen.items()}
        if not self.text.isascii():
            odd = next(character for character in self.text if not character.isascii())
            raise ValueError(f"expected numbers, names, + - * / ** and functions, got {odd!r}")

    def read(self, node, depth):
        if depth > MAX_DEPTH:
            raise ValueError(f"expected at most {MAX_DEPTH} nested operations, got more")
        method = getattr(self, "read_" + type(node).__name__, None)
        if method is None:
            raise ValueError(f"expected numbers, names, + - * / ** and functions, got {self.source(node)!r}")
        return method(node, depth + 1)

    def source(self, node):
        """The text of a node as it was given: what Python's grammar sees is one line of ASCII."""
        return excerpt(re.sub(r"n\d+", lambda place: self.names.get(place[0], place[0]),
                               self.text[node.col_offset:node.end_col_offset]))

    def read_Constant(self, node, depth):
        return number(self.text[node.col_offset:node.end_col_offset])

    def read_Name(self, node, depth):
        name = self.names[node.id]
        if self.known is None:
            return symbol(name)
        if name not in self.known:
            raise ValueError(unknown("name", name, self.known))
        return self.known[name]

    def read_UnaryOp(self, node, depth):
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise ValueError(f"expected + or -, got {self.source(node)!r}")
        value = self.read(node.operand, depth)
        return -value if isinstance(node.op, ast.USub) else value

    def read_BinOp(self, node, depth):
        """A sum or product of hundreds leans to the left in the tree: it is walked without recursion, and made at once."""
        if isinstance(node.op, ast.Pow):
            return self.real(self.power(self.read(node.left, depth), self.read(node.right, depth)), node)
        kind = next((k for k in (SUM, PRODUCT) if type(node.op) in k), None)
        if isinstance(node.op, ast.BitXor):
            raise ValueError("for a power write **, not ^")
        if kind is None:
            raise ValueError(f"expected + - * / **, got the operator {type(node.op).__name__}")
        parts = []
        while isinstance(node, ast.BinOp) and type(node.op) in kind:
            parts.append(self.operand(node.op, node.right, depth))
            node = node.left
        parts.append(self.read(node, depth))
        return self.joined(sp.Add if kind is SUM else sp.Mul, parts[::-1])

    def operand(self, op, node, depth):
        """What is added or multiplied: the negative of what is subtracted, the reciprocal of what is divided by."""
        value = self.read(node, depth)
        if isinstance(op, ast.Div) and value.is_zero:
            raise ValueError("expected a divisor other than 0")
        return -value if isinstance(op, ast.Sub) else 1/value if isinstance(op, ast.Div) else value

    def joined(self, operation, parts):
        """The sum or product of parts in order, unless their numbers have too many digits together."""
        if sum(_digits(part.as_coeff_Mul()[0]) for part in parts) > MAX_TOGETHER:
            raise ValueError(f"expected numbers of at most {MAX_TOGETHER:,} digits together, got more")
        if operation is sp.Add or len(parts) > MANY:
            return operation(*parts)
        return reduce(operation, parts)                    # one by one, a number is multiplied into a bracket behind it

    def power(self, base, exponent):
        if exponent.is_number and not (exponent.is_Rational and abs(exponent) <= MAX_POWER):
            raise ValueError(f"expected an exponent of at most {MAX_POWER}, got a larger one")
        self.bounded(base)
        if base.is_Rational and exponent.is_Rational:
            if base.is_zero and exponent < 0:
                raise ValueError("expected a divisor other than 0")
            if abs(exponent)*_digits(base) > MAX_DIGITS:
                raise ValueError(f"expected numbers of at most {MAX_DIGITS} digits, got a power with more")
        return base**exponent

    def read_Call(self, node, depth):
        functions = {**FUNCTIONS, **ACTIVATIONS}
        name = self.source(node.func)
        if name not in functions:
            raise ValueError(unknown("function", name, functions))
        function = functions[name]
        many = name in MANY_ARGUMENTS
        if node.keywords or not node.args or any(isinstance(a, ast.Starred) for a in node.args):
            raise ValueError(f"expected plain arguments, got {self.source(node)!r}")
        if len(node.args) != 1 and not many:
            raise ValueError(f"expected one argument, got {self.source(node)!r}")
        values = [self.read(a, depth) for a in node.args]
        for value in values:
            if value.is_number and len(value.atoms(sp.Function, sp.Pow)) > MAX_NUMBERS:
                raise ValueError(f"expected at most {MAX_NUMBERS} functions of numbers within each other, got more")
            self.bounded(value)
        return self.real(function(*values), node)

    def bounded(self, value):
        """Raise ValueError for a computed number that is too large: SymPy asks for the sign of what is made of it."""
        if value.is_number and not value.is_Rational and abs(value.evalf(3)) > 10**MAX_DIGITS:
            raise ValueError(f"expected numbers of at most {MAX_DIGITS} digits, got a function of one with more")

    def real(self, value, node):
        """A value, unless it is a number that is infinite, undefined or complex."""
        if value.is_number and (value.is_real is False or value in (sp.zoo, sp.nan)):
            raise ValueError(f"expected a real number, got {self.source(node)!r}")
        return value


SUM, PRODUCT = (ast.Add, ast.Sub), (ast.Mult, ast.Div)


def _digits(value):
    """About how many digits a Rational has, above or below the line; 0 for any other number."""
    return math.log10(max(abs(value.p), value.q)) if value.is_Rational else 0
