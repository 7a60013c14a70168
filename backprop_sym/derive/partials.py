"""The derivative of an expression: SymPy's of what stands between the functions, the chain rule for the rest.

    partials(expression)        every derivative, with each f'(z) kept as a Slope: shown one way, computed another
    local_partials(program, e)  those of one equation, in the names of its program
"""
from functools import cache, lru_cache

import sympy as sp

from ..describe.activation import Activation, derivative_by
from ..describe.arguments import expect
from ..describe.names import by_name

LONG = 20               # terms of a sum in a product, beyond which it is not differentiated as a whole for each of its symbols


def local_partials(program, e):
    """The local derivatives of an equation, {symbol: d(lhs)/d(symbol)}.

    What an activation's derivative is written through is named as the program names it: a*(1 - a), p1*p2.

    >>> from backprop_sym import Program
    >>> program = Program.parse(["a = sigmoid(z)"])
    >>> local_partials(program, program["a"])
    {z: a*(1 - a)}
    """
    expect(program=program, e=e)
    return {s: local.xreplace(program.named) if local.has(Activation) else local
            for s, local in partials(e.rhs).items()}


def partials(expression):
    """{symbol: derivative} for each symbol in an expression, each activation's own derivative kept as a Slope.

    A sum is taken term by term. A shape of term is differentiated once, by SymPy, and then reused with other names.

    >>> from backprop_sym import sigmoid
    >>> z, w = sp.symbols("z w")
    >>> partials(w*sigmoid(z))
    {w: sigmoid(z), z: w*((1 - sigmoid(z))*sigmoid(z))}
    """
    found = {}
    for scale, term in _terms(expression):
        for s, derivative in _of_term(term):
            found.setdefault(s, []).append(derivative if scale == 1 else scale*derivative)
    return {s: d[0] if len(d) == 1 else sp.Add(*d) for s, d in sorted(found.items(), key=lambda item: by_name(item[0]))}


def _terms(expression, scale=1):
    """(coefficient, term) of a sum; a number before a bracket goes with each of its terms."""
    for term in sp.Add.make_args(expression):
        number, rest = term.as_coeff_Mul()
        if rest.is_Add:
            yield from _terms(rest, scale*number)
        else:
            yield scale, term


def _of_term(term):
    """(symbol, derivative) pairs of one term."""
    if term.is_Symbol:
        return [(term, sp.S.One)]
    if term.is_Mul and all(f.is_Symbol for f in term.args):       # x*w, by far the most frequent: no need to ask SymPy
        a, *others = term.args
        if len(others) == 1:
            return [(a, others[0]), (others[0], a)]
        return [(f, sp.Mul(*(g for g in term.args if g is not f))) for f in term.args]
    if term.is_Mul and (long := [f for f in term.args if f.is_Add and len(f.args) > LONG]):
        total, rest = long[0], sp.Mul(*(f for f in term.args if f is not long[0]))
        if total.free_symbols.isdisjoint(rest.free_symbols):      # the price of all weights: term by term, as any sum
            return [*((s, rest*d) for s, d in partials(total).items()), *((s, total*d) for s, d in partials(rest).items())]
    names = dict.fromkeys(node for node in sp.preorder_traversal(term) if node.is_Symbol)
    places = dict(zip(names, _placeholders(len(names)), strict=True))
    back = {place: name for name, place in places.items()}
    return [(back[place], derivative.xreplace(back)) for place, derivative in _template(term.xreplace(places))]


@cache
def _placeholders(count):
    return tuple(sp.Dummy(f"t{i}", dummy_index=i + 1) for i in range(count))


@lru_cache(maxsize=10_000)
def _template(term):
    return [(s, derivative_by(term, s)) for s in sorted(term.free_symbols, key=sp.default_sort_key)]
