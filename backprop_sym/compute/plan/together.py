"""Updates of many parameters at once: what is done to each entry alike is done to one row of all their entries.

    grouped(program, update)    the Groups of an update: .rows, .moved(updates), .copies(own), what stays as it is among them

An optimizer says the same of every parameter, entry by entry. In NumPy each operation of that costs a call for each parameter,
which for a layer of some dozens of units takes longer than the numbers do. So the parameters of a group lie in one array, one
after the other, as do their gradients and all that the optimizer keeps for them; each is a part of such a row. No number changes.
"""
from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...describe.matrices import ArrayFunction
from ...describe.names import Owned, Partial
from ...describe.program import Equation
from .statements import Array, Assign, Operation, Together


@dataclass(frozen=True)
class Rows:
    """A group: ``members`` maps each row, that of the parameters first, to the arrays in it; ``equations`` are those of rows."""

    members: dict
    equations: tuple
    updates: dict
    shape: tuple                # of a row

    @property
    def parameters(self):
        """The arrays of the row of parameters."""
        return next(iter(self.members.values()))


@dataclass(frozen=True)
class Groups:
    """The groups of an update, and the equations that stay as they are, which come first: none uses a new value of a group."""

    groups: tuple
    alone: tuple

    @property
    def rows(self):
        """{row: the arrays that are parts of it}."""
        return {row: members for group in self.groups for row, members in group.members.items()}

    @property
    def lying(self):
        """All arrays that are parts of a row."""
        return {s for members in self.rows.values() for s in members}

    @property
    def shapes(self):
        """{row: its shape}, those of new values too."""
        return {row: group.shape for group in self.groups for row in (*group.members, *group.updates.values())}

    def moved(self, updates):
        """(the equations of an update, what takes the place of what) with rows in the places of their parts."""
        lying = self.lying
        moved = {old: new for old, new in updates.items() if old not in lying}
        for group in self.groups:
            moved |= group.updates
        return (*self.alone, *(e for group in self.groups for e in group.equations)), moved

    def copies(self, own):
        """What makes copies of the state, so that what is given never changes: each array alone, or as a part of a row."""
        lying = self.lying
        yield from (Assign(s, Operation("copy", (s,))) for s in own if s not in lying)
        for group in self.groups:
            for row, members in group.members.items():         # a gradient has no value yet: that of a parameter stands for it
                yield Assign((row, *members), Together(*(members if set(members) <= set(own) else group.parameters)))


def grouped(program, update):
    """The Groups of an update: parameters whose equations are the same but for the names, and entry by entry."""
    roles, own = _roles(program), {}
    for e in update:
        own.setdefault(_owner(e, roles, program.shape), []).append(e)
    given = set(program.given)
    used = {s for e in own.get(None, ()) for s in (e.lhs, *e.rhs.free_symbols) if s in roles and s not in given}
    entangled = {None} | {roles[s][0] for s in used if not isinstance(s, Partial)}
    alike, slot = {}, cache(sp.Dummy)
    for p, equations in own.items():
        if p not in entangled:
            slots = {s: slot(role) for s, (of, role) in roles.items() if of == p}
            alike.setdefault(tuple((slots[e.lhs], e.rhs.xreplace(slots)) for e in equations), []).append(p)
    found = [_rows(program, roles, parameters, own) for parameters in alike.values() if len(parameters) > 1]
    lying = {p for group in found for p in group.parameters}
    return Groups(tuple(found), tuple(e for e in update if _owner(e, roles, program.shape) not in lying))


def _roles(program):
    """{symbol: (the parameter that it belongs to, what it is of it)}: itself, its gradient, what is kept for it, new values."""
    found = {}
    for p in program.trainable:
        if program.shape.get(p):
            found |= {p: (p, "itself"), Partial(program.loss, p): (p, "gradient")}
    for old, new in program.updates.items():
        if isinstance(old, Owned) and (old.parameter, "itself") in found.values():
            found[old] = old.parameter, f"kept {old.identity[:2]}"
        if old in found:
            found[new] = found[old][0], f"new {found[old][1]}"
    return found


def _owner(equation, roles, shape):
    """The parameter whose arrays alone an equation uses, entry by entry; None where that is not so."""
    arrays = {s for s in (equation.lhs, *equation.rhs.free_symbols) if shape.get(s)}
    owners = {roles[s][0] if s in roles else None for s in arrays}
    return next(iter(owners)) if equation.lhs in arrays and len(owners) == 1 and not equation.rhs.has(ArrayFunction) else None


def _rows(program, roles, parameters, own):
    """The Rows of a group of parameters."""
    first, *_ = parameters
    by_role = {p: {role: s for s, (of, role) in roles.items() if of == p} for p in parameters}
    used = {s for e in own[first] for s in (e.lhs, *e.rhs.free_symbols)} | {first}
    row = {s: Array("row", s) for s, (of, _) in roles.items() if of == first and s in used}
    new = set(program.updates.values())
    members = {row[s]: tuple(by_role[p][roles[s][1]] for p in parameters) for s in row if s not in new}
    size = sp.Add(*(sp.Mul(*program.shape[p]) for p in parameters))
    return Rows(members, tuple(Equation(row[e.lhs], e.rhs.xreplace(row)) for e in own[first]),
                {row[old]: row[new] for old, new in program.updates.items() if old in row and new in row}, (size,))
