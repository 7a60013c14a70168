"""Does the audit find mistakes that it has not seen? Texts are made with one mistake in each, and audited.

    python benchmarks/slips.py [--texts 500] [--seed 1] [--digits 2 3 4 6 9] [--held-out]

A text is a random network (dense, recurrent, convolutional, attention-like) with random numbers; most of its figures are
printed, to so many digits, rounded or cut. One hypothesis of the table is planted, or (apart) a mistake that the table does not
have. A cause is right where it is the planted hypothesis, or predicts the same printed number for every figure.
"""
import argparse
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import sympy as sp

import backprop_sym as bp
from backprop_sym.verify.example import PrintedFigure, Training, WorkedExample
from backprop_sym.verify.hypotheses import Hypothesis
from backprop_sym.verify.passes import Passes
from backprop_sym.verify.replay import Replay
from backprop_sym.verify.rows import ANEW
from backprop_sym.verify.search import Search

HELD_OUT = 1_000_003            # added to the seed of texts that nobody looks at while the search is changed
RESULTS = ("right", "hedged, right", "none", "hedged, false", "certain, false")


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
    lines = [f"q{i} = wq*x{i}" for i in range(1, n + 1)] + [f"k{i} = wk*x{i}" for i in range(1, n + 1)]
    lines += [f"v{i} = wv*x{i}" for i in range(1, n + 1)]
    lines += [f"s{j} = q1*k{j}" for j in range(1, n + 1)]
    lines += [f"p{j} = softmax({j}, {', '.join(f's{i}' for i in range(1, n + 1))})" for j in range(1, n + 1)]
    lines += ["o = " + " + ".join(f"p{j}*v{j}" for j in range(1, n + 1)), "E = (o - y)**2/2"]
    return bp.Program.parse(lines, inputs=[f"x{i}" for i in range(1, n + 1)], targets="y", parameters="wq wk wv", loss="E")


NETWORKS = (dense, dense, recurrent, convolution, attention)


def text(rng):
    """A worked example without printed numbers: a network, its numbers, and what is to be printed."""
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
    kept = rng.uniform(0.3, 0.9)
    figures = tuple(f for f in figures if rng.random() < kept)
    return WorkedExample("made", "", "", "", net, parameters, samples, training, figures or (PrintedFigure(net.loss.name, "0"),))


def outside(rng, search):
    """A mistake that the table does not have: one equation times, plus, or to the power of an odd number."""
    lhs = rng.choice([s for s, rhs in search.maker.rhs.items() if not rhs.is_number])
    rhs, odd = search.maker.rhs[lhs], sp.Rational(rng.randint(31, 290), 100)
    new = rng.choice([rhs*odd, rhs + odd/10, rhs + rhs**2*odd, rhs - rhs**3/odd])
    return Hypothesis("outside", "something else", 1, {lhs: new})


def planted(rng, search, table):
    """A hypothesis, its kind chosen first."""
    if not table:
        return outside(rng, search)
    pool = search.pool.common if rng.random() < 0.85 else search.pool.rare
    kinds = sorted({h.name for h in pool})
    name = rng.choice(kinds)
    return rng.choice([h for h in pool if h.name == name])


def printed(value, digits, cut):
    """A number as a text prints it: so many significant digits, rounded or cut."""
    if cut:
        shown = f"{value:.{digits + 6}e}"
        mantissa, _, exponent = shown.partition("e")
        return f"{mantissa[:len(mantissa) - 7]}e{int(exponent)}"
    return f"{value:.{digits - 1}e}"


def made(seed, digits, table):
    """(the example as it is printed, the planted hypothesis, what it predicts); None where its effect cannot be seen."""
    rng = random.Random(f"{seed} {digits} {table}")
    example, cut = text(rng), rng.random() < 0.3
    replay = Replay(Passes(example))
    example = with_printed(example, [float(replay.value(f)) for f in example.figures], digits, cut)
    search = Search(example)
    h = planted(rng, search, table)
    value = search.predictions.of([h])[0]
    if not search.predictions.rows.fits(h) or not np.isfinite(value).all() or np.abs(value).max() > 1e6:
        return None
    again = Search(with_printed(example, value, digits, cut))
    return (again.example, h, value, again) if again.figures.wrong.any() else None


def with_printed(example, values, digits, cut):
    """The example with these numbers printed for its figures."""
    return replace(example, figures=tuple(PrintedFigure(f.quantity, printed(v, digits, cut), f.after, f.sample)
                                          for f, v in zip(example.figures, values, strict=True)))


def judged(search, value):
    """What the audit makes of a text."""
    unit = search.figures.unit

    def right(hypotheses, mode=ANEW):
        found = search.predictions.base(hypotheses, mode)
        return bool((np.abs(found - value) <= unit).all())

    causes = search.causes
    if not causes:
        return "right" if not (search.figures.wrong & ~search.inherited).any() else "none"
    together = right([c.hypothesis for c in causes])
    if any(c.certain and not right([c.hypothesis], c.printed) for c in causes) and not together:
        return "certain, false"
    if together or any(right([c.hypothesis], c.printed) for c in causes):
        return "right" if all(c.certain for c in causes) else "hedged, right"
    if any(right([h]) for c in causes for h in c.others[:2]):
        return "hedged, right"
    return "hedged, false"


def table(texts, seed, digits, inside, tell=None):
    """Counts of the results of so many texts."""
    counts, at = Counter(), seed*10_000
    while sum(counts.values()) < texts:
        at += 1
        case = made(at, digits, inside)
        if case is None:
            continue
        example, h, value, search = case
        result = judged(search, value)
        counts[result] += 1
        if tell and result in tell:
            print(f"{at} {digits} {inside} {result}: planted {h.name} | {h.text}")
            for c in search.causes:
                print(f"      {c.printed} {c.chance:.1g} {len(c.figures)} of {search.figures.wrong.sum()} "
                      f"({search.inherited.sum()} inherited): {c}")
    return counts


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--texts", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--digits", type=int, nargs="+", default=[2, 3, 4, 6, 9])
    options.add_argument("--held-out", action="store_true")
    options.add_argument("--only", choices=["table", "outside"])
    options.add_argument("--tell", nargs="*", help="results whose texts are shown")
    chosen = options.parse_args()
    seed = chosen.seed + HELD_OUT*chosen.held_out
    kinds = [p for p in ("table", "outside") if chosen.only in (None, p)]
    each = max(1, chosen.texts//(len(kinds)*len(chosen.digits)))
    print(f"{'planted':10} {'digits':>6}  " + "  ".join(f"{r:>14}" for r in RESULTS))
    for inside in [p == "table" for p in kinds]:
        for digits in chosen.digits:
            counts = table(each, seed, digits, inside, chosen.tell)
            print(f"{'table' if inside else 'outside':10} {digits:6}  " + "  ".join(
                f"{counts[r]:>6} ({100*counts[r]/each:4.1f}%)" for r in RESULTS), flush=True)


if __name__ == "__main__":
    main()
