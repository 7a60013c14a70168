"""How generated code is run: a backend compiles a source and hands it numbers of its kind.

    Backend                     plain Python, which runs the source as it reads; the others say how they differ
    loaded                      what makes functions of a source: nothing else in the package runs a text
    optional                    a package that not every reader has
"""
from importlib import import_module
from itertools import chain

from ...describe.values import exact
from ..write.python import Python


class Backend:
    """Plain Python: floats, lists, and code that runs as it reads."""

    language = Python
    arrays = False              # whether values may be arrays
    in_entries = False          # whether arrays are written out as loops over their entries
    errors = ArithmeticError, ValueError     # raised where a number leaves the floats; where none is, it is inf or nan
    boundless = False           # whether numbers have any number of digits, and no largest
    landscapes = True           # whether it can fill a grid
    in_place = False            # whether arrays of one shape are computed in registers
    trains = False              # whether the source of a step holds its training loop as well
    whole_runs = False          # whether all epochs of a run are made in one call
    rows = 512                  # of a record that are made together: as lists of floats that stay in the processor's cache
    piece = 2**24               # bytes of a landscape that are computed together

    @staticmethod
    def convert(name, value):
        """A value as a float."""
        return value if type(value) is float and value == value else float(exact(name, value))

    @staticmethod
    def column(values, known):
        """The values of one name for all samples."""
        return values

    @staticmethod
    def order(orders):
        """The indices of samples in one order after another."""
        return list(chain.from_iterable(orders))

    @classmethod
    def recorder(cls, rows, width):
        """(what ``keep`` is, a function that returns what was kept: one value after another)."""
        kept = []
        return kept.extend, lambda: kept

    @staticmethod
    def together(state, constants):
        """A state, ready to be changed."""
        return state

    @staticmethod
    def in_parts(run, values):
        """What ``run(of)`` returns, for all networks at once."""
        return run(lambda value: value)

    @classmethod
    def compile(cls, source, functions):
        """{name: function} of the functions of a plan, from its source, which was made from a validated Program."""
        return loaded(source)()


def loaded(source):
    """A function that makes the functions of a source, anew each time: {name: function}."""
    code = compile(source, "<backprop_sym>", "exec")

    def namespace():
        exec(code, found := {})
        return found
    return namespace


def optional(module, backend, extra):
    """The package that a backend needs, or an ImportError that says how to get it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"backend {backend!r} needs {module}: pip install \"backprop_sym[{extra}]\"") from error
