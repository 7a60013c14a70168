"""Text to expressions of arrays: what the parser reads, and A @ W, A.T, sum(A, rows), softmax(Z), reshape(A, m, n).

    ArrayReader                 reads what names that stand for arrays may be in
"""
import ast

import sympy as sp

from .matrices import FUNCTIONS, WRITTEN, Sized, dot, transposed
from .parser import Reader
from .selections import SELECTIONS
from .shapes import Extent

SIZED = {name: f for name, f in {**FUNCTIONS, **SELECTIONS}.items() if issubclass(f, Sized)}


class ArrayReader(Reader):
    """The reader of expressions whose names may stand for arrays.

    >>> from .parser import parse
    >>> parse("sum(X.T @ D, rows)", reader=ArrayReader)
    row_sums(dot(transposed(X), D))
    """

    def read_Attribute(self, node, depth):
        if self.names.get(node.attr) != "T":
            raise ValueError(f"expected .T, got {self.source(node)!r}")
        return transposed(self.read(node.value, depth))

    def read_BinOp(self, node, depth):
        if not isinstance(node.op, ast.MatMult):
            return super().read_BinOp(node, depth)
        return dot(self.read(node.left, depth), self.read(node.right, depth))

    def joined(self, operation, parts):
        return _complete(super().joined(operation, parts), parts)

    def power(self, base, exponent):
        return _complete(super().power(base, exponent), (base, exponent))

    def read_Call(self, node, depth):
        if sized := SIZED.get(self.source(node.func)):
            return self.sized(sized, node, depth)
        name, *by = map(self.source, (node.func, *node.args[1:]))
        plain = node.args and not node.keywords and not isinstance(node.args[0], ast.Starred)
        if plain and (function := WRITTEN.get(", ".join([name, *by]))):
            return function(self.read(node.args[0], depth))
        if plain and name == "min" and (function := WRITTEN.get(", ".join(["max", *by]))):
            return -function(-self.read(node.args[0], depth))
        if plain and name in ("max", "min") and not by:
            raise ValueError(f"{name} expected several arrays, of which it is taken entry by entry, as in {name}(A, C), or one "
                             f"by rows or columns, as in {name}(A, rows), got {self.source(node)!r}; of all entries it is "
                             f"{name}({name}(A, rows), columns), a row of one number")
        return super().read_Call(node, depth)

    def sized(self, function, node, depth):
        """A function that is told sizes: letters, whole numbers, or products of them."""
        values = [self.read(a, depth) for a in node.args]
        operands, sizes = values[:function.arrays], values[function.arrays:]
        if node.keywords or len(sizes) not in function.counts or not all(_is_size(n, function) for n in sizes):
            raise ValueError(f"expected {function.said}, as in {function.example}, got {self.source(node)!r}")
        return function(*operands, *(n.xreplace({s: Extent(s.name) for s in n.free_symbols}) for n in sizes))


def _is_size(n, function):
    """Whether an expression is a letter, where the function takes any, a whole number, or a product of them."""
    return all(f.is_Symbol and function.letters or f.is_Integer and f >= function.least for f in sp.Mul.make_args(n))


def _complete(found, parts):
    """What parts are together, if all their names are left in it: with one that cancels its shape would be lost."""
    if gone := set().union(*(part.free_symbols for part in parts)) - found.free_symbols:
        names = ", ".join(sorted(map(str, gone)))
        raise ValueError(f"{names} cancels, and with it the shape of the result: leave it out, or write spread(a, m, n)")
    return found
