"""An example in arrays is the example of their entries: what a file says of an array is said of each.

    flat(table)                 ({"W1[1,2]": "0.2"}, {"W1": shape}) of {"W1": [["0.1", "0.2"]]}
    nested(values)              {"W1": [[...]]} of the first again
    in_numbers(program, sizes)  the program of the entries; ValueError where there are too many of them
    each_entry(program, rows)   the same, and the entries of each row of values
    named(program)              {"W1[1,2]": symbol} of a program in numbers; shapes_of(program) {"W1": shape} of one in arrays
    each(text, printed, shapes) (text, number) for each entry: d(E)/d(W1[1,2]) for d(E)/d(W1)
    bracketed(text, names)      the text with a name for each W1[1,2], and what the names mean
"""
import re
from math import prod

from ..compute.evaluate import arrays_given, by_entry
from ..derive.entries import entries, indices
from ..describe.matrices import written
from ..describe.names import WORDS, spell
from ..describe.nearest import unknown

MOST = 2_000            # entries of an example
WORD = re.compile(r"\w+")
ENTRY = re.compile(r"(?<!\w)([^\W\d]\w*)\s*\[([^\[\]]*)\]")


def entry(name, at):
    """The text of an entry, its indices from 0.

    >>> entry("W1", (0, 1))
    'W1[1,2]'
    """
    return f"{name}[{','.join(str(i + 1) for i in at)}]" if at else name


def shape_of_rows(value):
    """The shape of a list, or of a list of rows; ValueError where it is neither.

    >>> shape_of_rows([["0.1", "0.2", "0.3"]])
    (1, 3)
    """
    if not isinstance(value, list):
        return ()
    shapes = {shape_of_rows(row) for row in value}
    if len(shapes) != 1 or len(shape := (len(value), *next(iter(shapes)))) > 2:
        raise ValueError(f"expected numbers, or rows of numbers that are all as long, got {excerpt_of(value)}")
    return shape


def excerpt_of(value):
    """What a list holds, in a few words."""
    lengths = sorted({len(row) if isinstance(row, list) else 0 for row in value})
    return "rows of lengths " + ", ".join(map(str, lengths)) if lengths else "an empty list"


def flat(table):
    """({name of an entry: what stands there}, {name: shape}) of a table in which some values are lists."""
    found, shapes = {}, {}
    for name, value in table.items():
        try:
            shape = shape_of_rows(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if (count := prod(shape)) > MOST:
            raise ValueError(f"{name}: {count:,} entries, more than {MOST:,}")
        shapes |= {name: shape} if shape else {}
        found |= {entry(name, at): _at(value, at) for at in indices(shape)}
    return found, shapes


def nested(values):
    """{name: value, list or list of rows} of {name of an entry: value}."""
    found = {}
    for name, value in values.items():
        array, bracket, at = name.partition("[")
        if not bracket:
            found[name] = value
            continue
        place = found.setdefault(array, [])
        for i in at.rstrip("]").split(",")[:-1]:
            place.extend([] for _ in range(int(i) - len(place)))
            place = place[int(i) - 1]
        place.append(value)
    return found


def in_numbers(program, letters=None):
    """The program in its entries; ``letters`` are the sizes that it leaves open."""
    of = letters or {}
    count = sum(int(prod(size.xreplace(of) for size in program.shape[s])) for s in (*program.given, *program.defined))
    if count > MOST:
        raise ValueError(f"the arrays have {count:,} entries together, more than {MOST:,}")
    return entries(program, letters)


def each_entry(program, rows):
    """(the program in its entries, rows of {entry: value}) of rows of {array: value}, whose shapes must be the same."""
    found = [arrays_given(program, row) for row in rows]
    if odd := next((letters for _, letters in found if letters != found[0][1]), None):
        raise ValueError(f"samples: expected arrays of the same sizes, got {found[0][1]} and {odd}")
    return in_numbers(program, found[0][1]), [by_entry(arrays) for arrays, _ in found]


def named(program):
    """{text: symbol} of what a program of numbers computes with, entries as W1[1,2]."""
    return {spell(s, WORDS): s for s in (*program.inputs, *program.targets, *program.parameters, *program.defined)}


def shapes_of(program):
    """{name: shape} of the arrays of a program; of none, {}."""
    return {} if program is None else {s.name: tuple(map(int, shape)) for s, shape in program.shape.items() if shape}


def each(text, printed, shapes):
    """(text, number) for each entry of what was printed for an array; ``shapes`` maps the names of arrays to shapes."""
    shape, arrays = shape_of_rows(printed), {name for name in WORD.findall(text) if name in shapes}
    if odd := sorted(name for name in arrays if shapes[name] != shape):
        raise ValueError(f"{odd[0]} has the shape {written(shapes[odd[0]])}, and what is printed for {text} {written(shape)}")
    if not arrays:
        raise ValueError(f"{text} is no array, and what is printed for it has the shape {written(shape)}")
    for at in indices(shape):
        yield WORD.sub(lambda word, at=at: entry(word[0], at if word[0] in arrays else ()), text), _at(printed, at)


def bracketed(text, names):
    """(text, names) in which each W1[1,2] has a name of its own; ValueError for an entry that there is not."""
    found = {}

    def put(match):
        entry_text = f"{match[1]}[{match[2].replace(' ', '')}]"
        if entry_text not in names:
            raise ValueError(unknown("entry", entry_text, names))
        name = f"entry_{len(found)}"
        while name in names:
            name += "_"
        found[name] = names[entry_text]
        return name

    return ENTRY.sub(put, text), {**names, **found} if found else names


def _at(value, at):
    for i in at:
        value = value[i]
    return value
