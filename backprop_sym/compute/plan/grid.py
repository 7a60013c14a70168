"""A program over a grid: each equation stands in no more loops than it needs, and exponentials of sums are taken apart.

    split(program, axes)        (the program with exp(f(w) + g(v)) as exp(f(w))*exp(g(v)), these factors)
    Grid(program, axes, of, kind)   .function, the plan of a function ``grid``

On a grid of n x m points exp(f(w) + g(v)) costs n*m exponentials, exp(f(w))*exp(g(v)) costs n + m and as many products.
"""
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp

from ...describe.dataflow import needed
from ...describe.functions import clipped
from ...describe.order import QUANTITY
from ...describe.program import Equation, Program
from .functions import assignments
from .loop import NUMBERS
from .probabilities import of_sums
from .sharing import written_out
from .statements import Array, Assign, Element, For, Function, Made, Pack, Return, whole


def depends(program, axes):
    """{symbol: the numbers of the axes on which it depends, in order} for every symbol."""
    found = dict.fromkeys(program.given, ()) | {s: (i,) for i, s in enumerate(axes)}
    for e in program.equations:
        found[e.lhs] = tuple(sorted(set().union(*(found[s] for s in e.rhs.free_symbols))))
    return found


def split(program, axes):
    """(the program, factors): exponentials of sums become products of factors, each of a part of the axes.

    A list of factors for each exponential that is taken apart. Their products are floats as long as the exponents together
    stay below some 700 in magnitude, which is for the caller to look after: nothing is held at a bound here.
    """
    of, sums, equations, factors, done = depends(program, axes), {}, [], [], {}
    for e in program.equations:
        sums[e.lhs] = e.rhs
        for node in sorted(e.rhs.atoms(sp.exp), key=sp.default_sort_key):
            if node not in done:
                exponent = sp.expand(node.args[0].replace(clipped, lambda z: z).xreplace(sums))
                parts = {}
                for term in sp.Add.make_args(exponent):
                    axis = tuple(sorted(set().union(*(of[s] for s in term.free_symbols))))
                    parts[axis] = parts.get(axis, 0) + term
                alone = parts.pop((), 0)
                done[node] = node
                if len(parts) > 1 and max(map(len, parts)) < len(set().union(*parts)):
                    first = min(parts)
                    parts[first] += alone
                    names = [Made(f"f{i}", e.lhs) for i in range(len(parts))]
                    equations += [Equation(name, sp.exp(part)) for name, part in zip(names, parts.values(), strict=True)]
                    factors.append(names)
                    done[node] = sp.Mul(*names)
        equations.append(Equation(e.lhs, e.rhs.xreplace(done)))
    return program._with(equations), factors


@dataclass(frozen=True)
class Grid:
    """The quantity ``of`` of a program over the grid of some axes, a tuple of symbols.

    Of arrays the function is ``grid(*axes, *constants) -> of, *factors``. Of the kind NUMBERS it is
    ``grid(*lengths, *axes, *constants, *kept)``, a nest of loops for each set of axes that some equation depends on: it fills
    the arrays of ``kept``, one for each quantity that another nest needs, and the last of them with ``of``.
    """

    program: Program
    axes: tuple
    of: sp.Symbol
    kind: str = NUMBERS
    apart: bool = True          # whether exponentials are taken apart

    @property
    def together(self):
        """The same, nothing taken apart."""
        return replace(self, apart=False)

    @cached_property
    def parts(self):
        """(what is to be computed, in order; the factors of each exponential)."""
        program, factors = self._alone(written_out(self._alone(of_sums(self.program)))), []
        if self.apart:
            program, factors = split(program, self.axes)
        return self._alone(program), factors

    def _alone(self, program):
        """What ``of`` depends on."""
        return program._with(needed(program.equations, self.of), loss=None)

    @property
    def constants(self):
        """What stays the same all over the grid."""
        return tuple(s for s in self.parts[0].given if s not in self.axes)

    @cached_property
    def nests(self):
        """{axes: equations}, in the order in which they must be computed."""
        program = self.parts[0]
        found, nests = depends(program, self.axes), {}
        for e in program.equations:
            nests.setdefault(found[e.lhs], []).append(e)
        return dict(sorted(nests.items(), key=lambda nest: (len(nest[0]), nest[0])))

    @cached_property
    def kept(self):
        """{symbol: its axes} of what one nest hands on to another, and of the result, which comes last."""
        place = {e.lhs: axes for axes, equations in self.nests.items() for e in equations}
        handed = {s for axes, equations in self.nests.items() for e in equations for s in e.rhs.free_symbols
                  if place.get(s) and place[s] != axes and s != self.of}
        return {**{s: place[s] for s in self.parts[0].defined if s in handed}, self.of: place.get(self.of, ())}

    @cached_property
    def function(self):
        """The plan."""
        program, factors = self.parts
        if self.kind != NUMBERS:
            results = (self.of, *(s for group in factors for s in group))
            return Function("grid", (*self.axes, *self.constants), (*assignments(program.equations), Return(results)),
                            out=Array("found"), rank=program.rank)
        lengths, of = whole([f"n{i}" for i in range(len(self.axes))]), {s: Array("of", s) for s in self.axes}
        indices, kept = whole([f"i{i}" for i in range(len(self.axes))]), {s: Array("of", s) for s in self.kept}
        parameters = (Pack(Array("lengths", integer=True), tuple(lengths)), Pack(Array("axes", inner=True), tuple(of.values())),
                      Pack(Array("constants"), self.constants), Pack(Array("kept", inner=True), tuple(kept.values())))
        order = [s for pair in zip(lengths, indices, strict=True) for s in pair]
        return Function("grid", parameters, self._loops(lengths, indices, of, kept), tuple(kept.values()),
                        rank={**program.rank, **{s: (QUANTITY, i - len(order)) for i, s in enumerate(order)}})

    def _loops(self, lengths, indices, of, kept):
        """The nests, one after the other."""
        def place(axes):
            """The index of a point in an array over these axes."""
            index = indices[axes[0]] if axes else sp.S.Zero
            for i in axes[1:]:
                index = index*lengths[i] + indices[i]
            return index

        statements = []
        for axes, equations in self.nests.items():
            used = {s for e in equations for s in e.rhs.free_symbols}
            body = (*(Assign(s, Element(of[s], indices[i])) for i, s in enumerate(self.axes) if i in axes and s in used),
                    *(Assign(s, Element(kept[s], place(at))) for s, at in self.kept.items() if s in used and at != axes),
                    *assignments(equations),
                    *(Assign(Element(kept[s], place(at)), s) for s, at in self.kept.items() if at == axes))
            for i in reversed(axes):
                body = (For(indices[i], sp.S.Zero, lengths[i], sp.S.One, body),)
            statements += body
        return tuple(statements)
