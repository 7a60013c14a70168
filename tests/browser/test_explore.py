"""Figures that answer, in a real browser: moved by their sliders, choices and keys, they show the numbers of Python.

Skipped where Playwright or Chromium is missing: `make browser-test` installs the one and looks for the other.
"""
import html
import json
import math
import shutil

import numpy as np
import pytest

import backprop_sym as bp
from backprop_sym.teach.explorable import MIME, STATIC
from tests.teach.test_explore import BOWL, CELL, FIGURES, GATES, LINE, NET, SCALAR, SOURCE, VALUES, numbers

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><link rel="icon" href="data:,">
<style>figure {{ margin: 0; }}</style>
<figure data-explore="{name}"><img alt="{alt}" src="data:image/png;base64,{png}">
<script type="application/json">{data}</script></figure>
<script type="module">
import {{ mount }} from "./explore.js";
const figure = document.querySelector("figure");
await mount(figure, JSON.parse(figure.querySelector("script").textContent));
document.body.dataset.ready = "yes";
</script></html>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, serve):
    folder = tmp_path_factory.mktemp("pages")
    shutil.copy(STATIC/"explore.js", folder)

    return folder, serve(folder)


@pytest.fixture
def opened(browser, server):
    """A function that puts a figure on a page and opens that; errors of the page fail the test."""
    folder, address = server
    pages, errors = [], []

    def open_page(figure, width=900, script=True, **how):
        bundle = figure._repr_mimebundle_()[0]
        name = f"page{len(list(folder.iterdir()))}.html"
        (folder/name).write_text(PAGE.format(
            name=figure.name, alt=html.escape(figure.alt, quote=True), png=bundle["image/png"],
            data=json.dumps(bundle[MIME]).replace("<", "\\u003c")), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script, **how)
        page = context.new_page()
        pages.append(context)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        own = address, "data:", "blob:"
        page.on("request", lambda request: None if request.url.startswith(own) else errors.append(request.url))
        page.goto(f"{address}/{name}")
        if script:
            page.wait_for_selector("body[data-ready]", timeout=20_000)
        return page

    yield open_page
    for context in pages:
        context.close()
    assert errors == []


def shown(page):
    """{name: number} of all that stands on the page, to its last digit."""
    return {name: float(value) for name, value in page.evaluate(
        "[...document.querySelectorAll('data[data-name]')].map(d => [d.dataset.name, d.getAttribute('value')])")
        if value != "NaN"}


def slide(page, name, value):
    page.locator(f"input[data-input='{name}']").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", str(value))
    return float(page.locator(f"input[data-input='{name}']").input_value())


def agree(found, expected, names=None):
    for name in names or expected:
        assert found[name] == pytest.approx(float(expected[name]), rel=1e-12, abs=1e-15), name


@pytest.mark.parametrize("net, values, name", [(NET, VALUES, "w5"), (NET, VALUES, "b1"), (SCALAR, numbers(SCALAR), "w")])
@pytest.mark.parametrize("to", [-1.25, 0.7, 2.1])
def test_one_weight(opened, net, values, name, to):
    page = opened(bp.explore.weight(net, values, name))
    w = slide(page, name, to)
    moved = {**values, name: w}
    found = shown(page)
    agree(found, bp.lambdify(net)(moved))
    assert found[f"d({net.loss})/d({name})"] == pytest.approx(float(bp.chain(net, name).at(moved).value), rel=1e-12)
    assert found["measured"] == pytest.approx(found[f"d({net.loss})/d({name})"], rel=1e-5, abs=1e-9)


def test_one_weight_by_key_and_finger(opened):
    page = opened(bp.explore.weight(NET, VALUES, "w5"))
    before = shown(page)
    page.locator("input[data-input=w5]").focus()
    page.keyboard.press("ArrowRight")
    by_key = shown(page)
    assert by_key["E_total"] > before["E_total"]
    box = page.locator("svg").bounding_box()
    page.mouse.move(box["x"] + box["width"]*0.4, box["y"] + box["height"]*0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"]*0.3, box["y"] + box["height"]*0.5)
    page.mouse.up()
    assert shown(page)["E_total"] < before["E_total"]
    assert page.locator("[role=status]").text_content().startswith("At w5 = ")


@pytest.mark.parametrize("net, values", [(NET, VALUES), (SCALAR, numbers(SCALAR))])
def test_paths(opened, net, values):
    page = opened(bp.explore.paths(net, values))
    for p in map(str, net.parameters):
        page.select_option("select[data-input=parameter]", p)
        moved = slide(page, "value", 0.625)
        values = {**values, p: moved}
        chain, found = bp.chain(net, p).at(values), shown(page)
        sums = [value for name, value in found.items() if name.startswith(f"{p}_path")]
        assert sums == pytest.approx([float(path.contribution) for path in chain.paths], rel=1e-12)
        assert sum(sums) == pytest.approx(float(chain.value), rel=1e-12)
        assert page.locator("path.explore-lit").count() >= 1


@pytest.mark.parametrize("net, values", [(NET, VALUES), (SCALAR, numbers(SCALAR))])
def test_the_backward_pass_step_by_step(opened, net, values):
    page, back = opened(bp.explore.backward(net, values)), bp.reverse(net)
    exact = bp.lambdify(net + back)(values)
    for _ in net:
        page.click("button[data-input=step]")
    agree(shown(page), {str(e.lhs): exact[str(e.lhs)] for e in net})
    assert not any(name.startswith("d(") for name in shown(page))
    slide(page, "step", len(net) + len(back))
    found = shown(page)
    agree(found, {back.spelled[e.lhs]: exact[back.spelled[e.lhs]] for e in back})
    page.click("button[data-input=back]")
    assert back.spelled[back.equations[-1].lhs] not in shown(page)


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.39])
def test_the_learning_rate(opened, rate):
    start = {"x1": 2, "y1": 1, "w1": 0, "b1": 0}
    page = opened(bp.explore.rate(LINE, start, epochs=25))
    exponent = slide(page, "eta", math.log10(rate))
    found = shown(page)["loss after the last epoch"]
    exact = bp.fit(LINE, start, learning_rate=10**exponent, epochs=25).loss[-1]
    assert found == pytest.approx(exact, rel=1e-9, abs=1e-28)
    assert "0.4" in page.locator("[role=status]").text_content()


def test_the_learning_rate_beyond_its_bound(opened):
    page = opened(bp.explore.rate(LINE, {"x1": 2, "y1": 1, "w1": 0, "b1": 0}, epochs=200))
    slide(page, "eta", math.log10(0.9))
    assert "diverges" in page.locator("[role=status]").text_content()


@pytest.mark.parametrize("exponent", [-1, -5, -11])
def test_the_step_of_a_difference(opened, exponent):
    page = opened(bp.explore.difference(NET, VALUES, "w1"))
    h = 10**slide(page, "h", exponent)
    found, f = shown(page), bp.lambdify(NET)
    w = float(VALUES["w1"])
    measured = (f({**VALUES, "w1": w + h})["E_total"] - f({**VALUES, "w1": w - h})["E_total"])/(2*h)
    assert found["difference"] == pytest.approx(measured, rel=1e-12, abs=4e-17/h)      # a unit in the last place of a loss
    assert found["d(E_total)/d(w1)"] == pytest.approx(float(bp.chain(NET, "w1").at(VALUES).value), rel=1e-12)


@pytest.mark.parametrize(("cell", "name", "state", "values", "to"), [
    (CELL, "u", "h", {"u": 1, "x": 0}, 0.7), (CELL, "u", "h", {}, 1.6), (CELL, "w", "h", {"u": 1.2}, -0.5),
    (GATES, "b_f_1", "C_1_1", {}, 1.25)])
def test_through_time(opened, cell, name, state, values, to):
    """What is left of the gradient is the product of the factors of all steps."""
    values = {**numbers(cell), **values}
    page = opened(bp.explore.through_time(cell, values, name, state, steps=5))
    values[name] = slide(page, name, to)
    whole = bp.unroll_in_time(cell, 5)
    first, last = f"{state}_time1", f"{state}_time5"
    given = {str(s): values[str(s).partition("_time")[0]] for s in whole.given}
    exact = float(bp.chain(whole, first, of=last).at(given).value)
    found = shown(page)
    assert found[f"d({last})/d({first})"] == pytest.approx(exact, rel=1e-12)
    assert found["share of a step"] == pytest.approx(abs(exact)**(1/4), rel=1e-12)
    words = page.locator("[role=status]").text_content()
    assert ("vanishes" in words) == (abs(exact)**(1/4) < 0.9) and ("explodes" in words) == (abs(exact)**(1/4) > 1.1)


def test_down_the_valley(opened):
    optimizers = {"gradient descent": bp.GradientDescent(), "ball": bp.Momentum("0.8"), "Adam": bp.Adam()}
    page = opened(bp.explore.valley(BOWL, {"u": 1, "v": 1}, optimizers, steps=30))
    start = {"u": slide(page, "u", -1.5), "v": slide(page, "v", 0.5)}
    rate = 10**slide(page, "rate of Adam", -1)
    for name, optimizer in optimizers.items():
        run = bp.fit(BOWL, start, optimizer=optimizer, learning_rate=rate if name == "Adam" else 0.05, epochs=30)
        assert shown(page)[name] == pytest.approx(run.loss[-1], rel=1e-9), name


def test_space_bends(opened):
    figure = FIGURES["space"]()
    page = opened(figure)
    page.click("button[data-input='100 epochs']")
    page.click("button[data-input='100 epochs']")
    X, Y = np.array(figure.data["points"], dtype=float), np.array(figure.data["classes"], dtype=float)[:, None]
    net = bp.dense([2, 2, 1], ["tanh", "sigmoid"], form="matrix")
    run = bp.fit(net, bp.start(net, seed=2), samples={"X": X, "Y": Y}, learning_rate=1.0, epochs=200)
    found = shown(page)
    assert page.locator("circle.explore-class-0").count() == page.locator("rect.explore-class-1").count() == 2*2
    assert found["epochs"] == 200 and found["E_total"] == pytest.approx(run.loss[-1], rel=1e-9)


def test_a_digit(opened):
    figure = FIGURES["digit"]()
    page = opened(figure)
    page.click("button[data-input=wipe]")
    page.locator("[data-input=pad]").focus()
    for key in ("ArrowDown", "ArrowRight", " "):
        page.keyboard.press(key)
    drawn = np.zeros((1, 16))
    drawn[0, 5] = 1
    net = bp.dense([16, 5, 3], ["tanh", "softmax"], "cross_entropy", form="matrix")
    values = {**figure.data["program"]["values"], "X": drawn}
    exact = bp.lambdify(net)({name: np.asarray(value) for name, value in values.items()})["Yhat"][0]
    agree(shown(page), dict(zip("012", exact, strict=True)))


@pytest.mark.parametrize("text, verdict, words", [
    ("0.000483", "ok", "Right"), ("0.000694690", "wrong", "the path through yhat2 is left out"),
    ("-0.000483364", "wrong", "sign"),
    ("5", "wrong", "no mistake"), ("x", "", "no decimal"), ("e5e", "", "no decimal"), ("1/3", "", "no decimal"),
    ("1e999", "", "no decimal"), ("\u221e", "", "no decimal"), ("<b>", "", "no decimal"),
    (" \u22120.5 ", "wrong", "Not right"), ("0,000483", "ok", "Right"), ("", "", "")])
def test_your_number(opened, text, verdict, words):
    page = opened(bp.explore.answer(SOURCE, "d(E_total)/d(w1)"))
    page.fill("input[data-input=answer]", text)
    assert page.locator(".explore-live").get_attribute("data-verdict") == verdict
    assert words in page.locator("[role=status]").text_content()


@pytest.mark.parametrize("text", ["-", "+", ".", "-.", ",", "1e", "-2.5e-", "\u2212", " "])
def test_a_number_that_is_not_finished_is_not_judged(opened, text):
    page = opened(bp.explore.answer(SOURCE, "d(E_total)/d(w1)"))
    page.fill("input[data-input=answer]", "x")
    page.fill("input[data-input=answer]", text)
    assert page.locator("[role=status]").text_content() == "" == page.locator(".explore-live").get_attribute("data-verdict")


@pytest.mark.parametrize("width", [360, 768, 1400])
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_wider_than_the_page(opened, name, width):
    page = opened(FIGURES[name](), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator(".explore-live :is(input, select, button)").all():
        assert control.bounding_box()["height"] >= 44


# Letters that are too small to be read, those that lie on others, tables that are wider than the page, numbers that do not stand
# beside their slider, numbers that are wider than the circle around them.
UNREAD = """() => {
    const boxes = (selector) => [...document.querySelectorAll(selector)].map((one) => [one, one.getBoundingClientRect()]);
    const meet = (a, b) => a.left + 2 < b.right && b.left + 2 < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
    const found = [];
    for (const text of document.querySelectorAll("svg text")) {
        const size = parseFloat(getComputedStyle(text).fontSize)*text.getScreenCTM().a;
        if (text.textContent && size < 11) found.push(`${text.textContent}: ${size.toFixed(1)} pixels`);
    }
    for (const svg of document.querySelectorAll("svg")) {
        const names = [...svg.querySelectorAll(".explore-axis text, .explore-name")];
        const texts = names.map((one) => [one, one.getBoundingClientRect()]);
        texts.forEach(([one, a], i) => texts.slice(i + 1).forEach(([other, b]) => {
            if (meet(a, b)) found.push(`${one.textContent} on ${other.textContent}`);
        }));
    }
    for (const table of document.querySelectorAll("table")) if (table.scrollWidth > table.clientWidth) found.push("a table");
    for (const [, slide] of boxes(".explore-slide")) if (slide.height > 48) found.push("a slider");
    const widest = Math.min(...boxes(".explore-node").map(([, box]) => box.width));
    for (const [number, box] of boxes(".explore-diagram data")) if (box.width > widest) found.push(number.textContent);
    return found;
}"""


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("name", FIGURES)
def test_all_is_read_wherever_the_sliders_stand(opened, name, width):
    """At both ends of every slider, on a phone and on a screen; an error of the page, of a path for instance, fails as well."""
    page = opened(FIGURES[name](), width)
    assert page.evaluate(UNREAD) == []
    for end in ("max", "min"):
        for control in page.locator("input[type=range]").all():
            control.evaluate("(input, end) => { input.value = input[end]; input.dispatchEvent(new Event('input')); }", end)
        assert page.evaluate(UNREAD) == []
        words = page.locator("[role=status]").text_content()
        assert "NaN" not in words and "undefined" not in words
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_pixels_of_a_picture_are_alike(opened):
    """Where the loss feels one of them alone, and a sign stands in one row, as well."""
    net = bp.dense([144, 3], "softmax", "cross_entropy", form="matrix")
    page = opened(bp.explore.digit(net, {"W1": np.eye(144)[:, :3], "b1": np.zeros(3)}, np.eye(144)[:1]))
    sizes = page.evaluate("[...document.querySelectorAll('.explore-pad > span')].flatMap(p => [p.offsetWidth, p.offsetHeight])")
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("name", ["backward", "space"])
def test_nothing_moves_by_itself_for_whoever_does_not_want_it(opened, name):
    """There is nothing to press that would; every step can be made all the same."""
    still = opened(FIGURES[name](), reduced_motion="reduce").locator("button").all_text_contents()
    moving = opened(FIGURES[name]()).locator("button").all_text_contents()
    assert {"play", "train"} & set(moving) and not {"play", "train"} & set(still) and len(still) == len(moving) - 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_axe_finds_no_violation_in_a_figure(opened, violations, name, theme):
    page = opened(FIGURES[name]())
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    if theme == "dark":
        page.evaluate("Object.assign(document.body.style, {background: '#121212', color: '#ced6dd', colorScheme: 'dark'})")
    assert violations(page, ".explore-live") == []


def test_without_script_the_picture_remains(opened):
    page = opened(FIGURES["weight"](), script=False)
    assert page.locator("img").get_attribute("alt") == FIGURES["weight"]().alt
