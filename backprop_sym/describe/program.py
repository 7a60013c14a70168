"""The one idea: a Program is an ordered list of equations, each defining one symbol, once, from what is known before.

    Equation(lhs, rhs)          one line of the mathematics
    Program(equations, ...)     a straight-line program (Wengert list): frozen, validated, shown as it is set on paper
    Program.parse(lines, ...)   the same from text

The forward pass is a Program, so is the backward pass, so is the update; programs concatenate with ``+``. Everything
else in this package either maps a Program to a Program or reads one.
"""
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from .arguments import expect
from .array_parser import ArrayReader
from .copies import again
from .expressions import expression_of
from .joined import joined, renamed
from .names import symbol, symbols
from .nearest import said, unknown
from .parser import parse, parse_equation
from .readings import Readings
from .selections import one_hot
from .shapes import Extent, declared, inferred
from .wellformed import ROLES, open_symbols


@dataclass(frozen=True)
class Equation:
    """lhs = rhs: a symbol and the SymPy expression that defines it; ``shapes`` are those of its arrays, as paper shows them.

    ``layer`` is the name of the layer that it is of: what is wrong with a number given to it is said with that name.

    >>> Equation("z", "b + w*x")
    z = b + w*x
    """

    lhs: sp.Symbol
    rhs: sp.Expr
    shapes: dict | None = field(default=None, compare=False, repr=False)
    layer: str | None = field(default=None, compare=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "lhs", symbol(self.lhs))
        rhs = parse(self.rhs) if isinstance(self.rhs, str) else expression_of(self.rhs, f"equation for {self.lhs}")
        object.__setattr__(self, "rhs", rhs)

    @property
    def uses(self):
        """The symbols on the right that stand for quantities: all but the letters of sizes."""
        return {s for s in self.rhs.free_symbols if not isinstance(s, Extent)}

    def renamed(self, names):
        """The same equation under other names, {old symbol: new symbol}."""
        return Equation(names.get(self.lhs, self.lhs), self.rhs.xreplace(names), layer=self.layer)

    def __repr__(self):
        return repr(Program([self]))

    def _repr_latex_(self):
        return Program([self], shapes=self.shapes or {})._repr_latex_()


@dataclass(frozen=True, repr=False)
class Program(Readings):
    r"""A straight-line program: equations in order, and the roles of the symbols that come from outside.

    ``inputs``, ``targets``, ``parameters`` and ``hyperparameters`` (the learning rate, say) are given from outside, as
    is whatever else ``given`` names; ``frozen`` are the parameters that no update touches; ``loss`` is the quantity to
    minimise; ``updates`` maps each parameter to the symbol of its next value; ``domains`` are pairs (expression, SymPy
    set): where what is given must lie. Names may be text. A program that names roles must account for every symbol that it uses;
    one that names none leaves all of them open. Either way ``given`` lists the open symbols. Equality compares the equations.

    Raises ValueError for a symbol defined twice, used before its definition or not at all, and for a loss that is not there.

    >>> net = Program.parse(["z = w*x + b", "p = sigmoid(z)", "E = (y - p)**2/2"],
    ...                     inputs="x", targets="y", parameters="w b", loss="E")
    >>> net
    z = x*w + b
    p = sigmoid(z)
    E = (y - p)**2/2
    >>> net.given
    (x, y, w, b)
    >>> net.evaluate({"x": 1, "y": 0, "w": "0.5", "b": "-0.5"})["E"]
    mpf('0.125')
    """

    equations: tuple
    inputs: tuple = field(default=(), compare=False)
    targets: tuple = field(default=(), compare=False)
    parameters: tuple = field(default=(), compare=False)
    hyperparameters: tuple = field(default=(), compare=False)
    loss: sp.Symbol | None = field(default=None, compare=False)
    given: tuple = field(default=(), compare=False)
    frozen: tuple = field(default=(), compare=False)
    updates: dict = field(default_factory=dict, compare=False)
    domains: tuple = field(default=(), compare=False)
    shapes: dict = field(default_factory=dict, compare=False)

    def __post_init__(self):
        def put(name, value):
            object.__setattr__(self, name, value)

        roles = (*ROLES, "given", "frozen")
        expect(**vars(self))
        put("equations", tuple(e if isinstance(e, Equation) else Equation(*_pair(e)) for e in self.equations))
        for role in roles:
            put(role, symbols(getattr(self, role)))
        put("loss", None if self.loss is None else symbol(self.loss))
        put("updates", {symbol(old): symbol(new) for old, new in self.updates.items()})
        put("shapes", declared(self.shapes))
        put("given", open_symbols(self))
        if self.shapes:
            put("shape", inferred(self))

    @classmethod
    def parse(cls, lines, **roles):
        """A Program from lines of text such as "z = w*x + b"; the text is parsed by a whitelist, never evaluated.

        The keywords are those of Program. Raises ValueError as Program does, and for text that is no equation.
        """
        expect(lines=lines)
        if isinstance(lines, str):
            lines = [line for line in lines.splitlines() if line.strip()]
        arrays = declared(roles.get("shapes") or {})
        pairs = [parse_equation(line, reader=ArrayReader if arrays else None) for line in lines]
        known = {*map(symbol, (name for name, _ in pairs)), *arrays}
        open_sizes = {sp.Symbol(d.name): d for shape in arrays.values() for d in shape if isinstance(d, Extent)}
        letters = {s: d for s, d in open_sizes.items() if s not in known}
        return cls(tuple(Equation(name, rhs.xreplace(letters)) for name, rhs in pairs), **roles)

    # ---- a sequence of equations

    def __len__(self):
        return len(self.equations)

    def __iter__(self):
        return iter(self.equations)

    def __getitem__(self, name):
        """The equation that defines a quantity."""
        s = self.symbol(name)
        if s not in self._index:
            raise ValueError(unknown("quantity", name, map(self.spelled.get, self.defined)))
        e = self.equations[self._index[s]]
        return replace(e, shapes={a: self.shape[a] for a in e.uses}) if self.shapes else e

    def __contains__(self, name):
        return self.symbol(name) in self._index

    @cached_property
    def _index(self):
        return {e.lhs: i for i, e in enumerate(self.equations)}

    @property
    def defined(self):
        """The symbols that the equations define, in order."""
        return tuple(e.lhs for e in self.equations)

    @property
    def trainable(self):
        """The parameters that an update may change."""
        frozen = set(self.frozen)
        return tuple(p for p in self.parameters if p not in frozen)

    @cached_property
    def lookups(self):
        """What is looked up in a table, and the numbers of its rows: pairs such as those of ``domains``."""
        calls = dict.fromkeys(call for e in self.equations for call in e.rhs.atoms(one_hot)) if self.shapes else ()
        return tuple((call, sp.Range(call.args[1])) for call in calls)

    # ---- Program -> Program

    def _with(self, equations, **changes):
        same = {name: getattr(self, name) for name in (*ROLES, "loss", "given", "frozen", "updates", "domains", "shapes")}
        return Program(tuple(equations), **{**same, **changes})

    def __add__(self, other):
        """The equations of one after those of the other; what the first defines, the second may use."""
        return joined(self, other) if isinstance(other, Program) else NotImplemented

    def upto(self, name):
        """The program up to and including the equation that defines ``name``.

        >>> Program.parse(["z = w*x", "a = sigmoid(z)", "E = a**2"]).upto("a").defined
        (z, a)
        """
        equations = self.equations[:self._index[self[name].lhs] + 1]
        kept = {e.lhs for e in equations}
        targets = tuple(s for s in self.targets if any(s in e.uses for e in equations))         # those of a loss go with it
        gone = {*self.targets} - {*targets}
        return self._with(equations, loss=self.loss if self.loss in kept else None, updates={}, targets=targets,
                          given=tuple(s for s in self.given if s not in gone),
                          shapes={s: shape for s, shape in self.shapes.items() if s not in gone})

    def rename(self, names):
        """The same program under other names, {old: new}.

        >>> Program.parse(["z = w*x"], inputs="x", parameters="w").rename({"w": "v", "z": "s"})
        s = x*v
        """
        expect("rename", names=names)
        return renamed(self, {self.symbol(a): symbol(b) for a, b in names.items()})

    def after(self, updates=1):
        """The same pass after so many updates: its parameters are the new ones, w5_new, its quantities have primes, z1'.

        >>> Program.parse(["z = w*x"], inputs="x", parameters="w").after(1)
        z_prime = x*w_new
        """
        expect("again", updates=updates)
        return self.rename({**{p: again(p, after=updates, carried=True) for p in self.parameters},
                            **{s: again(s, after=updates) for s in self.defined}})


def _pair(given):
    """The name and the expression of an equation that is given as a pair."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise TypeError(f"equations: expected an Equation, or a pair of a name and an expression, got {said(given)}")
    return given
