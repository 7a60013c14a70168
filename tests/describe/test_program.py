"""Programs and networks: what they are, what they refuse, and that text goes there and back."""
import dataclasses
import pickle

import pytest

import backprop_sym as bp
from backprop_sym.describe.names import Partial, symbol


def test_dense_names_and_order_of_the_source():
    net = bp.dense([2, 2, 2])
    assert repr(net) == """\
z1 = x1*w1 + x2*w3 + b1
a_z1 = sigmoid(z1)
z2 = x1*w2 + x2*w4 + b2
a_z2 = sigmoid(z2)
z3 = a_z1*w5 + a_z2*w7 + b3
yhat1 = sigmoid(z3)
z4 = a_z1*w6 + a_z2*w8 + b4
yhat2 = sigmoid(z4)
E_total = ((y1 - yhat1)**2 + (y2 - yhat2)**2)/2"""
    assert [str(s) for s in net.inputs + net.targets] == ["x1", "x2", "y1", "y2"]
    assert [str(s) for s in net.parameters] == [f"w{i}" for i in range(1, 9)] + [f"b{i}" for i in range(1, 5)]
    assert str(net.loss) == "E_total"
    assert net == bp.worked_example("source").forward


def test_one_output_is_numbered_too():
    net = bp.dense([3, 1], activation="identity", loss="squared_error")
    assert [str(s) for s in net.defined] == ["z1", "yhat1", "E_total"]


def test_frozen():
    net = bp.dense([1, 1])
    with pytest.raises(dataclasses.FrozenInstanceError):
        net.equations = ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        net.equations[0].rhs = 0


def test_concatenation_upto_given():
    net = bp.dense([2, 2, 2])
    back = bp.reverse(net)
    assert {"a_z1", "yhat2", "w5"} <= {str(s) for s in back.given}
    assert (net + back).given == net.given
    assert [str(s) for s in net.upto("z3").defined] == ["z1", "a_z1", "z2", "a_z2", "z3"]
    assert net.upto("z3").loss is None and net.upto("E_total") == net
    assert len(net + back) == len(net) + len(back)
    with pytest.raises(ValueError, match="before"):
        back + net
    with pytest.raises(ValueError, match="twice"):
        net + net


def test_equality_compares_the_equations():
    one = bp.Program.parse(["z = w*x"], inputs="x", parameters="w")
    two = bp.Program.parse(["z = x*w"])
    assert one == two and hash(one) == hash(two)
    assert one != bp.Program.parse(["z = w*x + 1"])


@pytest.mark.parametrize("net", [bp.dense([2, 2, 2]), bp.dense([1, 3, 2], activation=["relu", "tanh"]),
                                 bp.dense([2, 1], loss="binary_cross_entropy")])
def test_text_goes_there_and_back(net):
    assert bp.Program.parse(repr(net)) == net


def test_a_text_is_none_of_the_names_that_the_package_made():
    """Two symbols that are spelled alike are two: one that is given by its text would stay open."""
    cell = bp.Program.parse(["s = tanh(w*x + u*h)"], inputs="x h", parameters="w u", updates={"h": "s"})
    line = bp.Program.parse(["z = v*q", "E = z**2"], inputs="q", parameters="v", loss="E")
    for first, name in ((bp.unroll_in_time(cell, 3), "h_time3"), (bp.batch(line, 2), "z_sample2"),
                        (bp.unroll(line, 1, optimizer=bp.GradientDescent()), "v_new")):
        with pytest.raises(ValueError, match=rf"'{name}' is given to the second program, .* first\.symbol\('{name}'\)"):
            first + bp.Program.parse([f"e = {name} - 1"], inputs=name)
        whole = first + bp.Program.parse(["e = X - 1"], inputs="X").rename({"X": first.symbol(name)})
        assert first.symbol(name) not in whole.given and first.symbol(name) in whole["e"].uses


def test_rename_renames_derivatives_too():
    net = bp.dense([1, 1])
    renamed = bp.reverse(net).rename({"E_total": "E", "w1": "w"})
    assert Partial(symbol("E"), symbol("w")) in renamed
    assert "d(E)/d(z1)" in renamed


def test_second_forward_pass_is_the_first_renamed():
    net = bp.dense([2, 2, 2])
    step = bp.step(net)
    second = net.rename({**step.updates, **{s: s.name + "_prime" for s in net.defined}})
    both = (step + second).evaluate({**bp.worked_example("source").values, "eta": "0.01"}, 15)
    assert abs(both["E_total_prime"] - 0.253931118274) < 1e-12


def test_lookup():
    net = bp.dense([2, 2, 2])
    assert str(net["z1"]) == "z1 = b1 + w1*x1 + w3*x2" and "z1" in net and "w1" not in net
    with pytest.raises(ValueError, match="unknown quantity 'z9'; did you mean 'z"):
        net["z9"]


def test_symbols_and_partials_pickle():
    partial = Partial(symbol("E"), Partial(symbol("E"), symbol("w")))
    again = pickle.loads(pickle.dumps(partial))
    assert again == partial and again.wrt.of == symbol("E")
    assert symbol("d(E)/d(d(E)/d(w))") == partial


ROLES = {"inputs": "x", "parameters": "w b"}


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: bp.Program.parse(["z = w*x", "z = b"], **ROLES), ValueError, ["'z'", "twice"]),
    (lambda: bp.Program.parse(["w = x"], **ROLES), ValueError, ["'w'", "twice", "given"]),
    (lambda: bp.Program.parse(["a = z", "z = w*x"], **ROLES), ValueError, ["'z'", "'a'", "before"]),
    (lambda: bp.Program.parse(["z = w*x + bb"], **ROLES), ValueError, ["'bb'", "'z'", "undefined", "'b'"]),
    (lambda: bp.Program.parse(["z = w*x"], loss="E", **ROLES), ValueError, ["loss", "'E'"]),
    (lambda: bp.Program.parse(["z = w*x"], inputs="x", parameters="w x"), ValueError, ["'x'", "more than one role"]),
    (lambda: bp.Program.parse(["z = w*x"], frozen="q", **ROLES), ValueError, ["frozen", "'q'"]),
    (lambda: bp.Program.parse(["z w*x"]), ValueError, ["equation", "'z w*x'"]),
    (lambda: bp.Program.parse(["z = w*"]), ValueError, ["expected an expression"]),
    (lambda: bp.Program.parse([3]), TypeError, ["text", "3"]),
    (lambda: bp.Equation("z", [1]), TypeError, ["z", "expression"]),
    (lambda: bp.symbol("2x"), ValueError, ["identifier", "'2x'"]),
    (lambda: bp.symbol(3), TypeError, ["str", "3"]),
    (lambda: bp.dense([2, 0]), ValueError, ["widths", "positive integers", "0"]),
    (lambda: bp.dense([2, 2.5]), ValueError, ["widths", "2.5"]),
    (lambda: bp.dense([2, True]), ValueError, ["widths", "True"]),
    (lambda: bp.dense("ab"), ValueError, ["widths", "'a'"]),
    (lambda: bp.dense([]), ValueError, ["widths", "input and an output"]),
    (lambda: bp.dense(3), ValueError, ["widths", "3"]),
    (lambda: bp.dense([2, 2], activation="sigmod"), ValueError, ["activation", "'sigmod'", "'sigmoid'"]),
    (lambda: bp.dense([2, 2, 2], activation=["tanh"]), ValueError, ["activation", "2", "got 1"]),
    (lambda: bp.dense([2, 2], loss="half_square_error"), ValueError, ["loss", "'half_squared_error'"]),
])
def test_wrong_input(call, error, words):
    with pytest.raises(error) as raised:
        call()
    assert all(word in str(raised.value) for word in words), str(raised.value)
