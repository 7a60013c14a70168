"""Slips in one equation. A generator yields (sentence, {symbol: expression}), and how many things were changed where many can be.

    path_left_out, factor_left_out, term_left_out, sign, two, slope, no_activation, neighbour, logarithm, no_exponential, stale,
    decimal_point
"""
from itertools import combinations

import sympy as sp

from ...derive.optimizers import ETA
from ...describe.activation import ActivationSlope, shown
from ...describe.copies import again, age, stem, updated
from ...describe.names import Name, Partial, by_name
from ..working import PRINTED

MAX_DROPPED = 3         # factors of one product


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
