"""Solutions: the answer, and how it is derived.

    solution("04.2")            a Solution: in a notebook the derivation as formulas

The derivation is not stored: it is the chain, or the forward pass, of the exercise's own network at its own numbers.
"""
from dataclasses import dataclass

from ..derive.chain import chain, count_paths
from ..derive.reverse import reverse
from ..describe.names import Partial
from ..describe.program import Program
from ..verify.replay import needed_by
from .exercise import Exercise
from .files import exercise
from .judges import right_option
from .kinds import KINDS

FEW = 4             # paths that are still written out
BLOCK = "\n\n```python\n{}\n```"
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
        worked = "values" in e.shows
        return tuple(_derived(e, s, worked) for s in sorted(e.asked, key=str) if isinstance(s, Partial)
                     or s in e.example.forward.defined)

    def __repr__(self):
        return "\n\n".join([f"Exercise {self.exercise.id}: {self.answer}", *map(repr, self.derivation), self.exercise.why])

    def _repr_markdown_(self):
        e = self.exercise
        answer = IN_CODE.get(e.kind, " {}").format(self.answer)
        return "\n\n".join([f"**Solution {e.id}.**{answer}", *(d._repr_latex_() for d in self.derivation), e.why])


def solution(id):
    """The solution of an exercise, a Solution: the answer, its derivation, and why.

    >>> print(solution("01.1").answer)
    0.51
    """
    return Solution(exercise(id))


def _derived(e, s, worked):
    """The chain of a derivative (the backward pass where its paths are many); the equations that lead to a quantity."""
    forward = e.example.forward
    if isinstance(s, Partial):
        if isinstance(s.of, Partial):
            forward = forward + reverse(forward, s.of.of, [s.of.wrt])
        if count_paths(forward, s.of, s.wrt) > FEW:
            return reverse(forward, s.of, [s.wrt])
        found = chain(forward, s.wrt, of=s.of)
    else:
        found = Program(tuple(needed_by(forward.equations, {s})), inputs=forward.inputs, targets=forward.targets,
                        parameters=forward.parameters)
    known = {**e.example.parameters, **e.example.samples[0]}
    return found.at(known) if worked else found
