"""How a printed closed form differs from the derived one, in words.

    equal(program, one, other, given)   whether two expressions of a program are equal, of arrays entry by entry
    lacking(program, printed, ...)      of the derivative of a number: paths or factors that are missing, a multiple
    lacking_in_arrays(program, ...)     of that of an array: the same, a transpose that is missing, operands that are swapped
"""
from functools import partial
from itertools import combinations

import sympy as sp

from ..derive.entries import entries_of
from ..describe.matrices import dot, transposed, written

DIGITS = 40             # to which two formulas are compared at a point, before SymPy is asked for a proof
MOST_PATHS = 4          # of which every few are tried
MOST_FACTORS = 4        # of one product of which every few are left out


def equal(program, one, other, given=({},)):
    """Whether two expressions of a program are equal, entry by entry; not where the shapes in one do not fit.

    ``given`` are numbers of some symbols, for which alone they must be. A row may be written for what has one axis.
    """
    if not program.shapes:
        return all(_is_zero((one - other).xreplace(numbers)) for numbers in given)
    try:
        (shape, left), (other_shape, right) = entries_of(program, one), entries_of(program, other)
    except ValueError:
        return False
    return _without_leading_ones(shape) == _without_leading_ones(other_shape) and all(
        _is_zero((a - b).xreplace(numbers)) for a, b in zip(left.values(), right.values(), strict=True) for numbers in given)


def _without_leading_ones(shape):
    return _without_leading_ones(shape[1:]) if shape[:1] == (1,) else shape


def _is_zero(difference):
    """Whether an expression is 0: not where it is something else at a point, else as SymPy proves it."""
    difference = sp.expand(difference)
    if difference == 0:
        return True
    names = sorted(difference.free_symbols, key=str)
    somewhere = difference.evalf(DIGITS, subs={s: sp.Rational(2*k + 1, 2*k + 7) for k, s in enumerate(names)})
    return not (somewhere.is_comparable and abs(somewhere) > sp.Float(10)**(10 - DIGITS)) and sp.simplify(difference) == 0


def lacking(program, printed, paths, terms, write, given=({},)):
    """How a formula differs from the sum over paths: paths that are missing, or factors of one, or a multiple."""
    if missing := _missing(paths, terms, partial(equal, program, printed, given=given)):
        return missing
    for total, where in [(sp.Add(*terms), ""), *((t, f" of the path through {_name(paths, i)}") for i, t in enumerate(terms))]:
        rest = total if total == sp.Add(*terms) else sp.Add(*terms) - total
        ratio = sp.cancel(printed/total) if not where else sp.cancel((printed - rest)/total)
        if ratio.is_number:
            return _multiple(ratio) + where
        lost, extra = sp.fraction(1/ratio)
        if len(sp.Add.make_args(sp.expand(ratio.as_numer_denom()[0]))) <= 2:
            parts = [f"the factor {write.wrap(sp.factor(lost), 1)} is missing"]*(lost != 1) + \
                    [f"the factor {write.wrap(sp.factor(extra), 1)} is too much"]*(extra != 1)
            return " and ".join(parts) + where
    return "it differs from the sum over paths"


def _multiple(ratio):
    return "the sign is turned" if ratio == -1 else f"a factor {ratio} too much"


def _name(paths, i):
    """What a path is told by: a quantity on it that is not on all of them."""
    shared = set.intersection(*(set(path.nodes) for path in paths))
    return next((node.name for node in paths[i].nodes if node not in shared), "it")


def _missing(paths, terms, is_printed):
    """The paths without which the sum is what was printed, in words; None where that is none."""
    for n in range(1, min(len(terms), MOST_PATHS)):
        for kept in combinations(range(len(terms)), n):
            if is_printed(sp.Add(*(terms[i] for i in kept))):
                missing = [_name(paths, i) for i in range(len(terms)) if i not in kept]
                many = len(missing) > 1
                return f"the path{'s'*many} through {' and '.join(missing)} {'are' if many else 'is'} missing"
    return None


# ---- of arrays

def lacking_in_arrays(program, printed, paths, terms, write, given=({},)):
    """How a formula in arrays differs from the sum over paths."""
    derived = sp.Add(*terms)
    shape, wanted = entries_of(program, derived)
    try:
        own, found = entries_of(program, printed)
    except ValueError as error:
        return f"its shapes do not fit: {error}"
    is_printed = partial(equal, program, printed, given=given)
    if missing := _missing(paths, terms, is_printed):
        return missing
    ratio = sp.cancel((next(iter(found.values()))/next(iter(wanted.values()))).xreplace(given[0]))
    if ratio.is_number and ratio.is_finite and is_printed(ratio*derived):
        return _multiple(ratio)
    if words := next((words for words, other in _rewritten(derived, write) if is_printed(other)), None):
        return words
    if _without_leading_ones(own) != _without_leading_ones(shape):
        return f"it has the shape {written(own)}, and the derivative {written(shape)}"
    return "it differs from the sum over paths"


def _rewritten(e, write):
    """(words, what becomes of an expression of arrays) for each slip at one place in it; where shapes do not fit, too."""
    yield "it is transposed", transposed(e)
    for part in sp.preorder_traversal(e):
        for words, other in _slips(part, write):
            yield words, e.xreplace({part: other})


def _slips(part, write):
    """(words, what it becomes) of one operation of arrays."""
    if isinstance(part, transposed):
        yield f"the transpose of {write(part.args[0])} is missing", part.args[0]
    if isinstance(part, dot):
        a, b = part.args
        yield f"{write(a)} and {write(b)} stand in the opposite order", dot(b, a)
        yield f"{write(a)} and {write(b)} are multiplied entry by entry", a*b
        yield from ((f"{write(x)} is transposed", dot(*(transposed(y) if y is x else y for y in (a, b))))
                    for x in (a, b) if not isinstance(x, transposed))
    if part.is_Mul:
        for n in range(1, min(len(part.args), MOST_FACTORS + 1)):
            for left in combinations(part.args, n):
                factor = sp.Mul(*left)
                yield f"the factor {write.wrap(factor, 1)} is missing", part/factor
