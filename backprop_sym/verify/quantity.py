"""What a figure is printed for: a name, a derivative, what an optimizer remembers, or an expression of these.

    quantity(text, names, training)     the expression that a text means; names: {text: symbol} of the example

Written are w1, or W1[1,2] for the entry of an array, d(E)/d(w1), d(d(E)/d(w1))/d(w2), m(w1) and v(w1) for what an optimizer
remembers of a parameter, mhat(w1) and vhat(w1) for its corrected forms, eta for the learning rate, and x1*w1 + b1 or
eta*d(E)/d(w1) for what is made of them.
"""
import re

from ..derive.optimizers import COEFFICIENTS, ETA, STEPS, Adam, Momentum, Nesterov, RMSProp
from ..describe.names import Owned, Partial, parts, plain, symbol
from ..describe.nearest import excerpt, unknown
from ..describe.parser import parse
from .inarrays import bracketed

OF_A_PARAMETER = re.compile(r"(?<!\w)(\w+)\(\s*(\w+)\s*\)")
DERIVATIVE = re.compile(r"(?<!\w)d\(")
BESIDE = re.compile(r"(d\([^()]*\)/d\()(\w+)\)\s*\[([^\]]*)\]")          # d(E)/d(W)[1,2]
FRACTION = re.compile(r"(?<!\w)[d∂](\w+)\s*/\s*[d∂](\w+)")         # as texts print it


def _kept(name):
    return lambda w: Owned("optimizer", name, w)


def _corrected(name, coefficient):
    return lambda w: _kept(name)(w)/(1 - COEFFICIENTS[coefficient]**STEPS)


# What is written for an optimizer's memory of a parameter; the mean square is v in books, and s in this one.
_MEAN_SQUARE = {"v": _kept("s"), "s": _kept("s")}
MEMORY = (
    ((Momentum, Nesterov), {"v": _kept("v")}),
    (RMSProp, _MEAN_SQUARE),
    (Adam, {"m": _kept("m"), **_MEAN_SQUARE, "mhat": _corrected("m", "beta1"),
            "vhat": _corrected("s", "beta2"), "shat": _corrected("s", "beta2")}),
)


def quantity(text, names, training):
    """The SymPy expression that a text means among the names of an example; ValueError where it means none.

    >>> from .example import Training
    >>> quantity("-eta*d(E)/d(w)", {"E": symbol("E"), "w": symbol("w")}, Training())
    -eta*d(E)/d(w)
    """
    if not isinstance(text, str):
        raise TypeError(f"expected a quantity as text, got {text!r}")
    if (found := FRACTION.search(text)) and not set(found[0].replace(" ", "").split("/")) <= set(names):
        raise ValueError(f"in {excerpt(text)!r}: a derivative is written d({found[1]})/d({found[2]})")
    if found := BESIDE.search(text):
        raise ValueError(f"in {excerpt(text)!r}: the derivative by an entry is written {found[1]}{found[2]}[{found[3]}])")
    text, names = bracketed(text, names)
    memory = next((row for kinds, row in MEMORY if isinstance(training.optimizer, kinds)), {})
    found = {}

    def put(expression):
        found[f"quantity_{len(found)}"] = expression
        return list(found)[-1]

    def remembered(match):
        if match[1] not in memory:
            return match[0]
        return put(memory[match[1]](_known(match[2], names)))

    shortened = OF_A_PARAMETER.sub(remembered, _derivatives(text, lambda piece: put(_derivative(piece, names))))
    bare = shortened.strip().removeprefix("-").strip()
    if bare.isidentifier() and bare not in found and bare not in names and bare != "eta":
        for kept in memory:
            if (parameter := bare.removeprefix(kept).lstrip("_")) in names and bare.startswith(kept):
                raise ValueError(f"unknown quantity {bare!r}; what the optimizer remembers is written {kept}({parameter})")
        _known(bare, names)
    expressions = {name: symbol(name) for name in found}
    return parse(shortened, {"eta": ETA, **names, **expressions}).xreplace(
        {expressions[name]: expression for name, expression in found.items()})


def _derivatives(text, made):
    """The text with each d(A)/d(B) in it replaced by what ``made`` makes of it, the outermost first."""
    pieces, at = [], 0
    while match := DERIVATIVE.search(text, at):
        middle = _closed(text, match.end())
        if not text.startswith("/d(", middle):
            found = excerpt(text[match.start():])
            raise ValueError(f"in {excerpt(text)!r}: expected a derivative such as d(E)/d(w), got {found!r}")
        end = _closed(text, middle + 3)
        pieces += [text[at:match.start()], made(text[match.start():end])]
        at = end
    return "".join([*pieces, text[at:]])


def _closed(text, at):
    """Where the bracket that was opened before this place is closed, and the place after it."""
    depth = 1
    while depth and at < len(text):
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
    if depth:
        raise ValueError(f"in {excerpt(text)!r}: a bracket is not closed")
    return at


def _derivative(text, names):
    of, wrt = (part.strip() for part in parts(text) or (None, None))
    return Partial(*(_derivative(part, names) if part.startswith("d(") else _known(part, names) for part in (of, wrt)))


def _known(name, names):
    name = plain(name)
    if name not in names:
        raise ValueError(unknown("quantity", name, names))
    return names[name]
