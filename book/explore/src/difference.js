// The V: a finite difference, its step, the two points on the curve and the digits that cancel.

import { Chart, extent, spaced } from "./chart.js";
import { element, formula, named, number, shown, slider, table, teller } from "./dom.js";
import { load } from "./program.js";

const NONE = 1e-17;

export async function difference(root, { program, parameter, loss, derivative }) {
    const f = await load(program);
    const w = f.values[parameter];
    const exact = f()[derivative];
    const ends = (h) => [f({ [parameter]: w + h })[loss], f({ [parameter]: w - h })[loss]];
    const measured = (h) => { const [up, down] = ends(h); return (up - down) / (2 * h); };
    const miss = (h) => Math.max(Math.abs(measured(h) - exact) / Math.abs(exact), NONE);
    const steps = spaced(-14, 0, 141).map((e) => 10 ** e);
    const v = new Chart({
        label: "How far the difference is from the derivative, for every step", x: [1e-14, 1], y: [NONE, 10], xlog: true, ylog: true,
        xlabel: "step h", ylabel: "relative error",
    });
    v.path("curve", steps.map((h) => [h, miss(h)]));
    const near = new Chart({ label: "The loss around the place, and the two points", x: [0, 1], y: [0, 1], xlabel: parameter, ylabel: `loss ${loss}` });
    const numbers = Object.fromEntries(["difference", derivative, "relative error"].map((name) => [name, number(name, NaN, 10)]));
    numbers[derivative].show(exact);
    const digits = { up: element("code"), down: element("code") };
    const said = teller();
    const show = (exponent) => {
        const h = 10 ** exponent;
        const [up, down] = ends(h);
        const seen = Math.max(h, 1e-3) * 1.6;
        const curve = spaced(w - seen, w + seen, 61).map((x) => [x, f({ [parameter]: x })[loss]]);
        near.rescale({ x: [w - seen, w + seen], y: extent(curve.map(([, e]) => e)) });
        near.path("curve", curve);
        near.path("chord", [[w - h, down], [w + h, up]]);
        near.point("place", w + h, up);
        near.point("other", w - h, down);
        v.point("place", h, miss(h));
        numbers.difference.show(measured(h));
        numbers["relative error"].show(miss(h));
        const [a, b] = [up.toPrecision(17), down.toPrecision(17)];
        let same = 0;
        while (same < a.length && a[same] === b[same]) same += 1;
        for (const [place, text] of [[digits.up, a], [digits.down, b]]) {
            place.replaceChildren(element("span", { class: "explore-lost" }, text.slice(0, same)), element("b", {}, text.slice(same)));
        }
        const lost = a.slice(0, same).replace(/^0\.0*|\./g, "").length;
        said.say(`With the step ${shown(h, 2)} the difference misses by ${shown(miss(h), 2)}; ${lost} digits of the two losses are `
            + "the same, and cancel.");
    };
    const control = slider({ label: "step h", low: -14, high: 0, step: 0.1, value: -1, change: show, show: (e) => shown(10 ** e, 2), name: "h" });
    v.ondrag((h) => { const e = Math.log10(Math.min(Math.max(h, 1e-14), 1)); control.set(e); show(e); });
    root.append(control, element("div", { class: "explore-columns" }, v.node, near.node),
        table("the two losses, and their difference", ["quantity", "value"], [
            ["one step up", digits.up], ["one step down", digits.down], ["difference / 2h", numbers.difference], [named(f.tex[derivative], derivative), numbers[derivative]],
            ["relative error", numbers["relative error"]]]), said);
    show(-1);
}
