"""A page of a worksheet as PDF, by what is there: a TeX engine, which typesets its LaTeX; else nbconvert, which prints its HTML.

    pdf(latex, notebook)        the bytes of a PDF: of a document in LaTeX, or of the notebook that shows the same

pandoc is not asked: it too needs a TeX engine. What nbconvert prints takes its formulas from the network.
"""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ENGINES = ("xelatex", "pdflatex")           # the first knows every script, as far as its fonts do
SECONDS = 120
# A page reads no files but its own, and starts no program.
CAREFUL = {"openin_any": "p", "openout_any": "p"}
NEITHER = (f"pdf: expected a TeX engine ({', '.join(ENGINES)}), or nbconvert that prints (pip install 'nbconvert[webpdf]'; "
           "playwright install chromium), found neither; take tex or html")


def pdf(latex, notebook):
    """The bytes of a PDF. Raises ImportError where nothing is there that makes one, ValueError for what cannot be typeset."""
    engine = next(filter(None, map(shutil.which, ENGINES)), None)
    return _typeset(engine, latex) if engine else _printed(notebook)


def _typeset(engine, latex):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.tex").write_text(latex, encoding="utf-8")
        done = subprocess.run([engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"], cwd=folder,
                              env={**os.environ, **CAREFUL}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
        if done.returncode:
            said = re.search(r"^! (.*)", done.stdout.decode("utf-8", "replace"), re.MULTILINE)
            raise ValueError(f"pdf: {Path(engine).name} cannot typeset a page: {said[1] if said else 'it says nothing'}")
        return Path(folder, "page.pdf").read_bytes()


def _printed(notebook):
    try:
        import nbformat
        from nbconvert import WebPDFExporter
    except ImportError:
        raise ImportError(NEITHER) from None
    try:
        return WebPDFExporter().from_notebook_node(nbformat.reads(notebook, as_version=4))[0]
    except RuntimeError as error:                       # without a browser
        raise ImportError(f"{NEITHER} ({' '.join(str(error).split())[:200]})") from None
