"""What the generators of slips ask of a training, beside its words: roles, neighbours, steps, slopes.

    Asked(structure)            .role(s), .siblings(s), .is_step(lhs), .counts, .memories, .slopes(s)
"""
from functools import cached_property

import sympy as sp

from ..derive.optimizers import ETA
from ..describe.activation import ActivationSlope
from ..describe.functions import softmax
from ..describe.names import Owned, Partial


class Asked:
    """What the structure of one training says to those who look for slips; ``rhs`` are its equations."""

    def __init__(self, structure):
        self.structure, self.rhs = structure, structure.passes.rhs

    def shape(self, e):
        return self.structure.shape(e)

    def role(self, s):
        return self.structure.role(s)

    def siblings(self, s):
        return self.structure.siblings(s)

    def shift(self, s, other):
        """How far one symbol stands from another of its kind."""
        places = self.structure.place
        (kind, i), (other_kind, j) = places.get(s, (None, 0)), places.get(other, ("", 0))
        return kind == other_kind, j - i

    def is_update(self, lhs):
        return lhs in self.structure.updates

    def is_step(self, lhs):
        """Whether an equation makes the step of a parameter, at the learning rate."""
        return lhs in self.structure.updates and self.rhs[lhs].has(ETA) or isinstance(lhs, Owned) and lhs.identity[0] == "rule"

    @property
    def locals(self):
        return self.structure.passes.locals

    @property
    def last(self):
        return self.structure.passes.last

    @cached_property
    def raw(self):
        """{quantity: expression}, the derivatives of activations not written out."""
        return {e.lhs: e.rhs for e in self.structure.passes.equations}

    @cached_property
    def counts(self):
        """Factors that a sum over samples, or over the outputs, may have too much, or what the loss is divided by."""
        passes = self.structure.passes
        loss = self.rhs.get(passes.loss, sp.S.One)
        divisors = {int(t.as_coeff_Mul()[0].q) for t in sp.Add.make_args(loss) if t.as_coeff_Mul()[0].is_Rational}
        counts = passes.count, len(passes.forward.targets), *divisors, *(q//2 for q in divisors if q % 2 == 0)
        found = {n for n in counts if n > 2}
        return tuple(f for n in sorted(found) for f in (sp.Integer(n), sp.Rational(1, n)))

    @cached_property
    def _slopes(self):
        found = {s for rhs in self.raw.values() for s in rhs.atoms(ActivationSlope)}
        return sorted(found, key=sp.default_sort_key)

    @cached_property
    def path_counts(self):
        """Over how many paths, more than two, the derivatives by parameters are summed."""
        sums = {len(sp.Add.make_args(rhs)) for lhs, rhs in self.rhs.items()
                if isinstance(lhs, Partial) and lhs.wrt in self.structure.parameters and rhs.has(Partial)}
        return sorted(n for n in sums if n > 2)

    @cached_property
    def memories(self):
        """{what an optimizer remembers of a parameter after a step: what it remembered before}."""
        return {new: old for old, new in self.structure.passes.state.items() if isinstance(old, Owned) and len(old.identity) > 2}

    @cached_property
    def slopes_at(self):
        """{output of an activation: [its derivative]}."""
        return {s.args[1]: [s] for s in self._slopes if s.args[1].is_Symbol}

    def slopes(self, s):
        """The derivatives of other activations of the same kind."""
        return [other for other in self._slopes if other != s and type(other) is type(s)][:12]

    @cached_property
    def varying(self):
        """What is another number in another pass."""
        forward = self.structure.forward
        return {*forward.defined, *(s for s in self.structure.passes.state if s in self.structure.parameters)}

    def is_signal(self, s):
        """Whether a symbol is an input, or computed in the forward pass."""
        forward = self.structure.forward
        return s in forward.inputs or s in forward

    def inputs_of_the_unit(self, lhs):
        """What the weights of a unit are multiplied with, where a derivative is taken by its bias."""
        bias = getattr(lhs, "wrt", None)
        sums = [self.rhs[z] for z in self.structure.users.get(bias, ())] if bias in self.structure.biases else []
        return [bias, *(f for t in sums for term in self.terms(t) if term.is_Mul for f in term.args
                        if f.is_Symbol and self.is_signal(f))] if sums else []

    @cached_property
    def rows_of_shares(self):
        """The weighted sums of every softmax layer, in the order of their definition."""
        return list(dict.fromkeys(e.rhs.args[1:] for e in self.structure.forward if isinstance(e.rhs, softmax)))

    @cached_property
    def penalties(self):
        """{parameter: the derivative of what the loss adds for it alone}, as of a penalty on large weights."""
        forward, loss = self.structure.forward, self.structure.passes.loss
        constants = {*forward.given, *forward.inputs} - {*forward.parameters, *forward.targets}
        found = {p: sp.diff(self.rhs[loss], p) for p in forward.parameters if p in self.rhs[loss].free_symbols}
        return {p: d for p, d in found.items() if p in d.free_symbols <= constants | {p}}
