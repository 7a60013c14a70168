"""Whether hypotheses say the same whatever the numbers are, or only for those of one text.

    Elsewhere(maker, figures)   .of(h): what a hypothesis predicts where every given number is somewhat larger or smaller;
                                .same(one, other, where)

With a learning rate of 0.1, the rate applied twice and a tenth of it are one number: where it is printed it speaks for both.
"""
import random
from dataclasses import fields, replace
from functools import cached_property

import numpy as np
import sympy as sp

from ..derive.optimizers import Optimizer
from ..describe.values import exact
from .hypothesis import Both
from .predictions import LONG, Predictions
from .solve import SOLVED

APART = 1e-7            # of two predictions: farther apart they are not the same
MOVED = 30              # hundredths, by which a given number is larger or smaller at most; a zero stays


class Elsewhere:
    """The same training with other numbers; ``figures`` are those of the text, ``right`` says which of them are."""

    def __init__(self, maker, figures, right):
        self.maker, self.figures, self.right, self._found = maker, figures, right, {}

    @cached_property
    def example(self):
        """The example with other numbers, and of its figures those that are right as they are then."""
        example, rng = self.maker.example, random.Random(0)

        def moved(value):
            return value*(1 + sp.Rational(rng.randint(1, MOVED)*rng.choice([-1, 1]), 101))

        training = example.training
        if training.learning_rate is not None:
            training = replace(training, learning_rate=moved(training.learning_rate))
        if isinstance(training.optimizer, Optimizer):                # what is below 1 stays so
            training = replace(training, optimizer=replace(training.optimizer, **{
                f.name: str(float(exact(f.name, getattr(training.optimizer, f.name)))*(1 - rng.randint(1, MOVED)/101))
                for f in fields(training.optimizer)}))
        example = replace(example, parameters={s: moved(value) for s, value in example.parameters.items()}, training=training,
                          samples=tuple({s: moved(value) for s, value in sample.items()} for sample in example.samples))
        values = Predictions(self.maker.like(example), self.figures, None).base()
        return replace(example, figures=tuple(replace(f, printed=repr(float(value))) if right else f
                                              for f, value, right in zip(self.figures, values, self.right, strict=True)))

    @cached_property
    def predictions(self):
        """What is predicted there."""
        return Predictions(self.maker.like(self.example), self.example.figures, None)

    def same(self, one, other, where):
        """Whether two hypotheses predict the same for some figures; after a long training nothing is said against it."""
        if self.maker.passes.last > LONG:
            return True
        a, b = self.of(one), self.of(other)
        with np.errstate(all="ignore"):
            return not (np.abs(a - b) > APART*np.abs(a))[where].any()

    def of(self, h):
        """The figures under one hypothesis, each computed once."""
        if id(h) not in self._found:
            self._found[id(h)] = self.predictions.of([self._here(h)], late=False)[0], h
        return self._found[id(h)][0]

    def _here(self, h):
        """A hypothesis with the numbers that its words stand for here; a number that was solved for is what it is."""
        if len(h.parts) > 1:
            return Both(tuple(map(self._here, h.parts)))
        return self._own.get((h.text, *h.readings), h) if (h.given or h.readings) and h.name != SOLVED else h

    @cached_property
    def _own(self):
        maker = self.predictions.maker
        return {(h.text, *h.readings): h for h in (*maker.of_givens(), *maker.of_readings())}
