"""Every hypothesis about one training, made from the tables of slips.

    Maker(example)              .equations, .of_runs(), .of_givens(), .of_readings(), .scoped(...)

Those that change equations are made in inequations.py.
"""
from copy import copy
from dataclasses import replace

from .hypothesis import Hypothesis
from .inequations import Equations
from .passes import Passes
from .slips.givens import GIVEN_SLIPS
from .slips.readings import READING_SLIPS, comes_back
from .slips.runs import RUN_SLIPS
from .structure import Structure
from .words import Words

MAX_PASSES = 4          # and samples, for which a slip may have been made in one alone


class Maker:
    """Makes the hypotheses about one training."""

    def __init__(self, example, passes=None):
        self.example, self.passes = example, passes or Passes(example)
        self.structure = Structure(self.passes)
        self.words, self.rhs = Words(self.structure), self.passes.rhs
        self.equations = Equations(self.passes, self.structure, self.words)

    def like(self, example):
        """The same for another example of the same network and training: what hangs on no number is not made again."""
        found = copy(self)
        found.example, found.passes = example, self.passes.like(example)
        found.structure, found.words = copy(self.structure), copy(self.words)
        found.structure.passes, found.words.structure = found.passes, found.structure
        return found

    run_names = frozenset(name for name, _, _ in RUN_SLIPS)

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
            if len(readings) > 1 and (name, frozenset(readings.items())) not in seen and not comes_back(readings):
                seen.add((name, frozenset(readings.items())))
                texts = list(dict.fromkeys(text for text, _, _ in members.values()))
                text = texts[0] if len(texts) == 1 else f"{texts[0]}, and so on in {len(texts) - 1} more"
                yield Hypothesis(name, text, next(iter(members.values()))[1] + 0.1, readings=readings)

    def scoped(self, hypotheses):
        """The same slips, made once: in one pass, from one pass on, for one sample."""
        passes = self.passes
        last = max((f.after - (f.symbol in passes.state) for f in self.example.figures), default=0)   # the last pass that is seen
        times = [(None, t, t) for t in range(last + 1)] if 0 < last <= MAX_PASSES else []
        times += [(None, 1, None)]*(last > 1)
        times += [(k, 0, None) for k in range(1, passes.count + 1)] if 1 < passes.count <= MAX_PASSES else []
        for h in hypotheses:
            for when in times:
                yield replace(h, name=h.name + ", once", slip=h.slip + _scope(when), cost=h.cost + 0.3, when=when)

def _scope(when):
    sample, start, end = when
    if sample is not None:
        return f", for sample {sample} only"
    if end is None:
        return ", from the second pass on"
    return ", in the first pass only" if start == 0 else f", only in the pass after {start} update{'s'*(start > 1)}"

