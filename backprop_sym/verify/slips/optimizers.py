"""Slips in the rule of an optimizer: what it remembers, how that is weighted and corrected.

    OPTIMIZER_SLIPS             (name, cost, generator): a part of the table of slips in a run

A generator takes the words and yields (sentence, changes, settings), as in runs.py. Books do not agree on these rules; what one
writes by the rule of another is told by the difference of the two.
"""
import sympy as sp

from ...derive.optimizers import COEFFICIENTS, ETA

BETAS = ("beta1", "beta2", "momentum")


def _rules(words):
    """{quantity: expression} of what an update makes."""
    return {lhs: words.rhs[lhs] for lhs in words.structure.passes.updates}


def not_corrected(words):
    """The memory without the correction for its start at 0: of the mean, of the mean square, of both."""
    rules = _rules(words)
    found = sorted({e for rhs in rules.values() for e in rhs.atoms(sp.Add) if _is_correction(e)}, key=str)
    single = [([e], f"by {words.quantity(_beta(e))} is left out") for e in found]
    for chosen, what in [(found, "is left out: the memory starts at 0"), *single]:
        ones = dict.fromkeys(chosen, sp.S.One)
        changes = {lhs: rhs.xreplace(ones) for lhs, rhs in rules.items() if ones and rhs.has(*ones)}
        yield f"the bias correction {what}", changes, {}


def corrected_once(words):
    """The correction of the first step in all of them."""
    rules = _rules(words)
    first = {e: 1 - _beta(e) for rhs in rules.values() for e in rhs.atoms(sp.Add) if _is_correction(e)}
    changes = {lhs: rhs.xreplace(first) for lhs, rhs in rules.items() if first and rhs.has(*first)}
    yield "the correction for the start at 0 is that of the first step in every step", changes, {}


def _is_correction(e):
    """1 - beta**t"""
    powers = [a for a in e.args if a != 1]
    return sp.S.One in e.args and len(powers) == 1 and (-powers[0]).is_Pow and (-powers[0]).base in COEFFICIENTS.values()


def _beta(correction):
    return next(iter(correction.free_symbols & set(COEFFICIENTS.values())))


def weighted(words):
    """The gradient with the weight 1 - mu beside mu*v, or without it."""
    every = {}
    for name in BETAS:
        beta = COEFFICIENTS[name]
        full, part = {}, {}
        for lhs, rhs in _rules(words).items():
            if lhs in words.memories and rhs.is_Add and rhs.has(beta):
                kept = sp.Add(*(t for t in rhs.args if sp.Mul.make_args(t).count(beta)))
                rest = rhs - kept
                if rest.has(1 - beta):
                    full[lhs] = kept + rest.xreplace({1 - beta: sp.S.One})
                elif kept:
                    part[lhs] = kept + (1 - beta)*rest
        text = words.quantity(beta)
        yield f"the gradient is remembered without the weight 1 - {text}", full, {}
        yield f"the gradient is remembered with the weight 1 - {text}", part, {}
        every |= full
    yield "the gradient is remembered without its weights", every, {}


def old_memory(words):
    """What was remembered before the step, where the new one belongs."""
    old = words.memories
    changes = {lhs: rhs.xreplace(old) for lhs, rhs in _rules(words).items() if rhs.has(ETA) and rhs.free_symbols & set(old)}
    yield "the step is taken with what was remembered before it", changes, {}


def momentum_of_another(words):
    """Nesterov's step for that of the plain momentum, or the other way round."""
    mu, plain, nesterov = COEFFICIENTS["momentum"], {}, {}
    for lhs, rhs in _rules(words).items():
        kept = [v for v in rhs.free_symbols & set(words.memories) if mu in words.rhs[v].free_symbols]
        if rhs.has(ETA) and len(kept) == 1:
            v, = kept
            ahead = words.rhs[v] - mu*words.memories[v] + mu*v            # the gradient, and where the memory leads
            (plain if rhs.has(mu) else nesterov)[lhs] = rhs.xreplace({ahead: v} if rhs.has(mu) else {v: ahead})
    yield "the step is that of plain momentum", plain, {}
    yield "the step is that of Nesterov, ahead of the memory", nesterov, {}


OPTIMIZER_SLIPS = (
    ("correction left out", 1, not_corrected),
    ("correction of the first step", 1, corrected_once),
    ("weight of the gradient", 0.9, weighted),
    ("old memory", 1.2, old_memory),
    ("another's momentum", 1.1, momentum_of_another),
)
