"""Trusting a gradient: the same derivative obtained in five ways, in one table.

    gradcheck(program, values)  a GradientCheck: .ok, a table, and .plot(), the error of a finite difference

The sum over paths and reverse accumulation use the derivatives of the table of activations. The complex step, the
central difference and fifty digits use nothing but the *definitions*: they find a mistake in a derivative.
"""
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..derive.chain import MAX_PATHS, chain, count_paths
from ..derive.entries import entries
from ..derive.reverse import reverse
from ..describe.activation import Activation
from ..describe.arguments import expect
from ..describe.digits import decimal, short
from ..describe.doors import ask
from ..describe.names import Partial
from ..describe.nearest import lookup
from ..describe.precision import precise, rounded, shared
from ..describe.program import Program
from ..describe.values import by_symbol, numbers
from .evaluate import arrays_given, by_entry
from .lambdify import lambdify
from .run.anydigits import ComplexBackend

DIGITS = 50
TINY = 1e-30                    # the imaginary step: its square is lost, so nothing cancels
STEP = 6e-6                     # the best step of a central difference, about the cube root of the rounding error
SHOWN = 6                       # digits of a central difference that no rounding error reaches
MOST = 300                      # derivatives of a program of arrays
STEPS = np.logspace(-1, -14, 53)


def _defined(program):
    """The program with each activation written out by its definition."""
    def written(rhs):
        return rhs.replace(lambda x: isinstance(x, Activation), lambda x: written(x.definition))
    return program._with(tuple(replace(e, rhs=written(e.rhs)) for e in program), updates={})


@dataclass(frozen=True)
class CheckedDerivative:
    """One parameter's derivative in five ways; ``exact`` is the one to fifty digits (mpf), ``paths`` None where too many."""

    name: str
    paths: float | None
    reverse: float
    complex_step: float
    difference: float
    exact: object

    @property
    def error(self):
        """The relative error of reverse accumulation."""
        scale = max(abs(float(self.exact)), 1e-12)
        return abs(self.reverse - float(self.exact))/scale


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """The derivatives of a program's loss, each in five ways; shows itself as a table, the wrong ones in bold."""

    program: Program
    values: dict
    rows: tuple
    tolerance: float

    @property
    def ok(self):
        """Whether every derivative of the backward pass agrees with fifty digits to the tolerance."""
        return not self.wrong

    @property
    def wrong(self):
        """The names whose derivative in the backward pass does not agree."""
        return tuple(r.name for r in self.rows if not r.error <= self.tolerance)

    @cached_property
    def table(self):
        """One row a parameter: the five derivatives and the verdict."""
        rows = tuple((r.name, "" if r.paths is None else decimal(r.paths), decimal(r.reverse), decimal(r.complex_step),
                      short(r.difference, SHOWN), decimal(r.exact), "✗ wrong" if r.name in self.wrong else "✓ ok")
                     for r in self.rows)
        headings = ("by", "sum over paths", "reverse", "complex step", "central difference", "50 digits", "verdict")
        return ask("table", headings, rows, frozenset(i for i, r in enumerate(self.rows) if r.name in self.wrong))

    def curve(self, name=None):
        """(steps, errors): the relative error of the central difference in ``name`` for steps from 0.1 to 1e-14."""
        expect("curve", name=name)
        rows = {r.name: r for r in self.rows}
        name = next(iter(rows)) if name is None else str(name)
        exact = float(lookup(rows, "name", name).exact)
        found = _differences(self.program, self.values, self.program.symbol(name), STEPS)
        return STEPS, np.abs(found - exact)/max(abs(exact), 1e-300)

    def plot(self, name=None):
        """The V-shaped error of the central difference: too large a step bends, too small a step rounds."""
        return ask("V as a figure", *self.curve(name))

    def __repr__(self):
        return repr(self.table)

    def _repr_html_(self):
        return self.table._repr_html_()


def gradcheck(program, values, wrt=None, tolerance=1e-9):
    """Check the derivatives of a program's loss by ``wrt`` (every trainable parameter), each obtained in five ways.

    The sum over paths, reverse accumulation in floats, the complex step, a central difference with the best step, and a
    central difference to fifty digits, which is taken for the truth. At a kink (relu at 0) there is no derivative: the
    backward pass takes the left one and a difference the mean of both sides, so they disagree. Raises ValueError for a
    program without a loss, for names that it does not have and for missing values. Of a program of arrays the backward pass is
    computed in arrays, and each entry checked by the program written out in numbers; more than 300 are a ValueError: the
    equations are the same for all sizes.

    >>> from backprop_sym import dense
    >>> gradcheck(dense([1, 1]), {"x1": 1, "y1": 0, "w1": 0.5, "b1": -0.5}).ok
    True
    """
    expect(program=program, values=values, wrt=wrt, tolerance=tolerance)
    wanted = program.trainable if wrt is None else program.symbols(wrt)
    whole = program + reverse(program, wrt=wanted)
    if program.shapes:
        program, known, found = _by_entries(program, whole, values, wanted)
    else:
        known, compiled = by_symbol(program, values), lambdify(whole)(values)
        found = {p: compiled[Partial(program.loss, p)] for p in wanted}
    rows = (_checked(program, known, float(derivative), p) for p, derivative in found.items())
    return GradientCheck(program, known, tuple(rows), tolerance)


def _checked(program, known, found, p):
    """One derivative in five ways; of what the program does not use it is 0, and no difference shows more."""
    if p not in program.given:
        return CheckedDerivative(program.spelled.get(p, p.name), 0.0, found, 0.0, 0.0, shared(0))
    return CheckedDerivative(program.spelled[p], _paths(program, known, p), found, _complex_step(program, known, p),
                             float(_differences(program, known, p, np.array([STEP]))[0]), _fifty_digits(program, known, p))


def _by_entries(program, whole, values, wanted):
    """(the program in entries, its values, {entry: what the backward pass in arrays found}) of a program of arrays."""
    arrays, letters = arrays_given(program, values)
    if (count := sum(a.size for s, a in arrays.items() if s in wanted)) > MOST:
        raise ValueError(f"gradcheck: {count:,} derivatives, one by one, are more than {MOST}: check with smaller sizes, the "
                         "equations are the same for all")
    back = lambdify(whole, "numpy")({s: np.vectorize(float, otypes=[float])(a) for s, a in arrays.items()})
    found = {p: np.asarray(back[Partial(program.loss, p)]) for p in wanted}
    return entries(program, letters), by_entry(arrays), by_entry(found)


def _paths(program, values, p):
    if count_paths(program, program.loss, p) > MAX_PATHS:
        return None
    return float(chain(program, p).at(values).value)


def _complex_step(program, values, p):
    """Im E(w + ih)/h: no difference is taken, so no digit is lost."""
    with precise(15) as mp:
        known = numbers(program, values)
        known[p] = mp.mpc(known[p], TINY)
        return float(lambdify(_defined(program), ComplexBackend)(known)[program.loss].imag/TINY)


def _differences(program, values, p, steps):
    """(E(w + h) - E(w - h))/2h for an array of steps."""
    known = {s: float(v) for s, v in numbers(program, values).items()}
    f = lambdify(program, "numpy")
    with np.errstate(all="ignore"):                        # what leaves the floats is inf or nan in the table as well
        up, down = (np.asarray(f({**known, p: known[p] + sign*steps})[program.loss]) for sign in (1, -1))
        return (up - down)/(2*steps)


def _fifty_digits(program, values, p):
    """A central difference with a step of 1e-30 to 120 digits: right to more than fifty, from the definitions alone."""
    with precise(120) as mp:
        known, h = numbers(program, values, 120), mp.mpf(10)**-30
        f = lambdify(_defined(program), "mpmath")
        up, down = (f({**known, p: step + known[p]})[program.loss] for step in (h, -h))
        return rounded((up - down)/(2*h), 120)
