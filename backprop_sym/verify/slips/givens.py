"""Numbers that were other than stated: a neighbour's, with the other sign, of another sample, with the point elsewhere.

    GIVEN_SLIPS                 (name, cost, generator): the table

A generator takes the words and yields (sentence, {(symbol, sample): number}); sample None is all of them.
"""
import sympy as sp

from ...derive.optimizers import COEFFICIENTS, ETA
from ...describe.digits import decimal
from ...describe.values import exact

MAX_SAMPLES = 12


def places(words):
    """(symbol, sample, its number) of what is given: what is the same for all samples, then each sample's own."""
    passes = words.structure.passes
    for s, value in passes.start.items():
        if s in words.structure.parameters or s == ETA:
            yield s, None, _float(value)
    for k, sample in enumerate(passes.samples[:MAX_SAMPLES], 1):
        for s, value in sample.items():
            yield s, k, _float(value)


def _float(value):
    return float(exact("number", value))


def name_of(words, s, sample):
    """A given number in a sentence."""
    return words.quantity(s) + (f" of sample {sample}" if sample and words.structure.passes.count > 1 else "")


def neighbours(words):
    """The number of another quantity of the same kind."""
    numbers = {(s, k): value for s, k, value in places(words)}
    for (s, k), value in numbers.items():
        for other in words.siblings(s):
            if other != s and numbers.get((other, k), value) != value:
                yield (f"the number of {words.quantity(other)} is taken for that of {name_of(words, s, k)}",
                       {(s, k): numbers[other, k]})


def exchanged(words):
    """Two numbers of the same kind exchanged."""
    numbers = {(s, k): value for s, k, value in places(words)} | {
        (s, None): _float(value) for s, value in words.structure.passes.start.items() if s in COEFFICIENTS.values()}
    pairs = [(s, k, other) for s, k in numbers for other in words.siblings(s) if words.quantity(s) < words.quantity(other)]
    pairs.append((COEFFICIENTS["beta1"], None, COEFFICIENTS["beta2"]))
    for s, k, other in pairs:
        one, two = numbers.get((s, k)), numbers.get((other, k))
        if None not in (one, two) and one != two:
            names = f"{words.quantity(s)} and {name_of(words, other, k)}"
            yield f"the numbers of {names} are exchanged", {(s, k): two, (other, k): one}


def samples(words):
    """The number of another sample."""
    numbers = {(s, k): value for s, k, value in places(words)}
    for (s, k), value in numbers.items():
        for j in range(1, words.structure.passes.count + 1) if k else ():
            if numbers.get((s, j), value) != value:
                yield f"{words.quantity(s)} of sample {j} is taken for that of sample {k}", {(s, k): numbers[s, j]}


def signs(words):
    """The other sign."""
    for s, k, value in places(words):
        if value:
            yield f"{name_of(words, s, k)} has the other sign", {(s, k): -value}


def points(words):
    """The decimal point elsewhere."""
    for s, k, value in places(words):
        if s != ETA:
            yield from _moved(words, s, k, value)


def point_of_the_rate(words):
    """The decimal point of the learning rate elsewhere."""
    for s, k, value in places(words):
        if s == ETA:
            yield from _moved(words, s, k, value)


def _moved(words, s, k, value):
    for factor, text in ((10, "ten times"), (0.1, "a tenth of")) if value else ():
        yield f"{name_of(words, s, k)} is {text} what is stated", {(s, k): factor*value}


def digits(words):
    """Two neighbouring digits exchanged."""
    for s, k, value in places(words):
        text = decimal(sp.Rational(str(value)))
        for i in range(len(text) - 1):
            read = text[:i] + text[i + 1] + text[i] + text[i + 2:]
            if text[i:i + 2].isdigit() and float(read) != value:
                yield f"{name_of(words, s, k)} is read as {read}, with two digits exchanged", {(s, k): float(read)}


GIVEN_SLIPS = (
    ("another's number", 1.7, neighbours),
    ("numbers exchanged", 1.5, exchanged),
    ("another sample's number", 1.3, samples),
    ("sign of a number", 1.3, signs),
    ("point of a number", 1.3, points),
    ("digits of a number", 1.4, digits),
    ("point of the learning rate", 1, point_of_the_rate),
)
