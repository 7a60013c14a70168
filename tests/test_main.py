"""The command line: what it prints, and how it ends."""
import pytest

import backprop_sym as bp
from backprop_sym.__main__ import main

FILE = '''loss = "E"
[forward]
E = "w**2"
[parameters]
w = "3"
[[figures]]
quantity = "E"
printed = "9"
[[figures]]
quantity = "d(E)/d(w)"
printed = "{}"
'''


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "square.toml"
    path.write_text(FILE.format("6"), encoding="utf-8")
    return path


def test_a_file_is_audited(file, capsys):
    assert main(["audit", str(file)]) == 0
    assert "∂E/∂w" in (said := capsys.readouterr().out) and "square" in said


def test_a_ledger_is_written_and_compared(file, tmp_path, capsys):
    ledger = str(tmp_path / "ledger.csv")
    assert main(["audit", str(file), "--ledger", ledger, "--write"]) == 0 == main(["audit", str(file), "--ledger", ledger])
    file.write_text(FILE.format("7"), encoding="utf-8")
    assert main(["audit", str(file), "--ledger", ledger]) == 1
    assert "The ledger has changed" in capsys.readouterr().out


def test_a_ledger_takes_the_place_of_no_file_that_is_audited(file, capsys):
    before = file.read_bytes()
    assert main(["audit", str(file), "--ledger", str(file), "--write"]) == 2
    assert "got one that is read" in capsys.readouterr().err and file.read_bytes() == before


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "COMMAND"), (["audit", "--write"], "--ledger"), (["audit", "absent.toml"], "absent.toml"), (["shout"], "audit")])
def test_what_cannot_be_done_is_said(arguments, words, capsys):
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    assert status == 2 and words in capsys.readouterr().err


def test_help(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["audit", "--help"])
    assert "--ledger" in capsys.readouterr().out and bp.audit.__doc__
