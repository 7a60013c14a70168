"""Numbers from equations: a Program becomes straight-line source code, and that becomes a function.

    lambdify(program, backend)          f(values) -> values; f.source is the code, complete and readable
    functions(wanted)                   a function for each of some expressions, compiled together
"""

from ..describe.names import by_name
from ..describe.program import Program
from ..describe.values import Values, given
from .plan.functions import expressions, straight
from .plan.loop import Loop
from .run.backends import backend as backend_of
from .same import Same, kept
from .write.block import written


def lambdify(program, backend="python"):
    """The program as a function from {name: number} to {name: number}, all quantities in order.

    ``backend`` is "python" (floats), "numpy" (any value may be an array; they broadcast), "mpmath" (the precision of
    mpmath.mp), "numba", "c", "jax" or "javascript" (see ``run.backends``). ``f.source`` is the generated code, one line an
    equation, complete in itself; ``f.compute`` takes and returns plain numbers in the order of the program. Code in
    JavaScript is a module to be run elsewhere, with the training loop of a program that has updates; calling f is a
    TypeError.

    What leaves the floats is inf or nan on every backend; "mpmath", which has no such bounds, raises ZeroDivisionError where
    a quantity divides by zero. Raises ValueError for an unknown backend and for a missing value, TypeError for a value that
    is no number, ImportError where the backend is not installed.

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
    machine = backend_of(backend)
    source, compute = _compiled(Same(program), machine)
    results = [program.spelled[s] for s in program.defined]

    def f(values):
        converted = [machine.convert(program.spelled[s], value) for s, value in given(program, values).items()]
        try:
            found = compute(*converted)
        except machine.errors:
            found = _named(program, converted, machine) if machine.boundless else _as_numpy(program, converted)
        return Values(zip(results, found, strict=True), program.spelled)

    f.source, f.compute, f.program = source, compute, program
    return f


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


@kept
def _compiled(same, machine):
    """(source, function) of a program."""
    program = same.program
    plan = [straight(program)]
    if machine.trains and program.updates:
        plan += Loop(program, (), False, "mean", machine.language.loops).functions
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
