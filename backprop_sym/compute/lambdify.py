"""Numbers from equations: a Program becomes straight-line source code, and that becomes a function.

    lambdify(program, backend)          f(values) -> values; f.source is the code, complete and readable
    assignments(program, write)         the lines of code for the equations
    definitions(write)                  the functions that those lines call
"""
import builtins
import keyword
import re

import sympy as sp

from ..describe.functions import ACTIVATIONS, lookup, softmax
from ..describe.values import Values, given
from .run.backends import BACKENDS
from .write.expression import helper_forms
from .write.inplace import InPlace

LINE = 120              # characters up to which a quantity that is used once is written where it is used
# Names that generated code gives itself, and the words and macros of C.
RESERVED = re.compile(r"(softmax|logsumexp)_\d+(_\d+)?|t\d+|given|found|njit|fabs|fmax|pow|auto|break|case|char|const|continue|"
                      "default|do|double|else|enum|extern|float|for|goto|if|inline|int|long|register|restrict|return|short|"
                      "signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while|"
                      "NAN|INFINITY|HUGE_VAL[FL]?|MATH_ERR(NO|EXCEPT)|FP_[A-Z_]+")


# ---- Program -> source -> function

def identifiers(program, extra=(), reserved=RESERVED):
    """{symbol: a Python identifier}, distinct, for every symbol: d(E)/d(w) becomes dE_dw."""
    # Whatever is imported by the dialect that imports most; no code then depends on the dialect for its names.
    taken = {*dir(builtins), *InPlace.imported, "program", "mpf", "re", "math", "vectorize"}
    taken |= {form for name in ACTIVATIONS for form in (name, name + "_slope")}
    names = {}
    for s in (*program.given, *program.defined, *extra):
        name = program.spelled.get(s, s.name).replace("d(", "d").replace(")/", "_").replace("(", "").replace(")", "")
        while name in taken or keyword.iskeyword(name) or RESERVED.fullmatch(name) or reserved.fullmatch(name):
            name += "_"
        taken.add(name)
        names[s] = name
    return names


def assignments(equations, write):
    """The lines of code for the equations, one each; the shares of one softmax are computed together."""
    lines, done = [], set()
    layers = {}
    for e in equations:
        if type(e.rhs) is softmax:
            layers.setdefault(e.rhs.args[1:], {}).setdefault(e.rhs.args[0], e.lhs)
    for e in equations:
        if e.lhs in write.once and len((written := write.write(e.rhs))[0]) < LINE:
            write.inlined[e.lhs] = written
        elif type(e.rhs) is not softmax or not write.tuples:
            lines.append(write.assign([write(e.lhs)], write(e.rhs)))
        elif e.lhs not in done:
            shares = layers[e.rhs.args[1:]]
            done |= set(shares.values())
            names = [write(shares[k]) if k in shares else "_" for k in range(1, len(e.rhs.args))]
            lines.append(write.assign(names, write(e.rhs).rpartition("[")[0]))
            lines += [write.assign([write(other.lhs)], write(shares[other.rhs.args[0]])) for other in equations
                      if other.rhs == e.rhs and other.lhs not in done]
    return lines


def shared_parts(forms, names):
    """(pairs (name, expression), forms): what the forms share gets names; conditions stay where they are."""
    shared, results = sp.cse(list(forms), symbols=names, optimizations=())
    conditions = {name: value for name, value in shared if not isinstance(value, sp.Expr)}
    return ([(name, value.xreplace(conditions)) for name, value in shared if name not in conditions],
            [result.xreplace(conditions) for result in results])


def definitions(write):
    """The functions that were called, in their stable forms, those first that others call."""
    defined, lines = {}, []
    while todo := [name for name in write.called if name not in defined]:
        for name in todo:
            parameters, forms = helper_forms(write.called[name], write.tuples)
            # what a form uses more than once, such as exp(-|z|), is computed once
            shared, results = shared_parts(forms, sp.numbered_symbols("t"))
            own = type(write)({}, {s: s.name for s in (*parameters, *(t for t, _ in shared))}, write.called)
            defined[name] = own.define(name, [s.name for s in parameters],
                                       [own.assign([own(t)], own(value)) for t, value in shared], [own(r) for r in results])
    for definition in reversed(defined.values()):
        lines += [*definition, "", ""]
    return lines


def lambdify(program, backend="python"):
    """The program as a function from {name: number} to {name: number}, all quantities in order.

    ``backend`` is "python" (floats), "numpy" (any value may be an array; they broadcast), "mpmath" (the precision of
    mpmath.mp), "numba", "c" or "jax" (see ``engines``). ``f.source`` is the generated code, one line an equation,
    complete in itself; ``f.compute`` takes and returns plain numbers in the order of the program. Raises ValueError for
    an unknown backend and for a missing value, TypeError for a value that is no number, ImportError where the backend
    is not installed.

    >>> from backprop_sym import dense
    >>> f = lambdify(dense([1, 1]))
    >>> print(f.source.rpartition("def ")[2])
    program(x1, y1, w1, b1):
        z1 = x1*w1 + b1
        yhat1 = sigmoid(z1)
        E_total = (y1 - yhat1)**2/2
        return z1, yhat1, E_total
    <BLANKLINE>
    >>> f({"x1": 1, "w1": 2, "b1": -2, "y1": 1})["E_total"]
    0.125
    """
    dialect = backend if isinstance(backend, type) else lookup(BACKENDS, "backend", backend)
    source = program_source(program, dialect)
    compute = dialect.compile(source)["program"]
    results = [program.spelled[s] for s in program.defined]

    def f(values):
        converted = [dialect.convert(program.spelled[s], value) for s, value in given(program, values).items()]
        return Values(zip(results, compute(*converted), strict=True), program.spelled)

    f.source, f.compute, f.program = source, compute, program
    return f


def program_source(program, dialect):
    """The code of a function ``program`` that takes what is given and returns every quantity."""
    names = identifiers(program)
    write = dialect(program.rank, names)
    body = assignments(program, write)
    main = write.define_program([names[s] for s in program.given], body, [names[s] for s in program.defined])
    text = "\n".join([*definitions(write), *main, ""])
    header = write.header(text)
    return header + ("\n\n" if header else "") + text
