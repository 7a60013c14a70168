"""Plans for arrays that compute in place: each operation writes into an array that is free at that moment.

    in_place(function, along, own)  the same function, computed in registers r1, r2, ...
    spread(program, arrays)         the symbols of a step that are arrays where some are

``x1*w1 + b1`` makes two arrays; multiply into r1 and add to it makes none. That saves a third of the time of a step of ten
thousand networks. Half of it is where the arrays lie: NumPy takes them as malloc gives them, so that nearly every access of the
processor's widest instructions straddles two lines of its cache; registers begin where a line begins.
"""
from dataclasses import replace

import sympy as sp

from ...describe.shapes import Extent, together
from .inplace import InPlace
from .statements import Assign, For, Registers


def spread(program, arrays):
    """The symbols that are arrays: those given, then those of the state that a step makes depend on one."""
    found = dict.fromkeys(arrays)
    while True:
        reached = set(found)
        for e in program.equations:
            if not reached.isdisjoint(e.rhs.free_symbols):
                reached.add(e.lhs)
        new = [old for old, new in program.updates.items() if new in reached and old not in found]
        if not new:
            return tuple(found)
        found |= dict.fromkeys(new)


def in_place(function, along, own=()):
    """The function with everything that extends along all axes computed in registers.

    ``along`` maps the parameters that are arrays to their axes; ``own`` are those with an array of their own, into which their
    new values are written: they are copied first, so that what is given never changes.
    """
    whole = sorted(set().union(*along.values()))
    shapes = {s: tuple(Extent(f"n{i}") if i in axes else sp.S.One for i in whole) for s, axes in along.items()}
    extent = together(shapes.values())
    plan = InPlace(function.rank, shapes, lambda shape: shape == extent, own)
    *body, results = function.body
    if loop := next((statement for statement in body if isinstance(statement, For)), None):
        body = [replace(loop, body=plan.statements(loop.body))]
    else:
        body = plan.statements(body, results.values)
    copied = tuple(along) if own else ()
    if not plan.registers and not copied:
        return function
    like = copied[:1] or tuple(along)
    arrays = Assign((*plan.registers, *copied), Registers(*like, sp.Integer(len(plan.registers)), sp.Tuple(*copied)))
    return replace(function, body=(arrays, *body, results), state=tuple(dict.fromkeys((*function.state, *copied))))
