"""Which figures follow from others as they were printed, and what would only say itself.

    Inherited                   the base of a search: .carried, .inherited, .nearly; .says_itself(hypothesis)
"""
from functools import cached_property

import numpy as np

from ..describe.dataflow import reached
from .origins import origins
from .reading import ANEW
from .score import HIT

NEARER = 0.75           # of what it is off from the right value: then it follows from what was printed
FAR = 10                # times what rounding may do that a figure is off which follows from rounded ones


class Inherited:
    """What is known of ``figures`` before any mistake is looked for: ``predictions`` are what printed values make of them."""

    @cached_property
    def carried(self):
        """{mode: the figures as they follow from what was printed}, where they may."""
        return {mode: self.predictions.base((), mode) for mode in self.predictions.modes() if mode != ANEW}

    @cached_property
    def inherited(self):
        """Which wrong figures follow from what was printed before."""
        found, off = np.zeros(len(self.figures), dtype=bool), self.figures.miss(self.figures.exact)
        for base in self.carried.values():
            found |= self.figures.miss(base) <= np.minimum(HIT, NEARER*off)
        return found & self.figures.wrong

    @cached_property
    def nearly(self):
        """Which wrong figures follow from what was printed before as far as its rounding lets one say."""
        found = np.zeros(len(self.figures), dtype=bool)
        for base in self.carried.values():
            found |= self.figures.miss(base) <= self.figures.near
        return found & self.figures.wrong & (self.figures.miss(self.figures.exact) > FAR*self.figures.near)

    def says_itself(self, hypothesis):
        """Whether what is printed for a figure would be computed from that very figure: then nothing is said of it."""
        return any(p.expression is not None and p.after >= f.after and f.symbol in self._behind(p.expression) for f, p in (
            (self.figures.figures[j], p) for j, p in hypothesis.readings.items()) if f.symbol != p.expression)

    def is_circular(self, hypothesis):
        """Whether a figure would be copied from one that is wrong as well, and was computed from that very figure."""
        return any(p.source is not None and self.figures.wrong[p.source] and j in self._figures_behind(p.source)
                   for j, p in hypothesis.readings.items())

    def _figures_behind(self, j):
        """The numbers of the figures that a figure was computed from, by way of other printed figures or at once."""
        if j not in self._found_behind:
            rows, figures = self.predictions.rows, self.figures.figures
            self._found_behind[j] = reached(lambda at: origins(self.maker.passes, rows, figures, at), [j]) - {j}
        return self._found_behind[j]

    def _behind(self, expression):
        """All that an expression is computed from in a pass."""
        if expression not in self._found_behind:
            rhs = self.maker.rhs
            self._found_behind[expression] = reached(lambda s: s in rhs and rhs[s].free_symbols, expression.free_symbols)
        return self._found_behind[expression]

    @cached_property
    def _found_behind(self):
        return {}
