"""What to say about a name that nobody knows, and about a text that is too long to be said whole.

    unknown("parameter", "w55", names)   a sentence with the nearest names
    nearest("w55", names)                the question whether one of them was meant
    excerpt(text)                        the beginning of a long text
    said(value)                          what came, on one line
    lookup(table, "loss", name)          the row of a table, or a ValueError with the nearest names
"""
import difflib
import reprlib

SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 80


# What others call it.
USUAL = {"sgd": "gradient_descent", "gd": "gradient_descent", "descent": "gradient_descent", "lr": "learning_rate",
         "alpha": "learning_rate", "eta": "learning_rate", "rate": "learning_rate", "mu": "momentum", "beta": "momentum",
         "rms_prop": "rmsprop", "nag": "nesterov", "logistic": "sigmoid", "ln": "log"}


def unknown(what, name, options):
    """The sentence for a name that is not among the options, with the nearest ones.

    >>> unknown("parameter", "w55", ["w4", "w5", "b1"])
    "unknown parameter 'w55'; did you mean 'w5'?"
    """
    names = [str(option) for option in options]
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"unknown {what} {excerpt(str(name))!r}; " + (nearest(name, names) or f"there are {listed or 'none'}")


def nearest(name, names):
    """The question whether one of the nearest names was meant; empty where none is near."""
    if USUAL.get(str(name)) in map(str, names):
        return f"did you mean {USUAL[str(name)]!r}?"
    if str(name) in map(str, names):
        return f"what is spelled {str(name)!r} there is another: a part of the package brings it along"
    near = difflib.get_close_matches(excerpt(str(name)), [str(n) for n in names], n=3, cutoff=0.5)
    return "did you mean " + " or ".join(repr(n) for n in near) + "?" if near else ""


def excerpt(text, length=60):
    """The text, or the beginning of a long one."""
    return text if len(text) <= length else text[:length] + "..."


def said(value):
    """What came, as code would write it, on one line: of a long value the beginning and the end.

    >>> said([1, "a"]), len(said("a"*10_000))
    ("[1, 'a']", 80)
    """
    try:
        return " ".join(SHORT.repr(value).split())
    except ValueError:                                 # Python writes no whole number of more than 4,300 digits
        return f"{type(value).__name__} that is too long to be written"


def lookup(table, what, name):
    """The row of that name; ValueError with the nearest names where there is none."""
    if isinstance(name, str) and name in table:
        return table[name]
    raise ValueError(unknown(what, name if isinstance(name, str) else said(name), table))
