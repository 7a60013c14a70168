"""Statements computed in place: each operation writes into an array that is free at that moment.

    InPlace(rank, shapes, pooled, own)  .statements(body, results) the same statements; .registers, what they are computed in

Where a value lies is told in places.py, what the expression of a value becomes in values.py.
"""
from dataclasses import replace

import sympy as sp

from .ahead import Ahead
from .arranged import below
from .operations import Operations
from .places import Places
from .reading import copied, read
from .statements import Assign, Node, Operation, When, targets
from .values import Values


class InPlace:
    """What statements become where values lie in arrays: see Places for ``shapes``, ``pooled``, ``own`` and ``mark``.

    ``floats``: whether numbers are kept Python's, next to which an array keeps its precision. ``brought``: what is given, and
    brought into an array that is made for it.
    """

    def __init__(self, rank, shapes, pooled, own=(), floats=False, mark="r", brought=()):
        self.places = Places(shapes, pooled, own, mark)
        self.values = Values(self.places, floats)
        self.inlined = {}                                          # what is used once, and written there
        self.operations = Operations(rank, self.inlined)
        self.brought, self.stacks = frozenset(brought), {}

    @property
    def registers(self):
        """The shapes of the registers."""
        return self.places.registers

    def statements(self, body, results=()):
        """The same statements, computed in place; ``results`` are still needed after the last of them."""
        self.settle([statement for statement in body if isinstance(statement, Assign)])
        body = [statement for statement in map(self.in_order, body) if statement is not None]
        last = {s: k for k, statement in enumerate(body) for s in read(statement)}
        last |= dict.fromkeys(results, len(body))
        before, self.values.made = self.values.made, []
        for k, statement in enumerate(body):
            match statement:
                case Assign() if not isinstance(statement.target, tuple) and not isinstance(statement.value, Node):
                    self.values.dying = self.places.last_uses(statement.value, last, k)
                    self.assign(statement)
                case When():
                    later = {s for s in self.places.holds if last.get(s, k) > k}
                    self.values.made.append(replace(statement, body=self.statements(statement.body, later)))
                case _:                                            # several results at once, a record: as it is
                    self.values.made.append(copied(statement, self.places.extent))
                    if isinstance(statement, Assign):
                        shape, known = self.places.extent, self.places.shapes
                        known |= {s: shape(statement.value) for s in targets(statement) if s not in known}
            self.places.release({s for s in self.places.holds if last.get(s, k) > k})
        made, self.values.made = self.values.made, before
        return tuple(made)

    def settle(self, assigned):
        """Homes for what will lie one below the other; what it is made of ahead, and nothing else, has the same."""
        places, computed = self.places, {statement.target for statement in assigned} | self.brought
        for statement in assigned:
            if isinstance(statement.value, below) and computed.issuperset(statement.value.args):
                shapes = {places.shapes.get(s, ()) for s in statement.value.args}
                if len(shapes) == 1 and all(map(places.pooled, shapes)):
                    self.stacks[statement.target] = places.stack(statement.value.args, *shapes)
        for statement in assigned:
            if statement.target in places.homes and isinstance(statement.value, sp.Mul):
                places.homes |= {f: places.homes[statement.target] for f in statement.value.args if isinstance(f, Ahead)}

    def in_order(self, statement):
        """The statement with its operations in order; None for what is used once, and written there."""
        if not isinstance(statement, Assign) or isinstance(statement.value, Node):
            return statement
        value = self.operations(statement.value)
        if statement.once and statement.target not in (*self.places.homes, *self.stacks):
            self.inlined[statement.target] = value
            return None
        return replace(statement, value=value, once=False)

    def assign(self, statement):
        """The statements that give a symbol its value."""
        places, s = self.places, statement.into or statement.target
        if statement.target in self.stacks:
            return self.stacked(statement)
        own = s if s in places.own else places.homes.get(s)
        value, shape, register = self.values.value(statement.value, own)
        places.shapes[statement.target] = shape
        if own is not None:
            if own in places.own:
                places.own.add(statement.target)
            if getattr(value, "out", None) != own:
                if isinstance(value, Operation) and register:
                    self.values.made.append(Assign(register, value))
                value = Operation("positive", (register or value,), own)
        elif places.lies(value) in places.own:                     # the array will change: its value is copied
            value, register = self.values.written("positive", (value,), shape) if places.pooled(shape) else (
                Operation("positive", (value,)), None)
        if own is None and (register := register or places.holds.get(places.lies(value))):     # the value may have two names
            places.holds[statement.target] = register
        self.values.made.append(replace(statement, value=value))

    def stacked(self, statement):
        """The statements for matrices one below the other: what is not at home there is copied."""
        whole = self.stacks[statement.target]
        for s, part in zip(statement.value.args, self.places.parts[whole], strict=True):
            if self.places.homes[s] != part:
                self.values.made.append(Assign(part, Operation("positive", (s,), part)))
        self.places.shapes[statement.target] = self.places.shapes[whole]
        self.values.made.append(replace(statement, value=whole))
