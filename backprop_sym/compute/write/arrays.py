"""Functions of whole arrays, and operations that write into registers, as NumPy spells both.

    WholeArrays                 a part of the language of NumPy
"""
from ...describe.matrices import (
    column_maxima,
    column_means,
    column_sums,
    dot,
    hardmax_columns,
    hardmax_rows,
    mean,
    row_maxima,
    row_means,
    row_sums,
    spread,
    total,
    transposed,
)
from ...describe.printer import ATOM, POWER, PRODUCT, SUM
from ...describe.selections import Selection, one_hot, reshape, span
from ..plan.arranged import below, beside
from ..plan.lookups import placed, taken
from ..plan.statements import Operation

# Functions of whole arrays: the method, and what it is told.
METHODS = {total: ("sum", ""), row_sums: ("sum", "axis=1, keepdims=True"), column_sums: ("sum", "axis=0"),
           mean: ("mean", ""), row_means: ("mean", "axis=1, keepdims=True"), column_means: ("mean", "axis=0"),
           row_maxima: ("max", "axis=1, keepdims=True"), column_maxima: ("max", "axis=0")}
AXIS = {hardmax_rows: 1, hardmax_columns: 0}


class WholeArrays:
    """What NumPy does with whole arrays."""

    def write_ArrayFunction(self, e):
        if e.stable:
            return self.helped(e, map(self, e.args))
        return self.of_arrays(type(e), *e.args)

    def of_arrays(self, function, *arguments):
        """A function of whole arrays."""
        if function is dot:
            return f"{self.wrap(arguments[0], PRODUCT)} @ {self.wrap(arguments[1], POWER)}", PRODUCT
        if function is spread:
            return self.applied("broadcast_to", [self(arguments[0]), self.listed(arguments[1:])]), ATOM
        if function is transposed:
            return f"{self.wrap(arguments[0], ATOM)}.T", ATOM
        if function is reshape:
            return f"{self.wrap(arguments[0], ATOM)}.reshape{self.listed(arguments[1:])}", ATOM
        if function in (below, beside):
            return self.applied("concatenate", [f"({', '.join(map(self, arguments))})", f"axis={int(function is beside)}"]), ATOM
        if function in (taken, placed):
            return self.applied(function.__name__, self.by_places(function, *arguments)), ATOM
        if issubclass(function, Selection):
            return self.identity_at(*self.places(function, arguments)), ATOM
        if function in AXIS:
            return self.applied("hardmax", [self(arguments[0]), str(AXIS[function])]), ATOM
        method, how = METHODS[function]
        return f"{self.wrap(arguments[0], ATOM)}.{method}({how})", ATOM

    # ---- what is looked up

    def by_places(self, function, selection, a):
        """The arguments of a look-up."""
        known = isinstance(selection, Operation)
        kind, arguments = (selection.name, selection.args) if known else (type(selection), selection.args)
        places, n = self.places(kind, arguments)
        return [self(a), places, *[n]*(function is placed)]

    def places(self, kind, arguments):
        """(the columns in which the rows of a selection have their ones, how many columns there are)."""
        if kind is one_hot:
            return f"{self.wrap(arguments[0], ATOM)}.astype(int)", self.whole(arguments[1])
        n = self.whole(kind.result((), arguments)[1])
        if kind is span:
            return self.applied("arange", map(self.whole, arguments[:2])), n
        return self.applied(kind.__name__, map(self.whole, arguments)), n

    def identity_at(self, places, n):
        """The selection itself."""
        return f"{self.applied('eye', [n])}[{places}.ravel()]"

    def write_Operation(self, e):
        if e.out is not None:
            return self.written_into(e, self.names[e.out]), ATOM
        match e.name:
            case type():
                return self.of_arrays(e.name, *e.args)
            case "copy":
                return f"{self(*e.args)}.copy()", ATOM
            case "add":
                minus = [isinstance(a, Operation) and a.name == "negative" for a in e.args]
                terms = [a.args[0] if m else a for m, a in zip(minus, e.args, strict=True)]
                return self.sum([(m, self.beside(term, PRODUCT)) for m, term in zip(minus, terms, strict=True)]), SUM
            case "multiply":
                first, *rest = e.args
                return self.times([self.beside(first, PRODUCT), *(self.beside(a, POWER) for a in rest)]), PRODUCT
            case "divide":
                return self.divide(self.beside(e.args[0], PRODUCT), self.beside(e.args[1], POWER)), PRODUCT
            case "negative":
                return self.negative(self.wrap(*e.args, POWER)), PRODUCT
            case "power":
                return self.raised(self.wrap(e.args[0], ATOM), self.beside(e.args[1], ATOM)), POWER
            case "<" | "<=" | ">" | ">=" | "==" | "!=":
                return self.compare(e.name, *(self.beside(a, SUM) for a in e.args)), SUM
            case str():
                return self.applied(e.name, map(self, e.args)), ATOM
        return self.helped(e.name, map(self, e.args))

    def written_into(self, e, out):
        """The text of an operation that writes into an array."""
        if e.name == "take":
            array, indices, axis = map(self.whole, e.args)
            return f'{array}.take({indices}, axis={axis}, out={out}, mode="clip")'       # no index is outside
        if e.name == "copyto":
            return self.applied("copyto", [out, *map(self, e.args)])
        if e.name in AXIS:
            return self.applied("hardmax", [self(*e.args), str(AXIS[e.name]), f"out={out}"])
        if e.name is row_maxima:
            name = self.module.used("maximum")                 # of the transpose, into the transpose
            return f"{name}.reduce({self(*e.args)}, axis=0, keepdims=True, out={out}.T)"
        if e.name is reshape:
            return self.applied("positive", [self(Operation(e.name, e.args)), f"out={out}"])
        if e.name in (below, beside):
            return self.applied("concatenate", [f"({', '.join(map(self, e.args))})", f"axis={int(e.name is beside)}, out={out}"])
        if e.name in (taken, placed):
            return self.applied(e.name.__name__, [*self.by_places(e.name, *e.args), f"out={out}"])
        if e.name in METHODS:
            name, how = METHODS[e.name]
            return f"{self.wrap(*e.args, ATOM)}.{name}({how}, out={out})"
        return self.applied("dot" if e.name is dot else e.name, [*(self.beside(a, SUM) for a in e.args), f"out={out}"])
