"""A quantity again: after an update, for a sample.

    updated(w5), primed(z1)     w5_new, what an update makes of w5; z1_prime, the same quantity in the next pass
    sampled(z1, 2)              z1_sample2, the same quantity for the second sample
    again(s, after=, sample=)   the symbol with other fields than it has
    stem(s), age(s), sample_of(s)   what a symbol is a copy of; after how many updates; of which sample
"""
from .names import Name, Partial

FIELDS = ("after", "sample", "time", "carried")


def again(s, **fields):
    """The symbol with other fields than it has: ``again(z1, sample=2)``; of a derivative, both of its names.

    >>> from .names import symbol
    >>> again(again(symbol("z1"), sample=2), after=1)
    z1_sample2_prime
    """
    if isinstance(s, Partial):
        return Partial(again(s.of, **fields), again(s.wrt, **fields))
    has = dict(zip(FIELDS, s.identity[1:], strict=True)) if isinstance(s, Name) else {}
    return Name(stem(s), **{**has, **fields})


def stem(s):
    """What a quantity is before any update, of any sample, at any time.

    >>> from .names import symbol
    >>> stem(updated(symbol("w5")))
    w5
    """
    return s.stem if isinstance(s, Name) else s


def age(s):
    """After how many updates a quantity is taken."""
    return s.after if isinstance(s, Name) else max(age(s.of), age(s.wrt)) if isinstance(s, Partial) else 0


def sample_of(s):
    """Which sample a quantity is of; 0 for none."""
    return s.sample if isinstance(s, Name) else sample_of(s.of) or sample_of(s.wrt) if isinstance(s, Partial) else 0


def updated(parameter):
    """The symbol of a parameter's next value.

    >>> from .names import symbol
    >>> updated(symbol("w5"))
    w5_new
    """
    return again(parameter, after=age(parameter) + 1, carried=True)


def primed(quantity):
    """The symbol of a quantity in the pass after an update.

    >>> from .names import symbol
    >>> primed(symbol("z1"))
    z1_prime
    """
    return again(quantity, after=age(quantity) + 1, carried=False)


def sampled(quantity, k):
    """The symbol of a quantity for the k-th sample.

    >>> from .names import symbol
    >>> sampled(symbol("z1"), 2)
    z1_sample2
    """
    return again(quantity, sample=k)
