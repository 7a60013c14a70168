"""Every slip in the equations of one training, made from the table of slips.

    Equations(passes)           .single(needed), .families(needed), .alone(needed): hypotheses

They are made for the quantities that are asked for: a slip in another one is not seen.
"""
from dataclasses import replace

from ..describe.names import Partial
from .follow import Followed
from .hypothesis import Hypothesis
from .shapes import Within
from .slips.equations import STALE, edits
from .slips.weights import STEPS
from .words import symbols_of

SHOWN = 3               # places of a slip that are all named
OUT_OF = ("path left out", "factor left out", "term left out", "activation left out")


class Equations:
    """Makes the hypotheses that change equations; ``structure`` and ``words`` are those of the passes."""

    def __init__(self, passes, structure, words):
        self.passes, self.structure, self.words, self.rhs = passes, structure, words, passes.rhs
        self.followed, self._edits = Followed(structure), {}

    def edits(self, lhs):
        """Every Edit of the equation of a quantity."""
        if lhs not in self._edits:
            self._edits[lhs] = edits(lhs, self.words)
        return self._edits[lhs]

    def _matters(self, lhs, needed):
        """Whether a slip in an equation can be seen: in its quantity, or in a derivative that follows from it."""
        return lhs in needed or lhs in self.structure.forward and any(
            Partial(of, v) in needed for of in self.passes.terms for v in self.rhs[lhs].free_symbols)

    def single(self, needed):
        """Every slip of one equation, and where it is one of the forward pass, the derivatives that follow from it."""
        for lhs in self.rhs:
            for e in self.edits(lhs) if self._matters(lhs, needed) else ():
                yield from self._variants(Hypothesis(e.name, self.sentence([e]), e.cost), [e])

    def families(self, needed):
        """The same slip in every equation of a family."""
        seen = set()
        for family in self.structure.families:
            if not any(self._matters(lhs, needed) for lhs in family):
                continue
            groups = {}
            for number, lhs in enumerate(family):
                for e in self.edits(lhs):
                    for how in self._places(e, number):
                        groups.setdefault((e.key, how), {}).setdefault(lhs, e)
            several = [list(members.values()) for members in groups.values() if len(members) > 1]
            for chosen in sorted(several, key=_cost):                              # of those that do the same the simplest
                key = frozenset((e.lhs, e.rhs) for e in chosen)
                if key not in seen:
                    seen.add(key)
                    yield from self._variants(Hypothesis(chosen[0].name, self.sentence(chosen), _cost(chosen) + 0.1), chosen)

    def alone(self, needed):
        """A slip in an adjoint or a local derivative, made in the working of one derivative alone."""
        for lhs, rhs in self.rhs.items():
            if isinstance(lhs, Partial) and lhs in needed:
                for text, cost, name, new in self._inside(rhs, 2):
                    yield Hypothesis(name, f"{text}, in the working of {self.words.quantity(lhs)} alone", cost + 0.2, {lhs: new})

    def _inside(self, rhs, levels):
        """(sentence, cost, name, expression) for each slip of the adjoints and local derivatives that an expression uses."""
        for s in symbols_of(rhs):
            if s in self.rhs and (isinstance(s, Partial) or s in self.passes.locals):
                for e in self.edits(s):
                    yield self.sentence([e]), e.cost, e.name, Within(rhs, s, e.rhs)
                if levels > 1:
                    for text, cost, name, new in self._inside(self.rhs[s], levels - 1):
                        yield text, cost, name, Within(rhs, s, new)

    @staticmethod
    def _places(e, number):
        """How the place of an edit among those of its key may be told from equation to equation."""
        if e.count == 1:
            return [("only",)]
        return [("from the front", e.place), ("from the back", e.count - e.place), ("its own", e.place - number)]

    def sentence(self, chosen):
        """What was done where: in one equation, or in several."""
        first = chosen[0]
        if first.name == "step":
            return self.words.listed([e.what for e in chosen]) if len(chosen) < 3 else _all_steps(self.words, chosen)
        places = [self.words.place(e.lhs, e.name) for e in chosen]
        if len({e.what for e in chosen}) == 1:
            return f"{first.what}{self._of(first)} {self.words.several(places)}"
        places = [self.words.quantity(s) for s in places]
        parts = [f"{e.what}{self._of(e)} {place}" for e, place in zip(chosen, places, strict=True)]
        return self.words.listed(parts) if len(parts) <= SHOWN else f"{', '.join(parts[:2])}, and so on in {len(parts) - 2} more"

    @staticmethod
    def _of(e):
        return " of" if e.name in OUT_OF else " in"

    def _variants(self, hypothesis, chosen):
        """The hypothesis alone, and with the derivatives that follow from a slip of the forward pass."""
        yield replace(hypothesis, changes={e.lhs: e.rhs for e in chosen})
        forward = [e for e in chosen if e.lhs in self.structure.forward]
        if not forward or not self.passes.terms or chosen[0].name == STALE:     # of what was before there is no derivative
            return
        new = {}
        for e in forward:
            for v, derivative in self.followed.partials(e).items():
                new[v, e.lhs] = derivative
        changes = {e.lhs: e.rhs for e in chosen}
        followed = set()
        for words, wanted in (("", lambda v: True), (" (and the derivatives of the weights follow)", self.followed.is_weight),
                              (" (and the derivatives of the signals follow)", lambda v: not self.followed.is_weight(v))):
            follow = self.followed.changes({key: d for key, d in new.items() if wanted(key[0])})
            key = frozenset(follow.items())
            if follow and key not in followed:
                followed.add(key)
                yield replace(hypothesis, follows=words, cost=hypothesis.cost + 0.05 + 0.3*bool(words),
                              changes={**follow, **changes})


def _cost(chosen):
    return max(e.cost for e in chosen)


def _all_steps(words, chosen):
    """The same slip in several steps: in all of them, or in some."""
    key, names = chosen[0].key[1], words.several([e.lhs for e in chosen])
    every = len(chosen) == sum(map(words.is_step, words.structure.updates))
    if key in STEPS:
        return f"{'every step' if every else 'the step of ' + names} is {STEPS[key]} as long"
    said = {"none": f"{names} are not updated", "up": "ascent for descent: the gradient is added",
            "rate": "the learning rate is left out", "twice": "the learning rate is applied twice"}[key]
    return said if every or key == "none" else f"{said} for {names}"
