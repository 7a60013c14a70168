"""Texts that a test makes: figures as they are printed, the file, the causes that the audit names."""
import math

import backprop_sym as bp


def printed(numbers, digits, more=""):
    """The lines of a file for some figures, {name: number}, to so many decimals; ``more`` says after which update."""
    figures = ", ".join(f'"{name}" = "{value:.{digits}f}"' for name, value in numbers.items())
    return f"[[figures]]\n{more}printed = {{{figures}}}\n"


def audited(folder, text):
    """The audit of a text."""
    (folder/"e.toml").write_text(text, encoding="utf-8")
    return bp.worked_example(folder/"e.toml").audit()


def causes(folder, text):
    """What the audit says of a text."""
    return [str(c) for c in audited(folder, text).causes]


def sigmoid(z):
    return 1/(1 + math.exp(-z))
