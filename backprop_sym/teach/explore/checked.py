"""What a figure can show: the parameter that is asked for, and networks that are small enough to be seen."""
from ...describe.arguments import bounded
from ...describe.nearest import unknown
from ...describe.shapes import numbers_only

LARGEST = 60            # equations of a network of which every quantity is seen
NUDGE = 1e-4            # by which a weight is moved to either side where a slope is measured


def parameter(program, name):
    """The symbol of a parameter; ValueError for what is none."""
    s = program.symbol(name)
    if s not in program.parameters:
        raise ValueError(unknown("parameter", str(name), map(program.spelled.get, program.parameters)))
    return s


def drawable(program, most=LARGEST):
    """Raise ValueError for a program of arrays, one without a loss, and one with too many equations to be seen."""
    numbers_only(program, "a figure of every quantity")
    if program.loss is None:
        raise ValueError("program: expected one with a loss, Program(..., loss=...), got one without")
    bounded("equations of a figure", len(program), most, "show a part of it, net.upto(...), or use chain and figures.curves")
