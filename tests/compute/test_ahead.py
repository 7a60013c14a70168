"""Factors that are computed ahead: the same numbers, also where slopes are nearly 0, and fewer arrays that are kept."""
import re

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.compute.plan.ahead import Ahead, ahead
from backprop_sym.compute.plan.arranged import arranged
from backprop_sym.compute.plan.sharing import written_out
from backprop_sym.compute.trainer import training_source

L, RNG, B = bp.layers, np.random.default_rng(8), 3
CELLS = {"lstm": L.lstm(2, 3), "gru": L.gru(2, 3), "recurrent": L.recurrent(2, 3),
         "a gate": bp.Program.parse(["A = X @ W + H @ U", "G = sigmoid(A)", "S = G*H + (1 - G)*tanh(X @ V)*H"], inputs="X H",
                                    parameters="W U V", updates={"H": "S"},
                                    shapes={"X": "B, 2", "H": "B, 3", "W": "2, 3", "U": "3, 3", "V": "2, 3"})}
# How many arrays of every step are there for the way back; with neither factors ahead nor homes 14, 11, 4 and 7.
KEPT = {"lstm": 7, "gru": 7, "recurrent": 2, "a gate": 7}


def net_of(name, steps):
    whole = bp.unroll_in_time(CELLS[name], steps)
    return whole + bp.Program.parse(["E = sum((S_last - Y)**2)"], shapes={"S_last": "B, 3", "Y": "B, 3"}, inputs="S_last",
                                    targets="Y", loss="E").rename({"S_last": whole.defined[-1]})


def values_of(net, size=1.0):
    """({parameter: array}, {what is given for each sample: array})."""
    values = {s.name: size*RNG.normal(size=[B if n.is_Symbol else int(n) for n in net.shape[s]]) for s in net.given}
    return {p.name: values.pop(p.name) for p in net.parameters}, values


@pytest.mark.parametrize("size", [1.0, 20.0], ids="numbers of {}".format)
@pytest.mark.parametrize("name", CELLS)
def test_an_update_has_the_digits_of_the_program(name, size):
    """Where gates are nearly 0 or 1, too: a slope of 1e-20 is right in all digits, and so is what a weight moves by."""
    net = net_of(name, 3)
    start, samples = values_of(net, size)
    after = bp.fit(net, {p: 0*a for p, a in start.items()} | start, samples, learning_rate=1.0, epochs=1).values
    back = net + bp.reverse(net)
    exact = back.evaluate({**start, **samples}, 30)
    plain = bp.lambdify(back)({**start, **samples})
    for p, a in start.items():
        gradient = exact[f"d(E)/d({p})"].astype(float)
        error = abs(a - after[p][-1] - gradient) - 2e-16*abs(a)                # a - rate*gradient is rounded to the digits of a
        as_written = abs(plain[f"d(E)/d({p})"] - gradient)
        assert (error <= 4*as_written + 1e-13*abs(gradient).max()).all(), p


@pytest.mark.parametrize("name", CELLS)
def test_what_every_step_keeps(name):
    """The arrays of three units that a step more takes, wherever they lie: alone, or below others."""
    def arrays(steps):
        start, samples = values_of(net := net_of(name, steps))
        source = training_source(bp.step(net), {**start, "eta": 0.1}, samples)
        return sum(int(k) for k in re.findall(r"\(-(\d+), 3\)", re.search(r"arrays = workspace.*", source)[0]))
    assert arrays(14) - arrays(6) == 8*KEPT[name]


def test_a_factor_stands_where_it_is_known():
    """Each of one backward quantity and all that was known before; before the loss, and once for each gate."""
    net = net_of("lstm", 2)
    back = written_out(net + bp.reverse(net))
    made = ahead(arranged(back, [net.loss, *(s for s in back.defined if getattr(s, "wrt", None) in net.parameters)]))
    order = list(made.defined)
    factors = [e for e in made if isinstance(e.lhs, Ahead)]
    assert len(factors) == 2*5 and all(order.index(e.lhs) < order.index(net.loss) for e in factors)
    for e in factors:
        assert not any(isinstance(s, bp.Partial) for s in e.rhs.free_symbols) and len(e.rhs.free_symbols) > 1


def test_a_network_that_would_keep_as_much_stays_as_it_is():
    net = bp.dense([3, 4, 2], ["tanh", "sigmoid"], form="matrix")
    back = written_out(net + bp.reverse(net))
    assert ahead(back) is back
