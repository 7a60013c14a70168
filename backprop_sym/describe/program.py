"""The one idea: a Program is an ordered list of equations, each defining one symbol, once, from what is known before.

    Equation(lhs, rhs)          one line of the mathematics
    Program(equations, ...)     a straight-line program (Wengert list): frozen, validated, shown as it is set on paper
    Program.parse(lines, ...)   the same from text

The forward pass is a Program, so is the backward pass, so is the update; programs concatenate with ``+``. Everything
else in this package either maps a Program to a Program or reads one.
"""
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from .activation import Activation
from .digits import decimal
from .doors import ask
from .names import Fields, Partial, again, by_name, parts, spelled, symbol, symbols, unknown
from .parser import parse, parse_equation
from .printer import Text, ranks

ROLES = ("inputs", "targets", "parameters", "hyperparameters")


@dataclass(frozen=True)
class Equation:
    """lhs = rhs: a symbol and the SymPy expression that defines it.

    >>> Equation("z", "b + w*x")
    z = b + w*x
    """

    lhs: sp.Symbol
    rhs: sp.Expr

    def __post_init__(self):
        object.__setattr__(self, "lhs", symbol(self.lhs))
        try:
            rhs = parse(self.rhs) if isinstance(self.rhs, str) else sp.sympify(self.rhs, strict=True)
        except sp.SympifyError:
            rhs = None
        if not isinstance(rhs, sp.Expr):
            raise TypeError(f"equation for {self.lhs}: expected an expression on the right, got {self.rhs!r}")
        object.__setattr__(self, "rhs", rhs)

    def __repr__(self):
        return repr(Program([self]))

    def _repr_latex_(self):
        return Program([self])._repr_latex_()


@dataclass(frozen=True, repr=False)
class Program:
    r"""A straight-line program: equations in order, and the roles of the symbols that come from outside.

    ``inputs``, ``targets``, ``parameters`` and ``hyperparameters`` (the learning rate, say) are given from outside, as
    is whatever else ``given`` names; ``frozen`` are the parameters that no update touches; ``loss`` is the quantity to
    minimise; ``updates`` maps each parameter to the symbol of its next value; ``domains`` are pairs (expression, SymPy
    set): where what is given must lie. Names may be text. A program that names
    roles must account for every symbol that it uses; one that names none leaves all of them open. Either way ``given``
    then lists the open symbols that are used. Equality compares the equations.

    Raises ValueError for a symbol defined twice, used before its definition or not defined at all, and for a loss that
    is not in the program.

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

    def __post_init__(self):
        def put(name, value):
            object.__setattr__(self, name, value)

        put("equations", tuple(e if isinstance(e, Equation) else Equation(*e) for e in self.equations))
        for role in (*ROLES, "given", "frozen"):
            put(role, symbols(getattr(self, role)))
        put("loss", None if self.loss is None else symbol(self.loss))
        put("updates", {symbol(old): symbol(new) for old, new in self.updates.items()})
        put("given", self._checked())

    def _checked(self):
        """Validate, and return the open symbols in the order of the roles, then of their first use."""
        roles = sum((getattr(self, role) for role in ROLES), ())
        if twice := sorted(s.name for s, count in Counter(roles).items() if count > 1):
            raise ValueError(f"{twice[0]!r} has more than one role: {', '.join(ROLES)} must be distinct")
        declared = dict.fromkeys(roles + self.given)
        later = {e.lhs for e in self.equations}
        defined, used = {}, {}
        for e in self.equations:
            for s in sorted(e.rhs.free_symbols, key=by_name):
                if s in defined:
                    continue
                if s in later:
                    raise ValueError(f"{s.name!r} is used in the equation for {e.lhs.name!r} before it is defined")
                if roles and s not in declared:
                    raise ValueError(f"the equation for {e.lhs.name!r} uses an undefined symbol: "
                                     + unknown("symbol", s.name, [*defined, *declared]))
                used[s] = None
            if e.lhs in defined or e.lhs in declared:
                raise ValueError(f"{e.lhs.name!r} is defined twice"
                                 + (": it is given from outside as well" if e.lhs in declared else ""))
            defined[e.lhs] = None
        if self.loss is not None and self.equations and self.loss not in {**defined, **declared}:
            raise ValueError(unknown("loss", self.loss.name, defined))
        for name in self.frozen:
            if name not in declared:
                raise ValueError(unknown("frozen parameter", name.name, self.parameters))
        return tuple(s for s in declared if s in used) + tuple(s for s in used if s not in declared)

    @classmethod
    def parse(cls, lines, **roles):
        """A Program from lines of text such as "z = w*x + b"; the text is parsed by a whitelist, never evaluated.

        The keywords are those of Program. Raises ValueError as Program does, and for text that is no equation.
        """
        if isinstance(lines, str):
            lines = [line for line in lines.splitlines() if line.strip()]
        return cls(tuple(Equation(*parse_equation(line)) for line in lines), **roles)

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
        return self.equations[self._index[s]]

    def __contains__(self, name):
        return self.symbol(name) in self._index

    @cached_property
    def _index(self):
        return {e.lhs: i for i, e in enumerate(self.equations)}

    # ---- its names

    @cached_property
    def spelled(self):
        """{symbol: text} of every symbol, no text twice: a reader's own names come first and are spelled as they were given."""
        found = dict.fromkeys((*sum((getattr(self, role) for role in ROLES), ()), *self.given, *self.defined))
        return spelled(sorted(found, key=lambda s: isinstance(s, Fields)))

    @cached_property
    def names(self):
        """{text: symbol}: what ``spelled`` spells."""
        return {text: s for s, text in self.spelled.items()}

    def symbol(self, name):
        """The symbol that a text means in this program: one of its own, else that of the text alone.

        >>> from backprop_sym import GradientDescent, dense, step
        >>> step(dense([1, 1]), GradientDescent()).symbol("w1_new").after
        1
        """
        if isinstance(name, sp.Symbol):
            return name
        if name in self.names:
            return self.names[name]
        derivative = parts(name) if isinstance(name, str) else None
        return symbol(name) if derivative is None else Partial(*map(self.symbol, derivative))

    @property
    def defined(self):
        """The symbols that the equations define, in order."""
        return tuple(e.lhs for e in self.equations)

    @property
    def trainable(self):
        """The parameters that an update may change."""
        frozen = set(self.frozen)
        return tuple(p for p in self.parameters if p not in frozen)

    def symbols(self, names):
        """The symbols that several texts mean in this program: an iterable, or one text with spaces or commas between them."""
        return symbols(names, self.symbol)

    def partials(self, e):
        """The local derivatives of an equation, {symbol: d(lhs)/d(symbol)}, in the names of this program."""
        return ask("partials", self, e)

    @cached_property
    def named(self):
        """{activation: the symbol that names it}: through these a derivative is written, a*(1 - a)."""
        return {e.rhs: e.lhs for e in self.equations if isinstance(e.rhs, Activation)}

    # ---- Program -> Program

    def _with(self, equations, **changes):
        same = {name: getattr(self, name) for name in (*ROLES, "loss", "given", "frozen", "updates", "domains")}
        return Program(tuple(equations), **{**same, **changes})

    def __add__(self, other):
        """The equations of one after those of the other; what the first defines, the second may use."""
        if not isinstance(other, Program):
            return NotImplemented
        first, second, parameters = set(self.defined), set(other.defined), set(self.parameters)
        if late := [s.name for s in self.given if s in second and s not in parameters]:
            raise ValueError(f"{late[0]!r} is used in the first program before the second defines it")

        def both(role):
            return tuple(s for s in dict.fromkeys(getattr(self, role) + getattr(other, role)) if s not in first)

        whole = dict(equations=self.equations + other.equations, **{role: both(role) for role in (*ROLES, "frozen")},
                     loss=self.loss or other.loss, given=both("given"),
                     updates={**self.updates, **other.updates}, domains=(*self.domains, *other.domains))
        if first & second or not _accounted(whole, first | second):
            return Program(**whole)                    # which says what is wrong, or puts the open symbols in order
        joined = object.__new__(Program)               # both are checked already
        for name, value in whole.items():
            object.__setattr__(joined, name, value)
        return joined

    def upto(self, name):
        """The program up to and including the equation that defines ``name``.

        >>> Program.parse(["z = w*x", "a = sigmoid(z)", "E = a**2"]).upto("a").defined
        (z, a)
        """
        equations = self.equations[:self._index[self[name].lhs] + 1]
        kept = {e.lhs for e in equations}
        return self._with(equations, loss=self.loss if self.loss in kept else None, updates={})

    def rename(self, names):
        """The same program under other names, {old: new}: the second forward pass is the first one, renamed.

        >>> Program.parse(["z = w*x"], inputs="x", parameters="w").rename({"w": "w_new", "z": "zprime"})
        zprime = x*w_new
        """
        new = {self.symbol(a): symbol(b) for a, b in names.items()}
        for s in set(self.defined) | set(self.given):
            if isinstance(s, Partial):
                new.setdefault(s, _renamed_partial(s, new))

        def renamed(role):
            return tuple(new.get(s, s) for s in getattr(self, role))

        return Program(tuple(Equation(new.get(e.lhs, e.lhs), e.rhs.xreplace(new)) for e in self.equations),
                       **{role: renamed(role) for role in (*ROLES, "given", "frozen")},
                       loss=new.get(self.loss, self.loss),
                       updates={new.get(a, a): new.get(b, b) for a, b in self.updates.items()},
                       domains=tuple((expression.xreplace(new), allowed) for expression, allowed in self.domains))

    def after(self, updates=1):
        """The same pass after so many updates: its parameters are the new ones, w5_new, its quantities have primes, z1'.

        >>> Program.parse(["z = w*x"], inputs="x", parameters="w").after(1)
        z_prime = x*w_new
        """
        return self.rename({**{p: again(p, after=updates, carried=True) for p in self.parameters},
                            **{s: again(s, after=updates) for s in self.defined}})

    # ---- readings

    def evaluate(self, values, digits=15):
        """Every quantity in order, {name: mpf}, correct to ``digits`` significant digits.

        ``values`` maps the names in ``given`` to numbers; text is read as an exact decimal, and names that the program
        does not use are ignored. Raises ValueError for a missing value, TypeError for one that is no number.
        """
        return ask("evaluate", self, values, digits)

    def at(self, values, digits=15):
        """The same equations worked out with numbers: shown with the numbers put in and the results."""
        return Worked(self, ask("worked out", self, values, digits))

    @cached_property
    def rank(self):
        """Where each symbol stands when terms and factors are put in order: see ``printer``."""
        return ranks(self)

    @cached_property
    def text(self):
        """The printer of expressions in the order and under the names of this program."""
        return Text(self.rank, self.spelled)

    def __repr__(self):
        return "\n".join(f"{self.text(e.lhs)} = {self.text(e.rhs)}" for e in self.equations)

    def _repr_latex_(self):
        return f"$${ask('LaTeX of a program', self)}$$"


def _accounted(whole, defined):
    """Whether the roles are distinct, none of them is defined as well, and all of ``given`` has a role or all is open."""
    roles, given = [s for role in ROLES for s in whole[role]], set(whole["given"])
    return (len(set(roles)) == len(roles) and defined.isdisjoint(roles)
            and whole["given"] == tuple(s for s in roles if s in given))


@dataclass(frozen=True, repr=False)
class Worked:
    """A program worked out with numbers: ``quantities`` maps every name to its value (mpf).

    >>> Program.parse(["z = w*x", "a = sigmoid(z)"]).at({"w": "0.5", "x": 2})
    z = w*x = 1
    a = sigmoid(z) = 0.7310585786
    """

    program: Program
    quantities: dict

    def __repr__(self):
        lines = zip(repr(self.program).splitlines(), self.program.defined, strict=True)
        return "\n".join(f"{line} = {decimal(self.quantities[s])}" for line, s in lines)

    def _repr_latex_(self):
        return f"$${ask('LaTeX of a program with numbers', self)}$$"


def _renamed_partial(s, new):
    of, wrt = (_renamed_partial(part, new) if isinstance(part, Partial) else new.get(part, part)
               for part in (s.of, s.wrt))
    return Partial(of, wrt)
