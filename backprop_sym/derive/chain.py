"""The chain rule as a person writes it: a sum over paths, each path a product of partial derivatives.

    chain(net, "w5")            dE/dw5 along every path from the loss down to w5
    chain(net, "w5").at(values) the same with numbers
    count_paths(net, of, wrt)   how many paths there are, without walking them

The sum over paths grows exponentially with depth; ``reverse`` computes the same derivative in linear time. This form
is the one to read, and the one in which a dropped path can be seen.

The derivative of an array by an array has four indices and is never written out. A factor of a program of arrays is what it
does instead: D being the derivative of the loss by the quantity above, it hands on the derivative by the one below, D @ W.T
where Z = A @ W. So the factors of a path are put one into another, not multiplied.
"""
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import sympy as sp

from ..describe.activation import shown
from ..describe.arguments import expect
from ..describe.digits import AMONG_OTHERS, numeral
from ..describe.doors import ask
from ..describe.names import Owned, Partial, spelled
from ..describe.nearest import unknown
from ..describe.order import PARTIAL
from ..describe.printer import ATOM, Text
from ..describe.program import Program
from .adjoints import contributions, shape_in
from .partials import local_partials
from .reverse import checked

MAX_PATHS = 10_000
ABOVE = Owned("chain", "D")         # the derivative by the quantity above, which a factor of arrays hands on


@dataclass(frozen=True)
class Factor:
    """One partial derivative of a chain: its name, and the local derivative that it stands for.

    Of arrays ``local`` is what it hands on of D, the derivative by ``partial.of``, and ``shape`` the shape of that, which is the
    shape of ``partial.wrt``. Of numbers ``shape`` is None.
    """

    partial: Partial
    local: sp.Expr
    shape: tuple | None = None

    @property
    def expression(self):
        """The local derivative as it is shown: a*(1 - a) for the sigmoid."""
        return shown(self.local)


@dataclass(frozen=True)
class Path:
    """One way from the loss down to a quantity: its factors, loss first.

    ``contribution`` is what it adds to the derivative, a number or an array, where the chain was given values.
    """

    factors: tuple
    contribution: object = field(default=None, compare=False)

    @property
    def expression(self):
        """The product of the factors, in closed form; of arrays the factors one in another."""
        if all(f.shape is None for f in self.factors):
            return sp.Mul(*(f.expression for f in self.factors))
        return reduce(lambda above, factor: factor.expression.xreplace({ABOVE: above}), self.factors, sp.S.One)

    @property
    def nodes(self):
        """The quantities on the way, loss first."""
        return tuple(f.partial.of for f in self.factors) + tuple(f.partial.wrt for f in self.factors[-1:])

    def __str__(self):
        return " <- ".join(s.name for s in self.nodes)


@dataclass(frozen=True, repr=False)
class Chain:
    r"""The derivative of ``of`` with respect to ``wrt`` as a sum over paths.

    .. math:: \frac{\partial E}{\partial w} = \sum_{\text{paths}}\ \prod_{u \to v} \frac{\partial u}{\partial v}

    >>> from backprop_sym import dense
    >>> c = chain(dense([2, 2, 2]), "w5")
    >>> c
    d(E_total)/d(w5)
        = d(E_total)/d(yhat1) * d(yhat1)/d(z3) * d(z3)/d(w5)
        = (yhat1 - y1) * yhat1*(1 - yhat1) * a_z1
    >>> [str(path) for path in chain(dense([2, 2, 2]), "w1").paths]
    ['E_total <- yhat1 <- z3 <- a_z1 <- z1 <- w1', 'E_total <- yhat2 <- z4 <- a_z1 <- z1 <- w1']
    >>> chain(dense([2, 3, 2], form="matrix"), "W1")
    d(E_total)/d(W1)
        = d(E_total)/d(Yhat) * d(Yhat)/d(Z2) * d(Z2)/d(A1) * d(A1)/d(Z1) * d(Z1)/d(W1)
        = (Yhat - Y)/B, D*Yhat*(1 - Yhat), D @ W2.T, D*A1*(1 - A1), X.T @ D
        = X.T @ (((((Yhat - Y)/B)*Yhat*(1 - Yhat)) @ W2.T)*A1*(1 - A1))
    """

    program: Program
    of: sp.Symbol
    wrt: sp.Symbol
    quantities: dict | None = field(default=None, compare=False)
    digits: int = 15
    shown: int = AMONG_OTHERS

    @property
    def partial(self):
        """The symbol of the whole derivative."""
        return Partial(self.of, self.wrt)

    @cached_property
    def paths(self):
        """Every path, in the order of the equations that it runs through; with ``.at`` each knows its contribution."""
        paths = tuple(Path(factors) for factors in self._walk(self.wrt, ()))
        return paths if self.quantities is None else tuple(
            replace(path, contribution=self._number(path)) for path in paths)

    @cached_property
    def _uses(self):
        """{quantity: [(the quantity that uses it, the factor that stands between them), ...]}"""
        uses = {}
        for e in self.program.equations:
            for parent, factor in self._factors(e):
                uses.setdefault(parent, []).append((e.lhs, factor))
        return uses

    def _factors(self, e):
        """(symbol, factor) for each symbol that an equation uses."""
        if not self.program.shapes:
            return [(s, Factor(Partial(e.lhs, s), local)) for s, local in local_partials(self.program, e).items()]
        above = Partial(self.of, e.lhs)
        named = {above: sp.S.One if e.lhs == self.of else ABOVE}
        return [(s, Factor(Partial(e.lhs, s), term.xreplace(named), shape_in(self.program, s)))
                for s, term in contributions(self.program, e, above)]

    def _walk(self, node, below):
        if node == self.of:
            yield below
            return
        for user, factor in self._uses.get(node, ()):
            yield from self._walk(user, (factor, *below))

    def _number(self, path):
        if self.program.shapes:
            return ask("array of an expression", self.program, path.expression, self.quantities, self.digits)
        return ask("product of factors", [f.local for f in path.factors], self.quantities, self.digits)

    @cached_property
    def expression(self):
        """The closed form in the forward quantities: the sum over paths, plain SymPy."""
        return sp.Add(*(path.expression for path in self.paths))

    def at(self, values, digits=None):
        """The same chain with numbers: each factor's, each path's and, in ``.value``, the derivative's.

        Without ``digits`` they are right to fifteen and five are shown; with it right to so many, and so many are shown.
        """
        right, shown = (15, AMONG_OTHERS) if digits is None else (digits, digits)
        return replace(self, quantities=ask("worked out", self.program, values, right), digits=right, shown=shown)

    @cached_property
    def value(self):
        """The derivative as a number (mpf), or an array of them; raises ValueError before ``.at(values)``."""
        if self.quantities is None:
            raise ValueError(f"{self.partial} has no value yet: give it numbers with .at(values)")
        return ask("sum of numbers", (path.contribution for path in self.paths), self.digits)

    def nested(self, path, writer):
        """The factors of a path one in another, written by ``writer(placed, factor)``, and how tightly that holds together."""
        return reduce(lambda above, factor: writer({ABOVE: above}, factor).write(factor.expression), path.factors, ("1", ATOM))

    @property
    def rank(self):
        """The order of the program, D before all quantities."""
        return {**self.program.rank, ABOVE: (PARTIAL, -1)}

    def __repr__(self):
        names = spelled([*self.program.spelled, ABOVE])

        def writer(placed=None, factor=None):
            return Text(self.rank, names, placed)

        write = writer()
        lines = [" + ".join(" * ".join(write(f.partial) for f in path.factors) for path in self.paths)]
        if self.program.shapes:
            lines += ["\n    + ".join(", ".join(write(f.expression) for f in path.factors) for path in self.paths)]
            lines += ["\n    + ".join(self.nested(path, writer)[0] for path in self.paths)]
        else:
            lines += [" + ".join(" * ".join(write.wrap(f.expression, 1) for f in path.factors) for path in self.paths)]
        if self.quantities is not None:
            lines.append(numeral(self.value, self.shown))
        return "\n".join([write(self.partial), *(f"    = {line or 0}" for line in lines)])

    def _repr_latex_(self):
        return f"$${ask('LaTeX of a chain', self)}$$"


def chain(program, wrt, of=None):
    """The derivative of ``of`` (the loss) with respect to ``wrt`` as a Chain.

    Raises ValueError for a name that the program does not have, and where there are more than 10,000 paths.
    """
    expect("chain", program=program, wrt=wrt, of=of)
    of, wrt = (program.loss if of is None else program.symbol(of)), program.symbol(wrt)
    if of is None:
        raise ValueError("the program has no loss: say of which quantity the derivative is wanted, of=...")
    known = dict.fromkeys(program.given + program.defined)
    if of not in program:
        raise ValueError(unknown("quantity", of.name, map(program.spelled.get, program.defined)))
    if wrt not in known and wrt not in program.parameters + program.inputs + program.targets:
        raise ValueError(unknown("parameter or quantity", wrt.name, map(program.spelled.get, known)))
    if (count := count_paths(program, of, wrt)) > MAX_PATHS:
        raise ValueError(f"{count:,} paths lead from {of} to {wrt}, more than {MAX_PATHS:,}: use reverse(program), "
                         "which computes each quantity's derivative once")
    return Chain(program, checked(program, of), wrt)


def count_paths(program, of, wrt):
    """The number of paths, without walking them: each quantity adds up those of the quantities it uses."""
    paths = {wrt: 1}
    for e in program.equations:
        if e.lhs != wrt:
            paths[e.lhs] = sum(paths.get(s, 0) for s in e.rhs.free_symbols)
    return paths.get(of, 0)
