"""A published worked example as data: equations, values, and every figure that was printed for it.

    WorkedExample               .forward, .parameters, .samples, .training, .figures, .formulas; .audit(), .diagnose(...)
    PrintedFigure               a number as it was printed
    PrintedFormula              a closed form as it was printed
    Training                    how the example updates its parameters
    Rules                       updates that are no gradient of anything
"""
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import sympy as sp

from ..describe.decimals import MINUS, number
from ..describe.doors import ask
from ..describe.names import signed
from ..describe.program import Program


@dataclass(frozen=True)
class PrintedFigure:
    """A number as it was printed: of which quantity, after how many updates, for which sample (from 1).

    ``quantity`` is a name, a derivative d(A)/d(B), or an expression of such; ``expression`` is what it means. ``note`` and
    ``where`` (page, equation, line) are the reader's own words.
    """

    quantity: str
    printed: str
    after: int = 0
    sample: int | None = None
    section: str = ""
    note: str = ""
    where: str = ""
    expression: sp.Expr = None

    def __post_init__(self):
        if self.expression is None:
            sign, s = signed(self.quantity)
            object.__setattr__(self, "expression", sign*s)

    @cached_property
    def symbol(self):
        """The quantity's symbol, without the sign; None for an expression of several."""
        s = self.expression*self.sign
        return s if s.is_Symbol else None

    @cached_property
    def sign(self):
        """-1 for a figure of -d(E)/d(z), else 1."""
        return -1 if self.expression.as_coeff_Mul()[0] == -1 else 1

    @property
    def _decimal(self):
        return Decimal(self.printed.strip().translate(MINUS)).as_tuple()

    @cached_property
    def value(self):
        """The printed number, exactly."""
        return number(self.printed)

    @property
    def unit(self):
        """One unit in the last printed place, exactly.

        >>> PrintedFigure("w5", "0.694690157e-3").unit
        1/1000000000000
        """
        return sp.Rational(10)**self.exponent

    @property
    def digits(self):
        """The digits that are printed."""
        return "".join(map(str, self._decimal.digits))

    @property
    def exponent(self):
        """The power of ten of the last printed place."""
        return self._decimal.exponent

    @property
    def significant(self):
        """The number of significant digits printed."""
        return len(self.digits)


@dataclass(frozen=True)
class PrintedFormula:
    """The closed form that a text claims for a quantity; ``meaning`` is the quantity as a symbol, or minus one."""

    quantity: str
    printed: str
    expression: sp.Expr
    note: str = ""
    where: str = ""
    meaning: sp.Expr = None

    def __post_init__(self):
        if self.meaning is None:
            sign, s = signed(self.quantity)
            object.__setattr__(self, "meaning", sign*s)

    @cached_property
    def symbol(self):
        """The quantity's symbol, without the sign."""
        return self.meaning*self.sign

    @property
    def sign(self):
        """-1 for a formula of -d(E)/d(z), else 1."""
        return -1 if self.meaning.as_coeff_Mul()[0] == -1 else 1


@dataclass(frozen=True)
class Rules:
    """Updates as a text writes them, w + eta*(y - step(z))*x, where they are no gradient: pairs (symbol, expression).

    ``written`` are the same in arrays, where the text is.
    """

    updates: tuple
    written: tuple = ()

    coefficients = {}


@dataclass(frozen=True)
class Training:
    """How an example updates its parameters; without an optimizer nothing is updated.

    ``schedule`` changes the learning rate; ``carry`` are pairs (state, quantity): what the quantity is at the end of a pass,
    the state is at the start of the next.
    """

    optimizer: object = None
    learning_rate: sp.Rational | None = None
    reduce: str = "sum"
    online: bool = False
    schedule: object = None
    carry: tuple = ()


@dataclass(frozen=True)
class WorkedExample:
    """A published worked example: ``forward`` is its Program; ``parameters`` and ``samples`` hold exact Rationals.

    One that is written in arrays, ``arrays``, is the example of their entries: its quantities are W1[1,1], W1[1,2], ...
    """

    name: str
    title: str
    author: str
    address: str
    forward: Program
    parameters: dict
    samples: tuple
    training: Training
    figures: tuple
    formulas: tuple = field(default=())
    note: str = ""
    arrays: Program | None = None

    @property
    def values(self):
        """Parameters and sample together, where there is one sample; ValueError where there are more."""
        if len(self.samples) != 1:
            raise ValueError(f"{self.name} has {len(self.samples)} samples: use .parameters and .samples")
        return {**self.parameters, **self.samples[0]}

    @cached_property
    def _audit(self):
        return ask("audit", self)

    def audit(self):
        """Every printed figure beside the derived value, with a verdict: see ``audit``."""
        return self._audit

    def diagnose(self, quantity, printed, after=0, sample=None):
        """The slips that explain a figure, the simplest first: see ``diagnose``.

        Where the example prints this very figure, those printed before it count too: it may have been computed from
        them.
        """
        figure = self.figure(quantity, printed, after, sample)
        places = [i for i, f in enumerate(self.figures) if f.expression == figure.expression and
                  (f.printed, f.after, f.sample) == (printed, after, sample)]
        return ask("explain", self, figure, self.figures[:places[0]] if places else ())

    def slips(self, quantity, after=0, sample=None):
        """What each slip of the table would make of a quantity, one at a time: a list of Slip with ``text`` and ``value``."""
        return ask("slips", self, self.figure(quantity, "0", after, sample))

    def check_answer(self, quantity, answer, after=0, sample=None):
        """A reader's answer for a quantity, judged in words: right, rounded, cut, or wrong, and then why.

        ``quantity`` is a name or "d(A)/d(B)", as in the file; ``answer`` is text, with the digits that were worked out.

        >>> from backprop_sym import worked_example
        >>> print(worked_example("source").check_answer("d(E_total)/d(w1)", "0.000694690"))
        Not right. This is ∂E_total/∂w1 with a slip: the path through yhat2 is left out of ∂E_total/∂a_z1.
        """
        return ask("reply", self, self.figure(quantity, answer, after, sample))

    def figure(self, quantity, printed, after=0, sample=None):
        """A PrintedFigure of this example, checked as if it stood in its file."""
        return ask("figure of an example", self, quantity, printed, after, sample)

    def to_toml(self):
        """The example as the text of a TOML file that loads as an equal example."""
        return ask("TOML", self)

    def __repr__(self):
        return f"{self.title} ({len(self.figures)} printed figures)"
