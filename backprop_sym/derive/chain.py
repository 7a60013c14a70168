"""The chain rule as a person writes it: a sum over paths, each path a product of partial derivatives.

    chain(net, "w5")            dE/dw5 along every path from the loss down to w5
    chain(net, "w5").at(values) the same with numbers
    count_paths(net, of, wrt)   how many paths there are, without walking them

The sum over paths grows exponentially with depth; ``reverse`` computes the same derivative in linear time. This form
is the one to read, and the one in which a dropped path can be seen.
"""
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from ..describe.activation import shown
from ..describe.arguments import expect
from ..describe.digits import decimal
from ..describe.doors import ask
from ..describe.names import Partial
from ..describe.nearest import unknown
from ..describe.program import Program
from .partials import local_partials

MAX_PATHS = 10_000


@dataclass(frozen=True)
class Factor:
    """One partial derivative of a chain: its name, and the local derivative that it stands for."""

    partial: Partial
    local: sp.Expr

    @property
    def expression(self):
        """The local derivative as it is shown: a*(1 - a) for the sigmoid."""
        return shown(self.local)


@dataclass(frozen=True)
class Path:
    """One way from the loss down to a quantity: its factors, loss first.

    ``contribution`` is what it adds to the derivative, a number, where the chain was given values.
    """

    factors: tuple
    contribution: object = field(default=None, compare=False)

    @property
    def expression(self):
        """The product of the factors, in closed form."""
        return sp.Mul(*(f.expression for f in self.factors))

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
    """

    program: Program
    of: sp.Symbol
    wrt: sp.Symbol
    quantities: dict | None = field(default=None, compare=False)
    digits: int = 15

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
        """{quantity: [(the quantity that uses it, local derivative), ...]}"""
        uses = {}
        for e in self.program.equations:
            for parent, local in local_partials(self.program, e).items():
                uses.setdefault(parent, []).append((e.lhs, local))
        return uses

    def _walk(self, node, below):
        if node == self.of:
            yield below
            return
        for user, local in self._uses.get(node, ()):
            yield from self._walk(user, (Factor(Partial(user, node), local), *below))

    def _number(self, path):
        return ask("product of factors", [f.local for f in path.factors], self.quantities, self.digits)

    @cached_property
    def expression(self):
        """The closed form in the forward quantities: the sum over paths, plain SymPy."""
        return sp.Add(*(path.expression for path in self.paths))

    def at(self, values, digits=15):
        """The same chain with numbers: each factor's, each path's and, in ``.value``, the derivative's."""
        return replace(self, quantities=ask("worked out", self.program, values, digits), digits=digits)

    @cached_property
    def value(self):
        """The derivative as a number (mpf); raises ValueError before ``.at(values)``."""
        if self.quantities is None:
            raise ValueError(f"{self.partial} has no value yet: give it numbers with .at(values)")
        return ask("sum of numbers", (path.contribution for path in self.paths), self.digits)

    def __repr__(self):
        write = self.program.text
        names = [" * ".join(write(f.partial) for f in path.factors) for path in self.paths]
        forms = [" * ".join(write.wrap(f.expression, 1) for f in path.factors) for path in self.paths]
        lines = [f"    = {' + '.join(names) or 0}", f"    = {' + '.join(forms) or 0}"]
        if self.quantities is not None:
            lines.append(f"    = {decimal(self.value)}")
        return "\n".join([write(self.partial), *lines])

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
    return Chain(program, of, wrt)


def count_paths(program, of, wrt):
    """The number of paths, without walking them: each quantity adds up those of the quantities it uses."""
    paths = {wrt: 1}
    for e in program.equations:
        if e.lhs != wrt:
            paths[e.lhs] = sum(paths.get(s, 0) for s in e.rhs.free_symbols)
    return paths.get(of, 0)
