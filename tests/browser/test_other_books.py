"""The book in one file, and what a translator translates, are made without a warning as well."""
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", ["epub", "gettext"])
def test_the_book_is_made_in_one_file_and_for_translators(kind):
    made = subprocess.run([sys.executable, ROOT/"book"/"build.py", kind], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stderr[-2000:]
