"""Does the audit find mistakes that it has not seen? Texts are made with one mistake in each, and audited.

    python benchmarks/slips.py [--texts 500] [--seed 1] [--digits 2 3 4 6 9] [--held-out]

So many texts have a mistake of the table in them, and as many one that the table does not have. A cause is right where it is the
planted hypothesis, whichever derivatives follow from it, or predicts the same printed number for every figure. See texts.py.
"""
import argparse
import os
import sys
from collections import Counter
from dataclasses import dataclass
from multiprocessing import Pool

import numpy as np
from texts import made

from backprop_sym.verify.reading import ANEW

HELD_OUT = 1_000_003            # added to the seed of texts that nobody looks at while the search is changed
RESULTS = ("right", "hedged, right", "none", "hedged, false", "certain, false")


@dataclass(frozen=True)
class Job:
    """One text to be made and audited; ``tell``: results of which more is said."""

    seed: int
    number: int
    digits: int
    inside: bool
    tell: tuple = ()


def judged(search, value, planted):
    """What the audit makes of a text whose figures have these values, because of what was planted."""
    unit = search.figures.unit

    def right(hypotheses, mode=ANEW):
        if [h.slip for h in hypotheses] == [planted.slip]:
            return True
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


def audited(job):
    """(the result of a text, what is said of it)."""
    text = made(job.seed, job.number, job.digits, job.inside)
    search, result = text.search, judged(text.search, text.value, text.planted)
    if result not in job.tell:
        return job, result, ""
    lines = [f"{search.example.name} {job.number} {job.digits} {job.inside} {result}: {text.planted.name} | {text.planted.text}"]
    lines += [f"      {c.printed} {c.chance:.1g} {len(c.figures)} of {search.figures.wrong.sum()} "
              f"({search.inherited.sum()} inherited): {c}" for c in search.causes]
    return job, result, "\n".join(lines)


def progress(done, total, width=40):
    """A bar on the screen, and nothing in a file."""
    if sys.stderr.isatty():
        filled = width*done//total
        print(f"\r  [{'#'*filled}{'.'*(width - filled)}] {done} of {total} texts", end="\n" if done == total else "",
              file=sys.stderr, flush=True)


def counted(jobs, processes=None):
    """{(inside, digits): Counter of results} of some jobs, on several cores."""
    counts = {(job.inside, job.digits): Counter() for job in jobs}
    with Pool(processes or min(2, os.cpu_count() or 1)) as pool:
        try:
            for done, (job, result, words) in enumerate(pool.imap_unordered(audited, jobs), 1):
                counts[job.inside, job.digits][result] += 1
                progress(done, len(jobs))
                if words:
                    print(words, flush=True)
        except KeyboardInterrupt:
            print("interrupted: of the texts so far", flush=True)
    return counts


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--texts", type=int, default=500, help="so many of the table, and as many outside it")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--digits", type=int, nargs="+", default=[2, 3, 4, 6, 9])
    options.add_argument("--held-out", action="store_true", help="other texts than those that the search was made with")
    options.add_argument("--only", choices=["table", "outside"])
    options.add_argument("--tell", nargs="*", default=(), choices=RESULTS, help="results whose texts are shown")
    chosen = options.parse_args()
    seed, each = chosen.seed + HELD_OUT*chosen.held_out, max(1, chosen.texts//len(chosen.digits))
    kinds = [p for p in ("table", "outside") if chosen.only in (None, p)]
    counts = counted([Job(seed, n, digits, kind == "table", tuple(chosen.tell))
                      for n in range(each) for kind in kinds for digits in chosen.digits])
    print(f"{'planted':10} {'digits':>6}  " + "  ".join(f"{r:>15}" for r in RESULTS))
    for kind in kinds:
        for digits in chosen.digits:
            found = counts[kind == "table", digits]
            share = 100/max(1, found.total())
            print(f"{kind:10} {digits:6}  " + "  ".join(f"{found[r]:>6} ({share*found[r]:5.1f}%)" for r in RESULTS))


if __name__ == "__main__":
    main()
