"""The names of students: what tells them apart, a list of them, and how they are written where formulas are read.

    folded(name)                what a name is known by; two names that fold to the same are one
    told_apart(names)           the names, where each is known by one of its own
    students_of(path)           the names in a text, one a line
    harmless(text)              a text that no spreadsheet takes for a formula
"""
import re
import unicodedata

from ..data.csvfile import lines_of

MOST_BYTES = 4_000_000      # of a list of students
NUMBER = re.compile(r"[+-]?[\d.]+(e[+-]?\d+)?")


def folded(name):
    """A name without what differs from list to list: spaces, capitals, the apostrophe before a formula.

    >>> folded(" Anna\\u00a0Lee "), folded("'=1+2"), folded("STRAUSS") == folded("Strauß")
    ('anna lee', '=1+2', True)
    """
    return " ".join(unicodedata.normalize("NFC", name).strip().removeprefix("'").split()).casefold()


def told_apart(names):
    """The names as a list. Raises ValueError for two that are one in a table of answers, and for one that is none.

    >>> told_apart(["Anna", "Bo", "anna "])
    Traceback (most recent call last):
        ...
    ValueError: students: 'Anna' and 'anna ' are one name in a table of answers: write them so that they differ, such as 'anna 2'
    """
    seen = {}
    for name in names:
        key = folded(name)
        if not key or any(c == "\0" or unicodedata.category(c) == "Cs" for c in name):
            raise ValueError(f"students: expected names that can be read and written, got {name!r}")
        if key in seen:
            raise ValueError(f"students: {seen[key]!r} and {name!r} are one name in a table of answers: "
                             f"write them so that they differ, such as {name.strip() + ' 2'!r}")
        seen[key] = name
    return list(names)


def students_of(path):
    """The names in a text file, one a line. Raises OSError for what is no file, ValueError for what is no text of names."""
    names = [name for line in lines_of(path, MOST_BYTES).read().splitlines() if (name := line.strip())]
    if not names:
        raise ValueError(f"{path}: expected a name on each line, got none")
    return names


def harmless(text):
    """A text that no spreadsheet takes for a formula, whatever stands before the sign, and however wide it is.

    >>> harmless("=1+2"), harmless(" \\uff1d1"), harmless("Ada"), harmless("-0.5")
    ("'=1+2", "' \uff1d1", 'Ada', '-0.5')
    """
    first = next((c for c in text if unicodedata.category(c)[0] not in "CZ"), "")
    formula = unicodedata.normalize("NFKC", first) in ("=", "+", "-", "@") or text[:1] in ("\t", "\r", "\n")
    return "'" + text if formula and not NUMBER.fullmatch(text) else text
