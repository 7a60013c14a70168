"""Progress: kept in one file; nothing is lost when two windows write at once, and nothing destroyed that is damaged."""
import json
import os
import subprocess
import sys
import time

import pytest

import backprop_sym as bp
from backprop_sym.teach import progress as marks

MARK = {"attempts": 1, "hints": 0, "solved": True}


@pytest.fixture(autouse=True)
def nothing_solved(monkeypatch):
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])


def test_it_is_kept_in_a_file_and_found_again(tmp_path, monkeypatch):
    bp.check("01.1", "0.510")                              # before the file is named
    path = tmp_path / "mine.json"
    bp.progress(path)
    bp.check("01.2", "0.1")
    bp.hint("01.3")
    monkeypatch.setattr(marks, "_CHOSEN", [marks.Progress()])
    found = bp.progress(str(path))
    assert found.marks == {"01.1": marks.Mark(1, 0, True), "01.2": marks.Mark(1, 1, False), "01.3": marks.Mark(0, 1, False)}
    assert "1 of 3" in repr(found) and "01.2" in found._repr_html_()
    assert [p.name for p in tmp_path.iterdir()] == ["mine.json"]


def test_what_is_solved_stays_solved():
    bp.check("01.1", "0.510")
    bp.check("01.1", "0.3")
    assert bp.progress().mark("01.1").solved


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", '{"exercises": 3}', '{"exercises": {"01.1": {"attempts": "many"}}}',
    '{"exercises": {"01.1": {"x": 1}}}', '{"exercises": {"01.1": {"attempts": -1}}}',
    '{"exercises": {"01.1": {"solved": 1}}}', "\x00\x01", "["*100_000, " "*2_000_000,
    json.dumps({"exercises": {"x"*100: MARK}}), "€"])
def test_a_damaged_file_is_left_as_it_is(tmp_path, text):
    path = tmp_path / "mine.json"
    path.write_bytes(text.encode("utf-16" if text == "€" else "utf-8"))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="mine.json: no file of progress .*left as it is"):
        bp.progress(path)
    marks._CHOSEN[0] = marks.Progress(path)                # it was damaged after it was named
    reply = bp.check("01.1", "0.510")
    assert reply and "Not marked: mine.json" in str(reply)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever may do everything can write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    bp.progress(tmp_path / "mine.json")
    assert "Not marked" in str(bp.check("01.1", "0.510"))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="a folder that exists, got"):
        bp.progress(tmp_path / "nowhere" / "mine.json")
    with pytest.raises(ValueError, match="no file of progress"):
        bp.progress(tmp_path)
    assert bp.progress().path is None


WRITER = """
import sys
from pathlib import Path
from backprop_sym.teach.progress import Progress
kept = Progress(Path(sys.argv[1]))
for k in range(40):
    kept.add(f"01.{k % 5 + 1}", attempts=1)
    kept.add(f"{sys.argv[2]}.{k}", attempts=1, solved=True)
"""


def test_two_windows_that_write_at_once_lose_nothing(tmp_path):
    path = tmp_path / "mine.json"
    windows = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("02", "03", "04")]
    assert [window.wait(timeout=60) for window in windows] == [0, 0, 0]
    found = marks.Progress(path).marks
    assert len(found) == 5 + 3*40 and all(found[f"01.{k}"].attempts == 24 for k in range(1, 6))
    assert [p.name for p in tmp_path.iterdir()] == ["mine.json"]


def test_a_lock_that_was_left_behind(tmp_path):
    path, lock = tmp_path / "mine.json", tmp_path / ".mine.json.lock"
    lock.touch()
    old = time.time() - marks.STALE - 1
    os.utime(lock, (old, old))
    marks.Progress(path).add("01.1", attempts=1)
    assert not lock.exists() and marks.Progress(path).mark("01.1").attempts == 1


def test_a_window_that_dies_while_it_writes_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    marks.Progress(path).add("01.1", attempts=1)
    before = path.read_bytes()

    def died(*arguments):
        raise KeyboardInterrupt
    monkeypatch.setattr(marks.os, "replace", died)
    with pytest.raises(KeyboardInterrupt):
        marks.Progress(path).add("01.1", attempts=1)
    assert path.read_bytes() == before
