r"""How long lines are broken: a derivation fits the width of a phone.

    width(latex)                how wide a formula is printed, about, in units of the letter m
    filled(pieces, start, more) the lines that pieces of a product or a sum fill

A line is broken only between two pieces, at a factor or a term: one that is too wide alone stays whole.
"""
import re

LIMIT = 21          # the width of a line: with a derivative before it, 350 of the 360 pixels that a phone has

# What differs from an ordinary letter. A sign of a sum or a relation has its spaces with it.
LETTER, SCRIPT = 0.53, 0.7
WIDTHS = {"+": 1.25, "-": 1.25, "=": 1.35, ".": 0.3, ",": 0.45, "(": 0.4, ")": 0.4, "[": 0.4, "]": 0.4, "'": 0.3, "&": 0, " ": 0,
          r"\cdot": 0.75, r"\odot": 1.2, r"\times": 1.2, r"\to": 1.6, r"\in": 1.25, r"\quad": 1, r"\qquad": 2, r"\;": 0.3,
          r"\left": 0, r"\right": 0, r"\hat": 0, r"\mathrm": 0, r"\mathbf": 0, r"\text": 0,
          r"\exp": 1.6, r"\ln": 1, r"\tanh": 2.2, r"\sum": 1.5}
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)


def width(latex):
    r"""About how wide a formula is printed; a fraction is as wide as the wider of its halves.

    >>> [round(width(latex), 2) for latex in ("x", "x_{1}", r"\frac{1}{a + b}", r"\begin{pmatrix} a \\ b + c \end{pmatrix}")]
    [0.53, 0.9, 2.56, 2.31]
    """
    return _row(iter(TOKEN.findall(latex)))


def _row(tokens):
    """What stands side by side, up to the brace or the end of the matrix that closes it; of several rows the widest."""
    total = widest = 0
    for token in tokens:
        if token == r"\end":
            _next(tokens)
        if token in ("}", r"\end"):
            break
        if token == r"\\":
            total, widest = 0, max(total, widest)
        elif token in "^_":
            total += SCRIPT*_next(tokens)
        elif token == r"\frac":
            total += max(_next(tokens), _next(tokens)) + 0.25
        elif token == r"\underbrace":
            above, _, below = _next(tokens), _next(tokens), _next(tokens)
            total += max(above, SCRIPT*below)
        elif token == r"\begin":
            _next(tokens)
            total += _row(tokens)
        else:
            total += _row(tokens) if token == "{" else WIDTHS.get(token[0] if token.isspace() else token, LETTER)
    return max(total, widest)


def _next(tokens):
    """The next group, or the next token alone."""
    token = next(tokens, " ")
    return _row(tokens) if token == "{" else WIDTHS.get(token, LETTER)


def filled(pieces, start, more, join):
    """The lines that the pieces fill, each as wide as the limit allows.

    ``start`` opens the first line and ``more`` the others; ``join`` stands between two pieces, at the beginning of a line
    without its spaces.

    >>> filled(["a"*20, "b"*20, "c"], "&= ", "&\\\\qquad ", " + ")
    ['&= aaaaaaaaaaaaaaaaaaaa', '&\\\\qquad + bbbbbbbbbbbbbbbbbbbb + c']
    """
    first, *rest = pieces
    lines = [start + first]
    opening = more + (join.strip() + " " if join.strip() else "")
    for piece in rest:
        longer = lines[-1] + join + piece
        if width(longer) <= LIMIT:
            lines[-1] = longer
        else:
            lines.append(opening + piece)
    return lines
