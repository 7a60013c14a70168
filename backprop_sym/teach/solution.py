"""Solutions: the answer, and how it is derived.

    solution("04.2")            a Solution: in a notebook the derivation as formulas

The derivation is not stored: it is the chain, or the forward pass, of the exercise's own network at its own numbers.
"""
from dataclasses import dataclass

from ..derive.chain import chain, count_paths
from ..derive.reverse import reverse
from ..derive.unroll import unroll
from ..describe.copies import again
from ..describe.names import Partial
from ..describe.program import Program
from ..verify.passes import Passes
from ..verify.replay import needed_by
from .exercise import Exercise
from .files import exercise
from .judges import right_option
from .kinds import KINDS
from .line import last_line

FEW = 4             # paths that are still written out
BLOCK = "\n\n```python\n{}\n```"
AT_NUMBERS = "number", "sign", "largest"        # kinds whose answer is one at the numbers of the exercise
IN_CODE = {"function": BLOCK, "program": BLOCK, "expression": " `{}`", "bug": " line `{}`"}


@dataclass(frozen=True, repr=False)
class Solution:
    """The answer of an exercise, its derivation, and why."""

    exercise: Exercise

    @property
    def answer(self):
        """The answer in words."""
        e = self.exercise
        if e.options:
            return ": ".join(dict.fromkeys([right_option(e), e.options[right_option(e)]]))
        return e.code if e.kind == "function" else KINDS[e.kind].forms(e)[0].strip('"')

    @property
    def derivation(self):
        """What shows where the answer comes from: chains and programs, with numbers where the exercise has some."""
        e = self.exercise
        if e.example is None or e.kind in ("function", "bug"):
            return ()
        worked = e.kind in AT_NUMBERS
        lines = [_derived(e, s, worked) for s in sorted(e.asked, key=str) if isinstance(s, Partial)
                 or s in e.example.forward.defined or e.figure and e.figure.after]
        return (*lines, last) if worked and (last := last_line(e)) is not None else tuple(lines)

    def __repr__(self):
        return "\n\n".join([f"Exercise {self.exercise.id}: {self.answer}", *map(repr, self.derivation), self.exercise.why])

    def _repr_markdown_(self):
        e = self.exercise
        answer = IN_CODE.get(e.kind, " {}").format(self.answer)
        return "\n\n".join([f"**Solution {e.id}.**{answer}", *(d._repr_latex_() for d in self.derivation), e.why])


def solution(id):
    """The solution of an exercise, a Solution: the answer, its derivation, and why.

    >>> print(solution("01.1").answer)
    0.510
    """
    return Solution(exercise(id))


def _derived(e, s, worked):
    """The chain of a derivative (the backward pass where its paths are many); the equations that lead to a quantity."""
    forward, example = e.example.forward, e.example
    known = {**example.parameters, **example.samples[0]}
    if e.figure and e.figure.after:
        training = unroll(forward, e.figure.after, len(example.samples), example.training.optimizer)
        found, known = _leading_to(training, again(s, after=e.figure.after, carried=s in forward.parameters)), Passes(example)
        known = {**known.start, **known.samples[0]}
    elif isinstance(s, Partial):
        if isinstance(s.of, Partial):
            forward = forward + reverse(forward, s.of.of, [s.of.wrt])
        many = count_paths(forward, s.of, s.wrt) > FEW
        found = None if many else chain(forward, s.wrt, of=s.of)
        if many or [len(path.factors) for path in found.paths] == [1]:         # a chain of one factor is no chain
            found, known = reverse(forward, s.of, [s.wrt]), known | (forward.evaluate(known) if worked else {})
    else:
        found = _leading_to(forward, s)
    plain = isinstance(found, Program) and all(e.rhs.is_number for e in found.equations)
    return found if plain or not worked else found.at(known)                   # a number has nothing to put in


def _leading_to(program, s):
    """The equations that lead to a quantity."""
    roles = {role: getattr(program, role) for role in ("inputs", "targets", "parameters", "hyperparameters", "given")}
    return Program(tuple(needed_by(program.equations, {s})), **roles)
