"""What a program costs: its operations, counted.

    operations(program)         arithmetic operations and function calls of all equations
    count(expression)           of one expression
"""
import sympy as sp

from ..describe.activation import Activation, Slope
from ..describe.arguments import expect


def operations(program):
    """The number of operations in all equations: each +, -, *, /, power and function counts as one.

    An activation or its derivative is one function, whatever it is made of. In a program of arrays an operation on whole arrays
    counts as one; how many operations on numbers that is for some sizes, ``operations(entries(program, sizes))`` says.

    >>> from backprop_sym import Program
    >>> operations(Program.parse(["z = w*x + b", "a = sigmoid(z)", "E = (y - a)**2/2"]))
    6
    """
    expect(program=program)
    return sum(count(e.rhs) for e in program)


def count(e):
    """The number of operations in an expression."""
    if isinstance(e, Activation | Slope):
        return 1 + sum(count(a) for a in e.args if not isinstance(e, Slope))
    if e.is_Add or e.is_Mul:
        signs = sum(1 for a in e.args if a == sp.S.NegativeOne)        # a sign belongs to the sum that it stands in
        return len(e.args) - 1 - signs + sum(map(count, e.args))
    if e.is_Pow:
        return 1 + count(e.base) + (count(e.exp) if not e.exp.is_Number else 0)
    return sum(map(count, e.args)) + bool(e.args)
