"""The kinds of exercises: one table, a row each.

    KINDS                       {name: Kind}: what it needs, what an answer is, how it is read and judged, two right answers

The right answers of a row are written by the package, as Python that a notebook can run: no file holds them.
"""
from collections.abc import Callable
from dataclasses import dataclass

from ..derive.chain import chain
from ..describe.digits import decimal
from ..describe.names import Partial
from ..describe.printer import Text
from .judges import of_expression, of_function, of_number, of_option, of_program, right_option
from .readers import as_decimal, as_expression, as_function, as_option, as_program
from .worth import worth

SIGNS = {"+": "positive", "-": "negative", "0": "zero"}


@dataclass(frozen=True)
class Kind:
    """``needs`` are keys that its entry in a file must have; ``takes`` what an answer is, in words (``e`` is the exercise);
    ``shows`` what is shown of the network; ``options`` what can be chosen; ``forms`` two right answers, as Python; ``rows`` are
    those of its field, 0 where it cannot be typed."""

    needs: tuple
    takes: str
    read: Callable
    judge: Callable
    forms: Callable
    shows: tuple = ()
    options: Callable = lambda exercise: exercise.options
    rows: int = 1


def _numbers(exercise):
    value, = worth(exercise.example, [exercise.figure])
    if value == round(value) and abs(value) < 10**9:
        return f'"{int(value)}"', str(int(value))
    return f'"{decimal(value, exercise.digits)}"', decimal(value, exercise.digits + 3)


def closed_form(exercise):
    """The expression that is asked for: what stands behind its symbols, in the quantities of the forward pass."""
    forward, e = exercise.example.forward, exercise.figure.expression
    behind = {s: chain(forward, s.wrt, of=s.of).expression if isinstance(s, Partial) else forward[s].rhs
              for s in e.free_symbols if isinstance(s, Partial) or s in forward.defined}
    return e.xreplace(behind)


def _expressions(exercise):
    text = exercise.code or Text(exercise.example.forward.rank, exercise.example.forward.spelled)(closed_form(exercise))
    return f'"{text}"', f'"({text})/2 + ({text})/2"' if "d(" in text else f'bp.parse("{text}")'


def _functions(exercise):
    name = exercise.code.partition("def ")[2].partition("(")[0]
    return name, f"lambda *numbers: sp.Float({name}(*numbers))"


def _programs(exercise):
    lines = repr(exercise.network).splitlines()
    listed = ",\n    ".join(f'"{line}"' for line in lines)
    return f"[\n    {listed}]", f"bp.Program.parse([\n    {listed}])"


def _options(exercise):
    key = right_option(exercise)
    return repr(key), repr(exercise.options[key].upper())


KINDS = {
    "number": Kind(("network", "quantity"), "a number, to {e.digits} significant digits", as_decimal, of_number, _numbers,
                   ("equations", "values")),
    "expression": Kind(("network", "quantity"), "an expression, as text or as SymPy's, in any equal form", as_expression,
                       of_expression, _expressions, ("equations",)),
    "function": Kind(("network", "quantity", "arguments", "code"), "a function", as_function, of_function, _functions, rows=0),
    "program": Kind(("network", "quantity"), "equations, as a list of lines or as a Program", as_program, of_program, _programs,
                    rows=6),
    "choice": Kind(("options", "right"), "the letter of one of them", as_option, of_option, _options),
    "sign": Kind(("network", "quantity"), "+, - or 0", as_option, of_option, _options, ("equations", "values"),
                 lambda exercise: exercise.options or SIGNS),
    "largest": Kind(("network", "compared"), "one of them", as_option, of_option, _options, ("equations", "values"),
                    lambda exercise: exercise.options or {key: key for key in exercise.compared}),
    "bug": Kind(("network", "lines"), "the number of the line", as_option, of_option, _options, (),
                lambda exercise: {str(i): line for i, line in enumerate(exercise.lines, 1)}),
}
