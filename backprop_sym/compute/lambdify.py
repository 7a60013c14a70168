"""Numbers from equations: a Program becomes straight-line source code, and that becomes a function.

    lambdify(program, backend)          f(values) -> values; f.source is the code, complete and readable
    functions(wanted)                   a function for each of some expressions, compiled together
"""
import numpy as np

from ..describe.arguments import expect
from ..describe.matrices import ArrayFunction
from ..describe.names import by_name
from ..describe.program import Program
from ..describe.shapes import sizes
from ..describe.values import Values, given
from .plan.batches import Batches
from .plan.entrywise import in_entries
from .plan.functions import expressions, straight
from .plan.loop import NUMBERS, Loop
from .plan.probabilities import of_sums
from .plan.sharing import written_out
from .run.backends import backend as backend_of
from .same import Same, kept
from .write.block import written


def lambdify(program, backend=None):
    """The program as a function from {name: number} to {name: number}, all quantities in order.

    ``backend`` is "python" (floats; the default), "numpy" (any value may be an array; they broadcast; the default for a
    program of arrays), "mpmath" (the precision of
    mpmath.mp), "numba", "c", "jax" or "javascript" (see ``run.backends``). ``f.source`` is the generated code, one line an
    equation, complete in itself; ``f.compute`` takes and returns plain numbers in the order of the program. Code in
    JavaScript is a module to be run elsewhere, with the training loop of a program that has updates, and arrays row by row in
    a Float64Array; calling f is a TypeError.

    What leaves the floats is inf or nan on every backend; "mpmath", which has no such bounds, raises ZeroDivisionError where
    a quantity divides by zero, OverflowError where it is exp of a number with more digits before the point than are computed
    with, ValueError for a logarithm or a root of a negative number. Arrays of single precision give arrays of it.

    Raises ValueError for an unknown backend and for a missing value, TypeError for a value that is no number, ImportError
    where the backend is not installed.

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
    expect(program=program)
    backend = default(program) if backend is None else backend
    machine = backend_of(backend)
    able(machine, program, backend)
    source, compute = _compiled(Same(program), machine)
    results = [program.spelled[s] for s in program.defined]

    def f(values):
        known = given(program, values)
        converted = [machine.convert(program.spelled[s], value) for s, value in known.items()]
        if program.shapes:
            sizes(program, dict(zip(program.given, map(np.shape, converted), strict=True)))
            converted = [v if np.ndim(v) else float(v) for v in converted]
        try:
            found = _of_one_precision(compute(*converted), known.values())
        except machine.errors:
            found = _named(program, converted, machine) if machine.boundless else _as_numpy(program, converted)
        return Values(zip(results, found, strict=True), program.spelled)

    f.source, f.compute, f.program = source, compute, program
    return f


def default(program):
    """The backend of a program where none is named."""
    return "numpy" if program.shapes else "python"


def _of_one_precision(found, given):
    """Arrays that were computed, in the precision of the arrays that are given: single precision at least."""
    precisions = {v.dtype for v in given if np.ndim(v) and hasattr(v, "dtype") and v.dtype.kind == "f"}
    if not precisions:
        return found
    precision = np.result_type(*precisions, np.float32)
    return [v.astype(precision) if hasattr(v, "dtype") and v.dtype.itemsize > precision.itemsize else v for v in found]


def _as_numpy(program, arguments):
    """What NumPy makes of floats for which Python's math raises an error: inf or nan."""
    machine = backend_of("numpy")
    compute = _compiled(Same(program), machine)[1]
    return map(float, compute(*(machine.convert(s.name, value) for s, value in zip(program.given, arguments, strict=True))))


def _named(program, arguments, machine):
    """The same, equation by equation; an error says for which quantity it was raised."""
    known = dict(zip(program.given, arguments, strict=True))
    for e in program:
        one = Program((e,))
        try:
            known[e.lhs], = _compiled(Same(one), machine)[1](*(known[s] for s in one.given))
        except machine.errors as error:
            raise type(error)(f"{program.spelled[e.lhs]!r} cannot be computed: {error or 'division by zero'}") from None
    return [known[s] for s in program.defined]


def able(machine, program, name):
    """Raise ValueError where a backend computes with numbers alone, and the program with arrays."""
    if program.shapes and not (machine.arrays or machine.in_entries):
        raise ValueError(f"backend {name!r}: a program of arrays needs backend 'numpy', 'jax' or 'javascript'; or write it "
                         "out in numbers, with bp.entries(program, sizes)")


@kept
def _compiled(same, machine):
    """(source, function) of a program."""
    program = same.program
    loops = machine.language.loops
    if program.shapes and loops == NUMBERS:
        plan = [in_entries(straight(program, written_out(of_sums(program), (ArrayFunction,)), True), program.shape)]
    else:
        plan = [straight(program, of_sums(program))]
    if machine.trains and program.updates:
        plan += (Batches if program.shapes else Loop)(program, (), False, "mean", loops).functions
    source = written(machine.language, plan, program.spelled)
    return source, machine.compile(source, plan)["program"]


def functions(wanted):
    """NumPy functions for some expressions, each of its symbols in the order of their names; compiled together.

    >>> from backprop_sym import parse
    >>> f, g = functions([parse("a + 2*b"), parse("sigmoid(c)")])
    >>> f(1, 3), float(g(0))
    (7, 0.5)
    """
    machine = backend_of("numpy")
    plan = expressions([(sorted(e.free_symbols, key=by_name), e) for e in wanted])
    made = machine.compile(written(machine.language, plan), plan)
    return [made[function.name] for function in plan]
