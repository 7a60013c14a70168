"""A program over a grid: each equation stands in no more loops than it needs, and exponentials of sums are taken apart.

    split(program, axes)                (the program with exp(f(w) + g(v)) as exp(f(w))*exp(g(v)), these factors)
    Grid(program, axes, of, dialect)    .source, the code of a function ``grid``; .compute(lines, constants)

On a grid of n x m points exp(f(w) + g(v)) costs n*m exponentials, exp(f(w))*exp(g(v)) costs n + m and as many products.
"""
import re
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, log

import numpy as np
import sympy as sp

from ...describe.dataflow import needed
from ...describe.functions import clipped
from ...describe.program import Equation, Program
from ..lambdify import assignments, definitions, identifiers
from .sharing import written_out

LARGEST = 700.0         # the exponents of all factors together, in magnitude: exp(709) is a float, exp(710) is not
RESERVED = re.compile(r"grid|lengths|axes|constants|kept|[inr]\d+|.*_of")


def depends(program, axes):
    """{symbol: the numbers of the axes on which it depends, in order} for every symbol."""
    found = dict.fromkeys(program.given, ()) | {s: (i,) for i, s in enumerate(axes)}
    for e in program.equations:
        found[e.lhs] = tuple(sorted(set().union(*(found[s] for s in e.rhs.free_symbols))))
    return found


def split(program, axes):
    """(the program, factors): exponentials of sums become products of factors, each of a part of the axes.

    A list of factors for each exponential that is taken apart. Their products are floats as long as the exponents together
    stay below LARGEST in magnitude, which is for the caller to look after: nothing is held at a bound here.
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
                    names = [sp.Dummy(f"{e.lhs.name}_f{i}") for i in range(len(parts))]
                    equations += [Equation(name, sp.exp(part)) for name, part in zip(names, parts.values(), strict=True)]
                    factors.append(names)
                    done[node] = sp.Mul(*names)
        equations.append(Equation(e.lhs, e.rhs.xreplace(done)))
    return program._with(equations), factors


@dataclass(frozen=True)
class Grid:
    """The quantity ``of`` of a program over the grid of some axes, a tuple of symbols, as code in any dialect.

    In a language of arrays the generated function is ``grid(*axes, *constants) -> of, *factors``. In one of numbers it is
    ``grid(lengths, axes, constants, kept)``, a nest of loops for each set of axes that some equation depends on: it fills
    the arrays of ``kept``, one for each quantity that another nest needs, and the last of them with ``of``.
    """

    program: Program
    axes: tuple
    of: sp.Symbol
    dialect: type
    apart: bool = True          # whether exponentials are taken apart

    @cached_property
    def parts(self):
        """(what is to be computed, in order; the factors of each exponential)."""
        program, factors = self._alone(written_out(self.program)), []
        if self.apart:
            program, factors = split(program, self.axes)
        return self._alone(program), factors

    def _alone(self, program):
        """What ``of`` depends on."""
        return program._with(needed(program.equations, self.of), loss=None)

    @property
    def constants(self):
        """The names that stay the same all over the grid."""
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
        handed = {s: place[s] for axes, equations in self.nests.items() for e in equations
                  for s in sorted(e.rhs.free_symbols, key=str) if place.get(s) and place[s] != axes and s != self.of}
        return {**handed, self.of: place.get(self.of, ())}

    @cached_property
    def source(self):
        """The code, complete in itself."""
        program, factors = self.parts
        names = identifiers(program, [s for s in self.axes if s not in program.given], RESERVED)
        write = self.dialect(program.rank, names)
        write.floats = write.floats or write.loop_floats
        constants = [names[s] for s in self.constants]
        if write.arrays:
            results = [names[s] for s in (self.of, *(s for group in factors for s in group))]
            main = write.define_open_grid([names[s] for s in self.axes], constants, results, assignments(program, write))
        else:
            main = write.define_grid([names[s] for s in self.axes], constants, [names[s] for s in self.kept],
                                     self._loops(write, names))
        text = "\n".join([*definitions(write), *main, ""])
        header = write.header(text)
        return header + ("\n\n" if header else "") + text

    def _loops(self, write, names):
        """The nests, one after the other."""
        lines = []
        for axes, equations in self.nests.items():
            used = {s for e in equations for s in e.rhs.free_symbols}
            body = [write.assign([names[self.axes[i]]], f"{names[self.axes[i]]}_of[i{i}]") for i in axes if self.axes[i] in used]
            body += [write.assign([names[s]], f"{names[s]}_of[{_place(at)}]") for s, at in self.kept.items()
                     if s in used and at != axes]
            body += assignments(equations, write)
            body += [write.store(f"{names[s]}_of[{_place(at)}]", names[s]) for s, at in self.kept.items() if at == axes]
            for i in reversed(axes):
                body = write.count(f"i{i}", "0", f"n{i}", "1", body)
            lines += body
        return lines

    @cached_property
    def _grid(self):
        return self.dialect.compile(self.source)["grid"]

    @cached_property
    def _whole(self):
        return replace(self, apart=False)

    def compute(self, lines, constants):
        """The array of ``of`` over the lines of the axes, or one that broadcasts to it.

        ``constants`` are numbers in the order of ``self.constants``. Where the exponents of some factors are too large
        for floats, nothing is taken apart.
        """
        try:
            with np.errstate(all="ignore"):
                found, *factors = self._on_arrays(lines, constants) if self.dialect.arrays else self._in_loops(lines, constants)
        except OverflowError:                               # Python's exp raises it, all others return inf
            if not self.parts[1]:
                raise
            return self._whole.compute(lines, constants)
        factors = iter(factors)
        if all(sum(_exponent(next(factors)) for _ in group) <= LARGEST for group in self.parts[1]):
            return found
        return self._whole.compute(lines, constants)

    def _on_arrays(self, lines, constants):
        along = [line.reshape([-1 if j == i else 1 for j in range(len(lines))]) for i, line in enumerate(lines)]
        return map(np.asarray, self._grid(*along, *constants))

    def _in_loops(self, lines, constants):
        lengths = tuple(map(len, lines))
        kept = {s: np.empty([n if i in axes else 1 for i, n in enumerate(lengths)]) for s, axes in self.kept.items()}
        self._grid(lengths, tuple(lines), tuple(constants), tuple(array.reshape(-1) for array in kept.values()))
        return [kept[self.of], *(kept[s] for group in self.parts[1] for s in group)]


def _place(axes):
    """The index of a point in an array over these axes."""
    text = f"i{axes[0]}" if axes else "0"
    for i in axes[1:]:
        text = f"{f'({text})' if ' ' in text else text}*n{i} + i{i}"
    return text


def _exponent(factor):
    """The largest magnitude of the exponents that make a factor; infinite where one is not finite."""
    low, high = float(factor.min()), float(factor.max())
    return max(-log(low), log(high)) if 0 < low and high < inf else inf
