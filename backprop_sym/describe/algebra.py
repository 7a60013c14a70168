"""Products and differences of symbols, by far the most frequent expressions, made without all that SymPy asks first.

    times(a, b)                 a*b
    minus(a, b)                 a - b
"""
import sympy as sp


def times(a, b):
    """a*b. For two different symbols, what SymPy returns, at once.

    >>> x, w = sp.symbols("x w")
    >>> times(x, w) == x*w and times(x, w).args == (x*w).args
    True
    """
    if a.is_Symbol and b.is_Symbol and a != b:
        return sp.Mul._from_args((a, b) if a.compare(b) < 0 else (b, a), is_commutative=True)
    return a*b


def minus(a, b):
    """a - b. For a symbol and a product of two symbols, as in every update, what SymPy returns, at once.

    >>> w, eta, g = sp.symbols("w eta g")
    >>> minus(w, eta*g) == w - eta*g and minus(w, eta*g).args == (w - eta*g).args
    True
    """
    if a.is_Symbol and b.is_Mul and len(b.args) == 2 and b.args[0].is_Symbol and b.args[1].is_Symbol:
        negative = sp.Mul._from_args((sp.S.NegativeOne, *b.args), is_commutative=True)
        return sp.Add._from_args((a, negative) if a.compare(negative) < 0 else (negative, a), is_commutative=True)
    return a - b
