"""A layer from its lines: parsed, under the reader's names, in matrices or written out in numbers.

    layer(lines, shapes, ...)   the Program
    told(height=28, ...)        an error for what is no number of something, or neither True nor False
"""
from ...describe.arguments import expect
from ...describe.names import symbol
from ...describe.nearest import lookup
from ...describe.program import Program
from ..entries import entries

FORMS = {"matrix": lambda program, samples: program,
         "scalar": lambda program, samples: entries(program, {"B": samples})}


def layer(lines, shapes, names, mark="", form="matrix", samples=1, **roles):
    """The Program of some lines; ``names`` maps what it calls its inputs and its output to what the reader calls them.

    ``roles`` are the keywords of Program, in the names of the lines.
    """
    expect("layers", mark=mark, samples=samples)
    for name in names.values():
        expect("layers", x=name)
    form = lookup(FORMS, "form", form)
    program = Program.parse(lines, shapes=shapes, **roles)
    own = [s for s in (*program.given, *program.defined) if s.name not in names]
    new = {s: symbol(s.name + mark) for s in own if mark} | {symbol(a): symbol(b) for a, b in names.items() if a != b}
    return form(program.rename(new) if new else program, samples)


def told(**arguments):
    """Raise ValueError or TypeError where one of these is not what its name promises."""
    expect("layers", **arguments)
