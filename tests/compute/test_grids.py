"""Landscapes in every dialect: each loop computes what belongs to it, and exponentials of sums come apart only where they may."""
import random

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.compute.landscape import LARGEST, Filler, fill
from backprop_sym.compute.run.backends import BACKENDS
from tests.compute.test_engines import ENGINES
from tests.oracles import SOURCE

NET = bp.dense([2, 2, 2])
SOFTMAX = bp.dense([2, 3, 2], ["tanh", "softmax"], "cross_entropy")
XS, YS, ZS = np.linspace(-2, 2, 7), np.linspace(-1, 3, 5), np.linspace(0, 1, 3)


def values_of(net):
    rng = random.Random(3)
    return {s.name: rng.uniform(-1, 1) for s in net.given} | {"y1": 0.25, "y2": 0.75}


def one_by_one(net, values, axes, of):
    """The quantity at each point by the scalar program."""
    f, shape = bp.lambdify(net), tuple(map(len, axes.values()))
    found = [f({**values, **{name: line[i] for (name, line), i in zip(axes.items(), at, strict=True)}})[of]
             for at in np.ndindex(shape)]
    return np.reshape(found, shape)


def grid_of(net, axes, backend="numpy", of=None):
    return Filler(net, tuple(map(bp.symbol, axes)), bp.symbol(of or net.loss), BACKENDS[backend])


@pytest.mark.parametrize("backend", ["python", "numpy", *ENGINES])
@pytest.mark.parametrize(("net", "names"), [
    (NET, ["w5", "w7"]), (NET, ["w1", "w5", "b3"]), (NET, ["x1"]), (SOFTMAX, ["b3", "w1"]), (SOFTMAX, ["w7", "w8"]),
    (bp.dense([2, 2, 2], ["relu", "identity"], "huber"), ["w1", "x1"]), (bp.penalize(NET, "l", "m"), ["l", "w5"]),
    (bp.dense([2, 2, 2], ["silu", "gelu"]), ["w2", "w6"])])
def test_every_point_of_every_dialect(net, names, backend):
    values, axes = values_of(net), dict(zip(names, (XS, YS, ZS), strict=False))
    axes = {name: abs(line) for name, line in axes.items()}         # a weight of a penalty is not negative
    found = bp.landscape(net, values, axes, backend=backend)
    assert found == pytest.approx(one_by_one(net, values, axes, net.loss.name), rel=2e-13)


@pytest.mark.parametrize("backend", ["python", "numpy", *ENGINES])
def test_far_out_nothing_overflows(backend):
    """exp(1000 - 1000) is 1, though exp(1000) is no float: such exponentials are not taken apart."""
    axes = {"w5": np.array([-2000.0, 0, 2000]), "w7": np.array([2000.0, -2000, 0, 1])}
    found = bp.landscape(NET, SOURCE, axes, backend=backend)
    assert found == pytest.approx(one_by_one(NET, SOURCE, axes, "E_total"), rel=1e-13)
    assert np.isfinite(found).all() and len(set(found.ravel().tolist())) > 5


def test_how_far_exponentials_come_apart():
    program = bp.Program.parse(["a = exp(u - v)"])
    line = np.array([0, 0.1, 0.6])*LARGEST
    for top, apart in ((0.6, False), (0.4, True)):
        made = grid_of(program, {"u": 0, "v": 0}, of="a")
        axes = [line*top/0.6]*2
        assert fill(made, axes, [], 2**20) == pytest.approx(one_by_one(program, {}, dict(zip("uv", axes, strict=True)), "a"))
        assert ("together" in made.__dict__) is not apart        # the grid that takes nothing apart was needed
    assert "exp(u)" in made.source and "exp(-v)" in made.source


def test_a_grid_computes_what_is_asked_along_the_axes_that_matter():
    made = grid_of(NET, {"w5": XS, "w7": YS}, of="yhat2")
    assert "yhat1" not in made.source and made.grid.kept == {bp.symbol("yhat2"): ()}
    assert (bp.landscape(NET, SOURCE, {"w5": XS, "w7": YS}, of="yhat2", backend="python") ==
            bp.lambdify(NET)(SOURCE)["yhat2"]).all()
    assert list(grid_of(NET, {"w1": 0, "w5": 0, "b3": 0}, "python").grid.nests) == [(), (0,), (2,), (0, 1), (0, 1, 2)]


@pytest.mark.parametrize("piece", [1, 100, 300, 10**6])
@pytest.mark.parametrize("backend", ["python", "numpy"])
def test_pieces_along_every_axis(piece, backend):
    axes = {"w1": XS, "w5": YS, "b3": ZS}
    whole = bp.landscape(NET, SOURCE, axes, backend=backend)
    assert (bp.landscape(NET, SOURCE, axes, piece=piece, backend=backend) == whole).all()


def test_a_landscape_is_the_readers_own():
    line = np.linspace(0, 1, 5)
    found = bp.landscape(bp.Program.parse(["a = x"]), {}, {"x": line}, of="a")
    found[:] = 7
    assert (line == np.linspace(0, 1, 5)).all()


def test_the_code_of_a_grid():
    net = bp.dense([1, 1])
    assert grid_of(net, {"w1": 0, "b1": 0}, "python").source == '''\
from math import exp


def grid(n0, n1, w1_of, b1_of, x1, y1, yhat1_f0_of, yhat1_f1_of, E_total_of):
    for i0 in range(n0):
        w1 = w1_of[i0]
        yhat1_f1 = exp(-x1*w1)
        yhat1_f1_of[i0] = yhat1_f1
    for i1 in range(n1):
        b1 = b1_of[i1]
        yhat1_f0 = exp(-b1)
        yhat1_f0_of[i1] = yhat1_f0
    for i0 in range(n0):
        for i1 in range(n1):
            yhat1_f0 = yhat1_f0_of[i1]
            yhat1_f1 = yhat1_f1_of[i0]
            yhat1 = 1.0/(1.0 + yhat1_f0*yhat1_f1)
            E_total_t2 = y1 - yhat1
            E_total = (E_total_t2*E_total_t2)/2.0
            E_total_of[i0*n1 + i1] = E_total
'''
    assert grid_of(net, {"w1": 0, "b1": 0}).source.partition("def grid")[2] == '''\
(w1, b1, x1, y1):
    r1, r2 = registers(broadcast_shapes(w1.shape, b1.shape), 2)
    yhat1_f0 = exp(-b1)
    yhat1_f1 = exp(-x1*w1)
    multiply(yhat1_f0, yhat1_f1, out=r1)
    add(1, r1, out=r1)
    yhat1 = divide(1, r1, out=r1)
    E_total_t2 = subtract(y1, yhat1, out=r1)
    multiply(E_total_t2, E_total_t2, out=r2)
    E_total = multiply(r2, 0.5, out=r2)
    return E_total, yhat1_f0, yhat1_f1
'''


def test_names_that_the_code_needs_itself():
    program = bp.Program.parse(["n0 = grid*i0 + kept", "E = n0**2 + w5_of"])
    values = {"grid": 2, "i0": 3, "kept": 4, "w5_of": 5}
    for backend in ("python", "numpy"):
        found = bp.landscape(program, values, {"i0": [1, 2], "grid": [1, 2, 3]}, of="E", backend=backend)
        assert found.tolist() == [[30, 41, 54], [41, 69, 105]]


@pytest.mark.parametrize("backend", ["mpmath", "fortran"])
def test_wrong_backends(backend):
    with pytest.raises(ValueError, match=f"unknown backend '{backend}'"):
        bp.landscape(NET, SOURCE, {"w5": XS}, backend=backend)
