"""The key of a worksheet, and the answers of a class, read.

    sheet_of(path)              the Worksheet whose KEY.toml this is
    answers_of(path, sheet)     {student: {column: text}} of a table as spreadsheets write it, and what is odd about it
"""
import re
from collections import Counter
from pathlib import Path

from ..data.csvfile import cells
from ..describe.nearest import nearest, unknown
from ..verify.checked import Tables
from ..verify.file import tables
from ..verify.toml import Loader
from .students import folded, told_apart
from .topics import TOPICS
from .worksheet import Variant, Worksheet
from .worth import with_numbers

MOST_BYTES = 20_000_000         # of the answers of a class
LONGEST = 60                    # characters of an answer
AFTER = re.compile(r"(.*) after ([\d,]{1,7}) updates?")
SHEET = {"topic": str, "level": int, "seed": str, "digits": int, "asked": (list, str)}
STUDENT = {"name": str, "numbers": dict}


def sheet_of(path):
    """The Worksheet of a key. Raises OSError where it cannot be read, ValueError for a file that is no key."""
    path = Path(path)
    return Key(path.name, tables(path)).sheet()


class Key(Tables):
    """Reads the tables of a key; every complaint says where."""

    def sheet(self):
        """The Worksheet."""
        for name in ("worksheet", "students"):
            if name not in self.data:
                self.fail("", f"the key {name!r} is missing: this is no key of a worksheet")
        own = {name: self.data[name] for name in ("worksheet", "students")}
        example = Loader(self.file, {k: v for k, v in self.data.items() if k not in own}).example("worksheet")
        top = self.table(own["worksheet"], "[worksheet]", SHEET, {})
        if top["topic"] not in TOPICS:
            self.fail("[worksheet]", unknown("topic", top["topic"], TOPICS))
        if not 1 <= top["digits"] <= 15:
            self.fail("[worksheet]", f"digits: expected 1 to 15, got {top['digits']}")
        sheet = Worksheet(top["topic"], top["level"], top["seed"], tuple(map(_asked, top["asked"])), (), top["digits"])
        try:
            sheet.figures(example)
        except ValueError as error:
            self.fail("[worksheet]", f"asked: {error}")
        if not isinstance(own["students"], list) or not own["students"]:
            self.fail("[[students]]", "expected at least one")
        variants = tuple(self.variant(entry, f"[[students]] {i}", example) for i, entry in enumerate(own["students"], 1))
        try:
            told_apart([v.student for v in variants] if len(variants) > 1 else [])
        except ValueError as error:
            self.fail("[[students]]", str(error))
        return Worksheet(sheet.topic, sheet.level, sheet.seed, sheet.asked, variants, sheet.digits)

    def variant(self, entry, where, example):
        """One student's numbers."""
        self.table(entry, where, STUDENT, {})
        numbers = self.numbers(entry["numbers"], where)
        if odd := set(numbers) ^ {*example.parameters, *example.samples[0]}:
            self.fail(where, f"numbers: {sorted(odd)[0]!r} is not in both, the student's numbers and the network's")
        return Variant(entry["name"], with_numbers(example, numbers))


def _asked(text):
    """The pair (quantity, updates) of a column."""
    match = AFTER.fullmatch(text)
    return (match[1], int(match[2].replace(",", ""))) if match else (text, 0)


def answers_of(path, sheet):
    """({student: {column: text}}, notes) of a class: a header with "student" and the columns of the sheet, then a line each.

    Columns that the sheet does not ask for are passed over. A sheet of one variant without a name is everybody's. Numbers may
    have a decimal comma, except where it separates the columns and nothing is quoted. Raises ValueError for a file without these
    columns, and where a column or a student stands twice.
    """
    header, records, _ = cells(path, MOST_BYTES)
    student, columns = _places(path, header, sheet)
    known = {folded(v.student): v.student for v in sheet.variants}
    common, found = is_common(sheet), {}
    notes = [f"no column for {name}: blank for all" for name in sheet.columns if name not in columns]
    for line, row in records:
        name = row[student] if student < len(row) else ""
        if not any(row):
            continue
        if common:
            known.setdefault(folded(name), " ".join(name.removeprefix("'").split()))
        if folded(name) not in known:
            notes.append(f"line {line}: unknown student {name[:LONGEST]!r}; "
                         + (nearest(name, known.values()) or "not in the key") + " (not graded)")
        elif known[folded(name)] in found:
            raise ValueError(f"{path}: line {line}: {name!r} stands twice")
        else:
            found[known[folded(name)]] = {column: row[i] if i < len(row) else "" for column, i in columns.items()}
    notes += [f"no line for {v.student}" for v in sheet.variants if v.student not in found and not common]
    return found, notes


def is_common(sheet):
    """Whether a sheet is the same for all: of one variant, which has no name."""
    return [v.student for v in sheet.variants] == [""]


def _places(path, header, sheet):
    """The place of the students' names, and {column: place} of the answers."""
    heads = [folded(name) for name in header]
    if "student" not in heads:
        raise ValueError(f"{path}: expected a column 'student', got {', '.join(map(repr, header[:8]))}")
    columns = {name: heads.index(folded(name)) for name in sheet.columns if folded(name) in heads}
    if not columns:
        raise ValueError(f"{path}: " + unknown("column", header[-1], sheet.columns))
    times = Counter(heads)
    for name in ("student", *columns):
        if times[folded(name)] > 1:
            raise ValueError(f"{path}: the column {name!r} stands twice in the header")
    return heads.index("student"), columns
