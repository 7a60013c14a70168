"""Plans: what is built passes the check, what is broken is refused; identifiers for any name, in every language."""
import itertools
import random
from dataclasses import replace

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.compute.plan.functions import straight
from backprop_sym.compute.plan.grid import Grid
from backprop_sym.compute.plan.loop import ARRAYS, NUMBERS, STEPS, Loop
from backprop_sym.compute.plan.registers import in_place, spread
from backprop_sym.compute.plan.statements import Accumulate, Assign, Element, For, Function, Keep, Return, When, whole
from backprop_sym.compute.plan.wellformed import check
from backprop_sym.compute.run.backends import BACKENDS
from backprop_sym.compute.write.identifiers import spelled
from tests.compute.test_engines import ENGINES
from tests.compute.test_javascript import called, needs_node
from tests.oracles import networks

OPTIMIZERS = [bp.GradientDescent(), bp.Momentum(), bp.Nesterov(), bp.RMSProp(), bp.Adam(), bp.AdamW()]


def plans(program, optimizer):
    """Every plan that is made of a network."""
    step = bp.step(program, optimizer)
    yield straight(step, step)
    columns = (*program.inputs, *program.targets)
    for kind, batches, reduce in itertools.product((NUMBERS, ARRAYS, STEPS), (False, True), ("mean", "sum")):
        yield from Loop(step, columns, batches, reduce, kind).functions
    for kind in (NUMBERS, ARRAYS, STEPS):
        yield from Loop(step, (), False, "mean", kind).functions
    along = dict.fromkeys(spread(step, step.hyperparameters[:1]), (0,))
    yield in_place(Loop(step, (), False, "mean", ARRAYS).functions[0], along, [s for s in step.updates if s in along])
    axes = program.parameters[-1], program.inputs[0]
    for kind, apart in itertools.product((NUMBERS, ARRAYS), (False, True)):
        made = Grid(program, axes, program.loss, kind, apart).function
        yield made if kind == NUMBERS else in_place(made, {s: (i,) for i, s in enumerate(axes)})


def statements(body):
    """All statements of a body, those of its blocks among them."""
    for statement in body:
        yield statement
        yield from statements(getattr(statement, "body", ()))


def without(body, gone):
    """A body without one statement."""
    return tuple(replace(s, body=without(s.body, gone)) if isinstance(s, For | When) else s for s in body if s is not gone)


@settings(max_examples=25, deadline=None)
@given(networks(("sigmoid", "tanh", "relu", "gelu", "identity")), st.sampled_from(OPTIMIZERS), st.randoms(use_true_random=False))
def test_every_plan_passes_and_none_that_lacks_a_definition(network, optimizer, rng):
    for plan in plans(network[2], optimizer):
        assert check(plan) is plan
        defining = [s for s in statements(plan.body) if isinstance(s, Assign) and not isinstance(s.target, Element)
                    and s.into is None and s.target not in plan.state and getattr(s.value, "out", None) is None]
        used = set().union(*(_read(s) for s in statements(plan.body)))
        wanted = [s for s in defining if used & set(s.target if isinstance(s.target, tuple) else [s.target])]
        for gone in rng.sample(wanted, min(3, len(wanted))):
            broken = replace(plan, body=without(plan.body, gone))
            with pytest.raises(ValueError, match=rf"plan of '{plan.name}': .* (is used before it|which) is (not )?defined"):
                check(broken)


def _read(statement):
    match statement:
        case Assign() | Accumulate():
            return statement.value.free_symbols
        case Keep() | Return():
            return set().union(*(v.free_symbols for value in statement.values
                                 for v in (value if isinstance(value, tuple) else [value])))
    return set()


x, y, z = sp.symbols("x y z")
i, n = whole("i n")


@pytest.mark.parametrize(("body", "words"), [
    ([Return((y,))], "y is used before it is defined"),
    ([Assign(x, y)], "y is used before"),
    ([Assign(y, x), Assign(y, 2*x)], "y is defined twice"),
    ([Assign(x, sp.Integer(1))], "x is defined twice"),
    ([Accumulate(y, x)], "y is used before"),
    ([For(i, sp.S.Zero, n, sp.S.One, (Assign(y, x),)), Return((y,))], "y is used before"),     # known in the loop alone
    ([For(i, sp.S.Zero, n, sp.S.One, (For(i, sp.S.Zero, n, sp.S.One, ()),))], "i is defined twice"),
    ([When(sp.Eq(i, 0), ())], "i is used before"),
    ([Assign(z, 2*x, into=y)], "z takes the place of y, which is not defined"),
    ([Assign(z, 2*x, into=x), Return((x,))], "x is used after z took its place"),
    (["z = 2*x"], "expected a statement, got 'z = 2\\*x'"),
])
def test_what_is_wrong_with_a_plan(body, words):
    with pytest.raises(ValueError, match=f"^plan of 'f': {words}"):
        check(Function("f", (x, n), tuple(body)))


def test_a_state_may_change_and_a_place_may_be_taken():
    assert check(Function("f", (x, n), (Assign(z, 2*x, into=x), Return((z,))), (x,)))
    assert check(Function("f", (x,), (Assign(x, 2*x), Return((x,))), (x,)))
    with pytest.raises(ValueError, match="x is defined twice"):
        check(Function("f", (x,), (Assign(x, 2*x), Return((x,)))))


# ---- identifiers

NAMES = """
    FP_RATE FP_NAN pow _Bool lambda class λ ŷ w₁ def e pi exp keep epoch i k train program given found state row double
    function let Math arguments where out mean r1 registers dims None print mpf NAN M_PI sigmoid sigmoid_slope t0 zeta_of
    zeta_sum zeta λ_new lamda σ Ω ω w1 first stop njit y1 j0 gamma erf ȳ""".split()


@pytest.mark.parametrize("backend", BACKENDS)
def test_any_name_has_an_identifier_in_every_language(backend):
    language = BACKENDS[backend].language
    symbols = [bp.symbol(name) for name in NAMES]
    loss = sp.Add(*((bp.sigmoid(a)*b - c)**2 for a, b, c in zip(symbols, symbols[1:], symbols[2:], strict=False)))
    program = bp.Program([("E", loss)], inputs=symbols[:10], parameters=symbols[10:], loss="E")
    plan = [straight(program, program), *Loop(bp.step(program), tuple(symbols[:10]), True, "mean", language.loops).functions]
    for function in plan:
        names = spelled(function, program.spelled, language.reserved)
        own = [names[s] for s in function.symbols]
        assert len(set(own)) == len(own)
        for name in names.values():
            assert name.isidentifier() and name.isascii() and name not in language.reserved


@pytest.mark.parametrize("backend", ["python", "numpy", "mpmath", *ENGINES, pytest.param("javascript", marks=needs_node)])
def test_code_under_any_name_computes(backend, tmp_path):
    rng = random.Random(1)
    symbols = [bp.symbol(name) for name in NAMES]
    program = bp.Program([(f"q{k}", bp.sigmoid(a)*sp.exp(b) - c) for k, (a, b, c) in enumerate(
        zip(symbols, symbols[1:], symbols[2:], strict=False))])
    values = {program.spelled[s]: rng.uniform(-1, 1) for s in program.given}
    other = program.rename({s: f"a{k}" for k, s in enumerate(program.given)})
    f = bp.lambdify(program, backend)
    if backend == "javascript":
        (found, _), = called(tmp_path, f.source, "program", [list(values.values())])
    else:
        found = f(values).values()
    expected = bp.lambdify(other)(dict(zip(map(other.spelled.get, other.given), values.values(), strict=True)))
    assert [float(v) for v in found] == pytest.approx(list(expected.values()), rel=1e-14)
