"""The table of slips: the mistakes that people make, each a rewrite of equations. One line a slip.

    SLIPS                       (name, cost, kind, generator): of one EQUATION, of the whole WORKING, or a SETTING of the run
    rewrites(working)           every Rewrite of the working of one figure
    run_rewrites(working)       those that a whole training can be run with, in every step
    Rewrite                     some equations of a Program, replaced, and the sentence that says how

The cost is what ranks explanations: the simplest first.
"""
from dataclasses import dataclass, field

from ...derive.optimizers import ETA
from ...describe.activation import shown
from ..context import Context
from . import equations as one
from . import workings as whole

EQUATION, WORKING, SETTING = "equation", "working", "setting"


@dataclass(frozen=True)
class Rewrite:
    """One slip: its name in the table, what was done, in words, its cost, and the equations that it replaces.

    ``settings`` are those of a run: ``more`` updates than there should be, ``reduce``, ``online``.
    """

    name: str
    text: str
    cost: float
    changes: dict
    settings: dict = field(default_factory=dict)


def _more(example):
    yield "one update too many", {"more": 1}
    yield "one update too few", {"more": -1}


def _other_reduction(example):
    if len(example.samples) > 1:
        used = example.training.reduce
        other = "sum" if used == "mean" else "mean"
        yield f"the {other} over the samples is taken for the {used}", {"reduce": other}


def _other_batches(example):
    if len(example.samples) > 1:
        online = example.training.online
        yield ("one update for all samples together, not one a sample" if online else
               "one update a sample, not one for all of them"), {"online": not online}


SLIPS = (
    ("path left out", 1, EQUATION, one.path_left_out),
    ("factor left out", 1, EQUATION, one.factor_left_out),
    ("term left out", 1.2, EQUATION, one.term_left_out),
    ("sign", 1, EQUATION, one.sign),
    ("2 or 1/2", 1, EQUATION, one.two),
    ("activation's derivative", 0.9, EQUATION, one.slope),
    ("activation left out", 1.2, EQUATION, one.no_activation),
    ("neighbour", 1.5, EQUATION, one.neighbour),
    ("log10 for ln", 1, EQUATION, one.logarithm),
    ("exponentials left out", 1.2, EQUATION, one.no_exponential),
    ("stale value", 1.5, EQUATION, one.stale),
    ("decimal point", 1.2, EQUATION, one.decimal_point),
    ("updated weights", 1, WORKING, whole.updated_weights),
    ("not updated", 1, WORKING, whole.not_updated),
    ("updated too", 1, WORKING, whole.frozen_updated),
    ("transposed", 1, WORKING, whole.transposed),
    ("one update less", 1, WORKING, whole.old_parameters),
    ("sum for mean", 1, WORKING, whole.reduction),
    ("no learning rate", 1, WORKING, whole.everywhere(whole.eta_terms(lambda t: t/ETA), "the learning rate is left out")),
    ("ascent", 1, WORKING, whole.everywhere(whole.eta_terms(lambda t: -t), "ascent for descent: the gradient is added")),
    ("2 or 1/2 in every step", 1, WORKING, whole.everywhere(whole.eta_terms(lambda t: 2*t), "every step is twice as long")),
    ("2 or 1/2 in every step", 1, WORKING, whole.everywhere(whole.eta_terms(lambda t: t/2), "every step is half as long")),
    ("derivative left out everywhere", 1, WORKING,
     whole.everywhere(one.slope, "the derivative of the activation is left out everywhere")),
    ("exponentials left out everywhere", 1, WORKING,
     whole.everywhere(one.no_exponential, "the exponentials are left out everywhere")),
    ("log10 everywhere", 1, WORKING, whole.everywhere(one.logarithm, "log10 is taken for ln everywhere")),
    ("updates", 1, SETTING, _more),
    ("sum for mean", 1, SETTING, _other_reduction),
    ("online", 1, SETTING, _other_batches),
)


def rewrites(working):
    """Every single slip in the working of a figure, as a list of Rewrites."""
    context = Context(working)
    found = [*_of_equations(context, context.program), *_of_workings(context)]
    return _that_matter(found, working)


def run_rewrites(working):
    """The slips of a whole training: those of a working, a term left out of an update, and other settings of the run."""
    context, example = Context(working), working.example
    updates = [e for e in context.program if context.is_update(e.lhs)]
    settings = [Rewrite(name, text, cost, {}, found) for name, cost, kind, generator in SLIPS if kind == SETTING
                for text, found in generator(example)]
    left_out = [row for row in SLIPS if row[3] is one.term_left_out]
    return [*settings, *_that_matter([*_of_workings(context), *_of_equations(context, updates, left_out)], working)]


def _of_equations(context, equations, table=SLIPS):
    for e in equations:
        for name, cost, kind, generator in table if not e.rhs.is_number else ():
            for text, changes, *count in generator(e, context) if kind == EQUATION else ():
                yield Rewrite(name, text, cost + (count[0] - 1)*0.25 if count else cost, changes)


def _of_workings(context):
    for name, cost, kind, generator in SLIPS:
        for text, changes in generator(context) if kind == WORKING else ():
            yield Rewrite(name, text, cost, changes)


def _that_matter(found, working):
    """The rewrites that change an equation on which the figure depends, each derivative written out as it is shown."""
    plain, within, kept = working.plain, working.within, []
    for rewrite in found:
        for lhs in rewrite.changes:
            rewrite.changes[lhs] = shown(rewrite.changes[lhs])
        if any(lhs in within and rhs != plain[lhs].rhs for lhs, rhs in rewrite.changes.items()):
            kept.append(rewrite)
    return kept
