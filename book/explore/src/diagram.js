// Diagrams: circles and arrows where Python's layout put them, with formulas laid over them.

import { select } from "d3-selection";
import { line } from "d3-shape";
import { element, formula } from "./dom.js";

export class Diagram {
    // nodes: [{id, x, y, r, tex: [..]}], edges: [{id, points, tex, at}], in inches, y upwards
    constructor({ width, height, nodes, edges, label }) {
        const svg = select(document.createElementNS("http://www.w3.org/2000/svg", "svg"))
            .attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", label);
        const marker = `explore-arrow-${Diagram.count += 1}`;
        svg.append("marker").attr("id", marker).attr("viewBox", "0 0 8 8").attr("refX", 7).attr("refY", 4)
            .attr("markerUnits", "userSpaceOnUse").attr("markerWidth", 0.17).attr("markerHeight", 0.17).attr("orient", "auto").append("path").attr("d", "M0 0L8 4L0 8Z");
        const curve = line().x(([x]) => x).y(([, y]) => height - y);
        this.edges = new Map(edges.map(({ id, points }) => [id, svg.append("path").attr("class", "explore-edge")
            .attr("d", curve(points)).attr("marker-end", `url(#${marker})`)]));
        this.nodes = new Map(nodes.map(({ id, x, y, r }) => [id, svg.append("circle").attr("class", "explore-node")
            .attr("cx", x).attr("cy", height - y).attr("r", r)]));
        this.node = element("div", { class: "explore-diagram" }, svg.node());
        this.texts = new Map();
        const place = (id, x, y, ...contents) => {
            const made = element("span", { class: this.nodes.has(id) ? "" : "explore-tag" }, ...contents);
            made.style.left = `${100 * x / width}%`;
            made.style.top = `${100 * (1 - y / height)}%`;
            this.node.append(made);
            this.texts.set(id, made);
        };
        for (const { id, x, y, tex } of nodes) place(id, x, y, ...tex.map((name) => formula(name)));
        for (const { id, tex, at } of edges) if (tex) place(id, ...at, formula(tex));
    }

    // In a box of its own, which scrolls where the screen is narrow; reached by the keyboard.
    get boxed() { return element("div", { class: "explore-scroll", tabindex: "0", role: "region", "aria-label": "diagram" }, this.node); }

    // Lights these and puts out the others; `classes` maps ids of nodes and edges to what they are lit as.
    light(classes) {
        for (const [kind, drawn] of [["explore-edge", this.edges], ["explore-node", this.nodes]]) {
            for (const [id, made] of drawn) made.attr("class", `${kind} ${classes[id] ?? ""}`);
        }
    }
}

Diagram.count = 0;
