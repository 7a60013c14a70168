"""Pictures made of numbers: samples, weights, and which class was taken for which.

    pictures(images, titles)            small pictures side by side, grey, or in two colours where signs count
    confusion(found, wanted, classes)   how often each class was taken for each
"""
import math

import matplotlib
import numpy as np

from .style import HOUSE, figure

MOST = 100


def pictures(images, titles=None, columns=10, signed=None, alt=None, title=None, xlabel=None, ylabel=None):
    """Pictures of shape (count, height, width) in rows of ``columns``, a title above each.

    ``signed``: whether zero is white, what is positive violet and what is negative orange (by default where there are negative
    numbers); otherwise the largest number is black. All have one scale. With ``xlabel`` or ``ylabel``, for pictures of tables,
    columns and rows are counted from 1. Raises ValueError for another shape, for numbers that are not finite, for more than 100
    pictures, and where there are not as many titles.

    >>> pictures(np.eye(4).reshape(1, 4, 4), ["a line"]).alt
    '1 picture of 4 x 4 numbers: a line'
    """
    images = np.asarray(images, dtype=float)
    if images.ndim != 3 or not 1 <= len(images) <= MOST or not np.isfinite(images).all():
        raise ValueError(f"images: expected 1 to {MOST} pictures of finite numbers, of shape (count, height, width), got shape "
                         f"{images.shape}")
    titles = [""]*len(images) if titles is None else list(map(str, titles))
    if len(titles) != len(images):
        raise ValueError(f"titles: expected {len(images)}, one a picture, got {len(titles)}")
    signed = bool(images.min() < 0) if signed is None else signed
    columns, size = min(columns, len(images)), np.abs(images).max() or 1
    rows = math.ceil(len(images)/columns)
    scale = {"cmap": "PuOr", "vmin": -size, "vmax": size} if signed else {"cmap": "gray_r", "vmin": images.min(), "vmax": size}
    said = f"{len(images)} picture{'s'*(len(images) > 1)} of {images.shape[1]} x {images.shape[2]} numbers"
    width = min(6.5, 4*columns)
    height = (width/columns + 0.3*any(titles))*rows + 0.35*bool(title)
    made, axes = figure(alt or said + (": " + ", ".join(titles)).removesuffix(": ")*any(titles), width=width, height=height,
                        nrows=rows, ncols=columns, squeeze=False)
    with matplotlib.rc_context(HOUSE):
        for place in axes.flat:
            place.set_axis_off()
        for place, image, name in zip(axes.flat, images, titles, strict=False):
            if xlabel or ylabel:
                counted(place, images.shape[1:], xlabel, ylabel)
            else:
                framed(place)
            place.imshow(image, interpolation="nearest", **scale)
            place.set_title(name, fontsize=11, pad=3)
        if title:
            made.suptitle(title, fontsize=13)
    return made


def framed(place):
    """A thin frame, which shows where in its picture something stands."""
    place.set_axis_on()
    place.grid(False)
    place.set(xticks=(), yticks=())
    place.spines[:].set(visible=True, color="0.6", linewidth=0.7)


def counted(place, shape, xlabel, ylabel):
    """Axes that count rows and columns from 1, and say of what."""
    place.set_axis_on()
    place.grid(False)
    place.set(xlabel=xlabel, ylabel=ylabel, xticks=range(shape[1]), yticks=range(shape[0]))
    place.set_xticklabels(range(1, shape[1] + 1))
    place.set_yticklabels(range(1, shape[0] + 1))


def confusion(found, wanted, classes=None, title=None):
    """How often each class was taken for each: a row for each wanted class, a column for each found, the right ones grey.

    ``found`` and ``wanted`` are labels 0, 1, ... of the same samples, ``classes`` their names. Raises ValueError where they
    differ in length, and for labels that have no name.

    >>> confusion([0, 1, 1], [0, 1, 0], ["a", "b"]).alt
    '2 of 3 right; a was taken for b once'
    """
    found, wanted = np.asarray(found), np.asarray(wanted)
    count = len(classes) if classes is not None else int(max(found.max(), wanted.max())) + 1
    labels = np.concatenate([found.ravel(), wanted.ravel()])
    if found.shape != wanted.shape or found.ndim != 1 or labels.min() < 0 or labels.max() >= count:
        raise ValueError(f"labels: expected two rows of one length, each of 0 to {count - 1}, got shapes {found.shape} and "
                         f"{wanted.shape}")
    names = list(map(str, range(count) if classes is None else classes))
    table = np.zeros((count, count), dtype=int)
    np.add.at(table, (wanted, found), 1)
    wrong = [(table[i, j], i, j) for i in range(count) for j in range(count) if i != j and table[i, j]]
    times = {1: "once", 2: "twice"}
    said = "; ".join(f"{names[i]} was taken for {names[j]} {times.get(n, f'{n} times')}"
                     for n, i, j in sorted(wrong, reverse=True))
    side = min(6.5, 1.6 + 0.46*count)
    made, axes = figure(f"{np.trace(table)} of {len(found)} right" + f"; {said}"*bool(said), width=side, height=side)
    with matplotlib.rc_context(HOUSE):
        axes.imshow(np.where(np.eye(count), 0.12, np.minimum(table, 1)*0.85), cmap="gray_r", vmin=0, vmax=1)
        for i in range(count):
            for j in range(count):
                if table[i, j]:
                    axes.text(j, i, table[i, j], ha="center", va="center", fontsize=11, color="black" if i == j else "white")
        axes.set(xticks=range(count), yticks=range(count), xlabel="found", ylabel="right", title=title)
        axes.set_xticklabels(names, rotation=90 if max(map(len, names)) > 2 else 0)
        axes.set_yticklabels(names)
        axes.grid(visible=False)
    return made
