"""Names: the one maker of symbols, the inert partial derivative, and what to say about a name that nobody knows.

    symbol("a_z1")              the Symbol of that name
    symbol("d(E)/d(w1)")        the Partial of that name
    Partial(of, wrt)            d(of)/d(wrt), a symbol that knows what it is the derivative of
    updated(w5)                 w5_new, what an update makes of w5
    primed(z1)                  z1_prime, the same quantity in the next pass
    sampled(z1, 2)              z1_sample2, the same quantity for the second sample
    unknown("parameter", "w55", names)   a sentence with the nearest names
"""
import difflib
import re
from functools import lru_cache

import sympy as sp

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
NEW, PRIME, SAMPLE = "_new", "_prime", "_sample"


class Partial(sp.Symbol):
    r"""The partial derivative :math:`\partial of/\partial wrt` as a symbol: it is named, never carried out by SymPy.

    >>> E, w = symbol("E"), symbol("w")
    >>> Partial(E, w)
    d(E)/d(w)
    >>> Partial(Partial(E, w), w).of
    d(E)/d(w)
    """

    def __new__(cls, of, wrt):
        return _partial(cls, of, wrt)

    def __getnewargs_ex__(self):
        return (self.of, self.wrt), {}


# SymPy keeps a thousand symbols and makes the others anew each time; a network soon has more. Names are found to be equal
# at once where they are the same object.

@lru_cache(maxsize=100_000)
def _partial(cls, of, wrt):
    partial = sp.Symbol.__new__(cls, f"d({of.name})/d({wrt.name})")
    partial.of, partial.wrt = of, wrt
    return partial


@lru_cache(maxsize=100_000)
def _read(name):
    """The symbol of a text."""
    if IDENTIFIER.fullmatch(name):
        return sp.Symbol(name)
    of, wrt = _split(name)
    return Partial(symbol(of), symbol(wrt))


def symbol(name):
    """The symbol of a name; every symbol of the package is made here, so that equal names are equal symbols.

    Raises TypeError for what is no name at all and ValueError for a text that is neither an identifier (at most 100
    letters, digits and underscores) nor ``d(A)/d(B)``.

    >>> symbol("w5"), symbol("d(E_total)/d(w5)").wrt
    (w5, w5)
    """
    if isinstance(name, sp.Symbol):
        return name
    if not isinstance(name, str):
        raise TypeError(f"a name must be a str or a Symbol, got {name!r}")
    return _read(name)


def _split(name):
    """The two names of "d(A)/d(B)", where A and B may be of that form themselves."""
    if len(name) <= 500 and name.startswith("d(") and name.endswith(")"):
        depth = 1
        for i, character in enumerate(name[2:], 2):
            depth += (character == "(") - (character == ")")
            if depth == 0:
                if name[i:].startswith(")/d(") and name[i + 4:-1]:
                    return name[2:i], name[i + 4:-1]
                break
    raise ValueError(f"a name must be an identifier such as 'w5', or a derivative 'd(E)/d(w5)', got {_short(name)!r}")


def symbols(names):
    """A tuple of symbols from names: an iterable, or one text with spaces or commas between them."""
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    return tuple(symbol(name) for name in names)


def updated(parameter):
    """The symbol of a parameter's new value.

    >>> updated(symbol("w5"))
    w5_new
    """
    return symbol(parameter.name + NEW)


def primed(quantity):
    """The symbol of a quantity in the pass after an update.

    >>> primed(symbol("z1"))
    z1_prime
    """
    return symbol(quantity.name + PRIME)


def sampled(quantity, k):
    """The symbol of a quantity for the k-th sample.

    >>> sampled(symbol("z1"), 2)
    z1_sample2
    """
    return symbol(f"{quantity.name}{SAMPLE}{k}")


def unknown(what, name, options):
    """The sentence for a name that is not among the options, with the nearest ones.

    >>> unknown("parameter", "w55", ["w4", "w5", "b1"])
    "unknown parameter 'w55'; did you mean 'w5'?"
    """
    names = [str(option) for option in options]
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"unknown {what} {_short(str(name))!r}; " + (nearest(name, names) or f"there are {listed or 'none'}")


def nearest(name, names):
    """The question whether one of the nearest names was meant; empty where none is near."""
    near = difflib.get_close_matches(str(name), [str(n) for n in names], n=3, cutoff=0.5)
    return "did you mean " + " or ".join(repr(n) for n in near) + "?" if near else ""


def _short(text, length=60):
    return text if len(text) <= length else text[:length] + "..."
