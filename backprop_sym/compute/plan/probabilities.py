"""What is made of probabilities, computed of the weighted sums that they come from, before it is rounded.

    of_sums(program)            the program as it is computed: the same quantities, right where a probability is nearly 0 or 1

exp(-1000) is 0 in floating point. So with p = softmax(z) there is nothing left of log(p), which is -1000, nor of (y/p)*p. But
log(p) is known by z, as z - logsumexp(z); 1 - sigmoid(z) is sigmoid(-z); and where dE/dp = -y/p meets the slope of p, of which p
is a factor, the two p cancel on paper. That is done here. p itself, and dE/dp, stay what they are.
"""
import sympy as sp

from ...describe.activation import Activation, ActivationSlope, Rule, Slope
from ...describe.functions import sigmoid, softmax, softplus, top
from ...describe.matrices import ArrayFunction, row_maxima, row_sums, softmax_rows, spread, transposed
from ...describe.program import Equation
from ...describe.selections import reshape
from ...describe.shapes import of_symbol, shape_of

LOOKS = (transposed, reshape)


class logsoftmax(Activation):  # noqa: N801  (SymPy functions are written small)
    """logsoftmax(z, z1, ..., zn): z - logsumexp(z1, ..., zn), with all digits of a small difference of large numbers."""

    rule = Rule(definition=lambda z, *sums: z - sp.log(sp.Add(*map(sp.exp, sums))), latex=r"\mathrm{logsoftmax}",
                stable=lambda z, *sums: z - top(*sums) - sp.log(sp.Add(*(sp.exp(other - top(*sums)) for other in sums))))


class logsoftmax_rows(ArrayFunction):  # noqa: N801
    """The same of each number of an array, among those of its row."""

    rows = "logsoftmax({})"
    shape = staticmethod(lambda a: a)
    stable = staticmethod(lambda Z: Z - row_maxima(Z) - sp.log(row_sums(sp.exp(Z - row_maxima(Z)))))


# The logarithm of a probability, and what is missing to 1, by the weighted sums.
FORMS = {
    "logarithm": {sigmoid: lambda z: -softplus(-z), softmax: lambda k, *sums: logsoftmax(sums[k - 1], *sums),
                  softmax_rows: logsoftmax_rows},
    "complement": {sigmoid: lambda z: sigmoid(-z)}}


def of_sums(program):
    """The program as it is computed.

    >>> from backprop_sym import Program, reverse
    >>> net = Program.parse(["p = sigmoid(z)", "E = -y*log(p)"], inputs="y", parameters="z", loss="E")
    >>> of_sums(net + reverse(net))
    p = sigmoid(z)
    E = y*softplus(-z)
    d(E)/d(p) = -y/p
    d(E)/d(z) = -y*sigmoid(-z)
    """
    equations = tuple(_Computed(program).equations())
    return program if equations == program.equations else program._with(equations)


class _Computed:
    """The equations of a program as they are computed."""

    def __init__(self, program):
        self.known = {e.lhs: e.rhs for e in program}
        self.equations_of, self.shapes = program.equations, program.shape
        self.quotients = {}                                    # quantities that are divided by a probability

    def equations(self):
        """The equations, one for each."""
        for e in self.equations_of:
            of_quotients = self.quotients and not self.quotients.keys().isdisjoint(e.rhs.free_symbols)
            yield self.equation(e, of_quotients) if of_quotients or e.rhs.has(sp.log, sp.Pow) else e

    def equation(self, e, of_quotients):
        """One equation as it is computed."""
        rhs = e.rhs.replace(lambda a: isinstance(a, sp.log), self.logarithm)
        if of_quotients or self.divides(rhs):
            product = self.multiplied(rhs)
            rhs = rhs if self.divides(product) else self.complements(product)
        if self.divides(rhs):
            self.quotients[e.lhs] = rhs
            rhs = rhs.replace(lambda a: a.is_Pow, self.complements)
        return Equation(e.lhs, rhs)

    # ---- what is known of probabilities

    def form(self, name, e):
        """The logarithm, or the complement, of an expression by the weighted sums; None for what is no probability."""
        if e in self.known:
            return self.form(name, self.known[e])
        if isinstance(e, LOOKS):
            inner = self.form(name, e.args[0])
            return None if inner is None else e.func(inner, *e.args[1:])
        if e.is_Add and name == "logarithm":
            other = self.form("complement", 1 - e)
            return None if other is None else self.form(name, other)
        form = FORMS[name].get(e.func)
        return form(*e.args) if form else None

    def logarithm(self, call):
        """log(p) of the sums that p comes from."""
        found = self.form("logarithm", call.args[0])
        return call if found is None else found

    def complements(self, e):
        """The same with 1 - p of the sums that p comes from."""
        def of_sum(add):
            found = self.form("complement", 1 - add)
            return add if found is None else found
        return e.replace(lambda a: a.is_Add, of_sum)

    # ---- quotients

    def divisors(self, e):
        """The probabilities that an expression is divided by."""
        return {a.base for a in e.atoms(sp.Pow) if a.exp.is_negative and self.form("logarithm", a.base) is not None}

    def divides(self, e):
        """Whether it is divided by one."""
        return bool(self.divisors(e))

    def multiplied(self, e):
        """The expression with quotients written in it, and what they are divided by cancelled; slopes as they are shown."""
        if e in self.quotients:
            return self.quotients[e]
        if not e.args:
            return e
        if isinstance(e, Slope):
            return self.multiplied(e.shown() if isinstance(e, ActivationSlope) else e.args[1])
        new = e.func(*map(self.multiplied, e.args))
        if isinstance(e, LOOKS):
            return self.looked_at(new.args[0], lambda a: e.func(a, *e.args[1:])) if isinstance(new, LOOKS) else new
        if not e.is_Mul:
            return new
        new = self.distributed(new)
        return new if self.shape(new) == self.shape(e) else spread(new, *self.shape(e))         # what is gone had the shape

    def distributed(self, product):
        """A product, term by term where a factor cancels what terms of another one are divided by."""
        for factor in product.args if product.is_Mul else ():
            if factor.is_Add and not self.divisors(factor).isdisjoint(product.as_powers_dict()):
                return sp.Add(*(self.distributed(term*(product/factor)) for term in factor.args))
        return product

    def looked_at(self, a, look):
        """A look at what is made entry by entry: made of looks at its parts, which are numbers or have its shape."""
        if isinstance(a, ArrayFunction) or not a.args or not all(self.shape(part) in ((), self.shape(a)) for part in a.args):
            return look(a)
        return a.func(*(self.looked_at(part, look) if self.shape(part) else part for part in a.args))

    def shape(self, e):
        """The shape of an expression."""
        return shape_of(e, lambda s: of_symbol(s, self.shapes))
