"""A class graded: right, right but for rounding, following from an earlier error, a misconception by its name, blank.

    grade("KEY.toml", "ANSWERS.csv")        Grades: a row for each student; .to_csv(), .summary(), .histogram()

A student's sheet is audited as a worked example is: one mistake, made once, is looked for behind all wrong answers. It costs the
point of the first of them; what follows from it, and what was computed from a wrong answer, is right in its method.
"""
import csv
import io
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property

from tqdm import tqdm

from ..describe.arguments import expect
from ..describe.nearest import lookup
from ..show.figures import figure
from ..show.tables import Table
from ..verify.search import Search, origin
from .key import answers_of, sheet_of
from .pages import harmless
from .readers import as_decimal
from .wrong import LIKELY

# What an answer can be, and its points.
POINTS = {"right": 1, "rounding": 1, "follow-on": 1, "wrong": 0, "unreadable": 0, "blank": 0}
UNNAMED = "not explained"
NO_METHOD = "copied"    # what is written down in many places is no mistake in working something out


@dataclass(frozen=True)
class Mark:
    """What one answer is, one of ``POINTS``; ``why`` names what went wrong. True where it has its point."""

    kind: str
    why: str = ""

    def __bool__(self):
        return POINTS[self.kind] > 0

    def __str__(self):
        return f"{self.kind}: {self.why}" if self.why else self.kind


@dataclass(frozen=True)
class Graded:
    """One student's marks, {column: Mark}."""

    student: str
    marks: dict

    @property
    def points(self):
        """The points of all answers together."""
        return sum(POINTS[m.kind] for m in self.marks.values())

    @property
    def mistakes(self):
        """The misconceptions, each once, in the order in which they came."""
        return tuple(dict.fromkeys(m.why for m in self.marks.values() if m.kind == "wrong"))


@dataclass(frozen=True, repr=False)
class Grades:
    """The students of a class, in the order of the key; ``notes`` say what was odd about the table of answers."""

    columns: tuple
    students: tuple
    notes: tuple = field(default=())

    @cached_property
    def table(self):
        """student, points, mistakes, and what each answer is, as a Table."""
        rows = tuple((g.student, str(g.points), "; ".join(g.mistakes), *(g.marks[c].kind for c in self.columns))
                     for g in self.students)
        return Table(("student", f"points of {len(self.columns)}", "mistakes", *self.columns), rows)

    def to_csv(self):
        """The table as CSV, in which no cell can be taken for a formula."""
        text = io.StringIO()
        lines = [self.table.headings, *self.table.rows]
        csv.writer(text, lineterminator="\n").writerows([[harmless(cell) for cell in line] for line in lines])
        return text.getvalue()

    @cached_property
    def misconceptions(self):
        """What went wrong, in how many sheets, the commonest first, as a Table."""
        count = Counter(why for g in self.students for why in g.mistakes)
        return Table(("mistake", "students"), tuple((why, str(n)) for why, n in count.most_common()))

    def summary(self):
        """What a teacher wants to know, as text: points, kinds of answers, misconceptions, and notes."""
        points = sorted(g.points for g in self.students)
        kinds = Counter(m.kind for g in self.students for m in g.marks.values())
        lines = [f"{_many(len(points), 'student')}, {_many(len(self.columns), 'answer')} each"]
        if points:
            lines.append(f"points: {points[0]} to {points[-1]}, half of the students have {points[len(points)//2]} or more")
        lines.append(", ".join(f"{kinds[kind]} {kind}" for kind in POINTS if kinds[kind]))
        for part in ([repr(self.misconceptions)] if self.misconceptions.rows else [], self.notes):
            lines += ["", *part] if part else []
        return "\n".join(lines)

    def histogram(self):
        """How many students have how many points, as a figure."""
        count, most = Counter(g.points for g in self.students), len(self.columns)
        made, axes = figure(alt="Bars: " + ", ".join(f"{_many(n, 'student')} with {_many(p, 'point')}"
                                                     for p, n in sorted(count.items())) + ".")
        axes.bar(range(most + 1), [count[p] for p in range(most + 1)], color="#0072B2")
        axes.set(xlabel="points", ylabel="students",
                 title=f"{_many(len(self.students), 'student')}, {_many(most, 'point')} at most")
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True)               # there are no halves of either
        return made

    def __repr__(self):
        return self.summary()

    def _repr_html_(self):
        return self.misconceptions._repr_html_()


def grade(key, answers, *, progress=None):
    """Grade the answers of a class: a table (CSV) with a column ``student`` and one for each quantity of the key.

    ``key`` and ``answers`` are paths. A bar shows the progress; with ``progress`` False none does. Raises OSError for what is
    no file, ValueError for a key or a table that cannot be used. Unknown students are not graded, and noted.
    """
    expect("grade", key=key, answers=answers, progress=progress)
    sheet = sheet_of(key)
    given, notes = answers_of(answers, sheet)
    like = _hypotheses(sheet)
    students = [v for v in sheet.variants if v.student in given]
    bar = tqdm(students, unit="student", disable=progress is False, leave=False)
    return Grades(sheet.columns, tuple(Graded(v.student, marks(sheet, v, given[v.student], like)) for v in bar), tuple(notes))


def _many(number, what):
    return f"{number} {what}{'s'*(number != 1)}"


def _hypotheses(sheet):
    """The Search of a sheet without a mistake, whose hypotheses serve all variants: these differ in numbers alone."""
    first = sheet.variants[0]
    right = sheet.answers(first)
    return Search(replace(first.example, figures=tuple(
        replace(f, printed=right[name]) for f, name in zip(sheet.figures(first.example), sheet.columns, strict=True))))


def marks_of(sheet, answers):
    """{column: Mark} of the first variant. Raises ValueError for a column that there is not."""
    for odd in answers:
        lookup(dict.fromkeys(sheet.columns), "quantity", odd)
    return marks(sheet, sheet.variants[0], answers, _hypotheses(sheet))


def marks(sheet, variant, answers, like):
    """{column: Mark} of one student's answers, texts or numbers."""
    found, figures, places = {}, [], []
    for (quantity, after), name in zip(sheet.asked, sheet.columns, strict=True):
        answer = answers.get(name)
        blank = answer is None or answer is ... or isinstance(answer, str) and not answer.strip()
        decimal = None if blank else _decimal(answer)
        found[name] = Mark("blank" if blank else "unreadable" if decimal is None else "wrong")
        if decimal is not None:
            figures.append(variant.example.figure(quantity, decimal, after))
            places.append(name)
    if figures:
        found |= dict(zip(places, _audited(replace(variant.example, figures=tuple(figures)), like), strict=True))
    return found


def _decimal(answer):
    """An answer as the text of a decimal; None for what is none."""
    try:
        return as_decimal(None, answer)
    except (ValueError, TypeError, ArithmeticError):
        return None


def _audited(example, like):
    """A Mark for each figure of a student's sheet."""
    search = Search(example, like=like)
    found = [Mark("right" if verdict == "ok" else "rounding") for verdict in search.figures.verdicts]
    for j in range(len(found)):
        if search.inherited[j]:
            why = origin(search, j)
            found[j] = Mark("follow-on" if why.startswith("the printed") else "rounding", f"follows from {why}")
        elif search.figures.wrong[j]:
            found[j] = Mark("wrong", UNNAMED)
    for cause in search.causes if any(m.kind == "wrong" for m in found) else ():
        named = cause.text if cause.certain or cause.chance < LIKELY else UNNAMED
        one = cause.certain and not cause.name.startswith(NO_METHOD)
        own = [j for j in cause.figures if found[j].kind != "follow-on"]
        for j in own:
            found[j] = Mark("follow-on" if one and j != own[0] else "wrong", named)
    return found
