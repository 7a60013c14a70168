"""Programs for which the same code serves: what was derived and compiled once is kept, and found again.

    Same(program)               equal where the equations and all roles are, so that lru_cache can keep things by it
"""
from functools import cached_property

from ..describe.wellformed import ROLES

MOST = 64               # of each kind that are kept; the one that was not used for longest goes


class Same:
    """A program to be found again. Programs are equal if their equations are; code depends on their roles, too.

    >>> from backprop_sym import Program
    >>> a, b, c = (Program.parse(["E = w*x"], parameters=p, inputs=i, loss="E") for p, i in ("wx", "wx", "xw"))
    >>> a == c, Same(a) == Same(b), Same(a) == Same(c)
    (True, True, False)
    """

    def __init__(self, program):
        self.program = program

    @cached_property
    def _key(self):
        p = self.program
        return (p.equations, *(getattr(p, role) for role in (*ROLES, "given", "frozen")), p.loss, tuple(p.updates.items()))

    @cached_property
    def _hash(self):
        return hash(self._key)

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return self._hash == other._hash and self._key == other._key
