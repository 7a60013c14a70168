"""Texts that nobody has seen, with one mistake in each: a few of those that `make slips` counts."""
import sys
from collections import Counter
from pathlib import Path

import pytest

import backprop_sym as bp

sys.path.insert(0, str(Path(__file__).parents[2]/"benchmarks"))
import slips  # noqa: E402
import texts  # noqa: E402


def counted(count, seed, digits, inside):
    return Counter(slips.audited(slips.Job(seed, n, digits, inside))[1] for n in range(count))


@pytest.mark.parametrize(("digits", "least"), [(3, 4), (6, 5)])
def test_planted_mistakes_are_found(digits, least):
    counts = counted(5, 7, digits, True)
    assert counts["right"] + counts["hedged, right"] >= least and not counts["certain, false"], counts


@pytest.mark.parametrize("digits", [3, 6])
def test_what_the_table_does_not_have_is_not_claimed(digits):
    assert not counted(4, 7, digits, False)["certain, false"]


def test_a_text_is_the_same_each_time():
    one, other = (texts.made(3, 5, 4, True) for _ in range(2))
    assert one.planted.text == other.planted.text and one.search.example.figures == other.search.example.figures


def test_texts_are_of_every_kind():
    made = [texts.made(2, n, 6, inside).search.example for n in range(8) for inside in (True, False)]
    assert {e.name for e in made} >= {"made"} and len({e.name for e in made}) > 2
    assert {len(e.samples) for e in made} > {1}


# ---- slips that people make in the layers of today

def layer_of(lines, **roles):
    """A program, and numbers for it."""
    program = bp.Program.parse(lines, **roles)
    return program, numbers_for(program)


def numbers_for(program):
    """Numbers of both signs, and a small one for what keeps a divisor from being 0."""
    return {s: 1e-3 if s.name == "epsilon" else 0.1 + 0.17*i*(-1)**i for i, s in enumerate(program.given)}


ROW = layer_of(["z1 = k1*x1 + k2*x2 + k3*x3", "z2 = k1*x2 + k2*x3 + k3*x4", "z3 = k1*x3 + k2*x4 + k3*x5",
                "E = ((z1 - y1)**2 + (z2 - y2)**2 + (z3 - y3)**2)/2"],
               inputs="x1 x2 x3 x4 x5", targets="y1 y2 y3", parameters="k1 k2 k3", loss="E")
NORMALISED = layer_of(["a1 = w*x1", "a2 = w*x2", "a3 = w*x3", "mu = (a1 + a2 + a3)/3",
                       "v = ((a1 - mu)**2 + (a2 - mu)**2 + (a3 - mu)**2)/3",
                       *(f"h{k} = (a{k} - mu)/sqrt(v + epsilon)" for k in (1, 2, 3)),
                       "E = ((h1 - y1)**2 + (h2 - y2)**2 + (h3 - y3)**2)/2"], inputs="x1 x2 x3", targets="y1 y2 y3",
                      parameters="w", hyperparameters="epsilon", loss="E")


def over_time():
    cell, _ = layer_of(["a = w*x + u*h", "s = tanh(a)"], inputs="x h", parameters="w u", updates={"h": "s"})
    steps = bp.unroll_in_time(cell, 3)
    net = steps + bp.Program.parse(["E = (s - y)**2/2"], inputs="s", targets="y", loss="E").rename({"s": steps.defined[-1]})
    return net, numbers_for(net)


PLANTED = {
    "a flipped kernel": (*ROW, "z1", lambda f, v: sum(v[bp.symbol(k)]*v[bp.symbol(x)] for k, x in
                                                      (("k3", "x1"), ("k2", "x2"), ("k1", "x3"))), "flipped"),
    "the mean of a normalisation": (*NORMALISED, "d(E)/d(a1)", lambda f, v: f["d(E)/d(a1)"] - f["d(E)/d(mu)"]/3,
                                    "the path through mu is left out"),
    "its variance": (*NORMALISED, "d(E)/d(a1)", lambda f, v: f["d(E)/d(a1)"] - f["d(E)/d(v)"]*2*(f["a1"] - f["mu"])/3,
                     "the path straight to v is left out"),
    "the last step alone": (*over_time(), "d(E)/d(u)", lambda f, v: f["d(E)/d(a_time3)"]*f["h_time2"],
                            "all but the path straight to a_time3"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_slips_of_layers_are_recovered(name):
    net, values, quantity, wrong, words = PLANTED[name]
    found = (net + bp.reverse(net)).evaluate(values, 20)
    printed = f"{float(wrong(found, values)):.7f}"
    assert words in str(bp.diagnose(net, values, quantity, printed)[0])
