"""What several equations share, computed once: programs rewritten before they become code.

    written_out(program)        the program with its activations written out, what a value and its slope share once
    shared_steps(...)           the gradients and the update with eta*dE/dz once for all weights of a unit
    occurrences(expression)     every place in which code will read a symbol
"""
from collections import Counter
from functools import cache
from itertools import count

import sympy as sp

from ...describe.activation import Activation, ActivationSlope
from ...describe.functions import clipped
from ...describe.matrices import ArrayFunction
from ...describe.names import Partial
from ...describe.program import Equation
from .functions import shared_parts
from .statements import Made

CALLED = (Activation, ActivationSlope, ArrayFunction)
ANY = sp.Dummy("z")


def written_out(program, called=CALLED, folded=False):
    """The same program with each activation and slope of a symbol, or what else is ``called``, written out in its stable form.

    What the value and the slope at one place share, such as exp(-abs(z)), becomes an equation of its own. ``folded``: whether
    functions that have a folded form are written out in that.
    """
    program = _named_arguments(program, called)
    forms, equations, done = _forms(program, called), [], {}
    uses = Counter(c for e in program.equations for c in _calls(e.rhs, called))

    def put(lhs, rhs):
        """One equation more; the roots of compound squares get names."""
        for square in sorted(_compound_squares(rhs), key=sp.default_sort_key):
            root = Made(f"t{len(equations)}", lhs)
            equations.append(Equation(root, square.base))
            rhs = rhs.xreplace({square: root**square.exp})
        equations.append(Equation(lhs, rhs))
        return lhs

    for e in program.equations:
        calls = sorted((c for c in _calls(e.rhs, called) if c in forms.get(c.args[0], ())), key=sp.default_sort_key)
        for z in dict.fromkeys(c.args[0] for c in calls):
            if z not in done:
                new, shared, results = _parts_of(z, tuple(forms[z]), folded)
                for name, value in shared:
                    put(new[name], value.xreplace(new))
                results = [result.xreplace(new) for result in results]
                done[z] = {call: put(Made(f"t{len(equations)}", z), result)
                           if uses[call] > 1 and not result.is_Symbol else result
                           for call, result in zip(forms[z], results, strict=True)}
        put(e.lhs, e.rhs.xreplace({c: done[c.args[0]][c] for c in calls}))
    return program._with(equations)


def _parts_of(z, calls, folded):
    """({name: symbol that is made}, what the stable forms of some calls of z share, by name, and the forms)."""
    shared, results = _shared(tuple(call.xreplace({z: ANY}) for call in calls), folded)
    return {ANY: z, **{name: Made(name.name, z) for name, _ in shared}}, shared, results


@cache
def _shared(calls, folded):
    """What the stable forms of some calls share, and the forms: found once for all symbols that they are taken of."""
    shared, results = shared_parts([_form(call, folded)(ANY) for call in calls], (sp.Dummy(f"t{i}") for i in count()))
    return _reciprocals(shared, results)


def _named_arguments(program, called):
    """The same, with an equation for what an activation is taken of, where that is more than a symbol."""
    names, equations = {}, []
    for e in program.equations:
        rhs = e.rhs
        while compound := {c.args[0] for c in _calls(rhs, called) if _form(c) and c.args[0].args}:
            for z in sorted((z for z in compound if not any(z != other and z.has(other) for other in compound)),
                            key=sp.default_sort_key):          # the innermost
                if z not in names:
                    names[z] = Made(f"z{len(names)}", e.lhs)
                    equations.append(Equation(names[z], z))
            rhs = rhs.xreplace(names)
        equations.append(Equation(e.lhs, rhs))
    return program._with(equations)


def _compound_squares(rhs):
    """Squares of more than a symbol: their root gets a name, for a product is faster than a power."""
    if rhs.has(sp.Piecewise):
        return []              # whose condition decides whether the root may be taken
    return [p for p in rhs.atoms(sp.Pow) if p.exp in (2, -2) and not p.base.is_Symbol]


def _reciprocals(shared, results):
    """The same, where what is only ever divided by becomes its reciprocal: one division in the place of several."""
    for name, _ in shared:
        users = [*(v for _, v in shared), *results]
        powers = {p for user in users for p in user.atoms(sp.Pow) if p.base == name}
        if len(powers) > 1 and all(p.exp.is_Integer and p.exp < 0 for p in powers) and not any(
                user.xreplace(dict.fromkeys(powers, sp.S.One)).has(name) for user in users):
            inverse = {p: name**-p.exp for p in powers}
            shared = [(n, 1/v if n == name else v.xreplace(inverse)) for n, v in shared]
            results = [r.xreplace(inverse) for r in results]
    return shared, results


def _forms(program, called):
    """{z: the functions of one symbol that have a stable form}; it may stand for an array."""
    forms = {}
    for e in program.equations:
        for c in _calls(e.rhs, called):
            if c.args[0].is_Symbol and _form(c):
                forms.setdefault(c.args[0], set()).add(c)
    return {z: sorted(calls, key=sp.default_sort_key) for z, calls in forms.items()}


def _calls(e, called):
    """The functions in an expression that may have a stable form."""
    return e.atoms(*called) if e.has(*called) else ()


def _form(call, folded=False):
    """What gives the stable form of a function of one argument, the folded one if it is asked for and there is one; else None."""
    if isinstance(call, ArrayFunction):
        return call.stable
    rule = (call.of if isinstance(call, ActivationSlope) else call).rule
    if folded and rule.folded:
        return rule.folded_slope if isinstance(call, ActivationSlope) else rule.folded
    return rule.slope and (rule.stable_slope if isinstance(call, ActivationSlope) else rule.stable)


def shared_steps(gradient, update, program):
    """The same equations with eta*dE/dz, by which all weights of a unit move, computed once for the unit.

    The update of a weight holds eta*g with g = dE/dz*a: there stands (eta*dE/dz)*a instead.
    """
    products = {e.lhs: e.rhs for e in gradient if e.rhs.is_Symbol or (
        e.rhs.is_Mul and len(e.rhs.args) == 2 and all(f.is_Symbol for f in e.rhs.args))}
    uses = Counter(s for e in (*gradient, *update) for s in occurrences(e.rhs))
    moves, factors = {}, Counter()                     # {equation: (its term eta*g, adjoint, the rest)}
    for e in update:
        for term in sp.Add.make_args(e.rhs):
            symbols = [f for f in term.args if f.is_Symbol] if term.is_Mul else []
            g = next((s for s in symbols if s in products and uses[s] == 1), None)
            if g is not None and len(symbols) == 2 and set(term.args) - set(symbols) <= {sp.S.NegativeOne}:
                adjoints = [f for f in sp.Mul.make_args(products[g]) if isinstance(f, Partial)]
                if len(adjoints) == 1:
                    rate, = set(symbols) - {g}
                    moves[e.lhs] = term, rate, adjoints[0], products[g]/adjoints[0]
                    factors[rate, adjoints[0]] += 1
    if rates := {rate for rate, _ in factors} & {*program.defined, *program.updates}:
        factors = Counter({pair: n for pair, n in factors.items() if pair[0] not in rates})
    names = {pair: Made("", *pair) for pair, n in factors.items() if n > 1}
    shared = [Equation(name, sp.Mul(*pair)) for pair, name in names.items()]
    gone, changed = set(), []
    for e in update:
        term, rate, adjoint, rest = moves.get(e.lhs, (None,)*4)
        if (rate, adjoint) in names:
            gone |= term.free_symbols & products.keys()
            e = Equation(e.lhs, e.rhs - term - names[rate, adjoint]*rest)
        changed.append(e)
    return tuple(e for e in gradient if e.lhs not in gone), (*shared, *changed)


def occurrences(expression):
    """Every occurrence of a symbol in code: what a square or a choice holds is written twice."""
    for node in sp.preorder_traversal(expression):
        if node.is_Symbol:
            yield node
        elif node.is_Pow or node.is_Piecewise or isinstance(node, clipped):
            yield from node.free_symbols
