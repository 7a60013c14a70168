"""Names of students: told apart where a sheet is made as where it is graded, read in any encoding, harmless in a spreadsheet."""
import csv
import io
import re
import unicodedata

import pytest

import backprop_sym as bp
from backprop_sym.__main__ import main
from backprop_sym.teach.students import folded, harmless, told_apart

ODD = ["Anna", "anna", "Anna ", "An\u00a0na", "An na", "Strauß", "STRAUSS", "Zoë", "Zoe\u0308", "'Ada", "Ada", "=1+2", "'=1+2",
       " =1+2", "\uff1d1+2", "Bo\nBo", "Bo Bo", "İx", "i̇x", "\u200b", "李", "-", "'"]


def made(names, folder):
    bp.worksheet("one neuron", level=1, students=names).save(folder)
    return bp.grade(folder/"KEY.toml", folder/"ANSWERS.csv", progress=False)


@pytest.mark.parametrize("first", ODD)
def test_names_that_can_be_graded_are_those_that_can_be_given(first, tmp_path):
    """Of every pair either both are found again in the package's own table, or the pair is refused by name."""
    taken = []
    for name in [first, *ODD]:
        try:
            told_apart([*taken, name])
        except ValueError as error:
            assert folded(name) in ("", *map(folded, taken)) and f"{name!r}" in str(error)
        else:
            taken.append(name)
    grades = made(taken, tmp_path)
    assert len(taken) > 9 and [g.student for g in grades.students] == taken and not grades.notes


@pytest.mark.parametrize(("names", "words"), [
    (["Anna", "anna"], "'Anna' and 'anna' are one name"), (["Strauß", "Bo", "STRAUSS"], "'Strauß' and 'STRAUSS' are one name"),
    (["Ada", "   "], "expected names that can be read and written, got '   '"), (["A\x00da"], r"got 'A\x00da'"),
    (["A\ud800"], r"got 'A\ud800'")])
def test_names_that_are_none_or_one_are_refused_before_anything_is_made(names, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        bp.worksheet("one neuron", students=names)


def test_a_key_in_which_a_student_stands_twice_is_refused(tmp_path):
    bp.worksheet("one neuron", students=["Ada", "Bo"]).save(tmp_path)
    path = tmp_path/"KEY.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"Bo"', '"ADA"'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"KEY.toml: \[\[students\]\]: students: 'Ada' and 'ADA' are one name"):
        bp.worksheet(path)


# ---- lists of names

@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_a_list_of_names_in_any_encoding(encoding, end, tmp_path):
    path = tmp_path/"names.txt"
    path.write_bytes(end.join(["Zoë Müller", "  Ada", ""]).encode(encoding))
    assert main(["worksheet", "one neuron", "-o", str(tmp_path/"out"), "--students", str(path)]) == 0
    assert [v.student for v in bp.worksheet(tmp_path/"out"/"KEY.toml").variants] == ["Zoë Müller", "Ada"]


@pytest.mark.parametrize(("content", "words"), [
    ("Ada\nBo".encode("utf-16-le"), "zero byte"), (b"", "expected a name on each line"), (b"\x81\x8d", "not a text"),
    (b"A"*5_000_000, "at most 4,000,000 bytes"), (b"Ada\nada\n", "'Ada' and 'ada' are one name")])
def test_a_list_that_is_none_is_refused_in_words(content, words, tmp_path, capsys):
    path = tmp_path/"names.txt"
    path.write_bytes(content)
    assert main(["worksheet", "one neuron", "-o", str(tmp_path/"out"), "--students", str(path)]) == 2
    said = capsys.readouterr().err
    assert words in said and ("names.txt" in said or "students: " in said) and not (tmp_path/"out").exists()


# ---- spreadsheets

BEFORE = ["", " ", "\n", "\t", "\r\n", "\u00a0", "\u200b", "\u3000", "\ufeff"]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("sign", ["=", "+", "@", "-", "\uff1d", "\uff0b", "\uff20", "\uff0d", "\ufe66"])
def test_a_name_that_is_a_formula_is_written_as_text(before, sign, tmp_path):
    name = before + sign + "SUM(1)"
    assert harmless(name) == "'" + name
    sheet = bp.worksheet("one neuron", level=1, students=["Ada", name])
    sheet.save(tmp_path)
    text = (tmp_path/"ANSWERS.csv").read_text(encoding="utf-8")
    for row in csv.reader(io.StringIO(text, newline="")):
        shown = "".join(c for c in unicodedata.normalize("NFKC", row[0]) if not c.isspace() and c not in "\u200b\ufeff")
        assert not shown.startswith(("=", "+", "-", "@"))
    graded = bp.grade(tmp_path/"KEY.toml", tmp_path/"ANSWERS.csv", progress=False)
    assert [g.student for g in graded.students] == ["Ada", name]


@pytest.mark.parametrize("text", ["Ada", "O'Brien", "-0.5", "+1e-5", "", "a=b", "1-2"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert harmless(text) == text
