"""An exercise: a question about a network, what is known of its wrong answers, and three hints. How it is shown.

    Exercise                    frozen data; in a notebook the question, with a field for the answer
    Mistake                     a wrong answer that has a reason

The right answer is nowhere: it is computed, from the network and the quantity that is asked for.
"""
from dataclasses import dataclass, field

from ..describe.doors import ask
from ..describe.names import Partial
from ..show.latex import name_latex, program_latex
from ..verify.example import PrintedFigure, WorkedExample
from .worth import starting


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that has a reason: what was computed ``instead``, or which option was chosen; and what to say to it."""

    says: str
    instead: PrintedFigure | None = None
    answer: str = ""


@dataclass(frozen=True, repr=False)
class Exercise:
    """A question, of a ``kind`` (see ``kinds``). ``figure`` is the quantity that is asked for, of the network of ``example``, to
    ``digits`` digits; ``options`` are {key: words} where one is to be chosen, ``compared`` {key: quantity} where the largest is.

    ``form`` is the form that an answer must have besides, one of ``form.FORMS``.
    ``settled`` is (chapter, heading): the place of the book that settles it. ``why`` explains the answer.
    """

    id: str
    kind: str
    question: str
    settled: tuple
    hints: tuple
    why: str
    example: WorkedExample | None = None
    figure: PrintedFigure | None = None
    digits: int = 4
    mistakes: tuple = ()
    options: dict = field(default_factory=dict)
    right: str = ""
    compared: dict = field(default_factory=dict)
    lines: tuple = ()
    uses: tuple = ()
    arguments: tuple = ()
    tests: tuple = ()
    code: str = ""
    takes: str = ""
    shows: tuple = ()
    form: str = ""

    @property
    def place(self):
        """The place of the book that settles it, in words: chapter 4, "Forks add"."""
        chapter, heading = self.settled
        return f'chapter {int(chapter[:2])}, "{heading}"'

    @property
    def asked(self):
        """The symbols of everything that is asked for or compared."""
        figures = [f for f in (self.figure, *self.compared.values()) if f is not None]
        return {s for f in figures for s in f.expression.free_symbols}

    @property
    def concerned(self):
        """The quantities of the network in what is asked for: E and w of d(E)/d(w)."""
        return {part for s in self.asked for part in _parts_of(s)}

    @property
    def network(self):
        """The part of the forward pass that knows all that is asked for; None where there is no network."""
        if self.example is None:
            return None
        forward = self.example.forward
        needed = self.concerned | ({forward.loss} if self.figure and self.figure.after else set())
        parts = map(forward.upto, forward.defined)
        return next((part for part in parts if needed <= {*part.defined, *part.given}), forward)

    @property
    def seen(self):
        """The names that a reader has been shown: in equations, beside numbers, or to write an answer with."""
        net = self.network
        symbols = [*net.given] if "values" in self.shows else []
        symbols += [*net.given, *net.defined] if "equations" in self.shows else []
        symbols += [*net.given, self.figure.symbol] if self.kind == "program" else []
        return {net.spelled[s] for s in symbols} | {*self.uses, *self.arguments}

    @property
    def how(self):
        """How to answer, in a sentence."""
        return f'Answer with bp.check("{self.id}", answer): {self.takes}.'

    def _given(self, write):
        """The numbers that the exercise starts from, each written, where it shows them."""
        return starting(self.example, self.network, write) if "values" in self.shows else ""

    def _parts(self, equations, given, option):
        """What is shown, part by part."""
        yield self.question
        if "equations" in self.shows:
            yield equations(self.network)
        if "values" in self.shows:
            yield given
        if self.lines or self.options:
            yield "\n".join(option(key, words) for key, words in self.options.items())

    def __repr__(self):
        given = self._given("{} = {}".format)
        return "\n\n".join([f"Exercise {self.id}", *self._parts(repr, given, "{}: {}".format), self.how])

    def _repr_markdown_(self):
        given = self._given(lambda name, number: f"${name_latex(name)} = {number}$")
        code = "`" if self.lines else ""
        parts = self._parts(lambda net: f"$${program_latex(net)}$$", given,
                            lambda key, words: f"- **{key}**: {code}{words}{code}")
        return "\n\n".join([f"**Exercise {self.id}.** {next(parts)}", *parts])

    def _ipython_display_(self):
        """In a notebook: the question, and below it how to answer, or a field for the answer where there are widgets."""
        ask("exercise in a notebook", self)


def _parts_of(s):
    """A symbol; of a derivative those of what it is the derivative of, and by what."""
    return _parts_of(s.of) | _parts_of(s.wrt) if isinstance(s, Partial) else {s}
