"""Slips in the weights of a layer and in its units: transposed, exchanged where sums share them, one unit too few.

    UNIT_SLIPS                  (name, cost, generator): a part of the table of slips in a run

A generator takes the words and yields (sentence, changes, settings), as in runs.py.
"""
from itertools import combinations

import sympy as sp

from ...derive.entries import Entry
from ...describe.names import Partial, by_name

MAX_UPDATED = 12        # parameters of which two may have been updated by the gradient of each other
MAX_SHARED = 9          # weights that sums share, of which two may be exchanged


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
                arrays = {s.array for s in swap if isinstance(s, Entry)}
                names = f"the weights {', '.join(sorted(words.quantity(w) for w in swap))} are"
                names = f"{next(iter(arrays))} is" if len(arrays) == 1 else names
                yield f"{names} transposed in the {direction} pass", changes[direction], {}
        if changes["forward"] and changes["backward"]:
            yield f"{names} transposed", {**changes["forward"], **changes["backward"]}, {}


def array_transposed(words):
    """A square array of inputs, or of what is computed, with rows for columns: in the forward pass, or in the gradients."""
    forward, arrays = words.structure.forward, {}
    for s in (*forward.inputs, *forward.defined):
        if isinstance(s, Entry) and len(s.at) == 2:
            arrays.setdefault(s.array, {})[s.at] = s
    for array, entries in arrays.items():
        if len(entries) < 2 or any((j, i) not in entries for i, j in entries):
            continue
        swap = {s: entries[j, i] for (i, j), s in entries.items() if i != j}
        gradients = [g for g in words.rhs if getattr(g, "wrt", None) in forward.parameters]
        for text, places in (("transposed in the forward pass", forward.defined), ("not transposed in the gradients", gradients)):
            changes = {lhs: words.rhs[lhs].xreplace(swap) for lhs in places if words.rhs[lhs].free_symbols & set(swap)}
            yield f"{array} is {text}", changes, {}


def shared_exchanged(words):
    """Two of the weights that several sums share, as of a kernel that is transposed, forwards, or backwards as well."""
    structure = words.structure
    users = {p: structure.users[p] for p in structure.parameters if len(structure.users.get(p, ())) > 1}
    for a, b in combinations(sorted(users, key=by_name), 2) if len(users) <= MAX_SHARED else ():
        if users[a] == users[b] and all(words.rhs[z].is_Add for z in users[a]):
            swap, gradients = {a: b, b: a}, [Partial(structure.passes.loss, p) for p in (a, b)]
            forward = {z: words.rhs[z].xreplace(swap) for z in users[a]}
            signals = {lhs: rhs.xreplace(swap) for lhs, rhs in words.rhs.items() if not words.is_update(lhs)
                       and lhs not in structure.forward and rhs.free_symbols & set(swap)}
            names = f"{words.quantity(a)} and {words.quantity(b)} are exchanged in the"
            yield f"{names} forward pass", forward, {}
            if {a, b} <= set().union(*(words.rhs[lhs].free_symbols for lhs in signals)):
                yield f"{names} backward pass", signals, {}
                yield f"{names} forward pass and the backward pass", {**forward, **signals}, {}
            if all(g in words.rhs for g in gradients):
                yield f"{names} forward pass, and so are their gradients", {
                    **forward, **signals, **dict(zip(gradients, map(words.rhs.get, gradients[::-1]), strict=True))}, {}


def gradients_mixed_up(words):
    """Two parameters updated each by the gradient of the other, or one by that of another."""
    passes = words.structure.passes
    of = {p: passes.totals[g] for p in words.structure.forward.parameters if (g := Partial(passes.loss, p)) in passes.totals}
    one = passes.count == 1 or passes.training.online           # then one is updated before the gradient of the other is known
    gradient = {p: words.rhs[Partial(passes.loss, p)] if one else s for p, s in of.items()}
    rules = {lhs: words.rhs[lhs] for lhs in passes.updates}
    for a, b in combinations(of, 2) if len(of) <= MAX_UPDATED else ():
        if b in words.siblings(a):
            names = words.quantity(a), words.quantity(b)
            one_way, other_way = {of[a]: gradient[b]}, {of[b]: gradient[a]}
            for swap, text in ((one_way | other_way, "{0} and {1} are updated by the gradients of each other"),
                               (one_way, "{0} is updated by the gradient of {1}"),
                               (other_way, "{1} is updated by the gradient of {0}")):
                changes = {lhs: rhs.xreplace(swap) for lhs, rhs in rules.items() if rhs.free_symbols & set(swap)}
                yield text.format(*names), changes, {}


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


UNIT_SLIPS = (
    ("transposed", 1, transposed),
    ("array transposed", 1, array_transposed),
    ("shared weights exchanged", 1.5, shared_exchanged),
    ("last unit", 1.2, last_unit),
    ("gradients mixed up", 1.3, gradients_mixed_up),
)
