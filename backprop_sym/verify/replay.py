"""The training that a worked example describes, carried out to 40 digits.

    Replay(passes)              .value(figure): the exact value of what was printed
    variant(passes, ...)        the training with some hypotheses in it
"""
from copy import copy
from dataclasses import replace
from functools import cached_property

from ..compute.lambdify import lambdify
from ..compute.trainer import REDUCE
from ..describe.names import Owned, by_name
from ..describe.precision import precise, rounded
from ..describe.program import Equation, Program
from ..describe.values import GUARD, exact, within_domains
from .passes import AT_FIRST, EARLIER, total
from .shapes import plain

DIGITS = 40


class Replay:
    """The training of ``passes``, carried out to 40 digits, or (``backend`` "python") in floats.

    ``figures`` say after how many updates something is asked for.
    """

    def __init__(self, passes, figures=None, backend="mpmath", digits=DIGITS):
        self.passes, self.digits, self.backend = passes, digits, backend
        self.after = {f.after for f in (passes.example.figures if figures is None else figures)} | {0}
        self.reduce = REDUCE[self.passes.training.reduce]
        self.exact = exact if backend == "mpmath" else lambda name, value: float(exact(name, value))

    @cached_property
    def _one(self):
        """Whether an update is made of one sample: then pass and update are one list, and may use weights updated in it."""
        return self.passes.count == 1 or self.passes.training.online

    @cached_property
    def _plain(self):
        """The equations of a pass for one sample, and of the update where it is made of one."""
        passes, updates = self.passes, set(self.passes.updates)
        sums = {s: Equation(new, s) for s, new in passes.totals.items()} if self._one else {}
        found = [equation for e in passes.equations if self._one or e.lhs not in updates
                 for equation in (e, sums.get(e.lhs)) if equation]
        if not self._one and any(e.rhs.free_symbols & updates for e in found):
            raise ValueError("weights that are updated within a pass over several samples")
        return found

    @cached_property
    def _pass(self):
        return self._compiled(self._plain)

    @cached_property
    def _step(self):
        """What the update needs of a pass, and the update itself."""
        passes, updates = self.passes, set(self.passes.updates)
        wanted = {*passes.totals, *(s for _, s in passes.training.carry), *(updates if self._one else ())}
        return needed_by(self._plain, wanted), [e for e in passes.equations if e.lhs in updates]

    @cached_property
    def states(self):
        """{updates: [what is given to the pass of each sample]}, for every number of updates that a figure names."""
        passes, kept, after = self.passes, {}, self.after
        with precise(self.digits + GUARD):
            start = {s: self.exact(str(s), value) for s, value in passes.start.items()}
            known = [{**start, **{s: self.exact(str(s), value) for s, value in sample.items()}} for sample in passes.samples]
            for sample in passes.samples if self.backend == "mpmath" else ():
                within_domains(passes.forward, {**passes.start, **sample})
            order, following = tuple(known[0]), self._following(tuple(known[0]))
            rows = [[row[s] for s in order] for row in known]
            for t in range(max(after) + 1):
                if t in after:
                    kept[t] = [dict(zip(order, row, strict=True)) for row in rows]
                if t < max(after):
                    rows = following(rows, t)
        return kept

    def _following(self, order):
        """(rows, t) -> rows: what is given to each sample's pass after update number t, its values in an order."""
        passes, online, count = self.passes, self.passes.training.online, self.passes.count
        of_pass, of_update = self._step
        compute, computed = self._in_order(of_pass, order)
        summed = [computed.index(s) for s in passes.totals]
        update, updated = (None, computed) if self._one else self._in_order(of_update, (*order, *passes.totals.values()))
        moved = [(order.index(old), updated.index(new)) for old, new in passes.state.items()]
        carried = [(order.index(s), computed.index(q)) for s, q in passes.training.carry]

        def following(rows, t):
            turn = [t % count] if online else range(count)
            found = {k: compute(rows[k]) for k in turn}
            first = turn[0]
            after = found[first] if update is None else update(
                [*rows[first], *(self.reduce([found[k][j] for k in turn]) for j in summed)])
            new = [list(row) for row in rows]
            for k, row in enumerate(new):
                for i, j in moved:
                    row[i] = after[j]
                for i, j in carried:
                    row[i] = found[first if online else k][j]
            return new
        return following

    def quantities(self, after=0, sample=None):
        """Every quantity and every derivative that a figure names, by symbol (mpf)."""
        known = self.states[after] if sample is None else [self.states[after][sample - 1]]
        with precise(self.digits + GUARD):
            found = [{**given, **self._pass(given)} for given in known]
            if len(found) == 1:
                return found[0]
            fixed = self.passes.start.keys()
            return {s: value if s in fixed else self.reduce([f[s] for f in found]) for s, value in found[0].items()}

    def value(self, figure):
        """The exact value of a printed figure's quantity (mpf)."""
        key = figure.after, figure.sample
        if key not in self._seen:
            self._seen[key] = self.quantities(*key)
        known, s = self._seen[key], figure.symbol
        with precise(self.digits + GUARD):
            if s is not None:
                value = figure.sign*known[s]
            else:
                reading = self._reading(figure.expression)
                value = reading(*(known[s] for s in sorted(figure.expression.free_symbols, key=by_name)))
        return rounded(value, self.digits)

    def number(self, figure):
        """The value as a float; nan where it leaves the numbers."""
        try:
            return float(self.value(figure))
        except (ArithmeticError, ValueError, TypeError):
            return float("nan")

    def _reading(self, expression):
        if expression not in self._readings:
            program = Program(((total(self.passes.loss), expression),))
            compute = lambdify(program, self.backend).compute
            order = sorted(expression.free_symbols, key=by_name)
            self._readings[expression] = lambda *values: compute(
                *(dict(zip(order, values, strict=True))[s] for s in program.given))[0]
        return self._readings[expression]

    def _compiled(self, equations):
        """{symbol: number} -> {symbol: number} for some equations."""
        program = Program(tuple(equations))
        compute, given, defined = lambdify(program, self.backend).compute, program.given, program.defined
        return lambda known: dict(zip(defined, compute(*[known[s] for s in given]), strict=True))

    def _in_order(self, equations, order):
        """(numbers in an order -> what some equations define, in their order; that order)."""
        program = Program(tuple(equations))
        compute, places = lambdify(program, self.backend).compute, [order.index(s) for s in program.given]
        return lambda row: compute(*[row[i] for i in places]), program.defined

    @cached_property
    def _seen(self):
        return {}

    @cached_property
    def _readings(self):
        return {}


def needed_by(equations, wanted):
    """Of equations in order, those on which some quantities depend."""
    found, wanted = [], set(wanted)
    for e in reversed(equations):
        if e.lhs in wanted:
            found.append(e)
            wanted |= e.rhs.free_symbols
    return found[::-1]


RUN = {("total", "sum"): {"reduce": "sum", "online": False}, ("total", "mean"): {"reduce": "mean", "online": False},
       ("total", "online"): {"online": True}}


def variant(passes, hypotheses):
    """The passes with some hypotheses in them; None where these are none of equations, given numbers and the kind of update."""
    found = copy(passes)
    changes, training = {}, passes.training
    found.start, found.samples = dict(passes.start), [dict(sample) for sample in passes.samples]
    for h in (part for whole in hypotheses for part in whole.parts):
        if h.when != (None, 0, None) or h.readings or any(item not in RUN for item in h.settings.items()):
            return None
        changes |= {lhs: plain(rhs) for lhs, rhs in h.changes.items()}
        for item in h.settings.items():
            training = replace(training, **RUN[item])
        for (s, sample), value in h.given.items():
            for place in [found.start] if s in found.start else found.samples if sample is None else [found.samples[sample - 1]]:
                place[s] = value
    if any(isinstance(s, Owned) and s.identity[0] in (EARLIER, AT_FIRST) for rhs in changes.values() for s in rhs.free_symbols):
        return None
    found.training = training
    # a slope is computed from z as long as a = f(z): where a is another one, from a, as it is shown
    slopes = {e.lhs: passes.rhs[e.lhs] for e in passes.equations if not changes.keys().isdisjoint(e.rhs.free_symbols)}
    changes = slopes | changes
    found.equations = tuple(Equation(e.lhs, changes.get(e.lhs, e.rhs)) for e in passes.equations)
    return found
