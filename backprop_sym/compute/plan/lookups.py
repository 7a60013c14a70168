"""Products with selections as they are computed: no zero is multiplied, rows are looked up and put back.

    looked_up(e)                the product as a look-up; None where no factor selects
    taken(S, A)                 S @ A: the rows of A that S selects
    placed(S, D)                S.T @ D: each row of D is added to the row where it comes from
"""
from ...describe.matrices import ArrayFunction, dot, transposed
from ...describe.selections import Selection, selects


class taken(ArrayFunction):  # noqa: N801  (SymPy functions are written small)
    """S @ A."""

    shape = staticmethod(lambda s, a: (s[0], a[1]))


class placed(ArrayFunction):  # noqa: N801
    """S.T @ D."""

    shape = staticmethod(lambda s, d: (s[1], d[1]))


def looked_up(e):
    """The product by ``taken`` or ``placed``; one by a selection from the right is the transpose of one from the left."""
    left, right = e.args
    if selects(left):
        return taken(left, right) if isinstance(left, Selection) else placed(left.args[0], right)
    if selects(right):
        return transposed(looked_up(dot(transposed(right), transposed(left), evaluate=False)))
    return None
