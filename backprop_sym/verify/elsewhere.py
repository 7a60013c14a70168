"""Whether hypotheses say the same whatever the numbers are, or only for those of one text.

    Elsewhere(maker, figures)   .of(hypotheses): what they predict where every given number is somewhat larger or smaller

With a learning rate of 0.1, twice the rate and a tenth of it are one number: that a text has it printed speaks for both.
"""
import random
from dataclasses import replace
from functools import cached_property

import sympy as sp

from .hypothesis import Both
from .predictions import Predictions
from .solve import SOLVED

MOVED = 30              # hundredths, by which a given number is larger or smaller at most; a zero stays


class Elsewhere:
    """The same training with other numbers; ``figures`` are those of the text, ``right`` says which of them are."""

    def __init__(self, maker, figures, right):
        example, rng = maker.example, random.Random(0)

        def moved(value):
            return value*(1 + sp.Rational(rng.randint(1, MOVED)*rng.choice([-1, 1]), 101))

        training = example.training
        if training.learning_rate is not None:
            training = replace(training, learning_rate=moved(training.learning_rate))
        example = replace(example, parameters={s: moved(value) for s, value in example.parameters.items()}, training=training,
                          samples=tuple({s: moved(value) for s, value in sample.items()} for sample in example.samples))
        right_ones = Predictions(maker.like(example), figures, None).base()
        self.figures = tuple(replace(f, printed=repr(float(value))) if known else f
                             for f, value, known in zip(figures, right_ones, right, strict=True))
        self.maker = maker.like(replace(example, figures=self.figures))
        self.predictions = Predictions(self.maker, self.figures, None)

    def of(self, hypotheses):
        """An array (hypotheses, figures)."""
        return self.predictions.of([self._here(h) for h in hypotheses], late=False)

    def _here(self, h):
        """A hypothesis with the numbers that its words stand for here; a number that was solved for is what it is."""
        if len(h.parts) > 1:
            return Both(tuple(map(self._here, h.parts)))
        return self._own.get((h.text, *h.readings), h) if (h.given or h.readings) and h.name != SOLVED else h

    @cached_property
    def _own(self):
        return {(h.text, *h.readings): h for h in (*self.maker.of_givens(), *self.maker.of_readings())}
