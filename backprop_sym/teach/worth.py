"""What quantities are worth: at the numbers of an exercise, and at other numbers, where two formulas that differ do differ.

    worth(example, figures)     their exact values (mpf); with backend="python" floats, at once whatever they are
    starting(example, network, write)       the numbers that are given, written
    elsewhere(exercise)         the exercise's example with other numbers, some times
"""
from dataclasses import replace
from random import Random

from sympy import Rational

from ..describe.digits import short
from ..verify.passes import Passes
from ..verify.replay import Replay

POINTS = 3          # at which an answer must agree
NEAR = 0.6, 1.4     # a number elsewhere is so many times its own: of the same sign, and in the same domain


def worth(example, figures, backend="mpmath"):
    """The value of each figure's quantity, after as many updates as it says.

    >>> from backprop_sym import worked_example
    >>> example = worked_example("source")
    >>> [float(value) for value in worth(example, [example.figure("z1", "0"), example.figure("yhat1 - y1", "0")])]
    [0.4325, 0.6779879564589611]
    """
    replay = Replay(Passes(replace(example, figures=tuple(figures))), backend=backend)
    return [replay.value(f) if backend == "mpmath" else replay.number(f) for f in figures]


def elsewhere(exercise):
    """The example with other numbers: those of the exercise's ``tests`` in turn, else some that are made from its own.

    They are the same each time. What has a domain, as a target that is 0 or 1, stays as it is.
    """
    example, draw = exercise.example, Random(exercise.id)
    if exercise.tests:
        return [with_numbers(example, numbers) for numbers in exercise.tests]
    bound = {s.name for expression, _ in example.forward.domains for s in expression.free_symbols}

    def other(name, value):
        share = draw.uniform(*NEAR)
        return value if name in bound else Rational(round(1000*share), 1000)*(value or 1)

    names = sorted({*example.parameters, *example.samples[0]})
    return [with_numbers(example, {name: other(name, number_of(example, name)) for name in names}) for _ in range(POINTS)]


def number_of(example, name):
    """The number of a parameter, or of a quantity of the first sample."""
    return example.parameters.get(name, example.samples[0].get(name))


def starting(example, network, write):
    """The numbers that the quantities of a network start from, and the learning rate, each by ``write(name, text)``, in a row."""
    found = {s.name: number_of(example, s.name) for s in network.given} | {"eta": example.training.learning_rate}
    return ", ".join(write(name, short(number)) for name, number in found.items() if number is not None)


def with_numbers(example, numbers):
    """An example in which some parameters, or quantities of every sample, are other numbers."""
    def put(known):
        return {name: numbers.get(name, value) for name, value in known.items()}
    return replace(example, parameters=put(example.parameters), samples=tuple(map(put, example.samples)))
