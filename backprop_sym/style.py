"""The look of the figures, and a figure that shows itself and says in words what it shows.

    Figure                      a matplotlib figure with an alternative text
    figure(alt)                 an empty one to draw on: (Figure, axes)
    COLORS, STYLES              colours and dashes that readers can tell apart
"""
import io

import matplotlib
from matplotlib.figure import Figure as _Figure

# Okabe and Ito's colours, which colour-blind readers can tell apart.
COLORS = {"black": "#000000", "blue": "#0072B2", "vermillion": "#D55E00", "green": "#009E73", "purple": "#CC79A7",
          "orange": "#E69F00", "sky": "#56B4E9", "yellow": "#F0E442", "grey": "#999999"}
# Nothing rests on colour alone: each line has a dash pattern of its own too.
STYLES = ((COLORS["blue"], "-"), (COLORS["vermillion"], "--"), (COLORS["green"], "-."), (COLORS["purple"], ":"),
          (COLORS["orange"], (0, (5, 1, 1, 1, 1, 1))), (COLORS["sky"], (0, (8, 2))), (COLORS["black"], (0, (1, 1))))
HOUSE = {
    "font.size": 11, "axes.titlesize": 12, "axes.labelsize": 11, "axes.titlepad": 10, "mathtext.fontset": "dejavusans",
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "0.9", "axes.axisbelow": True,
}
DPI = 160               # dots per inch in the file; half of them are shown, so that the figure stays sharp


class Figure(_Figure):
    """A matplotlib figure with an alternative text, which shows itself in a notebook."""

    alt = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        png = io.BytesIO()
        with matplotlib.rc_context(HOUSE):
            self.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
        width, height = (round(inches*DPI/2) for inches in self.get_size_inches())
        return ({"image/png": png.getvalue(), "text/plain": self.alt},
                {"image/png": {"alt": self.alt, "width": width, "height": height}})


def figure(alt, width=6.5, height=3.8, **subplots):
    """An empty figure in the book's style and its axes; ``alt`` says in words what will be seen on it.

    Raises ValueError where ``alt`` is empty: who cannot see a figure must be able to read it.
    """
    if not (isinstance(alt, str) and alt.strip()):
        raise ValueError("alt: expected a sentence that says what the figure shows")
    with matplotlib.rc_context(HOUSE):
        made = Figure(figsize=(width, height), layout="constrained")
        made.alt = alt
        return made, made.subplots(**subplots)
