"""Figures that answer: from any network, the same numbers in JavaScript as here, a picture beside each, and refusals."""
import json
import os
import shutil
import subprocess
from pathlib import Path

import mpmath
import numpy as np
import pytest
from matplotlib.text import Text

import backprop_sym as bp
from backprop_sym.teach.explorable import MIME, STATIC
from backprop_sym.verify.example import PrintedFigure
from backprop_sym.verify.verdict import verdict
from tests.compute.test_javascript import called, needs_node

ROOT = Path(__file__).resolve().parents[2]
SOURCE = bp.worked_example("source")
NET, VALUES = SOURCE.forward, SOURCE.values
LINE = bp.dense([1, 1], activation="identity")
SCALAR = bp.Program.parse(["z = w*x + b", "p = tanh(z)", "q = p*z", "E = (q - y)**2 + w**2/10"], inputs="x", targets="y",
                          parameters="w b", loss="E")
ARRAYS = bp.dense([2, 2, 1], ["tanh", "sigmoid"], form="matrix")
PIXELS = bp.dense([16, 5, 3], ["tanh", "softmax"], "cross_entropy", form="matrix")
PARABOLA = bp.Program.parse(["E = w**2"], parameters="w", loss="E")
BOWL = bp.Program.parse(["E = u**2 + 10*v**2 + u*v"], parameters="u v", loss="E")
ROLLING = {"gradient descent": bp.GradientDescent(), "ball": bp.Momentum("0.8"), "Adam": bp.Adam()}
CELL = bp.Program.parse(["a = w*x + u*h + b", "s = tanh(a)"], inputs="x h", parameters="w u b", updates={"h": "s"})
GATES = bp.layers.lstm(1, 1, form="scalar")
XOR = ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])


def numbers(program, seed=0):
    drawn = np.random.default_rng(seed)
    return {program.spelled[s]: round(float(drawn.uniform(0.1, 1)), 3) for s in program.given}


# Each kind of figure, of a network of the book and of one that is not.
FIGURES = {
    "weight": lambda: bp.explore.weight(NET, VALUES, "w5"),
    "weight, own": lambda: bp.explore.weight(SCALAR, numbers(SCALAR), "w", low=-1, high=1),
    "paths": lambda: bp.explore.paths(NET, VALUES),
    "paths, own": lambda: bp.explore.paths(SCALAR, numbers(SCALAR), "b"),
    "backward": lambda: bp.explore.backward(NET, VALUES),
    "backward, own": lambda: bp.explore.backward(SCALAR, numbers(SCALAR)),
    "rate": lambda: bp.explore.rate(LINE, {"x1": 2, "y1": 1, "w1": 0, "b1": 0}),
    "rate, own": lambda: bp.explore.rate(SCALAR, numbers(SCALAR), epochs=20),
    "difference": lambda: bp.explore.difference(NET, VALUES, "w1"),
    "difference, own": lambda: bp.explore.difference(SCALAR, numbers(SCALAR), "w"),
    "valley": lambda: bp.explore.valley(BOWL, {"u": 1, "v": 1}, ROLLING),
    "through_time": lambda: bp.explore.through_time(CELL, {**numbers(CELL), "u": 1}, "u"),
    "through_time, own": lambda: bp.explore.through_time(GATES, numbers(GATES), "b_f_1", "C_1_1", steps=6, low=-4, high=6),
    "space": lambda: bp.explore.space(ARRAYS, bp.start(ARRAYS, seed=2), *XOR),
    "digit": lambda: bp.explore.digit(PIXELS, bp.start(PIXELS), np.eye(16)[:3]),
    "answer": lambda: bp.explore.answer(SOURCE, "d(E_total)/d(w1)"),
    "answer, updated": lambda: bp.explore.answer(SOURCE, "w5", after=1),
}


def programs(data):
    """Every program that the data of a figure carry."""
    if isinstance(data, dict):
        if "source" in data and "given" in data:
            yield data
        else:
            for value in data.values():
                yield from programs(value)
    elif isinstance(data, list):
        for value in data:
            yield from programs(value)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_shows_itself(name):
    made = FIGURES[name]()
    bundle, metadata = made._repr_mimebundle_()
    assert bundle["image/png"].isascii() and bundle["text/plain"] == made.alt == repr(made) and len(made.alt) > 20
    assert metadata["image/png"]["alt"] == made.alt
    assert bundle[MIME]["name"] == name.split(",")[0] == made.name
    written = json.dumps(bundle[MIME], allow_nan=False)
    assert written == json.dumps(FIGURES[name]()._repr_mimebundle_()[0][MIME]) and len(written) < 100_000


@pytest.mark.parametrize("name", FIGURES)
def test_a_picture_says_what_it_shows(name):
    """GitHub shows the picture alone: it has a heading, names for its axes, and nothing that stands on the heading."""
    made = FIGURES[name]().figure
    made.png()
    written = [*made.texts, *(text for axes in made.axes for text in (axes.title, *axes.texts))]
    heading, *others = sorted((text for text in written if text.get_text()), key=lambda text: -text.get_window_extent().y1)
    assert len(heading.get_text()) > 12
    assert all(axes.get_ylabel() for axes in made.axes if axes.axison and len(axes.get_yticks()))
    assert all(axes.get_xlabel() for axes in made.axes if axes.axison and len(axes.get_xticks()))
    box, whole = heading.get_window_extent().shrunk(0.98, 0.8), made.bbox
    assert box.x0 >= 0 and box.x1 <= whole.x1 and box.y1 <= whole.y1
    assert not [text.get_text() for text in others if text.get_window_extent().overlaps(box)]


@pytest.mark.parametrize(("name", "state"), [
    ("weight", ("$w_{5} = 0.4$", "$0.0883$")), ("paths", ("2 paths to $w_{1}$", "$0.000483$")),
    ("rate", ("\N{GREEK SMALL LETTER ETA} = 0.1", "2/\\lambda = 0.4")), ("valley", ("60 steps", "Adam")),
    ("through_time", ("29 steps back", "u = 1.5")), ("space", ("the loss is 0.1466", "class 1")),
    ("digit", ("What the network reads", "2"))])
def test_a_picture_shows_the_state_that_the_live_figure_begins_with(name, state):
    made = FIGURES[name]().figure
    read = " ".join(text.get_text() for text in made.findobj(Text))
    assert all(words in read for words in state), read


def test_a_network_that_says_the_same_everywhere_is_drawn():
    """All weights zero, and points that stand one above the other."""
    nothing = {name: 0*np.asarray(value) for name, value in bp.start(ARRAYS).items()}
    made = bp.explore.space(ARRAYS, nothing, [[1, 0], [1, 2]], [0, 1])
    assert "from 0.5 to 0.5" in made.alt and made.data["x"] == [0.75, 1.25]


@needs_node
@pytest.mark.parametrize("name", [name for name in FIGURES if "answer" not in name])
def test_its_programs_have_the_numbers_of_python(name, tmp_path):
    cards = list(programs(FIGURES[name]().data))
    assert cards
    for card in cards:
        def flat(value):
            return np.ravel(value).tolist() if np.ndim(value) else value
        (found, _), = called(tmp_path, card["source"], "program", [[flat(card["values"][one]) for one in card["given"]]])
        assert len(found) == len(card["results"]) and set(card["updates"].values()) <= set(card["results"])
        assert {*card["given"], *card["results"]} <= set(card["tex"])


@needs_node
def test_what_the_paths_add_is_the_derivative(tmp_path):
    made = bp.explore.paths(SCALAR, numbers(SCALAR))
    card = made.data["program"]
    (found, _), = called(tmp_path, card["source"], "program", [[card["values"][one] for one in card["given"]]])
    values = dict(zip(card["results"], found, strict=True))
    for p, told in made.data["chains"].items():
        exact = float(bp.chain(SCALAR, p).at(numbers(SCALAR)).value)
        assert values[told["total"]] == pytest.approx(exact, rel=1e-14)
        assert len(told["paths"]) == len(bp.chain(SCALAR, p).paths)
        for path in told["paths"]:
            assert values[path["name"]] == pytest.approx(np.prod([values[f["name"]] for f in path["factors"]]), rel=1e-14)
            assert set(path["lit"]) <= {edge["id"] for edge in made.data["diagram"]["edges"]}


def test_the_mistakes_of_an_answer_are_those_of_the_diagnosis():
    made = bp.explore.answer(SOURCE, "d(E_total)/d(w1)").data
    dropped = [m for m in made["mistakes"] if m["text"] == "the path through yhat2 is left out of ∂E_total/∂a_z1"]
    assert dropped and f"{dropped[0]['value']:.9f}" == "0.000694690"
    assert len({m["value"] for m in made["mistakes"]}) == len(made["mistakes"]) > 30
    assert made["exact"] not in {m["value"] for m in made["mistakes"]}


ANSWERS = ["0.0883", "0.0882", "0.08826", "0.088264", "0.0882640", "0.088264048", "0.08826404863", "-0.088264", "0.1",
           "8.8264e-2", "0,088264", "0.0884", "0.0885", "0.0889", "\N{MINUS SIGN}0.088264", " 0.088264 ", ".088264"]
NONE = ["", "x", "1e999", "0x1", "1/2", "--1", "1.2.3", "9**9", "\u0661", "1"*100, "NaN", "Infinity", "1,000.5"]


@needs_node
def test_a_verdict_in_javascript_is_that_of_python(tmp_path):
    script, code = tmp_path/"judge.mjs", (ROOT/"book/explore/src/answer.js").read_text(encoding="utf-8")
    asked = json.dumps(ANSWERS + NONE)
    script.write_text("\n".join([
        code[code.index("// A decimal as"):code.index("const WORDS")],
        "const judged = (text) => { const read = reading(text); return read && verdict(read, 0.08826404863138108); };",
        f"console.log(JSON.stringify({asked}.map(judged)));"]), encoding="utf-8")
    found = json.loads(subprocess.run(["node", script], capture_output=True, check=True, text=True, timeout=60).stdout)
    assert found[len(ANSWERS):] == [None]*len(NONE)
    for text, judged in zip(ANSWERS, found, strict=False):
        written = text.strip().replace("\N{MINUS SIGN}", "-").replace(",", ".")
        assert judged == verdict(PrintedFigure("w", written), mpmath.mpf("0.08826404863138108")), text


@pytest.mark.parametrize(("made", "words"), [
    (lambda: bp.explore.weight(bp.dense([9, 30, 9]), {}, "w1"), "upto"),
    (lambda: bp.explore.weight(NET, VALUES, "x1"), "parameter"),
    (lambda: bp.explore.weight(NET, VALUES, "w5", low=1, high=0), "low < high"),
    (lambda: bp.explore.weight(NET, {}, "w5"), "x1"),
    (lambda: bp.explore.paths(bp.dense([8, 8, 8]), {}), "use chain"),
    (lambda: bp.explore.paths(ARRAYS, {}), "arrays"),
    (lambda: bp.explore.rate(NET, VALUES, epochs=10**6), "fit"),
    (lambda: bp.explore.valley(NET, VALUES, ROLLING), "two parameters"),
    (lambda: bp.explore.valley(BOWL, {"u": 1, "v": 1}, {str(k): bp.Adam() for k in range(5)}), "at most 4"),
    (lambda: bp.explore.through_time(NET, VALUES, "w5"), "hands a state on"),
    (lambda: bp.explore.through_time(CELL, {}, "u"), "'x'"),
    (lambda: bp.explore.through_time(CELL, numbers(CELL), "v"), "parameter 'v'"),
    (lambda: bp.explore.through_time(CELL, numbers(CELL), "u", state="x"), "expected one that the cell hands on, h, got 'x'"),
    (lambda: bp.explore.through_time(CELL, numbers(CELL), "u", steps=1), "at least 2"),
    (lambda: bp.explore.through_time(CELL, numbers(CELL), "u", steps=500), "take fewer steps"),
    (lambda: bp.explore.through_time(CELL, numbers(CELL), "u", low=2, high=1), "low < high"),
    (lambda: bp.explore.through_time(bp.layers.recurrent(1, 1), {}, "W"), "arrays"),
    (lambda: bp.explore.space(NET, VALUES, *XOR), "matrix"),
    (lambda: bp.explore.space(ARRAYS, bp.start(ARRAYS), [[1, 2, 3]], [1]), "two columns"),
    (lambda: bp.explore.space(ARRAYS, bp.start(ARRAYS), XOR[0], [0, 1, 2, 3]), "0 or 1"),
    (lambda: bp.explore.digit(PIXELS, bp.start(PIXELS), np.zeros((1, 9))), "16 pixels"),
    (lambda: bp.explore.digit(PIXELS, bp.start(PIXELS), np.eye(16), labels="ab"), "expected 3"),
    (lambda: bp.explore.answer(SOURCE, "d(E_total)/d(w99)"), "w99"),
    (lambda: bp.explore.difference(PARABOLA, {"w": 0}, "w"), "is 0"),
    (lambda: bp.explore.space(ARRAYS, bp.start(ARRAYS), np.zeros((0, 2)), np.zeros(0)), "from 1 to 500 points"),
])
def test_what_cannot_be_shown_is_refused_by_name(made, words):
    with pytest.raises((ValueError, TypeError), match=words):
        made()


SHOWN = {
    "weight": lambda odd: bp.explore.weight(NET, {**VALUES, "w5": odd}, "w1"), "the weight": lambda odd: bp.explore.weight(
        NET, {**VALUES, "w5": odd}, "w5"), "paths": lambda odd: bp.explore.paths(NET, {**VALUES, "w5": odd}),
    "backward": lambda odd: bp.explore.backward(NET, {**VALUES, "w5": odd}),
    "rate": lambda odd: bp.explore.rate(NET, {**VALUES, "w5": odd}),
    "difference": lambda odd: bp.explore.difference(NET, {**VALUES, "w5": odd}, "w1"),
    "valley": lambda odd: bp.explore.valley(NET, {**VALUES, "w5": odd}, ROLLING, ["w1", "w2"]),
    "through time": lambda odd: bp.explore.through_time(CELL, {**numbers(CELL), "x": odd}, "u"),
    "space": lambda odd: bp.explore.space(ARRAYS, {**bp.start(ARRAYS), "W2": [[odd], [1]]}, *XOR),
    "digit": lambda odd: bp.explore.digit(PIXELS, {**bp.start(PIXELS), "b2": [odd, 0, 1]}, np.eye(16)),
}


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -np.inf])
@pytest.mark.parametrize("name", SHOWN)
def test_what_is_not_finite_is_refused_by_name(name, odd):
    """JSON, in which a page gets the numbers, has none of these."""
    assert json.loads(json.dumps(SHOWN[name](0.5).data), parse_constant=pytest.fail)
    with pytest.raises((ValueError, TypeError), match=r"'(w5|x|W2|b2)'.* finite"):
        SHOWN[name](odd)


def test_what_is_bundled_is_licensed():
    licences = (STATIC/"LICENCES.txt").read_text(encoding="utf-8")
    lock = json.loads((ROOT/"book/explore/package-lock.json").read_text(encoding="utf-8"))["packages"]
    bundled = [path.removeprefix("node_modules/") for path in lock if path.startswith(("node_modules/d3-", "node_modules/katex"))]
    assert len(bundled) >= 7 and all(f"{name} {lock[f'node_modules/{name}']['version']}" in licences for name in bundled)
    assert licences.count("Copyright") >= len(bundled)


def test_the_module_is_there_and_is_what_its_sources_make(tmp_path):
    committed = (STATIC/"explore.js").read_bytes()
    assert 50_000 < len(committed) < 500_000
    folder = ROOT/"book/explore"
    if shutil.which("node") is None or not (folder/"node_modules/esbuild").is_dir():
        pytest.skip("the sources are bundled by esbuild: npm install in book/explore")
    built = tmp_path/"explore.js"
    script = json.loads((folder/"package.json").read_text(encoding="utf-8"))["scripts"]["build"]
    command = script.partition("&& ")[2].replace("../../backprop_sym/teach/static/explore.js", built.as_posix())
    subprocess.run(["npx", *command.split()], cwd=folder, check=True, timeout=120, capture_output=True, env={**os.environ})
    assert built.read_bytes() == committed
