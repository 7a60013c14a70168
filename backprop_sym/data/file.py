"""A file, opened with care: it must be one, and what it unpacks to is bounded.

    opened(path)                a stream of the file's bytes, unpacked if packed by gzip, and how many there can be at most
    contents(path, most)        all of them, at most so many
    replaced(path)              a stream to write to, which becomes the file when all is written

Nothing in a file is believed before it is held against the file's own length. Nothing half-written is ever in its place.
"""
import gzip
import io
import os
import secrets
import stat
import zlib
from contextlib import contextmanager
from pathlib import Path

# The kinds of things that have a path and are no file; to open a pipe would wait for ever.
OTHERS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
          stat.S_IFSOCK: "a socket"}
GZIP = b"\x1f\x8b"
# Deflate packs 258 bytes into two bits at best.
MOST_PACKED = 1032


@contextmanager
def opened(path):
    """The stream and the most bytes that can come out of it.

    Raises TypeError for what is no path, OSError for a path that is not there or is no file, ValueError for a damaged gzip file.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"expected the path of a file, got {path!r:.60}")
    about = os.stat(path)
    if not stat.S_ISREG(about.st_mode):
        raise OSError(f"{path}: expected a file, got {OTHERS.get(stat.S_IFMT(about.st_mode), 'something else')}")
    with open(path, "rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        try:
            # What was read of a damaged file is of no use, so that errors of unpacking may come at any time.
            yield (gzip.GzipFile(fileobj=file) if packed else file), about.st_size*(MOST_PACKED if packed else 1)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{path}: a damaged gzip file: {error}") from None


def contents(path, most):
    """All bytes of a file, unpacked; ValueError where there are more than ``most``."""
    with opened(path) as (stream, _):
        held = io.BytesIO()
        while part := stream.read(min(1 << 20, most + 1 - held.tell())):
            held.write(part)
        if held.tell() > most:
            raise ValueError(f"{path}: expected at most {most:,} bytes, got more")
        return held.getvalue()


@contextmanager
def replaced(path):
    """A stream of bytes that is written beside the file, and takes its place at the end: whoever reads sees the old or the new.

    Where an error ends the writing, the file is as it was. Raises OSError where nothing can be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replaced(Path(folder, "a.txt")) as file:
    ...         _ = file.write(b"whole")
    ...     [(one.name, one.read_bytes()) for one in Path(folder).iterdir()]
    [('a.txt', b'whole')]
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:          # readable by whoever may read what this user writes; mkstemp's files are not
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
