"""What is asked of the working of a figure to find what may have gone wrong in it.

    Context(working)            its words, its updates, and what each of its quantities may be taken for
"""
from functools import cached_property

import sympy as sp

from ..derive.optimizers import ETA
from ..describe.activation import Slope, shown
from ..describe.copies import stem
from ..describe.dataflow import depths, is_bias
from ..describe.names import WORDS, Partial, by_name, spelled
from ..describe.printer import Text
from ..show.tables import readable
from .working import PRINTED

MAX_SIBLINGS = 12       # quantities that may be taken for another


class Context:
    """What the generators ask of a working."""

    def __init__(self, working):
        self.working, self.program = working, working.program
        self.spelled = spelled(dict.fromkeys((*working.plain.given, *working.plain.defined)), WORDS)
        self.write = Text(self.program.rank, self.spelled)
        self.rhs = {e.lhs: e.rhs for e in self.program}

    def pieces(self, term):
        """The factors of a term as they are shown; a square is two factors."""
        found = []
        for factor in sp.Mul.make_args(shown(term)):
            found += [factor.base]*2 if factor.is_Pow and factor.exp == 2 else [factor]
        return found

    def spell(self, expression):
        """An expression in words, an adjoint that is a plain difference written out: (yhat1 - y1)."""
        short = {s: self.rhs[s] for s in expression.free_symbols
                 if isinstance(s, Partial) and s in self.rhs and not self.rhs[s].atoms(Partial, Slope)
                 and self.rhs[s].is_Add and len(self.rhs[s].args) == 2}
        return "*".join(f"({self.write(short[f])})" if f in short else self.write.wrap(f, 2)
                        for f in sp.Mul.make_args(expression))

    def place(self, lhs):
        """Where the slip was made: nothing where it was in the figure's own line."""
        return "" if lhs == PRINTED else f" of {self.readable(lhs)}"

    def readable(self, s):
        """A quantity in a sentence."""
        return readable(s, spelled=self.spelled)

    def is_update(self, lhs):
        return lhs in self._updates

    @cached_property
    def _updates(self):
        return set(self.working.updates)

    @cached_property
    def kinds(self):
        """{symbol: what it may be mistaken for}: parameters of the same pass, quantities of the same depth."""
        depth, groups = depths(self.working.plain), {}
        for e in self.working.equations:
            depth[e.lhs] = 1 + max((depth.get(s, 0) for s in e.rhs.free_symbols), default=0)
        forward = self.working.example.forward
        parameters = {self.working.names.name(p, t): ("bias" if is_bias(forward, p) else "weight", t)
                      for p in forward.parameters for t in range(self.working.figure.after + 1)}
        targets = {s for s in depth if stem(s) in forward.targets}
        for s in depth:
            if not isinstance(s, Partial) and s != ETA:
                kind = parameters.get(s) or ("t" if s in targets else "x" if depth[s] == 0 else "q", depth[s])
                groups.setdefault(kind, []).append(s)
        return {s: [o for o in group if o != s][:MAX_SIBLINGS] for group in groups.values() for s in group}

    def path_name(self, term):
        """The path of a term of an adjoint: named after the last quantity before the loss, where there is one."""
        adjoint = next(s for s in sorted(term.free_symbols, key=by_name) if isinstance(s, Partial))
        node, uses = adjoint.wrt, self._uses
        while len(uses.get(node, ())) == 1 and uses[node][0] != adjoint.of:
            node = uses[node][0]
        return self.write(node)

    @cached_property
    def _uses(self):
        uses = {}
        for e in self.working.equations:
            if not isinstance(e.lhs, Partial) and e.lhs != PRINTED:
                for s in e.rhs.free_symbols:
                    uses.setdefault(s, []).append(e.lhs)
        return uses
