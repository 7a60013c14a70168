"""What it costs to validate the book, beside what as many kernels cost that import the same and do nothing.

    validation()                (seconds of the checks of all notebooks, seconds of the bare kernels), two at a time both
"""
import ast
import os
import re
import runpy
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))


def imports(path):
    """The import statements of a notebook, and the public names whose first use loads a module."""
    import nbformat
    cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    trees = [ast.parse(re.sub(r"^(\s*)%", r"\1pass #", source, flags=re.MULTILINE)) for source in cells]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    lines = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [f"bp.{node.attr}" for node in nodes
             if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "bp"]
    return "\n".join(dict.fromkeys([*lines, *names]))


def bare(code):
    """Start a kernel, let it run the code, and shut it down."""
    from jupyter_client.manager import start_new_kernel
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT / "notebooks"), stderr=subprocess.DEVNULL)
    try:
        reply = client.execute_interactive(code, timeout=120, output_hook=lambda message: None)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the imports of a notebook fail: {reply['content']['evalue']}")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def validation():
    """Seconds of both."""
    import nbval  # noqa: F401  (left out where it is not installed)
    os.environ |= runpy.run_path(str(ROOT / "notebooks" / "build.py"))["KERNEL_ENVIRONMENT"]
    codes = [imports(path) for path in NOTEBOOKS]
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(bare, codes))
    kernels = time.perf_counter() - start
    start = time.perf_counter()
    # As `make test` runs them, without the plugin of the unit tests.
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", "notebooks",
                    *(f"-p{plugin}" for plugin in ("notebooks.startup", "no:cacheprovider", "no:hypothesispytest"))],
                   cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start, kernels


if __name__ == "__main__":
    book, kernels = validation()
    print(f"the book {book:.1f} s, bare kernels {kernels:.1f} s: {book/kernels:.2f}")
