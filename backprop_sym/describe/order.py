"""The order in which a person writes: of the terms of a sum, of the factors of a product.

SymPy sorts sums and products by name. Here a product puts the adjoint first, then the quantity of the earlier layer,
then its weight; a sum keeps the order in which its quantities were defined, with the biases last; a difference starts
with its positive term.

    ranks(program)              where each symbol stands
    Order(rank)                 .terms(sum), .factors(product)
"""
import sympy as sp

from .activation import shown
from .dataflow import moving
from .names import Partial

# In which order the factors of a product are written.
HYPERPARAMETER, PARTIAL, QUANTITY, PARAMETER = range(4)


def ranks(program):
    """{symbol: (kind, position)}: its place in a product, and among its kind the order of definition."""
    rank, parameters, hyperparameters = {}, set(program.parameters), set(program.hyperparameters)
    symbols = [*program.inputs, *program.targets, *program.given, *program.defined, *program.parameters]
    for position, s in enumerate(dict.fromkeys(symbols)):
        kind = (HYPERPARAMETER if s in hyperparameters else PARTIAL if isinstance(s, Partial)
                else PARAMETER if s in parameters else QUANTITY)
        rank[s] = kind, position
    for s, (kind, position) in rank.items():
        if kind == PARTIAL:          # adjoints are defined from the last to the first, and read from the first
            rank[s] = kind, rank[s.wrt][1] if s.wrt in rank else -position
    for s in _of_hyperparameters(program):         # a rate that changes stands where the one stands that it is made of
        hyperparameters.add(s)
        rank[s] = min(rank[h] for h in program[s].rhs.free_symbols & hyperparameters)
    return rank


def _of_hyperparameters(program):
    """What is defined from hyperparameters and depends on no data, in order: the learning rate under a schedule."""
    if not program.hyperparameters:
        return []
    data = (*program.inputs, *program.targets, *program.parameters, *(s for s in program.given if isinstance(s, Partial)))
    found = moving(program, program.hyperparameters) - moving(program, data)
    return [s for s in program.defined if s in found and not isinstance(s, Partial)]


class Order:
    """Puts terms and factors in order, by the ranks of their symbols; what has none comes last."""

    def __init__(self, rank=None):
        self.rank = rank or {}

    def place(self, s):
        """Where a symbol stands: (kind, position)."""
        return self.rank.get(s, (QUANTITY, len(self.rank)))

    def terms(self, e):
        """The terms of a sum: positive ones first, in the order of their first quantity, lone parameters last."""
        def key(term):
            places = [self.place(s) for s in _symbols(term)]
            quantities = [position for kind, position in places if kind in (PARTIAL, QUANTITY)]
            return is_negative(term), bool(places) and not quantities, min(quantities, default=-1)
        return _sorted(e.args, key)

    def factors(self, e):
        """The factors of a product: hyperparameter, adjoint, quantity, parameter; what is compound after its symbol."""
        def key(factor):
            places = [self.place(s) for s in factor.free_symbols] or [(HYPERPARAMETER, 0)]
            kinds = [kind for kind, _ in places]
            kind = QUANTITY if not factor.is_Symbol and QUANTITY in kinds else min(kinds)
            return kind, max(p for _, p in places), not factor.is_Symbol
        return _sorted([g for f in sp.Mul.make_args(e) for g in sp.Mul.make_args(self.face(f))], key)

    def face(self, factor):
        """What is written for a factor: a Slope is shown as a*(1 - a), and its parts stand among the other factors."""
        return shown(factor)


def _sorted(args, key):
    """Sorted by a key; what it leaves open is settled by SymPy's own, which does not vary, but is slow and seldom needed."""
    keys = [key(a) for a in args]
    if len(set(keys)) < len(keys) and not all(map(is_plain, args)):
        args = sorted(args, key=sp.default_sort_key)
        keys = [key(a) for a in args]
    return [args[i] for i in sorted(range(len(keys)), key=keys.__getitem__)]


def is_plain(term):
    """Whether a term is a symbol or a product of symbols: the great majority, for which much need not be asked."""
    return term.is_Symbol or term.is_Mul and all(f.is_Symbol for f in term.args)


def _symbols(term):
    return (term,) if term.is_Symbol else term.args if is_plain(term) else term.free_symbols


def has_no_factor(term):
    """Whether no number but 1 or -1 stands before a term."""
    return is_plain(term) or term.as_coeff_Mul()[0] in (1, -1)


def is_negative(term):
    """Whether a term has a minus sign."""
    return not term.is_Symbol and term.as_coeff_Mul()[0].is_negative is True


def all_negative(e):
    """Whether every term of a sum has a minus sign."""
    return e.is_Add and all(map(is_negative, e.args))


def is_divisor(e):
    """Whether a factor is divided by."""
    return e.is_Pow and e.exp.is_Rational and e.exp < 0
