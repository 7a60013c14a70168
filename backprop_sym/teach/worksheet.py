"""Worksheets: a fresh worked example with blanks, a page for each student, and a key.

    worksheet("hidden layer", seed=7)       a Worksheet; .save(folder) writes the pages, the key and a table for the answers

The numbers are drawn until they suit: few digits, nothing saturated, no two figures alike, and no figure that two of the classic
mistakes share at the digits asked for, so that the diagnosis can tell them apart.
"""
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

import numpy as np

from ..describe.arguments import expect
from ..describe.digits import decimal
from ..describe.doors import ask
from ..describe.nearest import lookup
from ..show.tables import Table, readable
from ..verify.example import WorkedExample
from ..verify.hypotheses import Maker
from ..verify.pool import Pool
from ..verify.predictions import Predictions
from ..verify.rows import Rows
from .judges import to_digits
from .students import told_apart
from .topics import TOPICS, asked, drawn, network, sums_of
from .worth import with_numbers, worth

DIGITS = 4
TRIES = 2_000
STEEP = 2.0             # the largest weighted sum, in size: beyond it a sigmoid is nearly flat
SMALLEST = 1e-3         # of a figure, in size
# The mistakes that are to leave figures of their own: by the names of the slips, in a whole layer at a time.
CLASSIC = ("path left out", "sign", "2 or 1/2", "activation's derivative", "updated weights", "transposed")
COMMON = 1.1            # their cost at most


@dataclass(frozen=True)
class Variant:
    """One student's numbers: the worked example that they make."""

    student: str
    example: WorkedExample


@dataclass(frozen=True, repr=False)
class Worksheet:
    """What is asked, ``asked`` pairs (quantity, after updates), to ``digits`` digits; and ``variants``, one a student."""

    topic: str
    level: int
    seed: object
    asked: tuple
    variants: tuple
    digits: int = DIGITS

    @property
    def title(self):
        """The title of the pages."""
        return TOPICS[self.topic].title

    @property
    def columns(self):
        """What is asked, as it heads the columns of the answers: "z1", "d(E_total)/d(w1)", "w1 after 1 update"."""
        return tuple(column(quantity, after) for quantity, after in self.asked)

    def figures(self, example):
        """What is asked, of an example."""
        return tuple(example.figure(quantity, "0", after) for quantity, after in self.asked)

    def answers(self, variant):
        """{column: the right answer, to its digits} of one variant."""
        values = worth(variant.example, self.figures(variant.example))
        return {name: decimal(value, self.digits) for name, value in zip(self.columns, values, strict=True)}

    @cached_property
    def key(self):
        """The answers of all variants, as a Table."""
        rows = tuple((v.student, *self.answers(v).values()) for v in self.variants)
        return Table(("student", *self.columns), rows)

    def page(self, variant=None):
        """The page of a variant (the first): Markdown."""
        return ask("page of a worksheet", self, variant or self.variants[0])

    def save(self, folder, formats=("md",)):
        """Write KEY.toml, key.md, ANSWERS.csv and the page of each student into a folder.

        ``formats`` are of md, ipynb, html, tex, pdf. Raises ValueError for another one, ImportError where html or pdf need what
        is not installed, OSError where nothing can be written.
        Returns the paths.
        """
        expect(path=folder, formats=formats)
        return ask("files of a worksheet", self, folder, formats)

    def marks(self, answers):
        """{column: Mark} of the answers to the first variant, {column: number or text}: a Mark is true where it has its point.

        Graded as ``grade`` grades a class: what follows from an earlier mistake is right. ``str(mark)`` names the mistake.

        >>> sheet = worksheet("one neuron", seed=7, level=1)
        >>> marks = sheet.marks({**sheet.answers(sheet.variants[0]), "d(E_total)/d(b1)": "-0.02348"})
        >>> bool(marks["z1"]), str(marks["d(E_total)/d(b1)"])
        (True, 'wrong: the sign is turned')
        """
        expect("Worksheet", answers=answers)
        return ask("marks of a worksheet", self, answers)

    def assign(self, folder, tool="nbgrader"):
        """Write an assignment with a task for each quantity, as ``tool`` takes it: "nbgrader" (a course's folder) or "otter".

        Raises ValueError for another tool, and for a sheet of several variants; OSError where nothing can be written. Returns
        the paths; ``assignment`` says where answers stand.
        """
        expect(path=folder)
        return ask("assignment of a worksheet", self, tool, folder)

    def __repr__(self):
        return f"Worksheet {self.topic!r}, level {self.level}, seed {self.seed}: {len(self.asked)} answers, " \
               f"{len(self.variants)} variant{'s'*(len(self.variants) != 1)}\n\n" + repr(self.key)

    def _repr_markdown_(self):
        return self.page()


def column(quantity, after):
    """What heads the column of a quantity."""
    return quantity + readable("x", after).removeprefix("x")


def worksheet(topic, *, seed=0, level=2, students=None):
    """A fresh Worksheet about a topic, the same for the same seed.

    ``topic`` is one of ``topics.TOPICS``: "one neuron", "forward pass", "output layer", "hidden layer", "update",
    "whole gradient", "tanh", "cross-entropy"; ``level`` 1 to 3, by the size of the network. ``students`` are names: each gets
    numbers of their own. The name of a KEY.toml in the place of a topic reads the sheet that was made. Raises ValueError for an
    unknown topic, with the nearest ones, and for two names that are one in a table of answers.

    >>> sheet = worksheet("one neuron", seed=7, level=1)
    >>> sheet.columns
    ('z1', 'yhat1', 'E_total', 'd(E_total)/d(z1)', 'd(E_total)/d(w1)', 'd(E_total)/d(b1)')
    """
    expect("worksheet", seed=seed, level=level, students=students)
    if hasattr(topic, "__fspath__") or isinstance(topic, str) and topic.endswith(".toml"):
        return ask("worksheet of a key", topic)
    lookup(TOPICS, "topic", topic)
    names = [""] if students is None else told_apart(students)
    example = network(topic, level)
    what = asked(topic, example)
    sheet = Worksheet(topic, level, seed, what, ())
    judge = Judge(replace(example, figures=sheet.figures(example)), sheet.digits)
    return replace(sheet, variants=tuple(
        Variant(name, with_numbers(example, judge.numbers(Random(f"{topic}/{level}/{seed}/{name}")))) for name in names))


class Judge:
    """Says which numbers suit a worksheet; the hypotheses about it are made once."""

    def __init__(self, example, digits):
        self.example, self.digits = example, digits
        self.maker = Maker(example)
        pool = Pool(self.maker, Rows(self.maker.passes, example.figures), range(len(example.figures)))
        self.classic = [h for h in pool.general if h.name in CLASSIC and h.cost <= COMMON and len(h.changes) != 1
                        and not {*self.maker.passes.forward.defined} & h.changes.keys()]
        self.sums = [example.figure(z.name, "0") for z in sums_of(example.forward)]

    def numbers(self, random):
        """Numbers that suit, drawn anew until they do; RuntimeError where none are found."""
        for _ in range(TRIES):
            numbers = drawn(self.example, random)
            if self.suits(with_numbers(self.example, numbers)):
                return numbers
        raise RuntimeError(f"no numbers were found for {self.example.title!r} that tell the mistakes apart")

    def suits(self, example):
        """Whether an example can be worked out by hand, and its mistakes be told apart."""
        if any(abs(z) > STEEP for z in worth(example, self.sums, "python")):
            return False
        predictions = Predictions(self.maker.like(example), example.figures, None)
        right = predictions.base()
        if not np.isfinite(right).all() or np.abs(right).min() < SMALLEST or self._alike(right):
            return False
        found = np.vstack([right, predictions.of(self.classic)]) if self.classic else right[None, :]
        return not any(self._alike(found[:, j]) for j in range(found.shape[1]))

    def _alike(self, values):
        """Whether two different numbers look the same at the digits asked for."""
        seen = {}
        for value in values[np.isfinite(values)]:
            key = to_digits(repr(float(value)), self.digits)
            if abs(seen.setdefault(key, value) - value) > 1e-9*abs(value):
                return True
        return False
