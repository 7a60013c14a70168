// Charts: axes, lines and points in an SVG that fills the width it is given.

import { axisBottom, axisLeft } from "d3-axis";
import { scaleLinear, scaleLog } from "d3-scale";
import { select } from "d3-selection";
import { line } from "d3-shape";
import { power } from "./dom.js";

const MARGIN = { top: 30, right: 16, bottom: 46, left: 76 };
const LETTER = 7.5;      // the width of a digit on an axis
const FARTHEST = 1e4;    // beyond the frame nothing is drawn, and no path holds numbers so large

export class Chart {
    constructor({ label, x, y, xlabel, ylabel, xlog = false, ylog = false, width = 400, height = 270 }) {
        // On a phone as wide as the page, so that letters keep their size.
        const room = Math.min(width, Math.max(document.documentElement.clientWidth - 32, 280));
        [width, height] = [room, Math.max(220, height * room / width)];
        this.inner = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
        this.svg = select(document.createElementNS("http://www.w3.org/2000/svg", "svg"))
            .attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", label);
        this.x = (xlog ? scaleLog() : scaleLinear()).domain(x).range([this.inner.left, this.inner.right]);
        this.y = (ylog ? scaleLog() : scaleLinear()).domain(y).range([this.inner.bottom, this.inner.top]);
        this.ylog = ylog;
        this.xlog = xlog;
        this.clip = `explore-clip-${Chart.count += 1}`;
        this.svg.append("clipPath").attr("id", this.clip).append("rect").attr("x", this.inner.left).attr("y", this.inner.top)
            .attr("width", this.inner.right - this.inner.left).attr("height", this.inner.bottom - this.inner.top);
        this.axisX = this.svg.append("g").attr("class", "explore-axis").attr("transform", `translate(0,${this.inner.bottom})`);
        this.axisY = this.svg.append("g").attr("class", "explore-axis").attr("transform", `translate(${this.inner.left},0)`);
        this.svg.append("text").attr("class", "explore-name").attr("text-anchor", "middle")
            .attr("x", (this.inner.left + this.inner.right) / 2).attr("y", height - 8).text(xlabel);
        this.svg.append("text").attr("class", "explore-name").attr("x", 2).attr("y", 14).text(ylabel);
        this.plot = this.svg.append("g").attr("clip-path", `url(#${this.clip})`);
        this.above = this.svg.append("g");
        this.axes();
    }

    // The node that belongs into the page.
    get node() { return this.svg.node(); }

    axes() {
        const ticks = (scale, log) => log ? scale.ticks(5).filter((v) => Math.abs(Math.log10(v) % 1) < 1e-9) : scale.ticks(5);
        const decade = (v) => v >= 0.001 && v <= 10000 ? String(v) : power(Math.round(Math.log10(v)));
        const axis = (make, scale, log, room) => {
            const made = make(scale).tickSizeOuter(0);
            const decades = log ? sparse(ticks(scale, true), Math.min(7, Math.floor(room / 50))) : [];
            if (log && decades.length < 2) return made.ticks(4).tickFormat((v) => Number(v.toPrecision(3)));
            return log ? made.tickValues(decades).tickFormat(decade) : made.ticks(fitting(scale, room));
        };
        this.axisX.call(axis(axisBottom, this.x, this.xlog, this.inner.right - this.inner.left));
        this.axisY.call(axis(axisLeft, this.y, this.ylog, Infinity));
    }

    rescale({ x, y }) {
        if (x) this.x.domain(x);
        if (y) this.y.domain(y);
        this.axes();
    }

    // The line or point of that name: made when it is first asked for, moved after that.
    path(name, points) {
        const near = (place) => Math.min(Math.max(place, -FARTHEST), FARTHEST);
        const made = line().defined(([a, b]) => Number.isFinite(this.x(a)) && Number.isFinite(this.y(b)))
            .x(([a]) => near(this.x(a))).y(([, b]) => near(this.y(b)));
        this.named("path", name, this.plot).attr("d", made(points));
    }

    point(name, a, b) {
        this.named("circle", name, this.above).attr("r", 6).attr("cx", this.x(a)).attr("cy", this.y(b))
            .attr("visibility", this.inside(a, b) ? "visible" : "hidden");
    }

    upright(name, a, text = "") {
        const seen = Number.isFinite(this.x(a)) && this.x(a) >= this.inner.left && this.x(a) <= this.inner.right;
        this.path(name, seen ? this.y.domain().map((b) => [a, b]) : []);
        const right = this.x(a) > (this.inner.left + this.inner.right) / 2;
        this.named("text", `${name}-text`, this.above).attr("x", this.x(a) + (right ? -6 : 6)).attr("y", this.inner.top + 14)
            .attr("text-anchor", right ? "end" : "start").text(seen ? text : "");
    }

    note(name, a, b, text) {
        const right = this.x(a) > (this.inner.left + this.inner.right) / 2;
        this.named("text", name, this.above).attr("x", this.x(a) + (right ? -9 : 9)).attr("y", this.y(b) - 9)
            .attr("text-anchor", right ? "end" : "start").text(text);
    }

    inside(a, b) {
        const [x, y] = [this.x(a), this.y(b)];
        return x >= this.inner.left - 1 && x <= this.inner.right + 1 && y >= this.inner.top - 1 && y <= this.inner.bottom + 1;
    }

    named(tag, name, layer) {
        const found = layer.select(`[data-line="${name}"]`);
        return found.empty() ? layer.append(tag).attr("data-line", name).attr("class", `explore-${name}`) : found;
    }

    // Calls back with the place in the data while a finger or a mouse button is down on the plot.
    ondrag(follow) {
        const to = (event) => {
            const box = this.node.getBoundingClientRect();
            const scale = this.node.viewBox.baseVal.width / box.width;
            follow(this.x.invert((event.clientX - box.left) * scale), this.y.invert((event.clientY - box.top) * scale));
        };
        this.node.style.touchAction = "pan-y";
        this.node.addEventListener("pointerdown", (event) => { this.node.setPointerCapture(event.pointerId); to(event); });
        this.node.addEventListener("pointermove", (event) => { if (event.buttons) to(event); });
    }
}

Chart.count = 0;

const sparse = (values, most) => {
    const every = Math.ceil(values.length / most);
    return values.filter((_, i) => i % every === 0);
};

// How many numbers an axis has room for, five at most.
const fitting = (scale, room) => [5, 4, 3].find((count) => {
    const written = scale.ticks(count).map(scale.tickFormat(count));
    return written.reduce((sum, text) => sum + LETTER * (text.length + 2), 0) <= room;
}) ?? 2;

// The smallest interval that holds the finite ones among the values, with a little air.
export function extent(values, air = 0.06) {
    const finite = values.filter(Number.isFinite);
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    const margin = (high - low || Math.abs(high) || 1) * air;
    return [low - margin, high + margin];
}

export const spaced = (low, high, count) => Array.from({ length: count }, (_, i) => low + (high - low) * i / (count - 1));
