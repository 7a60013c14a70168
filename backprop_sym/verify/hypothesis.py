"""A hypothesis: one mistake made in the whole training, under which every printed figure has a predicted value.

    Hypothesis                  what is replaced, what is given otherwise, what the run does otherwise, what is printed instead
    Both                        two of them together
"""
from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True)
class Hypothesis:
    """One mistake: its kind, the sentence, its cost, and what it does.

    ``changes`` are equations with other right-hand sides; ``when`` (a sample, from which update, to which) says where they hold;
    ``given`` are other numbers, {(symbol, sample): number}; ``settings`` what the run does otherwise; ``readings`` what is
    printed in the place of a figure, {number of the figure: reading}. ``follows`` says which derivatives follow from a slip of
    the forward pass, where only some do.
    """

    name: str
    slip: str
    cost: float
    changes: dict = field(default_factory=dict)
    when: tuple = (None, 0, None)
    given: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    readings: dict = field(default_factory=dict)
    follows: str = ""

    @property
    def text(self):
        """The sentence."""
        return self.slip + self.follows

    @property
    def in_short(self):
        """The same, where it cannot be told which derivatives follow."""
        return replace(self, follows="")

    @cached_property
    def key(self):
        """What it does, without the words."""
        parts = self.changes, self.given, self.settings, self.readings
        return self.when, *(frozenset(part.items()) for part in parts)

    @property
    def simplicity(self):
        """What hypotheses that say the same are sorted by."""
        return self.cost, len(self.text), self.text

    @property
    def parts(self):
        """The single mistakes that it is made of."""
        return (self,)


@dataclass(frozen=True, eq=False)
class Both:
    """Two mistakes together, in different equations."""

    parts: tuple

    readings, when = {}, (None, 0, None)
    name = property(lambda self: " and ".join(dict.fromkeys(h.name for h in self.parts)))
    slip = property(lambda self: " and ".join(h.slip for h in self.parts))
    text = property(lambda self: " and ".join(h.text for h in self.parts))
    cost = property(lambda self: sum(h.cost for h in self.parts))
    changes = property(lambda self: {**self.parts[0].changes, **self.parts[1].changes})
    given = property(lambda self: {**self.parts[0].given, **self.parts[1].given})
    settings = property(lambda self: {**self.parts[0].settings, **self.parts[1].settings})
    in_short = property(lambda self: Both(tuple(h.in_short for h in self.parts)))
    simplicity = Hypothesis.simplicity
