// The backward pass: one equation a step; the forward values first, then the adjoints, filling from the loss down.

import { Diagram } from "./diagram.js";
import { button, element, formula, shown, slider, still, teller } from "./dom.js";
import { load } from "./program.js";

const PAUSE = 900;   // milliseconds from step to step while it plays

export async function backward(root, { program, diagram, steps }) {
    const f = await load(program);
    const values = f();
    const drawn = new Diagram({ ...diagram, label: "The graph of the computation; values first, then adjoints" });
    const equation = element("div", { class: "explore-equation" });
    const said = teller();
    const numbers = new Map();
    for (const { id } of diagram.nodes) {
        const made = { value: element("data", { class: "explore-value" }), adjoint: element("data", { class: "explore-adjoint" }) };
        drawn.texts.get(id).append(made.value, made.adjoint);
        numbers.set(id, made);
    }
    const wipe = (place) => { place.textContent = ""; place.removeAttribute("data-name"); place.removeAttribute("value"); };
    let at = 0;
    let clock = null;
    const show = (step) => {
        at = Math.min(Math.max(Math.round(step), 0), steps.length);
        control.set(at);
        for (const { value, adjoint } of numbers.values()) for (const one of [value, adjoint]) wipe(one);
        const classes = {};
        const put = (name, node, kind) => {
            const place = numbers.get(node)[kind];
            place.setAttribute("data-name", name);
            place.setAttribute("value", String(values[name]));
            place.textContent = shown(values[name], 3);
        };
        for (const name of program.given) put(name, name, "value");
        for (const { name, node, kind } of steps.slice(0, at)) {
            put(name, node, kind);
            classes[node] = `explore-done-${kind}`;
        }
        const now = steps[at - 1];
        if (now) {
            classes[now.node] = `explore-now-${now.kind}`;
            for (const id of now.edges) classes[id] = `explore-lit explore-now-${now.kind}`;
            equation.replaceChildren(formula(now.tex, true));
            said.say(`Step ${at} of ${steps.length}, ${now.kind === "value" ? "forward" : "backward"}: ${now.name} is ${shown(values[now.name])}.`);
        } else {
            equation.replaceChildren();
            said.say("Nothing is computed yet.");
        }
        drawn.light(classes);
    };
    const stop = () => { clearInterval(clock); clock = null; play.textContent = "play"; };
    const play = button("play", () => {
        if (clock) return stop();
        if (at === steps.length) show(0);
        play.textContent = "pause";
        clock = setInterval(() => (at < steps.length && root.isConnected ? show(at + 1) : stop()), PAUSE);
    });
    const by = (n) => () => { stop(); show(at + n); };
    const control = slider({
        label: "step", low: 0, high: steps.length, step: 1, value: 0, change: (step) => { stop(); show(step); }, show: String, name: "step",
    });
    const row = element("div", { class: "explore-buttons" }, button("back", by(-1)), still() ? null : play, button("step", by(1)));
    root.append(control, row, drawn.boxed, equation, said);
    show(0);
}
