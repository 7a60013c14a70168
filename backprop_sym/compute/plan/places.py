"""Where values lie while statements are computed in place: in arrays that serve again as soon as they are free.

    Places(shapes, pooled, own)  .extent(value), .lies(value); .free(shape), .taken(register): an array to write into

An array is free after the last statement that uses what it holds, and serves again for a value of the same shape. Matrices that
will lie one below the other are computed there from the start, each in its part of the large one: its home.
"""
from collections import Counter

from ...describe.matrices import ArrayFunction, Sized, spread, transposed
from ...describe.selections import reshape
from ...describe.shapes import shape_of, together
from .reading import occurring
from .statements import Array, Operation

VIEWS = (transposed, spread, reshape)                # another look at the same array


class Places:
    """The arrays that values lie in, called registers.

    ``shapes`` maps symbols to their shapes; ``pooled(shape)`` says whether there are registers of a shape, ``own`` are the
    symbols with an array of their own, into which their new values are written. ``mark`` is what registers are called.
    ``holds`` maps symbols whose value lies in a register to it; ``busy`` are the registers in use; ``registers`` maps each to
    its shape; ``homes`` maps symbols to the part of a register in which they are computed, ``parts`` such registers to all parts.
    """

    def __init__(self, shapes, pooled, own=(), mark="r"):
        self.shapes, self.pooled, self.own, self.mark = dict(shapes), pooled, set(own), mark
        self.holds, self.busy, self.registers = {}, set(), {}
        self.constant = set()                                      # registers that nothing is written into
        self.homes, self.parts = {}, {}
        self.spare = {}                                            # arrays of their own that are made anew, and their parts

    # ---- what is known of a value

    def extent(self, value):
        """The shape of a value."""
        if not isinstance(value, Operation):
            return shape_of(value, lambda s: self.shapes.get(s, ()))
        if not of_arrays(value.name):
            return together(map(self.extent, value.args))
        operands = value.name.arrays if issubclass(value.name, Sized) else len(value.args)
        return value.name.result([self.extent(a) for a in value.args[:operands]], value.args[operands:])

    def lies(self, value):
        """The symbol, or register, that a value is another look at; None for what is computed."""
        while isinstance(value, Operation) and value.name in VIEWS:
            value = value.args[0]
        return None if isinstance(value, Operation) else value

    def last_uses(self, value, last, k):
        """The symbols that a value uses once, and nothing after it, and whose register nothing else lies in."""
        uses, lying = Counter(occurring(value)), Counter(self.holds.values())
        held = (s for s, register in self.holds.items() if uses[s] == 1 and last.get(s) == k and lying[register] == 1)
        spent = (s for s, parts in self.spare.items() if uses[s] == 1 and all(last.get(a, k) <= k for a in (s, *parts)))
        return frozenset((*held, *spent))

    # ---- which array is written into

    def free(self, shape):
        """The first register of a shape that nothing lies in, a new one where there is none."""
        taken = self.busy | self.constant | self.reserved
        found = next((r for r, of in self.registers.items() if of == shape and r not in taken), None)
        return found or self._made(f"{self.mark}{len(self.registers) - len(self.constant | self.reserved) + 1}", shape)

    def fitting(self, registers, shape):
        """The first of these registers that has a shape; None where none has."""
        return next((r for r in registers if r is not None and self.registers.get(r, shape) == shape), None)

    def taken(self, register):
        """The register, which is in use from now on; what has an array of its own takes none."""
        if register not in self.own:
            self.busy.add(register)
        return register

    def ones(self, shape):
        """An array of ones: what registers hold at first, and this one always."""
        found = next((r for r, of in self.registers.items() if of == shape and r in self.constant), None)
        if found is None:
            found = self._made(f"ones_{self.mark}{len(self.constant) + 1}", shape)
            self.constant.add(found)
        return found

    def stack(self, symbols, shape):
        """An array for matrices one below the other, and a home in it for each that has none."""
        name = f"rows_{self.mark}{len(self.parts) + 1}"
        whole = self._made(name, (len(symbols)*shape[0], *shape[1:]))
        self.parts[whole] = [self._made(f"{name}_{k}", shape) for k in range(1, len(symbols) + 1)]
        for s, part in zip(symbols, self.parts[whole], strict=True):
            self.homes.setdefault(s, part)
        return whole

    @property
    def reserved(self):
        """The registers that are for what will lie one below the other alone."""
        return set(self.parts).union(*self.parts.values())

    def release(self, later):
        """Only these symbols are still needed: the registers of all others are free."""
        self.holds = {s: register for s, register in self.holds.items() if s in later}
        self.busy = set(self.holds.values())

    def _made(self, name, shape):
        register = Array(name)
        self.registers[register] = self.shapes[register] = shape
        return register


def of_arrays(name):
    """Whether an operation is a function of whole arrays."""
    return isinstance(name, type) and issubclass(name, ArrayFunction)
