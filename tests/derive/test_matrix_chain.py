"""The chain rule of arrays: what each factor hands on, one in another, and the sum over paths."""
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backprop_sym as bp
from tests import arrays

NET = bp.dense([2, 3, 2], form="matrix")


def test_each_factor_says_what_it_hands_on_and_its_shape():
    chain = bp.chain(NET, "W1")
    path, = chain.paths
    assert [str(f.partial) for f in path.factors] == [
        "d(E_total)/d(Yhat)", "d(Yhat)/d(Z2)", "d(Z2)/d(A1)", "d(A1)/d(Z1)", "d(Z1)/d(W1)"]
    assert [f.shape for f in path.factors] == [NET.shape[bp.symbol(s)] for s in ("Yhat", "Z2", "A1", "Z1", "W1")]
    assert repr(chain).splitlines()[2:] == [
        "    = (Yhat - Y)/B, D*Yhat*(1 - Yhat), D @ W2.T, D*A1*(1 - A1), X.T @ D",
        "    = X.T @ (((((Yhat - Y)/B)*Yhat*(1 - Yhat)) @ W2.T)*A1*(1 - A1))"]
    assert str(path) == "E_total <- Yhat <- Z2 <- A1 <- Z1 <- W1"


def test_a_quantity_called_d_is_another():
    program = bp.Program.parse(["D = X @ W", "E = sum(sigmoid(D)*D)"], shapes={"X": "B, n", "W": "n, 2"}, loss="E")
    assert "X.T @ D_" in repr(bp.chain(program, "W"))
    values = {"X": [[1, 2]], "W": [[0.5, 0.25], [1, -1]]}
    found = (program + bp.reverse(program, wrt="W")).evaluate(values)["d(E)/d(W)"]
    assert np.all(abs(bp.chain(program, "W").at(values).value - found) <= 1e-14)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_paths_add_up_to_the_backward_pass(data):
    program, sizes = data.draw(arrays.programs(depth=2, most=3)), data.draw(arrays.sizes)
    values = arrays.numbers_of(data.draw, program, sizes)
    s = data.draw(st.sampled_from(program.given))
    chain = bp.chain(program, s).at(values)
    expected = (program + bp.reverse(program, wrt=[s])).evaluate(values)[bp.Partial(program.loss, s)]
    if chain.paths:
        assert np.shape(chain.value) == np.shape(expected)
        assert all(np.shape(path.contribution) == np.shape(expected) for path in chain.paths)
    assert np.all(abs(chain.value - expected) <= 1e-12*np.maximum(1, abs(expected)))


def test_a_fork_has_a_line_for_each_path():
    program = bp.Program.parse(["Z = X @ W", "E = sum(Z @ W)"], shapes={"X": "B, n", "W": "n, n"}, loss="E", parameters="W",
                               inputs="X")
    chain = bp.chain(program, "W")
    assert len(chain.paths) == 2 and repr(chain).count("\n    + ") == 2
    assert chain.at({"X": [[1, 2]], "W": [[1, 0], [0, 1]]}).value.tolist() == [[2, 2], [4, 4]]


def test_without_values_there_is_no_value():
    with pytest.raises(ValueError, match="has no value yet"):
        _ = bp.chain(NET, "W1").value
    assert bp.chain(NET, "E_total").expression == 1 and "    = 1" in repr(bp.chain(NET, "E_total"))
