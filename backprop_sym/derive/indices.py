r"""Derivatives of functions of whole arrays: SymPy differentiates an entry, and the result is read back as arrays.

    derivative(function, i, ranks)  of the i-th operand, as an expression in the operands, the result and its adjoint D
    in_indices(function, i, ranks)  the same in index notation, as SymPy finds it

Let :math:`L = \sum_{ij} D_{ij} F_{ij}(A)`, where D is the adjoint of F. Then the adjoint of A is

.. math:: \frac{\partial L}{\partial A_{pq}} = \sum_{ij} D_{ij} \frac{\partial F_{ij}}{\partial A_{pq}},

where :math:`\partial A_{ij}/\partial A_{pq} = \delta_{ip} \delta_{jq}`: the deltas leave one term of a sum. For the matrix
product :math:`\sum_j D_{pj} W_{qj}` is left, which is an entry of :math:`D W^T`. Nothing of this is in a table.

The largest number of a row is :math:`\sum_k F_{ik} A_{ik}`, where F is 1 at the first of the largest and 0 elsewhere. Which that
is changes in steps, so F is the same a little farther on, and is differentiated as a number.
"""
from functools import cache
from itertools import count

import sympy as sp
from sympy.concrete.delta import deltasummation

from ..describe.functions import larger
from ..describe.matrices import FUNCTIONS, column_sums, dot, row_sums, total, transposed

INDICES = P, Q = sp.symbols("p q", integer=True)


class Entries:
    """An array in index notation: its entries are symbols with indices; those along a size of 1 have the index 0."""

    def __init__(self, name, shape):
        self.base, self.shape = name, shape

    def __getitem__(self, at):
        at = at if isinstance(at, tuple) else (at,)
        return sp.IndexedBase(self.base)[at] if at else self.base


def _adder(letter):
    """The sum of f(k) over an index of its own, as a Sum; the largest as the sum of all, each times its F."""
    numbers = count(1)

    def add(f, n, by=sp.Add):
        k = sp.Symbol(f"{letter}{next(numbers)}", integer=True)
        return sp.Sum(f(k)*sp.IndexedBase("F")[f(k).indices] if by is larger else f(k), (k, 0, n - 1))
    return add


@cache
def _written(name, shapes, sizes):
    """(an entry's function, operands, the shape of the result) of a function of arrays of symbolic shapes."""
    function = FUNCTIONS[name]
    operands = tuple(Entries(sp.Symbol("ABC"[i]), shape) for i, shape in enumerate(shapes))
    call = function(*(operand.base for operand in operands), *sizes)
    return call.entry(_adder("k"), *operands), operands, function.result(shapes, sizes)


@cache
def in_indices(name, i, shapes, sizes=()):
    """The adjoint of the i-th operand's entry [p, q] in index notation, D being the adjoint of the result.

    >>> m, n, k = sp.symbols("m n k", integer=True, positive=True)
    >>> in_indices("dot", 0, ((m, n), (n, k)))
    Sum(B[q, i2]*D[p, i2], (i2, 0, k - 1))
    """
    whole, entry = weighed(name, i, shapes, sizes)
    return _contracted(whole.diff(entry))


def weighed(name, i, shapes, sizes=()):
    """(the sum L of the result's entries, each times its adjoint; the i-th operand's entry [p, q], by which it is derived)."""
    entry, operands, shape = _written(name, shapes, sizes)
    D, add = Entries(sp.Symbol("D"), shape), _adder("i")

    def product(*at):
        if len(at) < len(shape):
            return product(*at, sp.S.Zero) if shape[len(at)] == 1 else add(lambda k: product(*at, k), shape[len(at)])
        return D[at]*entry(*at)

    indices = INDICES[2 - len(operands[i].shape):]
    where = tuple(sp.S.Zero if size == 1 else at for size, at in zip(operands[i].shape, indices, strict=True))
    return product(), operands[i][where]


def operand_shapes(name):
    """The shapes of a function's operands in letters, the same letter for sizes that must agree."""
    m, n, k = sp.symbols("m n k", integer=True, positive=True)
    return ((m, n), (n, k)) if FUNCTIONS[name].joins else ((m, n),)


def _contracted(e):
    """The expression with each sum over a Kronecker delta carried out: of its terms one is left."""
    if not e.args or isinstance(e, sp.Indexed):
        return e
    if not isinstance(e, sp.Sum):
        return e.func(*map(_contracted, e.args))
    found = _contracted(e.function)
    for limits in e.limits:
        found = sp.Add(*(_summed(term, limits) for term in sp.Add.make_args(sp.expand(found))))
    return found


def _summed(term, limits):
    """The sum of a term over an index: what does not hang on that stands before it."""
    before, inside = term.as_independent(limits[0], as_Add=False)
    if any(limits[0] in delta.free_symbols for delta in inside.atoms(sp.KroneckerDelta)):
        return before*deltasummation(inside, limits, no_piecewise=True)
    return before*sp.Sum(inside, limits)


# ---- read back as arrays

@cache
def derivative(name, i, shapes, sizes=()):
    """The adjoint of the i-th operand as an expression in arrays: the operands A, B, ..., and D, the adjoint of the result.

    >>> m, n, k = sp.symbols("m n k", integer=True, positive=True)
    >>> derivative("dot", 1, ((m, n), (n, k)))
    dot(transposed(A), D)
    >>> derivative("softmax_rows", 0, ((m, n),))
    D*softmax_rows(A) - row_sums(D*softmax_rows(A))*softmax_rows(A)
    """
    found = in_indices(name, i, shapes, sizes)
    if FUNCTIONS[name].through:
        found = _contracted(_with_shares(found))
    rank = len(shapes[i])
    indices = [sp.S.Zero]*(2 - rank) + list(INDICES[2 - rank:])
    array = _read(found, *(sp.S.Zero if size == 1 else at for size, at in zip((0,)*(2 - rank) + shapes[i], indices, strict=True)))
    through = FUNCTIONS.get(FUNCTIONS[name].through)
    return array.xreplace({sp.Symbol("F"): through(sp.Symbol("A"))}) if through else array


def _with_shares(e):
    """Exponentials written through the shares F of softmax: exp(A[i, j]) is F[i, j] times the sum of its row."""
    F, S = map(sp.IndexedBase, "FS")
    e = e.replace(lambda x: isinstance(x, sp.Sum) and isinstance(x.function, sp.exp), lambda x: S[x.function.args[0].indices[0]])
    return e.replace(lambda x: isinstance(x, sp.exp), lambda x: F[x.args[0].indices]*S[x.args[0].indices[0]])


def _read(e, row, column):
    """The array of which an expression is the entry [row, column]; an index 0 stands for one that the array does not have."""
    if isinstance(e, sp.Indexed):
        return _array(e, row, column)
    if isinstance(e, sp.Sum):
        *inner, (k, *_) = e.limits
        return _read_sum(sp.Sum(e.function, *inner) if inner else e.function, k, row, column)
    return e.func(*(_read(a, row, column) for a in e.args)) if e.args else e


def _array(e, row, column):
    """The array of an entry, as it stands or transposed."""
    array, at = e.base.label, (0,)*(2 - len(e.indices)) + e.indices
    if all(i in (place, 0) for i, place in zip(at, (row, column), strict=True)):
        return array
    if at == (column, row):
        return transposed(array)
    raise NotImplementedError(f"no array is known whose entry [{row}, {column}] is {e}")


def _read_sum(e, k, row, column):
    """The sum of e over k: of a row, of a column, of all entries, or a matrix product."""
    factors = sp.Mul.make_args(e)
    of_row = [f for f in factors if row != 0 and f.has(row)]
    of_column = [f for f in factors if column != 0 and f.has(column)]
    if of_row and of_column:
        left, right = sp.Mul(*(f for f in factors if f not in of_column)), sp.Mul(*of_column)
        return dot(_read(left, row, k), _read(right, k, column))
    if of_row:
        return row_sums(_read(e, row, k))
    if of_column:
        return column_sums(_read(e, k, column))
    if isinstance(e, sp.Sum):                          # over both indices, of which the inner one is summed first
        other = e.limits[0][0]
        first = next(x.indices[0] for x in sp.preorder_traversal(e) if isinstance(x, sp.Indexed) and len(x.indices) == 2)
        return total(_read(e.function, *((k, other) if first == k else (other, k))))
    return total(_read(e, sp.S.Zero, k))
