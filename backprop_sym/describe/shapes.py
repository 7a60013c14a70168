"""Shapes: of what a program is given, declared in letters or numbers; of everything else, inferred.

    Extent(letter)           a size that is open: B samples, n units
    declared(shapes)            {symbol: shape} from {"X": "B, n"}
    shape_of(expression, shapes)    of an expression
    inferred(program)           {symbol: shape} of every symbol; ValueError names the line, the operation and both shapes
    of_symbol(s, known)         of a symbol
    allowed_sizes(program, found)   ValueError for sizes that the program does not allow
    sizes(program, shapes)      {dimension: number} for arrays of these shapes
    shape_given(value)          the shape of an array, or of nested lists
    numbers_only(program, what) ValueError for a program of arrays
"""
from functools import reduce

import sympy as sp

from .matrices import ArrayFunction, column_means, column_sums, written
from .names import Fields, Name, Owned, Partial, _made, symbol
from .nearest import excerpt


class Extent(Fields):
    """A size that is not known before there are numbers: a letter in a shape.

    >>> Extent("B")
    B
    """

    def __new__(cls, letter):
        return _made(cls, symbol(letter).name)

    def spelling(self, spell, marks):
        """The letter."""
        return self.identity[0]


def declared(shapes):
    """{symbol: shape} from {name: "B, n"}, where a shape may also be a tuple, and a size a letter or a positive integer.

    >>> declared({"X": "B, 64", "b": "n"})
    {X: (B, 64), b: (n,)}
    """
    try:
        pairs = dict(shapes).items()
    except (TypeError, ValueError):
        raise TypeError(f"shapes: expected a mapping of names to shapes, such as {{'X': 'B, n'}}, got {shapes!r}") from None
    return {symbol(name): _shape(name, shape) for name, shape in pairs}


def _shape(name, shape):
    parts = shape.replace(",", " ").split() if isinstance(shape, str) else shape
    try:
        found = tuple(map(_size, [parts] if isinstance(parts, int) else parts))
    except (TypeError, ValueError):
        found = None
    if found is None or len(found) > 2:
        raise ValueError(f"shape of {name!s}: expected at most two sizes, each a letter or a positive integer, such as 'B, n', "
                         f"got {excerpt(str(shape))!r}")
    return found


def _size(part):
    if isinstance(part, Extent) or getattr(part, "is_Mul", False) and all(map(_size, part.args)):        # 4*B, of what is made
        return part
    if isinstance(part, str) and not part.isdigit():
        return Extent(part)
    if isinstance(part, bool) or int(part) != part if not isinstance(part, str) else False:
        raise ValueError
    if int(part) < 1:
        raise ValueError
    return sp.Integer(int(part))


def together(shapes):
    """The shape of what is made of arrays entry by entry: sizes are the same from the last one on, or 1, or missing."""
    def pair(a, b):
        length = max(len(a), len(b))
        left, right = (((sp.S.One,)*(length - len(s)) + tuple(s)) for s in (a, b))
        for m, n in zip(left, right, strict=True):
            if m != n and sp.S.One not in (m, n):
                raise ValueError(f"entry by entry, expected arrays of one shape, got shapes {written(a)} and {written(b)}")
        return tuple(n if m == 1 else m for m, n in zip(left, right, strict=True))
    first, *others = dict.fromkeys(tuple(shape) for shape in shapes if shape) or [()]
    return reduce(pair, others, first)


def shape_of(e, shapes):
    """The shape of an expression, () for a number; ``shapes`` are those of symbols."""
    if e.is_Symbol:
        return () if isinstance(e, Extent) else shapes(e)
    if isinstance(e, ArrayFunction):
        return e.result([shape_of(a, shapes) for a in e.operands], e.args[len(e.operands):])
    return together([shape_of(a, shapes) for a in e.args])


def of_symbol(s, known):
    """The shape of a symbol: the one that is known, or that of what it belongs to; a number where nothing is known."""
    if s in known:
        return known[s]
    match s:
        case Partial():
            return of_symbol(s.wrt, known)                    # of one number
        case Name():
            return of_symbol(s.stem, known)
        case Owned() if s.parameter is not None:
            return of_symbol(s.parameter, known)
    return ()


def inferred(program):
    """{symbol: shape} of everything that is given or defined."""
    found = {}

    def shapes(s):
        return of_symbol(s, found if s in found else {**program.shapes, **found})

    for s in program.given:
        found[s] = shapes(s)
    for e in program.equations:
        try:
            found[e.lhs] = shape_of(e.rhs, shapes)
        except ValueError as error:
            raise ValueError(f"in {program.text(e.lhs)} = {program.text(e.rhs)}: {error}") from None
    if shape := found.get(program.loss, ()):
        raise ValueError(f"loss: expected one number, got {program.text(program.loss)} of shape {written(shape)}: the loss may "
                         "be its sum or its mean")
    return found


def sizes(program, shapes):
    """{dimension: number} for given arrays of these shapes, {symbol: tuple of int}; ValueError where they do not fit."""
    found, first = {}, {}
    for s, actual in shapes.items():
        expected = program.shape.get(s, ())
        fits = len(actual) == len(expected)
        for size, number in zip(expected, actual, strict=False) if fits else ():
            if isinstance(size, Extent):
                fits = fits and found.setdefault(size, number) == number
                first.setdefault(size, s)
            elif size.is_Integer:
                fits = fits and size == number
        if not fits:
            known = ", ".join(f"{d} = {found[d]} from {program.spelled.get(first[d], first[d])!r}"
                              for d in dict.fromkeys(expected) if d in found and first[d] != s)
            raise ValueError(f"{in_layer(program, s)}{program.spelled.get(s, s)!r}: expected an array of shape "
                             + written(expected) + f" with {known}"*bool(known) + f", got one of shape {written(actual)}"
                             + _of_classes(program, s, expected, actual))
        if 0 in actual:
            raise ValueError(f"{program.spelled.get(s, s)!r}: expected at least one sample, got an array of shape "
                             f"{written(actual)}")
    allowed_sizes(program, found)
    return found


def shape_given(value):
    """The shape of what a reader gives: an array, or nested lists, by the first of their rows.

    >>> shape_given([[1, 2, 3], [4, 5, 6]]), shape_given(1)
    ((2, 3), ())
    """
    if isinstance(value, list | tuple):
        return (len(value), *shape_given(value[0])) if value else (0,)
    return tuple(getattr(value, "shape", ()))


def _of_classes(program, s, expected, actual):
    """What to do where there may be the number of a class for each sample, in the place of a 1 among zeros."""
    if s not in program.targets or len(expected) != 2 or not (len(actual) == 1 or 1 in actual):
        return ""
    classes = next((size for size in expected if not isinstance(size, Extent)), "classes")
    name = program.spelled[s]
    return f"; of whole numbers bp.data.one_hot({name}, {classes}) makes rows with a 1 each"


def allowed_sizes(program, found, what=""):
    """Raise ValueError where a size, {dimension: number}, lies outside the set that the program allows; ``what`` has it."""
    for size, allowed in program.domains:
        if size in found and found[size] not in allowed:
            used = next((e for e in program if _summed_along(e.rhs, size, program)), None)
            why = f" for {program.text(used.lhs)} = {program.text(used.rhs)}, which is over all {size} rows" if used else ""
            layer = f"{used.layer}: " if used and used.layer else ""
            raise ValueError(f"{layer}{size}: expected at least {allowed.inf}{why}, got {found[size]}{what}")


def _summed_along(e, size, program):
    """Whether an axis of this size is summed away in an expression."""
    return any(shape_of(call.args[0], program.shape.get)[:1] == (size,) for call in e.atoms(column_sums, column_means))


def in_layer(program, *given):
    """The name of the layer that first uses one of these quantities, as an error begins with it; nothing where it is none."""
    layer = next((e.layer for e in program if not e.uses.isdisjoint(given)), None)
    return f"{layer}: " if layer else ""


def numbers_only(program, what):
    """Raise ValueError where a program is one of arrays."""
    if program.shapes:
        raise ValueError(f"{what}: expected a program of numbers, got one of arrays; write it out with "
                         "bp.entries(program, sizes)")
