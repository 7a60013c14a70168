"""CSV files: what a program or a spreadsheet writes is read back; a wrong cell is named by line and column."""
import csv as standard
import gzip
import io
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backprop_sym as bp
from backprop_sym.data import csvfile
from tests.data.test_bundled import as_read

ROWS = [(i/4, -i, "abc"[i % 3]) for i in range(30)]


def text(rows=ROWS, header=("x", "y", "kind"), **dialect):
    file = io.StringIO()
    standard.writer(file, **{"lineterminator": "\n"} | dialect).writerows([header, *rows])
    return file.getvalue()


@pytest.fixture
def write(tmp_path):
    def written(data, encoding="utf-8"):
        (tmp_path/"table.csv").write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
        return tmp_path/"table.csv"
    return written


def same(data, rows=ROWS):
    X, labels = as_read(data)
    return (X == [row[:-1] for row in rows]).all() and [data.classes[i] for i in labels] == [row[-1] for row in rows]


COMMA = text([(f"{x}".replace(".", ","), y, kind) for x, y, kind in ROWS], delimiter=";")
SPREADSHEETS = {
    "a program": (text(), {}),
    "Windows": (text(lineterminator="\r\n"), {}),
    "old Macintosh": (text(lineterminator="\r"), {}),
    "no last line end": (text().rstrip("\n"), {}),
    "empty lines": ("\n\n" + text().replace("\n", "\n\n"), {}),
    "byte order mark": (b"\xef\xbb\xbf" + text().encode(), {}),
    "UTF-16": (text().encode("utf-16"), {}),
    "UTF-16 the other way": (b"\xfe\xff" + text().encode("utf-16-be"), {}),
    "UTF-16 without a mark": (text().encode("utf-16-le"), {"encoding": "utf-16-le"}),
    "tabs": (text(delimiter="\t"), {}),
    "bars": (text(delimiter="|"), {}),
    "semicolons": (text(delimiter=";"), {}),
    "decimal commas": (COMMA, {}),
    "decimal commas, said": (COMMA, {"decimal": ",", "separator": ";"}),
    "decimal commas in quotation marks": (text([(f"{x}".replace(".", ","), y, k) for x, y, k in ROWS]), {"decimal": ","}),
    "everything in quotation marks": (text(quoting=standard.QUOTE_ALL), {}),
    "spaces": (text().replace(",", " , "), {}),
    "gzip": (gzip.compress(text().encode()), {}),
    "exponents": (text([(f"{x:.3e}", f"{y:+.2E}", kind) for x, y, kind in ROWS]), {}),
}


@pytest.mark.parametrize("name", SPREADSHEETS)
def test_as_spreadsheets_write_it(write, name):
    data, options = SPREADSHEETS[name]
    read = bp.data.csv(write(data), target="kind", **options)
    assert same(read) and read.features == ("x", "y") and read.name == "table"


CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
CELLS = st.text(CHARACTERS, min_size=1, max_size=8).map(str.strip).filter(bool)
NUMBERS = st.floats(-1e90, 1e90)


def names(least, most):
    return st.lists(CELLS, min_size=least, max_size=most, unique=True)


@given(names(3, 5), names(2, 4), st.sampled_from(csvfile.SEPARATORS), st.sampled_from(csvfile.DECIMALS),
       st.sampled_from(["\n", "\r\n"]), st.data())
def test_what_is_written_is_read(tmp_path_factory, header, classes, separator, decimal, end, draw):
    rows = [(*draw.draw(st.tuples(*[NUMBERS]*(len(header) - 1))), kind) for kind in classes*5]
    cells = [(*(repr(x).replace(".", decimal) for x in row[:-1]), row[-1]) for row in rows]
    path = tmp_path_factory.mktemp("csv")/"table.csv"
    path.write_bytes(text(cells, header, delimiter=separator, lineterminator=end, quoting=standard.QUOTE_ALL).encode())
    data = bp.data.csv(path, header[-1], separator=separator, decimal=decimal)
    assert same(data, rows) and data.features == tuple(header[:-1])
    assert sorted(data.classes) == sorted(classes)


@given(st.binary(max_size=300) | st.text("x,;\t\"'\n\r01.5e-=a\ufeff", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("csv")/"table.csv"
    path.write_bytes(data)
    try:
        assert np.isfinite(bp.data.csv(path, "x").train.X).all()
    except ValueError as error:
        assert str(path) in str(error)


def test_columns_by_name(write):
    rows = [(i, f"name {i}", i/2, "a b".split()[i % 2]) for i in range(20)]
    path = write(text(rows, ("", "who", "size", "kind")))
    data = bp.data.csv(path, "kind", ["size"])
    assert same(data, [row[2:] for row in rows]) and data.features == ("size",)
    both = bp.data.csv(write(text()), "kind", ("y", "x"))
    assert (both.train.X == bp.data.csv(write(text()), "kind").train.X[:, ::-1]).all()


def test_classes_by_name(write):
    data = bp.data.csv(write(text()), "kind", classes=["c", "b", "a", "none"])
    assert same(data) and data.classes == ("c", "b", "a", "none") and data.train.Y.shape[1] == 4
    with pytest.raises(ValueError, match="line 4, column 'kind': unknown class 'c'"):
        bp.data.csv(write(text()), "kind", classes=["a", "b"])


def changed(line, column, cell):
    """The table with another cell; lines counted from 1, the header's."""
    lines = [line.split(",") for line in text().splitlines()]
    lines[line - 1][column] = cell
    return "\n".join(map(",".join, lines))


@pytest.mark.parametrize("cell", ["", "NA", "nan", "inf", "-inf", "1e999", "1e101", "1_000", "0x10", "١", "1 000", "=1+2",
                                  "1.2.3", "True", "a", "--1", "1e", ".", "+", "__import__('os')", "9"*20_000 + "x"])
def test_a_cell_that_is_no_number(write, cell):
    with pytest.raises(ValueError, match=r"table\.csv: line 7, column 'y': expected a finite number.*got ") as caught:
        bp.data.csv(write(changed(7, 1, cell)), "kind")
    assert repr(cell[:60])[:-1] in str(caught.value) and len(str(caught.value)) < 600


@pytest.mark.parametrize(("cells", "says"), [
    (["1,5", "1.5"], "expected a finite number with a decimal comma, got '1.5'"),
    (["1.5", "1,5"], "expected a finite number with a decimal point, got '1,5'"),
    (["1.234,5", "2"], "got '1.234,5'"),
    (["1,234.5", "2"], "got '1,234.5'"),
])
def test_a_file_has_one_decimal_mark(write, cells, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        bp.data.csv(write(text([(cell, 1, "a") for cell in cells], delimiter=";")), "kind")


WRONG = {
    "empty": ("", "expected a line with the names of the columns, got an empty file"),
    "only empty lines": ("\n\r\n\n", "got an empty file"),
    "only a header": (text([]), "expected lines below the header, got none"),
    "a column": ("kind\na\n", "expected columns with numbers beside 'kind', got none"),
    "a short line": (text() + "1,2\n", "line 32: expected 3 cells as in the header, got 2"),
    "a long line": (text() + "\n1,2,a,\n", "line 33: expected 3 cells as in the header, got 4"),
    "after a cell of two lines": (text([("1", "2", "a\nb"), ("1", "2")]), "line 4: expected 3 cells as in the header, got 2"),
    "no class": (changed(5, 2, " "), "line 5, column 'kind': expected a class, got nothing"),
    "an open quotation mark": (text() + '1,2,"a\n', "line 32: unexpected end of data"),
    "after a quotation mark": (text() + '1,2,"a"b\n', "line 32: ',' expected after '\"'"),
    "a name twice": (text(header=("x", "x", "kind")), "the column 'x' stands twice in the header"),
    "the target twice": (text(header=("x", "kind", "kind")), "the column 'kind' stands twice in the header"),
    "a column without a name": (text(header=("x", " ", "kind")), "column 2 of 3 has no name"),
    "no header": (text()[9:], "unknown column 'kind'"),
    "another encoding": (text() .replace("c\n", "ç\n").encode("latin-1"), "line 4: not a text in utf-8"),
    "half a UTF-16": (text().encode("utf-16")[:-1], "not a text in utf-16"),
    "bytes 0": (text().encode("utf-16-le"), "not a text: it holds a zero byte"),
    "numbers as classes": (text([(1, 2, i) for i in range(30)]), "column 'kind': class '0': expected rows enough"),
    "one class": (text([(1, 2, "a")]*30), "column 'kind': classes: expected at least two, got 'a'"),
    "a class of two": (text([*ROWS, (1, 2, "d"), (1, 2, "d")]), "column 'kind': class 'd': expected rows enough"),
    "a line without end": (text() + "1,"*600_000, "line 32: expected at most 1,000,000 characters"),
    "a header without end": ("x,"*600_000, "line 1: expected at most 1,000,000 characters"),
    "a cell without end": (text() + "1,2," + "a"*200_000, "line 32: field larger than field limit"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file(write, name):
    data, says = WRONG[name]
    with pytest.raises(ValueError, match=r"table\.csv: .*" + re.escape(says)):
        bp.data.csv(write(data), "kind")


@pytest.mark.parametrize(("options", "error", "says"), [
    ({"target": "kint"}, ValueError, "unknown column 'kint'; did you mean 'kind'?"),
    ({"features": ["x", "z"]}, ValueError, "unknown column 'z'"),
    ({"features": ["x", "x"]}, ValueError, "'x' stands twice among the target and the features"),
    ({"features": ["x", "kind"]}, ValueError, "'kind' stands twice among the target and the features"),
    ({"features": []}, ValueError, "expected columns with numbers"),
    ({"features": "x"}, TypeError, "features: expected a list of names"),
    ({"features": [0]}, TypeError, "features: expected a list of names"),
    ({"target": 2}, TypeError, "target: expected the name of a column"),
    ({"classes": "abc"}, TypeError, "classes: expected their names"),
    ({"classes": ["a", "a", "b"]}, ValueError, "classes: 'a' stands there twice"),
    ({"separator": "::"}, ValueError, "separator: expected one of"),
    ({"decimal": ""}, ValueError, "decimal: expected one of '.', ',', got ''"),
    ({"encoding": "utf-9"}, ValueError, "encoding: unknown encoding: utf-9"),
    ({"encoding": "zlib"}, ValueError, "encoding: 'zlib' is not a text encoding"),
    ({"seed": "a"}, TypeError, "seed: expected a whole number"),
])
def test_wrong_options(write, options, error, says):
    with pytest.raises(error, match=re.escape(says)):
        bp.data.csv(write(text()), **{"target": "kind"} | options)


def test_a_file_that_is_too_large_is_not_unpacked(write, monkeypatch):
    monkeypatch.setattr(csvfile, "MOST_BYTES", 1_000_000)
    path = write(gzip.compress(b"x,kind\n" + b"1,a\n"*20_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="expected at most 1,000,000 bytes, got more"):
            bp.data.csv(path, "kind")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_too_many_numbers(write, monkeypatch):
    monkeypatch.setattr(csvfile, "MOST_NUMBERS", 40)
    with pytest.raises(ValueError, match="line 22: expected at most 40 numbers in all"):
        bp.data.csv(write(text()), "kind")


def test_nothing_is_left_open_and_nothing_is_written(write):
    path = write(text())
    before = sorted(path.parent.iterdir()), path.read_bytes()
    bp.data.csv(path, "kind")
    assert (sorted(path.parent.iterdir()), path.read_bytes()) == before
    assert np.isfinite(bp.data.csv(path, "kind").standardized().train.X).all()
