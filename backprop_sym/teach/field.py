"""The field for an answer in a notebook, where ipywidgets is installed; a sentence where it is not.

    shown(exercise)             displays the question, and the field

The field is a display of its own, whose text is the sentence: what is kept of it, on a page that no kernel answers, is that.
"""
import re

from .check import check

CALL = re.compile(r"bp\.check\(.*?\)")

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
    """A line to write in, a button, and the reply below; None without ipywidgets."""
    try:
        import ipywidgets
    except ImportError:
        return None
    line = ipywidgets.Text(placeholder=exercise.takes, continuous_update=False)
    button = ipywidgets.Button(description="Check")
    reply = ipywidgets.HTMLMath()

    def answered(_):
        if line.value.strip():
            reply.value = check(exercise.id, line.value)._repr_html_()
    button.on_click(answered)
    line.observe(answered, "value")                    # where Enter is pressed, or the line is left
    return ipywidgets.VBox([ipywidgets.HBox([line, button]), reply])
