"""Answers as people write them: fractions and arithmetic, thousands, raised digits, other signs; the page reads them alike."""
import json
import subprocess
import time
from pathlib import Path

import pytest

import backprop_sym as bp
from backprop_sym.teach import progress as marks
from backprop_sym.teach.written import alike, readings, worked_out
from tests.compute.test_javascript import needs_node
from tests.teach.planted import EXERCISES, NUMBERS

ROOT = Path(__file__).resolve().parents[2]
DECIMALS = {"0.50": ["0.50"], "0,5": ["0.5"], ",5": [".5"], "5.": ["5."], "1,510": ["1.510", "1510"], "0,510": ["0.510"],
            "-2,260": ["-2.260", "-2260"], "1,510,000": ["1510000"], "1,510.25": ["1510.25"], "12,34": ["12.34"],
            "1e-3": ["1e-3"], "2,5e3": ["2.5e3"], "\N{MINUS SIGN}0,25": ["-0.25"]}
ARITHMETIC = {"1/3": 1/3, "17/12": 17/12, "-18/25": -0.72, "\N{MINUS SIGN}18/25": -0.72, "log(2)/2": 0.34657359027997264,
              "960/32*5": 150, "960\u00f732\u00d75": 150, "2 - 7/12": 17/12, "-2**2": -4, "2**-1": 0.5, "2**3**2": 512,
              "3\u00b2/2": 4.5,
              "(1 + 64)*20 + (1 + 20)*10": 1510, "1/(1 + exp(-0.5))": 0.6224593312018546, "sqrt(2)/2": 0.7071067811865476,
              "--1": 1, "+.5*2": 1, "2*-3": -6, "6/2/3": 1, "1e-3*2": 0.002, "log10(100)/2": 1}
NONE = ["", "nope", "1/0", "x/2", "1/", "(1", "2 3", "1,2,3", "1.2.3", "2^3", "__import__('os')/1", "1/a.b", "1/lambda", "1//2",
        "5%2", "1/1j", "٣/٤", "1/3; 2", "exp/2", "exp()/2", "[1]/2", "1 if 1 else 2"]
HOSTILE = ["9**9**9", "9**9**9**9/2", "1/"*99 + "1", "1/"*10**6 + "1", "("*100 + "1" + ")"*100, "exp("*40 + "1" + ")"*40,
           "sin(10**900)/2", "exp(exp(exp(9)))", "sqrt("*30 + "2" + ")"*30, "+".join(["sqrt(2)"]*24), "2**(1/3)**(1/7)**(1/9)",
           "1,"*10**6 + "000", "²"*10**6, "1" + ",000"*400, "1/" + "9"*190]


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


@pytest.mark.parametrize("e", NUMBERS, ids=lambda e: e.id)
def test_a_number_may_be_worked_out_or_grouped(e):
    answer = bp.solution(e.id).answer
    assert bp.check(e.id, f"2*{answer}/2" if not answer.startswith("-") else f"({answer})*3/3")
    assert bp.check(e.id, answer.replace("-", "\N{MINUS SIGN}"))
    if abs(float(answer)) >= 1000:
        assert bp.check(e.id, f"{float(answer):,.0f}")
    elif "." in answer:
        assert bp.check(e.id, answer.replace(".", ","))


@pytest.mark.parametrize("text", [*DECIMALS, *ARITHMETIC])
def test_how_a_number_is_read(text):
    from backprop_sym.teach.written import plain_marks
    plain = plain_marks(text)
    assert readings(plain) == DECIMALS.get(text, [])
    if text in ARITHMETIC:
        assert float(worked_out(plain)) == pytest.approx(ARITHMETIC[text], rel=1e-15)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_said_to_be_none(text):
    assert "cannot be judged" in bp.check("15.2", text).text


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_arithmetic_is_answered_at_once(text):
    start = time.process_time()
    reply = bp.check("15.2", text)
    assert not reply and len(str(reply)) < 1_000 and time.process_time() - start < 1


@needs_node
def test_the_page_reads_as_the_package_does(tmp_path):
    (tmp_path/"written.mjs").write_text((ROOT/"book/explore/src/written.js").read_text(encoding="utf-8"), encoding="utf-8")
    asked = [*DECIMALS, *ARITHMETIC, *NONE, *HOSTILE]
    (tmp_path/"asked.json").write_text(json.dumps(asked), encoding="utf-8")
    (tmp_path/"read.mjs").write_text("\n".join([
        'import { readFileSync } from "node:fs";', 'import { readings } from "./written.mjs";',
        f"const asked = JSON.parse(readFileSync({json.dumps(str(tmp_path/'asked.json'))}, 'utf8'));",
        "console.log(JSON.stringify(asked.map(readings)));"]), encoding="utf-8")
    run = subprocess.run(["node", tmp_path/"read.mjs"], capture_output=True, check=True, text=True, timeout=60)
    found = json.loads(run.stdout)
    for text, read in zip(asked, found, strict=True):
        if text in DECIMALS:
            assert read == DECIMALS[text]
        elif text in ARITHMETIC:
            assert len(read) == 1 and float(read[0]) == pytest.approx(ARITHMETIC[text], rel=1e-14), text
        elif text in NONE:
            assert read == [], text


@pytest.mark.parametrize("e", [e for e in EXERCISES if e.options], ids=lambda e: e.id)
def test_an_option_may_be_written_in_several_ways(e):
    """No two options are alike; a key may stand in brackets, a sign be a minus, words have other spaces."""
    assert len({alike(text) for pair in e.options.items() for text in pair}) >= len(e.options)
    for key, words in e.options.items():
        wanted = bp.check(e.id, key).text
        for answer in (f"({key})", f"{key})", f" {key}.", key.upper(), key.replace("-", "\N{MINUS SIGN}"), words, words.upper(),
                       f"  {words} "):
            assert bp.check(e.id, answer).text == wanted, answer


@pytest.mark.parametrize(("id", "answer", "words"), [
    ("15.4", "downwards", "Right."), ("15.4", "bowl", "expected one of"), ("11.1", "3x4", "Right."),
    ("11.1", "3 \u00d7 4", "Right."), ("10.2", "h\u00b2", "Right."),
    ("10.2", "h^2", "for a power write **"), ("01.4", "1 \N{MINUS SIGN} a", "Right."),
    ("08.4", ["h = exp(x\u00b7w)", "E = h\u00b2 + h", "g = (2\u00b7h + 1)\u00b7h\u00b7x"], "Right."),
    ("12.5", "1,50", "Not right"), ("11.4", "1,480", "The biases are missing"),
])
def test_what_is_said(id, answer, words):
    assert words in bp.check(id, answer).text


@pytest.mark.parametrize("e", [e for e in EXERCISES if e.kind == "expression"], ids=lambda e: e.id)
def test_unknown_names_are_met_with_those_that_help(e):
    """The learning rate is no name where nothing is trained."""
    for answer in ("nothing_like_it", "eta", "2*eta"):
        reply = bp.check(e.id, answer).text
        assert "unknown quantity" in reply and "eta," not in reply and "'eta'?" not in reply, reply
