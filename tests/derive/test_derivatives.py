"""The chain rule held from outside: sympy.diff of the substituted network, the complex step, mpmath, a Hessian by SymPy."""
import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings

import backprop_sym as bp
from backprop_sym.describe.activation import shown
from backprop_sym.describe.names import Partial
from tests.oracles import SOURCE, complex_step, exact, networks, source_step, substituted

DIAMOND = bp.Program.parse(["z = w*x", "u = sigmoid(z)", "v = tanh(z)", "p = u*v + w*z", "E = (y - p)**2/2"],
                           inputs="x", targets="y", parameters="w", loss="E")
TIED = bp.Program.parse(["z1 = w*x + b", "a1 = sigmoid(z1)", "z2 = w*a1 + b", "a2 = sigmoid(z2)", "E = (y - a2)**2/2"],
                        inputs="x", targets="y", parameters="w b", loss="E")
SKIP = bp.Program.parse(["h = tanh(w1*x)", "p = w2*h + x*w3 + h*h*w1", "E = (y - p)**2"],
                        inputs="x", targets="y", parameters="w1 w2 w3", loss="E")
SMALL = [bp.dense([1, 1]), bp.dense([2, 2, 1]), bp.dense([1, 2, 2], activation=["tanh", "sigmoid"]), DIAMOND, TIED, SKIP]


@pytest.mark.parametrize("program", SMALL, ids=["1-1", "2-2-1", "1-2-2", "diamond", "tied", "skip"])
def test_reverse_is_the_sum_over_paths_is_diff_symbolically(program):
    whole = substituted(program)
    forward = {}
    for e in program:
        forward[e.lhs] = e.rhs.replace(lambda x: hasattr(x, "definition"), lambda x: x.definition).xreplace(forward)
    back = {}
    for e in bp.reverse(program):
        back[e.lhs] = shown(e.rhs).xreplace(forward).xreplace(back)
    points = {s: sp.Rational(3*i + 2, 7) for i, s in enumerate(program.given)}
    for p in program.parameters:
        expected = whole.diff(p)
        for derived in (back[Partial(program.loss, p)], bp.chain(program, p).expression.xreplace(forward)):
            assert abs((derived - expected).xreplace(points).evalf(60)) < 1e-50
            if program in (DIAMOND, SMALL[0]):          # and as functions, not only at a point
                assert sp.simplify((derived - expected).rewrite(sp.exp)) == 0


@settings(max_examples=6, deadline=None)
@given(networks())
def test_fifty_digits(network):
    """reverse, the sum over paths and sympy.diff after substitution, to 1e-40."""
    _, _, program, values = network
    back = (program + bp.reverse(program)).evaluate(values, digits=50)
    whole, at = substituted(program), {s: exact(values[s.name]) for s in program.given}
    for p in program.parameters[:3] + program.parameters[-1:]:
        path_sum = bp.chain(program, p).at(values, digits=50).value
        with mpmath.workdps(60):
            expected = mpmath.mpf(str(whole.diff(p).xreplace(at).evalf(60)))
            scale = max(1, abs(expected))
            assert abs(back[Partial(program.loss, p)] - expected) < 1e-40*scale
            assert abs(path_sum - expected) < 1e-40*scale


@settings(max_examples=30, deadline=None)
@given(networks(("sigmoid", "tanh", "softplus", "identity", "relu", "leaky_relu")))
def test_complex_step(network):
    """The compiled gradient is the complex step's, to 1e-14 of the sum of the absolute path terms.

    In these (|yhat| + |y|) stands for yhat - y, of which all digits but a few may cancel.
    """
    shape, activations, program, values = network
    compiled = bp.lambdify(program + bp.reverse(program))(values)
    target = {output: abs(float(values[y.name])) + abs(compiled[output]) for y, output in zip(
        program.targets, (f"yhat{k + 1}" for k in range(shape[-1])), strict=True)}
    for p in program.parameters:
        chain = bp.chain(program, p).at(values)
        outputs = dict.fromkeys(path.factors[0].partial.wrt for path in chain.paths)
        size = sum(target[output.name]*float(abs(path.contribution))
                   for output in outputs for path in bp.chain(program, p, of=output).at(values).paths)
        expected = complex_step(shape, activations, values, p.name)
        assert abs(compiled[chain.partial] - expected) <= 1e-14*size + 1e-300


def test_all_updates_come_from_the_old_values():
    step = bp.step(bp.dense([2, 2, 2]))
    values = bp.lambdify(step)({**SOURCE, "eta": "0.5"})
    for name, expected in source_step(0.5).items():
        assert values[step.updates[bp.symbol(name)]] == pytest.approx(expected, rel=1e-15, abs=1e-16)


def test_reference_values():
    net = bp.dense([2, 2, 2])
    found = (net + bp.reverse(net)).evaluate(SOURCE, digits=15)
    for name, expected in (("E_total", "0.254325323020430"), ("d(E_total)/d(w1)", "0.000483364547551"),
                           ("d(E_total)/d(w2)", "0.000615355968062"), ("d(E_total)/d(w7)", "0.0867813459863")):
        unit = 10.0**-(len(expected) - 2)
        assert abs(found[name] - mpmath.mpf(expected)) <= unit/2*1.01


def test_hessian_is_reverse_applied_twice():
    net = bp.dense([1, 2, 1], activation=["tanh", "sigmoid"])
    values = {s.name: sp.Rational(2*i + 1, 9) for i, s in enumerate(net.given)}
    whole = substituted(net)
    expected = sp.hessian(whole, net.parameters).xreplace({s: values[s.name] for s in net.given})
    back = bp.reverse(net)
    for i, p in enumerate(net.parameters):
        slope = Partial(net.loss, p)
        second = bp.reverse(net + back, of=slope, wrt=net.parameters)
        found = (net + back + second).evaluate(values, 30)
        for j, q in enumerate(net.parameters):
                with mpmath.workdps(30):
                    assert abs(found[Partial(slope, q)] - mpmath.mpf(str(expected[i, j].evalf(40)))) < 1e-25


def test_each_adjoint_is_computed_once():
    names = [e.lhs for e in bp.reverse(bp.dense([3, 4, 4, 2]))]
    assert len(names) == len(set(names))


def test_a_derivative_of_anything_by_anything():
    net = bp.dense([2, 2, 2])
    back = bp.reverse(net, of="z3", wrt=["a_z1", "w1"])
    found = (net + back).evaluate(SOURCE, 20)
    assert mpmath.nstr(found["d(z3)/d(a_z1)"], 20) == "0.4"
    assert abs(found["d(z3)/d(w1)"] - bp.chain(net, "w1", of="z3").at(SOURCE, 20).value) < 1e-18


def test_what_does_not_depend_has_derivative_zero():
    program = bp.Program.parse(["a = w*x", "E = a**2 + 0*v"], inputs="x", parameters="w v", loss="E")
    assert bp.reverse(program)["d(E)/d(v)"].rhs == 0
    assert bp.chain(program, "v").expression == 0


def test_paths_of_the_fork_and_what_one_of_them_is():
    chain = bp.chain(bp.dense([2, 2, 2]), "w2").at(SOURCE)
    assert [str(path.nodes[1]) for path in chain.paths] == ["yhat1", "yhat2"]
    assert chain.paths[1].contribution == pytest.approx(-2.60522297e-4, rel=2e-8)       # what the source prints
    assert chain.value > 0 > chain.paths[1].contribution


def test_a_dropped_path_is_noticed():
    """The check itself can fail: a backward pass without the fork's second term is not the complex step."""
    net = bp.dense([2, 2, 2])
    broken = bp.Program([bp.Equation(e.lhs, e.rhs.args[0] if e.lhs.name == "d(E_total)/d(a_z1)" else e.rhs)
                         for e in bp.reverse(net)])
    values = {k: float(v) for k, v in SOURCE.items()}
    found = bp.lambdify(net + broken)(values)["d(E_total)/d(w1)"]
    assert abs(found - complex_step([2, 2, 2], ["sigmoid"]*2, values, "w1")) > 1e-4


@pytest.mark.parametrize(("call", "words"), [
    (lambda net: bp.chain(net, "w55"), ["unknown", "'w55'", "'w5'"]),
    (lambda net: bp.chain(net, "w5", of="nothing"), ["unknown quantity", "'nothing'"]),
    (lambda net: bp.reverse(net, wrt=["w9x"]), ["unknown", "'w9x'"]),
    (lambda net: bp.reverse(net, of="E"), ["unknown", "'E'"]),
    (lambda net: bp.reverse(net.upto("z1")), ["no loss"]),
    (lambda net: bp.chain(net, "w5").value, ["no value yet", ".at(values)"]),
    (lambda net: bp.chain(bp.dense([2]*16), "w1"), ["paths", "reverse"]),
    (lambda net: bp.step(net.upto("z1")), ["loss"]),
    (lambda net: bp.step(net, gradient=bp.Program([])), ["gradient defines no d(E_total)/d(w1)"]),
])
def test_wrong_input(call, words):
    with pytest.raises(ValueError) as error:
        call(bp.dense([2, 2, 2]))
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize("width", [2, 3, 5, 8, 16])
def test_a_gradient_costs_at_most_one_and_a_half_forward_passes_more(width):
    """(gradient + loss)/forward <= 2.5 operations at every depth, a function counted as one."""
    for depth in (1, 2, 4, 7, 10) if width < 16 else (1, 10):
        net = bp.dense([width]*(depth + 2))
        assert bp.operations(net + bp.reverse(net)) <= 2.5*bp.operations(net)


def test_operations_by_hand():
    """z: 4 (two products, two sums); a: 1; E: a difference, a square, a half."""
    net = bp.dense([2, 1])
    assert bp.operations(net) == 4 + 1 + 3
    # p - y; dE/dp * slope (one function, one product); two products for the weights; the bias is a copy
    assert bp.operations(bp.reverse(net)) == 1 + 2 + 2
