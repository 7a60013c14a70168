"""IDX files: what is written by hand is read back; what lies about itself is refused before anything is set aside for it."""
import gzip
import os
import re
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import backprop_sym as bp
from backprop_sym.data.idxfile import answering, array

CODES = {"u1": (0x08, "B"), "i1": (0x09, "b"), "i2": (0x0B, "h"), "i4": (0x0C, "i"), "f4": (0x0D, "f"), "f8": (0x0E, "d")}


def packed(numbers):
    """The bytes of an IDX file, by struct alone."""
    code, letter = CODES[np.asarray(numbers).dtype.str[1:]]
    shape = np.shape(numbers)
    return (struct.pack(">BBBB", 0, 0, code, len(shape)) + struct.pack(f">{len(shape)}I", *shape)
            + struct.pack(f">{np.size(numbers)}{letter}", *np.ravel(numbers).tolist()))


IMAGES = np.arange(30*4*3, dtype="u1").reshape(30, 4, 3)
LABELS = np.tile(np.arange(3, dtype="u1"), 10)


@pytest.fixture
def files(tmp_path):
    def write(**contents):
        for name, data in contents.items():
            (tmp_path/name).write_bytes(data if isinstance(data, bytes) else packed(data))
        return tmp_path
    return write


SHAPES = npst.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)
ARRAYS = st.sampled_from(sorted(CODES)).flatmap(
    lambda kind: npst.arrays(kind, SHAPES, elements={"allow_nan": False} if "f" in kind else None))


@given(ARRAYS, st.booleans())
def test_what_is_written_is_read(tmp_path_factory, numbers, zipped):
    path = tmp_path_factory.mktemp("idx")/"file"
    path.write_bytes(gzip.compress(packed(numbers)) if zipped else packed(numbers))
    read = array(path)
    assert read.shape == numbers.shape and read.dtype.newbyteorder("=") == numbers.dtype and (read == numbers).all()


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress])
def test_images_and_labels(files, pack):
    folder = files(images=pack(packed(IMAGES)), labels=pack(packed(LABELS)))
    data = bp.data.idx(folder/"images")
    assert (data.name, data.classes, data.shape, data.features[:4]) == (
        "images", ("0", "1", "2"), (4, 3), ("pixel_0_0", "pixel_0_1", "pixel_0_2", "pixel_1_0"))
    for part in data.parts.values():
        assert (part.X == IMAGES.reshape(30, 12)[part.rows]).all() and (part.labels == LABELS[part.rows]).all()
    named = bp.data.idx(str(folder/"images"), folder/"labels", ["shirt", "shoe", "bag", "coat"])
    assert named.classes == ("shirt", "shoe", "bag", "coat") and named.test.Y.shape[1] == 4


def test_a_test_part_of_its_own(files):
    folder = files(images=IMAGES, labels=LABELS + 1, **{"t-images-idx3": IMAGES[:4], "t-labels-idx1": LABELS[:4] + 1})
    data = bp.data.idx(folder/"images", test=folder/"t-images-idx3")
    assert (data.test.X == IMAGES[:4].reshape(4, 12)).all() and data.test.labels.tolist() == [0, 1, 2, 0]
    assert data.classes == ("1", "2", "3") and len(data.train) + len(data.validation) == 30


@pytest.mark.parametrize(("images", "labels"), [
    ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"), ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
    ("images.images", "images.labels")])
def test_the_labels_are_called_like_the_images(images, labels, tmp_path):
    assert answering(tmp_path/images) == tmp_path/labels


def test_a_name_that_does_not_say_it(files):
    with pytest.raises(ValueError, match="labels: expected the path"):
        bp.data.idx(files(pictures=IMAGES)/"pictures")


WHOLE = packed(IMAGES)
WRONG = {
    "nothing": (b"", "not an IDX file.* got nothing"),
    "two bytes": (b"\0\0", "not an IDX file"),
    "a text": (b"sepal,petal\n1,2\n", "not an IDX file.* got 73 65 70 61"),
    "another type": (b"\0\0\x0a\x03" + WHOLE[4:], "not an IDX file"),
    "bytes the other way": (b"\x03\x08\0\0" + WHOLE[4:], "not an IDX file"),
    "no size": (b"\0\0\x08\0", "expected 1 to 4 sizes, got 0"),
    "too many sizes": (b"\0\0\x08\xff" + b"\0\0\0\x01"*255, "expected 1 to 4 sizes, got 255"),
    "cut off in the sizes": (WHOLE[:9], "cut off within its first 16 bytes"),
    "cut off": (WHOLE[:-1], "30 x 4 x 3 numbers of 1 byte need 360 bytes.* cut off"),
    "cut off after the sizes": (WHOLE[:16], "cut off"),
    "too long": (WHOLE + b"\0", "360 bytes, and there are more"),
    "empty": (b"\0\0\x08\x03" + struct.pack(">3I", 0, 28, 28), "0 x 28 x 28 numbers of 1 byte: expected at least one"),
    "sizes that lie": (b"\0\0\x08\x03" + struct.pack(">3I", 90_000, 28, 28) + b"\0"*99, "the file cannot hold more than 115"),
    "sizes that overflow": (b"\0\0\x0e\x04" + b"\xff"*16, "expected at most 100,000,000"),
    "labels for images": (packed(LABELS), "expected images, got 30 single numbers"),
}


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", WRONG)
def test_a_damaged_file(files, name, pack):
    data, says = WRONG[name]
    folder = files(images=pack(data), labels=LABELS)
    if pack is gzip.compress:                              # what it may hold at most is another number then
        says = says.replace("than 115", "than")
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=f"images: .*{says}"):
            bp.data.idx(folder/"images")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cut", [3, 12, 40, -9, -1])
def test_a_damaged_gzip_file(files, cut):
    folder = files(images=gzip.compress(WHOLE)[:cut], labels=LABELS)
    with pytest.raises(ValueError, match="images: .*(damaged gzip|cut off)"):
        bp.data.idx(folder/"images")


def test_gzip_bytes_that_were_changed(files):
    data = bytearray(gzip.compress(WHOLE, mtime=0))
    for place in range(10, len(data)):
        changed = data.copy()
        changed[place] ^= 0x55
        folder = files(images=bytes(changed), labels=LABELS)
        try:
            read = array(folder/"images")
        except ValueError as error:
            assert str(folder/"images") in str(error)
        else:
            assert (read == IMAGES).all()


def test_a_file_that_unpacks_to_much_more_is_not_unpacked(files):
    bomb = gzip.compress(b"\0\0\x08\x01" + struct.pack(">I", 1000) + b"\0"*50_000_000)
    folder = files(images=bomb)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="need 1,000 bytes, and there are more"):
            array(folder/"images")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("labels", "says"), [
    (LABELS[:-1], "labels: expected 30 labels, one for each image in .*images, got 29"),
    (LABELS.reshape(30, 1), r"labels: expected labels, whole numbers, got numbers of shape \(30, 1\)"),
    (LABELS.astype("f4"), "labels: expected labels, whole numbers"),
    (np.where(np.arange(30) == 7, 200, LABELS).astype("u1"), "images: class '200': expected rows enough"),
])
def test_labels_that_do_not_fit(files, labels, says):
    with pytest.raises(ValueError, match=says):
        bp.data.idx(files(images=IMAGES, labels=labels)/"images")


def test_labels_out_of_range(files):
    with pytest.raises(ValueError, match="images: labels: row 2: expected a class from 0 to 1, got 2"):
        bp.data.idx(files(images=IMAGES, labels=LABELS)/"images", classes=["no", "yes"])


def test_numbers_that_are_not_finite(files):
    images = IMAGES.astype("f4")
    images[3, 2, 1] = np.nan
    with pytest.raises(ValueError, match="images: X: row 3, 'pixel_2_1': expected a finite number"):
        bp.data.idx(files(images=images, labels=LABELS)/"images")


def test_a_test_part_that_does_not_fit(files):
    folder = files(images=IMAGES, labels=LABELS, timages=IMAGES[:, :2], tlabels=LABELS)
    with pytest.raises(ValueError, match=re.escape("timages: test: X: expected samples of shape (4, 3)")):
        bp.data.idx(folder/"images", test=folder/"timages")
    with pytest.raises(ValueError, match="test_labels: expected test"):
        bp.data.idx(folder/"images", test_labels=folder/"tlabels")


@pytest.mark.parametrize("read", [bp.data.idx, lambda path: bp.data.csv(path, target="a")], ids=["idx", "csv"])
class TestWhatIsNoFile:
    def test_a_folder(self, read, tmp_path):
        with pytest.raises(OSError, match="expected a file, got a folder"):
            read(tmp_path)

    def test_nothing(self, read, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            read(tmp_path/"nowhere")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_pipe_that_nobody_writes_to(self, read, tmp_path):
        os.mkfifo(tmp_path/"pipe")
        with pytest.raises(OSError, match="pipe: expected a file, got a pipe"):
            read(tmp_path/"pipe")

    @pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no /dev/zero")
    def test_a_device(self, read):
        with pytest.raises(OSError, match="/dev/zero: expected a file, got a device"):
            read("/dev/zero")

    @pytest.mark.parametrize("path", [0, None, b"images", ["images"]])
    def test_no_path(self, read, path):
        with pytest.raises(TypeError, match="expected the path of a file"):
            read(path)
