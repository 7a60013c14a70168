"""Tables of a file, checked: every complaint says in which file, in which table, at which key.

    Tables(file, data)          the base of what reads a file
"""
from ..describe.names import Partial, symbol
from ..describe.nearest import unknown
from ..describe.parser import number, parse


class Tables:
    """The tables of one file, and the checks that all of them need."""

    def __init__(self, file, data):
        self.file, self.data = file, data

    def fail(self, where, message):
        raise ValueError(f"{self.file}: {where}: {message}" if where else f"{self.file}: {message}")

    def table(self, data, where, required, optional):
        """The table with its keys checked and its values of the types given."""
        if not isinstance(data, dict):
            self.fail(where, f"expected a table, got {data!r:.60}")
        kinds = {**required, **optional}
        for key, value in data.items():
            if key not in kinds:
                self.fail(where, unknown("key", key, kinds))
            if not isinstance(value, kinds[key]) or isinstance(value, bool):
                self.fail(where, f"{key}: expected {kinds[key].__name__}, got {value!r:.60}")
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

    def expression(self, text, known, where):
        try:
            return parse(text, known)
        except (ValueError, TypeError) as error:
            self.fail(where, str(error))
