"""Slips in what all samples together make: their sum for their mean, one of them left out, one update a sample.

    SAMPLE_SLIPS                (name, cost, generator): a part of the table of slips in a run

A generator takes the words and yields (sentence, changes, settings), as in runs.py.
"""
MAX_LEFT_OUT = 12       # samples of which one may have been left out


def reduction(words):
    """Sum for mean over the samples, or the other way round: of the gradient, of the loss, of both."""
    training, count = words.structure.passes.training, words.structure.passes.count
    if count > 1:
        other = "sum" if training.reduce == "mean" else "mean"
        text = f"the {other} over the samples is taken for the {training.reduce}"
        if training.online:
            yield text, {}, {"loss": other}
        else:
            yield f"{text} in the gradient", {}, {"total": other}
            yield f"{text} in the loss", {}, {"loss": other}
            yield text, {}, {"total": other, "loss": other}


def sample_left_out(words):
    """One sample left out, as where a loop ends too early; in a mean it may be counted still."""
    training, count = words.structure.passes.training, words.structure.passes.count
    for k in range(1, count + 1) if 1 < count <= MAX_LEFT_OUT and not training.online else ():
        for divisor in (count, count - 1) if training.reduce == "mean" else (1,):
            text = f"sample {k} is left out" + ", and counted still"*(divisor == count)
            yield f"{text}, in the gradient", {}, {"total": (k, divisor)}
            yield text, {}, {"total": (k, divisor), "loss": (k, divisor)}


def divisor(words):
    """One less than the number of samples, as in the variance of a sample."""
    training, count = words.structure.passes.training, words.structure.passes.count
    if count > 1 and training.reduce == "mean" and not training.online:
        less = 0, count - 1
        yield f"the mean over the samples is divided by {count - 1}, not by {count}", {}, {"total": less, "loss": less}
        yield f"the mean over the samples is divided by {count - 1}, not by {count}, in the gradient", {}, {"total": less}
        yield f"the mean over the samples is divided by {count - 1}, not by {count}, in the loss", {}, {"loss": less}


def online(words):
    """One update a sample for one of all of them, or the other way round."""
    training, count = words.structure.passes.training, words.structure.passes.count
    if count > 1 and words.structure.passes.state:
        if training.online:
            for kind in ("sum", "mean"):
                yield f"one update for all samples together ({kind}), not one a sample", {}, {"total": kind}
        else:
            yield "one update a sample, not one for all of them", {}, {"total": "online"}


def factors_apart(words):
    """The mean of the errors times the mean of the inputs for the mean of the products."""
    training, count = words.structure.passes.training, words.structure.passes.count
    if count > 1 and not training.online:
        yield f"the {training.reduce} over the samples is taken of each factor, not of the product, in the gradient", {}, \
            {"factors": "apart"}


SAMPLE_SLIPS = (
    ("sum for mean", 1, reduction),
    ("sample left out", 1.1, sample_left_out),
    ("divisor", 1, divisor),
    ("factors apart", 1.2, factors_apart),
    ("online", 1, online),
)
