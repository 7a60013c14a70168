"""Slips in the run of a training: what was updated when, with what, what is carried on, and how numbers are kept.

    RUN_SLIPS                   (name, cost, generator): the table

A generator takes the words (and what they know of the structure) and yields (sentence, changes, settings).
"""
import sympy as sp

from ...describe.names import Partial, by_name
from ..passes import at_first
from .functions import with_base
from .optimizers import OPTIMIZER_SLIPS
from .oversamples import SAMPLE_SLIPS
from .units import UNIT_SLIPS

MAX_CARRIED = 40
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
                for p in words.structure.forward.parameters if Partial(passes.loss, p) in words.rhs and p in passes.state}
    sides = _two_sides(partners)
    for one in (0, 1) if sides else ():
        of = sorted((p for p in partners if partners[p] and sides[p] == one), key=by_name)
        above = sorted({q for p in of for q in partners[p]}, key=by_name)
        gradients = {Partial(passes.loss, q): words.rhs[Partial(passes.loss, q)] for q in above if q in partners}
        new = {q: words.rhs[passes.state[q]].xreplace(gradients) for q in above if q in partners}
        yield f"{words.several(above)} are updated already where the gradient of {words.several(of)} is taken", {
            Partial(passes.loss, p): words.rhs[Partial(passes.loss, p)].xreplace(new) for p in of}, {}


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
            names = words.several(order)
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


def piled_up(words):
    """Gradients that are not set to 0 after an update: those of all before are in it, in what is printed or not."""
    if words.last and words.structure.passes.totals:
        text = "the gradients are not set to 0 between the updates: those before are added"
        yield text, {}, {"piled up": "each"}
        yield text, {}, {"piled up": "all"}


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


def updated_from_the_first(words):
    """Every step taken from the weights at the start."""
    if words.last > 1:
        changes = {new: rhs.xreplace({p: at_first(p)}) for p, (new, rhs) in _steps(words).items()}
        yield "every step is taken from the first weights", changes, {}


def another_e(words):
    """e as 2.7, 2.72 or 2.718 in every exponential."""
    for e in ("2.7", "2.72", "2.718"):
        changes = {lhs: with_base(words.rhs[lhs], sp.Rational(e)) for lhs in words.structure.forward.defined}
        yield f"e is taken as {e}", {lhs: rhs for lhs, rhs in changes.items() if rhs != words.rhs[lhs]}, {}


RUN_SLIPS = (
    ("updated weights", 1, updated_weights),
    ("one side updated", 1.1, one_side_updated),
    ("updated in turn", 1.1, in_turn),
    ("not updated", 1, not_updated),
    ("first weights", 1.2, used_from_the_first_pass),
    ("steps from the first weights", 1.2, updated_from_the_first),
    ("gradients piled up", 1, piled_up),
    ("state carried on", 1.5, carried),
    ("precision", 0.8, precision),
    ("rounded intermediates", 1.3, rounded),
    ("another e", 1.2, another_e),
    *UNIT_SLIPS, *SAMPLE_SLIPS, *OPTIMIZER_SLIPS,
)
