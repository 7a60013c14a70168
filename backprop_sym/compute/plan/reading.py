"""What statements read, and copies of what they record: what a pass must know that lets values share their arrays.

    occurring(value)            every symbol in a value, as often as it stands there
    read(statement)             the symbols that a statement reads
    copied(statement, shape)    the statement with copies of the arrays that it records
"""
from dataclasses import replace

from .statements import Assign, Keep, Operation, When


def occurring(value):
    """Every symbol that a value reads, as often as it does."""
    if not isinstance(value, Operation):
        yield from value.free_symbols
    else:
        for a in value.args:
            yield from occurring(a)


def read(statement):
    """The symbols that a statement reads."""
    match statement:
        case Assign():
            return statement.value.free_symbols
        case Keep():
            return set().union(*(value.free_symbols for value in statement.values))
        case When():
            return set().union(*map(read, statement.body))
    raise TypeError(f"expected a statement of a loop, got {statement!r}")


def copied(statement, shape):
    """The statement with copies of what it records, for arrays change."""
    if not isinstance(statement, Keep):
        return statement
    values = (Operation("positive", (value,)) if shape(value) else value for value in statement.values)
    return replace(statement, values=tuple(values))
