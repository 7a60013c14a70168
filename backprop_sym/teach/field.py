"""The field for an answer in a notebook, where ipywidgets is installed and it can be typed; else a sentence.

    shown(exercise)             displays the question, and the field

The field is a display of its own, whose text is the sentence: what is kept of it, on a page that no kernel answers, is that.
"""
import re
from functools import partial

from .check import check
from .kinds import KINDS

CALL = re.compile(r"bp\.check\(.*?\)")

WIDE = {"width": "34em", "max_width": "calc(100% - 10em)"}        # room for what is taken, and for the button beside it
CLOSE = {"description_width": "initial"}                            # the label stands at the margin, as the question does
VIEW = "application/vnd.jupyter.widget-view+json"


def shown(exercise):
    """Display an exercise in the notebook that asks for it."""
    from IPython.display import display
    display({"text/markdown": exercise._repr_markdown_(), "text/plain": repr(exercise)}, raw=True)
    how = {"text/markdown": CALL.sub(r"`\g<0>`", exercise.how), "text/plain": exercise.how}
    field = _field(exercise)
    view = None if field is None else field._repr_mimebundle_().get(VIEW)
    display(how | ({VIEW: view} if view else {}), raw=True)


def _field(exercise):
    """Something to write in, a button, and the reply below; None without ipywidgets, and for what cannot be typed."""
    rows = KINDS[exercise.kind].rows
    if not rows:
        return None
    try:
        import ipywidgets
    except ImportError:
        return None
    kind = ipywidgets.Text if rows == 1 else partial(ipywidgets.Textarea, rows=rows)
    line = kind(description="Answer", placeholder=exercise.takes, continuous_update=False, layout=WIDE, style=CLOSE)
    button = ipywidgets.Button(description="Check")
    reply = ipywidgets.HTMLMath()
    judged = [""]

    def answered(_):
        if line.value.strip() != judged[-1]:           # to press the button is to leave the line as well: one answer, one reply
            judged.append(line.value.strip())
            reply.value = check(exercise.id, line.value)._repr_html_() if judged[-1] else ""
    button.on_click(answered)
    line.observe(answered, "value")                    # where Enter is pressed, or the line is left
    return ipywidgets.VBox([ipywidgets.HBox([line, button]), reply])
