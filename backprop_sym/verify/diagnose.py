"""Diagnosis: which slip explains a wrong figure.

    diagnose(net, values, quantity, printed)    the slips that reproduce a printed number, the best first
    explain(example, figure, before)            the same for a figure of a worked example
    every_slip(example, figure)                 what each slip would make of it
    Slip                                        one of them: .name, .value; str(slip) is the sentence

One figure is a ledger of one line: it is explained as the ledger of a whole text is. See ``search``.
"""
from dataclasses import dataclass, replace

import mpmath
import numpy as np
import sympy as sp

from ..compute.trainer import REDUCE, checked_samples
from ..derive.optimizers import GradientDescent
from ..describe.arguments import expect
from ..describe.decimals import number
from ..describe.nearest import lookup
from ..describe.values import by_symbol, exact, given
from .certain import exactly
from .example import Training, WorkedExample
from .inarrays import each_entry
from .reading import ANEW
from .search import Search, origin


@dataclass(frozen=True)
class Slip:
    """A slip that reproduces a printed figure: ``name`` its kind, ``text`` what was done, ``value`` the result (mpf).

    ``chance`` is the number of matches to be expected by chance among the candidates that are as simple; ``certain`` whether
    that is small, and nothing else explains the figure as well.
    """

    name: str
    text: str
    value: object
    cost: float
    chance: float
    certain: bool = True

    def __str__(self):
        return self.text if self.certain else f"could be: {self.text}"


def diagnose(program, values, quantity, printed, *, after=0, samples=None, optimizer=None, learning_rate=None,
             reduce="sum"):
    """The slips that turn the exact value of ``quantity`` into ``printed``, a list of Slip, the best first.

    ``program`` is a forward pass, ``values`` {name: number}; ``quantity`` a name or "d(A)/d(B)", with a minus in front
    where its negative was printed; ``printed`` the figure as text, with its digits. ``after`` counts updates by the
    ``optimizer`` (gradient descent) with its ``learning_rate``. The list is empty where the figure is right, and where
    nothing explains it. Of a program of arrays the quantity is an entry, "d(E_total)/d(W1[1,2])", counted from 1. Raises
    ValueError for names that the program does not have and for text that is no decimal.

    >>> from backprop_sym import worked_example
    >>> ex = worked_example("source")
    >>> print(diagnose(ex.forward, ex.values, "d(E_total)/d(w1)", "0.694690157e-3")[0])
    the path through yhat2 is left out of ∂E_total/∂a_z1
    """
    expect("diagnose", program=program, values=values, quantity=quantity, printed=printed, after=after, samples=samples,
           optimizer=optimizer, learning_rate=learning_rate)
    lookup(REDUCE, "reduction", reduce)
    known = by_symbol(program, values)
    rows = [{**known, **sample} for sample in checked_samples(program, samples)]
    if program.shapes:
        program, rows = each_entry(program, rows)
        known = rows[0]
    for row in rows:
        given(program, row)
    own = {s for s in (*program.given, *program.inputs, *program.targets) if s not in program.parameters}
    parameters, *rows = ({program.spelled[s]: _rational(program.spelled[s], value) for s, value in row.items() if s in which}
                         for row, which in ((known, program.parameters), *((row, own) for row in rows)))
    rate = None if learning_rate is None else _rational("learning_rate", learning_rate)
    if after and rate is None:
        raise ValueError(f"a figure after {after} updates needs a learning rate: learning_rate=...")
    training = Training((optimizer or GradientDescent()) if program.trainable and rate is not None else None, rate, reduce)
    example = WorkedExample("diagnose", "", "", "", program, parameters, tuple(rows), training, ())
    return explain(example, example.figure(quantity, printed, after))


def _rational(name, value):
    """A number as exact as it was given: text and floats as they are written."""
    if isinstance(value, sp.Rational):
        return value
    exact(name, value)                                 # says what is no number
    return number(value if isinstance(value, str) else repr(float(value)))


def explain(example, figure, before=()):
    """The slips that explain a figure of a worked example, the best first; none where it is right.

    ``before`` are the figures that were printed before it: the figure may have been computed from them, right (then it
    is "inherited") or with a slip.
    """
    example = replace(example, figures=(*before, figure))
    search = Search(example, wanted=np.arange(len(before) + 1) == len(before))
    if not search.wanted.any():
        return []
    last = len(before)
    if search.inherited[last]:
        value = next(mpmath.mpf(base[last]) for base in search.carried.values() if search.figures.miss(base)[last] <= 2.000001)
        return [Slip("inherited", f"inherited: follows from {origin(search, last)}", value, 0, 0.0)]
    return [Slip(h.name, h.text, value, h.cost, chance, certain) for h, value, chance, certain in _explaining(search, last)]


def _explaining(search, j):
    """(hypothesis, value, chance, whether it is certain) of what explains figure j, the best first."""
    if not search.causes:
        return
    first, groups = search.causes[0], []
    for r, i in search.near:
        if r.scores.hits[i][j]:
            group = next((g for g in groups if search.figures.same(r.predicted[i], g[0][0].predicted[g[0][1]], [j])), None)
            groups.append([(r, i)]) if group is None else group.append((r, i))
    for group in groups:
        r, i = min(group, key=lambda ri: ri[0].simplicity(ri[1]))
        value = exactly(search, [r.hypotheses[i]], [j])[0] if r.mode == ANEW else None
        yield r.hypotheses[i], mpmath.mpf(r.predicted[i][j]) if value is None else value, first.chance, first.certain


def every_slip(example, figure):
    """What each slip of the table makes of a figure's quantity: a list of Slip, those without a finite value left out."""
    search = Search(replace(example, figures=(figure,)))
    values = search.predictions.of(search.pool.common)[:, 0]
    return [Slip(h.name, h.text, mpmath.mpf(value), h.cost, 0.0)
            for h, value in zip(search.pool.common, values, strict=True) if np.isfinite(value)]
