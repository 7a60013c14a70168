"""Worked examples that nobody has seen, with one mistake in each: for slips.py.

    made(seed, number, digits, inside)      a Text: an example as it is printed, and the mistake in it

A text is a random network (dense, recurrent, convolutional, attention-like) with random numbers, or a bundled example; most of
its figures are printed, to so many digits, rounded or cut. One hypothesis of the table is planted (``inside``), or a mistake that
the table does not have.
"""
import random
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import sympy as sp

import backprop_sym as bp
from backprop_sym.verify.example import PrintedFigure, Training, WorkedExample
from backprop_sym.verify.hypotheses import Hypothesis
from backprop_sym.verify.passes import Passes
from backprop_sym.verify.replay import Replay
from backprop_sym.verify.search import Search
from backprop_sym.verify.slips.readings import Printed

BUNDLED = 0.25          # the share of texts that are a bundled example with other figures
MAX_UPDATES = 10        # of a bundled example
COMMON = 0.85           # the share of mistakes that are of a common kind
MAX_ATTEMPTS = 100
NOISE = 1e-15
MAX_NUMBER = 1e6


@dataclass(frozen=True)
class Text:
    """The search of a text that was not carried out yet, the planted hypothesis, and what it predicts for each figure."""

    search: Search
    planted: Hypothesis
    value: np.ndarray


# ---- networks

def dense(rng):
    shape = [rng.randint(1, 3) for _ in range(rng.randint(2, 4))]
    return bp.dense(shape, activation=rng.choice(["sigmoid", "tanh", "relu"]),
                    loss=rng.choice(["half_squared_error", "squared_error", "mean_squared_error"]))


def recurrent(rng):
    steps, f = rng.randint(2, 4), rng.choice(["tanh", "sigmoid"])
    lines = ["a1 = u*x1 + b", f"h1 = {f}(a1)"]
    for t in range(2, steps + 1):
        lines += [f"a{t} = u*x{t} + w*h{t - 1} + b", f"h{t} = {f}(a{t})"]
    lines += [f"o = v*h{steps} + c", "E = (o - y)**2/2"]
    return bp.Program.parse(lines, inputs=[f"x{t}" for t in range(1, steps + 1)], targets="y", parameters="u w v b c", loss="E")


def convolution(rng):
    size = rng.randint(3, 5)
    lines = [f"z{i} = k1*x{i} + k2*x{i + 1} + b" for i in range(1, size)]
    lines += [f"a{i} = relu(z{i})" for i in range(1, size)]
    lines += ["o = " + " + ".join(f"v{i}*a{i}" for i in range(1, size)), "p = sigmoid(o)", "E = (p - y)**2/2"]
    return bp.Program.parse(lines, inputs=[f"x{i}" for i in range(1, size + 1)], targets="y",
                            parameters=["k1", "k2", "b", *(f"v{i}" for i in range(1, size))], loss="E")


def attention(rng):
    n = rng.randint(2, 3)
    lines = [f"{kind}{i} = w{kind}*x{i}" for kind in "qkv" for i in range(1, n + 1)]
    lines += [f"s{j} = q1*k{j}" for j in range(1, n + 1)]
    lines += [f"p{j} = softmax({j}, {', '.join(f's{i}' for i in range(1, n + 1))})" for j in range(1, n + 1)]
    lines += ["o = " + " + ".join(f"p{j}*v{j}" for j in range(1, n + 1)), "E = (o - y)**2/2"]
    return bp.Program.parse(lines, inputs=[f"x{i}" for i in range(1, n + 1)], targets="y", parameters="wq wk wv", loss="E")


NETWORKS = (dense, dense, recurrent, convolution, attention)


# ---- what is printed

def fresh(rng):
    """A random network with random numbers, and what a text would print of it."""
    net, count = rng.choice(NETWORKS)(rng), rng.choice([1, 1, 1, 2, 3])
    number = lambda: bp.parse(str(round(rng.uniform(-1.5, 1.5), 2) or 0.5))   # noqa: E731
    parameters = {p.name: number() for p in net.parameters}
    samples = tuple({s.name: number() for s in (*net.inputs, *net.targets)} for _ in range(count))
    optimizer = rng.choice([bp.GradientDescent(), bp.GradientDescent(), bp.Momentum()])
    training = Training(optimizer, bp.parse(rng.choice(["0.1", "0.5"])), rng.choice(["sum", "mean"]))
    per_sample = [None] if count == 1 else range(1, count + 1)
    figures = [PrintedFigure(s.name, "0", 0, k) for k in per_sample for s in net.defined]
    back = bp.reverse(net)
    figures += [PrintedFigure(str(s), "0", 0, k) for k in per_sample for s in back.defined if s.wrt not in net.parameters]
    figures += [PrintedFigure(f"d({net.loss})/d({p})", "0") for p in net.parameters]
    figures += [PrintedFigure(p.name, "0", 1) for p in net.parameters]
    figures += [PrintedFigure(s.name, "0", 1, k) for k in per_sample for s in net.defined]
    return WorkedExample("made", "", "", "", net, parameters, samples, training, tuple(figures))


@cache
def bundled():
    """The bundled examples that print something and are no long training."""
    found = [bp.worked_example(name) for name in bp.examples()]
    return [e for e in found if e.figures and max(f.after for f in e.figures) <= MAX_UPDATES]


def shortened(rng, example):
    """The example with some of its figures left out."""
    kept = rng.uniform(0.3, 0.9)
    figures = tuple(f for f in example.figures if rng.random() < kept)
    return replace(example, figures=figures or example.figures[:1], formulas=())


def printed(value, digits, cut):
    """A number as a text prints it: so many significant digits, rounded or cut."""
    if cut:
        shown = f"{value:.{digits + 6}e}"
        mantissa, _, exponent = shown.partition("e")
        return f"{mantissa[:len(mantissa) - 7]}e{int(exponent)}"
    return f"{value:.{digits - 1}e}"


def with_printed(example, values, digits, cut):
    """The example with these numbers printed for its figures."""
    return replace(example, figures=tuple(replace(f, printed=printed(v, digits, cut))
                                          for f, v in zip(example.figures, values, strict=True)))


# ---- mistakes

def of_the_table(rng, search):
    """A hypothesis of the table, its kind chosen first."""
    pool = search.pool.common if rng.random() < COMMON else search.pool.rare or search.pool.common
    name = rng.choice(sorted({h.name for h in pool}))
    return rng.choice([h for h in pool if h.name == name])


def outside(rng, search):
    """A mistake that the table does not have."""
    return rng.choice([_odd_equation, _odd_family, _misprint, _from_nowhere])(rng, search)


def _odd(rng, rhs, kind, odd):
    return (rhs*odd, rhs + odd/10, rhs + rhs**2*odd, rhs - rhs**3/odd)[kind]


def _odd_equation(rng, search):
    """One equation times, plus, or to the power of an odd number."""
    lhs = rng.choice([s for s, rhs in search.maker.rhs.items() if not rhs.is_number])
    odd = sp.Rational(rng.randint(31, 290), 100)
    return Hypothesis("outside", f"an odd {lhs}", 1, {lhs: _odd(rng, search.maker.rhs[lhs], rng.randint(0, 3), odd)})


def _odd_family(rng, search):
    """The same in all equations that look alike."""
    families = search.maker.structure.families
    if not families:
        return _odd_equation(rng, search)
    family, kind, odd = rng.choice(families), rng.randint(0, 3), sp.Rational(rng.randint(31, 290), 100)
    return Hypothesis("outside", f"odd {family[0]}, ...", 1, {lhs: _odd(rng, search.maker.rhs[lhs], kind, odd) for lhs in family})


def _misprint(rng, search):
    """One digit of a figure is another one."""
    j = rng.randrange(len(search.figures))
    text = f"{search.figures.exact[j]:.8e}"
    i = rng.choice([i for i, c in enumerate(text[:text.index("e")]) if c.isdigit()][:2])
    text = text[:i] + rng.choice([d for d in "123456789" if d != text[i]]) + text[i + 1:]
    return Hypothesis("outside", f"figure {j} misprinted", 1, readings={j: Printed(number=float(text))})


def _from_nowhere(rng, search):
    """A few figures are any numbers."""
    chosen = rng.sample(range(len(search.figures)), min(len(search.figures), rng.randint(1, 4)))
    return Hypothesis("outside", f"figures {chosen} from nowhere", 1, readings={
        j: Printed(number=float((search.figures.exact[j] or 1)*rng.uniform(-2, 2))) for j in chosen})


def made(seed, number, digits, inside):
    """The Text of this number: the first mistake of its random numbers whose effect can be seen."""
    rng = random.Random(f"{seed} {number} {digits} {inside}")
    for _ in range(MAX_ATTEMPTS):
        example = shortened(rng, rng.choice(bundled()) if rng.random() < BUNDLED else fresh(rng))
        cut, replay = rng.random() < 0.3, Replay(Passes(example))
        search = Search(with_printed(example, [float(replay.value(f)) for f in example.figures], digits, cut))
        h = (of_the_table if inside else outside)(rng, search)
        value = search.predictions.of([h])[0]
        value[np.abs(value) < NOISE] = 0                                  # what floats lose is no digit of a text
        if search.predictions.rows.fits(h) and np.isfinite(value).all() and np.abs(value).max() < MAX_NUMBER:
            again = Search(with_printed(search.example, value, digits, cut))
            if again.figures.wrong.any():
                return Text(again, h, value)
    raise ValueError(f"text {number} of seed {seed}: no mistake in {MAX_ATTEMPTS} can be seen")
