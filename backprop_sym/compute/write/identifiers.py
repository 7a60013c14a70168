"""Identifiers: how names are spelled in code, where only plain letters, digits and underscores may stand.

    plain("d(E)/d(ŷ₁)")         dE_dyhat1
    Identifiers(reserved)       makes identifiers, each of them once and none that is reserved
    spelled(function, texts, reserved, first)   {symbol: identifier} for a plan
"""
import unicodedata
from functools import lru_cache

from ..plan.statements import Assign, For, Made, Pack, When, targets

ACCENTS = {"CIRCUMFLEX ACCENT": "hat", "MACRON": "bar", "TILDE": "tilde", "DOT ABOVE": "dot", "CARON": "check"}
SILENT = "()"               # d(E)/d(w) is dE_dw


@lru_cache(maxsize=100_000)
def plain(text):
    """An identifier for any text: Greek letters and accents by their names, an underscore for what no language takes.

    >>> plain("d(E)/d(w1)"), plain("λ"), plain("ŷ"), plain("w₁"), plain("Ω_2"), plain("1")
    ('dE_dw1', 'lamda', 'yhat', 'w1', 'Omega_2', '_1')
    """
    if not text.isascii():
        text = "".join(map(_letter, unicodedata.normalize("NFKD", text)))
    text = "".join(c if c.isalnum() or c == "_" else "" if c in SILENT else "_" for c in text)
    return text if text and not text[0].isdigit() else "_" + text


def _letter(c):
    """A character in plain ones: the last word of its name in Unicode, which for a letter is that of the letter."""
    if c.isascii():
        return c
    words = unicodedata.name(c, f"U{ord(c):X}").replace("-", " ").split()
    if words[0] == "COMBINING":
        return ACCENTS.get(" ".join(words[1:]), "")
    return words[-1].capitalize() if "CAPITAL" in words else words[-1].lower()


class Identifiers:
    """Identifiers of one scope; ``taken`` grows by each that is made. ``first`` stands before an underscore at the beginning.

    >>> made = Identifiers({"lambda"})
    >>> made.new("lambda"), made.new("λ"), made.new("lamda")
    ('lambda_', 'lamda', 'lamda_')
    """

    def __init__(self, reserved, first=""):
        self.taken, self.first = set(reserved), first

    def new(self, text):
        """An identifier for a text that none before has: where it is taken, with as many underscores more as it needs."""
        name = plain(text)
        name = self.first + name if name[0] == "_" else name
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


def spelled(function, texts, reserved, first=""):
    """{symbol: identifier}: first a plan's own words such as epoch, then the names of ``texts``, then what is made of them.

    A new value that takes the place of an old one has its identifier.
    """
    found, taken, made = {}, {}, Identifiers(reserved, first)
    symbols = dict.fromkeys([*(p.array for p in function.parameters if isinstance(p, Pack)), *[function.out]*bool(function.out),
                             *function.symbols])
    _collect(function.body, symbols, taken)

    def text(s):
        if s in found:
            return found[s]
        return "_".join([*map(text, s.of), *[s.mark]*bool(s.mark)]) if isinstance(s, Made) else plain(texts.get(s, s.name))

    for s in sorted(symbols, key=lambda s: 2 if isinstance(s, Made) and s.of else not (s.is_integer or isinstance(s, Made))):
        found[s] = made.new(text(s))
    return found | {new: found[old] for new, old in taken.items()}


def _collect(body, symbols, taken):
    """Put what some statements define into ``symbols``, and what takes the place of another into ``taken``."""
    for statement in body:
        match statement:
            case Assign():
                if statement.into in (None, statement.target):
                    symbols |= dict.fromkeys(targets(statement))
                else:
                    taken[statement.target] = statement.into
            case For():
                symbols[statement.index] = None
                _collect(statement.body, symbols, taken)
            case When():
                _collect(statement.body, symbols, taken)
