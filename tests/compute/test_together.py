"""Updates of all parameters at once: the same bits as one parameter after another, in fewer operations."""
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.compute.plan import batches
from backprop_sym.compute.plan.together import Groups, grouped
from backprop_sym.compute.same import forget
from backprop_sym.derive.optimizers import OPTIMIZERS
from backprop_sym.describe.program import Equation
from tests.oracles import matrix_values

NET = bp.dense([4, 3, 2], ["tanh", "identity"], "cross_entropy_with_logits", form="matrix")
VALUES, SAMPLES = matrix_values(NET, 7, 1, "cross_entropy")


@pytest.fixture
def alone(monkeypatch):
    """Runs something with an update of one parameter after another."""
    def run(what):
        with monkeypatch.context() as patch:
            patch.setattr(batches, "grouped", lambda program, update: Groups((), tuple(update)))
            forget()
            found = what()
        forget()
        return found
    return run


def of(program):
    """(the groups of the update of a step, by the names of their parameters; what stays)."""
    names = {e.lhs for e in program if e.lhs in program.updates.values()}
    found = grouped(program, [e for e in program if e.lhs in names])
    return [[p.name for p in group.parameters] for group in found.groups], [program.spelled[e.lhs] for e in found.alone]


def changed(program, name, f):
    """The program in which the equation for a name is another."""
    return program._with([Equation(e.lhs, f(e.rhs)) if program.spelled[e.lhs] == name else e for e in program])


@pytest.mark.parametrize("schedule", [None, bp.Warmup(5)], ids=str)
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_the_same_bits(optimizer, schedule, alone):
    """With a last batch that is shorter, and orders of the samples that change."""
    def run():
        return bp.fit(NET, VALUES, SAMPLES, OPTIMIZERS[optimizer](), 0.03, 4, 3, backend="numpy", seed=5, schedule=schedule)
    together, one_by_one = run(), alone(run)
    assert together.loss.tolist() == one_by_one.loss.tolist() and set(together.values) == set(one_by_one.values)
    assert all(np.array_equal(together.values[name], one_by_one.values[name]) for name in together.values)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_as_many_operations_as_for_one_parameter(optimizer):
    """However many layers there are, the update is of one row."""
    def operations(widths):
        net = bp.dense(widths, "tanh", form="matrix")
        values, samples = matrix_values(net, 5, 1, "squared_error")
        made = OPTIMIZERS[optimizer]()
        given = {**values, **made.coefficients, "eta": 0.1}
        source = bp.training_source(bp.step(net, made), given, samples, "numpy", batch=2)
        return sum("_row" in line for line in source.partition("for start in ")[2].splitlines())
    assert 0 < operations([3, 2]) == operations([3, 4, 5, 2])


def test_groups():
    step = bp.step(NET)
    assert of(step) == ([["W1", "b1", "W2", "b2"]], [])
    assert of(bp.step(NET, bp.Adam())) == ([["W1", "b1", "W2", "b2"]], ["t_step_new"])
    doubled = changed(changed(step, "b1_new", lambda e: 2*e), "b2_new", lambda e: 2*e)
    assert of(doubled) == ([["W1", "W2"], ["b1", "b2"]], [])
    assert of(changed(step, "b1_new", lambda e: 2*e)) == ([["W1", "W2", "b2"]], ["b1_new"])


def test_what_is_not_entry_by_entry_stays():
    turned = changed(bp.step(bp.dense([3, 3, 3], form="matrix")), "W2_new", lambda e: e + bp.describe.matrices.total(e))
    turned = changed(turned, "W1_new", lambda e: e + bp.describe.matrices.total(e))
    assert of(turned) == ([["b1", "b2"]], ["W1_new", "W2_new"])


def test_what_needs_another_array_stays():
    step = bp.step(NET)
    W1, W2, b1, b2 = (step.symbol(name) for name in ("W1", "W2", "b1", "b2"))
    b1_new = step.symbol("b1_new")
    from_other = changed(step, "b1_new", lambda e: e + bp.describe.matrices.column_sums(W1))
    assert of(from_other) == ([["W1", "W2", "b2"]], ["b1_new"])
    of_new = changed(step, "b2_new", lambda e: e + bp.describe.matrices.total(b1_new))
    assert of(of_new) == ([["W1", "W2"]], ["b1_new", "b2_new"])         # b1_new must be there before b2_new


def test_what_needs_an_array_that_is_no_parameter_stays():
    net = bp.Program.parse(["Z = X @ (W*M) @ V", "E = mean(Z**2)"], shapes={"X": "B, 3", "W": "3, 3", "V": "3, 3", "M": "3, 3"},
                           inputs="X M", parameters="W V", loss="E")
    step = bp.step(net)
    assert of(step) == ([["W", "V"]], [])
    masked = changed(changed(step, "W_new", lambda e: e*step.symbol("M")), "V_new", lambda e: e*step.symbol("M"))
    assert of(masked) == ([], ["W_new", "V_new"])


def test_one_parameter_or_none_needs_no_row():
    assert of(bp.step(bp.dense([4, 2], form="matrix", bias=None)))[0] == []
    net = bp.Program.parse(["Z = X @ W + c", "E = mean(Z**2)"], shapes={"X": "B, 3", "W": "3, 2", "c": ""}, inputs="X",
                           parameters="W c", loss="E")
    assert of(bp.step(net)) == ([], ["W_new", "c_new"])


def test_a_frozen_parameter_is_in_no_row(alone):
    net = NET._with(NET.equations, frozen=("W1",))
    assert of(bp.step(net)) == ([["b1", "W2", "b2"]], [])
    def run():
        return bp.fit(net, VALUES, SAMPLES, bp.Momentum(), 0.1, 3, 2, backend="numpy")
    assert all(np.array_equal(a, b) for a, b in zip(run().values.values(), alone(run).values.values(), strict=True))


@pytest.mark.parametrize("net", [NET, bp.dense([4, 2], form="matrix", bias=None)], ids=["rows", "an array alone"])
def test_what_is_kept_and_given_is_not_part_of_a_row(net):
    values, samples = matrix_values(net, 7, 1, "cross_entropy")
    given = {name: array.copy() for name, array in values.items()}
    history = bp.fit(net, values, samples, epochs=2, batch=3, learning_rate=0.1, backend="numpy")
    assert all(np.array_equal(given[name], values[name]) for name in given)
    kept = history.at(1)
    before = {name: np.array(kept[name]) for name in given}
    history.at(2)["W1"][...] = 0
    assert all(np.array_equal(before[name], kept[name]) for name in given)
