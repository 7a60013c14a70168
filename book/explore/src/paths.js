// Paths: choose a parameter; its paths light up, with the factors, their numbers and what each path adds.

import { Diagram } from "./diagram.js";
import { choice, element, formula, named, number, shown, slider, table, teller } from "./dom.js";
import { load } from "./program.js";

// A number, and below it its bar.
const adds = (sum, bar) => element("span", { class: "explore-adds" }, sum, element("span", { class: "explore-bars" }, bar));

export async function paths(root, { program, diagram, chains, start, low, high }) {
    const f = await load(program);
    const drawn = new Diagram({ ...diagram, label: "The network; the paths of the chosen parameter are lit" });
    const place = element("div");
    const said = teller();
    const moved = {};
    let chosen = start;
    let refresh = () => {};
    const control = slider({
        label: "", low, high, value: f.values[start], name: "value",
        change: (value) => { moved[chosen] = value; refresh(); },
    });
    const show = (name) => {
        chosen = name;
        const { tex, total, paths: found } = chains[name];
        control.querySelector("label").replaceChildren(named(f.tex[name], name));
        control.set(moved[name] ?? f.values[name]);
        const classes = {};
        found.forEach((path, i) => {
            for (const id of path.lit) classes[id] = `explore-lit explore-path-${(classes[id] ? "shared" : i % 4)}`;
        });
        drawn.light(classes);
        const rows = found.map((path, i) => {
            const factors = path.factors.map((factor) => ({ ...factor, node: number(factor.name) }));
            const sum = number(path.name);
            const bar = element("span", { class: `explore-bar explore-path-${i % 4}` });
            return { path, factors, sum, bar, row: [
                `path ${i + 1}`,
                element("span", { class: "explore-factors" }, ...factors.map(({ tex: factor, node }) =>
                    element("span", {}, formula(factor), node))),
                adds(sum, bar)] };
        });
        const whole = number(total);
        const bar = element("span", { class: "explore-bar explore-total" });
        rows.push({ path: { name: total }, factors: [], sum: whole, bar, row: ["sum", formula(f.tex[total]), adds(whole, bar)] });
        place.replaceChildren(table("each path, and what it adds", ["", "factors", "adds"],
            rows.map(({ row }) => row)), formula(tex, true));
        refresh = () => {
            const values = f(moved);
            const largest = Math.max(...rows.map(({ path }) => Math.abs(values[path.name])), 1e-300);
            for (const { path, factors, sum, bar: drawnBar } of rows) {
                for (const { name: factor, node } of factors) node.show(values[factor]);
                const value = values[path.name];
                sum.show(value);
                drawnBar.style.width = `${50 * Math.abs(value) / largest}%`;
                drawnBar.style.left = value < 0 ? `${50 - 50 * Math.abs(value) / largest}%` : "50%";
            }
            const signs = new Set(found.map((path) => Math.sign(values[path.name])));
            said.say(`${found.length} ${found.length === 1 ? "path leads" : "paths lead"} from ${name} to the loss`
                + (found.length > 1 ? `; they ${signs.size > 1 ? "fight" : "help each other"}` : "")
                + `. The derivative is ${shown(values[total])}.`);
        };
        refresh();
    };
    root.append(choice({ label: "parameter", options: Object.keys(chains), value: start, change: show, name: "parameter" }),
        control, drawn.node, place, said);
    show(start);
}
