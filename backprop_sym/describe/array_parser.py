"""Text to expressions of arrays: what the parser reads, and A @ W, A.T, sum(A, rows), softmax(Z), spread(b, B, n).

    ArrayReader                 reads what names that stand for arrays may be in
"""
import ast

from .matrices import WRITTEN, dot, spread, transposed
from .parser import Reader
from .shapes import Extent


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
        if self.source(node.func) == "spread":
            return self.spread(node, depth)
        name, *by = map(self.source, (node.func, *node.args[1:]))
        plain = node.args and not node.keywords and not isinstance(node.args[0], ast.Starred)
        if plain and (function := WRITTEN.get(", ".join([name, *by]))):
            return function(self.read(node.args[0], depth))
        return super().read_Call(node, depth)

    def spread(self, node, depth):
        """spread(a, n) or spread(a, m, n): the sizes are letters or positive integers."""
        sizes = [self.read(a, depth) for a in node.args[1:]]
        if node.keywords or len(sizes) not in (1, 2) or not all(n.is_Symbol or n.is_Integer and n > 0 for n in sizes):
            raise ValueError(f"expected one or two sizes, as in spread(a, B, n), got {self.source(node)!r}")
        return spread(self.read(node.args[0], depth), *(Extent(n.name) if n.is_Symbol else n for n in sizes))


def _complete(found, parts):
    """What parts are together, if all their names are left in it: with one that cancels its shape would be lost."""
    if gone := set().union(*(part.free_symbols for part in parts)) - found.free_symbols:
        names = ", ".join(sorted(map(str, gone)))
        raise ValueError(f"{names} cancels, and with it the shape of the result: leave it out, or write spread(a, m, n)")
    return found
