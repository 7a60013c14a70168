"""The field for an answer in a notebook, where ipywidgets is installed; a sentence where it is not.

    shown(exercise)             displays the question, and the field

The field is a display of its own, whose text is the sentence: what is kept of it, on a page that no kernel answers, is that.
"""
from .check import check

VIEW = "application/vnd.jupyter.widget-view+json"


def shown(exercise):
    """Display an exercise in the notebook that asks for it."""
    from IPython.display import display
    display({"text/markdown": exercise._repr_markdown_(), "text/plain": repr(exercise)}, raw=True)
    field = _field(exercise)
    if field is not None:
        view = getattr(field, "_repr_mimebundle_", dict)().get(VIEW)
        display({"text/plain": exercise.how, **({VIEW: view} if view else {})}, raw=True)


def _field(exercise):
    """A line to write in, a button, and the reply below; None without ipywidgets."""
    try:
        import ipywidgets
    except ImportError:
        return None
    line = ipywidgets.Text(placeholder="your answer", continuous_update=False)
    button = ipywidgets.Button(description="Check")
    reply = ipywidgets.HTMLMath()

    def answered(_):
        if line.value.strip():
            reply.value = check(exercise.id, line.value)._repr_html_()
    button.on_click(answered)
    line.on_submit(answered) if hasattr(line, "on_submit") else None
    return ipywidgets.VBox([ipywidgets.HBox([line, button]), reply])
