"""What a program can be asked for: its names, its numbers, its text and its formulas.

    Readings                    the base of Program: everything that reads it and makes no program of it
"""
from functools import cached_property

import sympy as sp

from .activation import Activation
from .digits import AMONG_OTHERS
from .doors import ask
from .matrices import ArrayFunction, transposed
from .names import WORDS, Fields, Partial, parts, spell, spelled, symbol, symbols
from .order import ranks
from .printer import Text
from .shapes import inferred
from .wellformed import ROLES
from .worked import Worked


class Readings:
    """The readings of a Program."""

    # ---- its names

    @cached_property
    def spelled(self):
        """{symbol: text} of every symbol, no text twice: a reader's own names come first and are spelled as they were given."""
        found = dict.fromkeys((*sum((getattr(self, role) for role in ROLES), ()), *self.given, *self.defined))
        return spelled(sorted(found, key=lambda s: isinstance(s, Fields)))

    @cached_property
    def names(self):
        """{text: symbol}: what ``spelled`` spells."""
        return {text: s for s, text in self.spelled.items()}

    @cached_property
    def _in_sentences(self):
        return {spell(s, WORDS): s for s in self.spelled}

    def symbol(self, name):
        """The symbol that a text means in this program: one of its own, spelled as in code or in a sentence (W1_1_2, W1[1,2]),
        else that of the text alone.

        >>> from backprop_sym import GradientDescent, dense, step
        >>> step(dense([1, 1]), GradientDescent()).symbol("w1_new").after
        1
        """
        if isinstance(name, sp.Symbol):
            return name
        if isinstance(name, str) and (name in self.names or name in self._in_sentences):
            return self.names.get(name) or self._in_sentences[name]
        derivative = parts(name) if isinstance(name, str) else None
        return symbol(name) if derivative is None else Partial(*map(self.symbol, derivative))

    def symbols(self, names):
        """The symbols that several texts mean in this program: an iterable, or one text with spaces or commas between them."""
        return symbols(names, self.symbol)

    def partials(self, e):
        """The local derivatives of an equation, {symbol: d(lhs)/d(symbol)}, in the names of this program."""
        return ask("partials", self, e)

    @cached_property
    def named(self):
        """{activation: the symbol that names it}: through these a derivative is written, a*(1 - a)."""
        found = {e.rhs: e.lhs for e in self.equations if isinstance(e.rhs, Activation | ArrayFunction)}
        return found | {e.rhs.args[0]: transposed(e.lhs) for e in self.equations if isinstance(e.rhs, transposed)}

    # ---- numbers and text

    def evaluate(self, values, digits=15):
        """Every quantity in order, {name: mpf}, correct to ``digits`` significant digits.

        ``values`` maps the names in ``given`` to numbers; text is read as an exact decimal, and names that the program
        does not use are ignored. Raises ValueError for a missing value, TypeError for one that is no number.
        """
        return ask("evaluate", self, values, digits)

    def at(self, values, digits=None):
        """The same equations worked out with numbers: shown with the numbers put in and the results.

        Without ``digits`` the quantities are right to fifteen and five are shown, as a line of a page has room for; with it
        they are right to so many, and so many are shown.
        """
        if digits is None:
            return Worked(self, ask("worked out", self, values), AMONG_OTHERS)
        return Worked(self, ask("worked out", self, values, digits), digits)

    @cached_property
    def shape(self):
        """{symbol: shape} of everything, () for a number; empty where no shapes were declared."""
        return inferred(self) if self.shapes else {}

    @cached_property
    def rank(self):
        """Where each symbol stands when terms and factors are put in order: see ``printer``."""
        return ranks(self)

    @cached_property
    def text(self):
        """The printer of expressions in the order and under the names of this program."""
        return Text(self.rank, self.spelled)

    def __repr__(self):
        return "\n".join(f"{self.text(e.lhs)} = {self.text(e.rhs)}" for e in self.equations)

    def _repr_latex_(self):
        return f"$${ask('LaTeX of a program', self)}$$"
