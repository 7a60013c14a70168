"""Layers that look at pictures. A picture is a row of numbers: channel after channel, and in each row after row.

    convolution                 weighted sums of what a window sees, with the same weights at every place
    pooling                     the largest number of each square, or the mean
"""
from ...describe.nearest import lookup
from ...describe.selections import windows
from .layer import layer, names_itself, told


@names_itself
def convolution(channels, height, width, kernels, size, stride=1, padding=0, x="X", y="Z", mark="", form="matrix", samples=1):
    r"""What so many kernels see in pictures of so many channels, X of shape (B, channels*height*width).

    .. math:: z_{k, i, j} = b_k + \sum_{c, u, v} K_{k, c u v}\; x_{c,\, i + u,\, j + v}

    The weights of a kernel are the same at every place (LeCun et al., 1989). P holds what the windows see, a column for each, so
    that all sums are one product (Chellapilla, Puri and Simard, 2006). The result has the shape (B, kernels*places), kernel after
    kernel; with a stride only each stride-th place is looked at, and with a padding a frame of so many zeros is put around each
    picture first. Raises ValueError for windows that do not fit.

    >>> convolution(1, 3, 3, kernels=1, size=2)
    P = reshape(windows(1, 3, 3, 2, 1) @ X.T, 4, 4*B)
    C = K @ P + b
    Z = reshape(C, 4, B).T
    """
    told(channels=channels, height=height, width=width, kernels=kernels, size=size, stride=stride, padding=padding)
    whole = (channels, height + 2*padding, width + 2*padding, size, stride)
    seen = channels*size*size
    places = int(windows.result((), whole)[0])//seen
    framed = f"(inside({channels}, {height}, {width}, {padding}).T @ X.T)" if padding else "X.T"
    lines = [f"P = reshape(windows{whole} @ {framed}, {seen}, {places}*B)",
             "C = K @ P + b",
             f"Z = reshape(C, {kernels*places}, B).T"]
    shapes = {"X": ("B", channels*height*width), "K": (kernels, seen), "b": (kernels, 1)}
    return layer(lines, shapes, {"X": x, "Z": y}, mark, form, samples, inputs="X", parameters="K b")


# What becomes of the numbers that a square sees, which are a column of T.
POOLED = {"max": "V = max(T, columns)", "mean": "V = mean(T, columns)"}


@names_itself
def pooling(channels, height, width, size, kind="max", x="X", y="Z", mark="", form="matrix", samples=1):
    r"""The largest number of each square of so many, or their mean, of pictures X of shape (B, channels*height*width).

    .. math:: z_{c, i, j} = \max_{u, v} x_{c,\, si + u,\, sj + v}, \qquad 0 \le u, v < s

    The squares lie side by side, and a channel is a picture of its own. Of several numbers that are as large as the largest the
    first gets the gradient. Raises ValueError for squares that do not fit, and for an unknown kind.

    >>> pooling(1, 2, 4, 2, "mean")
    T = reshape(windows(1, 2, 4, 2, 2) @ reshape(X, B, 8).T, 4, 2*B)
    V = mean(T, columns)
    Z = reshape(reshape(V, 2, B).T, B, 2)
    """
    told(channels=channels, height=height, width=width, size=size)
    if height % size or width % size:
        fits = ", ".join(str(k) for k in range(1, min(height, width) + 1) if height % k == width % k == 0)
        raise ValueError(f"squares of {size} x {size} do not fill pictures of {height} x {width}: a size of {fits} would")
    area, places = size*size, (height//size)*(width//size)
    lines = [f"T = reshape(windows(1, {height}, {width}, {size}, {size}) @ reshape(X, {channels}*B, {height*width}).T, {area}, "
             f"{channels*places}*B)",
             lookup(POOLED, "kind", kind),
             f"Z = reshape(reshape(V, {places}, {channels}*B).T, B, {channels*places})"]
    return layer(lines, {"X": ("B", channels*height*width)}, {"X": x, "Z": y}, mark, form, samples, inputs="X")
