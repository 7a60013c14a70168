"""Seconds that the causes of wrong figures take, in an interpreter of their own: printed as JSON.

The ledger of the source; a text on an attention layer with 48 weights, of whose 62 figures some have one mistake in them; all
bundled examples. Each is searched once, for a search that was made before is remembered.
"""
import json
import random
import time
from dataclasses import replace

import backprop_sym as bp
from backprop_sym.verify.example import PrintedFigure, Training, WorkedExample
from backprop_sym.verify.passes import Passes
from backprop_sym.verify.replay import Replay

TOKENS, WIDTH, FIGURES = 3, 4, 62


def attention():
    """The example of an attention layer: queries, keys, values, scores, softmax; a few figures are three times too large."""
    tokens, places = range(1, TOKENS + 1), range(1, WIDTH + 1)
    lines = [f"{c}{t}{j} = " + " + ".join(f"w{c}{i}{j}*x{t}{i}" for i in places) for c in "qkv" for t in tokens for j in places]
    lines += [f"s{t}{u} = (" + " + ".join(f"q{t}{j}*k{u}{j}" for j in places) + ")/2" for t in tokens for u in tokens]
    lines += [f"p{t}{u} = softmax({u}, " + ", ".join(f"s{t}{w}" for w in tokens) + ")" for t in tokens for u in tokens]
    lines += [f"o{t}{j} = " + " + ".join(f"p{t}{u}*v{u}{j}" for u in tokens) for t in tokens for j in places]
    lines += ["E = (" + " + ".join(f"(o{t}{j} - y{t}{j})**2" for t in tokens for j in places) + ")/2"]
    net = bp.Program.parse(lines, inputs=[f"x{t}{i}" for t in tokens for i in places],
                           targets=[f"y{t}{i}" for t in tokens for i in places],
                           parameters=[f"w{c}{i}{j}" for c in "qkv" for i in places for j in places], loss="E")
    rng = random.Random(1)
    number = lambda: bp.parse(str(round(rng.uniform(-1, 1), 2) or 0.5))   # noqa: E731
    parameters, sample = {p.name: number() for p in net.parameters}, {s.name: number() for s in (*net.inputs, *net.targets)}
    figures = [PrintedFigure(s.name, "0") for s in net.defined] + [PrintedFigure(f"d(E)/d({p})", "0") for p in net.parameters]
    example = WorkedExample("attention", "", "", "", net, parameters, (sample,), Training(bp.GradientDescent(), bp.parse("0.1")),
                            tuple(rng.sample(figures, FIGURES)))
    exact = Replay(Passes(example)).value
    wrong = rng.sample(range(FIGURES), 6)
    return replace(example, figures=tuple(replace(f, printed=f"{float(exact(f))*(3 if j in wrong else 1):.4e}")
                                          for j, f in enumerate(example.figures)))


def seconds(examples):
    """Seconds to audit some examples, with every cause."""
    start = time.perf_counter()
    for example in examples:
        assert all(row.cause is None or row.cause for row in example.audit())
    return time.perf_counter() - start


def main():
    """Measure all three, what takes least first."""
    made = {"causes: the source": [bp.worked_example("source")], "causes: 62 figures of attention": [attention()],
            "causes: the corpus": [bp.worked_example(name) for name in bp.examples()]}
    print(json.dumps({name: seconds(examples) for name, examples in made.items()}))


if __name__ == "__main__":
    main()
