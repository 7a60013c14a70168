"""Worksheets: the same for the same seed, friendly, told apart; pages in every form; a key that is read again as it was."""
import csv
import json
import re
import shutil
import sys
from dataclasses import replace

import nbformat
import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.__main__ import main
from backprop_sym.teach.judges import to_digits
from backprop_sym.teach.key import sheet_of
from backprop_sym.teach.pages import latex, markdown, notebook
from backprop_sym.teach.pdf import ENGINES, pdf
from backprop_sym.teach.students import harmless
from backprop_sym.teach.topics import LEVELS, TOPICS
from backprop_sym.teach.worksheet import STEEP, Judge, worksheet
from backprop_sym.verify.predictions import Predictions

each = pytest.mark.parametrize(("topic", "level"), [(t, k) for t in TOPICS for k in LEVELS])


@each
def test_its_numbers_suit_a_pencil_and_tell_mistakes_apart(topic, level):
    sheet = worksheet(topic, seed=5, level=level, students=["Ada", "Emmy"])
    assert 5 <= len(sheet.asked) <= 24 and len(set(sheet.columns)) == len(sheet.columns)
    judge = Judge(replace(sheet.variants[0].example, figures=sheet.figures(sheet.variants[0].example)), sheet.digits)
    assert sheet.variants[0].example.parameters != sheet.variants[1].example.parameters
    for variant in sheet.variants:
        example = replace(variant.example, figures=sheet.figures(variant.example))
        values = {**example.parameters, **example.samples[0]}
        assert all(len(str(value.p)) <= 2 and value.q in (1, 2, 5, 10) for value in values.values())
        found = example.forward.evaluate(values)
        assert all(abs(found[e.lhs.name]) <= STEEP for e in example.forward if e.lhs.name.startswith("z"))
        predicted = np.vstack([Predictions(judge.maker.like(example), example.figures, None).base()[None, :],
                               Predictions(judge.maker.like(example), example.figures, None).of(judge.classic)])
        for values in predicted.T:
            distinct = {float(f"{value:.9g}") for value in values}
            assert len({to_digits(repr(value), sheet.digits) for value in distinct}) == len(distinct)


def test_the_same_seed_makes_the_same_sheet():
    first, again, other = (worksheet("hidden layer", seed=seed) for seed in (7, 7, 8))
    assert first.key == again.key != other.key and first.page() == again.page()


def test_the_answers_are_those_of_the_network():
    sheet = worksheet("update", seed=2)
    example = sheet.variants[0].example
    values = {**example.parameters, **example.samples[0], "eta": example.training.learning_rate}
    found = (bp.step(example.forward) + example.forward.after(1)).evaluate(values)
    answers = sheet.answers(sheet.variants[0])
    assert answers["w1 after 1 update"] == bp.decimal(found["w1_new"], 4)
    assert answers["E_total after 1 update"] == bp.decimal(found["E_total_prime"], 4)
    assert answers["d(E_total)/d(w1)"] == bp.decimal(found["d(E_total)/d(w1)"], 4)


@each
def test_a_key_is_read_as_it_was(topic, level, tmp_path):
    sheet = worksheet(topic, seed="autumn", level=level, students=["Ada", 'Bo "B" \\ Ünal', "=1+2", "../../x", "李\u007f"])
    paths = sheet.save(tmp_path/"made", ("md", "ipynb", "tex"))
    assert {p.parent for p in paths} == {tmp_path/"made"} and len(paths) == 3 + 3*5
    again = sheet_of(tmp_path/"made"/"KEY.toml")
    assert again.key == sheet.key and again.columns == sheet.columns and again.asked == sheet.asked
    text = (tmp_path/"made"/"KEY.toml").read_text(encoding="utf-8")
    assert not any(answer in text for name, answer in sheet.answers(sheet.variants[0]).items() if name.startswith("d("))
    with (tmp_path/"made"/"ANSWERS.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["student", *sheet.columns] and [r[0] for r in rows[1:]] == [
        "Ada", 'Bo "B" \\ Ünal', "'=1+2", "../../x", "李\u007f"]


def test_pages_hold_the_question_and_no_answer():
    sheet = worksheet("hidden layer", seed=7, students=["Ada & Emmy_50%"])
    variant, = sheet.variants
    answers = [a for name, a in sheet.answers(variant).items() if name.startswith("d(")]
    for page in (markdown(sheet, variant), latex(sheet, variant), notebook(sheet, variant)):
        assert not any(answer in page for answer in answers)
        assert "w_{1} = " in page.replace("\\\\", "\\") and "significant digits" in page
    nb = nbformat.reads(notebook(sheet, variant), as_version=4)
    nbformat.validate(nb)
    made = {}
    exec(nb.cells[1].source, made)
    assert list(made["answers"]) == list(sheet.columns)
    assert r"Ada \& Emmy\_50\%" in latex(sheet, variant) and latex(sheet, variant).count(r"\hrulefill") == len(sheet.columns)
    assert len(re.findall(r"(?m)^\| \$", markdown(sheet, variant))) == len(sheet.columns)


def test_html_by_nbconvert(tmp_path):
    pytest.importorskip("nbconvert")
    worksheet("one neuron").save(tmp_path, ("html",))
    assert "One neuron" in (tmp_path/"sheet.html").read_text(encoding="utf-8")


@pytest.fixture
def only(monkeypatch):
    """A function after which one of the TeX engines is there, or none."""
    def leave(engine=None):
        real = shutil.which
        monkeypatch.setattr("shutil.which", lambda name, *more, **keywords: real(name) if name == engine else None)
    return leave


NAMES = ["Ada & Emmy_50%", r"\input{/etc/passwd}", "Ünal $x$ {~^#}", "Bo\n\nBo", "A|B`c`"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("topic", ["hidden layer", "update"])
def test_pdf_by_tex(engine, topic, tmp_path, only):
    if not shutil.which(engine):
        pytest.skip(f"{engine} is not installed")
    only(engine)
    for path in bp.worksheet(topic, level=3, students=NAMES).save(tmp_path, ["pdf"])[3:]:
        content = path.read_bytes()
        assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")


def test_what_cannot_be_typeset_is_said(only):
    engine = next(filter(shutil.which, ENGINES), None)
    if engine is None:
        pytest.skip("there is no TeX engine")
    only(engine)
    with pytest.raises(ValueError, match=rf"{engine} cannot typeset a page: Undefined control sequence"):
        pdf("\\documentclass{article}\\begin{document}\\nope\\end{document}", "")
    with pytest.raises(ValueError, match="cannot typeset a page"):
        pdf("\\documentclass{article}\\begin{document}\\input{/etc/passwd}\\end{document}", "")


def test_pdf_where_nothing_makes_one(tmp_path, only, monkeypatch, capsys):
    only()
    monkeypatch.setitem(sys.modules, "playwright", None)
    assert main(["worksheet", "one neuron", "-o", str(tmp_path/"made"), "--formats", "pdf"]) == 2
    assert "expected a TeX engine (xelatex, pdflatex), or nbconvert" in capsys.readouterr().err


@pytest.mark.parametrize(("old", "new", "words"), [
    ("[worksheet]", "[worksheets]", "'worksheet' is missing"), ('topic = "one neuron"', 'topic = "one"', "unknown topic 'one'"),
    ("digits = 4", "digits = 99", "digits: expected 1 to 15"), ('"z1"', '"zz"', "asked: "), ('name = "Ada"', "name = 1", "name"),
    ('"w1" = ', '"v1" = ', "is not in both"), ("[[students]]\nname = ", "students = 1\n[[worksheet.x]]\nname = ", "students"),
    ('"x1" = "', '"x1" = "__import__', "expected a decimal"),
])
def test_a_key_that_is_wrong_is_refused_in_words(tmp_path, old, new, words):
    worksheet("one neuron", students=["Ada"]).save(tmp_path)
    path = tmp_path/"KEY.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(new.join(text.rsplit(old, 1)), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        sheet_of(path)
    assert str(raised.value).startswith("KEY.toml: ")


def test_a_worked_example_is_no_key(tmp_path):
    path = tmp_path/"x.toml"
    path.write_text('loss = "E"\n[forward]\nE = "1"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="no key of a worksheet"):
        sheet_of(path)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: worksheet("hiden layer"), "did you mean 'hidden layer'"), (lambda: worksheet("update", level=4), "level: expected"),
    (lambda: worksheet("update", students=["Ada", "Ada"]), "names that differ"),
    (lambda: worksheet("update").save("x", ["doc"]), "unknown format 'doc'"),
])
def test_wrong_calls(call, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, TypeError), match=words):
        call()
    assert list(tmp_path.iterdir()) == []


def test_what_a_spreadsheet_would_take_for_a_formula():
    assert [harmless(t) for t in ("=cmd()", "+1+2", "@x", "-x", "-0.5", "1", "", "\t=1", "-1e-5")] == [
        "'=cmd()", "'+1+2", "'@x", "'-x", "-0.5", "1", "", "'\t=1", "-1e-5"]
    assert json.loads(json.dumps(harmless("x"))) == "x"


def test_what_is_written_can_be_read_by_whoever_reads_other_files(tmp_path):
    (tmp_path/"plain").touch()
    mode = (tmp_path/"plain").stat().st_mode
    assert {path.stat().st_mode for path in worksheet("one neuron").save(tmp_path)} == {mode}


@pytest.mark.parametrize("filled", [{1: "0.5"}, {3: "x"}, {7: "a remark"}])
@pytest.mark.parametrize("again", [{"seed": 0}, {"seed": 1}, {"students": ["Bo"]}])
def test_a_table_that_is_filled_in_is_not_written_over(filled, again, tmp_path):
    made = {"students": ["Ada", "Bo"], **again}
    worksheet("one neuron", students=["Ada", "Bo"]).save(tmp_path)
    path = tmp_path/"ANSWERS.csv"
    *lines, last = path.read_text(encoding="utf-8").splitlines()
    cells = last.split(",") + [""]
    path.write_text("\n".join([*lines, ",".join(filled.get(i, cell) for i, cell in enumerate(cells))]), encoding="utf-8")
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    with pytest.raises(FileExistsError, match="ANSWERS.csv: expected a table without answers"):
        worksheet("one neuron", **made).save(tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("text", [None, "student,z1\nAda,\n", "z1;Student\n;Zo\u00eb\n"])
def test_a_table_without_answers_is(text, tmp_path):
    sheet = worksheet("one neuron", students=["Ada"])
    sheet.save(tmp_path)
    path = tmp_path/"ANSWERS.csv"
    first = path.read_bytes()
    path.write_bytes(first if text is None else text.encode("utf-16"))
    sheet.save(tmp_path)
    assert path.read_bytes() == first
