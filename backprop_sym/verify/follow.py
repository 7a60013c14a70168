"""The derivatives that follow from a slip of the forward pass: only those that it touches are derived anew.

    Followed(structure)         .partials(edit), .changes({(v, u): d(u)/d(v)})
"""
from functools import cached_property

from ..derive.partials import local_partials
from ..describe.activation import shown
from ..describe.names import Partial
from ..describe.program import Equation
from .passes import adjoint
from .shapes import plain


class Followed:
    """What becomes of the backward pass of a training when equations of its forward pass change."""

    def __init__(self, structure):
        self.structure, self.passes = structure, structure.passes
        self.rhs = self.passes.rhs

    def is_weight(self, v):
        return v in self.structure.parameters

    @cached_property
    def _known(self):
        return {}

    def partials(self, e):
        """The local derivatives of a changed equation that are not what they were, {v: d(u)/d(v)}; 0 where v is gone."""
        key = e.lhs, e.rhs
        if key not in self._known:
            after = local_partials(self.structure.forward, Equation(e.lhs, plain(e.rhs)))
            old = self._old(e.lhs)
            self._known[key] = {v: after.get(v, 0) for v in {**old, **after} if old.get(v, 0) != after.get(v, 0)}
        return self._known[key]

    @cached_property
    def _olds(self):
        return {}

    def _old(self, u):
        if u not in self._olds:
            self._olds[u] = local_partials(self.structure.forward, self.structure.forward[u])
        return self._olds[u]

    def changes(self, new):
        """The adjoint equations that follow from other local derivatives, {(v, u): d(u)/d(v)}."""
        changes = {}
        for of, adjoints in self.passes.adjoints.items():
            touched = {}
            for (v, u), derivative in new.items():
                if u in adjoints and Partial(of, v) in self.rhs:
                    touched.setdefault(v, {})[u] = derivative
            for v, parts in touched.items():
                changes[Partial(of, v)] = self._adjoint(of, v, frozenset(parts.items()))
        return changes

    def _adjoint(self, of, v, parts):
        """The equation of one adjoint with other local derivatives in it; the families share many."""
        key = of, v, parts
        if key not in self._adjoints:
            self._adjoints[key] = shown(adjoint({**self.passes.terms[of].get(v, {}), **dict(parts)}, self.passes.adjoints[of]))
        return self._adjoints[key]

    @cached_property
    def _adjoints(self):
        return {}
