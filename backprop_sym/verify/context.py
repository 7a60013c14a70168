"""What is asked of the working of a figure to find what may have gone wrong in it.

    Context(working)            its words, its updates, and what each of its quantities may be taken for
"""
from functools import cached_property

import sympy as sp

from ..describe.activation import Slope, shown
from ..describe.names import Partial
from ..describe.printer import Text
from ..show.tables import readable
from .working import PRINTED

MAX_SIBLINGS = 12       # quantities that may be taken for another


class Context:
    """What the generators ask of a working."""

    def __init__(self, working):
        self.working, self.program = working, working.program
        self.write = Text(self.program.rank)
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
        return "" if lhs == PRINTED else f" of {readable(lhs.name)}"

    def is_update(self, lhs):
        return lhs in self._updates

    @cached_property
    def _updates(self):
        return set(self.working.updates)

    @cached_property
    def kinds(self):
        """{symbol: what it may be mistaken for}: parameters of the same pass, quantities of the same depth."""
        depth, groups = {}, {}
        for s in self.working.plain.given:
            depth[s] = 0
        for e in self.working.equations:
            depth[e.lhs] = 1 + max((depth.get(s, 0) for s in e.rhs.free_symbols), default=0)
        forward = self.working.example.forward
        alone = {term for e in forward for term in sp.Add.make_args(e.rhs)}
        parameters = {self.working.name(p, t): ("bias" if p in alone else "weight", t)
                      for p in forward.parameters for t in range(self.working.figure.after + 1)}
        targets = {s for s in depth if s.name.split("_s")[0] in {t.name for t in forward.targets}}
        for s in depth:
            if not isinstance(s, Partial) and s.name not in ("eta",):
                kind = parameters.get(s) or ("t" if s in targets else "x" if depth[s] == 0 else "q", depth[s])
                groups.setdefault(kind, []).append(s)
        return {s: [o for o in group if o != s][:MAX_SIBLINGS] for group in groups.values() for s in group}

    def path_name(self, term):
        """The path of a term of an adjoint: named after the last quantity before the loss, where there is one."""
        adjoint = next(s for s in sorted(term.free_symbols, key=str) if isinstance(s, Partial))
        node, uses = adjoint.wrt, self._uses
        while len(uses.get(node, ())) == 1 and uses[node][0] != adjoint.of:
            node = uses[node][0]
        return node.name

    @cached_property
    def _uses(self):
        uses = {}
        for e in self.working.equations:
            if not isinstance(e.lhs, Partial) and e.lhs != PRINTED:
                for s in e.rhs.free_symbols:
                    uses.setdefault(s, []).append(e.lhs)
        return uses
