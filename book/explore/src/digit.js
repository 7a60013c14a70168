// A digit: draw one; the network answers, and shows which pixels its loss would feel.

import { button, choice, element, number, shown, table, teller } from "./dom.js";
import { load } from "./program.js";

export async function digit(root, { program, names, side, ink, paper, shift, factor, labels, samples }) {
    const f = await load(program);
    let picture = Float64Array.from(samples[0]);
    let wanted = "what it says";
    let cursor = 0;
    const cells = Array.from(picture, (_, i) => element("span", { "data-cell": String(i) }));
    const feels = Array.from(picture, () => element("span"));
    const pad = element("div", {
        class: "explore-pad", tabindex: "0", role: "application", "data-input": "pad",
        "aria-label": `A picture of ${side} by ${side} pixels. Arrow keys move, the space bar draws, delete wipes.`,
    }, ...cells);
    const felt = element("div", { class: "explore-pad explore-felt", role: "img", "aria-label": "How much the loss feels each pixel" }, ...feels);
    for (const grid of [pad, felt]) grid.style.gridTemplate = `repeat(${side}, minmax(0, 1fr)) / repeat(${side}, minmax(0, 1fr))`;
    const numbers = labels.map((label) => number(label));
    const bars = labels.map(() => element("span", { class: "explore-bar explore-path-0" }));
    const said = teller();
    const show = () => {
        const X = picture.map((pixel, i) => (pixel - shift[i]) / factor[i]);
        const first = f({ [names.X]: X });
        const answers = Array.from(first[names.shares]);
        const best = answers.indexOf(Math.max(...answers));
        const target = wanted === "what it says" ? best : labels.indexOf(wanted);
        const Y = Float64Array.from(labels, (_, i) => (i === target ? 1 : 0));
        const slope = f({ [names.X]: X, [names.Y]: Y })[names.slope].map((d, i) => d / factor[i]);
        const largest = Math.max(...slope.map(Math.abs), 1e-300);
        answers.forEach((p, i) => { numbers[i].show(p); bars[i].style.width = `${100 * p}%`; });
        cells.forEach((cell, i) => {
            cell.style.background = `rgba(0,0,0,${(picture[i] - paper) / (ink - paper)})`;
            cell.classList.toggle("explore-cursor", i === cursor && document.activeElement === pad);
            const share = Math.abs(slope[i]) / largest;
            feels[i].style.background = slope[i] > 0 ? `rgba(213,94,0,${share})` : `rgba(0,114,178,${share})`;
            feels[i].textContent = share < 0.25 ? "" : slope[i] > 0 ? "+" : "\u2212";
        });
        said.say(`The network says ${labels[best]}, with probability ${shown(answers[best], 3)}.`);
    };
    const put = (i, value) => { if (i >= 0 && i < picture.length) { picture[i] = value; show(); } };
    const draw = (event) => {
        const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-cell]");
        if (cell && pad.contains(cell)) put(Number(cell.dataset.cell), event.buttons === 2 || event.shiftKey ? paper : ink);
    };
    pad.addEventListener("pointerdown", (event) => { event.preventDefault(); pad.focus(); draw(event); });
    pad.addEventListener("pointermove", (event) => { if (event.buttons) draw(event); });
    pad.addEventListener("contextmenu", (event) => event.preventDefault());
    pad.addEventListener("focus", show);
    pad.addEventListener("blur", show);
    pad.addEventListener("keydown", (event) => {
        const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -side, ArrowDown: side };
        if (event.key in moves) cursor = (cursor + moves[event.key] + picture.length) % picture.length;
        else if (event.key === " ") picture[cursor] = picture[cursor] > paper ? paper : ink;
        else if (event.key === "Delete" || event.key === "Backspace") picture[cursor] = paper;
        else return;
        event.preventDefault();
        show();
    });
    let sample = 0;
    root.append(
        choice({ label: "loss if it were", options: ["what it says", ...labels], value: wanted, change: (to) => { wanted = to; show(); }, name: "wanted" }),
        element("div", { class: "explore-buttons" },
            button("wipe", () => { picture.fill(paper); show(); }),
            button("another", () => { sample = (sample + 1) % samples.length; picture = Float64Array.from(samples[sample]); show(); })),
        element("div", { class: "explore-columns explore-narrow" },
            element("figure", {}, pad, element("figcaption", {}, "draw here")),
            element("figure", {}, felt, element("figcaption", {}, "what the loss feels: + more ink, more loss")),
            table("what the network says", ["digit", "probability", ""], labels.map((label, i) =>
                [label, numbers[i], element("span", { class: "explore-bars" }, bars[i])]))), said);
    show();
}
