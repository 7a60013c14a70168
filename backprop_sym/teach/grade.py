"""A class graded: right, right but for rounding, following from an earlier error, a misconception by its name, imprecise, blank.

    grade("KEY.toml", "ANSWERS.csv")        Grades: a row for each student; .to_csv(), .summary(), .histogram()

How the answers of one student are marked says ``marks``.
"""
import csv
import io
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property

from tqdm import tqdm

from ..describe.arguments import expect
from ..show.figures import figure
from ..show.tables import Table
from .key import answers_of, is_common, sheet_of
from .marks import POINTS, hypotheses, marks
from .students import harmless


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
    no file, ValueError for a key or a table that cannot be used. Unknown students are not graded, and noted; by a sheet that
    was made without names everybody in the table is.
    """
    expect("grade", key=key, answers=answers, progress=progress)
    sheet = sheet_of(key)
    given, notes = answers_of(answers, sheet)
    like = hypotheses(sheet)
    first = sheet.variants[0]
    students = [replace(first, student=name) for name in given] if is_common(sheet) else [
        v for v in sheet.variants if v.student in given]
    bar = tqdm(students, unit="student", disable=progress is False, leave=False)
    return Grades(sheet.columns, tuple(Graded(v.student, marks(sheet, v, given[v.student], like)) for v in bar), tuple(notes))


def _many(number, what):
    return f"{number} {what}{'s'*(number != 1)}"
