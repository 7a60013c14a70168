"""Slips: the mistakes that people make, each a rewrite of the working of a figure. One line a slip in the table.

    SLIPS                       (name, cost, generator): the table
    rewrites(working)           every Rewrite of the working of one figure
    Rewrite                     some equations of a Program, replaced, and the sentence that says how

A generator looks at one equation, or at the whole working, and yields (sentence, {symbol: expression}). The cost is
what ranks explanations: the simplest first.
"""
from dataclasses import dataclass
from itertools import combinations

import sympy as sp

from ..derive.optimizers import ETA
from ..describe.activation import ActivationSlope, shown
from ..describe.copies import again, age, stem, updated
from ..describe.dataflow import is_bias
from ..describe.names import Name, Partial, by_name
from .context import Context
from .working import PRINTED

MAX_DROPPED = 3         # factors of one product


@dataclass(frozen=True)
class Rewrite:
    """One slip: its name in the table, what was done, in words, its cost, and the equations that it replaces."""

    name: str
    text: str
    cost: float
    changes: dict


# ---- one equation

def path_left_out(e, context):
    """Where an adjoint or a chain sums over paths: one of them forgotten, or all but one."""
    if isinstance(e.lhs, Partial) and e.rhs.is_Add and all(t.atoms(Partial) for t in e.rhs.args):
        for term in e.rhs.args:
            yield f"the path through {context.path_name(term)} is left out", {e.lhs: e.rhs - term}
        if len(e.rhs.args) > 2:
            for term in e.rhs.args:
                yield f"only the path through {context.path_name(term)} is kept", {e.lhs: term}


def term_left_out(e, context):
    if e.rhs.is_Add and not (isinstance(e.lhs, Partial) and all(t.atoms(Partial) for t in e.rhs.args)):
        for term in e.rhs.args:
            if context.is_update(e.lhs) and term.has(ETA):
                yield f"{stem(e.lhs)} is not updated", {e.lhs: e.rhs - term}
            else:
                yield f"the term {context.spell(term)} is left out{context.place(e.lhs)}", {e.lhs: e.rhs - term}


def factor_left_out(e, context):
    """One to three factors of a product, or of one term of a sum."""
    for term in sp.Add.make_args(e.rhs):
        pieces = context.pieces(term)
        signed = [p for p in pieces if p != -1]
        for n in range(1, min(MAX_DROPPED, len(signed) - 1) + 1):
            for dropped in dict.fromkeys(tuple(sorted(c, key=sp.default_sort_key)) for c in combinations(signed, n)):
                rest = list(pieces)
                for piece in dropped:
                    rest.remove(piece)
                names = context.spell(sp.Mul(*dropped, evaluate=False))
                what = f"the factor{'s' if n > 1 else ''} {names}" if dropped != (ETA,) else "the learning rate"
                yield (f"{what} {'are' if n > 1 else 'is'} left out{context.place(e.lhs)}",
                       {e.lhs: e.rhs - term + sp.Mul(*rest)}, n)


def sign(e, context):
    terms = sp.Add.make_args(e.rhs)
    for term in terms if len(terms) > 1 else ():
        if context.is_update(e.lhs) and term.has(ETA):
            yield f"{stem(e.lhs)} goes up the gradient, not down", {e.lhs: e.rhs - 2*term}
        else:
            yield f"the sign of the term {context.spell(term)}{context.place(e.lhs)} is turned", {e.lhs: e.rhs - 2*term}
    yield f"the sign{context.place(e.lhs) or ' of the result'} is turned", {e.lhs: -e.rhs}


def two(e, context):
    if not context.is_update(e.lhs):
        yield f"a factor 2 too much{context.place(e.lhs)}", {e.lhs: 2*e.rhs}
        yield f"a factor 1/2 too much{context.place(e.lhs)}", {e.lhs: e.rhs/2}


def slope(e, context):
    """The derivative of an activation: left out, twice, of z instead of a, of a instead of z, of another neuron."""
    for s in sorted(e.rhs.atoms(ActivationSlope), key=sp.default_sort_key):
        name, (z, a) = s.of.__name__, s.args
        for text, other in ((f"the derivative of {name} is left out", sp.Integer(1)),
                            (f"the derivative of {name} is applied twice", s**2),
                            (f"the derivative of {name} is written with z for a", s.of.rule.slope(z, z)),
                            (f"the derivative of {name} is taken at a, not at z", s.of.rule.slope(a, s.of(a))),
                            (f"the activation {context.write(a)} stands for its derivative", a)):
            yield f"{text} in {context.readable(e.lhs)}", {e.lhs: e.rhs.xreplace({s: other})}
        for other in context.working.slopes:
            b = other.args[1]
            if other != s and type(other) is type(s) and age(b) == age(a):
                yield (f"the derivative of the activation is that of {context.write(b)}, not of {context.write(a)}, "
                       f"in {context.readable(e.lhs)}",
                       {e.lhs: e.rhs.xreplace({s: other})})


def neighbour(e, context):
    """A quantity, a weight or an input taken for another of its kind."""
    rhs = shown(e.rhs)
    for s in sorted(rhs.free_symbols, key=by_name):
        if not (context.is_update(e.lhs) and updated(s) == e.lhs):
            for other in context.kinds.get(s, ()):
                where = f" in {context.readable(e.lhs)}" if e.lhs != PRINTED else ""
                yield (f"{context.write(other)} is taken for {context.write(s)}{where}",
                       {e.lhs: rhs.xreplace({s: other})})


def logarithm(e, context):
    if e.rhs.has(sp.log):
        yield (f"log10 is taken for ln{context.place(e.lhs)}",
               {e.lhs: e.rhs.replace(sp.log, lambda x: sp.log(x)/sp.log(10))})


def no_exponential(e, context):
    if e.rhs.has(sp.exp):
        yield f"the exponentials are left out{context.place(e.lhs)}", {e.lhs: e.rhs.replace(sp.exp, lambda x: x)}


def no_activation(e, context):
    if isinstance(e.rhs, sp.Function) and not isinstance(e.lhs, Partial) and len(e.rhs.args) == 1:
        yield f"the activation {type(e.rhs).__name__}{context.place(e.lhs)} is left out", {e.lhs: e.rhs.args[0]}


def stale(e, context):
    """A value of the pass before, where the new one belongs."""
    for s in sorted(e.rhs.free_symbols, key=by_name):
        if isinstance(s, Name) and s.after and not context.is_update(e.lhs):
            old = again(s, after=s.after - 1)
            yield (f"the old {context.write(old)} is used for the new one{context.place(e.lhs)}",
                   {e.lhs: e.rhs.xreplace({s: old})})


def decimal_point(e, context):
    if e.lhs == PRINTED:
        for n in (1, -1, 2, -2, 3, -3):
            places = f"{abs(n)} place{'s'*(abs(n) > 1)}"
            yield (f"the decimal point is {places} too far to the {'right' if n > 0 else 'left'}",
                   {e.lhs: e.rhs*sp.Rational(10)**n})


# ---- the whole working

def everywhere(generator, text, chosen=lambda e, context: True):
    """The same slip in every equation where it can be made; ``generator`` yields the first rewrite of each."""
    def generate(context):
        changes = {}
        for e in context.program:
            if e.lhs != PRINTED and chosen(e, context):
                for _, change, *_ in generator(e, context):
                    changes.update(change)
                    break
        if len(changes) > 1:
            yield text, changes
    return generate


def _eta_terms(make):
    """A rewrite of the step of an update."""
    def generator(e, context):
        if context.is_update(e.lhs):
            for term in sp.Add.make_args(e.rhs):
                if term.has(ETA):
                    yield "", {e.lhs: e.rhs - term + make(term)}
    return generator


def _adjoint(e, context):
    return isinstance(e.lhs, Partial)


def updated_weights(context):
    """The gradients below are taken after the weights above were updated."""
    new = {_old(s): s for s in context.working.updates}
    changes = {}
    for e in context.program:
        if isinstance(e.lhs, Partial) and (used := e.rhs.free_symbols & set(new)):
            changes[e.lhs] = e.rhs.xreplace({s: new[s] for s in used})
    if changes:
        yield "weights that were already updated are used in the backward pass", changes


def not_updated(context):
    """A group of parameters left as it was: the biases, or a layer's."""
    updates = [e for e in context.program if context.is_update(e.lhs) and e.rhs.has(ETA)]
    forward = context.working.example.forward
    biases = {e.lhs: _old(e.lhs) for e in updates if stem(e.lhs) in forward.parameters and is_bias(forward, stem(e.lhs))}
    if biases:
        yield "the biases are not updated", biases
    if updates:
        yield "the parameters are not updated", {e.lhs: _old(e.lhs) for e in updates}


def frozen_updated(context):
    """Parameters that should stay are updated."""
    forward = context.working.example.forward
    changes = {}
    for e in context.program:
        if context.is_update(e.lhs) and stem(e.lhs) in forward.frozen:
            changes[e.lhs] = e.rhs - ETA*context.working.gradient_of(e.rhs)
    if changes:
        names = ", ".join(dict.fromkeys(str(stem(s)) for s in changes))
        yield f"{names} {'are' if ',' in names else 'is'} updated too", changes


def old_parameters(context):
    """The second pass made with the parameters of the first."""
    last = context.working.figure.after
    names = {context.working.names.name(p, last): context.working.names.name(p, last - 1)
             for p in context.working.example.forward.parameters} if last else {}
    changes = {e.lhs: e.rhs.xreplace(names) for e in context.program
               if not context.is_update(e.lhs) and e.rhs.free_symbols & set(names)}
    if changes:
        yield "one update too few", changes


def transposed(context):
    """A layer's weights with rows and columns exchanged, forwards and backwards."""
    for pairs in context.working.layers:
        swap = {w: pairs[j, i] for (i, j), w in pairs.items() if (j, i) in pairs and pairs[j, i] != w}
        for direction, wanted in (("forward", False), ("backward", True)):
            changes = {e.lhs: e.rhs.xreplace(swap) for e in context.program if e.lhs != PRINTED
                       and isinstance(e.lhs, Partial) == wanted and not context.is_update(e.lhs)
                       and e.rhs.free_symbols & set(swap)}
            if changes:
                names = ", ".join(sorted(map(str, swap)))
                yield f"the weights {names} are transposed in the {direction} pass", changes


def reduction(context):
    """Sum for mean over the samples, or the other way round."""
    n = context.working.count
    if n > 1:
        mean = context.working.example.training.reduce == "mean"
        reduced = [e for e in context.program if e.lhs in context.working.reduced]
        if reduced:
            yield (f"the {'sum' if mean else 'mean'} over the samples is taken for the {'mean' if mean else 'sum'}",
                   {e.lhs: e.rhs*n if mean else e.rhs/n for e in reduced})


# name, cost, generator: of one equation, or of the whole working
EQUATION_SLIPS = (
    ("path left out", 1, path_left_out),
    ("factor left out", 1, factor_left_out),
    ("term left out", 1.2, term_left_out),
    ("sign", 1, sign),
    ("2 or 1/2", 1, two),
    ("activation's derivative", 0.9, slope),
    ("activation left out", 1.2, no_activation),
    ("neighbour", 1.5, neighbour),
    ("log10 for ln", 1, logarithm),
    ("exponentials left out", 1.2, no_exponential),
    ("stale value", 1.5, stale),
    ("decimal point", 1.2, decimal_point),
)
WORKING_SLIPS = (
    ("updated weights", 1, updated_weights),
    ("not updated", 1, not_updated),
    ("updated too", 1, frozen_updated),
    ("transposed", 1, transposed),
    ("one update less", 1, old_parameters),
    ("sum for mean", 1, reduction),
    ("no learning rate", 1, everywhere(_eta_terms(lambda t: t/ETA), "the learning rate is left out")),
    ("ascent", 1, everywhere(_eta_terms(lambda t: -t), "ascent for descent: the gradient is added")),
    ("2 or 1/2 in every step", 1, everywhere(_eta_terms(lambda t: 2*t), "every step is twice as long")),
    ("2 or 1/2 in every step", 1, everywhere(_eta_terms(lambda t: t/2), "every step is half as long")),
    ("derivative left out everywhere", 1, everywhere(slope, "the derivative of the activation is left out everywhere")),
    ("exponentials left out everywhere", 1, everywhere(no_exponential, "the exponentials are left out everywhere")),
    ("log10 everywhere", 1, everywhere(logarithm, "log10 is taken for ln everywhere")),
)


def rewrites(working):
    """Every single slip in the working of a figure, as a list of Rewrites."""
    context, found = Context(working), []
    for e in context.program:
        for name, cost, generator in EQUATION_SLIPS if not e.rhs.is_number else ():
            for text, changes, *count in generator(e, context):
                found.append(Rewrite(name, text, cost + (count[0] - 1)*0.25 if count else cost, changes))
    for name, cost, generator in WORKING_SLIPS:
        found += [Rewrite(name, text, cost, changes) for text, changes in generator(context)]
    plain, within = working.plain, working.within
    for rewrite in found:
        for lhs in rewrite.changes:
            rewrite.changes[lhs] = shown(rewrite.changes[lhs])
    return [r for r in found if any(lhs in within and rhs != plain[lhs].rhs for lhs, rhs in r.changes.items())]


def _old(s):
    """What the update of a parameter started from."""
    return again(s, after=s.after - 1)
