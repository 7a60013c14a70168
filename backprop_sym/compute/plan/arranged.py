"""Programs of arrays, arranged for speed before they are computed in place: the same numbers, moved and multiplied less often.

    arranged(program, wanted)   the program with another look at an array taken last, and sums of many products as one
    beside(A, B, ...), below(A, B, ...)     matrices side by side, or one below the other

A transpose and a reshape are another look at the same numbers. What works entry by entry, such as 2*A.T, can look at them as they
lie and turn the result, (2*A).T, so that nothing is read across its rows; two such looks that undo each other go.

A weight that many steps share has a gradient that is a sum over them, X1.T @ D1 + X2.T @ D2 + ...: as long as the sum is a
product of two matrices, in which all X, and all D, lie one below the other. One large product is faster than many small ones.
"""
from functools import cache

import sympy as sp

from ...describe.dataflow import needed
from ...describe.matrices import ArrayFunction, column_sums, dot, mean, total, transposed
from ...describe.program import Equation
from ...describe.selections import reshape
from ...describe.shapes import shape_of
from .statements import Made

LOOKS = (transposed, reshape)
MANY = 4                    # products of which the sum is quicker as one


class below(ArrayFunction):  # noqa: N801  (SymPy functions are written small)
    """Matrices of as many columns, one below the other."""

    result = classmethod(lambda cls, shapes, sizes: (sp.Add(*(shape[0] for shape in shapes)), shapes[0][1]))


class beside(ArrayFunction):  # noqa: N801
    """Matrices of as many rows, side by side."""

    result = classmethod(lambda cls, shapes, sizes: (shapes[0][0], sp.Add(*(shape[1] for shape in shapes))))


def arranged(program, wanted):
    """What is needed of the program for some of its quantities, arranged: see above."""
    program = _stacked(_looked_at_last(program))
    return program._with(needed(program.equations, *wanted))


# ---- another look at an array

def _looked_at_last(program):
    """The program in which transposes and reshapes stand around what works entry by entry, not in it."""
    shapes, looks, equations = dict(program.shape), {}, []

    def shape(e):
        return shape_of(e, lambda s: shapes.get(s, ()))

    @cache
    def lifted(e):
        """The same, with its looks outermost."""
        if not e.args:
            return looks.get(e, e)
        new = [lifted(a) if isinstance(a, sp.Expr) else a for a in e.args]
        arrays = [a for a in new if isinstance(a, sp.Expr) and shape(a) != ()]
        if isinstance(e, reshape):
            return _reshaped(new, shape)
        if isinstance(e, total | mean):
            return e.func(_without_looks(new[0]))
        if isinstance(e, ArrayFunction) or not arrays or not isinstance(arrays[0], LOOKS) or not all(
                _alike(a, arrays[0], shape) for a in arrays):
            return e.func(*new)
        return lifted(type(arrays[0])(e.func(*(a.args[0] if a in arrays else a for a in new)), *arrays[0].args[1:]))

    for e in program.equations:
        rhs = _one_number(e.rhs)
        if rhs.has(*LOOKS) or not looks.keys().isdisjoint(rhs.free_symbols):
            rhs = lifted(rhs)
        if isinstance(rhs, LOOKS):
            inner = _without_looks(rhs)
            if not inner.is_Symbol:
                name = Made("flat", e.lhs)
                shapes[name] = shape(inner)
                equations.append(Equation(name, inner))
                rhs = rhs.xreplace({inner: name})
            looks[e.lhs] = rhs
        equations.append(Equation(e.lhs, rhs))
    return program._with(equations)


def _without_looks(e):
    """What the looks are at."""
    while isinstance(e, LOOKS):
        e = e.args[0]
    return e


def _alike(a, b, shape):
    """Whether two looks are of one kind, at arrays of one shape."""
    return type(a) is type(b) and a.args[1:] == b.args[1:] and shape(a.args[0]) == shape(b.args[0])


def _reshaped(arguments, shape):
    """A reshape of an array that was reshaped before: the first is in vain, and both where the shape is the old one."""
    a, *sizes = arguments
    while isinstance(a, reshape):
        a = a.args[0]
    return a if shape(a) == tuple(sizes) else reshape(a, *sizes)


def _one_number(e):
    """The same with one number in the place of several that are multiplied, such as sqrt(2)/8."""
    def multiplied(product):
        numbers, others = sp.sift(product.args, lambda a: a.is_number and not isinstance(a, ArrayFunction), binary=True)
        return product if all(a.is_Rational for a in numbers) else sp.Mul(sp.N(sp.Mul(*numbers), 17), *others)
    found = any(a.is_number for a in e.atoms(sp.Pow, sp.NumberSymbol))
    return e.replace(lambda a: a.is_Mul and not a.is_number, multiplied) if found else e


# ---- sums of products

def _stacked(program):
    """The program in which a sum of many products is one, of matrices that are made of the others."""
    names, equations, known = {}, [], program.shape

    def named(join, matrices):
        stack = join(*matrices)
        if stack not in names:
            names[stack] = Made(f"stack{len(names)}")
            equations.append(Equation(names[stack], stack))
        return names[stack]

    def one(kind, terms):
        """The sum of terms of one kind, of operands of the same shapes."""
        if kind is dot and len(terms) >= MANY:
            left, right = zip(*(term.args for term in terms), strict=True)
            return dot(_joined(left, beside, below, named), _joined(right, below, beside, named))
        if kind is column_sums and len(terms) >= MANY:
            return column_sums(named(below, [term.args[0] for term in terms]))
        return sp.Add(*terms)

    for e in program.equations:
        groups = {}
        for term in sp.Add.make_args(e.rhs):
            shapes = [shape_of(a, lambda s: known.get(s, ())) for a in term.args] if isinstance(term, dot | column_sums) else ()
            groups.setdefault((type(term), *shapes) if shapes else (None,), []).append(term)
        equations.append(Equation(e.lhs, sp.Add(*(one(kind, terms) for (kind, *_), terms in groups.items()))))
    return program._with(equations)


def _joined(matrices, join, turned, named):
    """Matrices joined; transposes the other way, and then transposed."""
    if all(isinstance(a, transposed) for a in matrices):
        return transposed(named(turned, [a.args[0] for a in matrices]))
    return named(join, matrices)
