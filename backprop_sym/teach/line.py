"""The last line of a solution: what is asked for, with the numbers put in.

    last_line(exercise)         a Line; None where the derivation ends with it already
"""
from dataclasses import dataclass

from ..describe.digits import AMONG_OTHERS, short
from ..describe.printer import ATOM, SUM, Text
from ..show.paper import Latex, Numbers, number_latex
from ..verify.example import PrintedFigure
from .worth import worth


@dataclass(frozen=True, repr=False)
class Line:
    """An expression of quantities, of a ``program``; ``numbers`` {symbol: mpf} are theirs, ``value`` is its own."""

    expression: object
    program: object
    numbers: dict
    value: object

    def __repr__(self):
        def placed(number):
            text = short(number, AMONG_OTHERS)
            return text, SUM if text.startswith("-") else ATOM
        rank, spelled = self.program.rank, self.program.spelled
        put = Text(rank, spelled, {s: placed(number) for s, number in self.numbers.items()})
        return f"{Text(rank, spelled)(self.expression)}\n    = {put(self.expression)}\n    = {short(self.value, AMONG_OTHERS)}"

    def _repr_latex_(self):
        rank = self.program.rank
        put = Numbers(rank, self.numbers, AMONG_OTHERS)(self.expression)
        return (f"$$\\begin{{aligned}}\n{Latex(rank)(self.expression)} &= {put} \\\\\n"
                f"&= {number_latex(self.value, AMONG_OTHERS)}\n\\end{{aligned}}$$")


def last_line(exercise):
    """The Line of what is asked for, where that is made of several quantities.

    >>> from .files import exercise
    >>> last_line(exercise("15.2"))
    2/d(d(E)/d(p))/d(p)
        = 2/6
        = 0.33333
    """
    asked = exercise.figure
    if asked is None or asked.symbol is not None:
        return None
    symbols = sorted(exercise.asked, key=str)
    value, *numbers = worth(exercise.example, [asked, *(PrintedFigure(str(s), "0", asked.after, asked.sample, expression=s)
                                                        for s in symbols)])
    return Line(asked.expression, exercise.example.forward, dict(zip(symbols, numbers, strict=True)), value)
