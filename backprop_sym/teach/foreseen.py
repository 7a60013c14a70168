"""The field of an exercise on a page that no Python answers: what is said to each answer to be expected, made beforehand.

    foreseen(exercise)          what ``static/explore.js`` makes the field from; None where no table can hold the answers

The words are those of ``check``. An answer is looked up by a hash of its spelling, so that nobody reads the right one in passing;
who wants to find it that way has to try numbers, and a number of four digits is soon found.
"""
from decimal import Decimal
from math import isfinite

from ..describe.digits import decimal
from .judges import to_digits
from .kinds import KINDS
from .worth import worth
from .wrong import FEWEST, computed, could_be, told

SIMPLE, TELLING = 1.0, 3        # cost of a slip that is named without being diagnosed, and the digits from which on it is
NEXT = range(-2, 3)             # places beside the right answer at which rounding ends


def foreseen(exercise):
    """{"id", "takes", "digits", "options", "hints", "place", "texts", "table": {hash: number of the text}}.

    >>> from backprop_sym import exercise
    >>> made = foreseen(exercise("04.2"))
    >>> made["texts"][made["table"][hashed("04.2", "1.252E+0")]]
    'Not right. This is the path through $p$ alone. The path through $q$ adds its share.'
    >>> foreseen(exercise("01.6")) is None
    True
    """
    if not exercise.options and exercise.kind != "number":
        return None
    said = _of_numbers(exercise) if exercise.kind == "number" else {key: _said(exercise, key) for key in exercise.options}
    texts = sorted({text for text in said.values() if text})
    return {"id": exercise.id, "takes": exercise.takes, "digits": exercise.digits, "options": list(exercise.options),
            "hints": list(exercise.hints), "place": exercise.place, "texts": texts,
            "table": dict(sorted((hashed(exercise.id, key), texts.index(text)) for key, text in said.items() if text))}


def spelled(text, most):
    """A decimal in one spelling, with at most so many of its digits: as the page spells what is typed.

    >>> spelled("0.0510", 4), spelled("-12.345", 4), spelled("12.3e1", 2), spelled("0.00", 4)
    ('5.10E-2', '-1.234E+1', '1.2E+2', '0')
    """
    value = Decimal(text)
    return to_digits(text, min(len(value.as_tuple().digits), most)) if value else "0"


def hashed(id, spelling):
    """Eight hexadecimal digits of an answer to an exercise: FNV-1a of 32 bits, which JavaScript computes as well.

    >>> hashed("", "a")
    '44f4652b'
    """
    found = 0x811c9dc5
    for byte in f"{id}={spelling}".encode():
        found = (found ^ byte)*0x01000193 % 2**32
    return f"{found:08x}"


def _said(exercise, answer):
    """What is said to an answer; nothing where nothing can be named."""
    kind = KINDS[exercise.kind]
    found = kind.judge(exercise, kind.read(exercise, answer))
    return found.text if found.right or found.named else ""


def _of_numbers(exercise):
    """{spelling: text}: the right number and those beside it, the expected mistakes, and the package's own simple slips."""
    right, *instead = worth(exercise.example, [exercise.figure, *computed(exercise)])
    digits, figure = exercise.digits, exercise.figure
    answers = [decimal(right, k) for k in range(1, digits + 1)] + _beside(decimal(right, digits))
    answers += [text for value in instead for k in range(_fewest(value), digits + 1)
                for text in (decimal(value, k), _cut(value, k))]
    found = {}
    for answer in answers:
        if (spelling := spelled(answer, digits)) not in found:
            found[spelling] = _said(exercise, answer)
    slips = {}
    for slip in sorted(exercise.example.slips(figure.quantity, figure.after, figure.sample), key=lambda s: (s.cost, str(s.text))):
        if digits >= TELLING and slip.cost <= SIMPLE and isfinite(slip.value):
            slips.setdefault(spelled(decimal(slip.value, digits), digits), []).append(str(slip.text))
    named = {spelling: told(exercise, texts) for spelling, texts in slips.items()}
    return {spelling: could_be(exercise, texts) for spelling, texts in named.items() if texts} | found


def _fewest(value):
    """The fewest digits with which a mistake is met: two, or one where it has no more."""
    return min(FEWEST, len(Decimal(decimal(value)).normalize().as_tuple().digits))


def _beside(text):
    """The decimals whose last place is next to that of this one."""
    value = Decimal(text)
    return [str(value + Decimal((0, (1,), value.as_tuple().exponent))*step) for step in NEXT]


def _cut(value, digits):
    """A number cut off instead of rounded."""
    return str(Decimal(decimal(value, digits + 12)).quantize(Decimal(decimal(value, digits)), "ROUND_DOWN"))
