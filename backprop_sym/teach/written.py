"""How an answer is written: the marks that people use for the same thing, brought to the ones that are read.

    plain_marks(text)           − × ÷ and raised digits, as in x², as - * / and **
    readings(text)              the decimals that a text may mean: "0,5" one, "1,510" two
    worked_out(text)            the number that arithmetic such as "1/3" or "log(2)/2" gives
    alike(text)                 a text without what makes no difference between options

Nothing is evaluated: arithmetic goes through the parser's whitelist, within its bounds.
"""
import re

from ..describe.decimals import DECIMAL, number
from ..describe.nearest import excerpt
from ..describe.parser import parse

MARKS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{MULTIPLICATION SIGN}": "*", "\N{DOT OPERATOR}": "*",
                       "\N{MIDDLE DOT}": "*", "\N{DIVISION SIGN}": "/"})
RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
POWER = re.compile(rf"(?<=[\w)])[{RAISED}]+")
DIGITS = str.maketrans(RAISED, "0123456789")
# Thousands in groups of three; a whole number below a thousand before one group may as well be a decimal comma.
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
ARITHMETIC = re.compile(r"[-+*/(^]")
NAME = re.compile(r"\b[^\W\d]\w*\b(?!\s*\()")      # of a quantity, not of a function
MOST = 200              # characters of arithmetic
LONGEST = 20_000        # characters beyond which a text is left as it is: it will be refused


def plain_marks(text):
    """The text with the marks that the parser reads.

    >>> plain_marks("h²·a − b"), plain_marks("x¹²")
    ('h**2*a - b', 'x**12')
    """
    if len(text) > LONGEST:
        return text
    return POWER.sub(lambda raised: "**" + raised[0].translate(DIGITS), text).translate(MARKS)


def readings(text):
    """The decimals that a text may mean; none where it is no decimal.

    >>> readings("0.50"), readings("0,5"), readings("1,510"), readings("1,510,000.5"), readings("1/3")
    (['0.50'], ['0.5'], ['1.510', '1510'], ['1510000.5'], [])
    """
    found = [text.replace(",", ".") if text.count(",") == 1 and "." not in text else text]
    if len(text) <= MOST and GROUPED.fullmatch(text):
        found.append(text.replace(",", ""))
    return [decimal for decimal in found if len(decimal) > LONGEST or DECIMAL.fullmatch(decimal)]


def worked_out(text):
    """The number that arithmetic gives, SymPy's. Raises ValueError for what is none.

    >>> worked_out("960/32*5"), worked_out("-18/25")
    (150, -18/25)
    """
    if len(text) > MOST or not ARITHMETIC.search(text):
        return number(text)                            # which says what is expected
    try:
        return parse(text, {})
    except ValueError:
        if NAME.search(text):
            raise ValueError(f"expected a number, or arithmetic with numbers such as '1/3', got {excerpt(text)!r}") from None
        raise


def alike(text):
    """What is compared of an option: no capitals, no spaces, no brackets around it.

    >>> alike("(C)"), alike("c)"), alike("3 × 4"), alike("3 x 4"), alike("\N{MINUS SIGN}")
    ('c', 'c', '3x4', '3x4', '-')
    """
    text = "".join(text.replace("\N{MULTIPLICATION SIGN}", "x").translate(MARKS).split()).casefold()
    return text.strip("().:") or text
