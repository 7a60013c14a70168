"""CSV files, as programs and as spreadsheets write them: a line of names, then a line for each sample.

    csv(path, target)           a Dataset: one column holds the class, or a measurement; others hold numbers
    cells(path, most)           what any such file holds: its header, and the texts of each line

Columns are separated by commas, semicolons, tabs or bars; where it is not by commas, numbers may have a decimal comma. Every
complaint says in which line, counted from 1 as editors count, and in which column. Nothing is carried out: "=1+2" is no number.
"""
import codecs
import re
from array import array
from collections import Counter
from csv import Error, reader
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path

import numpy as np

from ..describe.nearest import excerpt, unknown
from .file import contents
from .given import LARGEST, arrays
from .labels import MOST_NUMBERS, named
from .labels import decimal as number
from .measured import measured as numbers_of

MOST_BYTES = 100_000_000
MOST_LINE = 1_000_000   # characters
# In the order in which they are preferred: a comma may also stand within a name.
SEPARATORS = ("\t", ";", "|", ",")
DECIMALS = (".", ",")
COMMA = str.maketrans(",.", ".,")      # what a decimal comma is to us, and a point that is none
# How a text can begin that says in which encoding it is.
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def csv(path, target, features=None, classes=None, *, measured=False, separator=None, decimal=None, encoding="utf-8", seed=0,
        name=None):
    """The Dataset in a CSV file with a header (or one packed by gzip); ``target`` is the column with the class of each sample.

    With ``measured=True`` the target is no class but a measurement: a number, which is learnt as it is (regression). A column
    of numbers is one of classes where nothing else is said, as in 0 and 1 for no and yes.

    ``features`` are the columns that hold numbers, in the order wanted; left out, all but the target. ``classes`` are the names
    of the classes in the order wanted; left out, what stands in the column: numbers by size, then words by the alphabet. Left
    out, the separator is the one that divides the header into most columns, and the decimal mark the first that is met in a
    number. A byte order mark is believed before ``encoding``. ``arrays`` says how rows are divided into parts.

    Raises OSError for what is no file; ValueError, with line and column, for a line of another length than the header, a cell
    that is no finite number, a class that is none of ``classes``; for a name that is no column (with the nearest ones), is
    missing or stands twice; for a file that is empty, no text, or too large.

        bp.data.csv("flowers.csv", target="species", features=["petal length (cm)", "petal width (cm)"])
        bp.data.csv("houses.csv", target="price", measured=True).standardized()
    """
    for what, given, allowed in (("separator", separator, SEPARATORS), ("decimal", decimal, DECIMALS)):
        if given is not None and given not in allowed:
            raise ValueError(f"{what}: expected one of {', '.join(map(repr, allowed))}, got {given!r:.60}")
    if not isinstance(measured, bool):
        raise TypeError(f"measured: expected True for a measurement, False for a class, got {measured!r:.60}")
    if measured and classes is not None:
        raise ValueError(f"classes: expected none for {target!r:.60}, which is a measurement (measured=True)")
    lines = _lines(path, encoding, MOST_BYTES)
    separator = separator or _separator(lines)
    records = _records(path, lines, separator)
    _, header = next(records, (0, None))
    if header is None:
        raise ValueError(f"{path}: expected a line with the names of the columns, got an empty file")
    place, columns = _columns(path, [cell.strip() for cell in header], target, features)
    known = None if classes is None else named(classes)
    advice = {place: "leave measured=True out where it is a class"}
    read = Number(path, {**columns, target: place}, decimal or ("." if separator == "," else None), advice)
    of_target = partial(read, place=place) if measured else Class(path, target, known)
    X, found = _table(path, records, len(header), place, columns, of_target, read)
    same = {"seed": seed, "name": name or Path(path).name.partition(".")[0]}
    try:
        return numbers_of(X, found, target, list(columns), **same) if measured else arrays(X, found, known, list(columns), **same)
    except ValueError as error:
        meant = not measured and all(number(label) is not None for label in found)
        raise ValueError(f"{path}: column {target!r}: {error}" + meant*"; or say measured=True, if it is no class but a number "
                         "to be predicted") from None


def lines_of(path, most):
    """A stream of the lines of a text of at most so many bytes; what is no UTF-8 is read as older spreadsheets write it.

    Raises OSError for what is no file, ValueError for one that is too large, or no text.
    """
    try:
        return _lines(path, "utf-8", most)
    except ValueError as error:
        if "not a text in utf-8" not in str(error):
            raise
        return _lines(path, "cp1252", most)


def cells(path, most):
    """(header, [(line, texts)], whether numbers may have a decimal comma) of a file of at most so many bytes.

    Raises OSError for what is no file, ValueError for one that is empty, too large, or no table.
    """
    lines = lines_of(path, most)
    separator = _separator(lines)
    records = [(line, [cell.strip() for cell in row]) for line, row in _records(path, lines, separator)]
    if not records:
        raise ValueError(f"{path}: expected a line with the names of the columns, got an empty file")
    return records[0][1], records[1:], separator != ","


class Number:
    """Reads cells as numbers, all of one file with the same decimal mark: the one that is given, or the first that is met."""

    def __init__(self, path, columns, mark, advice):
        self.path, self.columns, self.mark, self.advice = path, {place: name for name, place in columns.items()}, mark, advice

    def __call__(self, line, cell, place):
        """The number in a cell; ValueError with line and column where it is none."""
        text = cell.strip()
        if self.mark is None and ("," in text or "." in text):
            self.mark = "," if "," in text else "."
        # In a file with decimal commas a point may divide thousands: such a number is refused, not guessed.
        value = number(text if self.mark != "," else text.translate(COMMA))
        if value is not None and abs(value) <= LARGEST:
            return value
        mark = "" if self.mark is None else f" with {'a decimal comma' if self.mark == ',' else 'a decimal point'}"
        raise ValueError(f"{self.path}: line {line}, column {self.columns[place]!r}: expected a finite number{mark}, "
                         f"got {excerpt(text)!r}; {self.advice.get(place, 'features=[...] chooses the columns to read')}")


class Class:
    """Reads cells as classes: any text, or one of those that are known."""

    def __init__(self, path, name, known):
        self.path, self.name, self.known = path, name, known

    def __call__(self, line, cell):
        """The class in a cell; ValueError with line and column where it is none."""
        label = cell.strip()
        if label and (not self.known or label in self.known):
            return label
        problem = unknown("class", label, self.known) if label else "expected a class, got nothing"
        raise ValueError(f"{self.path}: line {line}, column {self.name!r}: {problem}")


def _table(path, records, width, place, columns, of_target, read):
    """The numbers, of shape (samples, features), and what ``of_target`` reads in the target's place."""
    targets, cells = [], array("d")
    for line, row in records:
        if len(row) != width:
            raise ValueError(f"{path}: line {line}: expected {width} cells as in the header, got {len(row)}")
        targets.append(of_target(line, row[place]))
        cells.extend(read(line, row[i], i) for i in columns.values())
        if len(cells) > MOST_NUMBERS:
            raise ValueError(f"{path}: line {line}: expected at most {MOST_NUMBERS:,} numbers in all")
    if not targets:
        raise ValueError(f"{path}: expected lines below the header, got none")
    return np.frombuffer(cells).reshape(len(targets), -1), targets


def _columns(path, header, target, features):
    """The place of the target, and {name: place} of the features: names that stand in the header once."""
    if not isinstance(target, str):
        raise TypeError(f"target: expected the name of a column, got {target!r:.60}")
    if features is not None and (isinstance(features, str) or not all(isinstance(name, str) for name in features)):
        raise TypeError(f"features: expected a list of names of columns, got {features!r:.60}")
    chosen = [name for name in header if name != target] if features is None else list(features)
    if not chosen:
        raise ValueError(f"{path}: expected columns with numbers beside {target!r}, got none")
    times = Counter([*header, *chosen, target])
    for name in (target, *chosen):
        if name not in header:
            raise ValueError(f"{path}: {unknown('column', name, filter(None, header))}")
        if not name:
            raise ValueError(f"{path}: column {header.index(name) + 1} of {len(header)} has no name; "
                             "give it one, or choose the columns to read with features=[...]")
        if times[name] > 2:
            where = "in the header" if header.count(name) > 1 else "among the target and the features"
            raise ValueError(f"{path}: the column {name!r} stands twice {where}")
    places = {name: place for place, name in enumerate(header)}
    return places[target], {name: places[name] for name in chosen}


def _records(path, lines, separator):
    """(line, cells) of each record, in order; the line is the one where it begins, and empty lines are passed over."""
    rows = reader(_bounded(path, lines), delimiter=separator, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except Error as error:
            raise ValueError(f"{path}: line {line}: {error}") from None
        if cells:
            yield line, cells


def _bounded(path, lines):
    """The lines, none of them longer than is meant by anybody."""
    for count, line in enumerate(iter(lambda: lines.readline(MOST_LINE + 1), ""), 1):
        if len(line) > MOST_LINE:
            raise ValueError(f"{path}: line {count}: expected at most {MOST_LINE:,} characters")
        yield line


def _separator(lines):
    """The separator that divides the header, the first line that is not empty, into most columns."""
    header = next((line for line in iter(lambda: lines.readline(MOST_LINE), "") if line.strip()), "")
    lines.seek(0)
    return max(SEPARATORS, key=re.sub('"[^"]*"', "", header).count)


def _lines(path, encoding, most):
    """The lines of a text file; ValueError where it is no text in this encoding."""
    data = contents(path, most)
    encoding = next((encoding for mark, encoding in MARKS.items() if data.startswith(mark)), encoding)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[:error.start].decode(encoding, "replace").count("\n") + 1
        raise ValueError(f"{path}: line {line}: not a text in {encoding}: {error.reason}; "
                         "older spreadsheets write encoding='cp1252'") from None
    except LookupError as error:
        raise ValueError(f"encoding: {error}") from None
    if "\0" in text:
        raise ValueError(f"{path}: not a text: it holds a zero byte; UTF-16 without a byte order mark is encoding='utf-16-le'")
    return TextIOWrapper(BytesIO(data), encoding, newline="")
