"""How sure a cause is: the digits that agree, what else would agree as well, what it leaves unexplained.

    concluded(search, rounds, open_, first)  the best hypothesis of some rounds as a Cause, and those that come near it
    settled(search, causes, open_)      the causes, once all of them are found
    exactly(search, hypotheses, js)     figures under some hypotheses, to 40 digits

A cause is certain where what agrees says some digits more than chance would among all that are as simple, where nothing else says
as much, and where it neither spoils a right figure nor changes a wrong one that stays unexplained.
"""
from dataclasses import replace

import numpy as np

from ..describe.precision import precise
from .causes import Cause
from .reading import ANEW
from .replay import DIGITS, Replay, variant
from .score import HIT
from .slips.misprints import ANOTHER, free
from .solve import SOLVED, possible

LEAST = -3.0            # what the best hypothesis must say at least: less is noise
EVIDENCE = 1.5          # digits beyond the number of hypotheses as simple that make a cause certain: 3 in 100 by chance
FOR_ALL = 0.1           # the same for one that explains alone all that is to be explained, which is seldom false: 8 in 10
IN_PART = 6             # the same for one that holds in some tables of the text alone
FROM_PRINTED = 1.0      # digits that it costs to suppose that printed values were used
AGAIN = 0.5             # what a further figure counts, as it is seldom independent; all, where its own equation has the slip
ALIKE = 2.5             # digits within which the simplest of those that predict the same is taken
RIVAL = 0.3             # how likely another hypothesis is, beside the best, to be named
SAME_HERE = 0.05        # the same for one that gives the same numbers here
AGAINST = 0.4           # how likely all others together may be beside a certain one
MAX_UPDATES = 3         # after which a figure is not computed to 40 digits


def concluded(search, rounds, open_, first):
    """(the best hypothesis of some rounds as a Cause, [(round, number)] of all that come near it); (None, []) for noise.

    ``first``: whether nothing was explained before.
    """
    most = max(r.scores.total.max(initial=-np.inf) for r in rounds)
    if most < LEAST:
        return None, []
    near = sorted(((r, i) for r in rounds for i in np.nonzero(r.scores.total > most - ALIKE)[0]),
                  key=lambda ri: (-round(ri[0].scores.total[ri[1]], 6), *ri[0].simplicity(ri[1])))
    r, best = _simplest(search, near)
    hits = r.scores.hits[best]
    others, same, own = _others(search, near, (r, best), open_)
    evidence = _evidence(search, r, best, open_) - max(np.log10(_as_simple(search, rounds, r.price[best], hits & open_)),
                                                       possible(r.hypotheses[best])) - free(r.hypotheses[best])
    all_ = first and _is_all(search, r.hypotheses[best], open_ & ~hits)
    least = IN_PART if r.scores.partly[best] else FOR_ALL if all_ else EVIDENCE*len(r.hypotheses[best].parts)
    here = _named(search, same, hits & open_, SAME_HERE)
    certain = (evidence >= least and sum(share for share, *_ in others) < AGAINST*own and len(here) < 3
               and _is_whole(search, r, best))
    tried = len({id(h) for o in rounds for h in o.hypotheses})
    return Cause(_as_far_as_told(near, r, best), _numbers(hits), bool(certain), tried, float(10.0**-evidence),
                 here if certain else _named(search, [*others, *same], hits & open_, RIVAL), r.mode,
                 _numbers(_missed(search, r, best, open_))), near


def _is_all(search, hypothesis, left):
    """Whether one slip explains all of a text; a number that was solved for, any digit, or two slips, fit too easily."""
    return hypothesis.name not in (SOLVED, ANOTHER) and len(hypothesis.parts) == 1 and not left.any() and len(search.figures) > 2


def _as_simple(search, rounds, price, hits):
    """How many hypotheses as simple could have explained the same by chance: they move all of it, and spoil nothing."""
    found = set()
    for o in rounds:
        with np.errstate(all="ignore"):
            moved = (np.abs(o.predicted[:, hits] - o.base[hits]) > 0.5*search.figures.unit[hits]).all(axis=1)
        able = moved & (~o.scores.spoils.any(axis=1) | o.scores.partly) & (o.price <= price + 1e-9)
        found |= {id(o.hypotheses[i]) for i in np.nonzero(able)[0]}
    return max(1, len(found))


def _numbers(chosen):
    return tuple(int(j) for j in np.nonzero(chosen)[0])


def _simplest(search, near):
    """Of those near the best that predict the same as it, whatever the numbers are, the simplest."""
    r, first = near[0]
    same = [(o, i) for o, i in near[1:] if o.mode == r.mode and search.figures.same(o.predicted[i], r.predicted[first])]
    return min([near[0], *(other for other in same if _is_one(search, other, near[0]))], key=lambda ri: ri[0].simplicity(ri[1]))


def _others(search, near, best, open_):
    """(those that explain some of the same figures otherwise, [(share, round, number)]: how likely each is beside the best; of
    those the hypotheses that predict the same for every figure, as they would not with other numbers given; how likely all are
    together that are the best to a reader, as where other derivatives follow).
    """
    r, first = best
    hits, most = r.scores.hits[first] & open_, max(r.scores.total[first], near[0][0].scores.total[near[0][1]])
    others, same, own = [], [], 0.0
    for o, i in near:
        share = 10.0**(o.scores.total[i] - most)
        if not (o.scores.hits[i] & hits).any():
            continue
        if _alike(search, (o, i), best, hits):
            own += share*(o.hypotheses[i].slip == r.hypotheses[first].slip and bool(o.hypotheses[i].changes))
        else:
            (same if search.figures.same(o.predicted[i], r.predicted[first]) else others).append((share, o, i))
    return others, same, max(own, 1.0)


def _named(search, others, hits, least):
    """The hypotheses of those that are likely, each once."""
    named = []
    for share, o, i in others:
        if share > least and not any(_alike(search, (o, i), other, hits) for other in named):
            named.append((o, i))
    return tuple(o.hypotheses[i] for o, i in named)


def _as_far_as_told(near, r, first):
    """The hypothesis; where the same slip says as much though other derivatives follow from it, without saying which."""
    best = r.hypotheses[first]
    told = any(o.hypotheses[i].slip == best.slip and o.hypotheses[i].text != best.text
               and o.scores.total[i] > r.scores.total[first] + np.log10(RIVAL) for o, i in near)
    return best.in_short if told else best


def _alike(search, one, other, hits):
    """Whether two hypotheses are one to a reader: the same slip, made elsewhere too or not, another number for the same quantity,
    or the same numbers.
    """
    (o, i), (p, j) = one, other
    a, b = o.hypotheses[i], p.hypotheses[j]
    same = (a.slip == b.slip or a.name == b.name == SOLVED and a.given.keys() == b.given.keys()
            or a.name == b.name and b.changes.items() and b.changes.items() <= a.changes.items())
    return same or search.figures.same(o.predicted[i], p.predicted[j], hits) and _is_one(search, one, other, hits)


def _is_one(search, one, other, where=slice(None)):
    """Whether two hypotheses that predict the same do so with other numbers given, too."""
    (o, i), (p, j) = one, other
    a, b = o.hypotheses[i], p.hypotheses[j]
    return a.given == b.given != {} or search.elsewhere.same(a, b, where)


def _evidence(search, r, first, open_):
    """The digits in which a hypothesis agrees with what is to be explained."""
    says = r.scores.says[first]*(r.scores.hits[first] & open_)
    weight = np.where(_own(search, r.hypotheses[first]), 1, AGAIN)
    weight[says.argmax()] = 1
    return (says*weight).sum() - FROM_PRINTED*(r.mode != ANEW)


def _own(search, hypothesis):
    """In which figures a slip is made, each on its own, and not only seen."""
    forward = search.maker.structure.forward
    made = [lhs for lhs in hypothesis.changes if lhs in forward] or hypothesis.changes
    return np.array([j in hypothesis.readings or f.symbol in made for j, f in enumerate(search.figures.figures)])


def _is_whole(search, r, first):
    """Whether a hypothesis spoils nothing, and what it explains is no mere part, nor the one figure that a number is made for."""
    hypothesis, hits = r.hypotheses[first], r.scores.hits[first]
    if hypothesis.name == SOLVED and hits.sum() < 2:
        return False
    if r.scores.partly[first] and (hypothesis.name == SOLVED or not search.figures.is_table(hits)):
        return False
    return not r.scores.spoils[first].any()


def _missed(search, r, first, open_):
    """The wrong figures that a hypothesis changes and does not explain.

    What is printed instead of a figure must fit wherever it is said to be. An equation acts through others as well; what was
    computed from printed figures may be some units off. Of two numbers printed for one quantity it can explain but one.
    """
    figures, value, hits = search.figures, r.predicted[first], r.scores.hits[first]
    far = search.inherited & (figures.miss(value) > figures.near) & (r.mode == ANEW)
    bound = figures.wrong if r.hypotheses[first].readings else open_ | far
    explained = {figures.places[j] for j in np.nonzero(hits)[0]}
    again = np.array([place in explained for place in figures.places])
    return (np.abs(value - r.base) > HIT*figures.unit) & bound & ~hits & ~again


def settled(search, causes, open_):
    """The causes, once all are found; ``open_``: the figures that none explains.

    One is not certain where it changes a wrong figure that nothing explains, or says otherwise than another what is printed. A
    number that was solved for, and what is printed for one figure alone, fit too easily where anything is left.
    """
    if not causes:
        return ()
    together = search.figures.miss(search.predictions.base([c.hypothesis for c in causes])) <= search.figures.near
    found = []
    for c in causes:
        readings = c.hypothesis.readings
        wrong = search.figures.wrong if readings else open_ | search.inherited & ~together
        left = any(wrong[j] for j in c.missed)
        if c.name == SOLVED or readings and len(c.figures) == 1:
            left = left or open_.any() or not all(other.certain for other in causes)
        found.append(replace(c, certain=c.certain and not left and _is_confirmed(search, c, causes)))
    return tuple(found)


def _is_confirmed(search, cause, causes):
    """Whether a cause, alone or with the others, makes of the figures what is printed, to 40 digits as well.

    What a run does otherwise, and what was computed from printed values, is compared in floats alone.
    """
    if cause.printed != ANEW or any(c.hypothesis.settings for c in causes):
        return True
    near = [search.figures.near[j] for j in cause.figures]

    def agrees(hypotheses):
        values = exactly(search, hypotheses, cause.figures)
        misses = [0 if value is None else search.figures.miss(np.full(len(search.figures), float(value)))[j]
                  for j, value in zip(cause.figures, values, strict=True)]
        return all(miss <= most for miss, most in zip(misses, near, strict=True))
    return agrees([cause.hypothesis]) or agrees([c.hypothesis for c in causes])


def exactly(search, hypotheses, numbers):
    """Some figures under some hypotheses, to 40 digits; None where that is not what a hypothesis is about, or takes long."""
    figures = [search.figures.figures[j] for j in numbers]
    changed = variant(search.maker.passes, hypotheses)
    replay = changed and Replay(changed, [f for f in figures if f.after <= MAX_UPDATES])
    return [replay and f.after <= MAX_UPDATES and _value(replay, f) or None for f in figures]


def _value(replay, figure):
    try:
        with precise(DIGITS):
            return replay.value(figure)
    except (ArithmeticError, ValueError, TypeError):
        return None
