"""Figures: the plotted data, the words, and that nothing covers anything else."""
from itertools import combinations

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym import figures
from tests.oracles import SOURCE

NET = bp.dense([2, 2, 2])


def texts(figure):
    return [t for t in figure.axes[0].texts if t.get_text()]


def plain(figure):
    return [t.get_text() for t in texts(figure)]


def test_a_figure_shows_itself_in_words_and_pixels():
    data, metadata = figures.network(NET)._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG") and len(data["image/png"]) < 150_000
    assert data["text/plain"] == metadata["image/png"]["alt"] != ""
    assert figures.network(NET)._repr_mimebundle_()[0] == data


@pytest.mark.parametrize("values", [None, SOURCE])
def test_every_name_stands_in_the_diagram_once(values):
    found = plain(figures.network(NET, values=values))
    for p in NET.parameters:
        label = f"${p.name[0]}_{{{p.name[1:]}}}$"
        assert sum(text.split(" = ")[0] == label for text in found) == 1, label
    if values:
        assert "$w_{5}$ = 0.4" in found and "$b_{4}$ = 0.6" in found and "$y_{2}$ = 0.99" in found


@pytest.mark.parametrize("shape", [[1, 1], [2, 2, 2], [2, 3, 1], [2, 2, 2, 2]])
def test_no_label_covers_another(shape):
    net = bp.dense(shape)
    figure = figures.network(net, paths=bp.chain(net, "w1").paths[:2])
    figure.draw_without_rendering()
    boxes = [(t.get_text(), t.get_window_extent().shrunk(0.9, 0.9)) for t in texts(figure)]
    for (one, a), (two, b) in combinations(boxes, 2):
        assert not a.overlaps(b), (one, two)


def test_paths_are_lit():
    chain = bp.chain(NET, "w1")
    lines = figures.network(NET, paths=chain.paths).axes[0].lines
    lit = {name: [line for line in lines if line.get_gid() == name] for name in ("path 1", "path 2")}
    assert [len(found) for found in lit.values()] == [3, 3]
    assert len({(line.get_color(), line.get_linestyle()) for found in lit.values() for line in found}) == 2
    assert "E_total <- yhat2 <- z4 <- a_z1 <- z1 <- w1" in figures.network(NET, paths=chain.paths).alt


def test_the_diagram_is_read_off_the_equations():
    net = bp.worked_example("mazur_2015").forward
    found = plain(figures.network(net))
    assert "$net_{h1}$\n$out_{h1}$" in found and "$E_{o1}$" in found
    assert sum(t == "$b_{1}$" for t in found) == 2          # one bias, used by two neurons


@pytest.mark.parametrize("name", bp.examples())
def test_every_bundled_example_has_a_diagram(name):
    program = bp.worked_example(name).forward
    assert figures.network(program)._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")


def test_contributions():
    chain = bp.chain(NET, "w2").at(SOURCE)
    figure = figures.contributions(chain)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == [float(path.contribution) for path in chain.paths] + [float(chain.value)]
    assert widths[1] < 0 < widths[2]
    assert "-0.0002605" in figure.alt and "0.0006154" in figure.alt
    with pytest.raises(ValueError, match="values"):
        figures.contributions(bp.chain(NET, "w2"))


def test_loss_and_parameters():
    history = bp.fit(NET, SOURCE, epochs=200)
    for log in (False, True):
        axes = history.plot(log=log).axes[0]
        assert (axes.lines[0].get_ydata() == history.loss).all() and (axes.lines[0].get_xdata() == history.epochs).all()
        assert axes.get_xlabel() == "epoch" and "loss" in axes.get_ylabel()
        assert axes.get_yscale() == ("log" if log else "linear")
    moved = figures.parameters(history, ["w5", "b3"]).axes[0]
    assert (moved.lines[0].get_ydata() == history.values["w5"] - history.values["w5"][0]).all()
    assert {t.get_text() for t in moved.texts} == {"$w_{5}$", "$b_{3}$"}


def test_curves_name_their_lines_apart():
    figure = figures.curves({f"line{i}": np.linspace(0, 1 + i*1e-3, 5) for i in range(6)}, "x", "y")
    figure.draw_without_rendering()
    boxes = [t.get_window_extent().shrunk(1, 0.85) for t in figure.axes[0].texts]
    assert len(boxes) == 6 and not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_landscape():
    x, y = np.linspace(-2, 2, 20), np.linspace(-1, 3, 30)
    f = bp.lambdify(NET, "numpy")
    z = f({**SOURCE, "w5": x[None, :], "w7": y[:, None]})["E_total"]
    figure = figures.landscape(x, y, z, "w5", "w7", paths={"descent": ([0, 1], [0, 1])})
    assert figure.axes[0].get_xlabel() == "w5" and "descent" in figure.alt


@pytest.mark.parametrize(("call", "word"), [
    (lambda: figures.figure(""), "alt"),
    (lambda: figures.curves({"a": [1, 2], "b": [1]}, "x", "y"), "one length"),
    (lambda: figures.network(bp.dense([1, 1]), paths=bp.chain(NET, "w8").paths), "not in this program"),
])
def test_wrong_input(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_no_pyplot():
    import subprocess
    import sys
    code = ("import sys, backprop_sym as bp; bp.figures.network(bp.dense([1, 1]))._repr_mimebundle_();"
            "print('matplotlib.pyplot' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
