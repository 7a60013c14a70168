"""What is printed in the place of a figure although it is another number: copied, of another pass, with another sign.

    READING_SLIPS               (name, cost, generator): the table
    comes_back(readings)        whether figures would be copied from each other
    Printed(reading, made)      what stands in the place of a figure, and what is made of it

A generator takes a figure, the words and all figures, and yields (key, sentence, Printed): the key says without names what was
done, so that the same can be done with many figures.
"""
from dataclasses import dataclass, field
from math import floor, log10, nan

import sympy as sp

from ...derive.optimizers import ETA
from ...describe.names import Owned, Partial
from ..reading import Reading
from .misprints import ANOTHER, misprint, misprints

MAX_COPIED = 60         # figures from which one may have been copied
MAX_SAMPLES = 12


@dataclass(frozen=True)
class Printed:
    """What is printed: ``factor`` times an expression after so many updates, of a sample; or a number that is printed elsewhere.

    ``joined``: the digits of a step written behind those of this number; ``misprinted``: what became of its digits;
    ``source``: the figure that it was copied from.
    """

    expression: sp.Expr = None
    after: int = 0
    sample: int | None = None
    factor: float = 1
    number: float | None = None
    joined: tuple = ()
    misprinted: tuple = ()
    source: int | None = field(default=None, compare=False)

    @property
    def reading(self):
        """What is read for it."""
        return Reading(self.expression, self.after, self.sample, computed=True)

    def of(self, value):
        """What is printed where the expression has this value."""
        if self.number is not None:
            return self.number
        if self.misprinted:
            return misprint(value, self.misprinted)
        if self.joined:
            start, places, significant = self.joined
            if not value:
                return start
            shift = floor(log10(abs(value))) + 1 if significant else 0
            if shift + places == 0:                    # that is the sum
                return nan
            return start + abs(value)*10.0**(-shift - places)*(-1 if start < 0 else 1)
        return self.factor*value


def comes_back(readings):
    """Whether figures are said to be copied from each other, {number of the figure: Printed}: no number would have a source."""
    for j in readings:
        seen = set()
        while j in readings and readings[j].source is not None and j not in seen:
            seen.add(j)
            j = readings[j].source
        if j in seen:
            return True
    return False


def _turned(f, words, figures):
    yield "", "the sign is turned", Printed(f.expression, f.after, f.sample, -1)


def _point(f, words, figures):
    for n in (1, -1, 2, -2, 3, -3):
        places = f"{abs(n)} place{'s'*(abs(n) > 1)}"
        yield n, f"the decimal point is {places} too far to the {'right' if n > 0 else 'left'}", \
            Printed(f.expression, f.after, f.sample, 10.0**n)


def _updates(f, words, figures):
    if words.structure.passes.state or words.structure.passes.training.carry:
        yield 1, "one update too many", Printed(f.expression, f.after + 1, f.sample)
        if f.after:
            yield -1, "one update too few", Printed(f.expression, f.after - 1, f.sample)


def _instead(f, words, figures):
    """A value for a derivative, a parameter for its gradient, and the reverse."""
    s, loss, forward = f.symbol, words.structure.passes.loss, words.structure.forward
    steps = words.structure.passes.start.get(ETA, 1) != 1         # with 1 the new value is the parameter minus its gradient
    if isinstance(s, Partial):
        name = words.quantity(s.wrt)
        if s.of == loss and s.wrt in words.structure.parameters:
            yield "minus", f"the parameter minus its gradient is printed for the gradient of {name}", \
                Printed(s.wrt - s, f.after, f.sample)
            if steps:
                yield "new", f"the new {name} is printed for its gradient", Printed(s.wrt - ETA*s, f.after, f.sample)
                yield "step", f"the step of {name} is printed for its gradient", Printed(ETA*s, f.after, f.sample)
        yield "value", f"the value of {name} is printed for the derivative", Printed(s.wrt, f.after, f.sample)
    elif s is not None:
        gradient = Partial(loss, s)
        if gradient in words.rhs:
            if s in words.structure.parameters and f.after:
                yield "gradient before", f"the gradient of {words.quantity(s)} is printed for its new value", \
                    Printed(gradient, f.after - 1, f.sample)
                if steps:
                    yield "step before", f"the step of {words.quantity(s)} is printed for its new value", \
                        Printed(ETA*gradient, f.after - 1, f.sample)
            yield "gradient", f"the derivative by {words.quantity(s)} is printed for its value", \
                Printed(gradient, f.after, f.sample)
        if isinstance(s, Owned) and ETA in words.structure.passes.start:
            for sign, what in ((1, "eta"), (-1, "-eta")):
                yield ("rate", sign), f"{what} times it is printed, the learning rate within what is remembered", \
                    Printed(sign*ETA*s, f.after, f.sample)
        if s in forward:
            yield "rest", f"1 - {words.quantity(s)} is printed for {words.quantity(s)}", Printed(1 - s, f.after, f.sample)


def _samples(f, words, figures):
    count = words.structure.passes.count
    for k in range(1, min(count, MAX_SAMPLES) + 1) if count > 1 else ():
        if k != f.sample:
            yield ("sample", k), f"the value of sample {k} is printed", Printed(f.expression, f.after, k)
    if count > 1 and f.sample:
        yield "all", "the value over all samples is printed", Printed(f.expression, f.after, None)


def _copied(f, words, figures):
    """The number of another figure; of another quantity of the same kind."""
    at = figures.index(f)
    for g in figures[max(0, at - MAX_COPIED):at + MAX_COPIED]:
        if g is not f and (g.expression, g.after, g.sample) != (f.expression, f.after, f.sample):
            what, source = words.figure(g), figures.index(g)
            yield ("copied", source - at), f"the figure printed for {what} is copied", \
                Printed(number=float(g.value), source=source)
    s = f.symbol
    for other in words.siblings(s) if s in words.structure.place else ():
        if other != s:
            text = f"the value of {words.quantity(other)} is printed for {words.quantity(s)}"
            yield ("sibling", *words.shift(s, other)), text, \
                Printed(other*f.sign, f.after, f.sample)


def _beside(f, words, figures):
    """The derivative by another quantity of the same kind."""
    s = f.symbol
    for other in words.siblings(s.wrt) if isinstance(s, Partial) else ():
        if Partial(s.of, other) in words.rhs and other != s.wrt:
            yield words.shift(s.wrt, other), \
                f"the derivative by {words.quantity(other)} is printed for that by {words.quantity(s.wrt)}", \
                Printed(Partial(s.of, other)*f.sign, f.after, f.sample)


def _run_together(f, words, figures):
    """0.3 + 0.00417 printed 0.300417 or 0.3417."""
    s, gradient = f.symbol, Partial(words.structure.passes.loss, f.symbol) if f.symbol is not None else None
    if f.after == 1 and s in words.structure.parameters and gradient in words.rhs and ETA in words.structure.passes.start:
        start = words.structure.passes.start[s]
        places = len(str(float(start)).partition(".")[2].rstrip("0"))
        for significant in (False, True):
            yield significant, f"the digits of {words.quantity(s)} and of its step are run together", \
                Printed(ETA*gradient, 0, f.sample, joined=(float(start), places, significant))


def _digits(*ways):
    """A generator of what may have become of the digits, in some ways: each in its own figure, zeros for digits in many."""
    def generator(f, words, figures):
        for key, text, how in misprints(f):
            if key[0] in ways:
                yield key if key[0] == "padded" else (figures.index(f), key), text, \
                    Printed(f.expression, f.after, f.sample, misprinted=how)
    return generator


READING_SLIPS = (
    ("sign of a figure", 0.9, _turned),
    ("decimal point", 1.2, _point),
    ("one update more or less", 1, _updates),
    ("another quantity printed", 1.2, _instead),
    ("another sample printed", 1.3, _samples),
    ("copied", 1.4, _copied),
    ("another derivative", 1.6, _beside),
    ("digits run together", 1.3, _run_together),
    ("digits exchanged", 1.2, _digits("exchanged", "padded")),
    (ANOTHER, 4, _digits("another")),
)
