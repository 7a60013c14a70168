"""Make the book's pages from the committed chapters: nothing is executed, nothing is fetched.

    python book/build.py                the site, in build/book/html, with a JupyterLite that runs every chapter
    python book/build.py --pages        the pages alone
    python book/build.py epub           one file to take along, in build/book/epub
    python book/build.py gettext        what a translator translates, in build/book/gettext
    python book/build.py serve          show the site at http://127.0.0.1:8000

A page is made from a copy of its chapter (book/page.py). MathJax comes from book/node_modules, which `make book` fills once.
"""
import argparse
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NOTEBOOKS = ROOT/"notebooks"
BUILD = ROOT/"build"/"book"
SOURCE = BUILD/"source"
MATHJAX = HERE/"node_modules"/"mathjax"/"es5"
# A book in one file does not have the templates of pages.
OPTIONS = {"epub": ("-D", "templates_path=")}

sys.path.insert(0, str(HERE))
import page  # noqa: E402  (the module beside this one, however this one is started)


def chapters():
    """{path below notebooks/: path} of every chapter, appendix and solution."""
    return {path.relative_to(NOTEBOOKS): path for path in sorted(NOTEBOOKS.rglob("*.ipynb"))
            if not any(part.startswith(".") for part in path.relative_to(NOTEBOOKS).parts)}


def gather(folder, files):
    """Make `folder` hold these {relative path: content} and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        (folder/path).parent.mkdir(parents=True, exist_ok=True)
        (folder/path).write_bytes(content.encode() if isinstance(content, str) else content)


def derived(change):
    """{path: text} of every chapter, changed for where it is read."""
    return {name: nbformat.writes(change(nb)) for name, nb in read().items()}


def read():
    """{path: notebook} of every chapter."""
    return {name: nbformat.read(path, as_version=4) for name, path in chapters().items()}


def sphinx(builder):
    """Run Sphinx over the pages' sources, all of them each time: a warning is an error."""
    as_page = functools.partial(page.page, numbered=page.referred(read().values()))
    pages = {Path("notebooks")/name: text for name, text in derived(as_page).items()}
    pages |= {Path("notebooks")/path.name: page.listed(path.read_text(encoding="utf-8")) for path in NOTEBOOKS.glob("*.md")}
    index = page.index((HERE/"index.md").read_text(encoding="utf-8"), pages)
    gather(SOURCE, pages | {Path("index.md"): index})
    run(sys.executable, "-m", "sphinx", "-q", "-n", "-W", "--keep-going", "-E", "-a", "-b", builder, "-c", HERE,
        "-d", BUILD/f"doctrees-{builder}", *OPTIONS.get(builder, ()), SOURCE, BUILD/builder)


def jupyterlite():
    """A JupyterLab that needs no server, beside the pages: the chapters, the package as a wheel, and its examples."""
    contents, wheels = BUILD/"contents", BUILD/"wheels"
    pure = (Path(sys.prefix)/"wheels").glob("*.whl")
    examples = ROOT/"backprop_sym"/"data"/"examples"
    # The page that runs a cell asks the JupyterLab in its frame for a kernel.
    gather(BUILD/"lite", {"jupyter-lite.json": json.dumps(
        {"jupyter-lite-schema-version": 0, "jupyter-config-data": {"exposeAppInBrowser": True}})})
    gather(contents, derived(page.runnable) | {Path("examples")/p.name: p.read_bytes() for p in examples.glob("*.toml")})
    for stale in (wheels, ROOT/"build"/"lib"):
        shutil.rmtree(stale, ignore_errors=True)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
        "--wheel-dir", wheels, ROOT)
    offered = [option for wheel in (*wheels.glob("*.whl"), *pure) for option in ("--piplite-wheels", wheel)]
    run(sys.executable, "-m", "jupyter", "lite", "build", "--no-sourcemaps", "--lite-dir", BUILD/"lite", "--contents", contents,
        *offered, "--output-dir", BUILD/"html"/"lite", quiet=True)


def run(*command, quiet=False):
    """Run it; what it prints is seen (with `quiet`, only where it fails), and where it fails this ends."""
    (BUILD/"lite").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(list(map(str, command)), cwd=BUILD/"lite", text=True, env={**os.environ, "PYTHONUTF8": "1"},
                          stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None)
    if done.returncode:
        sys.exit(f"{done.stdout or ''}\n{' '.join(map(str, command))}: failed")


def serve(port):
    """Show the site until Ctrl + C."""
    if not (BUILD/"html"/"index.html").exists():
        sys.exit("There are no pages: `make book` makes them")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=BUILD/"html")
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"The book: http://127.0.0.1:{server.server_port}/ (Ctrl + C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def main(arguments=None):
    """Read the command, and do it."""
    parser = argparse.ArgumentParser(description="Make the book's pages from the committed chapters.")
    parser.add_argument("what", nargs="?", default="html", choices=("html", "epub", "gettext", "serve"))
    parser.add_argument("--pages", action="store_true", help="the pages alone, without JupyterLite")
    parser.add_argument("--port", type=int, default=8000, help="where `serve` listens")
    options = parser.parse_args(arguments)
    if options.what == "serve":
        serve(options.port)
        return
    if options.what != "gettext" and not MATHJAX.exists():
        sys.exit("MathJax is not there: `npm ci --prefix book` puts it into book/node_modules")
    sphinx(options.what)
    if options.what == "html" and not options.pages:
        jupyterlite()


if __name__ == "__main__":
    main()
