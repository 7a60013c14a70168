"""Slips in one equation: each generator looks at an equation and yields what a mistake makes of it.

    EQUATION_SLIPS              (name, cost, generator): the table
    edits(lhs, words)           every Edit of one equation

A generator takes the quantity, its expression and the words, and yields (key, sentence, expression): the key says without names
what was done, so that the same can be done in the equations that look alike. A number at the end is a cost that comes on top.
"""
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations, count

import sympy as sp

from ...derive.optimizers import ETA
from ...describe.activation import ActivationSlope, shown
from ...describe.expressions import expression_of
from ...describe.names import Partial
from ..passes import earlier
from ..shapes import Within, is_finite
from ..words import symbols_of
from .beside import BESIDE_SLIPS
from .functions import FUNCTION_SLIPS
from .weights import WEIGHT_SLIPS, nodes

STALE = "stale value"   # the name of its kind
MAX_DROPPED = 3         # factors of one product
MAX_EDITS = 400         # of one equation
MAX_STEPS = 2           # of time, between a state and the one that is taken for it
MAX_MIRRORED = 4        # quantities of a kind of which the first is taken for the last, and the last for the first


@dataclass(frozen=True)
class Edit:
    """One slip in one equation: ``what`` was done (in words, without the place), and the expression that it makes.

    ``key`` says without names what it is, ``place`` the how manyeth of how many of that key it is in its equation.
    """

    name: str
    what: str
    cost: float
    lhs: sp.Symbol
    rhs: sp.Expr
    key: tuple
    place: int = 0
    count: int = 1


def is_sum_over_paths(lhs, rhs):
    """Whether an equation is an adjoint that sums over paths."""
    return isinstance(lhs, Partial) and rhs.is_Add and all(t.atoms(Partial) for t in rhs.args)


def path_left_out(lhs, rhs, words):
    """Where an adjoint sums over paths: one of them forgotten, or all but one."""
    if is_sum_over_paths(lhs, rhs):
        for term in words.terms(rhs):
            yield ("left out",), f"the path {words.path(term, rhs)} is left out", rhs - term
        for term in words.terms(rhs):
            others = [t for t in words.terms(rhs) if t != term]
            yield ("kept",), (f"the path {words.path(others[0], rhs)} is left out" if len(others) == 1 else
                              f"all but the path {words.path(term, rhs)} is left out"), term


def term_left_out(lhs, rhs, words):
    """A term of a sum, also of one in brackets."""
    for node, rebuild, depth in nodes(rhs):
        if node.is_Add and not (depth == 0 and (is_sum_over_paths(lhs, rhs) or words.is_step(lhs))):
            for term in words.terms(node):
                yield (words.shape(term), depth > 0), f"the term {words.spell(term)} is left out", rebuild(node - term), \
                    0.05*(depth > 0)


def factor_left_out(lhs, rhs, words):
    """One to three factors of a product, or of a term of a sum."""
    for node, rebuild, depth in nodes(rhs):
        if not (node.is_Mul or node.is_Pow and node.exp.is_Rational and abs(node.exp) == 2):
            continue
        pieces = words.pieces(node)
        found = [p for p in pieces if p != -1]
        number = sp.Abs(node.as_independent(*node.free_symbols)[0]) if node.is_Mul and not node.has(Partial) else sp.S.One
        if number != 1:
            found = [number, *(p for p in found if not p.is_number)]
        top = depth <= 1
        for n in range(1, min(MAX_DROPPED if top else 1, len(found) - 1) + 1):
            for dropped in dict.fromkeys(combinations(found, n)):
                if dropped == (ETA,) and words.is_step(lhs):
                    continue
                rest = shown(node.xreplace(words.locals))/sp.Mul(*dropped)
                what = f"the factor{'s' if n > 1 else ''} {words.spell(*dropped)} {'are' if n > 1 else 'is'} left out"
                if dropped == (number,) and not number.is_Rational:
                    what = f"the division by {words.spell(1/number)} is left out"
                yield tuple(words.shape(p) for p in dropped), what, rebuild(rest), (n - 1)*0.25


def factor_left_out_of_each(lhs, rhs, words):
    """The factor of one kind in every term of a sum, as all the weights of the sum over the paths above."""
    terms = words.terms(rhs) if rhs.is_Add and not words.is_step(lhs) else ()
    of_terms = [[f for f in sp.Mul.make_args(t) if f.is_Symbol] if t.is_Mul else [] for t in terms]
    for kind in sorted({words.role(f) for found in of_terms for f in found}, key=repr):
        chosen = [[f for f in found if words.role(f) == kind] for found in of_terms]
        if all(len(found) == 1 for found in chosen) and len({f for f, in chosen}) > 1:
            yield (kind,), f"the factors {words.several([f for f, in chosen])} are left out", sp.Add(*(
                t/f for t, (f,) in zip(terms, chosen, strict=True)))


def further_down(lhs, rhs, words):
    """A little more for a derivative that is not the loss's own: of places that give the same that one is named."""
    own = isinstance(lhs, Partial) and lhs.of == words.structure.passes.loss and not rhs.has(Partial)
    return 0.05*((isinstance(lhs, Partial) or lhs in words.locals) and not own)


def sign(lhs, rhs, words):
    """The sign of a term, or of all of it, turned."""
    for node, rebuild, depth in nodes(rhs):
        if node.is_Add and not (depth == 0 and words.is_step(lhs)):
            for term in words.terms(node):
                yield ("term", words.shape(term)), f"the sign of the term {words.spell(term)} is turned", rebuild(node - 2*term)
    if not words.is_update(lhs):
        yield ("all",), "the sign is turned", -rhs, further_down(lhs, rhs, words)


def two(lhs, rhs, words):
    """A factor 2 or 1/2, or the number of samples or outputs, too much."""
    if not words.is_update(lhs):
        for factor in dict.fromkeys((sp.Integer(2), sp.Rational(1, 2), *words.counts)):
            more = 0.4*(factor in words.counts) + further_down(lhs, rhs, words)
            yield ("factor", str(factor)), f"a factor {factor} too much", factor*rhs, more


def slope(lhs, rhs, words):
    """The derivative of an activation: left out, twice, of z instead of a, of a instead of z, of another neuron."""
    raw = words.raw[lhs]
    for s in sorted(raw.atoms(ActivationSlope), key=sp.default_sort_key):
        name, (z, a) = s.of.__name__, s.args
        for key, text, other in (
                ("1", f"the derivative of {name} is left out", sp.Integer(1)),
                ("twice", f"the derivative of {name} is applied twice", s**2),
                ("z", f"the derivative of {name} is written with z for a", s.of.rule.slope(z, z)),
                ("at a", f"the derivative of {name} is taken at its output, not at its argument", s.of.rule.slope(a, s.of(a))),
                ("a", f"the activation {words.quantity(a)} stands for its derivative", a)):
            yield (key, name), text, shown(raw.xreplace({s: other}))
        for other in words.slopes(s):
            b = other.args[1]
            yield (("other", *words.shift(a, b)),
                   f"the derivative of the activation is that of {words.quantity(b)}, not of {words.quantity(a)}",
                   shown(raw.xreplace({s: other})), 0.2)


def no_gradient(lhs, rhs, words):
    """A parameter that is taken for a constant."""
    if getattr(lhs, "of", None) == words.structure.passes.loss and lhs.wrt in words.structure.parameters:
        yield (words.role(lhs.wrt),), f"{words.quantity(lhs.wrt)} is taken for a constant, with the derivative 0,", sp.S.Zero


def neighbour(lhs, rhs, words):
    """A quantity, a weight or an input taken for another of its kind."""
    for s in symbols_of(rhs):
        if not words.is_update(lhs) and s not in words.locals:
            group = words.siblings(s)
            mirrored = group[len(group) - 1 - group.index(s)] if 1 < len(group) <= MAX_MIRRORED else s
            for other in group:
                text = f"{words.quantity(other)} is taken for {words.quantity(s)}"
                if other != s:
                    yield (words.role(s), *words.shift(s, other)), text, Within(rhs, s, other)
                if other == mirrored != s:
                    yield (words.role(s), "mirrored"), text, Within(rhs, s, other)
            course = words.structure.courses.get(s, [s])
            for other in course:
                way = course.index(other) - course.index(s)
                if 0 < abs(way) <= MAX_STEPS:
                    text = f"{words.quantity(other)} is taken for {words.quantity(s)}"
                    yield (words.role(s), "step", way), text, Within(rhs, s, other)


def power(lhs, rhs, words):
    """A square or a root forgotten, a product where a quotient belongs."""
    for node, rebuild, _ in nodes(rhs):
        number = node.as_independent(*node.free_symbols)[0] if node.is_Mul else sp.S.One
        if not number.is_Rational and (number**2).is_Rational:
            what = f"it is divided by {words.spell(1/number**2)}, not by {words.spell(1/number)},"
            yield ("number",), what, rebuild(number*node)
        if node.is_Pow and node.exp in (2, -2, sp.Rational(1, 2), sp.Rational(-1, 2)):
            what = "square" if abs(node.exp) == 2 else "root"
            below = node.exp < 0
            yield (what, below), f"the {what} of {words.spell(node.base)} is forgotten", rebuild(node.base**(-1 if below else 1))
            if node.exp == 2:
                yield ("double",), f"2*{words.spell(node.base)} is taken for its square", rebuild(2*node.base)
        if node.is_Pow and abs(node.exp) == sp.Rational(1, 2) and node.base.is_Add:
            for term in (t for t in words.terms(node.base) if not t.free_symbols & set(words.rhs)):
                yield ("outside", node.exp < 0, words.shape(term)), f"{words.spell(term)} is added outside the root", rebuild(
                    (sp.sqrt(node.base - term) + term)**sp.sign(node.exp))
        if node.is_Pow and node.exp.is_negative:
            yield ("divided",), f"it is multiplied by {words.spell(1/node)}, not divided", rebuild(1/node)


def stale(lhs, rhs, words):
    """A value of the pass before, where the new one belongs."""
    if words.last and not words.is_update(lhs):
        found = {}
        for s in symbols_of(rhs):
            if s in words.varying:
                found.setdefault(words.role(s), []).append(s)
                yield (words.role(s),), f"{words.the(s)} of the pass before is used", rhs.xreplace({s: earlier(s)})
        for role, symbols in found.items():
            if len(symbols) > 1:
                yield (role, "all"), f"{words.several(symbols)} of the pass before are used", rhs.xreplace({
                    s: earlier(s) for s in symbols})


# name, cost, generator, and the word before the place
EQUATION_SLIPS = (
    ("path left out", 1, path_left_out),
    ("factor left out", 1, factor_left_out),
    ("factor left out", 1.2, factor_left_out_of_each),
    ("term left out", 1.2, term_left_out),
    ("sign", 1, sign),
    ("2 or 1/2", 1, two),
    ("activation's derivative", 0.9, slope),
    ("neighbour", 1.5, neighbour),
    ("no gradient", 1.2, no_gradient),
    ("square or root", 1.2, power),
    (STALE, 1.5, stale),
    *WEIGHT_SLIPS, *BESIDE_SLIPS, *FUNCTION_SLIPS,
)


def edits(lhs, words):
    """Every Edit of the equation that defines a quantity; the same expression once for each key."""
    rhs, found, seen = words.rhs[lhs], [], set()
    for name, cost, generator in EQUATION_SLIPS if not rhs.is_number else ():
        for key, what, new, *more in generator(lhs, rhs, words):
            new = new if isinstance(new, Within) else expression_of(new)
            if new != rhs and (key, new) not in seen and is_finite(new) and len(found) < MAX_EDITS:
                seen.add((key, new))
                found.append(Edit(name, what, cost + sum(more), lhs, new, (name, *key)))
    counts = Counter(e.key for e in found)
    places = {key: count() for key in counts}
    return [replace(e, place=next(places[e.key]), count=counts[e.key]) for e in found]
