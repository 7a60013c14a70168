"""What an equation is like, whatever its names are: roles, shapes, and the families of equations that look alike.

    Structure(passes)           .role(s), .shape(expression), .families, .siblings(s), .layers

A slip is often made in all equations of one family: every unit of a layer, every time step, every layer. They are found from the
shape of the right-hand side, with roles in the place of names, and from how many equations lie before it.
"""
from functools import cached_property

import sympy as sp

from ..derive.optimizers import ETA
from ..describe.activation import Activation
from ..describe.dataflow import is_bias
from ..describe.names import Owned, Partial, by_name
from ..describe.program import Program
from .passes import owner

MAX_SIBLINGS = 10       # quantities that may be taken for another


class Roles:
    """What a symbol, an expression, an equation is, without names."""

    def __init__(self, passes):
        self.passes, self.forward = passes, passes.forward
        self.index = {e.lhs: i for i, e in enumerate(passes.equations)}
        self.updates, self.totals = set(passes.updates), {new: s for s, new in passes.totals.items()}

    @cached_property
    def biases(self):
        return {p for p in self.forward.parameters if is_bias(self.forward, p)}

    @cached_property
    def depth(self):
        """{quantity of the forward pass: the largest number of equations on a way to it}."""
        depth = dict.fromkeys((*self.forward.given, *self.forward.inputs, *self.forward.targets, *self.forward.parameters), 0)
        for e in self.forward:
            depth[e.lhs] = 1 + max((depth.get(s, 0) for s in e.rhs.free_symbols), default=0)
        return depth

    def role(self, s):
        """What a symbol is, without its name."""
        if isinstance(s, Partial):
            return "derivative", self.role(s.wrt)
        if s in self.totals:
            return "total", self.role(self.totals[s])
        if s in self.forward.parameters:
            return "bias" if s in self.biases else "weight"
        if s in self.forward.targets:
            return "target"
        if s in self.forward.inputs:
            return "input"
        if isinstance(s, Owned) and s.identity[0] == "local derivative":
            of, wrt = s.identity[2].of, s.identity[2].wrt
            return "local", self.role(of), self.role(wrt)
        if isinstance(s, Owned) and s.identity[0] in ("optimizer", "rule"):
            return s.identity[1]
        if s in self.updates:
            return "updated"
        rhs = self.passes.rhs.get(s)
        return type(self.forward[s].rhs).__name__ if s in self.forward and isinstance(rhs, Activation) else "quantity"

    def shape(self, expression):
        """The expression with roles in the place of names, as nested tuples; the same however names are sorted."""
        if expression not in self._shapes:
            if expression.is_Symbol:
                found = ("symbol", self.role(expression))
            elif not expression.args:
                found = ("number", str(expression))
            else:
                parts = [self.shape(a) for a in expression.args]
                free = expression.is_Add or expression.is_Mul
                found = (type(expression).__name__, *(sorted(parts, key=repr) if free else parts))
            self._shapes[expression] = found
        return self._shapes[expression]

    @cached_property
    def _shapes(self):
        return {}

    def kind(self, lhs):
        """What an equation defines: a forward quantity, a local derivative, an adjoint, an update."""
        role = self.role(lhs)
        if lhs in self.updates:
            return "update", self.role(self._before.get(lhs, lhs))
        return ("forward", role, owner(lhs)) if lhs in self.forward else role if isinstance(role, tuple) else (role,)

    def level(self, lhs):
        """How deep in the network an equation stands."""
        if isinstance(lhs, Partial):
            return self.depth.get(lhs.wrt, _first_use(self.forward, lhs.wrt, self.depth))
        if isinstance(lhs, Owned) and lhs.identity[0] == "local derivative":
            return self.depth.get(lhs.identity[2].of, 0)
        if lhs in self._before:
            return _first_use(self.forward, self._before[lhs], self.depth)
        return self.depth.get(lhs, 0)

    @cached_property
    def _before(self):
        return {new: old for old, new in self.passes.state.items()}

    @cached_property
    def parameters(self):
        return frozenset(self.forward.parameters)


class Structure(Roles):
    """What the equations of a training are like."""

    @cached_property
    def families(self):
        """Lists of equations that look alike, the small families first: of one shape and layer, or with the same parameters; of
        one shape; of one kind.
        """
        groups = {}
        for e in self.passes.equations:
            kind, shape = self.kind(e.lhs), self.shape(self.passes.rhs[e.lhs])
            level = self.level(e.lhs)
            if isinstance(e.lhs, Partial) and e.lhs.wrt in self.forward.parameters:
                level = _first_use(self.forward, e.lhs.wrt, self.depth)
            of_one = [(0, kind, shape, one) for one in (level, *self._of_one(e.lhs))]
            for key in (*of_one, (1, kind, shape), (2, kind), (3, kind[0])):
                groups.setdefault(key, []).append(e.lhs)
        found = {}
        for key in sorted(groups, key=lambda key: key[0]):
            if len(groups[key]) > 1:
                found.setdefault(tuple(sorted(groups[key], key=self.position)), None)
        return list(found)

    def _of_one(self, lhs):
        """What equations share: of a weight the unit that it goes to, or what it comes from; of others the weights."""
        p = self._before.get(lhs, getattr(lhs, "wrt", None))
        return self._ends.get(p) or (frozenset(self.passes.rhs[lhs].free_symbols & self.parameters - {p}),)

    @cached_property
    def _ends(self):
        """{weight: (the unit that it goes to, what it comes from)}, by layer and number."""
        return {w: (("to", n, j), ("from", n, i)) for n, layer in enumerate(self.layers) for (i, j), w in layer.items()}

    def position(self, lhs):
        """Where a quantity, or what a derivative is taken by, stands in the forward pass."""
        for s in (lhs.identity[2].of if owner(lhs) == "local derivative" else lhs, getattr(lhs, "wrt", None),
                  self._before.get(lhs)):
            if s in self._positions:
                return self._positions[s]
        return len(self._positions) + self.index[lhs]

    @cached_property
    def _positions(self):
        forward = self.forward
        return {s: i for i, s in enumerate((*forward.inputs, *forward.targets, *forward.parameters, *forward.defined))}

    @cached_property
    def kinds(self):
        """{kind: the symbols of it, in the order of their definition}."""
        groups, first = {}, {p: _first_use(self.forward, p, self.depth) for p in self.forward.parameters}
        for s in dict.fromkeys((*self.forward.inputs, *self.forward.targets, *self.forward.parameters, *self.forward.defined)):
            role = self.role(s)
            if s in first:
                groups.setdefault((role,), []).append(s)
            elif role in ("input", "target"):
                groups.setdefault(role, []).append(s)
            else:
                groups.setdefault(("quantity", self.depth[s]), []).append(s)
        return groups

    @cached_property
    def _siblings(self):
        return {s: group for group in self.kinds.values() for s in group}

    def siblings(self, s):
        """The symbols of the same kind, this one among them, in the order of their definition."""
        group = self._siblings.get(s, [s])
        if len(group) <= MAX_SIBLINGS + 1:
            return group
        at = group.index(s)
        start = max(0, min(at - MAX_SIBLINGS//2, len(group) - MAX_SIBLINGS - 1))
        return group[start:start + MAX_SIBLINGS + 1]

    @cached_property
    def courses(self):
        """{quantity: those that are made as it is, of the same weights, one after another}, as the states over time are."""
        groups = {}
        for e in self.forward:
            weights = frozenset(e.rhs.free_symbols & self.parameters)
            groups.setdefault((self.kind(e.lhs), self.shape(self.passes.rhs[e.lhs]), weights), []).append(e.lhs)
        return {s: group for group in groups.values() if len({self.depth[s] for s in group}) == len(group) > 1 for s in group}

    @cached_property
    def users(self):
        """{quantity of the forward pass: those whose equations use it}."""
        found = {}
        for e in self.forward:
            for s in sorted(e.rhs.free_symbols, key=by_name):
                found.setdefault(s, []).append(e.lhs)
        return found

    @cached_property
    def layers(self):
        """A dict {(i, j): weight} for each layer: the weight from its i-th input to its j-th unit."""
        layers = {}
        for e in self.forward:
            edges = {}
            for term in sp.Add.make_args(sp.expand(e.rhs)) if len(e.rhs.args) < 40 else ():
                factors = sp.Mul.make_args(term)
                weights = [f for f in factors if f in self.parameters]
                if len(factors) == 2 and len(weights) == 1 and all(f.is_Symbol for f in factors):
                    edges[next(f for f in factors if f is not weights[0])] = weights[0]
            if edges:
                layers.setdefault(tuple(sorted(edges, key=by_name)), []).append(edges)
        return [{(i, j): edges[source] for j, edges in enumerate(units) for i, source in enumerate(sources)}
                for sources, units in layers.items()]

    @cached_property
    def place(self):
        """{symbol: (its kind, its number among its kind)}."""
        return {s: (kind, i) for kind, group in self.kinds.items() for i, s in enumerate(group)}

    @cached_property
    def program(self):
        """All equations as a Program: for the order in which terms and factors are written."""
        return Program(self.passes.equations, parameters=(), given=(ETA,) if ETA in self.passes.start else ())


def _first_use(forward, s, depth):
    return next((depth[e.lhs] for e in forward if s in e.rhs.free_symbols), 0)
