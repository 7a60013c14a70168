"""The working of a printed figure: every equation on the way to it, unrolled over updates and samples, as one Program.

    Working(example, figure)    .program, the equations; .values, what they start from
    reordered(program, changes) the program with some equations replaced, in an order that works

A slip is a rewrite of this Program, and an inherited mistake is a printed number in the place of an equation.
"""
from dataclasses import replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

import sympy as sp

from ..derive.optimizers import step
from ..derive.reverse import reverse
from ..describe.activation import Activation, shown
from ..describe.names import NEW, PRIME, Partial, symbol
from ..describe.program import Equation, Program, needed

PRINTED = symbol("printed_figure")
MAX_EQUATIONS = 600


class Working:
    """The equations that lead to one figure of an example, from the values given to the printed number.

    After t updates a quantity z1 is z1_prime (t times), a parameter w5 is w5_new (t times); with several samples each
    has its own copy, z1_s2, and their gradients are summed or averaged. The figures ``printed`` before this one stand
    in place of their equations. Raises ValueError where this is far more than 600 equations: such a figure is
    replayed, not unrolled.
    """

    def __init__(self, example, figure, printed=()):
        self.example, self.figure = replace(example, forward=_flat(example.forward)), figure
        self.count = len(example.samples)
        self.values = {**{str(k): v for k, v in example.parameters.items()}, **self._sample_values()}
        if example.training.optimizer is not None:
            self.values.update({"eta": example.training.learning_rate,
                                **{s.name: v for s, v in example.training.optimizer.coefficients.items()}})
        size = (figure.after + 1)*self.count*(3*len(example.forward) + 3*len(example.parameters))
        if size > 4*MAX_EQUATIONS:
            raise ValueError(f"the working of a figure after {figure.after:,} updates is too long to write out")
        self.equations = []
        self.gradients, self.updates = [], []          # symbols, in the order in which they are defined
        for t in range(figure.after + 1):
            self._pass(t, last=t == figure.after)
        self.equations.append(Equation(PRINTED, figure.sign*self._target(figure.after)))
        self.printed = {self.symbol_of(f): f.sign*f.value for f in printed}

    def _sample_values(self):
        if self.count == 1:
            return dict(self.example.samples[0])
        return {f"{name}_s{i}": value for i, sample in enumerate(self.example.samples, 1)
                for name, value in sample.items()}

    # ---- names

    def name(self, s, t, sample=None):
        """The symbol of a quantity after t updates, for a sample (from 1)."""
        if isinstance(s, Partial):
            return Partial(self.name(s.of, t, sample), self.name(s.wrt, t, sample))
        suffix = f"_s{sample}" if self.count > 1 and sample else ""
        forward = self.example.forward
        if s in forward.parameters or self._is_memory(s):
            return symbol(s.name + NEW*t)
        if s in forward.inputs + forward.targets:
            return symbol(s.name + suffix)
        return symbol(s.name + suffix + PRIME*t)

    def _is_memory(self, s):
        return s in self._step.updates and s not in self.example.forward.parameters

    @cached_property
    def _step(self):
        optimizer = self.example.training.optimizer
        return step(self.example.forward, optimizer) if optimizer else Program(())

    def _renamed(self, program, t, sample):
        forward = self.example.forward
        return program.rename({s: self.name(s, t, sample)
                               for s in (*forward.inputs, *forward.targets, *forward.parameters, *forward.defined)})

    def symbol_of(self, figure):
        """The symbol of a printed figure's quantity in this working."""
        return self.name(figure.symbol, figure.after, 1 if self.count == 1 else figure.sample)

    # ---- passes

    def _pass(self, t, last):
        forward, training = self.example.forward, self.example.training
        samples = range(1, self.count + 1)
        for i in samples:
            self.equations += self._renamed(forward, t, i)
        if self.count > 1:
            self._reduce(forward.loss, t, samples)
        if last or training.optimizer is None:
            return
        chosen = [t % self.count + 1] if training.online else list(samples)
        backward = reverse(forward, wrt=forward.parameters)
        for i in chosen:
            self.equations += self._renamed(backward, t, i)
        for p in forward.parameters:
            g = Partial(forward.loss, p)
            self.gradients.append(self.name(g, t, 1 if self.count == 1 else None))
            if self.count > 1:
                self._reduce(g, t, chosen)
        update = training.optimizer.update(forward)
        new = {s: symbol(s.name.removesuffix(NEW) + NEW*(t + 1)) for s in update.defined}
        old = {s: self.name(s, t, 1 if self.count == 1 else None)
               for s in (forward.loss, *forward.parameters, *update.given) if s not in update.hyperparameters}
        self.equations += update.rename({**old, **new})
        self.equations += [Equation(self.name(p, t + 1), self.name(p, t)) for p in forward.frozen]
        for s in self._step.updates:
            if self._is_memory(s):
                self.values.setdefault(s.name, 0)
        self.updates += [*new.values(), *(self.name(p, t + 1) for p in forward.frozen)]

    def _reduce(self, s, t, samples):
        """One value from those of the samples, by the sum or the mean."""
        total = sp.Add(*(self.name(s, t, i) for i in samples))
        self.equations.append(Equation(self.name(s, t), total/len(samples)
                                       if self.example.training.reduce == "mean" else total))

    def _target(self, t):
        """The symbol of the figure's quantity after t updates; the equations of a derivative are added."""
        figure, s = self.figure, self.figure.symbol
        if not isinstance(s, Partial):
            if self.count > 1 and s != self.example.forward.loss and s not in self.example.forward.parameters:
                return self.name(s, t, figure.sample or 1)
            return self.name(s, t, figure.sample)
        samples = [figure.sample] if figure.sample else range(1, self.count + 1)
        known = {e.lhs for e in self.equations}
        for i in samples:
            backward = self._renamed(reverse(self.example.forward, s.of, [s.wrt]), t, i)
            self.equations += [e for e in backward if e.lhs not in known]
        if len(samples) > 1 and self.name(s, t) not in known:
            self._reduce(s, t, samples)
        return self.name(s, t, samples[0] if len(samples) == 1 else None)

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
                      if s.name.split(NEW)[0] in {p.name for p in self.example.forward.parameters}}
        for e in self.program:
            edges = {}
            for term in sp.Add.make_args(sp.expand(e.rhs.args[0] if isinstance(e.rhs, Activation) else e.rhs)):
                factors = sp.Mul.make_args(term)
                weights = [f for f in factors if f in parameters]
                if len(factors) == 2 and len(weights) == 1:
                    edges[next(f for f in factors if f is not weights[0])] = weights[0]
            if edges and not isinstance(e.lhs, Partial) and e.lhs not in self.updates:
                layers.setdefault(tuple(sorted(edges, key=str)), []).append(edges)
        return [{(i, j): edges[source] for j, edges in enumerate(units) for i, source in enumerate(sources)}
                for sources, units in layers.items()]

    def gradient_of(self, parameter):
        """The symbol of the loss's derivative with respect to a parameter of some pass."""
        return next(g for g in self.gradients if g.wrt == parameter)

    @cached_property
    def reduced(self):
        """The symbols that are sums or means over the samples."""
        return {e.lhs for e in self.equations if self.count > 1 and "_s" not in e.lhs.name and e.lhs != PRINTED}

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
            z = symbol(f"z_{e.lhs}")
            while z in forward or z in forward.given:
                z = symbol(f"z_{z}")
            equations.append(Equation(z, rhs.args[0]))
            rhs = rhs.func(z)
        equations.append(Equation(e.lhs, rhs))
    return forward._with(equations)


def reordered(program, changes):
    """The program with some equations replaced, in an order in which each is defined before its use; None if there is
    none."""
    equations = {e.lhs: changes.get(e.lhs, e.rhs) for e in program}
    order = TopologicalSorter({s: sorted((o for o in rhs.free_symbols if o in equations), key=str)
                               for s, rhs in equations.items()})
    try:
        return program._with(tuple(Equation(s, equations[s]) for s in order.static_order()))
    except CycleError:
        return None
