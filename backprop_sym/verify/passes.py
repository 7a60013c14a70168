"""The training of an example as one list of equations: what is computed for each sample, in each pass, and the update after it.

    Passes(example)             .equations, in an order that suits slips; .updates, .totals, .reading(figure)

Forward pass, backward pass and update are written once, for any number of updates: the state goes from one pass into the next.
Each activation has its argument in an equation of its own, z_h1 = ..., h1 = sigmoid(z_h1), and each local derivative that is no
mere symbol has one too: so a slip that is made in it is made once, for all its uses.
"""
from copy import copy
from dataclasses import replace
from functools import cached_property
from heapq import heapify, heappop, heappush

import sympy as sp

from ..derive.optimizers import ETA, STEPS
from ..derive.partials import local_partials
from ..describe.activation import Activation, shown
from ..describe.copies import updated
from ..describe.dataflow import moving
from ..describe.names import Owned, Partial, by_name
from ..describe.program import Equation, Program
from .example import Rules

# The owners of what is taken from another pass: the one before, or the first.
EARLIER, AT_FIRST = "the pass before", "the first pass"


def owner(s):
    """Whose name a symbol is, where it is one that the package brings along."""
    return s.identity[0] if isinstance(s, Owned) else None


def earlier(s):
    """The symbol of what a quantity was in the pass before."""
    return Owned(EARLIER, "old", s)


def at_first(s):
    """The symbol of what a quantity was in the first pass."""
    return Owned(AT_FIRST, "first", s)


def local(u, v):
    """The symbol of the local derivative of one equation, for u, by v."""
    return Owned("local derivative", "d", Partial(u, v))


def total(s):
    """The symbol of what is added up over the samples of an update."""
    return Owned("over samples", "all", s)


def change(w):
    """The symbol of what a rule adds to a parameter."""
    return Owned("rule", "change", w)


class Passes:
    """One pass, its backward pass and the update of an example, for every sample and every number of updates alike.

    ``equations`` are in order; those in ``updates`` make the next value of what ``state`` names; ``totals`` map what is computed
    for each sample to what the update uses. ``terms[of][v]`` holds the derivative of ``of`` by v in parts, {u: d(u)/d(v)}, and
    ``adjoints[of][u]`` that by u.
    """

    def __init__(self, example):
        self.example, self.training, self.count = example, example.training, len(example.samples)
        self.forward = flat(example.forward)
        self.loss, self.terms, self.adjoints, self.locals = self.forward.loss, {}, {}, {}
        found = list(self.forward.equations)
        for of, wrt in self._wanted().items():
            found += self._derivatives(Program(tuple(found)), of, wrt)
        self.state, self.updates, self.totals = {}, (), {}
        found += self._update()
        self.equations = _ordered(found, {*self.updates}, {*self.totals, *self.totals.values()})

    def _wanted(self):
        """{of: [wrt]}: what is differentiated by what, the inner derivatives before those of them."""
        optimizer, wanted = self.training.optimizer, {}
        if optimizer is not None and not isinstance(optimizer, Rules):
            wanted[self.loss] = dict.fromkeys(self.forward.parameters)
        todo = [s for figure in self.example.figures for s in figure.expression.atoms(Partial)]
        for s in todo:
            if isinstance(s.of, Partial):
                todo.append(s.of)
        for s in sorted(dict.fromkeys(todo), key=_depth):
            wanted.setdefault(s.of, {})[s.wrt] = None
        return {of: list(wrt) for of, wrt in wanted.items()}

    def _derivatives(self, program, of, wrt):
        """The equations of the derivatives of ``of``, and those of the local derivatives that they use."""
        between = moving(program, wrt) | {s for s in wrt if s in program}
        terms, equations, adjoints = {of: {}}, [], {of: sp.S.One}
        for e in reversed(program.equations):
            if e.lhs not in terms or not (e.lhs in between or e.lhs in wrt):
                continue
            if e.lhs != of:
                adjoints[e.lhs] = Partial(of, e.lhs)
                equations.append(Equation(adjoints[e.lhs], adjoint(terms[e.lhs], adjoints)))
            for v, derivative in local_partials(program, e).items():
                if derivative != 0 and (v in between or v in wrt):
                    terms.setdefault(v, {})[e.lhs] = self._named(e.lhs, v, derivative, e.lhs == of, equations)
        equations += [Equation(Partial(of, v), sp.S.One if v == of else adjoint(terms.get(v, {}), adjoints)) for v in wrt
                      if Partial(of, v) not in adjoints.values()]
        self.terms[of], self.adjoints[of] = terms, adjoints
        return equations

    def _named(self, u, v, derivative, whole, equations):
        """A local derivative, or the symbol that stands for it; ``whole``: it is a derivative of its own already."""
        if whole or _is_monomial(derivative):
            return derivative
        s = local(u, v)
        if s not in self.locals:
            self.locals[s] = derivative
            equations.append(Equation(s, derivative))
        return s

    def _update(self):
        """The equations of the update, and of what is added up for it."""
        training, optimizer = self.training, self.training.optimizer
        if optimizer is None:
            return []
        if isinstance(optimizer, Rules):
            rules = dict(optimizer.updates)
            self.totals = {change(w): total(change(w)) for w in rules}
            before = [Equation(change(w), rhs - w) for w, rhs in rules.items()]
            found = [Equation(updated(w), w + total(change(w))) for w in rules]
            self.state = {w: updated(w) for w in rules}
        else:
            program = optimizer.update(self.forward, training.schedule)
            self.totals = {g: total(g) for p in self.forward.trainable for g in [Partial(self.loss, p)]}
            before, found = [], [Equation(e.lhs, e.rhs.xreplace(self.totals)) for e in program]
            self.state = dict(program.updates)
        self.updates = tuple(e.lhs for e in found)
        return [*before, *found]

    @cached_property
    def start(self):
        """{symbol: number} of what is the same for every sample: parameters, the optimizer's coefficients and memory."""
        training, forward = self.training, self.forward
        values = {forward.symbol(name): value for name, value in self.example.parameters.items()}
        if training.learning_rate is not None:
            values[ETA] = training.learning_rate
        if training.optimizer is not None:
            values |= dict.fromkeys((s for s in self.state if s not in values), 0) | training.optimizer.coefficients
        if training.schedule is not None:
            values |= {Owned("optimizer", "eta_0"): training.learning_rate, **training.schedule.coefficients}
            values.setdefault(STEPS, 0)
        return values

    @cached_property
    def samples(self):
        """[{symbol: number}] of what differs between samples."""
        return [{self.forward.symbol(name): value for name, value in sample.items()} for sample in self.example.samples]

    def like(self, example):
        """The same passes for another example of the same network and training, with its own numbers, and fewer figures."""
        found = copy(self)
        for name in ("start", "samples", "last"):
            vars(found).pop(name, None)
        found.example, found.training = example, example.training
        return found

    @cached_property
    def last(self):
        """After how many updates the last figure is."""
        return max((figure.after for figure in self.example.figures), default=0)

    @cached_property
    def rhs(self):
        """{quantity: the expression that defines it}, each derivative of an activation written out, as people compute it."""
        return {e.lhs: shown(e.rhs) for e in self.equations}


def adjoint(terms, adjoints):
    """The derivative by one quantity: the sum over those that use it."""
    return sp.Add(*(adjoints[u]*derivative for u, derivative in terms.items()))


def flat(forward):
    """The forward pass with each activation, and each argument of one, in an equation of its own."""
    equations, named = [], {}

    def name(lhs, expression, top):
        """The expression with symbols for the activations in it and their arguments."""
        if not expression.args or not expression.has(Activation):
            return expression
        expression = expression.func(*(name(lhs, a, False) for a in expression.args))
        if isinstance(expression, Activation):
            expression = expression.func(*(put("z", lhs, a) if a.args else a for a in expression.args))
            return expression if top else put(type(expression).__name__, lhs, expression)
        return expression

    def put(what, lhs, expression):
        count = sum(key[:2] == (what, lhs) for key in named)
        s = named.get((what, lhs, expression))
        if s is None:
            s = named[what, lhs, expression] = Owned("argument", what + str(count + 1)*(count > 0), lhs)
            equations.append(Equation(s, expression))
        return s

    for e in forward:
        equations.append(Equation(e.lhs, name(e.lhs, e.rhs, True)))
    return forward._with(equations)


def _is_monomial(expression):
    """A number, or a number times symbols."""
    return all(f.is_Symbol or f.is_Number for f in sp.Mul.make_args(expression))


def _depth(s):
    return _depth(s.of) + 1 if isinstance(s, Partial) else 0


def _ordered(equations, updates, gradients):
    """The equations in an order that suits as many slips as possible.

    Quantities of one depth stand together, for one may be taken for another; a gradient and its update come as soon as
    they can, for an updated weight may be used too early. What is added up over samples comes with what adds it up.
    """
    totals = {total(s): s for s in gradients}
    index, depth, users, missing = {e.lhs: i for i, e in enumerate(equations)}, {}, {}, {}
    for e in equations:
        needs = [s for s in {totals.get(s, s) for s in e.rhs.free_symbols} if s in index]
        depth[e.lhs] = 1 + max((depth[s] for s in needs), default=0)
        missing[e.lhs] = len(needs)
        for s in needs:
            users.setdefault(s, []).append(e.lhs)

    def key(s):
        return s not in updates, s not in gradients, depth[s], index[s]

    ready, order = [(key(s), by_name(s), s) for s, n in missing.items() if n == 0], []
    heapify(ready)
    while ready:
        s = heappop(ready)[2]
        order.append(equations[index[s]])
        for user in users.get(s, ()):
            missing[user] -= 1
            if missing[user] == 0:
                heappush(ready, (key(user), by_name(user), user))
    return tuple(order)


def without(example, figures):
    """The example with other figures."""
    return replace(example, figures=tuple(figures))
