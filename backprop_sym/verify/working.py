"""The working of a printed figure: every equation on the way to it, unrolled over updates and samples, as one Program.

    Working(example, figure)    .program, the equations; .values, what they start from

A slip is a rewrite of this Program, and an inherited mistake is a printed number in the place of an equation.
"""
from dataclasses import replace
from functools import cached_property

import sympy as sp

from ..derive.optimizers import ETA
from ..derive.reverse import reverse
from ..derive.unroll import Unrolled
from ..describe.activation import Activation, shown
from ..describe.copies import sample_of, stem
from ..describe.dataflow import needed
from ..describe.names import Owned, Partial, by_name
from ..describe.program import Equation, Program

PRINTED = Owned("audit", "printed")
MAX_EQUATIONS = 600


class Working:
    """The equations that lead to one figure of an example, from the values given to the printed number.

    Names are those of ``Unrolled``. The figures ``printed`` before this one stand in place of their equations. Raises
    ValueError where this is far more than 600 equations: such a figure is replayed, not unrolled.
    """

    def __init__(self, example, figure, printed=()):
        self.example, self.figure = replace(example, forward=_flat(example.forward)), figure
        self.count, self.updates, self.gradients = len(example.samples), [], []        # in the order in which they are defined
        self.names = Unrolled(self.example.forward, self.count, example.training.reduce, self.count > 1)
        size = (figure.after + 1)*self.count*(3*len(example.forward) + 3*len(example.parameters))
        if size > 4*MAX_EQUATIONS:
            raise ValueError(f"the working of a figure after {figure.after:,} updates is too long to write out")
        self.values = self._values()
        self.equations = self.names.forward(0)
        for t in range(figure.after):
            self._update(t)
        self.equations += [*self._derivative(), Equation(PRINTED, figure.sign*self.symbol_of(figure))]
        self.printed = {self.symbol_of(f): f.sign*f.value for f in printed}

    def _values(self):
        forward, training = self.example.forward, self.example.training
        values = {forward.symbol(name): value for name, value in self.example.parameters.items()}
        values |= {self.names.name(forward.symbol(name), 0, k): value
                   for k, sample in enumerate(self.example.samples, 1) for name, value in sample.items()}
        if training.optimizer is not None:
            memory = training.optimizer.update(forward).updates.keys() - set(forward.parameters)
            values |= {ETA: training.learning_rate, **training.optimizer.coefficients, **dict.fromkeys(memory, 0)}
        return values

    def _update(self, t):
        """The backward passes after t updates, the next update, and the forward passes after it."""
        training = self.example.training
        samples = [t % self.count + 1] if training.online else list(range(1, self.count + 1))
        update = self.names.update(training.optimizer, t)
        self.equations += [*self.names.backward(t, samples), *update, *self.names.forward(t + 1)]
        self.updates += [e.lhs for e in update]
        self.gradients += [self.names.name(Partial(self.example.forward.loss, p), t) for p in self.example.forward.parameters]

    def symbol_of(self, figure):
        """The symbol of a printed figure's quantity in this working."""
        s, forward = figure.symbol, self.example.forward
        over_all = s == forward.loss or isinstance(s, Partial) or s in forward.parameters
        return self.names.name(s, figure.after, figure.sample or (0 if over_all else 1))

    def _derivative(self):
        """The equations of the figure's quantity, where it is a derivative that is not there yet."""
        figure, s = self.figure, self.figure.symbol
        if not isinstance(s, Partial):
            return []
        samples = [figure.sample] if figure.sample else list(range(1, self.count + 1))
        known = {e.lhs for e in self.equations}
        back = reverse(self.example.forward, s.of, [s.wrt])
        found = [e for k in samples for e in self.names.renamed(back, figure.after, k)]
        found += self.names.reduced(s, figure.after, samples) if not figure.sample else []
        return [e for e in found if e.lhs not in known]

    # ---- what slips are made of

    @cached_property
    def slopes(self):
        """The derivatives of all activations in the working, in the order of the equations."""
        return [e.rhs.slope(e.rhs.args[0], e.lhs) for e in self.equations if isinstance(e.rhs, Activation) and e.rhs.slope]

    @cached_property
    def layers(self):
        """A dict {(i, j): weight} for each layer and pass: the weight from its i-th input to its j-th unit."""
        layers = {}
        parameters = {s for s in (*self.program.given, *self.program.defined)
                      if stem(s) in self.example.forward.parameters}
        for e in self.program:
            edges = {}
            for term in sp.Add.make_args(sp.expand(e.rhs.args[0] if isinstance(e.rhs, Activation) else e.rhs)):
                factors = sp.Mul.make_args(term)
                weights = [f for f in factors if f in parameters]
                if len(factors) == 2 and len(weights) == 1:
                    edges[next(f for f in factors if f is not weights[0])] = weights[0]
            if edges and not isinstance(e.lhs, Partial) and e.lhs not in self.updates:
                layers.setdefault(tuple(sorted(edges, key=by_name)), []).append(edges)
        return [{(i, j): edges[source] for j, edges in enumerate(units) for i, source in enumerate(sources)}
                for sources, units in layers.items()]

    def gradient_of(self, parameter):
        """The symbol of the loss's derivative with respect to a parameter of some pass."""
        return next(g for g in self.gradients if g.wrt == parameter)

    @cached_property
    def reduced(self):
        """The symbols that are sums or means over the samples."""
        outside = {PRINTED, *self.updates}
        return {e.lhs for e in self.equations if self.count > 1 and not sample_of(e.lhs) and e.lhs not in outside}

    @cached_property
    def program(self):
        """The equations that the figure depends on; a quantity that was printed before has its printed value."""
        return Program(needed([Equation(e.lhs, self.printed.get(e.lhs, e.rhs)) for e in self.equations], PRINTED))

    @cached_property
    def plain(self):
        """Every equation, with each derivative of an activation written out, a*(1 - a), as people compute it."""
        return Program(tuple(Equation(e.lhs, shown(self.printed.get(e.lhs, e.rhs))) for e in self.equations))

    @cached_property
    def within(self):
        """The symbols of ``plain`` on which the figure depends."""
        return {e.lhs for e in needed(self.plain.equations, PRINTED)}

    @cached_property
    def used(self):
        """The symbols whose printed values stand in the program."""
        return tuple(s for s in self.plain.defined if s in self.printed and s in self.within)


def _flat(forward):
    """The forward pass with the argument of each activation in an equation of its own: z_h1 = ..., h1 = sigmoid(z_h1)."""
    equations = []
    for e in forward:
        rhs = e.rhs
        if isinstance(rhs, Activation) and not rhs.args[0].is_Symbol:
            z = Owned("argument", "z", e.lhs)
            equations.append(Equation(z, rhs.args[0]))
            rhs = rhs.func(z)
        equations.append(Equation(e.lhs, rhs))
    return forward._with(equations)
