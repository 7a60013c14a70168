"""How fast the figures that answer are: until one is drawn, and from a move to the numbers, in a browser without a window.

    python benchmarks/figures.py        needs Playwright and Chromium, as `make browser-test` has them

A move is the event of a slider, a choice or a button, sent by script; the time is until everything on the page is written, before
the browser paints. What is drawn per frame while a network trains is bounded in the module itself.
"""
import functools
import http.server
import json
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from backprop_sym.teach.explorable import STATIC  # noqa: E402
from tests.teach.test_explore import FIGURES  # noqa: E402

PAGE = """<!doctype html><link rel="icon" href="data:,"><figure></figure><script type="module">
import {{ mount }} from "./explore.js";
const figure = {data}, began = performance.now();
await mount(document.querySelector("figure"), figure);
window.drawn = performance.now() - began;
</script>"""
MOVES = """() => {
    const times = [], root = document.querySelector(".explore-live");
    const slider = root.querySelector("input[type=range]:not([data-input=rate])"), text = root.querySelector("input[type=text]");
    const press = root.querySelector("[data-input='another'], [data-input='100 epochs']");
    for (let k = 0; k < 60; k += 1) {
        const began = performance.now();
        if (press) press.click();
        else if (slider) {
            slider.value = Number(slider.min) + (Number(slider.max) - Number(slider.min))*((k*37) % 60)/60;
            slider.dispatchEvent(new Event("input"));
        } else { text.value = `0.${k + 100}`; text.dispatchEvent(new Event("input")); }
        times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    return [times[30], times[57]];
}"""


def main():
    """Print a table: the figure, milliseconds until it is drawn, and for a move, the median and the 95th of a hundred."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        shutil.copy(STATIC/"explore.js", folder)
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
        http.server.SimpleHTTPRequestHandler.log_message = lambda *arguments: None
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print(f"script: {(STATIC/'explore.js').stat().st_size/1000:.0f} kB")
        print(f"{'figure':20}{'drawn, ms':>12}{'move, ms':>12}{'95 %, ms':>12}")
        for name, make in FIGURES.items():
            figure = make()
            data = json.dumps({"name": figure.name, "data": figure.data})
            Path(folder, "page.html").write_text(PAGE.format(data=data), "utf-8")
            page = browser.new_page(viewport={"width": 900, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/page.html")
            page.wait_for_function("window.drawn !== undefined")
            median, most = page.evaluate(MOVES)
            print(f"{name:20}{page.evaluate('window.drawn'):12.1f}{median:12.2f}{most:12.2f}")
            page.close()
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
