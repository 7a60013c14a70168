"""Arguments: what each name of an argument promises, in one table; and the error for a value that does not keep it.

    expect(program=program, epochs=epochs)      raises TypeError or ValueError: "epochs: expected a whole number ..., got -1"
    expect("History", epochs=epochs)            where a name means something else there than elsewhere
    bounded(what, size, most, instead)          raises ValueError for what would be too much work

An argument of one name is the same thing in every function. What lies deeper, the names in a mapping or its numbers, is said by
those who use it. An object of the package is known by what it can be asked for.
"""
from collections.abc import Mapping

from .kinds import (
    Kind,
    an,
    are_names,
    are_numbers,
    is_domain,
    is_mark,
    is_name,
    is_number,
    is_row,
    is_several,
    like,
    mapping,
    numbers,
    optional,
    whole,
)
from .nearest import said

WIDEST = 100            # inches


def expect(*owner, **arguments):
    """Raise where an argument is not what its name promises, as that of ``owner`` (a text) or of everybody.

    >>> expect(epochs=-1)
    Traceback (most recent call last):
        ...
    ValueError: epochs: expected a whole number from 0 to 1,000,000,000,000, got -1
    >>> expect(program=None)
    Traceback (most recent call last):
        ...
    TypeError: program: expected a Program, such as dense([2, 2, 2]), got None
    """
    for name, value in arguments.items():
        kind = KINDS.get(".".join((*owner, name))) or KINDS[name]
        if not kind.holds(value):
            raise kind.error(f"{name}: expected {kind.words}, got {said(value)}")


def bounded(what, size, most, instead):
    """Raise ValueError, before anything is computed, where a size is beyond its bound; ``instead`` says what to use then.

    >>> bounded("widths: parameters", 10**6, 10**5, "use fewer")
    Traceback (most recent call last):
        ...
    ValueError: widths: parameters: expected at most 100,000, got 1,000,000; use fewer
    """
    if size > most:
        count = format(size, ",") if size < 10**15 else said(size)
        raise ValueError(f"{what}: expected at most {most:,}, got {count}; {instead}")


# ---- kinds

NAME = Kind("a name, such as 'w5'", is_name)
NAMES = Kind("names: a list of them, or one text with spaces between them", are_names)
TEXT = an("a text", str)
OF_Z = Kind("a function of z that returns a SymPy expression", callable)
FLAG = an("True or False", bool)
ROW = Kind("a row of finite numbers", lambda value: is_row(value) and are_numbers(value), ValueError)
ANY_ROW = Kind("a sequence", is_row)
NUMBERS = numbers("a finite number, or an array of them")
SHARE = numbers("a number from 0 up to, and without, 1", lambda number: 0 <= number < 1)
POSITIVE = Kind("a positive number", lambda value: not isinstance(value, str) and is_number(value) and value > 0, ValueError)
NUMBER = optional(Kind("a finite number", is_number, ValueError))
PAIR = Kind("two finite numbers", lambda value: is_row(value) and len(value) == 2 and all(map(is_number, value)), ValueError)
SIZE = Kind(f"a number of inches up to {WIDEST}", lambda value: POSITIVE.holds(value) and value <= WIDEST, ValueError)
ONCE, MANY = whole(0, 1_000_000), whole(1)
BY_NAME = mapping("a mapping of names to numbers")
SAMPLES = optional(Kind("a list of {name: number}, or one {name: sequence of numbers}", lambda value: (
    mapping("", values=is_row) if isinstance(value, Mapping) else ANY_ROW).holds(value)
    and (isinstance(value, Mapping) or all(isinstance(sample, Mapping) for sample in value))))
MODULE = like("a torch.nn.Module, such as nn.Sequential(...)", "named_modules", "forward", "training")
PATH = Kind("the name of a file", lambda value: hasattr(value, "__fspath__") or TEXT.holds(value) and 0 < len(value) < 1000)
HISTORY = like("a History, as fit returns it", "epochs", "loss", "program")

KINDS = {
    # what the package makes
    "program": like("a Program, such as dense([2, 2, 2])", "equations", "spelled"),
    "cell": like("a Program of one step, such as one with updates={'h': 'h_next'}", "equations", "spelled"),
    "gradient": optional(like("a Program, such as reverse(net)", "equations", "spelled")),
    "optimizer": optional(like("one such as GradientDescent() or Adam()", "rule")),
    "schedule": optional(like("one such as ExponentialDecay() or CosineDecay(T=1000)", "rate")),
    "history": HISTORY, "chain": like("a Chain, such as chain(net, 'w1')", "paths", "wrt"),
    "worked": Kind("a program with numbers, net.at(values)", lambda value: isinstance(getattr(value, "quantities", 0), Mapping)),
    "example": like("a worked example, such as worked_example('source')", "forward", "figures"),
    "audited": optional(mapping("a mapping of names to Audits", values=lambda value: hasattr(value, "formulas"))),
    "e": like("an Equation", "lhs", "rhs"), "model": MODULE,
    "definition": OF_Z, **dict.fromkeys("slope stable stable_slope".split(), optional(OF_Z)), "checked": FLAG,
    "latex": optional(TEXT),
    "from_torch.loss": Kind("a loss of torch.nn, such as nn.MSELoss(), or its name",
                            lambda value: isinstance(value, str) or MODULE.holds(value)),
    # numbers
    "paths": Kind("the paths of a chain, such as chain(net, 'w1').paths",
                  lambda value: is_several(value) or hasattr(value, "nodes")),
    "History.values": mapping("a mapping of names to rows of numbers", values=is_row),
    "values": BY_NAME, "constants": BY_NAME, "network.values": optional(BY_NAME),
    "samples": SAMPLES, "validation": Kind(SAMPLES.words + ", at least one", lambda value: SAMPLES.holds(value) and (
        value is None or len(value) > 0)),
    "learning_rate": NUMBERS, **dict.fromkeys("momentum beta1 beta2".split(), SHARE),
    **dict.fromkeys("epsilon weight_decay kappa".split(), numbers("a number of at least 0", lambda number: number >= 0)),
    "gamma": numbers("a number above 0, up to 1", lambda number: 0 < number <= 1),
    "T": numbers("a positive number of steps", lambda number: number > 0),
    "diagnose.learning_rate": NUMBER,
    "tolerance": POSITIVE, "width": SIZE, "height": SIZE,
    "x": ROW, "y": ROW, "z": ROW, "curves.x": optional(ROW), "History.epochs": ROW, "History.loss": ROW,
    "series": mapping("a mapping of names to rows of numbers", values=is_row),
    "axes": Kind("a mapping of names to rows of finite numbers",
                 lambda value: mapping("", values=ROW.holds).holds(value) and len(value) > 0),
    "landscape.paths": optional(mapping("a mapping of names to pairs of rows of numbers",
                                        values=lambda pair: ROW.holds(pair) and len(pair) == 2 and all(map(is_row, pair)))),
    "low": NUMBER, "high": NUMBER, "rate": POSITIVE, "steps": MANY, "valley.x": PAIR, "valley.y": PAIR,
    "X": NUMBERS, "Y": NUMBERS, "pictures": NUMBERS, "shift": NUMBERS, "factor": NUMBERS,
    "labels": optional(Kind("a sequence of names", lambda value: is_row(value) or TEXT.holds(value))),
    "optimizers": Kind("a mapping of names to optimizers, such as {'Adam': Adam()}", lambda value: mapping(
        "", TEXT.holds, lambda one: hasattr(one, "rule") and not isinstance(one, type)).holds(value) and len(value) > 0),
    "rates": optional(mapping("a mapping of names to positive numbers", TEXT.holds, POSITIVE.holds)),
    # names
    "name": NAME, **dict.fromkeys(("curve.name", "paths.name", "of"), optional(NAME)),
    "state": optional(NAME), "penalize.of": optional(NAMES), "wrt": optional(NAMES),
    "chain.wrt": NAME, "l1": optional(NAME), "l2": optional(NAME), "names": optional(NAMES), "landscape_source.axes": NAMES,
    "rename.names": mapping("a mapping of old names to new ones", is_name, is_name),
    **dict.fromkeys("inputs targets parameters hyperparameters given frozen".split(), NAMES), "loss": optional(NAME),
    "shapes": mapping("a mapping of names to shapes, such as {'X': 'B, n'}", is_name),
    "updates": mapping("a mapping of names to the names of their next values", is_name, is_name),
    "domains": Kind("pairs of an expression and a SymPy set", lambda value: is_row(value) and all(map(is_domain, value))),
    # how many
    **{f"layers.{name}": whole(1, 100_000) for name in
       "channels height width kernels size stride inputs units keys values heads tokens samples".split()},
    "layers.padding": whole(0, 100_000), "layers.x": NAME, "layers.masked": FLAG, "layers.training": FLAG,
    "layers.mark": Kind("letters, digits and underscores that come after a name", is_mark, ValueError),
    "epochs": whole(0, 10**12), "epoch": whole(0), "every": MANY, "batch": optional(MANY), "piece": optional(MANY), "size": MANY,
    "after": ONCE, "sample": optional(whole(1, 1_000_000)), "graph.step": optional(whole(0)),
    "unroll.updates": whole(0), "unroll.samples": MANY, "again.updates": whole(0, 1000),
    "digits": whole(1, 100_000), "seed": optional(an("a whole number or a text", int, str)),
    "start.seed": whole(0), "scale": POSITIVE, "operand": whole(0, 1), "patience": optional(MANY),
    "sizes": optional(mapping("a mapping of letters to whole numbers", is_name, whole(1).holds)),
    "dtype": Kind("'float64' or 'float32'", lambda value: isinstance(value, str) and value in ("float64", "float32"), ValueError),
    "callback": optional(Kind("a function of a Report", callable)),
    "path": PATH,
    "key": PATH, "answers": PATH, "progress.path": optional(PATH),
    "Worksheet.answers": mapping("a mapping of quantities to numbers", TEXT.holds),
    "progress": optional(FLAG), "online": FLAG, "log": FLAG,
    # texts
    "equations": Kind("equations, or pairs of a name and an expression",
                      lambda value: is_several(value) and not isinstance(value, Mapping)),
    "wanted": Kind("a value, or a list of them", lambda value: not getattr(value, "ndim", 0)),
    "lines": Kind("lines of text, such as 'z = w*x + b'", lambda value: isinstance(value, str | list | tuple)),
    "quantity": TEXT, "figure.quantity": NAME, "printed": TEXT, "xlabel": TEXT, "ylabel": TEXT, "zlabel": TEXT,
    "id": Kind("the id of an exercise, such as '04.2'", lambda value: isinstance(value, str) and len(value) < 100, ValueError),
    "level": whole(1, 3), "worksheet.seed": an("a whole number or a text", int, str),
    "students": optional(Kind("a list of names that differ", lambda value: is_several(value) and all(
        isinstance(name, str) and 0 < len(name) <= 100 for name in list(value))
        and 0 < len(set(value)) == len(list(value)) <= 10_000)),
    "formats": Kind("a list of formats: md, ipynb, html, tex, pdf", lambda value: is_several(value) and all(
        isinstance(name, str) for name in list(value))),
    "chapter": optional(whole(0, 99)),
    "title": optional(TEXT), "alt": optional(TEXT), "headings": ANY_ROW, "rows": ANY_ROW,
    "below": Kind("a list of headings", lambda value: isinstance(value, list | tuple) and all(map(TEXT.holds, value))),
    "emphasis": an("a set of numbers of rows", set, frozenset),
}
