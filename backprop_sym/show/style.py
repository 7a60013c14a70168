"""The look of the figures, and a figure that shows itself and says in words what it shows.

    Figure                      a matplotlib figure with an alternative text
    figure(alt)                 an empty one to draw on: (Figure, axes)
    COLORS, STYLES              colours, dashes and markers that readers can tell apart
    ink(color)                  the colour of a text that belongs to a line
"""
import base64
import io
from html import escape
from itertools import cycle, islice

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as _Figure
from PIL import Image

from ..describe.arguments import expect

# Okabe and Ito's colours, which colour-blind readers can tell apart.
COLORS = {"black": "#000000", "blue": "#0072B2", "vermillion": "#D55E00", "green": "#009E73", "purple": "#CC79A7",
          "orange": "#E69F00", "sky": "#56B4E9", "yellow": "#F0E442", "grey": "#999999"}
# Nothing rests on colour alone: (colour, dashes, marker), of which no two are the same. Yellow is too pale for a line.
STYLES = tuple(islice(zip(
    cycle(COLORS[name] for name in ("blue", "vermillion", "green", "purple", "orange", "sky", "black")),
    cycle(["-", "--", "-.", ":"]), cycle("os^Dv"), strict=False), 28))
HOUSE = {
    "font.family": "DejaVu Sans", "font.size": 12, "axes.titlesize": 13, "axes.labelsize": 12, "axes.titlepad": 10,
    "xtick.labelsize": 11, "ytick.labelsize": 11, "legend.fontsize": 11, "mathtext.fontset": "dejavusans",
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "axes.edgecolor": "0.3",
    "axes.grid": True, "grid.color": "0.9", "axes.formatter.useoffset": False, "savefig.bbox": None,
}
DPI = 160               # dots per inch in the file; half of them are shown, so that the figure stays sharp
PHONE = 370             # pixels that a phone has for a figure
LEAST = 2/3             # of its size: smaller, the text on a figure cannot be read, and a phone scrolls it instead


class Figure(_Figure):
    """A matplotlib figure with an alternative text, ``alt``, which shows itself in a notebook."""

    def __init__(self, *arguments, alt="", **keywords):
        super().__init__(*arguments, **keywords)
        FigureCanvasAgg(self)
        self.alt = alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The figure as PNG, and as HTML: JupyterLab and nbconvert's default page show a PNG without its alternative text."""
        width, height = (round(inches*DPI/2) for inches in self.get_size_inches())
        png = base64.b64encode(self.png()).decode("ascii")
        least = f"; min-width:{round(LEAST*width)}px" if LEAST*width > PHONE else ""
        page = (f'<img alt="{escape(self.alt)}" width="{width}" style="max-width:100%; height:auto{least}" '
                f'src="data:image/png;base64,{png}">')
        return ({"image/png": png, "text/html": page, "text/plain": self.alt},
                {"image/png": {"alt": self.alt, "width": width, "height": height}})

    def png(self):
        """The figure as PNG: the same bytes each time, with no date and no version in them, in 256 colours."""
        with matplotlib.rc_context(HOUSE):
            self.set_dpi(DPI)
            self.canvas.draw()
        image = Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB")
        image = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=0)       # medians leave some pixels far off
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()


def figure(alt, width=6.5, height=3.8, **subplots):
    """An empty figure in the book's style and its axes; ``alt`` says in words what will be seen on it.

    ``width`` and ``height`` are in inches; the other keywords are those of matplotlib's ``Figure.subplots``. Raises
    ValueError where ``alt`` is empty: who cannot see a figure must be able to read it.

    >>> figure("A parabola.")[0].alt
    'A parabola.'
    """
    if not (isinstance(alt, str) and alt.strip()):
        raise ValueError("alt: expected a sentence that says what the figure shows")
    expect(width=width, height=height)
    with matplotlib.rc_context(HOUSE):
        made = Figure(figsize=(width, height), dpi=DPI, layout="constrained", alt=alt)
        return made, made.subplots(**subplots)


def ink(color):
    """A line's colour, dark enough to be read as text on white."""
    rgb = np.array(to_rgb(color))
    return tuple(rgb*min(1, 0.42/max(rgb @ (0.3, 0.6, 0.1), 1e-9)))
