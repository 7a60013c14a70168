"""Every hypothesis about one training, made from the tables of slips.

    Maker(example)              .of_equations(), .families(), .alone(), .of_runs(), .of_givens(), .of_readings(), .scoped(...)

Those of equations are made for the quantities that are asked for: a slip in another one is not seen.
"""
from copy import copy
from dataclasses import replace
from functools import cached_property

from ..describe.names import Partial
from .follow import Followed
from .hypothesis import Hypothesis
from .passes import Passes
from .shapes import Within
from .slips.equations import edits
from .slips.givens import GIVEN_SLIPS
from .slips.readings import READING_SLIPS
from .slips.runs import RUN_SLIPS
from .structure import Structure
from .words import Words, symbols_of

MAX_PASSES = 4          # and samples, for which a slip may have been made in one alone


OUT_OF = ("path left out", "factor left out", "term left out", "activation left out", "square or root")


class Maker:
    """Makes the hypotheses about one training."""

    def __init__(self, example, passes=None):
        self.example, self.passes = example, passes or Passes(example)
        self.structure = Structure(self.passes)
        self.words, self.followed = Words(self.structure), Followed(self.structure)
        self.rhs = self.passes.rhs

    def like(self, example):
        """The same for another example of the same network and training: what hangs on no number is not made again."""
        found = copy(self)
        found.example, found.passes = example, self.passes.like(example)
        found.structure, found.words = copy(self.structure), copy(self.words)
        found.structure.passes, found.words.structure = found.passes, found.structure
        return found

    run_names = frozenset(name for name, _, _ in RUN_SLIPS)

    @cached_property
    def _edits(self):
        return {}

    def edits(self, lhs):
        """Every Edit of the equation of a quantity."""
        if lhs not in self._edits:
            self._edits[lhs] = edits(lhs, self.words)
        return self._edits[lhs]

    def _matters(self, lhs, needed):
        """Whether a slip in an equation can be seen: in its quantity, or in a derivative that follows from it."""
        return lhs in needed or lhs in self.structure.forward and any(
            Partial(of, v) in needed for of in self.passes.terms for v in self.rhs[lhs].free_symbols)

    # ---- one equation

    def of_equations(self, needed):
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
            for members in groups.values():
                chosen = list(members.values())
                key = frozenset((e.lhs, e.rhs) for e in chosen)
                if len(chosen) > 1 and key not in seen:
                    seen.add(key)
                    cost = max(e.cost for e in chosen) + 0.1
                    yield from self._variants(Hypothesis(chosen[0].name, self.sentence(chosen), cost), chosen)

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
        places = [self.words.quantity(e.lhs) for e in chosen]
        if len({e.what for e in chosen}) == 1:
            return f"{first.what}{self._of(first)} {self.words.listed(places)}"
        parts = [f"{e.what}{self._of(e)} {place}" for e, place in zip(chosen[:2], places, strict=False)]
        rest = f", and so on in {len(chosen) - 2} more" if len(chosen) > 2 else ""
        return ", ".join(parts) + rest if rest else " and ".join(parts)

    @staticmethod
    def _of(e):
        return " of" if e.name in OUT_OF else " in"

    def of_runs(self):
        """Every slip in the run of the whole training."""
        for name, cost, generator in RUN_SLIPS:
            for text, changes, settings in generator(self.words):
                changes = {lhs: rhs for lhs, rhs in changes.items() if rhs != self.rhs[lhs]}
                if changes or settings:
                    yield Hypothesis(name, text, cost, changes, settings=settings)

    def of_givens(self):
        """Every number that may have been another one than stated."""
        for name, cost, generator in GIVEN_SLIPS:
            for text, given in generator(self.words):
                yield Hypothesis(name, text, cost, given=given)

    def of_readings(self):
        """Every number that may have been printed for another: in one figure, or in all that are like it."""
        figures, groups = self.example.figures, {}
        for i, f in enumerate(figures):
            for name, cost, generator in READING_SLIPS:
                for key, text, printed in generator(f, self.words, figures):
                    yield Hypothesis(name, text, cost, readings={i: printed})
                    for group in ((f.after, f.section), f.after, "all"):
                        for kind in (self.structure.kind(f.symbol) if f.symbol in self.rhs else None, "any"):
                            groups.setdefault((name, key, group, kind), {})[i] = text, cost, printed
        seen = set()
        for (name, *_), members in groups.items():
            readings = {i: printed for i, (_, _, printed) in members.items()}
            if len(readings) > 1 and (name, frozenset(readings.items())) not in seen:
                seen.add((name, frozenset(readings.items())))
                texts = list(dict.fromkeys(text for text, _, _ in members.values()))
                text = texts[0] if len(texts) == 1 else f"{texts[0]}, and so on in {len(texts) - 1} more"
                yield Hypothesis(name, text, next(iter(members.values()))[1] + 0.1, readings=readings)

    def scoped(self, hypotheses):
        """The same slips, made once: in one pass, from one pass on, for one sample."""
        passes = self.passes
        times = [(None, t, t) for t in range(passes.last + 1)] if 0 < passes.last <= MAX_PASSES else []
        times += [(None, 1, None)]*(passes.last > 1)
        times += [(k, 0, None) for k in range(1, passes.count + 1)] if 1 < passes.count <= MAX_PASSES else []
        for h in hypotheses:
            for when in times:
                yield replace(h, name=h.name + ", once", text=h.text + _scope(when), cost=h.cost + 0.3, when=when)

    # ---- derivatives that follow from a slip of the forward pass

    def _variants(self, hypothesis, chosen):
        yield replace(hypothesis, changes={e.lhs: e.rhs for e in chosen})
        forward = [e for e in chosen if e.lhs in self.structure.forward]
        if not forward or not self.passes.terms:
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
                yield replace(hypothesis, text=hypothesis.text + words, cost=hypothesis.cost + 0.05 + 0.3*bool(words),
                              changes={**follow, **changes})


def _scope(when):
    sample, start, end = when
    if sample is not None:
        return f", for sample {sample} only"
    if end is None:
        return ", from the second pass on"
    return ", in the first pass only" if start == 0 else f", only in the pass after {start} update{'s'*(start > 1)}"


def _all_steps(words, chosen):
    key = chosen[0].key[1]
    names = words.listed([words.quantity(e.lhs) for e in chosen])
    return {"none": f"{names} are not updated", "up": "ascent for descent: the gradient is added",
            "rate": "the learning rate is left out", "2": "every step is twice as long",
            "1/2": "every step is half as long"}[key]
