"""Matrices that select: each row has one 1, so a product with one is a look-up; and reshape, the same numbers in another shape.

    one_hot(N, n)               row i has its 1 in column N[i], counted from 0: one_hot(N, n) @ E are the rows N of E
    span(start, stop, n)        rows start, ..., stop - 1 of n: span(0, 2, n) @ A is a slice, and span(0, 2, 5).T @ A puts it back
    windows(c, h, w, size, stride)      what a window sees at every place of a picture of c channels, h by w
    inside(c, h, w, frame)      a picture without its frame: inside(...).T @ A puts a frame of zeros around one
    reshape(A, m, n)            the numbers of A, row by row, in another shape

Nothing has to be known of the derivative of a look-up: it is a matrix product, and the rule of the product says it all. What
is handed back to the table is S.T @ D, in which each row of D is added to the row that was looked up.

A picture is a column: channel after channel, row after row. ``windows`` has a row for each number that a window sees and each
place where it stands, numbers first. So with pictures in the columns of X the product ``windows(...) @ X``, reshaped to a row for
each number and a column for each place of each picture, holds the windows as columns; a kernel times that is a convolution
(im2col: Chellapilla, Puri and Simard, 2006).
"""
import sympy as sp

from .matrices import FUNCTIONS, Sized, transposed, written


class Selection(Sized):
    """A matrix of zeros with one 1 in each row; its numbers are known, so it has no derivative."""

    is_number = False           # although none of its arguments may be a symbol
    letters, steps = False, True


class one_hot(Selection):  # noqa: N801  (SymPy functions are written small)
    """one_hot(N, n), of shape (length of N, n): row i has its 1 in column N[i], counted from 0."""

    arrays, counts, example, said = 1, (1,), "one_hot(N, 10)", "one whole number"

    @classmethod
    def result(cls, shapes, sizes):
        (shape,), (n,) = shapes, sizes
        if len(shape) != 1:
            raise ValueError(f"one_hot expected a row of whole numbers, of shape (B,), got shape {written(shape)}")
        return shape[0], n

    @staticmethod
    def entry(add, N):
        """1 where the number of the row is that of the column."""
        return lambda i, j: sp.Piecewise((1, sp.Eq(N[i], j)), (0, True))


class Constant(Selection):
    """A selection that is made of sizes alone; ``place(i)`` is the column in which row i has its 1."""

    arrays = 0

    def entry(self, add):
        """1 in one column of each row."""
        return lambda i, j: sp.Piecewise((1, sp.Eq(self.place(i*sp.S.One), j)), (0, True))


class span(Constant):  # noqa: N801
    """span(start, stop, n), of shape (stop - start, n): the rows start, ..., stop - 1 of the identity."""

    counts, example, least, said = (3,), "span(0, 3, 10)", 0, "three whole numbers"

    @classmethod
    def result(cls, shapes, sizes):
        start, stop, n = sizes
        if not start < stop <= n:
            raise ValueError(f"span({start}, {stop}, {n}) expected rows from 0 on, at most {n} of them, got those from "
                             f"{start} on, below {stop}")
        return stop - start, n

    def place(self, i):
        """The column of the 1 in row i."""
        return self.args[0] + i


class windows(Constant):  # noqa: N801
    """windows(c, h, w, size, stride=1): what a square window sees, of shape (c*size*size*places, c*h*w)."""

    counts, example, said = (4, 5), "windows(1, 28, 28, 3)", "four or five whole numbers"

    @classmethod
    def result(cls, shapes, sizes):
        channels, height, width, size, stride = _five(sizes)
        if size > min(height, width) or (height - size) % stride or (width - size) % stride:
            fits = [str(k) for k in range(1, min(height, width) + 1) if (height - k) % stride == (width - k) % stride == 0]
            strides = [str(k) for k in range(1, stride) if size <= min(height, width) and
                       (height - size) % k == (width - size) % k == 0]
            would = [f"a size of {', '.join(fits[:8])}"]*bool(fits) + [f"a stride of {', '.join(strides[:8])}"]*bool(strides)
            raise ValueError(f"windows of {size} x {size} at a stride of {stride} do not fit into pictures of {height} x {width}"
                             f": {' or '.join(would) or 'nothing at that stride'} would")
        places = _places(height, size, stride)*_places(width, size, stride)
        return sp.Integer(channels*size*size*places), sp.Integer(channels*height*width)

    def place(self, i):
        """The column of the 1 in row i: of the number (c, u, v) of the window that stands at (y, x)."""
        channels, height, width, size, stride = _five(self.args)
        i, x = _split(i, _places(width, size, stride))
        i, y = _split(i, _places(height, size, stride))
        i, v = _split(i, size)
        c, u = _split(i, size)
        return (c*height + y*stride + u)*width + x*stride + v


class inside(Constant):  # noqa: N801
    """inside(c, h, w, frame), of shape (c*h*w, c*(h + 2*frame)*(w + 2*frame)): what lies inside the frame of a picture."""

    counts, example, said = (4,), "inside(1, 28, 28, 2)", "four whole numbers"

    @classmethod
    def result(cls, shapes, sizes):
        channels, height, width, frame = sizes
        return sp.Integer(channels*height*width), sp.Integer(channels*(height + 2*frame)*(width + 2*frame))

    def place(self, i):
        """The column of the 1 in row i: of the number at (c, y, x)."""
        _, height, width, frame = self.args
        i, x = _split(i, width)
        c, y = _split(i, height)
        return (c*(height + 2*frame) + frame + y)*(width + 2*frame) + frame + x


def _split(i, n):
    """How often n goes into i, and what is left."""
    return sp.floor(i/n), sp.Mod(i, n)


def _five(sizes):
    return (*map(int, sizes), *[1]*(len(sizes) == 4))


def _places(length, size, stride):
    return (length - size)//stride + 1


class reshape(Sized):  # noqa: N801
    """reshape(A, m, n): the numbers of A, row by row, in another shape of as many."""

    arrays, counts, example, said, flat = 1, (1, 2), "reshape(A, m, n)", "one or two sizes", True

    @classmethod
    def result(cls, shapes, sizes):
        (shape,), sizes = shapes, tuple(sizes)
        if sp.Mul(*shape) != sp.Mul(*sizes):
            raise ValueError(f"reshape expected a shape of as many numbers as {written(shape)}, {sp.Mul(*shape)}, got "
                             f"{written(sizes)} of {sp.Mul(*sizes)}")
        return sizes

    def entry(self, add, A):
        """The number that is as far from the first."""
        def entry(*at):
            index = sp.S.Zero
            for i, size in zip(at, self.args[1:], strict=True):
                index = index*size + i
            return A[index] if len(A.shape) == 1 else A[divmod(int(index), A.shape[1])] if A.shape else A[()]
        return entry


def selects(e):
    """Whether an expression is a selection, or the transpose of one."""
    return isinstance(e, Selection) or isinstance(e, transposed) and selects(e.args[0])


# By the names that readers write.
SELECTIONS = {f.__name__: f for f in (inside, one_hot, span, windows)}
FUNCTIONS["reshape"] = reshape
