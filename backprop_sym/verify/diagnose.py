"""Diagnosis: which slip explains a wrong figure.

    diagnose(net, values, quantity, printed)    the slips that reproduce a printed number, the simplest first
    explain(example, figure, before)            the same for a figure of a worked example

All slips of the table, then all pairs of them, are tried together: each equation of the working is evaluated once for
all candidates, as NumPy arrays, with its rewritten form where a candidate rewrites it. What comes near is worked out
anew to 40 digits. A candidate explains a figure p when p is within what rounding the intermediate values to their
printed digits can do to it, two units of the last place at least.

With d digits and n candidates, n*10^-d would match by chance. Where that is not small, the slip says "could be".
"""
from dataclasses import replace

import mpmath
import numpy as np
import sympy as sp

from ..derive.optimizers import GradientDescent
from ..describe.parser import number
from .example import PrintedFigure, Training, WorkedExample
from .replay import Replay
from .runs import candidates, read, run
from .search import Search, Slip
from .verdict import verdict

UNROLLED = 3            # updates that are written out; after more of them whole training runs are compared


def diagnose(program, values, quantity, printed, *, after=0, samples=None, optimizer=None, learning_rate=None,
             reduce="sum"):
    """The slips that turn the exact value of ``quantity`` into ``printed``, a list of Slip, the simplest first.

    ``program`` is a forward pass, ``values`` {name: number}; ``quantity`` a name or "d(A)/d(B)", with a minus in front
    where its negative was printed; ``printed`` the figure as text, with its digits. ``after`` counts updates by the
    ``optimizer`` (gradient descent) with its ``learning_rate``. The list is empty where the figure is right, and where
    nothing explains it. Raises ValueError for names that the program does not have and for text that is no decimal.

    >>> from backprop_sym import worked_example
    >>> ex = worked_example("source")
    >>> print(diagnose(ex.forward, ex.values, "d(E_total)/d(w7)", "0.186047383")[0])
    the factors (yhat1 - y1)*yhat1 are left out of ∂E_total/∂z3
    """
    given = {str(k): number(v) if isinstance(v, str) else _rational(v) for k, v in values.items()}
    names = {program.spelled[s] for s in program.parameters}
    parameters = {k: v for k, v in given.items() if k in names}
    sample = {k: v for k, v in given.items() if k not in names}
    rate = None if learning_rate is None else number(str(learning_rate))
    training = Training((optimizer or GradientDescent()) if program.trainable else None, rate, reduce)
    example = WorkedExample("reader", "", "", "", program, parameters, tuple(samples) if samples else (sample,), training, ())
    return explain(example, PrintedFigure(quantity, printed, after))


def _rational(value):
    return sp.nsimplify(value, rational=True) if not isinstance(value, sp.Rational) else value


def explain(example, figure, before=(), replay=None):
    """The slips that explain a figure of a worked example, the simplest first; none where it is right.

    ``before`` are the figures that were printed before it: the figure may have been computed from them, right (then it
    is "inherited") or with a slip.
    """
    replay = replay or Replay(replace(example, figures=(*before, figure)))
    exact = replay.value(figure)
    if verdict(figure, exact) != "wrong":
        return []
    if figure.after > UNROLLED:
        return _replayed(example, figure, replay)
    # where a quantity was printed twice, this figure may have been computed from either value
    from_printed = [Search(example, figure, replay, order) for order in dict.fromkeys((before, before[::-1])) if before]
    from_printed = [search for search in from_printed if search.working.used]
    anew = Search(example, figure, replay)
    stages = [(search, search.inherited) for search in from_printed]
    stages.insert(len(from_printed), (anew, anew.one_more))
    for name in ("singles", "rounded", "single_precision", "singles_from_rounded", "pairs"):
        stages += [(search, getattr(search, name)) for search in (*from_printed, anew)]
    tried = 0
    for search, stage in stages:
        before_stage = search.tried
        found = stage()
        tried += search.tried - before_stage
        if found:
            return _ranked(found, figure, tried)
    return []


def every_slip(example, figure):
    """What each slip of the table makes of a figure's quantity: a list of Slip, those without a finite value left out."""
    search = Search(example, figure, None)
    values = search.bench.values(np.arange(len(search.rewrites)))
    return [Slip(rewrite.name, rewrite.text, mpmath.mpf(value), rewrite.cost, 0.0)
            for rewrite, value in zip(search.rewrites, values, strict=True) if np.isfinite(value)]


def _replayed(example, figure, replay):
    """The slips that explain a figure after many updates: the training is run again with each."""
    printed, unit, found = float(figure.value), float(figure.unit), []
    tried = list(candidates(example))
    for rewrite, program in tried:
        try:
            key = rewrite.text, figure.after               # the figures of one example share its runs
            if key not in replay.runs:
                replay.runs[key] = run(example, figure.after, program, **rewrite.settings)
            value = read(example, figure, replay.runs[key])
        except (ArithmeticError, ValueError):
            continue
        if abs(value - printed) <= 2*unit:
            found.append(Slip(rewrite.name, rewrite.text, mpmath.mpf(value), rewrite.cost, 0.0, program))
    return _ranked(found, figure, len(tried))


def _ranked(slips, figure, tried):
    """The simplest first; of slips that give the same number only the simplest.

    By chance tried*10^-digits of them would match to half a unit, and more where the match is looser.
    """
    kept, printed, half = [], mpmath.mpf(figure.value.p)/figure.value.q, float(figure.unit)/2
    for slip in sorted(slips, key=lambda s: (s.cost, len(s.text), s.text)):
        if not any(abs(slip.value - k.value) <= 1e-30*abs(k.value) for k in kept):
            looseness = max(1.0, float(abs(slip.value - printed))/half) if slip.name != "inherited" else 1.0
            kept.append(replace(slip, chance=tried*10.0**-figure.significant*looseness))
    return kept
