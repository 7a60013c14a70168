"""IDX files, the format of MNIST and its relatives: a few bytes that say the type and the sizes, then the numbers.

    idx(path)                   a Dataset from a file of images and one of labels
    array(path)                 the array in one file

The format: two bytes 0, a byte for the type of the numbers, a byte for how many sizes there are; each size in four bytes; the
numbers, row by row; all with the highest byte first. (Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten
digits.)
"""
import re
from math import prod
from pathlib import Path

import numpy as np

from .file import opened
from .given import arrays
from .labels import MOST_NUMBERS

KINDS = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_SIZES = 4
# train-images-idx3-ubyte.gz is answered by train-labels-idx1-ubyte.gz.
ANSWERS = ((r"images(?!.*images)", "labels"), (r"idx[2-4]", "idx1"))


def idx(path, labels=None, classes=None, *, test=None, test_labels=None, seed=0, name=None):
    """The Dataset in a file of images and the file of their labels, as they come or packed by gzip.

    ``labels`` is the path of the labels; left out it is the name of the images with "labels" for "images", as MNIST's files are
    called. ``classes`` names label 0, 1, ...; left out they are the labels found. ``test`` and ``test_labels`` are files with a
    test part of its own; without, the one file is divided into three. The numbers are as in the file: ``idx(...).scaled()``
    brings them to 0 to 1.

    Raises OSError for what is no file, ValueError for one that is no IDX file, is shorter or longer than it says, or is empty;
    and what ``arrays`` raises.

        bp.data.idx("train-images-idx3-ubyte.gz", test="t10k-images-idx3-ubyte.gz")
    """
    images, targets = _pair(path, labels)
    if test is None and test_labels is not None:
        raise ValueError("test_labels: expected test, the file of the images, as well")
    own = None if test is None else _pair(test, test_labels)
    try:
        return arrays(images, targets, classes, test=own, seed=seed, name=name or Path(path).name.partition(".")[0])
    except ValueError as error:
        raise ValueError(f"{path}{f', {test}' if test else ''}: {error}") from None


def array(path):
    """The numbers in an IDX file, an array of the type and shape that it says.

    Nothing is set aside for what the file says before its own length allows it.
    """
    with opened(path) as (stream, most):
        kind, sizes = _header(path, stream)
        count, width = prod(sizes), np.dtype(kind).itemsize
        says = f"{path}: {' x '.join(f'{size:,}' for size in sizes)} numbers of {width} byte{'s' if width > 1 else ''}"
        if not count:
            raise ValueError(f"{says}: expected at least one")
        if count > MOST_NUMBERS:
            raise ValueError(f"{says}: expected at most {MOST_NUMBERS:,}")
        if count*width > most:
            raise ValueError(f"{says} need {count*width:,} bytes, and the file cannot hold more than {most:,}: it is cut off, "
                             "or its sizes are wrong")
        data = stream.read(count*width + 1)
    if len(data) != count*width:
        got = f"there are {len(data):,}: it is cut off" if len(data) < count*width else "there are more"
        raise ValueError(f"{says} need {count*width:,} bytes, and {got}")
    return np.frombuffer(data, kind).reshape(sizes)


def _header(path, stream):
    """The type of the numbers and the sizes that the file says."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in KINDS:
        raise ValueError(f"{path}: not an IDX file: expected it to begin with 00 00 and one of "
                         f"{', '.join(f'{kind:02x}' for kind in KINDS)}, got {magic.hex(' ') or 'nothing'}")
    if not 1 <= magic[3] <= MOST_SIZES:
        raise ValueError(f"{path}: expected 1 to {MOST_SIZES} sizes, got {magic[3]}")
    sizes = stream.read(4*magic[3])
    if len(sizes) < 4*magic[3]:
        raise ValueError(f"{path}: cut off within its first {4 + 4*magic[3]} bytes")
    return KINDS[magic[2]], tuple(np.frombuffer(sizes, ">u4").tolist())


def _pair(path, labels):
    """The arrays of the images and of their labels, which fit each other."""
    images = array(path)
    if images.ndim < 2:
        raise ValueError(f"{path}: expected images, got {len(images):,} single numbers; are these the labels?")
    answer = labels if labels is not None else answering(path)
    found = array(answer)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise ValueError(f"{answer}: expected labels, whole numbers, got numbers of shape {found.shape} and type {found.dtype}")
    if len(found) != len(images):
        raise ValueError(f"{answer}: expected {len(images):,} labels, one for each image in {path}, got {len(found):,}")
    return images, found


def answering(path):
    """The path of the labels that belong to a file of images, by the way in which such files are named.

    >>> answering("mnist/train-images-idx3-ubyte.gz").name
    'train-labels-idx1-ubyte.gz'
    """
    path = Path(path)
    name = path.name
    for pattern, word in ANSWERS:
        name = re.sub(pattern, word, name)
    if name == path.name:
        raise ValueError(f"{path}: labels: expected the path of their file, as this name does not say it")
    return path.with_name(name)
