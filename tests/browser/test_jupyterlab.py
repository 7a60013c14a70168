"""Every chapter runs from top to bottom in JupyterLab, as a reader runs it: opened in a browser, Run All Cells."""
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

from tests.browser.conftest import ROOT, SCREENS

NOTEBOOKS = ROOT/"notebooks"
CHAPTERS = sorted(path.relative_to(NOTEBOOKS).as_posix() for path in NOTEBOOKS.rglob("*.ipynb")
                  if ".ipynb_checkpoints" not in path.parts)
SECONDS = 600           # of one chapter: chapter 11 trains for a minute or two, and machines are busy


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab over a copy of the chapters."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: make browser-test")
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, folder/"notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", f"--ServerApp.root_dir={folder}",
         "--IdentityProvider.token=", "--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True",
         "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, "JupyterLab ended"
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def needs(name):
    """The packages that cells of a chapter are tagged with."""
    cells = nbformat.read(NOTEBOOKS/name, 4).cells
    return sorted({"torch", "jax"} & {tag for cell in cells for tag in cell.metadata.get("tags", [])})


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_runs_from_top_to_bottom(browser, lab, run_all, name):
    for package in needs(name):
        pytest.importorskip(package, reason=f"{package} is not installed, and cells of the chapter need it")
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(f"{lab}/lab/workspaces/{name.replace('/', '-').removesuffix('.ipynb')}/tree/notebooks/{name}")
    cells = run_all(page, SECONDS)
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS/f"jupyterlab-{name.replace('/', '-').removesuffix('.ipynb')}.png")
    meant = [cell for cell in cells if "raises-exception" in cell["metadata"].get("tags", [])]
    errors = [(cell["source"][:200], out["evalue"]) for cell in cells if cell not in meant for out in cell["outputs"]
              if out["output_type"] == "error"]
    assert errors == [] and cells and all(cell["execution_count"] for cell in cells)
    context.close()
