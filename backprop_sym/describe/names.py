"""Names: a quantity is what its fields say, never how it is spelled.

    symbol("a_z1")              the Symbol of a text; symbol("d(E)/d(w)") the Partial
    Name(stem, after, ...)      a quantity again: after updates, for a sample, at a time
    Partial(of, wrt)            d(of)/d(wrt), a symbol that knows what it is the derivative of
    Owned(owner, name, ...)     what a part of the package brings along: an optimizer's learning rate, its memory of w5
    spelled(symbols)            {symbol: text}, no text twice: the only place where names are spelled

Two symbols are the same exactly if their fields are. A plain Symbol has one field, its text; so the ``w5_new`` of a reader
is never the ``w5_new`` that an update makes of w5, although both are spelled alike until they meet in one program.
"""
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import sympy as sp

from .nearest import excerpt, said

NAME = re.compile(r"[^\W\d]\w{0,99}")       # letters of any script, digits (also below the line, as in w₁), underscores
DERIVATIVE = re.compile(r"d\((.+)\)", re.DOTALL)
MIDDLE = re.compile(r"\)/d\(")
LONGEST = 500               # characters of a derivative's name
MANY = 100_000              # symbols that are kept, so that equal ones are one object


class Fields(sp.Symbol):
    """A symbol told from others by its fields, ``identity``; ``name`` is its spelling where no other is in the way."""

    def _hashable_content(self):
        return self.identity

    def sort_key(self, order=None):
        return self.class_key(), (2, by_name(self)), sp.S.One.sort_key(), sp.S.One

    def __getnewargs_ex__(self):
        return self.identity, {}

    def __getstate__(self):
        return None                 # the fields, from which it is made anew, are all there is


class Partial(Fields):
    r"""The partial derivative :math:`\partial of/\partial wrt` as a symbol: it is named, never carried out by SymPy.

    >>> E, w = symbol("E"), symbol("w")
    >>> Partial(E, w)
    d(E)/d(w)
    >>> Partial(Partial(E, w), w).of
    d(E)/d(w)
    """

    def __new__(cls, of, wrt):
        return _made(cls, symbol(of), symbol(wrt))

    @property
    def of(self):
        """What is differentiated."""
        return self.identity[0]

    @property
    def wrt(self):
        """By what."""
        return self.identity[1]

    def spelling(self, spell, marks):
        """The text of the derivative, its two names spelled by ``spell``."""
        return f"d({spell(self.of)})/d({spell(self.wrt)})"


class Name(Fields):
    """A quantity again, told apart by its fields: the symbol ``stem`` after so many updates, for a sample, at a time.

    ``sample`` and ``time`` count from 1, and 0 is none; without any of the three it is the stem itself. ``carried``: whether
    an update hands it on, as a parameter (spelled w_new), or each pass computes it anew (spelled z_prime).

    >>> Name(symbol("w5"), after=2, carried=True), Name(symbol("z1"), after=1, sample=3)
    (w5_new2, z1_sample3_prime)
    """

    def __new__(cls, stem, after=0, sample=0, time=0, carried=False):
        return _made(cls, stem, after, sample, time, carried and after > 0) if after or sample or time else stem

    stem, after, sample, time, carried = (property(lambda self, i=i: self.identity[i]) for i in range(5))

    def spelling(self, spell, marks):
        """The text of the stem, spelled by ``spell``, and the ``marks`` of the fields."""
        text = spell(self.stem)
        text += marks["sample"].format(self.sample)*(self.sample > 0) + marks["time"].format(self.time)*(self.time > 0)
        return text + marks["new" if self.carried else "prime"](self.after)*(self.after > 0)


class Owned(Fields):
    """A name that a part of the package brings along: a coefficient, or what is kept for each parameter.

    >>> Owned("optimizer", "eta"), Owned("Momentum", "v", symbol("w5"))
    (eta, v_w5)
    """

    def __new__(cls, owner, name, parameter=None):
        return _made(cls, owner, name, *[parameter]*(parameter is not None))

    @property
    def parameter(self):
        """The parameter for which it is kept; None for a coefficient."""
        return self.identity[2] if len(self.identity) == 3 else None

    def spelling(self, spell, marks):
        """Its own name, and that of the parameter, spelled by ``spell``."""
        return "_".join([self.identity[1], *map(spell, self.identity[2:])])


# SymPy keeps a thousand symbols and makes the others anew each time; a network soon has more. Names are found to be equal
# at once where they are the same object.

@lru_cache(maxsize=MANY)
def _made(cls, *identity):
    made = sp.Symbol.__xnew__(cls, "")
    made.identity = identity
    made.name = spell(made)
    return made


# ---- spelling

def _counted(mark):
    return lambda n: mark + str(n)*(n > 1)


# How the fields of a Name are spelled: as one identifier, and in a sentence.
MARKS = {"sample": "_sample{}", "time": "_time{}", "new": _counted("_new"), "prime": _counted("_prime"),
         "at": lambda at: "".join(f"_{i}" for i in at)}
WORDS = {**MARKS, "prime": lambda n: "'"*n, "at": lambda at: f"[{','.join(map(str, at))}]"}


def spell(s, marks=MARKS):
    """The text of a symbol, whatever else is called so.

    >>> spell(Name(symbol("z1"), after=1), WORDS)
    "z1'"
    """
    return s.spelling(lambda part: spell(part, marks), marks) if isinstance(s, Fields) else s.name


def spelled(symbols, marks=MARKS):
    """{symbol: text} for symbols that meet in one program: where two would be spelled alike, the later one gets a ``_`` more.

    >>> spelled([symbol("w"), symbol("w_new"), Name(symbol("w"), after=1, carried=True)])
    {w: 'w', w_new: 'w_new', w_new: 'w_new_'}
    """
    texts, taken = {}, set()
    for s in symbols:
        text = s.spelling(lambda part: texts.get(part) or spell(part, marks), marks) if isinstance(s, Fields) else s.name
        while text in taken:
            text += "_"
        taken.add(text)
        texts[s] = text
    return texts


def by_name(s):
    """What symbols are sorted by: their text, then, where two are spelled alike, their fields."""
    return s.name, *(getattr(part, "name", None) or str(part) for part in (s.identity if isinstance(s, Fields) else ()))


# ---- from text

@lru_cache(maxsize=MANY)
def _read(name):
    """The symbol of a text."""
    of, wrt = parts(name) or (None, None)
    return sp.Symbol(plain(name)) if of is None else Partial(symbol(of), symbol(wrt))


def symbol(name):
    """The symbol of a name; every plain symbol of the package is made here, so that equal names are equal symbols.

    Raises TypeError for what is no name at all and ValueError for a text that is neither a name (a letter of any script,
    then at most 99 letters, digits and underscores) nor ``d(A)/d(B)``.

    >>> symbol("w5"), symbol("d(E_total)/d(w5)").wrt, symbol("λ"), symbol("w₁")
    (w5, w5, λ, w₁)
    """
    if isinstance(name, sp.Symbol):
        return name
    if not isinstance(name, str):
        raise TypeError(f"a name must be a str or a Symbol, got {said(name)}")
    return _read(name)


def plain(name):
    """The text of a name, its accents joined to their letters (ŷ is one letter); ValueError where it is none.

    Letters that look like others in another form, as in ﬁ and Ｗ, are refused: they would be read as what they are not.
    """
    text = unicodedata.normalize("NFC", name) if len(name) <= LONGEST else name
    if not NAME.fullmatch(text):
        raise ValueError(f"a name must be an identifier such as 'w5', or a derivative 'd(E)/d(w5)', got {excerpt(name)!r}")
    for letter in text:
        usual = unicodedata.normalize("NFKC", letter)
        if usual != letter and letter not in "₀₁₂₃₄₅₆₇₈₉":
            raise ValueError(f"the name {excerpt(name)!r} has the letter {letter!r}: write {usual!r}")
    return text


def parts(name):
    """The two names of "d(A)/d(B)", where A and B may be of that form themselves; None for any other text."""
    match = DERIVATIVE.fullmatch(name) if len(name) <= LONGEST else None
    if match:
        for middle in re.finditer(MIDDLE, match[1]):
            of, wrt = match[1][:middle.start()], match[1][middle.end():]
            if of and wrt and _balanced(of) and _balanced(wrt):
                return of, wrt
    return None


def _balanced(text):
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def signed(name):
    """(-1 or 1, symbol) of a name that may have a minus in front.

    >>> signed("-d(E)/d(w5)")
    (-1, d(E)/d(w5))
    """
    minus, rest = re.fullmatch(r"\s*(-?)\s*(.*?)\s*", name, re.DOTALL).groups()
    return -1 if minus else 1, symbol(rest)


def symbols(names, read=symbol):
    """A tuple of symbols from names: an iterable, one symbol, or one text with spaces or commas between them."""
    if isinstance(names, str):
        names = re.findall(r"[^\s,]+", names)
    elif isinstance(names, sp.Symbol):
        names = [names]
    elif not isinstance(names, Iterable) or getattr(names, "ndim", 1) == 0:
        raise TypeError(f"expected names, as a list or as one text, got {said(names)}")
    return tuple(map(read, names))
