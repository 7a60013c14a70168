"""Which rows are for training, which for validation, which for the test: drawn at random, and the same on every machine.

    ranked(n, seed)             the numbers 0 to n - 1 in an order that only the seed decides
    stratified(labels, seed)    the rows of the three parts: of every class 60, 20 and 20 in a hundred
    uniform(seed, *place)       a number between 0 and 1

What is random here is the SHA-256 of the seed and of the place: a generator's stream may be another in its next version.
"""
import hashlib

import numpy as np

SHARES = {"train": 60, "validation": 20, "test": 20}


def ranked(n, seed):
    """The numbers 0 to n - 1 in the order of their hashes.

    >>> ranked(5, seed=0)
    array([4, 2, 1, 0, 3])
    """
    return np.array(sorted(range(n), key=lambda row: _hash(seed, row)), dtype=np.intp)


def stratified(labels, seed=0, shares=SHARES, names=None):
    """{part: its rows} so that each class is spread over the parts as the shares say; the rows of a part are mixed.

    ``labels`` holds the class of each row, from 0; ``names`` are the classes as an error should call them. Where a share is no
    whole number of rows, the boundary between two parts is rounded. Raises ValueError where a class has too few rows to be in
    every part.

    >>> {part: len(rows) for part, rows in stratified(np.array([0]*50 + [1]*10)).items()}
    {'train': 36, 'validation': 12, 'test': 12}
    """
    order, whole = ranked(len(labels), seed), sum(shares.values())
    found = {part: [] for part in shares}
    by_class = np.argsort(labels[order], kind="stable")
    classes, begins = np.unique(labels[order][by_class], return_index=True)
    for label, rows in zip(classes, np.split(by_class, begins[1:]), strict=True):
        begin = share = 0
        for part in shares:
            share += shares[part]
            end = (2*share*len(rows) + whole)//(2*whole)
            if end == begin:
                name = str(names[label] if names else label)
                raise ValueError(f"class {name!r}: expected rows enough for {', '.join(shares)}, got {len(rows)} in all; "
                                 "put it together with another class, or leave it out")
            found[part].append(rows[begin:end])
            begin = end
    return {part: order[np.sort(np.concatenate(places))] for part, places in found.items()}


def uniform(seed, *place):
    """A number between 0 and 1, both excluded, that belongs to this seed and place.

    >>> uniform(0, "noise", 3) == uniform(0, "noise", 3), 0 < uniform(1, "noise", 3) < 1
    (True, True)
    """
    return (int.from_bytes(_hash(seed, *place)[:8], "big")//2**12 + 0.5)/2**52


def _hash(*parts):
    return hashlib.sha256(" ".join(map(str, parts)).encode()).digest()
