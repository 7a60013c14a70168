r"""What an equation hands back: the adjoint of its result becomes a contribution to the adjoint of each symbol that it uses.

    contributions(program, e, adjoint)      (symbol, contribution) pairs, each in the shape of its symbol
    fitted(expression, shape, shapes)       an expression in a shape
    shape_in(program, s)                    the shape of a symbol

For numbers that is the product with the local derivative. For arrays it is the same entry by entry; a function of whole arrays
hands back what ``indices`` derives for it; and where an operand was repeated to fit, the contributions to it add up.
"""
import sympy as sp

from ..describe.activation import Activation
from ..describe.algebra import times
from ..describe.matrices import FUNCTIONS, ArrayFunction, spread
from ..describe.selections import reshape
from ..describe.shapes import Extent, of_symbol, shape_of, together
from .indices import derivative
from .partials import local_partials, partials

SIZES = sp.symbols("m n k", integer=True, positive=True)


def contributions(program, e, adjoint):
    """Pairs (symbol, contribution) of an equation whose result has this adjoint."""
    if not program.shapes:
        return [(s, times(adjoint, local)) for s, local in local_partials(program, e).items()]
    found = {}
    for s, term in _handed_back(e.rhs, adjoint, lambda s: shape_in(program, s)):
        found.setdefault(s, []).append(term)
    return [(s, named(sp.factor_terms(sp.Add(*terms)), program)) for s, terms in found.items()]


def shape_in(program, s):
    """The shape of any symbol in the names of a program, also of what it declares and does not use; () for a number."""
    return of_symbol(s, program.shape if s in program.shape else {**program.shapes, **program.shape})


def named(expression, program):
    """The expression with what the program has a name for, such as p = softmax(z), under that name."""
    return expression.xreplace(program.named) if expression.has(Activation, ArrayFunction) else expression


def _handed_back(expression, adjoint, shapes):
    """(symbol, contribution) pairs of an expression whose value has this adjoint."""
    calls = {sp.Dummy(): call for call in _outermost(expression)}
    of = {name: shape_of(call, shapes) for name, call in calls.items()}
    outside = expression.xreplace({call: name for name, call in calls.items()})
    for s, local in partials(outside).items():
        if not isinstance(s, Extent):
            shape = of[s] if s in of else shapes(s)
            term = fitted(adjoint*local.xreplace(calls), shape, shapes)
            yield from _through(calls[s], term, shapes) if s in calls else [(s, term)]


def _through(call, adjoint, shapes):
    """The same of a function of whole arrays; to what changes in steps alone nothing is handed back."""
    if call.steps:
        return
    of = tuple(shape_of(a, shapes) for a in call.operands)
    generic, sizes, real = _generic(type(call).__name__, of, call.args[len(call.operands):])
    number, rest = _scaled(adjoint, shapes)
    given = {sp.Symbol("D"): rest, **dict(zip(sp.symbols("A B C"), call.operands, strict=False)), **real}
    for i, operand in enumerate(call.operands):
        handed = number*derivative(type(call).__name__, i, generic, sizes).xreplace(given)
        handed = reshape(handed, *of[i]) if call.flat else fitted(handed, of[i], shapes)
        yield from _handed_back_by(operand, handed, shapes)


def _scaled(adjoint, shapes):
    """(number, rest) of an adjoint: what is handed back is proportional to it, so its numbers stay in front."""
    numbers, rest = [], []
    for factor in sp.Mul.make_args(adjoint):
        if shape_of(factor, shapes) == ():
            numbers.append(factor)
        elif isinstance(factor, spread) and shape_of(factor.args[0], shapes) == ():
            numbers.append(factor.args[0])
            rest.append(spread(sp.S.One, *factor.args[1:]))
        else:
            rest.append(factor)
    return sp.Mul(*numbers), sp.Mul(*rest)


def _handed_back_by(operand, adjoint, shapes):
    return [(operand, adjoint)] if operand.is_Symbol else _handed_back(operand, adjoint, shapes)


def _generic(name, of, sizes):
    """(shapes in letters, sizes in letters, {letter: size}): one rule serves for all sizes."""
    m, n, k = SIZES
    if FUNCTIONS[name].flat:
        return ((m,),), (m,), {m: sp.Mul(*of[0])}
    if sizes:
        letters = SIZES[2 - len(sizes):2] if len(sizes) < 3 else SIZES
        places = zip(of[0], letters[len(letters) - len(of[0]):], strict=True)
        one = tuple(sp.S.One if size == 1 else letter for size, letter in places)
        return (one,), tuple(letters), dict(zip(letters, sizes, strict=True))
    if len(of) == 2:
        return ((m, n), (n, k)), (), dict(zip(SIZES, (*of[0], of[1][1]), strict=True))
    letters = (m, n)[2 - len(of[0]):]
    return (tuple(letters),), (), dict(zip(letters, of[0], strict=True))


def fitted(expression, shape, shapes):
    """The expression in a shape: what is too small is repeated, and what was repeated to fit is added up.

    What is repeated within it, where the rest has the shape already, need not be; and the sum of what is the same along the
    whole sum is that, times their number.
    """
    whole, plain = shape_of(expression, shapes), _unspread(expression)
    found = shape_of(plain, shapes)
    if together([whole, shape]) == shape:
        return plain if found == shape else spread(plain, *shape)
    kept, along = _padded(shape, len(whole)), _padded(found, len(whole))
    summed = [n for n, k in zip(whole, kept, strict=True) if n != k]
    if summed and all(size == 1 for size, n, k in zip(along, whole, kept, strict=True) if n != k):
        return fitted(sp.Mul(plain, *summed), shape, shapes)
    added = derivative("spread", 0, *_generic("spread", (shape,), whole)[:2])
    added = added.xreplace({sp.Symbol("D"): plain if found == whole else expression})
    return added if shape_of(added, shapes) == shape else spread(added, *shape)


def _padded(shape, length):
    return (sp.S.One,)*(length - len(shape)) + tuple(shape)


def _unspread(e):
    """The expression, nothing in it repeated that is only added or multiplied to others."""
    if isinstance(e, spread):
        return _unspread(e.args[0])
    if isinstance(e, ArrayFunction) or not e.args:
        return e
    return e.func(*map(_unspread, e.args))


def _outermost(expression):
    """The functions of whole arrays that stand in no other, in a fixed order."""
    found, todo = [], [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, ArrayFunction):
            found.append(node)
        else:
            todo.extend(node.args)
    return sorted(set(found), key=sp.default_sort_key)
