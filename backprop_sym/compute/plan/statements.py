"""What a plan is made of: a few kinds of statements over expressions, which say what is computed when, in no language.

    Function(name, parameters, body, ...)   what is called; its body is a tuple of statements:
    Assign(target, value)       a value gets its symbol, several at once, or an element of an array is set
    Accumulate(target, value)   a value is added to a sum
    For(index, start, stop, step, body)     statements for each whole number from start, below stop
    When(condition, body)       statements where a condition holds
    Keep(values, row)           a row of the record
    Return(values)              what a function gives back
    Operation(name, arguments)  one operation, where the order of operations is settled already
    targets(statement)          what an Assign defines
    size(body)                  how many statements there are, in all blocks

Values are SymPy expressions. The symbols of a program stand for themselves; what a plan needs besides it makes: whole numbers
(``whole("epoch")``), temporaries and sums (``Made("sum", E)``), arrays (``Array("of", x1)``). What becomes of arrays are
functions of SymPy that nothing simplifies: Element, Part, Length, ....
"""
from dataclasses import dataclass, field

import sympy as sp

# ---- the symbols of a plan

class Made(sp.Dummy):
    """A symbol that a plan makes for itself. Writers spell it after the symbols that it belongs to: z1_t0 is a t0 of z1.

    >>> z1 = sp.Symbol("z1")
    >>> Made("t0", z1).of, Made("t0", z1) == Made("t0", z1)
    ((z1,), False)
    """

    def __new__(cls, mark, *of, **assumptions):
        made = super().__new__(cls, "_".join([*(s.name for s in of), *[mark]*bool(mark)]), **assumptions)
        made.mark, made.of = mark, of
        return made


class Array(Made):
    """An array of numbers, or of whole numbers; ``inner`` where its elements are arrays themselves."""

    def __new__(cls, mark, *of, inner=False, **assumptions):
        made = super().__new__(cls, mark, *of, **assumptions)
        made.inner = inner
        return made


def whole(names):
    """Symbols of whole numbers.

    >>> whole("i n")[0].is_integer
    True
    """
    return sp.symbols(names, integer=True)


# ---- expressions of arrays and whole numbers

class Node(sp.Function):
    """The base of what plans hold besides arithmetic: nothing about it is simplified."""

    nargs = None


class Element(Node):
    """Element(array, index): array[index]."""


class Part(Node):
    """Part(array, start, stop, axis=0): the elements from start, below stop, along an axis: another look at the array."""


class Length(Node):
    """Length(array): how many elements it has."""


class Size(Node):
    """Size(array, axis): how many entries an array has along an axis."""


class Chosen(Node):
    """Chosen(array, indices, axis): the entries with these indices along an axis."""


class Least(Node):
    """Least(a, b): the smaller of two whole numbers."""


class Quotient(Node):
    """Quotient(a, b): how often the whole number b goes into a."""


class Mean(Node):
    """Mean(values, count, axes): over the samples, the first axis of what has more than ``axes`` axes."""


class Total(Node):
    """Total(values, count, axes): the sum over the samples."""


class Axes(Node):
    """Axes(a, b, ...): the largest number of axes that one of them has."""


class Shares(Node):
    """Shares(z1, ..., zn): all values of softmax together."""


class Registers(Node):
    """Registers(like, ..., count, values): free arrays of the shape that the first ones have together, and copies of values."""


class Call(Node):
    """Call(name, ...): what another function of the plan returns."""


class Fresh(Node):
    """Fresh(n): a new array of n numbers."""


class Together(Node):
    """Together(a, b, ...): a copy of some arrays in one row, and each of them as a part of it."""


class Workspace(Node):
    """Workspace(like, (n1, n2, ...), shape, ...): for each n arrays of these shapes, in which -1 stands for n; a number k in the
    place of a shape: the array before in k parts, one below the other.
    """


@dataclass(frozen=True)
class Operation:
    """One operation on symbols, numbers or other operations; with ``out`` the result is written into that array."""

    name: object            # "add", "exp", ..., a function of whole arrays, or a call of one that a program brings along
    args: tuple
    out: sp.Symbol | None = None

    @property
    def free_symbols(self):
        """The symbols that are read."""
        return set().union(*(a.free_symbols for a in self.args))


# ---- statements

@dataclass(frozen=True)
class Assign:
    """``target`` gets a value: a symbol, a tuple of symbols (None for what is not wanted), or an Element.

    ``once``: it is used in one place alone and may be written there. ``into``: the symbol whose place it takes; the value
    that stood there is gone, until a loop begins anew.
    """

    target: object
    value: object
    once: bool = False
    into: sp.Symbol | None = None


@dataclass(frozen=True)
class Accumulate:
    """A value is added to a sum that is there already."""

    target: sp.Symbol
    value: object


@dataclass(frozen=True)
class For:
    """The body for index = start, start + step, ..., below stop."""

    index: sp.Symbol
    start: object
    stop: object
    step: object
    body: tuple


@dataclass(frozen=True)
class When:
    """The body where the condition holds."""

    condition: object
    body: tuple


@dataclass(frozen=True)
class Keep:
    """Values are recorded, in this row of the record."""

    values: tuple
    row: object


@dataclass(frozen=True)
class Return:
    """The results; a tuple among them is given back as a tuple."""

    values: tuple


@dataclass(frozen=True)
class Pack:
    """Parameters that a language of numbers takes as one array."""

    array: Array
    items: tuple


@dataclass(frozen=True)
class Function:
    """A function: ``state`` are the parameters that it changes, ``rank`` is the order in which symbols are written.

    ``out`` is the array into which the results are put by a language whose functions return one number.
    """

    name: str
    parameters: tuple
    body: tuple
    state: tuple = ()
    out: Array | None = None
    rank: dict = field(default_factory=dict, compare=False, repr=False)

    @property
    def symbols(self):
        """The parameters one by one."""
        return tuple(s for p in self.parameters for s in (p.items if isinstance(p, Pack) else [p]))


def targets(statement):
    """The symbols that an Assign defines."""
    if isinstance(statement.target, Element):
        return ()
    return tuple(s for s in (statement.target if isinstance(statement.target, tuple) else [statement.target]) if s is not None)


def size(body):
    """How many statements there are, those of blocks among them; each value of a record counts."""
    return sum(len(s.values) if isinstance(s, Keep) else 1 + size(getattr(s, "body", ())) for s in body)
