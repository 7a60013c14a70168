"""Answers: right, or what went wrong, or the next hint.

    check("04.2", answer)       a Reply: true exactly where the answer is right, so that it can stand in an ``assert``
    hint("04.2")                the next of three hints

Nothing that a reader writes is evaluated; a function that a reader passes is called, and nothing else is.
"""
import html
import re
from dataclasses import dataclass, replace

from ..describe.nearest import said
from ..verify.answers import Answer
from .files import exercise
from .kinds import KINDS
from .progress import progress
from .wrong import Finding

STRONG, CODE = re.compile(r"(?<![*\w])\*(\w[^*]*)\*"), re.compile(r"`([^`]+)`")     # as Markdown marks them
NO_MORE = 'There is no further hint. bp.solution("{}") shows the way.'


@dataclass(frozen=True, repr=False)
class Reply(Answer):
    """What to say to an answer: ``text``, where the book settles it (``place``), a ``hint`` where nothing could be named."""

    place: str = ""
    hint: str = ""
    note: str = ""

    def __str__(self):
        return "\n".join(self._lines())

    __repr__ = __str__

    def _lines(self):
        yield self.text
        if self.hint:
            yield f"Hint: {self.hint}"
        if self.place and not self.right:
            yield f"The book settles it in {self.place}."
        if self.note:
            yield self.note

    def _repr_markdown_(self):
        first, *others = self._lines()
        head, dot, rest = first.partition(".")
        return "\n\n".join([f"**{head}{dot}**{rest}", *others])

    def _repr_html_(self):
        lines = [html.escape(line, quote=False) for line in self._lines()]
        return "".join("<p>" + CODE.sub(r"<code>\1</code>", STRONG.sub(r"<em>\1</em>", line)) + "</p>" for line in lines)


@dataclass(frozen=True, repr=False)
class Hint:
    """A hint, and which of three it is."""

    text: str
    number: int

    def __repr__(self):
        return f"Hint {self.number} of 3: {self.text}" if self.number else self.text

    def _repr_markdown_(self):
        return repr(self)


def check(id, answer):
    """Judge a reader's answer to an exercise: a Reply.

    ``answer`` is what the exercise asks for: a number or its digits as text, an expression as text or SymPy's, a Program or its
    lines, a function, one of several. A wrong one is traced to what went wrong, where that can be told; where not, the reply
    brings the next hint. Raises ValueError for an id that there is not.

    >>> print(check("01.1", "0.5100"))
    Right.
    >>> bool(check("01.1", "0.7"))
    False
    """
    e = exercise(id)
    kind = KINDS[e.kind]
    try:
        found = kind.judge(e, kind.read(e, answer))
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        found = Finding(False, f"This answer cannot be judged: {_shortened(error)}.", named=True, read=False)
    reply = Reply(found.right, found.text, found.slips, place=e.place if found.read else "")
    if not found.read:
        return reply
    named = found.right or found.named
    number, note = _counted(e, hint=not named, attempts=1, solved=found.right)
    return replace(reply, hint=e.hints[number - 1] if number else "", note=note)


def _counted(e, hint, **counts):
    """Count what happened in the reader's progress: which hint is the next (0: none is wanted, or left), and why none is kept."""
    number, note = 0, ""
    try:
        shown = progress().mark(e.id).hints
        number = shown + 1 if hint and shown < len(e.hints) else 0
        progress().add(e.id, hints=int(number > 0), **counts)
    except (ValueError, OSError) as error:
        number, note = number or int(hint), f"(Not marked: {error})"
    return number, note


def _shortened(error, most=400):
    text = " ".join(str(error).split()).removesuffix(".")
    return text if len(text) <= most else said(text)


def hint(id):
    """The next of the three hints of an exercise, a Hint; after the last it says so.

    >>> hint("01.2").number
    1
    """
    e = exercise(id)
    number, note = _counted(e, hint=True)
    return Hint(f"{e.hints[number - 1]} {note}".strip(), number) if number else Hint(NO_MORE.format(id), 0)
