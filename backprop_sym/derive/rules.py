"""The derivation of a rule for arrays, step by step, as SymPy does it.

    array_rule("@", 0)          how the adjoint of the left factor of a matrix product is found
"""
from dataclasses import dataclass

import sympy as sp

from ..describe.arguments import expect
from ..describe.doors import ask
from ..describe.matrices import WRITTEN
from ..describe.nearest import lookup
from .indices import derivative, in_indices, operand_shapes, weighed


@dataclass(frozen=True, repr=False)
class ArrayRule:
    r"""The derivation of one adjoint: L is the sum of all entries of the result, each times its adjoint :math:`D`.

    ``weighed`` is L in index notation; ``by`` the entry; ``differentiated`` its derivative by the operand's entry [p, q], with
    the Kronecker deltas that SymPy finds; ``entry`` the same with the sums over these carried out; ``array`` the array whose
    entry that is; ``shapes`` are those of A, B and D.
    """

    name: str
    operand: int
    by: sp.Indexed
    weighed: sp.Expr
    differentiated: sp.Expr
    entry: sp.Expr
    array: sp.Expr
    shapes: dict

    def __repr__(self):
        return f"{self.entry} is the entry [p, q] of {self.array}"

    def _repr_latex_(self):
        return f"$${ask('LaTeX of a rule', self)}$$"


def array_rule(function, operand=0):
    """The derivation of the adjoint of an operand: ``function`` is "@", ".T", "sum", "sum, rows", "softmax", ....

    Raises ValueError for another function, and for an operand that it does not have.

    >>> array_rule("@", 1)
    Sum(A[i, p]*D[i, q], (i, 0, m - 1)) is the entry [p, q] of dot(transposed(A), D)
    """
    row = lookup({name: row for name, row in WRITTEN.items() if not row.steps}, "function", function)
    name, shapes = row.__name__, operand_shapes(row.__name__)
    expect(operand=operand)
    if operand >= len(shapes):
        raise ValueError(f"operand: expected 0, for {function!r} has one alone, got {operand!r}")
    whole, by = weighed(name, operand, shapes)
    forms = map(_lettered, (whole, whole.diff(by), in_indices(name, operand, shapes)))
    known = {**dict(zip(sp.symbols("A B C"), shapes, strict=False)), sp.Symbol("D"): row.result(shapes, ())}
    return ArrayRule(function, operand, by, *forms, derivative(name, operand, shapes), known)


def _lettered(e):
    """The expression with i, j, ... for the indices that are summed over."""
    indices = sorted({k for sum_ in e.atoms(sp.Sum) for k, *_ in sum_.limits}, key=lambda k: (k.name[0], int(k.name[1:])))
    return e.xreplace(dict(zip(indices, sp.symbols("i j k l", integer=True), strict=False)))
