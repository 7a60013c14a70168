"""A layer from its lines: parsed, under the reader's names, in matrices or written out in numbers.

    layer(lines, shapes, ...)   the Program
    told(height=28, ...)        an error for what is no number of something, or neither True nor False
    names_itself                the decorator of layers: every error begins with the name of the layer, now and when it is used
"""
from dataclasses import replace
from functools import wraps

from ...describe.arguments import expect
from ...describe.names import symbol
from ...describe.nearest import lookup
from ...describe.program import Program
from ..entries import entries

FORMS = {"matrix": lambda program, samples: program,
         "scalar": lambda program, samples: entries(program, {"B": samples})}


def names_itself(function):
    """The function that makes a layer; what is wrong with its arguments, or with what it is given, is said with its name."""
    @wraps(function)
    def named(*arguments, **keywords):
        try:
            program = function(*arguments, **keywords)
        except (TypeError, ValueError) as error:
            if str(error).startswith(f"{function.__name__}("):         # an argument too many, or too few
                raise
            raise type(error)(f"{function.__name__}: {error}") from None
        return program._with(replace(e, layer=function.__name__) for e in program)
    return named


def layer(lines, shapes, names, mark="", form="matrix", samples=1, **roles):
    """The Program of some lines; ``names`` maps what it calls its inputs and its output to what the reader calls them.

    ``roles`` are the keywords of Program, in the names of the lines.
    """
    expect("layers", mark=mark, samples=samples)
    for name in names.values():
        expect("layers", x=name)
    if len(set(names.values())) < len(names):
        raise ValueError(f"expected another name for each of {', '.join(names)}, got {', '.join(map(repr, names.values()))}")
    form = lookup(FORMS, "form", form)
    program = Program.parse(lines, shapes=shapes, **roles)
    own = [s for s in (*program.given, *program.defined) if s.name not in names]
    new = {s: symbol(s.name + mark) for s in own if mark} | {symbol(a): symbol(b) for a, b in names.items() if a != b}
    return form(program.rename(new) if new else program, samples)


def told(**arguments):
    """Raise ValueError or TypeError where one of these is not what its name promises."""
    expect("layers", **arguments)
