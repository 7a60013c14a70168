// A weight of a cell: what is left of a gradient on its way back through time, step by step, and over the weight.

import { Chart, spaced } from "./chart.js";
import { element, named, number, shown, slider, table, teller } from "./dom.js";
import { load } from "./program.js";

export async function through_time(root, { program, parameter, derivatives, low, high, below, above }) {
    const f = await load(program);
    const steps = derivatives.length + 1;
    const drawn = (value) => Math.min(Math.max(Math.abs(value), below), above);
    const first = derivatives[0];
    const places = spaced(low, high, 121);
    const ends = places.map((w) => [w, drawn(f({ [parameter]: w })[first])]);
    const sizes = ends.map(([, size]) => size);
    const y = [Math.min(...sizes, 0.1) / 3, Math.max(...sizes, 10) * 3];
    const way = new Chart({
        label: `The size of the derivative of the last state by the state of each of ${steps} steps`, x: [1, steps], y,
        ylog: true, xlabel: "step", ylabel: "size of the derivative",
    });
    const sweep = new Chart({
        label: `The size of the derivative by the first state, as ${parameter} goes from ${low} to ${high}`, x: [low, high], y,
        ylog: true, xlabel: parameter, ylabel: "what arrives at step 1",
    });
    way.path("limit", [[1, 1], [steps, 1]]);
    sweep.path("limit", [[low, 1], [high, 1]]);
    sweep.path("curve", ends);
    const [left, each] = [number(first), number("share of a step")];
    const said = teller();
    const show = (w) => {
        const found = f({ [parameter]: w });
        const share = Math.abs(found[first]) ** (1 / (steps - 1));
        way.path("curve", [...derivatives.map((name, i) => [i + 1, drawn(found[name])]), [steps, 1]]);
        way.point("place", 1, drawn(found[first]));
        sweep.upright("place", w);
        sweep.point("place", w, drawn(found[first]));
        left.show(found[first]);
        each.show(share);
        const fate = share < 0.9 ? "it vanishes" : share > 1.1 ? "it explodes" : "much of it arrives";
        said.say(`At ${parameter} = ${shown(w)} a step back leaves ${shown(share, 3)} of the gradient on average, and `
            + `${steps - 1} steps leave ${shown(found[first], 3)}: ${fate}.`);
    };
    const start = f.values[parameter];
    const control = slider({ label: named(f.tex[parameter], parameter), low, high, value: start, change: show, name: parameter });
    sweep.ondrag((x) => { const w = Math.min(Math.max(x, low), high); control.set(w); show(w); });
    root.append(control, element("div", { class: "explore-columns" }, way.node, sweep.node),
        table("what is left", ["quantity", "value"], [[named(f.tex[first], first), left], ["of a step, on average", each]]), said);
    show(start);
}
