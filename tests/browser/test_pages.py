"""Every page of the book on a phone, a tablet and a screen: what is seen, reached, heard, fetched, and how soon."""
import html.parser
import json
import urllib.parse
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, SCREENS, SITE, pages

SCRIPT = 500_000          # bytes of script on a page, besides MathJax
chapter = next((name for name in pages() if name.startswith("notebooks/04")), "")

# Whoever reads with a finger: everything that is no link in a line of text.
SMALL = """() => [...document.querySelectorAll("button, select, input, summary, .run-link, .prev-next-footer a, .bd-links a")]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width)
    .filter((one) => { const box = one.getBoundingClientRect(); return box.width < 44 || box.height < 44; })
    .map((one) => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_nothing_is_cut_off_and_nothing_scrolls_sideways(visit, site, measure, path, width):
    page = visit(f"{site}/{path}", width)
    found = measure(page)
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS/f"{Path(path).stem}-{width}.png", full_page=True)
    assert found == {"wide": 0, "cut": [], "wrong": []}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation(visit, site, draw_figures, violations, path, theme):
    page = visit(f"{site}/{path}", 360 if theme == "dark" else 1400, theme)
    draw_figures(page)
    found = violations(page, "main")
    page.screenshot(path=SCREENS/f"{Path(path).stem}-{theme}.png", full_page=True)
    assert found == []


def test_a_finger_finds_its_target(visit, site, path):
    page = visit(f"{site}/{path}", 360)
    assert page.evaluate(SMALL) == []
    page.locator(".primary-toggle >> visible=true").first.click()
    page.wait_for_timeout(300)
    assert page.locator(".bd-links a >> visible=true").count() > 10
    assert page.evaluate(SMALL) == []


def test_a_number_is_typed_on_a_keypad_of_numbers(visit, site, path):
    page = visit(f"{site}/{path}", 360)
    assert page.locator("article input[type=number]:not([inputmode=decimal])").count() == 0


def test_a_formula_is_read_to_whoever_cannot_see_it(visit, site, path):
    page = visit(f"{site}/{path}")
    assert page.locator("mjx-container").count() == page.locator("mjx-container mjx-assistive-mml math").count()


def test_every_picture_is_there_and_says_what_it_shows(visit, site, path):
    page = visit(f"{site}/{path}")
    page.wait_for_load_state("load")
    pictures = page.evaluate("[...document.querySelectorAll('article img')].map((i) => [i.src, i.alt.trim(), i.naturalWidth])")
    assert [src for src, alt, width in pictures if not alt or not width] == []


# Milliseconds until the first text and the last picture.
TIMES = """() => {
    const pictures = performance.getEntriesByType("resource").filter((one) => one.initiatorType === "img");
    return [performance.getEntriesByName("first-contentful-paint")[0].startTime,
            Math.max(0, ...pictures.map((one) => one.responseEnd))];
}"""
# Milliseconds from the moment at which a reader comes to the first figure that answers to the one at which it does.
FIRST = """async () => {
    const figure = document.querySelector("figure.explore");
    if (!figure) return 0;
    const start = performance.now();
    figure.scrollIntoView();
    while (!figure.querySelector(".explore-live")) await new Promise(requestAnimationFrame);
    return performance.now() - start;
}"""
# Bytes of script besides MathJax.
BYTES = """() => performance.getEntriesByType("resource")
    .filter((one) => one.name.split("?")[0].endsWith(".js") && !one.name.includes("/mathjax/"))
    .reduce((sum, one) => sum + one.decodedBodySize, 0)"""


def test_a_page_is_light(visit, site, draw_figures, path):
    """Its text within a second, its figures within two, its script within 500 kB: the best of five, as machines are busy."""
    for _ in range(5):
        page = visit(f"{site}/{path}")
        page.wait_for_load_state("load")
        (text, pictures), first = page.evaluate(TIMES), page.evaluate(FIRST)
        if text < 1000 and pictures < 2000 and first < 2000:
            break
    draw_figures(page)
    script = page.evaluate(BYTES)
    SCREENS.mkdir(parents=True, exist_ok=True)
    with (SCREENS/"weights.csv").open("a", encoding="utf-8") as file:
        file.write(f"{path},{text:.0f},{pictures:.0f},{first:.0f},{script}\n")
    assert text < 1000 and pictures < 2000 and first < 2000 and script <= SCRIPT


class Page(html.parser.HTMLParser):
    """The links of a page, and the places in it that a link can name."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places = [], {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places |= {attributes.get("id"), attributes.get("name")}
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])


def test_every_link_leads_somewhere(path):
    here = SITE/path
    read = {here: Page(here)}
    lost = []
    for link in read[here].links:
        url = urllib.parse.urlsplit(link)
        if url.scheme in ("http", "https", "mailto"):
            continue
        target = (here.parent/urllib.parse.unquote(url.path)).resolve() if url.path else here
        target = target/"index.html" if target.is_dir() else target
        place = urllib.parse.unquote(url.fragment)
        opened = urllib.parse.parse_qs(url.query).get("path", [])
        if not target.is_file() or not all((SITE/"lite"/"files"/name).is_file() for name in opened):
            lost.append(link)
        elif place and place not in read.setdefault(target, Page(target)).places:
            lost.append(link)
    assert read[here].links and lost == []


# Of the article's links to a place on this page or another, those to numbered formulas and the first ones to other places.
REFERENCES = """() => {
    const links = [...document.querySelectorAll("article a.internal[href*='#']")].filter((link) => !link.closest("nav"));
    const numbered = links.filter((link) => /#equation-/.test(link.href));
    return [...new Set([...numbered, ...links.slice(0, 3)].map((link) => link.getAttribute("href")))];
}"""
# Where the place is that the address names, and what of the window is free.
PLACE = """() => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1))).getBoundingClientRect();
    const header = document.querySelector(".bd-header-article").getBoundingClientRect();
    return {top: place.top, free: Math.max(header.bottom, 0), low: innerHeight};
}"""


@pytest.mark.parametrize("width", [360, 1400])
def test_a_reference_leads_to_what_is_then_seen(visit, site, path, width):
    page = visit(f"{site}/{path}", width)
    for link in page.evaluate(REFERENCES):
        page.goto(f"{site}/{path}")
        page.locator(f'article a.internal[href="{link}"]').first.click()
        page.wait_for_function("location.hash")
        page.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
        page.wait_for_timeout(300)
        seen = page.evaluate(PLACE)
        assert seen["free"] - 2 <= seen["top"] < seen["low"], (link, seen)


@pytest.mark.parametrize(("width", "beside"), [
    (360, False), (768, False), (1000, False), (1199, False), (1200, True), (1400, True)])
def test_a_note_stands_in_the_margin_where_there_is_one(visit, site, width, beside):
    """Beside the text, or in it as wide as the text; never over anything, nor outside of the window."""
    page = visit(f"{site}/{chapter}", width)
    text = page.locator("article > section > p").first.bounding_box()
    notes = page.locator("aside.margin").all()
    assert notes
    for note in notes:
        box = note.bounding_box()
        assert box["x"] + box["width"] <= width
        if beside:
            assert box["x"] >= text["x"] + text["width"]
        else:
            assert abs(box["x"] - text["x"]) <= 1 and abs(box["width"] - text["width"]) <= 1


def test_every_chapter_is_a_page_and_runs(path):
    if path.startswith("notebooks/") and not (ROOT/path).with_suffix(".md").is_file():
        assert (ROOT/path).with_suffix(".ipynb").is_file()
        committed = json.loads((ROOT/path).with_suffix(".ipynb").read_text(encoding="utf-8"))
        places = Page(SITE/path).places
        shown = [c["id"] for c in committed["cells"] if c["cell_type"] == "code" and "setup" not in c["metadata"].get("tags", [])]
        assert shown and set(shown) <= places
        assert any(link.endswith(f"lite/lab/index.html?path={path.removeprefix('notebooks/').removesuffix('.html')}.ipynb")
                   for link in Page(SITE/path).links)


def test_one_can_search(visit, site):
    page = visit(f"{site}/search.html?q=fork")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    assert "notebooks/" in page.locator("#search-results li a").first.get_attribute("href")


def test_one_turns_pages(visit, site):
    page = visit(f"{site}/{chapter}")
    page.locator(".prev-next-footer a.right-next").click()
    assert "notebooks/05" in page.url
    page.locator(".prev-next-footer a.left-prev").click()
    assert "notebooks/04" in page.url


def test_one_can_read_in_the_dark(visit, site):
    page = visit(f"{site}/{chapter}", 1400, "dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.locator(".theme-switch-button, .theme-switch-container button >> visible=true").first.click()
    page.get_by_text("Light", exact=True).locator("visible=true").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_page_is_read_without_script(visit, site):
    page = visit(f"{site}/{chapter}", script=False)
    assert page.locator("article img").first.is_visible() and "Forks add" in page.locator("h1").first.inner_text()
