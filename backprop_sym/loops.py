"""The training loop as generated code: epochs around batches around samples around the step, all in one function.

    written_out(program)        the program with its activations written out, what they share computed once
    Loop(step, ...).source      the code of a function ``train``, in any dialect

A call of a function costs more than the arithmetic inside it, so the loop calls nothing but the functions of its math
module. Numbers are the same as those of the program, operation by operation.
"""
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from .functions import clipped
from .numeric import assignments, definitions, identifiers, shared_parts
from .program import Equation, Program
from .rules import Activation, ActivationSlope
from .symbols import Partial, symbol

# The names that a loop gives itself.
RESERVED = re.compile(r"train|epochs?|every|keep|orders|cycles|length|size|count|start|stop|chosen|first|[ik]|r\d+|dims|mean|"
                      r"total|ndim|row|columns|constants|state|.*_(of|sum)")


def written_out(program):
    """The same program with each activation and slope of a symbol written out in its stable form.

    What the value and the slope at one place share, such as exp(-abs(z)), becomes an equation of its own.
    """
    program = _named_arguments(program)
    forms, equations, done = _forms(program), [], {}
    uses = Counter(c for e in program.equations for c in e.rhs.atoms(Activation, ActivationSlope))

    def put(lhs, rhs):
        """One equation more; the roots of compound squares get names."""
        for square in sorted(_compound_squares(rhs), key=sp.default_sort_key):
            root = sp.Dummy(f"{lhs.name}_t{len(equations)}")
            equations.append(Equation(root, square.base))
            rhs = rhs.xreplace({square: root**square.exp})
        equations.append(Equation(lhs, rhs))
        return lhs

    for e in program.equations:
        calls = sorted((c for c in e.rhs.atoms(Activation, ActivationSlope) if c in forms.get(c.args[0], ())),
                       key=sp.default_sort_key)
        for z in dict.fromkeys(c.args[0] for c in calls):
            if z not in done:
                shared, results = shared_parts(forms[z].values(), (sp.Dummy(f"{z.name}_t{i}") for i in range(99)))
                shared, results = _reciprocals(shared, results)
                for name, value in shared:
                    put(name, value)
                done[z] = {call: put(sp.Dummy(f"{z.name}_t{len(equations)}"), result)
                           if uses[call] > 1 and not result.is_Symbol else result
                           for call, result in zip(forms[z], results, strict=True)}
        put(e.lhs, e.rhs.xreplace({c: done[c.args[0]][c] for c in calls}))
    return program._with(equations)


def _named_arguments(program):
    """The same, with an equation for what an activation is taken of, where that is more than a symbol."""
    names, equations = {}, []
    for e in program.equations:
        rhs = e.rhs
        while compound := {c.args[0] for c in rhs.atoms(Activation, ActivationSlope) if _rule(c).slope and c.args[0].args}:
            for z in sorted((z for z in compound if not any(z != other and z.has(other) for other in compound)),
                            key=sp.default_sort_key):          # the innermost
                if z not in names:
                    names[z] = sp.Dummy(f"{e.lhs.name}_z{len(names)}")
                    equations.append(Equation(names[z], z))
            rhs = rhs.xreplace(names)
        equations.append(Equation(e.lhs, rhs))
    return program._with(equations)


def _compound_squares(rhs):
    """Squares of more than a symbol: their root gets a name, for a product is faster than a power."""
    if rhs.has(sp.Piecewise):
        return []              # whose condition decides whether the root may be taken
    return [p for p in rhs.atoms(sp.Pow) if p.exp in (2, -2) and not p.base.is_Symbol]


def _reciprocals(shared, results):
    """The same, where what is only ever divided by becomes its reciprocal: one division in the place of several."""
    for name, _ in shared:
        users = [*(v for _, v in shared), *results]
        powers = {p for user in users for p in user.atoms(sp.Pow) if p.base == name}
        if len(powers) > 1 and all(p.exp.is_Integer and p.exp < 0 for p in powers) and not any(
                user.xreplace(dict.fromkeys(powers, sp.S.One)).has(name) for user in users):
            inverse = {p: name**-p.exp for p in powers}
            shared = [(n, 1/v if n == name else v.xreplace(inverse)) for n, v in shared]
            results = [r.xreplace(inverse) for r in results]
    return shared, results


def _forms(program):
    """{z: {call: stable form}} for the functions of one symbol."""
    forms = {}
    for e in program.equations:
        if e.rhs.has(Activation, ActivationSlope):
            for c in e.rhs.atoms(Activation, ActivationSlope):
                if c.args[0].is_Symbol and _rule(c).slope:
                    form = _rule(c).stable_slope if isinstance(c, ActivationSlope) else _rule(c).stable
                    forms.setdefault(c.args[0], {})[c] = form(c.args[0])
    return {z: dict(sorted(calls.items(), key=lambda item: sp.default_sort_key(item[0]))) for z, calls in forms.items()}


def _rule(call):
    return (call.of if isinstance(call, ActivationSlope) else call).rule


@dataclass(frozen=True)
class Loop:
    """A step program as a loop: ``columns`` are the names that each sample has a value of its own for.

    ``batches``: whether an epoch has more than one, so that its loss takes a pass of its own. ``reduce`` is "mean" or
    "sum". ``arrays``: the names that are arrays, for many networks at once. The generated function is

        train(epochs, every, keep, orders, cycles, length, size, count, *columns, *constants, *state) -> state

    ``orders`` holds the indices of the samples of ``cycles`` epochs (used in turn), ``length`` for each; a batch has
    ``size`` of them; ``count`` is the number of samples. At each ``every``-th epoch, before its first update, the loss and
    the state are kept.
    """

    program: Program
    columns: tuple
    batches: bool
    reduce: str
    dialect: type
    arrays: tuple = ()

    def __post_init__(self):
        object.__setattr__(self, "arrays", self._spread(self.arrays))

    def _spread(self, arrays):
        """The names that are arrays, and then those of the state that become arrays because a step makes them depend on one."""
        found = dict.fromkeys(map(symbol, arrays))
        while True:
            reached = set(found)
            for e in self.program.equations:
                if not reached.isdisjoint(e.rhs.free_symbols):
                    reached.add(e.lhs)
            new = [old for old, new in self.program.updates.items() if new in reached and old not in found]
            if not new:
                return tuple(s.name for s in found)
            found |= dict.fromkeys(new)

    @cached_property
    def parts(self):
        """(forward pass, forward and backward pass, update): the last follows on the gradients of a whole batch."""
        gradients = {Partial(self.program.loss, p) for p in self.program.trainable}
        last = max(i for i, e in enumerate(self.program.equations) if e.lhs in gradients) + 1
        first, rest = self.program.equations[:last], self.program.equations[last:]
        if not self.columns and not self.batches:
            first, rest = _shared_steps(first, rest, self.program)
        return (written_out(self.program.upto(self.program.loss)),
                written_out(self.program._with(first, updates={})),
                self.program._with(rest, updates={}, loss=None, given=self.program.given + tuple(e.lhs for e in first)))

    @property
    def state(self):
        """The names that a step changes."""
        return tuple(old.name for old in self.program.updates)

    @property
    def constants(self):
        """The names that stay the same."""
        changing = {*self.state, *self.columns}
        return tuple(s.name for s in self.program.given if s.name not in changing)

    @cached_property
    def reduced(self):
        """What a batch hands on: the gradients, and the loss, unless that takes a pass of its own."""
        _, gradient, update = self.parts
        defined = dict.fromkeys(gradient.defined)
        early = {new for new in self.program.updates.values() if new in defined}       # the slip of updating too early
        wanted = (*(s for s in update.given if s in defined), *sorted(early, key=str))
        return tuple(dict.fromkeys((*([] if self.batches else [self.program.loss]), *wanted)))

    @cached_property
    def recorded(self):
        """What no update needs: it is computed where an epoch is kept (or on the way, where the loss is a sum of samples')."""
        _, gradient, update = self.parts
        used = {*self.program.updates.values(), *(self.reduced if self.columns else ())}
        used = used.union(*(e.rhs.free_symbols for e in update.equations))
        for e in reversed(gradient.equations):
            if e.lhs in used:
                used |= e.rhs.free_symbols
        return frozenset(s for s in gradient.defined if s not in used)

    @cached_property
    def names(self):
        """{symbol: identifier}; a new value takes the old one's name as soon as nothing later needs the old one."""
        forward, gradient, update = self.parts
        whole = gradient._with((*gradient.equations, *update.equations), given=self.program.given, updates={})
        extra = [s for s in forward.defined if s not in gradient]          # the shared parts of a pass of its own
        names = identifiers(whole, extra, RESERVED)
        position, last = {e.lhs: k for k, e in enumerate(update.equations)}, {}
        for k, e in enumerate(update.equations):
            last |= dict.fromkeys(e.rhs.free_symbols, k)           # where each symbol is used for the last time
        for old, new in self.program.updates.items():
            if last.get(old, -1) <= position.get(new, -2):
                names[new] = names[old]
        return names

    @cached_property
    def source(self):
        """The code, complete in itself."""
        write = self.dialect(self.program.rank, dict(self.names))
        write.floats = write.floats or write.loop_floats
        write.once, write.declared = self.once, {self.by_name[name] for name in self.state}
        main = write.define_train(self, _array_loop(self, write) if write.arrays else _scalar_loop(self, write))
        text = "\n".join([*definitions(write), *main, ""])
        header = write.header(text)
        return header + ("\n\n" if header else "") + text

    @cached_property
    def once(self):
        """What is used once: it is written where it is used, unless an update could change what it is made of before."""
        _, gradient, update = self.parts
        uses = Counter(s for e in (*gradient.equations, *update.equations) for s in _symbols(e.rhs))
        kept = {self.program.loss, *self.program.updates, *self.program.updates.values()}
        kept |= set(self.reduced) if self.columns or self.batches else set()
        late = {s for e in update.equations for s in e.rhs.free_symbols}
        moving, once = set(self.program.updates), set()
        moved = {}                     # whether it is made of something that an update changes
        for e in gradient.equations:
            if uses[e.lhs] == 1 and e.lhs not in kept:
                moved[e.lhs] = any(s in moving or moved.get(s) for s in e.rhs.free_symbols)
                if not (e.lhs in late and moved[e.lhs]):
                    once.add(e.lhs)
        return once

    @cached_property
    def by_name(self):
        """{name of a symbol: identifier}"""
        return {s.name: identifier for s, identifier in self.names.items()}

    # ---- the lines that all dialects share

    def step_lines(self, write):
        """Forward and backward pass: what the update needs."""
        return assignments([e for e in self.parts[1] if e.lhs not in self.recorded], write)

    def update_lines(self, write):
        """The update, and the new values under the old names."""
        lines = assignments(self.parts[2], write)
        moved = [(self.names[old], self.names[new]) for old, new in self.program.updates.items()
                 if self.names[old] != self.names[new]]
        return [*lines, *(write.assign([old], new) for old, new in moved)]

    def keep_lines(self, write):
        """The record of an epoch, if it is to be kept."""
        return write.when("epoch % every == 0", [
            *assignments([e for e in self.parts[1] if e.lhs in self.recorded], write),
            *write.keep([self.names[self.program.loss], *map(self.by_name.get, self.state)])])


def _shared_steps(gradient, update, program):
    """The same equations with eta*dE/dz, by which all weights of a unit move, computed once for the unit.

    The update of a weight holds eta*g with g = dE/dz*a: there stands (eta*dE/dz)*a instead.
    """
    products = {e.lhs: e.rhs for e in gradient if e.rhs.is_Symbol or (
        e.rhs.is_Mul and len(e.rhs.args) == 2 and all(f.is_Symbol for f in e.rhs.args))}
    uses = Counter(s for e in (*gradient, *update) for s in _symbols(e.rhs))
    moves, factors = {}, Counter()                     # {equation: (its term eta*g, adjoint, the rest)}
    for e in update:
        for term in sp.Add.make_args(e.rhs):
            symbols = [f for f in term.args if f.is_Symbol] if term.is_Mul else []
            g = next((s for s in symbols if s in products and uses[s] == 1), None)
            if g is not None and len(symbols) == 2 and set(term.args) - set(symbols) <= {sp.S.NegativeOne}:
                adjoints = [f for f in sp.Mul.make_args(products[g]) if isinstance(f, Partial)]
                if len(adjoints) == 1:
                    rate, = set(symbols) - {g}
                    moves[e.lhs] = term, rate, adjoints[0], products[g]/adjoints[0]
                    factors[rate, adjoints[0]] += 1
    if rates := {rate for rate, _ in factors} & {*program.defined, *program.updates}:
        factors = Counter({pair: n for pair, n in factors.items() if pair[0] not in rates})
    names = {pair: sp.Dummy(f"{pair[0].name}_{pair[1].name}") for pair, n in factors.items() if n > 1}
    shared = [Equation(name, sp.Mul(*pair)) for pair, name in names.items()]
    gone, changed = set(), []
    for e in update:
        term, rate, adjoint, rest = moves.get(e.lhs, (None,)*4)
        if (rate, adjoint) in names:
            gone |= term.free_symbols & products.keys()
            e = Equation(e.lhs, e.rhs - term - names[rate, adjoint]*rest)
        changed.append(e)
    return tuple(e for e in gradient if e.lhs not in gone), (*shared, *changed)


def _symbols(expression):
    """Every occurrence of a symbol in code: what a square or a choice holds is written twice."""
    for node in sp.preorder_traversal(expression):
        if node.is_Symbol:
            yield node
        elif node.is_Pow or node.is_Piecewise or isinstance(node, clipped):
            yield from node.free_symbols


def _scalar_loop(loop, write):
    """The loop for numbers: a sum over the samples of a batch."""
    if not loop.columns and not loop.batches:
        return write.count("epoch", "0", "epochs", "1",
                           [*loop.step_lines(write), *loop.keep_lines(write), *loop.update_lines(write)])
    loss = loop.names[loop.program.loss]
    sums = {loop.names[s]: f"{loop.names[s]}_sum" for s in loop.reduced}
    unpack = [write.assign([loop.by_name[n]], f"{loop.by_name[n]}_of[i]") for n in loop.columns]

    def reduced(name, count):
        return write.assign([name], f"{name}_sum/{count}" if loop.reduce == "mean" else f"{name}_sum")

    sample = [write.index("i", "orders[epoch % cycles*length + k]"), *unpack, *loop.step_lines(write),
              *(write.add(total, name) for name, total in sums.items())]
    batch = [write.index("stop", write.least("start + size", "length")),
             *(write.assign([total], "0.0") for total in sums.values()), *write.count("k", "start", "stop", "1", sample),
             *(reduced(name, "(stop - start)") for name in sums), *([] if loop.batches else loop.keep_lines(write)),
             *loop.update_lines(write)]
    lines = write.count("start", "0", "length", "size", batch)
    if loop.batches:
        each = [*unpack, *assignments(loop.parts[0], write), write.add(f"{loss}_sum", loss)]
        keep = write.keep([loss, *map(loop.by_name.get, loop.state)])
        lines = [*write.when("epoch % every == 0", [write.assign([f"{loss}_sum"], "0.0"),
                                                    *write.count("i", "0", "count", "1", each), reduced(loss, "count"), *keep]),
                 *lines]
    return write.count("epoch", "0", "epochs", "1", lines)


def _array_loop(loop, write):
    """The loop for arrays: the samples of a batch are the first axis of every array."""
    if not loop.columns and not loop.batches:
        return _scalar_loop(loop, write)
    loss, total = loop.names[loop.program.loss], "mean" if loop.reduce == "mean" else "total"

    def unpack(index):
        return [write.assign([loop.by_name[n]], f"{loop.by_name[n]}_of{index}") for n in loop.columns]

    def over(symbols, count):
        return [write.assign([loop.names[s]], f"{total}({loop.names[s]}, {count}, dims)") for s in symbols]

    batch = [write.assign(["chosen"], "orders[first + start:first + min(start + size, length)]"), *unpack("[chosen]"),
             *loop.step_lines(write), *over(loop.reduced, "len(chosen)"), *([] if loop.batches else loop.keep_lines(write)),
             *loop.update_lines(write)]
    lines = [write.assign(["first"], "epoch % cycles*length"), *write.count("start", "0", "length", "size", batch)]
    if loop.batches:
        keep = write.keep([loss, *map(loop.by_name.get, loop.state)])
        lines = [*write.when("epoch % every == 0", [*unpack(""), *assignments(loop.parts[0], write),
                                                    *over([loop.program.loss], "count"), *keep]), *lines]
    # what does not depend on the sample has no axis for it
    dims = "max(0, " + ", ".join(f"ndim({loop.by_name[n]})" for n in (*loop.constants, *loop.state)) + ")"
    return [write.assign(["dims"], dims), *write.count("epoch", "0", "epochs", "1", lines)]
