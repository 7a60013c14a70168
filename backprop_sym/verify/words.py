"""The words of a sentence about a slip: quantities, terms and places as a reader would say them.

    Words(structure)            .quantity(s), .several(symbols), .spell(expression), .terms(e), .pieces(e), .path(term, total)
"""
from collections import Counter
from functools import cached_property

from ..derive.entries import Entry
from ..derive.optimizers import ETA
from ..describe.activation import Activation, shown
from ..describe.dataflow import reached
from ..describe.names import WORDS, Owned, Partial, by_name, spelled
from ..describe.printer import Text
from ..show.tables import readable
from .asked import Asked


class Words(Asked):
    """What the sentences about the slips of one training are made of."""

    @cached_property
    def names(self):
        """{symbol: text}, derivatives as ∂E/∂w, also local ones and those added up over samples."""
        passes = self.structure.passes
        every = dict.fromkeys([*passes.start, *(s for sample in passes.samples for s in sample),
                               *(e.lhs for e in passes.equations)])
        texts = spelled(sorted(every, key=lambda s: isinstance(s, Owned)), WORDS)
        for s in every:
            if isinstance(s, Partial):
                texts[s] = readable(s, spelled=texts)
            if isinstance(s, Owned) and s.identity[0] == "optimizer" and s.parameter is not None:
                texts[s] = f"{s.identity[1]}({texts[s.parameter]})"              # as in a file
        for s in passes.locals:
            texts[s] = readable(s.identity[2], spelled=texts)
        for s, new in passes.totals.items():
            texts[new] = texts.get(s, str(s))
        for old, new in passes.state.items():
            texts[new] = texts.get(old, str(old))
        texts[ETA] = "eta"
        return texts

    @cached_property
    def write(self):
        """The printer of expressions, in the order in which the equations define their quantities."""
        rank = dict(self.structure.program.rank)
        for p in self.structure.forward.parameters:
            if p in rank:
                rank[p] = 3, rank[p][1]
        return Text(rank, self.names)

    def quantity(self, s):
        """A quantity in a sentence; what a text does not name is told by the equation in which it stands."""
        if not _has_no_name(s):
            return self.names.get(s) or readable(s)
        made, lhs = self.structure.forward[s].rhs, s.identity[2]
        return f"the {type(made).__name__ + ' in' if isinstance(made, Activation) else 'argument of'} {self.quantity(lhs)}"

    def place(self, lhs, name):
        """Where a slip of this name is made: an activation that is left out is one of the equation in which it stands."""
        return lhs.identity[2] if _has_no_name(lhs) and name == "activation left out" else lhs

    def the(self, s):
        """A quantity in a sentence, with its article."""
        return self.quantity(s) if _has_no_name(s) else f"the {self.quantity(s)}"

    def pieces(self, term):
        """The factors of a term as they are shown, in the order in which they are written; a square is two factors."""
        found = []
        for factor in self.write.factors(shown(term.xreplace(self.structure.passes.locals))):
            found += [factor.base]*2 if factor.is_Pow and factor.exp == 2 else [factor]
        return found

    def terms(self, total):
        """The terms of a sum in the order in which they are written."""
        return self.write.terms(total)

    def figure(self, f):
        """A printed figure in a sentence."""
        text = f.quantity if f.symbol is None else "-"*(f.sign < 0) + readable(f.symbol, f.after, self.names)
        return text + (f" of sample {f.sample}" if f.sample and self.structure.passes.count > 1 else "")

    def printed(self, f):
        """A figure among those that another one follows from."""
        return readable(f.quantity, f.after) if f.symbol is not None else self.figure(f)

    def spell(self, *factors):
        """Factors in words, an adjoint that is a plain difference written out: (yhat1 - y1)*yhat1."""
        def text(f):
            if f.is_Number:
                return str(f)
            rhs = self.rhs.get(f) if isinstance(f, Partial) else None
            if rhs is not None and rhs.is_Add and len(rhs.args) == 2 and not rhs.has(Partial):
                return f"({self.write(rhs)})"
            return self.write.wrap(f, 2)
        return "*".join(text(f) for product in factors for f in ([product] if product.is_Symbol else self._factors(product)))

    def _factors(self, e):
        return self.write.factors(e) if e.is_Mul and not e.as_coeff_Mul()[0].is_negative else [e]

    def path(self, term, total):
        """The path of one term of an adjoint, the sum over paths ``total``: named after the last quantity that is on it alone."""
        start = self._start(term)
        if start is None:
            return "through its own equation"
        others = reached(self.structure.users.get, (self._start(other) for other in self.terms(total) if other != term))
        if start in others:
            return f"straight to {self.quantity(start)}"
        node, users = start, self.structure.users
        while len(users.get(node, ())) == 1 and users[node][0] not in {*others, self._loss(term)}:
            node = users[node][0]
        return f"through {self.quantity(node)}"

    def _start(self, term):
        """The quantity at which the path of a term begins; None where it is no path."""
        return next((s.wrt for s in sorted(term.free_symbols, key=by_name) if isinstance(s, Partial)), None)

    def _loss(self, term):
        return next(s.of for s in sorted(term.free_symbols, key=by_name) if isinstance(s, Partial))

    def several(self, symbols):
        """Several quantities in a sentence: all entries of an array by its name, the first few of many."""
        groups = {}
        for s in symbols:
            groups.setdefault(_array_of(s) or s, []).append(s)
        names = []
        for whole, members in groups.items():
            every = len(members) == self._entries.get(getattr(whole, "wrt", whole))
            names += [readable(whole, spelled=self.names)] if every else map(self.quantity, members)
        return self.listed(names)

    @cached_property
    def _entries(self):
        """{array: how many entries it has}."""
        forward = self.structure.forward
        return Counter(s.array for s in (*forward.given, *forward.defined) if isinstance(s, Entry))

    def listed(self, names, most=3):
        """Several names in a sentence: the first few of many."""
        names = list(dict.fromkeys(names))
        if len(names) > most + 1:
            return ", ".join(names[:most]) + f" and {len(names) - most} more"
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _array_of(s):
    """The array of an entry; of a derivative by an entry, that by the array; None for what is of no array."""
    if isinstance(s, Partial):
        array = _array_of(s.wrt)
        return array and Partial(s.of, array)
    return s.array if isinstance(s, Entry) else None


def _has_no_name(s):
    """Whether a symbol stands for a part of an equation, which the text has no name for."""
    return isinstance(s, Owned) and s.identity[0] == "argument"


def symbols_of(expression):
    """The symbols of an expression, in an order that does not vary."""
    return sorted(expression.free_symbols, key=by_name)
