"""Slips in a whole working: one mistake that shows in several of its equations. A generator yields (sentence, changes).

    updated_weights, not_updated, frozen_updated, old_parameters, transposed, reduction
    everywhere(generator, text)     a slip of one equation, in every equation where it can be made
    eta_terms(make)                 a slip in the step of every update
"""
import sympy as sp

from ...derive.optimizers import ETA
from ...describe.copies import again, stem
from ...describe.dataflow import is_bias
from ...describe.names import Partial
from ..working import PRINTED


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


def eta_terms(make):
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


def _old(s):
    """What the update of a parameter started from."""
    return again(s, after=s.after - 1)
