"""The flow of data in a program: who uses what, what depends on what, and what that says of a quantity.

    users(program)              {quantity: those whose equations use it}
    reached(following, starts)  all that some symbols lead to, step by step
    needed(equations, target)   of equations in order, those that the target depends on
    moving(program, targets)    the quantities that change when one of the targets does
    depths(program)             {symbol: how many equations lie between it and what is given}
    reordered(program, changes) the program with some equations replaced, in an order that works
    is_bias(program, p)         whether a parameter is only ever added
    layers(program)             the weights between the same inputs and units that stand side by side
"""
from graphlib import CycleError, TopologicalSorter

import sympy as sp

from .activation import Activation


def users(program):
    """{symbol: the quantities whose equations use it, in order}.

    >>> from backprop_sym import Program
    >>> users(Program.parse(["z = w*x", "E = z**2 + w"]))[sp.Symbol("w")]
    [z, E]
    """
    found = {}
    for e in program:
        for s in e.rhs.free_symbols:
            found.setdefault(s, []).append(e.lhs)
    return found


def reached(following, starts):
    """The symbols that some lead to, and these; ``following`` maps a symbol to those that come next to it.

    >>> reached({1: [2, 3], 3: [4], 5: [1]}.get, [1]) == {1, 2, 3, 4}
    True
    """
    found, todo = set(), list(starts)
    while todo:
        s = todo.pop()
        if s not in found:
            found.add(s)
            todo += following(s) or ()
    return found


def needed(equations, *targets):
    """Of equations in order, those that the targets depend on."""
    wanted, kept = set(targets), []
    for e in reversed(equations):
        if e.lhs in wanted:
            kept.append(e)
            wanted |= e.rhs.free_symbols
    return tuple(reversed(kept))


def moving(program, targets):
    """The quantities that change when one of the targets does, the targets not among them."""
    found = set(targets)
    for e in program:
        if not found.isdisjoint(e.rhs.free_symbols):
            found.add(e.lhs)
    return found - set(targets)


def depths(program):
    """{symbol: the largest number of equations on a way to it}; 0 for what is given."""
    depth = dict.fromkeys(program.given, 0)
    for e in program:
        depth[e.lhs] = 1 + max((depth.get(s, 0) for s in e.rhs.free_symbols), default=0)
    return depth


def reordered(program, changes):
    """The program with the right-hand sides of ``changes``, each quantity defined before its use; None where none would be."""
    equations = {e.lhs: changes.get(e.lhs, e.rhs) for e in program}
    order = TopologicalSorter({s: sorted((o for o in rhs.free_symbols if o in equations), key=sp.default_sort_key)
                               for s, rhs in equations.items()})
    try:
        return program._with(tuple((s, equations[s]) for s in order.static_order()))
    except CycleError:
        return None


def is_bias(program, parameter):
    """Whether a parameter is only ever added, as it is or times a number: a bias, not a weight.

    >>> from backprop_sym import dense
    >>> [is_bias(dense([1, 1]), p) for p in dense([1, 1]).parameters]
    [False, True]
    """
    return all(_only_added(e.rhs, parameter) for e in program if parameter in e.rhs.free_symbols)


def _only_added(expression, parameter):
    for term in sp.Add.make_args(expression):
        if parameter in term.free_symbols and term.as_coeff_Mul()[1] != parameter:
            if not (isinstance(term, Activation) and all(_only_added(argument, parameter) for argument in term.args)):
                return False
    return True
