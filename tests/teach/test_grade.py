"""A class graded: marks and names for planted mistakes, tables as spreadsheets write them, and what is no table."""
import csv
import io
import time
from dataclasses import replace

import pytest

import backprop_sym as bp
from backprop_sym.__main__ import main
from backprop_sym.describe.digits import decimal
from backprop_sym.teach.worksheet import Judge, worksheet
from backprop_sym.verify.predictions import Predictions
from backprop_sym.verify.search import Search

NAMES = ["Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal"]
SHEET = worksheet("hidden layer", seed=11, level=3, students=NAMES)


def under(mistake, variant, sheet=SHEET):
    """All answers of a student who makes one mistake throughout; None: none."""
    example = replace(variant.example, figures=sheet.figures(variant.example))
    judge = Judge(example, sheet.digits)
    chosen = [h for h in judge.classic if mistake is not None and mistake in h.text][:1]
    assert mistake is None or chosen
    values = Predictions(judge.maker.like(example), example.figures, None).base(chosen)
    return dict(zip(sheet.columns, (decimal(value, sheet.digits) for value in values), strict=True))


def table(rows, separator=",", columns=SHEET.columns):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([
        ["student", *columns], *([n, *(a.get(c, "") for c in columns)] for n, a in rows)])
    return text.getvalue()


@pytest.fixture
def graded(tmp_path):
    """Grades of a table given as text or as bytes."""
    def run(text, name="answers.csv"):
        SHEET.save(tmp_path)
        path = tmp_path/name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return bp.grade(tmp_path/"KEY.toml", path, progress=False)
    return run


def student(grades, name):
    return next(g for g in grades.students if g.student == name)


def test_marks_and_misconceptions(graded):
    v = dict(zip(NAMES, SHEET.variants, strict=True))
    right = {name: under(None, v[name]) for name in NAMES}
    dropped = under("is left out of ∂E_total/∂a_z1", v["Bo"])
    doubled = {**right["Cy"], "z1": decimal(2*float(right["Cy"]["z1"]), 4)}
    example = replace(v["Cy"].example, figures=tuple(v["Cy"].example.figure(q, doubled[c], a) for (q, a), c in
                                                     zip(SHEET.asked, SHEET.columns, strict=True)))
    carried = Search(example).predictions
    followed = dict(zip(SHEET.columns, (decimal(x, 4) for x in carried.base((), carried.modes()[-1])), strict=True))
    followed = {**right["Cy"], "z1": doubled["z1"], "a_z1": followed["a_z1"]}
    cut = {**right["Di"], "yhat1": f"{float(exact_value(v['Di'], 'yhat1')):.8f}"[:6]}
    rows = [("Ada", right["Ada"]), ("Bo", dropped), ("Cy", followed), ("Di", cut), ("Ed", {}),
            ("Flo", {**right["Flo"], "z1": "a half", "z2": ""}), ("Gus", dict.fromkeys(SHEET.columns, "7.77"))]
    grades = graded(table(rows))
    most = len(SHEET.columns)
    assert student(grades, "Ada").points == most and student(grades, "Ada").mistakes == ()
    bo = student(grades, "Bo")
    assert bo.points == most - 1 and "the path through" in bo.mistakes[0] and len(bo.mistakes) == 1
    cy = student(grades, "Cy")
    assert cy.marks["z1"].kind == "wrong" and cy.marks["a_z1"].kind == "follow-on" and "z1" in cy.marks["a_z1"].why
    assert student(grades, "Di").marks["yhat1"].kind in ("rounding", "right") and student(grades, "Di").points == most
    assert {m.kind for m in student(grades, "Ed").marks.values()} == {"blank"}
    assert student(grades, "Flo").marks["z1"].kind == "unreadable" and student(grades, "Flo").marks["z2"].kind == "blank"
    assert student(grades, "Gus").points < most/2
    assert grades.notes == ("no line for Hal",)
    assert "the path through" in grades.summary() and "7 students" in grades.summary()
    assert grades.table.headings[:3] == ("student", f"points of {most}", "mistakes")


def exact_value(variant, column):
    example = variant.example
    return example.forward.evaluate({**example.parameters, **example.samples[0]})[column]


@pytest.mark.parametrize("mistake", ["the sign is turned", "a factor 2 too much", "the derivative of sigmoid is left out",
                                     "is left out of ∂E_total/∂a_z1 and"])
def test_one_mistake_costs_one_point(graded, mistake):
    variant = SHEET.variants[0]
    found = student(graded(table([("Ada", under(mistake, variant))])), "Ada")
    assert found.points >= len(SHEET.columns) - 1 and len(found.mistakes) <= 1, (found.points, found.mistakes)
    wrong = [m.kind for m in found.marks.values()]
    assert wrong.count("wrong") == 1 or "follow-on" not in wrong


@pytest.mark.parametrize("mistake", ["the sign is turned", "is left out of ∂E_total/∂a_z1 and"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_mistake_costs_its_point_in_whatever_order_is_asked(order, mistake):
    """Where a weight is asked before the activation that it follows from, it is the activation that is wrong."""
    sheet = replace(SHEET, asked=SHEET.asked[::order])
    found = sheet.marks(under(mistake, sheet.variants[0], sheet))
    wrong = [mark.why for mark in found.values() if not mark]
    assert len(wrong) == 1 and mistake in wrong[0], wrong


@pytest.mark.parametrize("made", [
    lambda text: text.encode("utf-8-sig"), lambda text: text.encode("utf-16"), lambda text: text.replace("\r\n", "\n").encode(),
    lambda text: text.replace("\r\n", "\r\n\r\n").encode(), lambda text: text.upper().encode(),
    lambda text: text.replace("Ada", " ada ").encode()])
def test_tables_as_they_come(graded, made):
    answers = under(None, SHEET.variants[0])
    assert student(graded(made(table([("Ada", answers)]))), "Ada").points == len(SHEET.columns)


@pytest.mark.parametrize("separator", [";", "\t", ",", "|"])
def test_decimal_commas(graded, separator):
    answers = {c: a.replace(".", ",") for c, a in under(None, SHEET.variants[0]).items()}
    assert student(graded(table([("Ada", answers)], separator)), "Ada").points == len(SHEET.columns)


def test_older_spreadsheets(graded):
    text = table([("Ada", under(None, SHEET.variants[0])), ("Zoë", {})])
    grades = graded(text.encode("cp1252"))
    assert student(grades, "Ada").points == len(SHEET.columns)
    assert any("unknown student 'Zoë'" in note for note in grades.notes)


def test_names_that_are_not_in_the_key(graded):
    grades = graded(table([("Adda", {}), ("=HYPERLINK(1)", {"z1": "1"}), ("", {"z1": "1"})]))
    assert grades.students == () and len(grades.notes) == 3 + len(NAMES)
    assert "did you mean 'Ada'" in grades.notes[0] and "0 students" in grades.summary()


FORMULAS = ["=1+2", "+1+2", "@SUM(A1)", "-2+3", "=cmd|' /C calc'!A0", "\t=1", "1;2", "1e400", "nan", "0x10", "1,2,3",
            "\N{ARABIC-INDIC DIGIT ZERO}\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC-INDIC DIGIT FIVE}", "9"*500]


def test_a_formula_in_a_cell_is_unreadable_and_stays_harmless(graded, tmp_path):
    answers = dict(zip(SHEET.columns, FORMULAS, strict=False))
    grades = graded(table([("Ada", answers)]))
    assert {student(grades, "Ada").marks[c].kind for c in answers} == {"unreadable"}
    for row in csv.reader(io.StringIO(grades.to_csv())):
        assert not any(cell.startswith(("=", "+", "@", "\t")) for cell in row)


@pytest.mark.parametrize(("text", "words"), [
    ("", "an empty file"), ("name,z1\nAda,1\n", "expected a column 'student'"),
    ("student,nope\nAda,1\n", "unknown column 'nope'"),
    ("student,z1,Z1\nAda,1,2\n", "the column 'z1' stands twice"),
    ("student,z1,STUDENT\nAda,1,Bo\n", "column 'student' stands twice"),
    ("student,z1\nAda,1\nada,2\n", "line 3: 'ada' stands twice"), ('student,z1\nAda,"1\n', "line 2"),
    (b"student,z1\nAda,\x00\n", "zero byte"), (b"\x89PNG\r\n\x1a\n\x00", "expected|zero byte")])
def test_what_is_no_table_is_refused_in_words(graded, text, words):
    with pytest.raises(ValueError, match=words):
        graded(text)


def test_a_file_of_100_mb_is_refused_at_once(graded):
    start = time.monotonic()
    with pytest.raises(ValueError, match="expected at most 20,000,000 bytes"):
        graded(b"student,z1\n" + b"Ada,0.5\n"*12_500_000)
    assert time.monotonic() - start < 5


def test_a_class_from_the_command_line(tmp_path, capsys):
    names = tmp_path/"names.txt"
    names.write_bytes(b"\xef\xbb\xbfAda\nBo\n\n")
    out = tmp_path/"out"
    assert main(["worksheet", "one neuron", "-o", str(out), "--students", str(names), "--formats", "md,tex", "--seed", "3"]) == 0
    assert "7 answers, 2 variants" in capsys.readouterr().out
    assert sorted(p.name for p in out.iterdir()) == ["001_Ada.md", "001_Ada.tex", "002_Bo.md", "002_Bo.tex", "ANSWERS.csv",
                                                     "KEY.toml", "key.md"]
    report = tmp_path/"report.csv"
    assert main(["grade", str(out/"KEY.toml"), str(out/"ANSWERS.csv"), "-o", str(report)]) == 0
    assert "14 blank" in capsys.readouterr().out
    assert report.read_bytes().startswith(b"\xef\xbb\xbfstudent,points of 7,")
    assert (tmp_path/"report.png").read_bytes()[1:4] == b"PNG"
    assert main(["worksheet", "nope", "-o", str(out)]) == 2 and "unknown topic" in capsys.readouterr().err
    assert main(["grade", str(names), str(out/"ANSWERS.csv"), "-o", str(report)]) == 2
    assert "not a TOML file" in capsys.readouterr().err


def test_columns_that_nobody_asks_for_may_stand_twice(graded):
    assert len(graded("student,remark,z1,remark,,\nAda,a,1.000,b,,\n").students) == 1


@pytest.mark.parametrize("output", ["KEY.toml", "ANSWERS.csv", "../g/KEY.toml", "linked.toml", "none/report.csv", "folder",
                                    "r.png", "KEY.csv"])
def test_a_report_takes_the_place_of_no_other_file(output, tmp_path, monkeypatch, capsys):
    """It is said before anything is graded: KEY.csv would be harmless, but for its histogram, which KEY.png is linked to."""
    folder = tmp_path/"g"
    worksheet("one neuron", level=1, students=["Ada"]).save(folder)
    (folder/"folder").mkdir()
    (folder/"linked.toml").symlink_to(folder/"KEY.toml")
    (folder/"KEY.png").symlink_to(folder/"ANSWERS.csv")
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    monkeypatch.setattr("backprop_sym.teach.grade.grade", lambda *paths: pytest.fail("it was graded first"))
    assert main(["grade", str(folder/"KEY.toml"), str(folder/"ANSWERS.csv"), "-o", str(folder/output)]) == 2
    assert "expected " in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_report_may_be_written_again(tmp_path):
    worksheet("one neuron", level=1, students=["Ada"]).save(tmp_path)
    for _ in range(2):
        assert main(["grade", str(tmp_path/"KEY.toml"), str(tmp_path/"ANSWERS.csv"), "-o", str(tmp_path/"r.csv")]) == 0


def test_one_sheet_for_all_grades_whoever_is_in_the_table(tmp_path):
    sheet = worksheet("one neuron", seed=1, level=1)
    sheet.save(tmp_path)
    answers = sheet.answers(sheet.variants[0])
    path = tmp_path/"ANSWERS.csv"
    path.write_text(table([("Bob", answers), (" Zoë  B", {**answers, "z1": "7.77"}), ("'=1", {})], columns=sheet.columns),
                    encoding="utf-8")
    grades = bp.grade(tmp_path/"KEY.toml", path, progress=False)
    assert [(g.student, g.points) for g in grades.students] == [("Bob", 6), ("Zoë B", 5), ("=1", 0)] and not grades.notes
    path.write_text(table([("Bob", answers), ("BOB ", answers)], columns=sheet.columns), encoding="utf-8")
    with pytest.raises(ValueError, match="line 3: 'BOB' stands twice"):
        bp.grade(tmp_path/"KEY.toml", path, progress=False)


def test_the_histogram_says_what_it_shows(graded):
    made = graded(table([("Ada", under(None, SHEET.variants[0])), ("Bo", {})])).histogram()
    assert [int(bar.get_height()) for bar in made.axes[0].patches if bar.get_height()] == [1, 1]
    assert made.alt == f"Bars: 1 student with 0 points, 1 student with {len(SHEET.columns)} points."
    assert all(tick == int(tick) for axis in (made.axes[0].xaxis, made.axes[0].yaxis) for tick in axis.get_majorticklocs())
