"""A reader's answer, read: what came becomes a decimal, an expression, a program, a function or an option; nothing is evaluated.

    as_decimal, as_expression, as_program, as_function, as_option      (exercise, answer) -> what is judged

Raises ValueError or TypeError, in words for the reader, for what is no answer of the kind that is asked for.
"""
import math
import re
from decimal import Decimal
from itertools import islice

import sympy as sp

from ..derive.optimizers import ETA
from ..describe.decimals import number
from ..describe.digits import decimal
from ..describe.expressions import expression_of
from ..describe.names import plain
from ..describe.nearest import excerpt, said, unknown
from ..describe.parser import TOKEN
from ..describe.precision import precise
from ..describe.program import Program
from ..describe.values import exact
from ..verify.example import PrintedFigure
from ..verify.quantity import quantity
from .worth import worth
from .written import alike, plain_marks, readings, worked_out

MAX_DIGITS = 40
MAX_NODES = 2_000           # of an expression of SymPy's
MAX_TEXT = 20_000           # characters of a program
MAX_OPTION = 200
DOUBLE = 15                 # digits of a number that is no text
IN_THESE = " (write the answer in these)"


def as_decimal(exercise, answer):
    """The text of a decimal: text as it is, a float as Python writes it, another number to fifteen digits.

    In a text a comma may stand for the point or between thousands, the sign of a minus for the hyphen. Of an answer to an
    exercise arithmetic is worked out; in the cell of a table, where there is none, a formula is no number.

    >>> as_decimal(None, " 0.50 "), as_decimal(None, 0.6225), as_decimal(None, sp.Rational(1, 3)), as_decimal(None, "0,5")
    ('0.50', '0.6225', '0.333333333333333', '0.5')
    >>> from .files import exercise
    >>> as_decimal(exercise("15.2"), "1/3"), as_decimal(exercise("11.4"), "1,510")
    ('0.333333333333333', '1510')
    """
    text = _text_of(exercise, answer)
    value = number(text)
    if len(Decimal(text).as_tuple().digits) > MAX_DIGITS or value and not 1e-300 < abs(value) < 1e300:
        raise ValueError(f"expected a number of at most {MAX_DIGITS} digits, between 1e-300 and 1e300, got {excerpt(text)}")
    return text


def _text_of(exercise, answer):
    if isinstance(answer, str):
        text = plain_marks(answer.strip())
        found = readings(text)
        if found:
            return found[0] if len(found) == 1 or exercise is None else _nearest(exercise, found)
        answer = number(text) if exercise is None else worked_out(text)
    if isinstance(answer, float):
        if answer - answer != 0:
            raise ValueError(f"expected a finite number, got {answer!r}")
        return repr(float(answer))
    with precise(DOUBLE + 5) as mp:
        found = exact("your answer", answer)
        if not mp.isfinite(found):
            raise ValueError(f"expected a finite number, got {said(answer)}")
        return decimal(found, DOUBLE)


def _nearest(exercise, found):
    """The reading whose size is that of the right answer: a comma stands for the point, or between thousands."""
    value = abs(worth(exercise.example, [exercise.figure], "python")[0])
    return min(found, key=lambda text: abs(math.log(abs(float(text))/value)) if value else 0)


def allowed(exercise):
    """{text: symbol}: what an expression may be written in: the quantities of the network, or those that the exercise names."""
    example = exercise.example
    forward = example.forward
    names = {**forward.names, **{s.name: s for s in (*forward.parameters, *forward.inputs, *forward.targets)}}
    if exercise.uses:
        return {text: quantity(text, names, example.training) for text in exercise.uses}
    return {text: s for text, s in names.items() if s not in exercise.asked}


def as_expression(exercise, answer):
    """The PrintedFigure of an expression, given as text or as SymPy's, in the quantities that are allowed."""
    names, example = allowed(exercise), exercise.example
    rate = () if example.training.learning_rate is None else (ETA,)
    if isinstance(answer, str):
        by_name = {s.name: s for s in names.values() if s.is_Symbol} | names
        bases = {part.name: part for s in names.values() for part in (getattr(s, "of", s), getattr(s, "wrt", s))}
        text, known = plain_marks(answer), {**bases, **by_name}
        for odd in _unknown(text, {*known, *(s.name for s in rate)}):
            raise ValueError(unknown("quantity", odd, names) + IN_THESE)
        expression = quantity(text, known, example.training)
    else:
        expression = expression_of(answer, "your answer")
        if len(list(islice(sp.preorder_traversal(expression), MAX_NODES + 1))) > MAX_NODES:
            raise ValueError("expected an expression of reasonable size, got a larger one")
        texts = {str(s): s for s in names.values()}
        expression = expression.xreplace({s: texts[str(s)] for s in expression.free_symbols if str(s) in texts})
    known = {*names.values(), *rate}
    for odd in sorted(expression.free_symbols - known, key=str):
        raise ValueError(unknown("quantity", str(odd), names) + IN_THESE)
    return PrintedFigure("your answer", "0", exercise.figure.after, exercise.figure.sample, expression=expression)


def _unknown(text, known):
    """The names in a text that are none of these, and no function's, as far as they are names at all."""
    for token in TOKEN.finditer(text[:MAX_TEXT]):
        called = text[token.end():token.end() + 20].lstrip().startswith(("(", "["))
        if token["name"] and not called and token["name"].isidentifier() and plain(token["name"]) not in known:
            yield token["name"]


def as_program(exercise, answer):
    """A Program, given as one or as lines of text, that computes what is asked for from what is given."""
    if isinstance(answer, str | list | tuple):
        lines = answer.splitlines() if isinstance(answer, str) else answer
        if not all(isinstance(line, str) for line in lines) or sum(map(len, lines)) > MAX_TEXT:
            raise ValueError(f"expected lines of text, of at most {MAX_TEXT:,} characters together, got {said(answer)}")
        answer = Program.parse([plain_marks(line) for line in lines if line.strip()])
    if not isinstance(answer, Program):
        raise TypeError(f"expected a Program or its lines, such as 'z = w*x + b', got {said(answer)}")
    wanted, given = exercise.figure.symbol, exercise.example.forward.given
    if wanted not in answer.defined:
        raise ValueError(f"expected equations of which one defines {wanted}, got those of "
                         + ", ".join(map(str, answer.defined[:8])))
    for odd in answer.given:
        if odd not in given:
            raise ValueError(unknown("quantity", str(odd), given))
    return answer


def as_function(exercise, answer):
    """A function."""
    if not callable(answer):
        raise TypeError(f"expected a function of {', '.join(exercise.arguments)}, got {said(answer)}")
    return answer


def as_option(exercise, answer):
    """The key of an option, given by its key or in its words."""
    if isinstance(answer, int) and not isinstance(answer, bool) and abs(answer) < 10**6:
        answer = str(answer)
    elif isinstance(answer, sp.Symbol | sp.Integer):
        answer = str(answer)
    if not isinstance(answer, str):
        raise TypeError(f"expected one of {', '.join(exercise.options)}, got {said(answer)}")
    text = alike(answer[:MAX_OPTION])
    for key, words in exercise.options.items():
        if text in (alike(key), alike(words)):
            return key
    begun = [key for key, words in exercise.options.items() if _begins(words, answer[:MAX_OPTION])]
    if len(begun) == 1:
        return begun[0]
    raise ValueError(f"expected one of {', '.join(exercise.options)}, got {excerpt(answer)!r}")


def _begins(words, answer):
    """Whether an answer is the first words of an option: "downwards" of "downwards, like a dome"."""
    found, words = re.findall(r"\w+", answer.casefold()), re.findall(r"\w+", words.casefold())
    return bool(found) and words[:len(found)] == found
