"""A training as one Program: its passes, backward passes and updates, written out over samples and updates.

    unroll(program, updates, ...)   all of them; the names say after how many updates and for which sample
    batch(net, 3)                   the forward pass alone, for three samples, with the mean of their losses

A quantity z1 of the second sample in the pass after one update is z1_sample2_prime, and shown so; a parameter w5 after two
updates is w5_new2.
"""
from dataclasses import dataclass
from itertools import cycle, islice

import sympy as sp

from ..describe.arguments import bounded, expect
from ..describe.copies import again
from ..describe.names import Partial
from ..describe.nearest import lookup
from ..describe.program import Equation, Program
from .reverse import reverse

MOST = 100_000          # some ten seconds
REDUCTIONS = {"mean": lambda count: sp.Rational(1, count), "sum": lambda count: sp.S.One}


@dataclass(frozen=True)
class Unrolled:
    """How the names of one pass become those of a training: ``samples`` of one program, whose gradients are reduced.

    ``reduce``: "mean" or "sum" over the samples of an update. ``apart``: whether names say of which sample; with one sample
    they need not.
    """

    program: Program
    samples: int = 1
    reduce: str = "sum"
    apart: bool = False

    def name(self, s, after=0, sample=0):
        """The symbol of a quantity, or of a derivative, after so many updates, for a sample (0: over all of them)."""
        if isinstance(s, Partial):
            return Partial(self.name(s.of, after, sample), self.name(s.wrt, after, sample))
        program = self.program
        if s in program.hyperparameters:
            return s
        if s in program.parameters:
            return again(s, after=after, carried=True)
        return again(s, after=after if s in program else 0, sample=sample if self.apart else 0)

    def renamed(self, equations, after, sample):
        """Equations of the program, or of a backward pass of it, as those of one pass and one sample."""
        names = {}
        for e in equations:
            for s in (e.lhs, *e.uses):
                if s not in names:
                    names[s] = self.name(s, after, sample)
        return [e.renamed(names) for e in equations]

    def reduced(self, s, after, samples):
        """The equation of what is added up over samples: the loss, or a derivative of it; none where names say of no sample."""
        if not self.apart:
            return []
        scale = lookup(REDUCTIONS, "reduction", self.reduce)(len(samples))
        return [Equation(self.name(s, after), scale*sp.Add(*(self.name(s, after, k) for k in samples)))]

    def forward(self, after):
        """The forward passes of all samples, and the loss over them."""
        every = range(1, self.samples + 1)
        return [*(e for k in every for e in self.renamed(self.program, after, k)),
                *self.reduced(self.program.loss, after, every)]

    def backward(self, after, samples, wrt=None):
        """The backward passes of some samples, and the gradients over them."""
        program = self.program
        back = reverse(program, wrt=program.parameters if wrt is None else wrt)
        gradients = [Partial(program.loss, p) for p in (program.parameters if wrt is None else wrt)]
        return [*(e for k in samples for e in self.renamed(back, after, k)),
                *(e for g in gradients for e in self.reduced(g, after, samples))]

    def update(self, optimizer, after, schedule=None):
        """The update that follows the pass after so many updates; a frozen parameter stays what it was."""
        program = self.program
        rules = optimizer.update(program, schedule)
        carried = {*rules.updates, *program.frozen}
        names = {s: again(s, after=after, carried=True) for s in carried}
        names |= {new: again(old, after=after + 1, carried=True) for old, new in rules.updates.items()}
        names |= {s: again(s, after=after) for s in rules.defined if s not in names}          # the rate of a schedule
        names |= {Partial(program.loss, p): self.name(Partial(program.loss, p), after) for p in program.parameters}
        return [*(e.renamed(names) for e in rules),
                *(Equation(again(p, after=after + 1, carried=True), names[p]) for p in program.frozen)]


def unroll(program, updates=0, samples=1, optimizer=None, reduce="sum", online=False, schedule=None):
    r"""The equations of a training, a Program: so many updates of all samples together, or (``online``) of one in turn.

    For each t from 0 on: the forward passes of all samples with the parameters :math:`w^{(t)}`, their backward passes, the
    gradient reduced over them, and the update to :math:`w^{(t+1)}`; after the last update one more forward pass. Given are the
    inputs and targets of each sample, the parameters at the start, the optimizer's coefficients, and its memory, which starts
    at 0. Raises ValueError for an unknown reduction and where there is no loss.

    >>> from backprop_sym import GradientDescent
    >>> line = Program.parse(["E = (w*x - y)**2"], inputs="x", targets="y", parameters="w", loss="E")
    >>> unroll(line, 1, optimizer=GradientDescent())
    E = (x*w - y)**2
    d(E)/d(w) = 2*x*(x*w - y)
    w_new = w - eta*d(E)/d(w)
    E_prime = (x*w_new - y)**2
    """
    expect("unroll", program=program, updates=updates, samples=samples, optimizer=optimizer, online=online, schedule=schedule)
    if program.loss is None:
        raise ValueError("a training needs a loss: Program(..., loss=...)")
    lookup(REDUCTIONS, "reduction", reduce)
    _written_out("updates and samples", 3*samples*(updates + 1), program)
    if updates and optimizer is None:
        raise ValueError(f"optimizer: expected one such as GradientDescent() for {updates} updates, got None")
    whole = Unrolled(program, samples, reduce, samples > 1)
    equations, turn, step = whole.forward(0), cycle(range(1, samples + 1)), Program(())
    for t in range(updates):
        chosen = list(islice(turn, 1)) if online else list(range(1, samples + 1))
        equations += [*whole.backward(t, chosen), *whole.update(optimizer, t, schedule), *whole.forward(t + 1)]
    if updates:
        step = optimizer.update(program, schedule)
    memory = [s for s in step.updates if s not in program.parameters]
    return _given(whole, equations, step.hyperparameters, memory)


def batch(program, size, reduce="mean"):
    r"""The program of ``size`` samples at once: its loss is the mean (or "sum") of theirs.

    The parameters are shared; every other quantity belongs to a sample, which its name tells: z1_sample2 is shown as
    :math:`z_1^{(2)}`. So a derivative of the whole batch is derived, and shown, as one. Raises ValueError for a size
    that is no positive integer, and where there is no loss.

    >>> from backprop_sym import dense
    >>> batch(dense([1, 1], bias="none"), 2)
    z1_sample1 = x1_sample1*w1
    yhat1_sample1 = sigmoid(z1_sample1)
    E_total_sample1 = (y1_sample1 - yhat1_sample1)**2/2
    z1_sample2 = x1_sample2*w1
    yhat1_sample2 = sigmoid(z1_sample2)
    E_total_sample2 = (y1_sample2 - yhat1_sample2)**2/2
    E_total = (E_total_sample1 + E_total_sample2)/2
    """
    expect(program=program, size=size)
    if program.loss is None:
        raise ValueError("a batch has the mean of its samples' losses: Program(..., loss=...)")
    _written_out("size", size, program)
    whole = Unrolled(program, size, reduce, apart=True)
    return _given(whole, whole.forward(0))


def _written_out(what, passes, program):
    bounded(f"{what}: quantities and parameters to write out", passes*(len(program) + len(program.parameters)), MOST,
            "fit(net, values, samples=..., epochs=...) computes any number without writing them out")


def _given(whole, equations, hyperparameters=(), memory=()):
    """The Program of these equations, with the roles of what is given for each sample."""
    program, every = whole.program, range(1, whole.samples + 1)

    def each(role):
        return tuple(dict.fromkeys(whole.name(s, 0, k) for k in every for s in role))

    return Program(tuple(equations), inputs=each(program.inputs), targets=each(program.targets), parameters=program.parameters,
                   hyperparameters=(*program.hyperparameters, *hyperparameters), frozen=program.frozen,
                   loss=whole.name(program.loss), given=(*each(program.given), *memory),
                   shapes={whole.name(s, 0, k): shape for k in every for s, shape in program.shapes.items()},
                   domains=tuple((e.xreplace({s: whole.name(s, 0, k) for s in e.free_symbols}), allowed)
                                 for k in every for e, allowed in program.domains))
