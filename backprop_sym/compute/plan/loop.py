"""The training loop as generated code: epochs around batches around samples around the step, all in one function.

    Loop(step, ...).source      the code of a function ``train``, in any dialect

A call of a function costs more than the arithmetic inside it, so the loop calls nothing but the functions of its math
module. Numbers are the same as those of the program, operation by operation.
"""
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from ...describe.names import Partial
from ...describe.program import Program
from ..lambdify import assignments, definitions, identifiers
from .sharing import occurrences, shared_steps, written_out

# The names that a loop gives itself.
RESERVED = re.compile(r"train|epochs?|every|keep|orders|cycles|length|size|count|start|stop|chosen|first|[ik]|r\d+|dims|mean|"
                      r"total|ndim|before|row|columns|constants|state|.*_(of|sum)")


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

    @cached_property
    def spread(self):
        """The names that are arrays, and then those of the state that become arrays because a step makes them depend on one."""
        found = dict.fromkeys(map(self.program.symbol, self.arrays))
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
            first, rest = shared_steps(first, rest, self.program)
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
        extra += sorted({*self.program.given} - {*whole.given}, key=str)   # what has cancelled
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
        uses = Counter(s for e in (*gradient.equations, *update.equations) for s in occurrences(e.rhs))
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
        """{name of a symbol: identifier}, for those that have a name of their own."""
        return {s.name: identifier for s, identifier in self.names.items() if not isinstance(s, sp.Dummy)}

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
