"""Slips in one equation that take what stands beside: another axis, order or step, the output of a unit for its input.

    BESIDE_SLIPS                (name, cost, generator): a part of the table of slips in one equation

A generator is as in equations.py. Each is made in all terms of its equation at once: it is one thought of the writer.
"""
from itertools import combinations

import sympy as sp

from ...describe.functions import softmax
from ...describe.names import Partial, by_name
from ..words import symbols_of
from .weights import nodes

MAX_EXCHANGED = 8       # symbols of one equation of which two may be exchanged
MAX_AWAY = 12           # how far another of a kind may stand


def other_axis(lhs, rhs, words):
    """Shares that add up to 1 down the columns, not along the rows."""
    if isinstance(rhs, softmax):
        k, *row = rhs.args
        rows = words.rows_of_shares
        same = [r for r in rows if len(r) == len(row)]
        if len(same) > 1:
            yield (), "softmax is taken over the other axis", softmax(same.index(tuple(row)) + 1, *(r[k - 1] for r in same))


def sums_of_pairs(rhs, words):
    """(ones, others, what puts something in the place of their products) of every sum of products of two symbols."""
    for node, rebuild, _ in nodes(rhs):
        terms = words.terms(node) if node.is_Add else []
        pairs = [t for t in terms if t.is_Mul and len(t.args) == 2 and all(f.is_Symbol for f in t.args)]
        if len(pairs) > 1:
            ones, others = zip(*(sorted(t.args, key=lambda f: repr(words.role(f))) for t in pairs), strict=True)
            yield ones, others, lambda new, node=node, pairs=pairs, rebuild=rebuild: rebuild(node - sp.Add(*pairs) + new)


def products_of_sums(lhs, rhs, words):
    """(a1 + a2)*(b1 + b2) for a1*b1 + a2*b2: what arrays of two shapes give."""
    what = "the sum of the one side is multiplied with the sum of the other, for a sum of products"
    for ones, others, put in sums_of_pairs(rhs, words):
        yield (), what, put(sp.Add(*ones)*sp.Add(*others))


def order_turned(lhs, rhs, words):
    """a1*b3 + a2*b2 + a3*b1 for a1*b1 + a2*b2 + a3*b3: a kernel that is flipped. Of two: a neighbour is taken, twice."""
    what = "one side of the products is taken from the last to the first, as of a flipped kernel,"
    for ones, others, put in sums_of_pairs(rhs, words):
        if len(ones) > 2 and all(len(set(map(words.role, side))) == 1 for side in (ones, others)):
            pairs = sorted(zip(ones, others, strict=True), key=lambda pair: words.structure.position(pair[1]))
            ones, others = zip(*pairs, strict=True)
            yield (), what, put(sp.Add(*map(sp.Mul, ones, others[::-1])))


def output_for_input(lhs, rhs, words):
    """The output of a unit, which its own weighted sum goes into, for the input that its weight is multiplied with."""
    new = []
    for term in sp.Add.make_args(rhs) if isinstance(lhs, Partial) and lhs.wrt in words.structure.parameters else ():
        factors = sp.Mul.make_args(term)
        above = [f.wrt for f in factors if isinstance(f, Partial)]
        inputs = [f for f in factors if f.is_Symbol and not isinstance(f, Partial) and words.is_signal(f)]
        outputs = words.structure.users.get(above[0], []) if len(above) == 1 else []
        if len(inputs) != 1 or len(outputs) != 1 or term.subs(inputs[0], 0) != 0:
            return
        new.append(term.xreplace({inputs[0]: outputs[0]}))
    if new:
        yield (), "the output of the unit stands for its input", sp.Add(*new)


def another_step(lhs, rhs, words):
    """In every term of a sum the input of the step before, or after: x1 and x2 for x2 and x3; where there is none, none."""
    terms = words.terms(rhs) if isinstance(lhs, Partial) and rhs.is_Add else []
    for kind in sorted({words.role(s) for s in rhs.free_symbols if words.is_signal(s)}, key=repr):
        found = [[s for s in sorted(t.free_symbols, key=by_name) if words.is_signal(s) and words.role(s) == kind] for t in terms]
        if not terms or any(len(s) != 1 for s in found) or len({s for s, in found}) < len(found):
            continue
        group = words.siblings(found[0][0])
        if not {s for s, in found} <= set(group):
            continue
        for way, text in ((-1, "before"), (1, "after")):
            at = [group.index(s) + way for s, in found]
            yield (kind, way), f"the {kind} of the step {text} is taken in every term", sp.Add(*(
                t.xreplace({s: group[i]}) for t, (s,), i in zip(terms, found, at, strict=True) if 0 <= i < len(group)))


def complement(lhs, rhs, words):
    """p for 1 - p: what is dropped for what is kept."""
    for node, rebuild, _ in nodes(rhs):
        rest = 1 - node if node.is_Add and len(node.args) == 2 else node
        if node.is_Add and rest.is_Symbol:
            yield (words.role(rest),), f"{words.quantity(rest)} is taken for 1 - {words.quantity(rest)}", rebuild(rest)


def exchanged_within(lhs, rhs, words):
    """i*c + f*g for f*c + i*g: two that are computed, or two of a kind, each in the place of the other."""
    able, seen = [s for s in symbols_of(rhs) if words.is_signal(s) or s in words.structure.parameters], {rhs}
    pairs = combinations(able, 2) if lhs in words.structure.forward and len(able) <= MAX_EXCHANGED else ()
    for a, b in sorted(pairs, key=lambda pair: len(set(map(words.role, pair)))):           # those of a kind first
        kinds, new = (words.role(a), words.role(b)), rhs.xreplace({a: b, b: a})
        if new not in seen and (kinds[0] == kinds[1] or words.is_signal(a) and words.is_signal(b)):
            seen.add(new)
            yield kinds, f"{words.quantity(a)} and {words.quantity(b)} are exchanged", new, 0.2*(kinds[0] != kinds[1])


def _ways(at):
    """How far the others may stand: one on, as many as there are, or, in a window of several rows, a row on."""
    apart = {1, len(at), 2*len(at)}
    if at[-1] - at[0] >= len(at):
        apart |= {b - a for a, b in combinations(at, 2)}
    return [sign*n for n in sorted(apart) if n <= MAX_AWAY for sign in (1, -1)]


def others_of_a_kind(lhs, rhs, words):
    """All of a kind in an equation taken from beside: the weights of another unit, the keys for the values."""
    kinds = {}
    for s in symbols_of(rhs) if lhs in words.structure.forward else ():
        kinds.setdefault(words.structure.place.get(s, (None, 0))[0], []).append(s)
    for kind, symbols in kinds.items():
        group = words.structure.kinds.get(kind, ())
        at = sorted(words.structure.place[s][1] for s in symbols) if len(symbols) > 1 and kind is not None else ()
        for way in _ways(at) if at else ():
            if all(0 <= i + way < len(group) for i in at):
                symbols = [group[i] for i in at]
                others = [group[i + way] for i in at]
                yield (kind, way), f"{words.several(others)} are taken for {words.several(symbols)}", rhs.xreplace(
                    dict(zip(symbols, others, strict=True)))


def brackets(lhs, rhs, words):
    """c*a + b, or a + c*b, for c*(a + b)."""
    for node, rebuild, _ in nodes(rhs):
        for f in node.args if node.is_Mul else [node] if node.is_Pow else ():
            total = f.base if f.is_Pow else f
            if not total.is_Add or f.is_Pow and not f.exp.is_number:
                continue
            first, *_, last = words.terms(total)
            what = f"the brackets around {words.write(total)} are left out"
            for end, key in ((first, "first"), (last, "last")):
                sign = -1 if end.could_extract_minus_sign() else 1
                alone = sign*(sign*end)**f.exp if f.is_Pow else end
                yield (key, f.is_Pow), what, rebuild(node/f*alone + total - end)


def applied_twice(lhs, rhs, words):
    """A factor of a product once more; the input of a unit in the gradient of its bias."""
    if words.is_update(lhs):
        return
    for node, rebuild, depth in nodes(rhs):
        pieces = dict.fromkeys(words.pieces(node)) if node.is_Mul and depth == 0 else ()
        found = [p for p in pieces if not p.is_number and not p.has(Partial)]
        for p in found:
            yield (words.shape(p),), f"the factor {words.spell(p)} is applied twice", rebuild(node*p)
    for s in words.inputs_of_the_unit(lhs):
        yield ("bias", words.role(s)), f"the factor {words.quantity(s)} is too much", rhs*s


def input_for_hidden(lhs, rhs, words):
    """The input of the network for the output of the hidden unit with its number, in the gradient of a weight."""
    inputs = words.structure.forward.inputs
    for s in symbols_of(rhs) if isinstance(lhs, Partial) and lhs.wrt in words.structure.parameters else ():
        at = words.siblings(s).index(s) if s in words.structure.forward else len(inputs)
        if at < len(inputs):
            yield (), f"{words.quantity(inputs[at])} is taken for {words.quantity(s)}", rhs.xreplace({s: inputs[at]})


def penalised_too(lhs, rhs, words):
    """A derivative with the term of a penalty that belongs to others alone: of a bias, as of the weights."""
    p = getattr(lhs, "wrt", None)
    if p in words.structure.parameters and p not in words.penalties:
        for more in dict.fromkeys(derivative.xreplace({other: p}) for other, derivative in words.penalties.items()):
            yield (), "the parameter is penalised too, as others are,", rhs + more


BESIDE_SLIPS = (
    ("sums multiplied", 1.3, products_of_sums),
    ("order turned", 1.3, order_turned),
    ("other axis", 1.1, other_axis),
    ("complement", 1.2, complement),
    ("output for input", 1.2, output_for_input),
    ("another step", 1.3, another_step),
    ("penalised too", 1, penalised_too),
    ("exchanged within", 1.4, exchanged_within),
    ("others of a kind", 1.4, others_of_a_kind),
    ("input for hidden", 1.4, input_for_hidden),
    ("brackets", 1.5, brackets),
    ("applied twice", 1.3, applied_twice),
)
