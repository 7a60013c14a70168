"""Figures: the plotted data, the words, and that nothing covers anything else."""
import base64
from itertools import combinations

import numpy as np
import pytest
from matplotlib.patches import Circle, Rectangle

import backprop_sym as bp
from backprop_sym import figures
from backprop_sym.describe.dataflow import users
from backprop_sym.describe.digits import short
from backprop_sym.show.latex import name_latex
from tests.oracles import SOURCE

NET = bp.dense([2, 2, 2])


def texts(figure):
    return [t for t in figure.axes[0].texts if t.get_text()]


def plain(figure):
    return [t.get_text() for t in texts(figure)]


def test_a_figure_shows_itself_in_words_and_pixels():
    data, metadata = figures.network(NET)._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])                        # text, as the protocol asks: bytes are lost in JupyterLite
    assert png.startswith(b"\x89PNG") and len(png) < 150_000
    assert data["text/plain"] == metadata["image/png"]["alt"] != ""
    assert figures.network(NET)._repr_mimebundle_()[0] == data


def test_what_a_figure_says_reaches_pages_that_pass_over_the_metadata():
    """nbconvert's default page, which is JupyterLab's, shows a PNG without its alternative text."""
    nbconvert, nbformat, bs4 = map(pytest.importorskip, ("nbconvert", "nbformat", "bs4"))
    figure = bp.figures.figure('Where "a" < b, & not elsewhere.')[0]
    data, metadata = figure._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("figure", outputs=[output])])
    for template in ("lab", "classic"):
        page = nbconvert.HTMLExporter(template_name=template).from_notebook_node(notebook)[0]
        assert [image["alt"] for image in bs4.BeautifulSoup(page, "html.parser").select("img")] == [figure.alt], template
    pages = nbconvert.LatexExporter().from_notebook_node(notebook)
    assert [base64.b64encode(png).decode() for png in pages[1]["outputs"].values()] == [data["image/png"]]


@pytest.mark.parametrize("values", [None, SOURCE])
def test_every_name_stands_in_the_diagram_once(values):
    found = plain(figures.network(NET, values=values))
    for p in NET.parameters:
        label = f"${p.name[0]}_{{{p.name[1:]}}}$"
        assert sum(text.split(" = ")[0] == label for text in found) == 1, label
    if values:
        assert "$w_{5}$ = 0.4" in found and "$b_{4}$ = 0.6" in found and "$y_{2}$ = 0.99" in found


def views(shape):
    """The diagrams of a network: bare, with the values given, with all values, with each path to w1 and to b1 lit."""
    net = bp.dense(shape)
    given = {s.name: "-0.125" for s in net.given}
    paths = [bp.chain(net, name).paths for name in ("w1", "b1")]
    yield figures.network(net, values={**given, **net.evaluate(given)})
    yield from (figures.network(net), figures.network(net, values=given), *(figures.network(net, p) for p in paths))


@pytest.mark.parametrize("shape", [[1, 1], [2, 2, 2], [2, 3, 1], [3, 4, 2], [2, 2, 2, 2]])
def test_no_label_covers_another_nor_a_neuron(shape):
    for figure in views(shape):
        figure.draw_without_rendering()
        boxes = [(t, t.get_window_extent().shrunk(0.95, 0.9)) for t in texts(figure)]
        for (one, a), (two, b) in combinations(boxes, 2):
            assert not a.overlaps(b), (one, two)
        for circle in figure.axes[0].patches:
            (x, y), radius = circle.get_center(), circle.get_radius()
            for text, box in boxes:
                low, high = figure.axes[0].transData.inverted().transform(box.get_points())
                nearest = np.hypot(*(np.clip((x, y), low, high) - (x, y)))
                assert text.get_position() == (x, y) or nearest >= radius, text


@pytest.mark.parametrize(("shape", "points"), [([2, 2, 2], 9), ([3, 4, 2], 7.5), ([2, 2, 2, 2], 9)])
def test_figures_stay_small_legible_and_inside_their_frame(shape, points):
    figure = next(views(shape))
    assert len(figure.png()) < 120_000
    for text in texts(figure):
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text
        assert text.get_fontsize()*6.5/max(6.5, figure.get_size_inches()[0]) > points


@pytest.mark.parametrize("name", bp.examples())
def test_every_example_has_a_diagram_that_leaves_nothing_out(name):
    net = bp.worked_example(name).forward
    figure = figures.network(net)
    shown = " ".join(plain(figure))
    for s in (*net.given, *net.defined):
        assert name_latex(s) in shown and s.name in figure.alt, s


def test_the_edges_are_those_of_the_equations():
    lines = [line for line in figures.network(NET).axes[0].lines if line.get_gid() == "edge"]
    assert len(lines) == 8 + 2 + 4 + 2                      # weights, outputs to the loss, biases, targets
    assert sum(line.get_linestyle() == "--" for line in lines) == 2


def test_a_path_runs_from_the_loss_to_the_label_of_its_parameter():
    figure = figures.network(NET, bp.chain(NET, "w5").paths[0])
    start, end = [line for line in figure.axes[0].lines if line.get_gid() == "path 1"]
    place = {t.get_text(): np.array(t.get_position()) for t in texts(figure)}
    loss, w5 = place["$E_{total}$"], place["$w_{5}$"]
    assert np.hypot(*(start.get_xydata()[0] - loss)) < 0.5 < np.hypot(*(start.get_xydata()[-1] - loss))
    assert np.hypot(*(end.get_xydata()[-1] - w5)) < 0.45 and end.get_xydata()[0][0] > w5[0]


def test_a_program_of_any_form_is_drawn():
    skip = bp.Program.parse(["h = sigmoid(w*x + b)", "p = h*v + x*u", "E = (p - y)**2 + w**2"], inputs="x", targets="y",
                            parameters="w b v u", loss="E")
    figure = figures.network(skip)
    assert "u from x to p" in figure.alt and "Biases: b at h, w at E." in figure.alt
    skipping, = (line for line in figure.axes[0].lines if np.ptp(line.get_xdata()) > 2)
    assert np.ptp(skipping.get_ydata()) > 0.3               # bends around h
    assert figures.network(bp.Program.parse(["z = w*x", "a = sigmoid(z)"])).alt.startswith("Network with 2 inputs (w; x), ")


def test_the_words_tell_the_values_and_the_paths():
    alt = figures.network(NET, bp.chain(NET, "w1").paths, SOURCE).alt
    assert "2 inputs (x1; x2), 2 hidden neurons (z1, a_z1; z2, a_z2), 2 outputs (z3, yhat1; z4, yhat2)" in alt
    assert "w3 from x2 to z1" in alt and "w5 = 0.4" in alt and "Lit, path 2: E_total <- yhat2 <- z4 <- a_z1 <- z1 <- w1." in alt


def test_nothing_rests_on_colour_alone():
    assert len(set(figures.STYLES)) == len(figures.STYLES) >= 12
    lines = figures.curves({f"line{i}": [i, i + 1] for i in range(12)}, "x", "y").axes[0].lines
    assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 12


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
    assert base64.b64decode(figures.network(program)._repr_mimebundle_()[0]["image/png"]).startswith(b"\x89PNG")


DIAMOND = bp.Program.parse(["a = sigmoid(x)", "b = a**2", "c = 3*a", "E = b*c + a"], inputs="x", loss="E")
GRAPHS = {"neuron": (bp.dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0.5, "b1": 0.25}), "diamond": (DIAMOND, {"x": "0.5"}),
          "source": (NET, SOURCE), "part": (NET.upto("yhat1"), SOURCE)}


def seen(figure):
    """What stands in a computational graph: the texts in its boxes by their place, and the labels of its edges."""
    boxes, labels = {}, []
    middles = {(round(p.get_x() + p.get_width()/2, 6)) for p in figure.axes[0].patches if hasattr(p, "get_x")}
    for t in texts(figure)[1:]:
        x, y = t.get_position()
        if round(x, 6) in middles and t.get_bbox_patch() is None:
            boxes.setdefault(round(x, 6), []).append((t.get_text(), t.get_fontstyle()))
        else:
            labels.append(t.get_text())
    return boxes, labels


def minus(number):
    return short(number, 3).replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize("name", GRAPHS)
def test_a_computational_graph_shows_every_value_adjoint_and_local_derivative(name):
    net, values = GRAPHS[name]
    figure = figures.graph(net, values)
    boxes, labels = seen(figure)
    flat = [text for column in boxes.values() for text in column]
    found = {**{s.name: values[s.name] for s in net.given}, **net.evaluate(values)}
    of = net.loss or net.defined[-1]
    for s in (*net.given, *net.defined):
        k = flat.index((f"${name_latex(s)}$", "normal"))
        back = bp.reverse(net, of=of, wrt=[s])
        number = (net + back).evaluate(values)[f"d({of})/d({s})"]
        assert flat[k + 1:k + 3] == [(minus(found[s.name]), "normal"), (minus(number), "italic")], s
        assert f"{s} = {short(found[s.name], 3)}, adjoint {short(number, 3)}" in figure.alt
    derivatives = [bp.Program((("d", d),)).evaluate(found)["d"] for e in net for d in net.partials(e).values()]
    assert sorted(labels) == sorted(map(minus, derivatives))
    assert sum(line.get_gid() == "edge" for line in figure.axes[0].lines) == len(derivatives)


def test_a_plus_stands_where_contributions_add():
    figure = figures.graph(DIAMOND, {"x": "0.5"})
    circles = [p for p in figure.axes[0].patches if isinstance(p, Circle)]
    starts = [line.get_xydata()[0] for line in figure.axes[0].lines if line.get_gid() == "edge"]
    plus, = circles
    assert sum(np.hypot(*(start - plus.get_center())) < plus.get_radius() for start in starts) == 3
    assert figure.alt.endswith("Contributions add at a.")
    assert "add" not in figures.graph(*GRAPHS["neuron"]).alt


def test_a_computational_graph_follows_the_backward_pass():
    back = bp.reverse(NET)
    order = [s.wrt.name for s in back.defined]
    for step in range(len(order) + 1):
        figure = figures.graph(NET, SOURCE, step=step)
        shown = [s.name for s in (*NET.given, *NET.defined) if f"{s} = {short({**SOURCE, **NET.evaluate(SOURCE)}[s.name], 3)}, "
                 in figure.alt]
        assert set(shown) == {"E_total", *order[:step]}
        assert sum(t.get_fontstyle() == "italic" for t in texts(figure)) == step + 1
        lit = [line for line in figure.axes[0].lines if line.get_gid() == "edge" and line.get_linewidth() > 2]
        assert len(lit) == (len(users(NET)[bp.symbol(order[step - 1])]) if step else 0)
    size = figures.graph(NET, SOURCE).get_size_inches()
    assert tuple(size) == tuple(figure.get_size_inches())            # pictures of one pass can stand side by side


@pytest.mark.parametrize("name", GRAPHS)
def test_no_label_of_a_computational_graph_covers_another_nor_a_box(name):
    figure = figures.graph(*GRAPHS[name])
    figure.draw_without_rendering()
    assert len(figure.png()) < 150_000
    found = [(t, t.get_window_extent().shrunk(0.95, 0.8)) for t in texts(figure)]
    for (one, a), (two, b) in combinations(found, 2):
        assert not a.overlaps(b), (one, two)
    boxes = [p.get_window_extent() for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    for text, extent in found:
        assert extent.x0 >= 0 and extent.y0 >= 0 and extent.x1 <= figure.bbox.x1 and extent.y1 <= figure.bbox.y1, text
        assert text.get_fontsize()*6.5/max(6.5, figure.get_size_inches()[0]) > 7
        if text.get_bbox_patch():
            assert not any(extent.overlaps(box) for box in boxes), text


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


def test_what_is_drawn_later_moves_no_line_from_its_name():
    made = figures.curves({"low": [1.0, 2.0], "high": [2.0, 3.0]}, "x", "y")
    axes = made.axes[0]
    seen = axes.get_ylim()
    axes.axhline(10)
    made.draw_without_rendering()
    assert axes.get_ylim() == seen


def test_a_short_axis_that_counts_has_whole_ticks():
    made = figures.curves({"loss": np.arange(21.0)}, "epoch", "y")
    made.draw_without_rendering()
    assert all(float(tick).is_integer() for tick in made.axes[0].get_xticks())


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
    (lambda: figures.curves({}, "x", "y"), "one length"),
    (lambda: figures.curves({"a": [[1, 2]]}, "x", "y"), "one row"),
    (lambda: figures.curves({"a": [1, float("nan")]}, "x", "y"), "finite"),
    (lambda: figures.curves({"a": [1, 0]}, "x", "y", log=True), "positive"),
    (lambda: figures.landscape([1, 2], [1, 2, 3], np.ones((2, 3)), "x", "y"), "shape"),
    (lambda: figures.parameters(bp.fit(NET, SOURCE, epochs=1), ["w55"]), "w55"),
    (lambda: figures.network(bp.reverse(NET)), "forward program"),
    (lambda: figures.graph(bp.reverse(NET), SOURCE), "forward program"),
    (lambda: figures.graph(bp.dense([3, 4, 2]), SOURCE), r"at most 32, got 44; use net.upto"),
    (lambda: figures.graph(bp.dense([1, 1], form="matrix"), {}), "program of numbers"),
    (lambda: figures.graph(NET, SOURCE, step=25), "at most 24, got 25"),
    (lambda: figures.graph(NET, {"x1": 1}), "no value for 'x2'"),
    (lambda: figures.network(bp.dense([2, 2]), paths=bp.chain(bp.dense([2, 1, 2]), "w1").paths), "not in this program"),
    (lambda: figures.network(bp.dense([1, 1]), paths=bp.chain(NET, "w8").paths), "not in this program"),
])
def test_wrong_input(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_paths_are_the_paths_of_a_chain():
    with pytest.raises(TypeError, match="paths of a chain"):
        figures.network(NET, paths=["w1"])


def test_no_pyplot():
    import subprocess
    import sys
    code = ("import sys, backprop_sym as bp; bp.figures.network(bp.dense([1, 1]))._repr_mimebundle_();"
            "print('matplotlib.pyplot' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


@pytest.mark.parametrize(("inches", "least"), [(6.5, None), (6.8, None), (7.5, 400), (10.9, 581)])
def test_a_wide_figure_keeps_a_size_at_which_it_is_read(inches, least):
    """On a phone it scrolls in its own box; one that fits shrinks with the page."""
    page = bp.figures.figure("Wide.", width=inches)[0]._repr_mimebundle_()[0]["text/html"]
    assert "max-width:100%" in page and (f"min-width:{least}px" in page if least else "min-width" not in page)
