"""What a training loop must know of a step: what is summed over a batch, recorded, used once, replaced.

    Step(program, columns, batches)     the parts of a step program, and what becomes of each quantity
    sample_axes(program, columns)       where the samples of an array lie
    taken_places(equations, updates)    which new values take the places of the old ones
    check_batches(program, ...)         a refusal of batches that the program cannot be computed for
"""
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from ...describe.dataflow import needed
from ...describe.names import Partial
from ...describe.program import Program
from ...describe.shapes import Extent, allowed_sizes
from ..cost import count
from .ahead import Ahead
from .probabilities import of_sums
from .sharing import occurrences, shared_steps, written_out

LONG = 12                   # operations up to which a quantity that is used once is written where it is used


def sample_size(program, columns):
    """The size that all columns have in common, and nothing else that is given has: how many samples there are; or None."""
    shapes = [program.shape.get(s, ()) for s in columns]
    others = {size for s in program.given if s not in columns for size in program.shape.get(s, ())}
    return next((size for size in (shapes[0] if shapes else ()) if isinstance(size, Extent) and size not in others
                 and all(size in shape for shape in shapes)), None)


def sample_axes(program, columns):
    """{column: the axis along which its samples lie}."""
    size, shapes = sample_size(program, columns), {s: program.shape.get(s, ()) for s in columns}
    return {s: shape.index(size) if size in shape else 0 for s, shape in shapes.items()}


def check_batches(program, columns, count, size):
    """Raise ValueError where batches of ``size`` of so many samples, or what is left for the last of them, are none."""
    if size == count:
        return
    letter, names = sample_size(program, columns), ", ".join(program.spelled[s] for s in columns)
    if letter is None:
        raise ValueError(f"batch: expected None, got {size}: {names} have no size of samples that nothing else has, so a part of "
                         "their rows cannot be computed alone; bp.batch(net, n) is the program of n such samples")
    for part, what in {count % size or size: "the last batch of an epoch", size: "a batch"}.items():
        allowed_sizes(program, {letter: part}, f" in {what}")


def taken_places(equations, updates):
    """{new: old} where a new value takes the place of the old one, because nothing later needs that."""
    position, last = {e.lhs: k for k, e in enumerate(equations)}, {}
    for k, e in enumerate(equations):
        last |= dict.fromkeys(e.rhs.free_symbols, k)           # where each symbol is used for the last time
    return {new: old for old, new in updates.items() if last.get(old, -1) <= position.get(new, -2)}


@dataclass(frozen=True)
class Step:
    """A step program: ``columns`` are the symbols that each sample has a value of its own for.

    ``batches``: whether an epoch has more than one, so that its loss takes a pass of its own.
    """

    program: Program
    columns: tuple
    batches: bool

    @property
    def folded(self):
        """Whether functions are computed in their folded forms."""
        return False

    @cached_property
    def parts(self):
        """(forward pass, forward and backward pass, update): the last follows on the gradients of a whole batch."""
        program = of_sums(self.program)
        program = program._with(needed(program.equations, program.loss, *program.updates.values()))
        gradients = {Partial(program.loss, p) for p in program.trainable}
        last = max(i for i, e in enumerate(program.equations) if e.lhs in gradients) + 1
        first, rest = program.equations[:last], program.equations[last:]
        if not self.columns and not self.batches:
            first, rest = shared_steps(first, rest, program)
        return (written_out(program.upto(program.loss), folded=self.folded),
                written_out(program._with(first, updates={}), folded=self.folded),
                program._with(rest, updates={}, loss=None, given=program.given + tuple(e.lhs for e in first)))

    @cached_property
    def axis(self):
        """{column: the axis of an array along which its samples lie}."""
        return sample_axes(self.program, self.columns)

    @property
    def state(self):
        """What a step changes."""
        return tuple(self.program.updates)

    @property
    def constants(self):
        """What stays the same."""
        changing = {*self.state, *self.columns}
        return tuple(s for s in self.program.given if s not in changing)

    @cached_property
    def reduced(self):
        """What a batch hands on: the gradients, and the loss, unless that takes a pass of its own."""
        _, gradient, update = self.parts
        defined, new = dict.fromkeys(gradient.defined), set(self.program.updates.values())
        early = (s for s in defined if s in new)                           # the slip of updating too early
        wanted = (*(s for s in update.given if s in defined), *early)
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
    def once(self):
        """What is used once: it is written where it is used, unless an update could change what it is made of before."""
        _, gradient, update = self.parts
        uses = Counter(s for e in (*gradient.equations, *update.equations) for s in occurrences(e.rhs))
        kept = {self.program.loss, *self.program.updates, *self.program.updates.values()}
        kept |= set(self.reduced) if self.columns or self.batches else set()
        late = {s for e in update.equations for s in e.rhs.free_symbols}
        moving, moved, cost = set(self.program.updates), {}, {}
        for e in gradient.equations:           # moved: whether it is made of something that an update changes
            if uses[e.lhs] == 1 and e.lhs not in kept and not isinstance(e.lhs, Ahead):
                moved[e.lhs] = any(s in moving or moved.get(s) for s in e.rhs.free_symbols)
                operations = count(e.rhs) + sum(cost.get(s, 0) for s in e.rhs.free_symbols)
                if operations <= LONG and not (e.lhs in late and moved[e.lhs]):
                    cost[e.lhs] = operations
        return frozenset(cost)
