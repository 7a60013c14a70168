// The learning rate: the loss over the epochs for the rate under the finger, until it diverges.

import { Chart, spaced } from "./chart.js";
import { element, named, number, shown, slider, table, teller } from "./dom.js";
import { iterate, load } from "./program.js";

export async function rate(root, { program, loss, rate: name, low, high, epochs, stable, start }) {
    const f = await load(program);
    const parameters = Object.fromEntries(Object.keys(f.updates).map((p) => [p, f.values[p]]));
    const run = (eta) => {
        const found = [];
        for (const values of iterate(f, { ...parameters, [name]: eta }, epochs)) {
            found.push(values[loss]);
            if (!Number.isFinite(values[loss]) || Math.abs(values[loss]) > 1e12) break;
        }
        return found;
    };
    const [from, to] = [Math.log10(low), Math.log10(high)];
    const rates = spaced(from, to, 81).map((e) => 10 ** e);
    const ends = rates.map((eta) => { const losses = run(eta); return losses.length > epochs ? losses[epochs] : Infinity; });
    const first = run(rates[0])[0] || 1;
    const floor = Math.max(Math.min(...ends.filter((e) => e > 0)), first * 1e-9);
    const y = [floor / 2, first * 30];
    const losses = new Chart({ label: `The loss over ${epochs} epochs`, x: [0, epochs], y, ylog: true, xlabel: "epoch", ylabel: `loss ${loss}` });
    const sweep = new Chart({
        label: `The loss after ${epochs} epochs for each learning rate`, x: [low, high], y, xlog: true, ylog: true,
        xlabel: `learning rate ${name}`, ylabel: `loss after ${epochs} epochs`,
    });
    sweep.path("curve", rates.map((eta, i) => [eta, Math.min(ends[i], first * 1e3)]));
    if (stable) sweep.upright("limit", stable, "2/\u03bb");
    const end = number("loss after the last epoch");
    const said = teller();
    const show = (exponent) => {
        const eta = 10 ** exponent;
        const found = run(eta);
        const last = found[found.length - 1];
        losses.path("curve", found.map((e, epoch) => [epoch, e]));
        sweep.upright("place", eta);
        end.show(last);
        const trend = found.length <= epochs ? `diverges: after ${found.length - 1} epochs it is beyond all bounds`
            : last > found[0] ? "ends higher than it began" : "falls";
        said.say(`At ${name} = ${shown(eta)} the loss ${trend}` + (stable ? `; 2/\u03bb is ${shown(stable)}.` : "."));
    };
    const control = slider({
        label: named(f.tex[name], name), low: from, high: to, value: Math.log10(start), change: show, show: (e) => shown(10 ** e, 3), name,
    });
    sweep.ondrag((eta) => { const e = Math.log10(Math.min(Math.max(eta, low), high)); control.set(e); show(e); });
    root.append(control, element("div", { class: "explore-columns" }, losses.node, sweep.node),
        table("at the end", ["quantity", "value"], [["loss", end]]), said);
    show(Math.log10(start));
}
