// Bending space: a small network trains while one watches; what it answers over the plane, its boundary, its loss.

import { contours } from "d3-contour";
import { Chart, extent, spaced } from "./chart.js";
import { button, element, number, shown, slider, still, table, teller } from "./dom.js";
import { load, updated } from "./program.js";

const SIDE = 41;
const LONGEST = 12;   // milliseconds of training in one picture

export async function space(root, { program, forward, names, points, classes, x, y, rate, low, high }) {
    const [step, answer] = await Promise.all([load(program), load(forward)]);
    const grid = Float64Array.from(spaced(...y, SIDE).flatMap((b) => spaced(...x, SIDE).flatMap((a) => [a, b])));
    const empty = new Float64Array(SIDE * SIDE);
    const plane = new Chart({ label: "The points, and where the network answers one half", x, y, xlabel: "x1", ylabel: "x2", width: 400, height: 360 });
    const bent = names.hidden && new Chart({
        label: "The same points and the same grid, as the two hidden units see them", x: [0, 1], y: [0, 1],
        xlabel: "hidden unit 1", ylabel: "hidden unit 2", width: 400, height: 360,
    });
    const fall = new Chart({ label: "The loss, epoch by epoch", x: [0, 100], y: [1e-3, 1], ylog: true, xlabel: "epoch", ylabel: `loss ${names.loss}`, width: 400, height: 240 });
    const loss = number(names.loss);
    const epochs = number("epochs", 0, 7);
    const said = teller();
    let [state, kept, eta, playing] = [null, [], rate, false];
    const dots = (chart, places, key) => places.forEach(([a, b], i) => {
        const made = chart.named(classes[i] ? "rect" : "circle", `${key}-${i}`, chart.above).attr("class", `explore-class-${classes[i]}`);
        if (!classes[i]) made.attr("cx", chart.x(a)).attr("cy", chart.y(b)).attr("r", 4.5);
        else made.attr("x", chart.x(a) - 4).attr("y", chart.y(b) - 4).attr("width", 8).attr("height", 8);
    });
    const draw = () => {
        const over = answer({ ...state, [names.X]: grid, [names.Y]: empty });
        const at = ([i, j]) => [plane.x(x[0] + (x[1] - x[0]) * (i - 0.5) / (SIDE - 1)), plane.y(y[0] + (y[1] - y[0]) * (j - 0.5) / (SIDE - 1))];
        for (const level of contours().size([SIDE, SIDE]).thresholds([0.1, 0.3, 0.5, 0.7, 0.9])(Array.from(over[names.Yhat]))) {
            plane.named("path", `level-${Math.round(level.value * 10)}`, plane.plot)
                .attr("d", level.coordinates.flat().map((ring) => `M${ring.map(at).map((p) => p.join(",")).join("L")}Z`).join(""));
        }
        if (bent) {
            const h = over[names.hidden];
            const every = (first) => extent(Array.from(h).filter((_, i) => i % 2 === first));
            bent.rescale({ x: every(0), y: every(1) });
            const places = spaced(0, SIDE - 1, 11).map(Math.round);
            const to = (i) => [bent.x(h[2 * i]), bent.y(h[2 * i + 1])].join(",");
            const lines = places.flatMap((k) => [spaced(0, SIDE - 1, SIDE).map((i) => to(k * SIDE + i)), spaced(0, SIDE - 1, SIDE).map((i) => to(i * SIDE + k))]);
            bent.named("path", "grid", bent.plot).attr("d", lines.map((one) => `M${one.join("L")}`).join(""));
            const own = answer(state)[names.hidden];
            dots(bent, points.map((_, i) => [own[2 * i], own[2 * i + 1]]), "bent");
        }
        const every = Math.max(1, Math.floor(kept.length / 200));
        const seen = kept.filter((_, i) => i % every === 0);
        const [bottom, top] = extent(seen.map((e) => Math.log10(Math.max(e, 1e-12))));
        fall.rescale({ x: [0, Math.max(kept.length - 1, 10)], y: [10 ** bottom, 10 ** top] });
        fall.path("curve", seen.map((e, i) => [i * every, Math.max(e, 1e-12)]));
        loss.show(kept[kept.length - 1]);
        epochs.show(kept.length - 1);
    };
    const train = (most, until = Infinity) => {
        for (let epoch = 0; epoch < most && performance.now() < until; epoch += 1) {
            state = updated(step, state, step({ ...state, [names.rate]: eta }));
            kept.push(answer(state)[names.loss]);
            if (!Number.isFinite(kept[kept.length - 1])) return stop();
        }
        return draw();
    };
    const tell = () => said.say(`After ${kept.length - 1} epochs the loss is ${shown(kept[kept.length - 1], 3)}.`);
    const restart = () => {
        state = Object.fromEntries(Object.keys(step.updates).map((name) => [name, step.values[name]]));
        kept = [answer(state)[names.loss]];
        draw();
        tell();
    };
    const stop = () => { playing = false; play.textContent = "train"; draw(); tell(); };
    const frame = () => {
        if (!playing || !root.isConnected) return;
        train(50, performance.now() + LONGEST);
        requestAnimationFrame(frame);
    };
    const play = button("train", () => {
        if (playing) return stop();
        playing = true;
        play.textContent = "pause";
        return requestAnimationFrame(frame);
    });
    const control = slider({
        label: "learning rate", low: Math.log10(low), high: Math.log10(high), value: Math.log10(rate), show: (e) => shown(10 ** e, 3),
        name: "rate", change: (e) => { eta = 10 ** e; },
    });
    dots(plane, points, "point");
    root.append(control, element("div", { class: "explore-buttons" }, still() ? null : play,
        button("100 epochs", () => { train(100); tell(); }), button("start again", () => { playing = false; play.textContent = "train"; restart(); })),
    element("div", { class: "explore-columns" }, plane.node, bent ? bent.node : null, fall.node),
    table("the run", ["quantity", "value"], [["epochs", epochs], ["loss", loss]]), said);
    restart();
}
