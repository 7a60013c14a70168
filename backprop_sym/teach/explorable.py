"""A figure that answers: a picture, and beside it the program with which a page or a notebook draws a live one.

    Explorable(name, data, figure)      shows itself as the live figure where widgets are, as the picture everywhere
    finite(program, values)             the values of a program, all of them finite
    card(program, values)               a program as a page needs it: its JavaScript, its names, its numbers

No Python runs while a reader drags: the numbers come from the JavaScript that ``lambdify`` writes of the same equations. The
live figure is a module, ``static/explore.js``, that draws on any page; anywidget, which is optional, makes it a widget of
notebooks. The picture is what GitHub shows, what is printed, and what is compared when the book is checked.
"""
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np

from ..compute.lambdify import lambdify
from ..describe.nearest import said
from ..describe.values import given
from ..show.latex import name_latex
from ..show.style import Figure

# Under this type the data of a figure stands in a notebook, from which a page takes it.
MIME = "application/vnd.backprop-sym.explore+json"
STATIC = files(__package__)/"static"


@dataclass(frozen=True, eq=False)
class Explorable:
    """A figure that answers: ``name`` says which, ``data`` is what it draws from, ``figure`` the picture beside it."""

    name: str
    data: dict
    figure: Figure
    _widgets: list = field(default_factory=list, repr=False)

    @property
    def alt(self):
        """What the picture shows, in words."""
        return self.figure.alt

    def __repr__(self):
        return self.figure.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle, metadata = self.figure._repr_mimebundle_(include, exclude)
        view = _widget_class()
        if view is not None:
            self._widgets.append(view(name=self.name, data=self.data))              # a view lives as long as its widget
            live = self._widgets[-1]._repr_mimebundle_()
            bundle |= {kind: what for kind, what in (live[0] if isinstance(live, tuple) else live or {}).items()
                       if kind.endswith("widget-view+json")}
        return bundle | {MIME: {"name": self.name, "data": self.data}}, metadata


def finite(program, values):
    """{symbol: value} for what a program needs; ValueError for one that is not finite, of which a page could draw nothing."""
    numbers = given(program, values)
    for s, value in numbers.items():
        if not np.isfinite(np.asarray(value, dtype=float)).all():
            raise ValueError(f"{program.spelled[s]!r}: expected finite numbers in a figure, got {said(value)}")
    return numbers


def card(program, values):
    """A program with its numbers, as ``static/explore.js`` reads it: code, names, LaTeX, values, and what updates what.

    Raises ValueError for a missing value, as ``lambdify`` does, and for one that is not finite.

    >>> from backprop_sym import Program
    >>> made = card(Program.parse(["E = w**2"], parameters="w", loss="E"), {"w": "0.5"})
    >>> made["given"], made["results"], made["values"]
    (['w'], ['E'], {'w': 0.5})
    """
    spelled = program.spelled
    numbers = finite(program, values)
    return {
        "source": lambdify(program, "javascript").source,
        "given": [spelled[s] for s in program.given],
        "results": [spelled[s] for s in program.defined],
        "values": {spelled[s]: _plain(value) for s, value in numbers.items()},
        "updates": {spelled[old]: spelled[new] for old, new in program.updates.items()},
        "tex": {spelled[s]: name_latex(s) for s in (*program.given, *program.defined)},
    }


def _plain(value):
    return np.asarray(value, dtype=float).tolist() if np.ndim(value) else float(value)


@cache
def _widget_class():
    """The class of the live figure, or None where anywidget is not installed or nobody listens."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None

    class Live(anywidget.AnyWidget):
        _esm = (STATIC/"explore.js").read_text(encoding="utf-8")
        name = traitlets.Unicode().tag(sync=True)
        data = traitlets.Dict().tag(sync=True)

    return Live
