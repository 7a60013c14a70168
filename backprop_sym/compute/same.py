"""Programs for which the same code serves: what was derived and compiled once is kept, and found again.

    Same(program)               equal where the equations and all roles are: what things are kept by
    kept                        the decorator of functions whose results are kept
    forget()                    everything is derived and compiled anew
"""
from functools import cached_property, lru_cache

from ..describe.wellformed import ROLES

MOST = 32               # results of each function; the one that was not used for longest goes
KEPT = []


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
        return (p.equations, tuple(e.layer for e in p), *(getattr(p, role) for role in (*ROLES, "given", "frozen")), p.loss,
                tuple(p.updates.items()), frozenset(p.shapes.items()))

    @cached_property
    def _hash(self):
        return hash(self._key)

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return self._hash == other._hash and self._key == other._key


def kept(function):
    """The function, its last results kept by its arguments."""
    KEPT.append(lru_cache(MOST)(function))
    return KEPT[-1]


def forget():
    """Everything is derived and compiled anew."""
    for function in KEPT:
        function.cache_clear()
