"""Factors of the backward pass that are computed in the forward pass, where fewer arrays then have to be kept.

    ahead(program)              the program with such factors as equations of their own, each as soon as what it uses is known
    Ahead(mark, *of)            their symbols

A gate of a recurrent cell, c = f*c0 + i*g with i = sigmoid(a), hands back dE/da = dE/dc * (g*i'). Until dE/dc is known, g, i and
what i' is made of would have to be kept: three arrays for each step and gate. Their product is known in the forward pass, and is
all that is asked for; it is multiplied as often as before. (Local derivatives first: the Jacobians of a tape.)
"""
from collections import Counter

import sympy as sp

from ...describe.matrices import ArrayFunction
from ...describe.names import Partial
from ...describe.program import Equation
from .statements import Made


class Ahead(Made):
    """A factor that is computed ahead."""


def ahead(program):
    """The program with its factors computed ahead; as it is where that would not keep less."""
    late, factors = _late(program), []
    equations = [_split(e, late, program, factors) if e.lhs in late else e for e in _in_one(program, late)]
    if not factors:
        return program
    new = program._with(_in_time(program, equations, factors, late))
    return new if _kept(new) < _kept(program) else program


def _late(program):
    """The derivatives of the loss, and what is made of them."""
    late = set()
    for e in program.equations:
        if isinstance(e.lhs, Partial) or not late.isdisjoint(e.rhs.free_symbols):
            late.add(e.lhs)
    return late


def _in_one(program, late):
    """The equations, those products of the backward pass that are a factor in one other written there."""
    uses = Counter(s for e in program.equations for s in e.rhs.free_symbols)
    factors = {f for e in program.equations for term in sp.Add.make_args(e.rhs) if term.is_Mul for f in term.args}
    products = {}
    for e in program.equations:
        rhs = e.rhs.xreplace(products) if products else e.rhs
        if e.lhs in late and rhs.is_Mul and uses[e.lhs] == 1 and e.lhs in factors and program.shape[e.lhs]:
            products[e.lhs] = rhs
        else:
            yield Equation(e.lhs, rhs)


def _split(e, late, program, factors):
    """An equation of the backward pass; what is known before in its products is one factor, of which the equation is noted."""
    def split(term):
        known = [f for f in sp.Mul.make_args(term) if late.isdisjoint(f.free_symbols)]
        others = [f for f in sp.Mul.make_args(term) if f not in known]
        arrays = [f for f in known if any(program.shape.get(s) for s in f.free_symbols)]
        if len(arrays) < 2 or not others or any(f.has(ArrayFunction) for f in known):
            return term
        factors.append(Equation(Ahead("ahead", e.lhs), sp.Mul(*known)))
        return sp.Mul(factors[-1].lhs, *others)
    return Equation(e.lhs, sp.Add(*map(split, sp.Add.make_args(e.rhs))))


def _in_time(program, equations, factors, late):
    """The equations: the factors, and what they are made of besides, each as soon as all that it uses is known."""
    last = next(i for i, e in enumerate(equations) if e.lhs == program.loss)
    order, known, users = [], set(program.given), {}
    waiting = {e.lhs: e for e in (*(e for e in equations[last + 1:] if e.lhs not in late), *factors)}
    for e in waiting.values():
        for s in e.uses:
            users.setdefault(s, []).append(e)

    def put(e):
        order.append(e)
        known.add(e.lhs)
        for user in users.get(e.lhs, ()):
            if user.lhs in waiting and known.issuperset(user.uses):
                put(waiting.pop(user.lhs))

    for e in equations[:last + 1]:
        put(e)
    return (*order, *waiting.values(), *(e for e in equations[last + 1:] if e.lhs in late))


def _kept(program):
    """How many arrays that are known with the loss are read after it."""
    loss = next(i for i, e in enumerate(program.equations) if e.lhs == program.loss) + 1
    read = {s for e in program.equations[loss:] for s in e.rhs.free_symbols}
    return sum(bool(program.shape[e.lhs]) for e in program.equations[:loss] if e.lhs in read)
