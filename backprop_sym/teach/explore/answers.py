"""Your number: the verdict on it, and the mistake that it shows.

    answer(example, quantity)           from a table of what every mistake would give, made beforehand
"""
from dataclasses import replace
from math import isfinite

from ...describe.arguments import expect
from ...describe.digits import decimal
from ...show import figures
from ...show.latex import name_latex
from ..explorable import Explorable


def answer(example, quantity, after=0, sample=None, digits=6):
    r"""A number to type: the verdict comes at once, and what was done wrong, as far as the number shows it.

    ``example`` is a worked example, ``quantity`` a name or "d(A)/d(B)", ``after`` so many updates; ``digits`` are wanted.

    >>> from backprop_sym import worked_example
    >>> made = answer(worked_example("source"), "d(E_total)/d(w5)")
    >>> made
    A question: what is d(E_total)/d(w5)? 6 digits are wanted.
    >>> any("sign" in mistake["text"] for mistake in made.data["mistakes"])
    True
    """
    expect(example=example, quantity=quantity, after=after, sample=sample, digits=digits)
    asked = example.figure(quantity, "0", after, sample)
    row, = replace(example, figures=(asked,)).audit()
    mistakes = sorted(((slip.cost, str(slip.text), float(slip.value)) for slip in example.slips(quantity, after, sample)
                       if isfinite(slip.value)), key=lambda mistake: mistake[:2])
    exact = float(row.exact)
    simplest = {}                                       # of those that come to the same number
    for cost, text, value in mistakes:
        simplest.setdefault(decimal(value, 12), (cost, text))
    simplest.pop(decimal(exact, 12), None)
    made, axes = figures.figure(alt=f"A question: what is {quantity}? {digits} digits are wanted.", height=1.1)
    axes.set_axis_off()
    axes.text(0.01, 0.5, f"To {digits} digits: what is ${name_latex(asked.expression)}$?", fontsize=14, va="center")
    return Explorable("answer", {
        "title": "Your number", "question": f"To {digits} digits: what is", "tex": name_latex(asked.expression),
        "quantity": quantity, "exact": exact, "digits": digits,
        "mistakes": [{"value": float(value), "text": text, "cost": float(cost)} for value, (cost, text) in simplest.items()],
    }, made)
