"""What a search finds, and what it tries on the way.

    Cause                       one mistake, in words, and the figures that it explains
    Causes                      several of them; shows itself as a table
    Round                       hypotheses tried together
"""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..show.tables import Table
from .reading import ANEW

SHOWN = 3               # hypotheses that are named where none is certain


@dataclass(frozen=True)
class Cause:
    """One mistake that explains some figures: in words, whether it is certain, which figures (by their numbers).

    ``tried`` is the number of hypotheses that were tried, ``chance`` how many of those that are as simple would fit so well by
    chance; ``others`` are hypotheses that explain as much, beside a certain cause with the same numbers; ``printed`` says whether
    printed values were used; ``missed`` are wrong figures that it changes and does not explain.
    """

    hypothesis: object
    figures: tuple
    certain: bool
    tried: int
    chance: float
    others: tuple = ()
    printed: str = ANEW
    missed: tuple = ()

    @property
    def name(self):
        return self.hypothesis.name

    @property
    def text(self):
        """The sentence; of a certain cause also what gives the same numbers here."""
        same = " or ".join(h.text for h in self.others) if self.certain else ""
        return self.hypothesis.text + f", or, the same with these numbers, {same}"*bool(same)

    def __str__(self):
        texts = dict.fromkeys(h.text for h in (self.hypothesis, *self.others))
        return self.text if self.certain else "could be: " + "; or ".join(list(texts)[:SHOWN])


@dataclass(frozen=True, repr=False)
class Causes(Sequence):
    """The causes of an audit, in the order in which they were found; shows itself as a table."""

    found: tuple

    def __getitem__(self, i):
        return Causes(self.found[i]) if isinstance(i, slice) else self.found[i]

    def __len__(self):
        return len(self.found)

    @cached_property
    def table(self):
        """Each cause, how many figures it explains, of how many hypotheses tried, and how many would fit so well by chance."""
        return Table(("cause", "figures", "hypotheses tried", "by chance"), tuple(
            (str(c), str(len(c.figures)), f"{c.tried:,}", f"{c.chance:.0e}") for c in self.found), below=("cause",))

    def __repr__(self):
        return repr(self.table)

    def _repr_html_(self):
        return self.table._repr_html_()


@dataclass(frozen=True)
class Round:
    """Hypotheses tried together, in one way of computing: their prices, what they predict, and how well that agrees."""

    mode: str
    hypotheses: list
    price: np.ndarray
    predicted: np.ndarray
    base: np.ndarray
    scores: object

    def simplicity(self, i):
        """What hypotheses that say the same are sorted by."""
        return self.hypotheses[i].simplicity
