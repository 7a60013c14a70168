"""What is wrong with a plan, if anything.

    check(function)             the function, or ValueError: what is used before it is defined, or defined twice, ...
"""
from .statements import Accumulate, Assign, Element, For, Keep, Return, When, targets


def check(function, known=()):
    """The function, if every symbol is defined before it is used, and once; ``known`` are others that there are.

    A name that is defined in a loop or under a condition is known there alone. Raises ValueError for what is used before it is
    defined, or after another value took its place; for what is defined twice, unless a new value takes its place; and for what
    is no statement.

    >>> import sympy as sp
    >>> from .statements import Function
    >>> x, y = sp.symbols("x y")
    >>> check(Function("f", (x,), (Return((y,)),)))
    Traceback (most recent call last):
        ...
    ValueError: plan of 'f': y is used before it is defined
    """
    try:
        _Scope(set(function.state), {s: s for s in (*function.symbols, *known)}).body(function.body)
    except ValueError as error:
        raise ValueError(f"plan of {function.name!r}: {error}") from None
    return function


class _Scope:
    """What is known at some place of a plan: ``places`` says where each value stands, ``held`` what stands in each place."""

    def __init__(self, changing, places, held=None):
        self.changing, self.places, self.held = changing, dict(places), dict(places if held is None else held)

    def body(self, statements):
        for statement in statements:
            if type(statement) not in CHECKS:
                raise ValueError(f"expected a statement, got {statement!r}")
            CHECKS[type(statement)](self, statement)

    def read(self, *values):
        for value in values:
            if isinstance(value, tuple):
                self.read(*value)
                continue
            for s in sorted(value.free_symbols, key=str):
                if s not in self.places:
                    raise ValueError(f"{s} is used before it is defined")
                if self.held[self.places[s]] != s:
                    raise ValueError(f"{s} is used after {self.held[self.places[s]]} took its place")

    def assign(self, statement):
        self.read(statement.value, *([statement.target] if isinstance(statement.target, Element) else []))
        place = getattr(statement.value, "out", None) or statement.into
        if place is not None and place not in self.places:
            raise ValueError(f"{statement.target} takes the place of {place}, which is not defined")
        for s in targets(statement):
            if s in self.places and s not in self.changing and s != place:
                raise ValueError(f"{s} is defined twice")
            self.places[s] = s if place is None else place
            self.held[self.places[s]] = s

    def accumulate(self, statement):
        self.read(statement.target, statement.value)

    def loop(self, statement):
        self.read(statement.start, statement.stop, statement.step)
        self.inside(statement.body, (statement.index,))

    def inside(self, statements, index=()):
        """The body of a loop or a condition, whose names are known there alone."""
        if index and index[0] in self.places:
            raise ValueError(f"{index[0]} is defined twice")
        own = {s: s for s in index}
        _Scope(self.changing, {**self.places, **own}, {**self.held, **own}).body(statements)

    def when(self, statement):
        self.read(statement.condition)
        self.inside(statement.body)

    def results(self, statement):
        self.read(statement.values, *([statement.row] if isinstance(statement, Keep) else []))


CHECKS = {Assign: _Scope.assign, Accumulate: _Scope.accumulate, For: _Scope.loop, When: _Scope.when, Keep: _Scope.results,
          Return: _Scope.results}
