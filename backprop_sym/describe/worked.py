"""A program worked out with numbers: shown with the numbers put in and the results.

    Worked(program, quantities, shown)      what ``program.at(values)`` returns
"""
from dataclasses import dataclass

from .digits import AMONG_OTHERS, numeral
from .doors import ask


@dataclass(frozen=True, repr=False)
class Worked:
    """A program worked out with numbers: ``quantities`` maps every name to its value (mpf); so many digits are ``shown``.

    >>> from backprop_sym import Program
    >>> neuron = Program.parse(["z = w*x", "a = sigmoid(z)"])
    >>> neuron.at({"w": "0.5", "x": 2})
    z = w*x = 1
    a = sigmoid(z) = 0.73106
    >>> neuron.at({"w": "0.5", "x": 2}, digits=9)
    z = w*x = 1
    a = sigmoid(z) = 0.731058579
    """

    program: object
    quantities: dict
    shown: int = AMONG_OTHERS

    def __repr__(self):
        lines = zip(repr(self.program).splitlines(), self.program.defined, strict=True)
        return "\n".join(f"{line} = {numeral(self.quantities[s], self.shown)}" for line, s in lines)

    def _repr_latex_(self):
        return f"$${ask('LaTeX of a program with numbers', self)}$$"
