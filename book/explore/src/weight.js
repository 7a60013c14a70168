// One weight: slide it; the forward pass, the loss, the tangent and its slope follow.

import { Chart, extent, spaced } from "./chart.js";
import { element, named, number, shown, slider, table, teller } from "./dom.js";
import { load } from "./program.js";

export async function weight(root, { program, parameter, loss, derivative, low, high, nudge, forward }) {
    const f = await load(program);
    const places = spaced(low, high, 121);
    const curve = places.map((w) => [w, f({ [parameter]: w })[loss]]);
    const chart = new Chart({
        label: `The loss ${loss} as ${parameter} goes from ${low} to ${high}, with its tangent at the chosen place`,
        x: [low, high], y: extent(curve.map(([, e]) => e)), xlabel: parameter, ylabel: `loss ${loss}`,
    });
    chart.path("curve", curve);
    const numbers = Object.fromEntries([...forward, derivative, "measured"].map((name) => [name, number(name)]));
    const said = teller();
    const show = (w) => {
        const found = f({ [parameter]: w });
        const rise = f({ [parameter]: w + nudge })[loss] - f({ [parameter]: w - nudge })[loss];
        for (const name of [...forward, derivative]) numbers[name].show(found[name]);
        numbers.measured.show(rise / (2 * nudge));
        const slope = found[derivative];
        chart.path("tangent", [low, high].map((x) => [x, found[loss] + slope * (x - w)]));
        chart.point("place", w, found[loss]);
        const way = Math.abs(slope) < 1e-12 ? "neither way" : slope > 0 ? "up" : "down";
        said.say(`At ${parameter} = ${shown(w)} the loss is ${shown(found[loss])}; a larger ${parameter} moves it ${way}, `
            + `at the rate ${shown(slope)}.`);
    };
    const start = f.values[parameter];
    const control = slider({ label: named(f.tex[parameter], parameter), low, high, value: start, change: show, name: parameter });
    chart.ondrag((x) => { const w = Math.min(Math.max(x, low), high); control.set(w); show(w); });
    root.append(control, element("div", { class: "explore-columns" }, chart.node, element("div", {},
        table("the forward pass", ["quantity", "value"], forward.map((name) => [named(f.tex[name], name), numbers[name]])),
        table("the slope", ["how", "value"], [
            [named(f.tex[derivative], derivative), numbers[derivative]],
            ["rise over run", numbers.measured]]))), said);
    show(start);
}
