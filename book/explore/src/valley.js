// Down the valley: click a start; every optimizer goes its way from there.

import { contours } from "d3-contour";
import { Chart, extent, spaced } from "./chart.js";
import { element, named, number, shown, slider, table, teller } from "./dom.js";
import { iterate, load } from "./program.js";

const SIDE = 90;

export async function valley(root, { program, loss, parameters, x, y, runs, steps }) {
    const f = await load(program);
    const [u, v] = parameters;
    const walkers = await Promise.all(runs.map(async (run) => ({ ...run, f: await load(run.program), eta: run.start })));
    const map = new Chart({ label: `The loss over ${u} and ${v}, and the way of each optimizer`, x, y, xlabel: u, ylabel: v, height: 360 });
    const [xs, ys] = [spaced(...x, SIDE), spaced(...y, SIDE)];
    const grid = ys.flatMap((b) => xs.map((a) => f({ [u]: a, [v]: b })[loss]));
    const sorted = [...grid].sort((a, b) => a - b);
    const levels = spaced(0.02, 0.95, 14).map((share) => sorted[Math.floor(share * (sorted.length - 1))]);
    const place = ([i, j]) => [map.x(x[0] + (x[1] - x[0]) * (i - 0.5) / (SIDE - 1)), map.y(y[0] + (y[1] - y[0]) * (j - 0.5) / (SIDE - 1))];
    for (const level of contours().size([SIDE, SIDE]).thresholds(levels)(grid)) {
        const rings = level.coordinates.flat().map((ring) => `M${ring.map(place).map((p) => p.join(",")).join("L")}Z`);
        map.plot.append("path").attr("class", "explore-contour").attr("d", rings.join(""));
    }
    const falls = new Chart({ label: "The loss of each optimizer, step by step", x: [0, steps], y: [1e-6, 1], ylog: true, xlabel: "step", ylabel: `loss ${loss}` });
    const said = teller();
    const ends = walkers.map(({ name }) => number(name));
    const from = { [u]: f.values[u], [v]: f.values[v] };
    const show = () => {
        const ways = walkers.map((walker) => {
            const start = { ...Object.fromEntries(Object.keys(walker.f.updates).map((p) => [p, walker.f.values[p]])), ...from };
            const way = [...iterate(walker.f, { ...start, [walker.rate]: walker.eta }, steps)];
            return way.map((found) => [found[u], found[v], found[loss]]);
        });
        const all = ways.flat().map(([, , e]) => e).filter((e) => e > 0 && Number.isFinite(e));
        const [low, high] = extent(all.map(Math.log10), 0.03);
        falls.rescale({ y: [Math.max(10 ** low, 1e-16), Math.min(10 ** high, 1e6)] });
        ways.forEach((way, i) => {
            map.path(`way-${i}`, way);
            map.point(`end-${i}`, way[steps][0], way[steps][1]);
            falls.path(`way-${i}`, way.map(([, , e], step) => [step, Math.max(e, 1e-16)]));
            ends[i].show(way[steps][2]);
        });
        map.point("place", from[u], from[v]);
        const best = ways.map((way) => way[steps][2]).reduce((best, e, i, all) => (e < all[best] || !Number.isFinite(all[best]) ? i : best), 0);
        said.say(`From ${u} = ${shown(from[u], 3)}, ${v} = ${shown(from[v], 3)}: after ${steps} steps ${walkers[best].name} is lowest.`);
    };
    const clamp = (value, [low, high]) => Math.min(Math.max(value, low), high);
    const controls = [[u, x], [v, y]].map(([name, range]) => slider({
        label: named(f.tex[name], name), low: range[0], high: range[1], value: from[name], name, change: (value) => { from[name] = value; show(); },
    }));
    map.ondrag((a, b) => {
        [from[u], from[v]] = [clamp(a, x), clamp(b, y)];
        controls.forEach((control, i) => control.set(from[parameters[i]]));
        show();
    });
    const rates = walkers.map((walker) => slider({
        label: `rate of ${walker.name}`, low: Math.log10(walker.low), high: Math.log10(walker.high), value: Math.log10(walker.start),
        show: (e) => shown(10 ** e, 3), name: `rate of ${walker.name}`, change: (e) => { walker.eta = 10 ** e; show(); },
    }));
    root.append(...controls, element("div", { class: "explore-columns" }, map.node, falls.node), ...rates,
        table(`the loss after ${steps} steps`, ["optimizer", "loss"], walkers.map(({ name }, i) => [
            element("span", { class: `explore-key explore-key-${i}` }, name), ends[i]])), said);
    show();
}
