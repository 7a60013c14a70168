"""Equations as statements: a whole program as a function, and the functions that expressions call.

    assignments(equations)      the statements of some equations, one each
    open_sizes(program, ...)    the statements that find how many samples there are, and the like
    straight(program)           a function that takes what is given and returns every quantity
    expressions(...)            a function for each of some expressions
    helper(call, name)          the function that an activation, or its slope, is computed by
    shared_parts(forms, names)  what several expressions share, once
"""
import sympy as sp

from ...describe.activation import ActivationSlope
from ...describe.functions import softmax
from ...describe.matrices import ArrayFunction
from ...describe.shapes import Extent
from .statements import Array, Assign, Function, Pack, Return, Shares, Size


def assignments(equations, once=frozenset()):
    """The statements of the equations, one each; the shares of one softmax are computed together.

    ``once`` are the quantities that may be written where they are used.
    """
    statements, layers = [], {}
    for e in equations:
        if type(e.rhs) is softmax:
            layers.setdefault(e.rhs.args[1:], {}).setdefault(e.rhs.args[0], []).append(e.lhs)
    for e in equations:
        if type(e.rhs) is not softmax:
            statements.append(Assign(e.lhs, e.rhs, e.lhs in once))
        elif shares := layers.pop(e.rhs.args[1:], None):
            sums = e.rhs.args[1:]
            first = {k: names[0] for k, names in shares.items()}
            statements.append(Assign(tuple(first.get(k) for k in range(1, len(sums) + 1)), Shares(*sums)))
            statements += [Assign(again, first[k]) for k, names in shares.items() for again in names[1:]]
    return tuple(statements)


def open_sizes(program, equations):
    """The statements that find the sizes which the equations hold: of the first array that is given and has them."""
    used = {s for e in equations for s in e.rhs.free_symbols if isinstance(s, Extent)}
    return tuple(statement for statement in all_sizes(program) if statement.target in used)


def all_sizes(program, known=(), flat=False):
    """The statements that find all sizes, each of an array whose other sizes are known before, if there is one.

    A ``flat`` array knows its length alone. Raises ValueError where that does not tell its sizes.
    """
    open_, found = {s: program.shape.get(s, ()) for s in program.given}, dict.fromkeys(known)
    for most in range(1, 2 if flat else 3):     # of how many unknown sizes an array may have one found
        while True:
            new = {size: Size(s, axis) for s, shape in reversed(open_.items())
                   if len(left := {d for d in shape if isinstance(d, Extent) and d not in found}) in range(1, most + 1)
                   for axis, size in enumerate(shape) if size in left}
            if not new:
                break
            found |= new
    for s, shape in open_.items():
        if any(isinstance(d, Extent) and d not in found for d in shape):
            shown = ", ".join(map(str, shape))
            raise ValueError(f"{s}: expected at most one open size, for a flat array of shape ({shown}) has a length alone: "
                             f"give the others as numbers, such as shapes={{{s.name!r}: '{shape[0]}, 3'}}")
    return tuple(Assign(size, value) for size, value in found.items() if size not in known)


def straight(program, steps, loops=False):
    """A program as the function ``program`` of what is given, which returns every quantity in order.

    ``steps`` are the equations as they are computed; ``loops``: whether they will be loops over the entries of arrays.
    """
    body = (*(all_sizes(program, flat=True) if loops else open_sizes(program, steps.equations)), *assignments(steps.equations),
            Return(program.defined))
    return Function("program", (Pack(Array("given"), program.given),), body, out=Array("found"), rank=program.rank)


def expressions(wanted):
    """Functions f0, f1, ... for pairs (parameters, expression)."""
    return tuple(Function(f"f{i}", tuple(parameters), (Return((e,)),)) for i, (parameters, e) in enumerate(wanted))


def helper(call, name, together=True):
    """The function that is called for an activation or its slope; for softmax all shares, if ``together``, else one."""
    if isinstance(call, ActivationSlope):
        parameters = sp.symbols("z,")
        forms = [call.of.rule.stable_slope(*parameters)]
    elif isinstance(call, ArrayFunction):
        parameters = sp.symbols("Z,")
        forms = [call.stable(*parameters)]
    elif isinstance(call, softmax | Shares):
        parameters = sp.symbols(f"z1:{len(call.args[isinstance(call, softmax):]) + 1}")
        shares = call.args[:1] if isinstance(call, softmax) and not together else range(1, len(parameters) + 1)
        forms = [softmax.rule.stable(k, *parameters) for k in shares]
    else:
        parameters = sp.symbols("z,") if len(call.args) == 1 else sp.symbols(f"z1:{len(call.args) + 1}")
        forms = [call.rule.stable(*parameters)]
    # what a form uses more than once, such as exp(-|z|), is computed once
    shared, results = shared_parts(forms, sp.numbered_symbols("t"))
    return Function(name, parameters, (*(Assign(t, value) for t, value in shared), Return(tuple(results))))


def shared_parts(forms, names):
    """(pairs (name, expression), forms): what the forms share gets names; conditions stay where they are."""
    shared, results = sp.cse(list(forms), symbols=names, optimizations=())
    conditions = {name: value for name, value in shared if not isinstance(value, sp.Expr)}
    return ([(name, value.xreplace(conditions)) for name, value in shared if name not in conditions],
            [result.xreplace(conditions) for result in results])
