"""Functions of whole arrays: a table, one row each, and what each entry of the result is.

    dot(A, W)                   A @ W, the matrix product
    transposed(A)               A.T
    total, row_sums, column_sums    sum(A), sum(A, rows), sum(A, columns); means likewise
    spread(a, *shape)           a number, a row or a column repeated until it has a shape; Sized: the base of what is told sizes
    softmax_rows, logsumexp_rows    of each row by itself
    row_maxima, column_maxima   max(A, rows), max(A, columns): the largest number of each
    hardmax_rows, hardmax_columns   1 where that stands, the first of several, and 0 elsewhere
    WRITTEN                     {"@", ".T", "sum", "sum, rows", ...: the row that a reader means by it}

In a Program any symbol may stand for an array; sums, products and functions such as the sigmoid work entry by entry, and
broadcast as in NumPy. Everything else is a row of this table. A row says what an entry of the result is, in index notation;
its derivative is not in the table: SymPy derives it from that (``derive.indices``).
"""
import sympy as sp

from .functions import larger, logsumexp, maximum, piecewise, softmax

FUNCTIONS = {}


class ArrayFunction(sp.Function):
    """The base of all rows.

    ``shape(*shapes)`` is the shape of the result, or a ValueError; ``entry(add, *operands)`` a function from indices to an
    entry of the result, where ``add(f, n)`` is the sum of f(k) over k = 0, ..., n - 1, ``add(f, n, larger)`` the largest, and
    an operand has a ``.shape``.
    ``rows``: how the row is spelled in text, with {} for the operands. ``scalars``: the same entry by a function of scalars
    that is known already, or None. ``through``: the name of the function that its derivative is written through, or None.
    ``stable``: the form in which it is computed, right where the definition would overflow; None where it is computed as it
    stands. ``steps``: whether its numbers change in steps alone, so that its derivative is 0. ``flat``: whether an entry hangs on
    its place alone, counted row by row through all of them, so that its derivative is found for arrays of one axis.
    """

    rows, joins, scalars, through, stable, steps, flat = "", False, None, None, None, False, False

    @property
    def operands(self):
        """The arguments that are arrays; the others are sizes."""
        return self.args

    @classmethod
    def result(cls, shapes, sizes):
        """The shape of the result for operands of these shapes."""
        return cls.shape(*shapes)


def _matrix(name, *shapes):
    for shape in shapes:
        if len(shape) != 2:
            raise ValueError(f"{name} expected a matrix, such as one of shape (B, n), got shape {written(shape)}")
    return shapes


def written(shape):
    """A shape as text: (B, n), (n,), ()."""
    return f"({', '.join(map(str, shape))}{','*(len(shape) == 1)})"


def _row(name, spelling, shape, entry, **more):
    """A row of the table."""
    FUNCTIONS[name] = type(name, (ArrayFunction,), {"rows": spelling, "shape": staticmethod(shape), "entry": staticmethod(entry),
                                                    "__module__": __name__, **more})
    return FUNCTIONS[name]


def _product(a, b):
    _matrix("@", a, b)
    if a[1] != b[0]:
        raise ValueError(f"@ expected as many columns on the left as rows on the right, got shapes {written(a)} and {written(b)}")
    return a[0], b[1]


def _one(what, axis):
    """The shape of what has one number left of an axis: one for each row is a column, one for each column a row."""
    def shape(a):
        _matrix(f"{what} by rows or columns", a)
        return (a[0], sp.S.One) if axis == 1 else (a[1],)
    return shape


def _sum(a):
    """The shape of a sum of all entries."""
    if not a:
        raise ValueError("a sum or mean of all entries expected an array, got a number")
    return ()


def _every(add, A, *at):
    """The sum of all entries, those of which the first indices are given."""
    return A[at] if len(at) == len(A.shape) else add(lambda k: _every(add, A, *at, k), A.shape[len(at)])


def _turned(a):
    """What a transpose is where it needs none: A of A.T, and W.T @ A.T of A @ W, if one of them is a transpose already."""
    if isinstance(a, transposed):
        return a.args[0]
    if isinstance(a, dot) and any(isinstance(factor, transposed) for factor in a.args):
        return dot(*map(transposed, a.args[::-1]))
    return None


def _count(A):
    return sp.Mul(*A.shape)


dot = _row("dot", "{} @ {}", _product, lambda add, A, W: lambda i, j: add(lambda k: A[i, k]*W[k, j], A.shape[1]), joins=True)
transposed = _row("transposed", "{}.T", lambda a: _matrix(".T", a)[0][::-1], lambda add, A: lambda i, j: A[j, i],
                  eval=classmethod(lambda cls, a: _turned(a)))
total = _row("total", "sum({})", _sum, lambda add, A: lambda: _every(add, A))
row_sums = _row("row_sums", "sum({}, rows)", _one("a sum", 1), lambda add, A: lambda i, j: add(lambda k: A[i, k], A.shape[1]))
column_sums = _row("column_sums", "sum({}, columns)", _one("a sum", 0),
                   lambda add, A: lambda j: add(lambda k: A[k, j], A.shape[0]))
mean = _row("mean", "mean({})", _sum, lambda add, A: lambda: _every(add, A)/_count(A))
row_means = _row("row_means", "mean({}, rows)", _one("a mean", 1),
                 lambda add, A: lambda i, j: add(lambda k: A[i, k], A.shape[1])/A.shape[1])
column_means = _row("column_means", "mean({}, columns)", _one("a mean", 0),
                    lambda add, A: lambda j: add(lambda k: A[k, j], A.shape[0])/A.shape[0])


def _largest(numbers):
    """The largest of some numbers of which there are as many as a size says."""
    return maximum(*numbers) if len(numbers) > 1 else numbers[0]


def _first(numbers, j):
    """1 where the first of the largest numbers is the j-th."""
    return maximum(*numbers).by(j) if len(numbers) > 1 else sp.S.One


def _row_of(A, i):
    return [A[i, k] for k in range(int(A.shape[1]))]


def _column_of(A, j):
    return [A[k, j] for k in range(int(A.shape[0]))]


def _none_before(add, number, j, n):
    """1 where no number is larger than the j-th of n, and none of those before it as large."""
    def before(k):
        return piecewise(1, number(k) > number(j), piecewise(piecewise(1, k < j, 0), sp.Eq(number(k), number(j)), 0))
    return piecewise(1, sp.Eq(add(before, n), 0), 0)


row_maxima = _row("row_maxima", "max({}, rows)", _one("a maximum", 1),
                  lambda add, A: lambda i, j: add(lambda k: A[i, k], A.shape[1], larger),
                  through="hardmax_rows", scalars=lambda A, i, j: _largest(_row_of(A, i)))
column_maxima = _row("column_maxima", "max({}, columns)", _one("a maximum", 0),
                     lambda add, A: lambda j: add(lambda k: A[k, j], A.shape[0], larger),
                     through="hardmax_columns", scalars=lambda A, j: _largest(_column_of(A, j)))
hardmax_rows = _row("hardmax_rows", "hardmax({}, rows)", lambda a: _matrix("hardmax", a)[0],
                    lambda add, A: lambda i, j: _none_before(add, lambda k: A[i, k], j, A.shape[1]),
                    steps=True, scalars=lambda A, i, j: _first(_row_of(A, i), j))
hardmax_columns = _row("hardmax_columns", "hardmax({}, columns)", lambda a: _matrix("hardmax", a)[0],
                       lambda add, A: lambda i, j: _none_before(add, lambda k: A[k, j], i, A.shape[0]),
                       steps=True, scalars=lambda A, i, j: _first(_column_of(A, j), i))


def _exponentials(add, Z):
    """The sum of exp(z) over a row."""
    return lambda i: add(lambda k: sp.exp(Z[i, k]), Z.shape[1])


def _shifted(Z):
    """The same, each divided by that of the largest of its row: none is above 1."""
    return sp.exp(Z - row_maxima(Z))


def _share(Z, i, j):
    """The share of one number among those of its row; of one alone all."""
    return softmax(j + 1, *_row_of(Z, i)) if Z.shape[1] > 1 else sp.S.One


softmax_rows = _row(
    "softmax_rows", "softmax({})", lambda a: _matrix("softmax", a)[0],
    lambda add, Z: lambda i, j: sp.exp(Z[i, j])/_exponentials(add, Z)(i),
    through="softmax_rows", scalars=_share, stable=staticmethod(lambda Z: _shifted(Z)/row_sums(_shifted(Z))))
logsumexp_rows = _row(
    "logsumexp_rows", "logsumexp({})", lambda a: (_matrix("logsumexp", a)[0][0], sp.S.One),
    lambda add, Z: lambda i, j: sp.log(_exponentials(add, Z)(i)),
    through="softmax_rows", scalars=lambda Z, i, j: logsumexp(*_row_of(Z, i)),
    stable=staticmethod(lambda Z: row_maxima(Z) + sp.log(row_sums(_shifted(Z)))))


# By what a reader writes: "sum({}, rows)" is "sum, rows".
WRITTEN = {f.rows.replace("({}", "").replace(")", "").replace("{}", "").strip(): f for f in FUNCTIONS.values()}


class Sized(ArrayFunction):
    """The base of rows that are told sizes: ``arrays`` operands, and then as many sizes as one of ``counts`` says.

    ``example`` and ``said`` are for those who write another number of them; ``least`` is the smallest number that is a size,
    ``letters`` whether one may be open.
    """

    arrays, counts, example, said, least, letters = 1, (1, 2), "", "one or two sizes", 1, True

    @property
    def rows(self):
        """How it is spelled, with {} for the operands and for the sizes."""
        return f"{type(self).__name__}({', '.join(['{}']*len(self.args))})"

    @property
    def operands(self):
        return self.args[:self.arrays]


class spread(Sized):  # noqa: N801  (SymPy functions are written small)
    """spread(a, m, n): a number, a row of shape (n,) or (1, n), or a column of shape (m, 1), repeated to shape (m, n)."""

    example = "spread(a, B, n)"

    @classmethod
    def result(cls, shapes, sizes):
        (shape,), sizes = shapes, tuple(sizes)
        places = zip(shape, sizes[len(sizes) - len(shape):], strict=False)
        if len(shape) > len(sizes) or any(size not in (1, n) for size, n in places):
            raise ValueError(f"spread expected what can be repeated to shape {written(sizes)}, got shape {written(shape)}")
        return sizes

    @staticmethod
    def entry(add, a):
        """An entry of what is repeated: index 0 along what has one row or column."""
        def entry(*indices):
            at = indices[len(indices) - len(a.shape):]
            return a[tuple(sp.S.Zero if size == 1 else i for i, size in zip(at, a.shape, strict=True))]
        return entry


FUNCTIONS["spread"] = spread
