r"""Arrays on paper: X W + b, X^T, A \odot B, sums of entries.

    ArrayLatex(rank, shapes)    the printer; ``shapes`` is a function from symbols to shapes
    ArrayNumbers(...)           the same with the entries in the place of each array
    array_latex(value, digits)  a number, or a matrix of five digits; of a large one where it lies
    shape_latex(shape)          B \times n

A matrix product is written side by side, one entry by entry as \odot, also in powers; numbers stand before either. Sums by rows
and columns are products with a vector of ones; the sum of all entries is written in indices.
"""
import sympy as sp

from ..describe.digits import AMONG_OTHERS, entries_of, is_large, shape_of_lists
from ..describe.matrices import ArrayFunction
from ..describe.names import Partial
from ..describe.printer import ATOM, POWER, PRODUCT, SUM
from ..describe.shapes import Extent, shape_of
from .paper import Latex, name_latex, number_latex


class ArrayLatex(Latex):
    """The language of paper, for arrays."""

    def __init__(self, rank, shapes, placed=None):
        super().__init__(rank, placed=placed)
        self.shapes = shapes

    def shape(self, e):
        """The shape of an expression."""
        return shape_of(e, self.shapes)

    # ---- entry by entry

    def write_Mul(self, e):
        coefficient, rest = e.as_coeff_Mul()
        return self.write_product(coefficient, self.factors(rest))

    def fraction(self, p, above, q, below):
        """Numbers, sums, and then what is multiplied entry by entry."""
        tops, bottoms = ([f for f in factors if self.shape(f)] for factors in (above, below))
        sums = [f for f in above if not self.shape(f) and f.has(ArrayFunction)]
        numbers, divisors = [f for f in above if f not in (*tops, *sums)], [f for f in below if f not in bottoms]
        if not (tops or bottoms or sums):
            return super().fraction(p, above, q, below)
        pieces = [super().fraction(p, numbers, q, divisors)] if numbers or divisors or (p, q) != (1, 1) else []
        pieces += [self.wrap(f, PRODUCT if f is sums[-1] and not (tops or bottoms) else POWER) for f in sums]
        if bottoms:
            pieces.append(rf"\frac{{{self.entrywise(tops) if tops else 1}}}{{{self.entrywise(bottoms)}}}")
        elif tops:
            pieces.append(self.entrywise(tops) if len(tops) > 1 else self.wrap(tops[0], PRODUCT))
        return self.times(pieces)

    def entrywise(self, factors):
        """The product of arrays entry by entry; one alone as it is."""
        return self(factors[0]) if len(factors) == 1 else r" \odot ".join(self.wrap(f, POWER) for f in factors)

    def power(self, e):
        if not self.shape(e.base):
            return super().power(e)
        return rf"{self.raisable(e.base)}^{{\odot {self.wrap(e.exp, ATOM)}}}", POWER

    # ---- functions of whole arrays

    def write_dot(self, e):
        return " ".join(self.wrap(a, POWER) for a in e.args), PRODUCT

    def write_transposed(self, e):
        a = e.args[0]
        return (self.brackets(self(a)) if isinstance(a, Partial) else self.wrap(a, ATOM)) + r"^{\top}", POWER

    def write_row_sums(self, e):
        return rf"{self.wrap(e.args[0], POWER)} \mathbf{{1}}", PRODUCT

    def write_column_sums(self, e):
        return rf"\mathbf{{1}}^{{\top}} {self.wrap(e.args[0], POWER)}", PRODUCT

    def write_row_means(self, e):
        return self.divided(self.write_row_sums(e), self.shape(e.args[0])[1:])

    def write_column_means(self, e):
        return self.divided(self.write_column_sums(e), self.shape(e.args[0])[:1])

    def write_mean(self, e):
        return self.divided(self.write_total(e), self.shape(e.args[0]))

    def divided(self, written, sizes):
        """A sum divided by how many there are."""
        return rf"\frac{{1}}{{{self(sp.Mul(*sizes))}}} {written[0]}", PRODUCT

    def write_total(self, e):
        at = _indices(self.shape(e.args[0]))
        return rf"\sum_{{{', '.join(at)}}} {InIndices(self).wrap(e.args[0], PRODUCT)}", PRODUCT

    def write_row_maxima(self, e):
        return self.call(r"\max_{\text{rows}}", e.args)

    def write_column_maxima(self, e):
        return self.call(r"\max_{\text{columns}}", e.args)

    def write_hardmax_rows(self, e):
        return self.call(r"\mathrm{hardmax}_{\text{rows}}", e.args)

    def write_hardmax_columns(self, e):
        return self.call(r"\mathrm{hardmax}_{\text{columns}}", e.args)

    def write_softmax_rows(self, e):
        return self.call(r"\mathrm{softmax}_{\text{rows}}", e.args)

    def write_logsumexp_rows(self, e):
        return self.call(r"\mathrm{logsumexp}_{\text{rows}}", e.args)

    def write_one_hot(self, e):
        return self.call(r"\mathrm{onehot}", e.operands)

    def write_span(self, e):
        return rf"\mathrm{{span}}_{{{e.args[0]}:{e.args[1]}}}", ATOM

    def write_windows(self, e):
        return rf"\mathrm{{windows}}_{{{shape_latex(e.args[3:4]*2)}}}", ATOM

    def write_inside(self, e):
        return rf"\mathrm{{inside}}_{{{shape_latex(e.args[1:3])}}}", ATOM

    def write_reshape(self, e):
        return self.call(rf"\mathrm{{reshape}}_{{{shape_latex(e.args[1:])}}}", e.operands)

    def write_spread(self, e):
        a, *sizes = e.args
        match self.shape(a):
            case ():
                return self.times([self.wrap(a, PRODUCT)]*(a != 1) + [rf"\mathbf{{1}}_{{{shape_latex(sizes)}}}"]), PRODUCT
            case (_, one) if one == 1:
                return rf"{self.wrap(a, POWER)} \mathbf{{1}}_{{{shape_latex(sizes[1:])}}}^{{\top}}", PRODUCT
        return rf"\mathbf{{1}}_{{{shape_latex(sizes[:1])}}} {self.wrap(a, POWER)}", PRODUCT


def _indices(shape):
    """The letters of the indices that an array has: none along a size of 1."""
    return [letter for letter, size in zip("ij"[2 - len(shape):], shape, strict=True) if size != 1]


class InIndices(Latex):
    r"""An entry of an expression: Y_{ij} - \hat{Y}_{ij}."""

    def __init__(self, arrays):
        super().__init__(arrays.rank)
        self.arrays = arrays

    def at(self, text, e):
        """The text with the indices of an array, in brackets where there are marks on it already."""
        indices = "".join(_indices(self.arrays.shape(e)))
        if not indices:
            return text
        return (self.brackets(text) if set("_^'/ ") & set(text) or isinstance(e, Partial) else text) + f"_{{{indices}}}"

    def write_Symbol(self, e):
        text, level = self.arrays.write_Symbol(e)
        return (text, level) if isinstance(e, Extent) or not self.arrays.shape(e) else (self.at(text, e), ATOM)

    def write_ArrayFunction(self, e):
        text, level = self.arrays.write(e)
        return (self.at(text, e), ATOM) if _indices(self.arrays.shape(e)) else (text, level)


class ArrayNumbers(ArrayLatex):
    """The same with a number or a matrix of numbers in the place of each symbol."""

    def __init__(self, rank, shapes, values, digits):
        super().__init__(rank, shapes)
        self.values, self.digits = values, digits

    def write_Symbol(self, e):
        text = array_latex(self.values[e], self.digits)
        return text, SUM if text.startswith("-") else POWER if "times" in text else ATOM

    def times(self, texts):
        return r" \cdot ".join(texts)

    def write_total(self, e):
        at = _indices(self.shape(e.args[0]))
        return rf"\sum_{{{', '.join(at)}}} \left[{self(e.args[0])}\right]_{{{''.join(at)}}}", PRODUCT


def array_latex(value, digits=AMONG_OTHERS):
    r"""A number, or an array as a matrix; a large one has only its size, \mathbb{R}^{64 \times 30}.

    >>> print(array_latex([[1, 0.5]]))
    \begin{pmatrix} 1 & 0.5 \end{pmatrix}
    """
    rows = entries_of(value)
    if not isinstance(rows, list):
        return number_latex(rows, digits)
    if is_large(rows):
        return rf"\mathbb{{R}}^{{{shape_latex(shape_of_lists(rows))}}}"
    lines = [row if isinstance(row, list) else [row] for row in rows] if isinstance(rows[0], list) else [rows]
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(number_latex(x, digits) for x in line) for line in lines) + (
        r" \end{pmatrix}")


def shape_latex(shape):
    r"""A shape: B \times n."""
    return r" \times ".join(_size_latex(sp.Mul(size)) for size in shape) or "1"


def _size_latex(size):
    return " ".join(name_latex(f) if f.is_Symbol else str(f) for f in sp.Mul.make_args(size))
