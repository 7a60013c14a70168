"""A file from anywhere: read as far as is meant, and no further.

    tables(path)                what a TOML file holds; ValueError, with its name, for what is none or would take long

Sizes are bounded before anything is parsed: a pipe is not waited for, a device not read to its end, and keys of thousands of
parts, on which a parser of TOML spends minutes, are refused.
"""
import re
import tomllib

MAX_BYTES = 1_000_000
MAX_PARTS = 30          # of a dotted key
MAX_ENTRIES = 10_000    # of one table, or one list
DOTTED = re.compile(rf"(?<![\w\"'.-])(?>[\w\"'-]+)(?>\s*\.\s*(?>[\w\"'-]+)){{{MAX_PARTS},}}")


def tables(path):
    """The tables of a TOML file. Raises OSError where it cannot be read, ValueError where it is no file of bounded size."""
    if path.exists() and not path.is_file():
        raise ValueError(f"{path.name}: expected a file, got {'a folder' if path.is_dir() else 'what is none'}")
    with path.open("rb") as file:
        read = file.read(MAX_BYTES + 1)
    if len(read) > MAX_BYTES:
        raise ValueError(f"{path.name}: expected a file of at most {MAX_BYTES:,} bytes, got a longer one")
    try:
        text = read.decode("utf-8")
        if DOTTED.search(text):
            raise ValueError(f"expected keys of at most {MAX_PARTS} parts, got a longer one")
        data = tomllib.loads(text)
        _bounded(data, "the file")
        return data
    except (ValueError, RecursionError) as error:      # what the parser and the decoder raise are ValueErrors
        raise ValueError(f"{path.name}: not a TOML file: {error}") from None


def _bounded(data, where):
    """Refuse a table or list of too many entries, however deep it stands."""
    if isinstance(data, dict | list):
        if len(data) > MAX_ENTRIES:
            raise ValueError(f"{where}: expected at most {MAX_ENTRIES:,} entries, got {len(data):,}")
        for key, part in data.items() if isinstance(data, dict) else enumerate(data, 1):
            _bounded(part, f"{where}: {key}" if isinstance(data, list) else str(key))
