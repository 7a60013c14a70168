"""What a reader has solved: one small file of the reader's choice.

    progress("mine.json")       keep it there from now on; what is in it shows itself as a table
    progress()                  what is kept now: in memory, until a file is named

A file is read anew, changed and replaced under a lock each time: two windows that write at once lose nothing. One that is damaged
is left as it is.
"""
import json
import os
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..data.file import replaced
from ..describe.arguments import expect
from ..describe.nearest import said
from ..show.tables import Table

MAX_BYTES = 1_000_000
STALE = 10              # seconds after which a lock has been left behind
PATIENCE = 5            # seconds for which one is waited for
MANY = 10**6


@dataclass(frozen=True)
class Mark:
    """What has happened with one exercise: answers that were given, hints that were shown, whether one was right."""

    attempts: int = 0
    hints: int = 0
    solved: bool = False


@dataclass
class Progress:
    """The marks of all exercises, {id: Mark}, kept in a file where one is named."""

    path: Path | None = None
    kept: dict = field(default_factory=dict)

    @property
    def marks(self):
        """{id: Mark}, as the file holds them now."""
        return dict(self.kept) if self.path is None else _read(self.path)

    def mark(self, id):
        """The Mark of one exercise."""
        return self.marks.get(id, Mark())

    def add(self, id, attempts=0, hints=0, solved=False):
        """Count answers and hints of one exercise. Raises ValueError for a damaged file, OSError where it cannot be written."""
        def added(marks):
            m = marks.get(id, Mark())
            return {**marks, id: Mark(m.attempts + attempts, m.hints + hints, m.solved or solved)}
        if self.path is None:
            self.kept = added(self.kept)
            return
        with _locked(self.path):
            _write(self.path, added(_read(self.path)))

    def table(self):
        """A row for each exercise that was tried, as a Table."""
        rows = [(id, "solved" if m.solved else "open", str(m.attempts), str(m.hints)) for id, m in sorted(self.marks.items())]
        return Table(("exercise", "", "answers", "hints"), tuple(rows))

    def __repr__(self):
        where = "in memory" if self.path is None else f"in {self.path.name}"
        marks = self.marks
        return f"{sum(m.solved for m in marks.values())} of {len(marks)} exercises that were tried are solved ({where})\n" + repr(
            self.table())

    def _repr_html_(self):
        return self.table()._repr_html_()


# The one thing that is remembered from call to call: where the reader keeps the marks.
_CHOSEN = [Progress()]


def progress(path=None):
    """The reader's Progress; with a ``path`` it is kept in that file from now on, and what was marked before goes into it.

    Raises ValueError for a file that holds something else, which is left as it is; FileNotFoundError where its folder is not
    there.
    """
    expect("progress", path=path)
    if path is not None:
        before, chosen = _CHOSEN[0], Progress(Path(path))
        if not chosen.path.absolute().parent.is_dir():
            raise FileNotFoundError(f"path: expected a file in a folder that exists, got {said(str(path))}")
        marks = chosen.marks
        for id, m in before.kept.items() if before.path is None else ():
            if id not in marks:
                chosen.add(id, **asdict(m))
        _CHOSEN[0] = chosen
    return _CHOSEN[0]


def _read(path):
    """{id: Mark} of a file; none of one that is not there."""
    if not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"expected at most {MAX_BYTES:,} bytes")
        return {id: _mark(id, entry) for id, entry in json.loads(data)["exercises"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, IsADirectoryError) as error:
        raise ValueError(f"{path.name}: no file of progress ({said(str(error))}); it is left as it is: name another") from None


def _mark(id, entry):
    m = Mark(**entry)
    counts = all(type(n) is int and 0 <= n <= MANY for n in (m.attempts, m.hints))
    if not isinstance(id, str) or len(id) > 20 or not counts or type(m.solved) is not bool:
        raise ValueError(f"{said(id)}: expected attempts, hints and solved, got {said(entry)}")
    return m


def _write(path, marks):
    text = json.dumps({"exercises": {id: asdict(m) for id, m in sorted(marks.items())}}, indent=1) + "\n"
    with replaced(path) as file:
        file.write(text.encode())


@contextmanager
def _locked(path):
    """``with _locked(path):`` no other window is in such a block for the same file: only one can make the lock file."""
    lock, start = path.with_name(f".{path.name}.lock"), time.monotonic()
    while not _made(lock):
        if time.monotonic() - start > STALE + PATIENCE:
            raise OSError(f"{lock.name}: another window has kept this lock for long; remove it if there is none")
        time.sleep(0.01)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _made(lock):
    """Whether the lock file could be made; one that is older than any write takes was left behind, and is removed."""
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        return True
    except FileExistsError:
        with suppress(FileNotFoundError):
            if time.time() - lock.stat().st_mtime > STALE:
                lock.unlink()
        return False
