"""Text to expressions: a whitelist over Python's syntax tree. Nothing is ever evaluated.

    parse("x1*w1 + b1", names)      an expression; names: the symbols that it may use (None: any)
    parse_equation("z = w*x + b")   the name and the expression
    number("0.10")                  an exact Rational from a decimal

Allowed are numbers, names, + - * / **, unary minus and plus, and the functions of ``FUNCTIONS`` and of the table of
activations. Sizes are bounded, so that a hostile text is refused in milliseconds.
"""
import ast
import math
import re

import sympy as sp

from .functions import ACTIVATIONS, logsumexp
from .names import symbol, unknown

FUNCTIONS = {
    "exp": sp.exp,
    "log": sp.log,
    "ln": sp.log,
    "sqrt": sp.sqrt,
    "log10": lambda x: sp.log(x)/sp.log(10),
    "abs": sp.Abs,
    "logsumexp": logsumexp,
}
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MAX_TEXT = 20_000       # characters of one expression
MAX_DEPTH = 150         # nested operations
MAX_DIGITS = 1_000      # of a number, written or computed
MAX_POWER = 1_000       # the largest exponent of a symbol


def number(text):
    """The exact value of a decimal such as "0.10" or "-2.6e-4".

    Raises TypeError where ``text`` is no string and ValueError where it is no decimal, or one too long to be meant.

    >>> number("0.10"), number("-2.5e-1")
    (1/10, -1/4)
    """
    if not isinstance(text, str):
        raise TypeError(f"expected a decimal as text, got {text!r}")
    stripped = text.strip()
    if len(stripped) > MAX_DIGITS:
        raise ValueError(f"expected a decimal of at most {MAX_DIGITS} characters, got one of {len(stripped):,}")
    match = DECIMAL.fullmatch(stripped)
    if not match:
        raise ValueError(f"expected a decimal such as '0.05' or '-2.6e-4', got {_excerpt(text)!r}")
    exponent = match[2]
    if exponent and (len(exponent) > 6 or abs(int(exponent[1:])) > MAX_DIGITS):
        raise ValueError(f"expected a decimal between 1e-{MAX_DIGITS} and 1e{MAX_DIGITS}, got {_excerpt(text)!r}")
    return sp.Rational(stripped)


def parse(text, names=None):
    """The SymPy expression that a text denotes; decimals are exact.

    ``names`` are the symbols that the text may use; with None it may use any. Raises ValueError for text that is no
    expression of the allowed kind, for unknown names (with the nearest ones) and for sizes beyond the bounds.

    >>> parse("x1*w1 + 1*b1")
    b1 + w1*x1
    >>> parse("x1*w1 + x3", ["x1", "x2", "w1"])
    Traceback (most recent call last):
        ...
    ValueError: in 'x1*w1 + x3': unknown name 'x3'; did you mean 'x2' or 'x1'?
    """
    if not isinstance(text, str):
        raise TypeError(f"expected an expression as text, got {text!r}")
    if len(text) > MAX_TEXT:
        raise ValueError(f"expected an expression of at most {MAX_TEXT:,} characters, got one of {len(text):,}")
    known = None if names is None else {str(name): symbol(name) for name in names}
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        return _Reader(text.strip(), known).read(tree, 0)
    except (SyntaxError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "nested too deeply"
        raise ValueError(f"in {_excerpt(text)!r}: expected an expression: {reason}") from None
    except ValueError as error:
        raise ValueError(f"in {_excerpt(text)!r}: {error}") from None


def parse_equation(text, names=None):
    """The pair (name, expression) of a line such as "z1 = x1*w1 + b1"."""
    if not isinstance(text, str):
        raise TypeError(f"expected an equation as text, got {text!r}")
    left, equals, right = text.partition("=")
    if not equals:
        raise ValueError(f"expected an equation such as 'z = w*x + b', got {_excerpt(text)!r}")
    return left.strip(), parse(right, names)


class _Reader:
    """Walks the syntax tree; whatever is not on the list is refused."""

    operators = {ast.Add: sp.Add, ast.Mult: sp.Mul, ast.Sub: lambda a, b: a - b}

    def __init__(self, text, known):
        self.text, self.known = text, known

    def read(self, node, depth):
        if depth > MAX_DEPTH:
            raise ValueError(f"expected at most {MAX_DEPTH} nested operations, got more")
        method = getattr(self, "read_" + type(node).__name__, None)
        if method is None:
            raise ValueError(f"expected numbers, names, + - * / ** and functions, got {self.source(node)!r}")
        return method(node, depth + 1)

    def source(self, node):
        return _excerpt(ast.get_source_segment(self.text, node) or type(node).__name__)

    def read_Constant(self, node, depth):
        return number(ast.get_source_segment(self.text, node))

    def read_Name(self, node, depth):
        if self.known is None:
            return symbol(node.id)
        if node.id not in self.known:
            raise ValueError(unknown("name", node.id, self.known))
        return self.known[node.id]

    def read_UnaryOp(self, node, depth):
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise ValueError(f"expected + or -, got {self.source(node)!r}")
        value = self.read(node.operand, depth)
        return -value if isinstance(node.op, ast.USub) else value

    def read_BinOp(self, node, depth):
        # A sum of hundreds of terms leans to the left in the tree: walk down that side without recursion.
        pending = []
        while isinstance(node, ast.BinOp) and len(pending) < MAX_TEXT:
            pending.append((node.op, node.right))
            node = node.left
        value = self.read(node, depth)
        for op, right in reversed(pending):
            value = self.combine(op, value, self.read(right, depth))
        return value

    def combine(self, op, left, right):
        if isinstance(op, ast.Pow):
            return self.power(left, right)
        if isinstance(op, ast.Div):
            if right.is_zero:
                raise ValueError("expected a divisor other than 0")
            return left/right
        if type(op) not in self.operators:
            raise ValueError(f"expected + - * / **, got the operator {type(op).__name__}")
        return self.operators[type(op)](left, right)

    def power(self, base, exponent):
        if exponent.is_number and not (exponent.is_Rational and abs(exponent) <= MAX_POWER):
            raise ValueError(f"expected an exponent of at most {MAX_POWER}, got a larger one")
        if base.is_Rational and exponent.is_Rational:
            if base.is_zero and exponent < 0:
                raise ValueError("expected a divisor other than 0")
            size = max(abs(base.p), base.q)
            if abs(exponent)*math.log10(max(size, 1)) > MAX_DIGITS:
                raise ValueError(f"expected numbers of at most {MAX_DIGITS} digits, got a power with more")
        return base**exponent

    def read_Call(self, node, depth):
        functions = {**FUNCTIONS, **ACTIVATIONS}
        name = node.func.id if isinstance(node.func, ast.Name) else self.source(node.func)
        if name not in functions:
            raise ValueError(unknown("function", name, functions))
        function = functions[name]
        many = name in ("softmax", "logsumexp")
        if node.keywords or not node.args or any(isinstance(a, ast.Starred) for a in node.args):
            raise ValueError(f"expected plain arguments, got {self.source(node)!r}")
        if len(node.args) != 1 and not many:
            raise ValueError(f"expected one argument, got {self.source(node)!r}")
        return function(*(self.read(a, depth) for a in node.args))


def _excerpt(text, length=60):
    return text if len(text) <= length else text[:length] + "..."
