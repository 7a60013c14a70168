"""Tables of a file, checked: every complaint says in which file, in which table, at which key.

    Tables(file, data)          the base of what reads a file
"""
from ..describe.decimals import number
from ..describe.names import Partial, symbol
from ..describe.nearest import said, unknown
from ..describe.parser import parse


class Tables:
    """The tables of one file, and the checks that all of them need."""

    def __init__(self, file, data):
        self.file, self.data = file, data

    def fail(self, where, message):
        raise ValueError(f"{self.file}: {where}: {message}" if where else f"{self.file}: {message}")

    def table(self, data, where, required, optional):
        """The table with its keys checked and its values of the types given; (list, str) is a list of texts."""
        if not isinstance(data, dict):
            self.fail(where, f"expected a table, got {said(data)}")
        kinds = {**required, **optional}
        for key, value in data.items():
            if key not in kinds:
                self.fail(where, unknown("key", key, kinds))
            kind, *parts = kinds[key] if isinstance(kinds[key], tuple) else (kinds[key],)
            if not isinstance(value, kind) or isinstance(value, bool):
                quoted = kind is str and isinstance(value, int | float) and not isinstance(value, bool)
                wanted = f'a number as text, with its digits: "{value}"' if quoted else kind.__name__
                self.fail(where, f"{key}: expected {wanted}, got {said(value)}")
            for i, part in enumerate(value if parts else (), 1):
                if not isinstance(part, *parts):
                    self.fail(where, f"{key}: {i}: expected {parts[0].__name__}, got {said(part)}")
        for key in required:
            if key not in data:
                self.fail(where, f"the key {key!r} is missing")
        return data

    def names(self, data, where):
        for name in data:
            try:
                if isinstance(symbol(name), Partial):
                    raise ValueError(f"expected a name, got {name!r}")
            except (ValueError, TypeError) as error:
                self.fail(where, str(error))
        return data

    def numbers(self, data, where, names=True):
        """{name: Rational} from a table of decimals, or of quotients of two: "1/3"."""
        found = {}
        for name, text in (self.names(data, where) if names else data).items():
            try:
                above, slash, below = text.partition("/") if isinstance(text, str) else (text, "", "")
                found[name] = number(above)/number(below) if slash and number(below) else number(text)
            except (ValueError, TypeError) as error:
                self.fail(where, f"{name}: {error}")
        return found

    def expression(self, text, known, where, reader=None):
        try:
            return parse(text, known, reader)
        except (ValueError, TypeError) as error:
            self.fail(where, str(error))
