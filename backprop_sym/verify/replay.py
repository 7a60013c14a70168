"""The training that a worked example describes, carried out to 40 digits.

    Replay(example)             .value(figure), .quantities(after): any quantity after any number of updates
"""
from functools import cached_property

import mpmath

from ..compute.evaluate import evaluate
from ..compute.trainer import REDUCE, Trainer
from ..derive.optimizers import ETA, step
from ..derive.reverse import reverse
from ..describe.names import Partial
from ..describe.values import GUARD, by_symbol

DIGITS = 40


class Replay:
    """The training that an example describes, carried out to 40 digits."""

    def __init__(self, example, digits=DIGITS):
        self.example, self.digits, self.runs = example, digits, {}
        wanted = {}
        for figure in example.figures:
            if isinstance(figure.symbol, Partial):
                wanted.setdefault(figure.symbol.of, []).append(figure.symbol.wrt)
        self.program = example.forward
        for of, wrt in wanted.items():
            self.program += reverse(example.forward, of, wrt)

    @cached_property
    def states(self):
        """{updates: the parameters after so many}, for every number of updates that a figure names."""
        after = {figure.after for figure in self.example.figures} | {0}
        start = by_symbol(self.example.forward, self.example.parameters)
        if max(after) == 0:
            return {0: start}
        training, kept = self.example.training, {}
        with mpmath.workdps(self.digits + GUARD):
            trainer = Trainer(step(self.example.forward, training.optimizer),
                              {**start, ETA: training.learning_rate,
                               **training.optimizer.coefficients},
                              self.example.samples, "mpmath", training.reduce)
            state, done = trainer.state, 0
            for k in sorted(after):
                state = trainer.updates(state, done, k, training.online)
                kept[k], done = {**start, **by_symbol(trainer.program, state)}, k
        return kept

    def quantities(self, after=0, sample=None):
        """Every quantity and every derivative that a figure names, by name or by symbol (mpf)."""
        state, forward = self.states[after], self.example.forward
        samples = self.example.samples if sample is None else [self.example.samples[sample - 1]]
        found = [{**state, **by_symbol(forward, s)} for s in samples]
        found = [{**known, **self._computed(known)} for known in found]
        if len(found) == 1:
            return found[0]
        reduce = REDUCE[self.example.training.reduce]
        with mpmath.workdps(self.digits + GUARD):
            return {**state, **{s: reduce([f[s] for f in found]) for s in self.program.defined}}

    def _computed(self, known):
        found = evaluate(self.program, known, self.digits)
        return {s: found[s] for s in self.program.defined}

    def value(self, figure):
        """The exact value of a printed figure's quantity (mpf)."""
        key = figure.after, figure.sample
        if key not in self._seen:
            self._seen[key] = self.quantities(*key)
        value = self._seen[key][figure.symbol]
        with mpmath.workdps(self.digits):
            return figure.sign*(mpmath.mpf(value.p)/value.q if hasattr(value, "q") else +value)

    @cached_property
    def _seen(self):
        return {}
