"""Slips in the run of a training: what was updated when, with what, how often, and over which samples.

    RUN_SLIPS                   (name, cost, generator): the table

A generator takes the words (and what they know of the structure) and yields (sentence, changes, settings).
"""
import sympy as sp

from ...describe.names import Partial, by_name
from ..passes import at_first
from .optimizers import OPTIMIZER_SLIPS

MAX_CARRIED = 40
MAX_LEFT_OUT = 12       # samples of which one may have been left out
MAX_IN_TURN = 8         # parameters that may have been updated one after another
MAX_EQUATIONS, MAX_WRITTEN_OUT = 60, 2_000      # of a training of which the derivatives are written out, and their operations


def updated_weights(words):
    """The gradients below are taken after the weights above were updated."""
    new = {old: s for old, s in words.structure.passes.state.items() if old in words.structure.parameters}
    changes = {lhs: rhs.xreplace({s: new[s] for s in used}) for lhs, rhs in words.rhs.items()
               if isinstance(lhs, Partial) and lhs.of == words.structure.passes.loss and (used := rhs.free_symbols & set(new))}
    if changes:
        yield "weights that were already updated are used in the backward pass", changes, {}


def one_side_updated(words):
    """Of products of two parameters, as in word vectors, the one side is updated before the gradient of the other is taken."""
    passes = words.structure.passes
    partners = {p: words.rhs[Partial(passes.loss, p)].free_symbols & words.structure.parameters
                for p in words.structure.parameters if Partial(passes.loss, p) in words.rhs and p in passes.state}
    sides = _two_sides(partners)
    for one in (0, 1) if sides else ():
        of = sorted((p for p in partners if partners[p] and sides[p] == one), key=by_name)
        above = sorted({q for p in of for q in partners[p]}, key=by_name)
        gradients = {Partial(passes.loss, q): words.rhs[Partial(passes.loss, q)] for q in above if q in partners}
        new = {q: words.rhs[passes.state[q]].xreplace(gradients) for q in above if q in partners}
        yield f"{_many(words, above)} are updated already where the gradient of {_many(words, of)} is taken", {
            Partial(passes.loss, p): words.rhs[Partial(passes.loss, p)].xreplace(new) for p in of}, {}


def _many(words, symbols):
    return words.listed([words.quantity(s) for s in symbols])


def _two_sides(partners):
    """{node: 0 or 1}, partners on different sides; None where there are no such two sides, or no partners."""
    sides = {}
    for start in (p for p in partners if partners[p]):
        todo = [] if start in sides else [(start, 0)]
        while todo:
            p, side = todo.pop()
            if sides.setdefault(p, side) != side:
                return None
            todo += [(q, 1 - side) for q in partners.get(p, ()) if q not in sides or sides[q] == side]
    return sides or None


def in_turn(words):
    """One parameter after another, each by its gradient at the new values of those before."""
    passes = words.structure.passes
    parameters = [p for p in passes.state if p in words.structure.parameters and Partial(passes.loss, p) in words.rhs]
    small = 1 < len(parameters) <= MAX_IN_TURN and len(words.rhs) <= MAX_EQUATIONS
    for order in (parameters, parameters[::-1]) if small else ():
        changes, new, written = {}, {}, {}
        for p in order:
            gradient = Partial(passes.loss, p)
            changes[gradient] = _written_out(words, gradient, written).xreplace(new)
            new[p] = passes.state[p]
        if sum(sp.count_ops(rhs) for rhs in changes.values()) <= MAX_WRITTEN_OUT:
            names = words.listed([words.quantity(p) for p in order])
            yield f"{names} are updated in turn, each at the new values of those before", changes, {}


def _written_out(words, s, found):
    """What a quantity is in terms of what is given; ``found`` keeps what is known already."""
    if s not in found:
        rhs = words.rhs.get(s)
        found[s] = s if rhs is None or words.is_update(s) else rhs.xreplace({
            a: _written_out(words, a, found) for a in rhs.free_symbols})
    return found[s]


def _steps(words):
    """{parameter: (its update, the equation's right-hand side)} of those that are updated."""
    state = words.structure.passes.state
    return {old: (new, words.rhs[new]) for old, new in state.items() if old in words.structure.parameters}


def not_updated(words):
    """A group of parameters left as it was: the biases, the weights, a layer's, all."""
    steps, biases = _steps(words), words.structure.biases
    groups = {"the biases": [p for p in steps if p in biases], "the parameters": list(steps)}
    if groups["the biases"]:
        groups["the weights"] = [p for p in steps if p not in biases]
    for name, group in groups.items():
        if group:
            yield f"{name} are not updated", {steps[p][0]: p for p in group}, {}


def used_from_the_first_pass(words):
    """The first weights in every pass."""
    if words.last > 1:
        first = {p: at_first(p) for p in _steps(words)}
        changes = {lhs: rhs.xreplace(first) for lhs, rhs in words.rhs.items()
                   if not words.is_update(lhs) and rhs.free_symbols & set(first)}
        yield "the first weights are used in every pass", changes, {}


def transposed(words):
    """A layer's weights with rows and columns exchanged, forwards, backwards, or both."""
    for pairs in words.structure.layers:
        swap = {w: pairs[j, i] for (i, j), w in pairs.items() if (j, i) in pairs and pairs[j, i] != w}
        changes = {}
        for direction in ("forward", "backward"):
            changes[direction] = {
                lhs: rhs.xreplace(swap) for lhs, rhs in words.rhs.items() if not words.is_update(lhs)
                and (lhs in words.structure.forward) == (direction == "forward") and rhs.free_symbols & set(swap)}
            if changes[direction]:
                names = ", ".join(sorted(words.quantity(w) for w in swap))
                yield f"the weights {names} are transposed in the {direction} pass", changes[direction], {}
        if changes["forward"] and changes["backward"]:
            yield f"the weights {names} are transposed", {**changes["forward"], **changes["backward"]}, {}


def reduction(words):
    """Sum for mean over the samples, or the other way round: of the gradient, of the loss, of both."""
    training, count = words.structure.passes.training, words.structure.passes.count
    if count > 1:
        other = "sum" if training.reduce == "mean" else "mean"
        text = f"the {other} over the samples is taken for the {training.reduce}"
        if training.online:
            yield text, {}, {"loss": other}
        else:
            yield f"{text} in the gradient", {}, {"total": other}
            yield f"{text} in the loss", {}, {"loss": other}
            yield text, {}, {"total": other, "loss": other}


def sample_left_out(words):
    """One sample left out, as where a loop ends too early; in a mean it may be counted still."""
    training, count = words.structure.passes.training, words.structure.passes.count
    for k in range(1, count + 1) if 1 < count <= MAX_LEFT_OUT and not training.online else ():
        for divisor in (count, count - 1) if training.reduce == "mean" else (1,):
            text = f"sample {k} is left out" + ", and counted still"*(divisor == count)
            yield f"{text}, in the gradient", {}, {"total": (k, divisor)}
            yield text, {}, {"total": (k, divisor), "loss": (k, divisor)}


def online(words):
    """One update a sample for one of all of them, or the other way round."""
    training, count = words.structure.passes.training, words.structure.passes.count
    if count > 1 and words.structure.passes.state:
        if training.online:
            for kind in ("sum", "mean"):
                yield f"one update for all samples together ({kind}), not one a sample", {}, {"total": kind}
        else:
            yield "one update a sample, not one for all of them", {}, {"total": "online"}


def carried(words):
    """The state at the end of one pass used at the start of the next, or the other way round."""
    passes, forward = words.structure.passes, words.structure.forward
    if not words.last:
        return
    for state, _ in passes.training.carry:
        yield f"{words.quantity(state)} starts anew in each pass", {}, {"kept": state}
    starts = [s for s in (*forward.inputs, *forward.frozen, *forward.parameters)
              if s not in dict(passes.training.carry) and s in words.structure.users]
    ends = [s for s in forward.defined if len(words.structure.users.get(s, ())) <= 2 and s != passes.loss]
    for state in starts[:MAX_CARRIED]:
        for end in ends[-8:]:
            yield f"{words.quantity(end)} at the end of one pass is {words.quantity(state)} at the start of the next", {}, \
                {"carry": (state, end)}


def last_unit(words):
    """A loop that stops one short: the last, or the first, unit of a layer in no sum above it."""
    structure = words.structure
    for s, users in structure.users.items():
        group = structure.siblings(s)
        if s not in structure.forward or len(group) < 2 or s not in (group[0], group[-1]) or structure.passes.loss in users:
            continue
        if not all(words.rhs[u].is_Add for u in users):
            continue
        changes = {u: words.rhs[u].xreplace({s: sp.S.Zero}) for u in users}
        for lhs, rhs in words.rhs.items():
            if isinstance(lhs, Partial) and (lhs.wrt == s or s in rhs.free_symbols and lhs.wrt in structure.parameters):
                changes[lhs] = sp.S.Zero if lhs.wrt == s else rhs.xreplace({s: sp.S.Zero})
        yield f"the unit {words.quantity(s)} is left out of the sums above it, and its weights are not updated", changes, {}


def precision(words):
    """32-bit floats, everywhere or for what is given; intermediate values rounded or cut."""
    yield "the difference of near numbers loses its digits in double precision", {}, {"float64": "all"}
    yield "the numbers given were rounded to single precision (float32)", {}, {"float32": "given"}
    yield "computed in single precision (float32)", {}, {"float32": "all"}


def rounded(words):
    """Every intermediate value rounded, or cut, to so many decimals or significant digits."""
    for cut in (False, True):
        for digits in range(1, 11):
            for significant in (False, True):
                kind = "significant digits" if significant else "decimals"
                text = f"intermediate values are {'cut' if cut else 'rounded'} to {digits} {kind}"
                yield text, {}, {"rounded": (digits, cut, significant)}


RUN_SLIPS = (
    ("updated weights", 1, updated_weights),
    ("one side updated", 1.1, one_side_updated),
    ("updated in turn", 1.1, in_turn),
    ("not updated", 1, not_updated),
    ("first weights", 1.2, used_from_the_first_pass),
    ("transposed", 1, transposed),
    ("sum for mean", 1, reduction),
    ("sample left out", 1.1, sample_left_out),
    ("online", 1, online),
    ("state carried on", 1.5, carried),
    ("last unit", 1.2, last_unit),
    ("precision", 0.8, precision),
    ("rounded intermediates", 1.3, rounded),
    *OPTIMIZER_SLIPS,
)
