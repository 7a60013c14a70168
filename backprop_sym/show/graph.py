"""The graph of a forward Program: what stands in one circle of its diagram, and what leads from circle to circle.

    Graph.of(program)           read off the equations, whatever they are
    forward_only(program)       the program; ValueError where it is no forward pass
"""
from dataclasses import dataclass

import sympy as sp

from ..describe.matrices import dot
from ..describe.names import Partial


@dataclass(frozen=True)
class Graph:
    """The graph of a program: what stands in one circle, and what leads from circle to circle.

    A node is a tuple of quantities, (z1, a_z1) where a_z1 is all that z1 is used for. ``edges`` maps (source, node) to
    the parameters that multiply the source; ``tags`` maps (symbol, node) to "bias" or "target".
    """

    node: dict
    edges: dict
    tags: dict
    column: dict

    @classmethod
    def of(cls, program):
        forward_only(program)
        outside = {*program.parameters, *program.targets, *program.hyperparameters}
        node = {s: (s,) for s in dict.fromkeys((*program.inputs, *program.given)) if s not in outside}
        users = {}
        for e in program:
            for s in e.uses:
                users.setdefault(s, []).append(e.lhs)
        for e in program:
            node[e.lhs] = (e.lhs,)
            below, = e.uses if len(e.uses) == 1 else (None,)
            if (below is not None and below in program and users[below] == [e.lhs] and len(node[below]) == 1
                    and program.loss not in (below, e.lhs)):
                node[below] = node[e.lhs] = (below, e.lhs)
        edges, tags, column = {}, {}, {node[s]: 0 for s in node if s not in program}
        for e in program:
            here, order = node[e.lhs], sorted(e.uses, key=lambda s: program.rank[s][1])
            factors = {p: _multiplied(p, e.rhs, node) for p in order if p in program.parameters}
            sources = [s for s in order if s in node and node[s] != here]
            for s in sources:
                edges[node[s], here] = (*edges.get((node[s], here), ()), *(p for p in factors if s in factors[p]))
            tags |= {(s, here): "target" if s in program.targets else "bias"
                     for s in order if s in outside and not factors.get(s)}
            column[here] = max([column.get(here, 0), *(column[node[s]] + 1 for s in sources)])
        if program.loss in node:
            column[node[program.loss]] = max(column.values())
        return cls(node, edges, tags, column)

    def kinds(self, program):
        """{node: input, hidden neuron, output, or what else}; an output is what stands beside a target."""
        judged = {b for (_, b), tag in self.tags.items() if tag == "target"} or {self.node.get(program.loss)}
        outputs = {a for a, b in self.edges if b in judged and a[0] in program} - judged
        first = min((self.column[node] for node in outputs), default=0)
        return {node: "loss" if program.loss in node else "input" if node[0] not in program else
                "output" if node in outputs else "hidden neuron" if self.column[node] < first else "other quantity"
                for node in dict.fromkeys(self.node.values())}

    def route(self, path):
        """The edges and tags that a path lights, the loss first: the keys of ``edges`` and ``tags``."""
        keys = []
        for of, wrt in ((f.partial.of, f.partial.wrt) for f in path.factors):
            here, below = self.node[of], self.node.get(wrt)
            if below is not None:
                keys += [(below, here)] if below != here else []
            else:
                keys += [key for key, carried in self.edges.items() if key[1] == here and wrt in carried]
                keys += [(wrt, here)] if (wrt, here) in self.tags else []
        return keys


def forward_only(program):
    """The program; ValueError where it has no equations, or holds derivatives."""
    if odd := [s for s in program.defined if isinstance(s, Partial)]:
        raise ValueError(f"expected a forward program, got one that defines {odd[0]}")
    if not program.equations:
        raise ValueError("expected a forward program, got one without equations")
    return program


def _multiplied(parameter, expression, node):
    """The quantities that a parameter multiplies anywhere in an expression."""
    found = set()
    for product in sp.preorder_traversal(expression):
        if isinstance(product, sp.Mul | dot) and parameter in product.args:
            found |= {s for s in product.free_symbols if s in node}
    return found
