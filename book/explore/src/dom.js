// What a reader touches: sliders, choices, buttons, fields; each works by mouse, touch and keyboard, and says what it is.

import katex from "katex";

export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
        else if (name in made && typeof value !== "string") made[name] = value;
        else made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
}

// What is wider than its place scrolls, and is reached by keys as long as it does.
const wide = new ResizeObserver((entries) => {
    for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
    }
});

export function scrolling(box) {
    wide.observe(box);
    return box;
}

// A formula as MathML, which is drawn without fonts of its own and read aloud by screen readers.
export function formula(tex, display = false) {
    const made = element("span", { class: display ? "explore-display" : "explore-formula" });
    katex.render(`\\displaystyle ${tex}`, made, { output: "mathml", throwOnError: false, displayMode: display });       // small fractions cannot be read
    return display ? scrolling(made) : made;
}

// A formula that is the name of something, of a control or a row: its own name is what is read aloud.
export function named(tex, name) {
    const made = formula(tex);
    made.setAttribute("role", "math");
    made.setAttribute("aria-label", name);
    return made;
}

// A power of ten as it is written.
export const power = (exponent) => `10${[...String(exponent)].map((c) => (c === "-" ? "\u207b" : "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[c])).join("")}`;

// Five digits; what a number is to the last of them stands in the attribute value.
export function shown(value, digits = 5) {
    if (!Number.isFinite(value)) return String(value).replace("-", "\u2212");
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e9) return String(value).replace("-", "\u2212");
    const text = size !== 0 && (size >= 1e6 || size < 1e-4) ? value.toExponential(digits - 1) : value.toPrecision(digits);
    const [digit, exponent] = text.split("e");
    return digit.replace("-", "\u2212") + (exponent ? ` \u00d7 ${power(Number(exponent))}` : "");
}

export function number(name, value = NaN, digits = 5) {
    const made = element("data", { "data-name": name });
    made.show = (next) => {
        made.setAttribute("value", String(next));
        made.textContent = shown(next, digits);
    };
    made.show(value);
    return made;
}

let count = 0;

// A slider with its name before it and its number behind it. `show` says how a place on it is written.
export function slider({ label, low, high, step, value, change, show = shown, name = "" }) {
    const id = `explore-${count += 1}`;
    const output = element("output", { for: id });
    const input = element("input", {
        type: "range", id, min: String(low), max: String(high), step: String(step ?? "any"), value: String(value), "data-input": name,
    });
    const tell = () => {
        output.textContent = show(Number(input.value));
        input.setAttribute("aria-valuetext", output.textContent);
    };
    // "any" leaves the arrow keys without a step of their own.
    input.addEventListener("keydown", (event) => {
        const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
        if (!direction || step) return;
        event.preventDefault();
        input.value = String(Number(input.value) + direction * (high - low) / 100);
        tell();
        change(Number(input.value));
    });
    input.addEventListener("input", () => { tell(); change(Number(input.value)); });
    tell();
    const row = element("div", { class: "explore-control" }, element("label", { for: id }, label),
        element("span", { class: "explore-slide" }, input, output));
    row.set = (next) => { input.value = String(next); tell(); };
    return row;
}

export function choice({ label, options, value, change, name = "" }) {
    const id = `explore-${count += 1}`;
    const select = element("select", { id, "data-input": name, onchange: () => change(select.value) },
        ...options.map((option) => element("option", { value: option, selected: option === value }, option)));
    return element("div", { class: "explore-control" }, element("label", { for: id }, label), select);
}

export function button(label, press, name = label) {
    return element("button", { type: "button", "data-input": name, onclick: press }, label);
}

export function field({ label, change, name = "", placeholder = "" }) {
    const id = `explore-${count += 1}`;
    const input = element("input", {
        type: "text", id, inputmode: "decimal", autocomplete: "off", spellcheck: "false", "data-input": name, placeholder,
        oninput: () => change(input.value),
    });
    return element("div", { class: "explore-control" }, element("label", { for: id }, label), input);
}

// What is said to those who do not see the picture, after they have moved something.
export function teller() {
    const made = element("p", { class: "explore-said", role: "status", "aria-live": "polite" });
    made.say = (text) => { made.textContent = text; };
    return made;
}

export function table(caption, head, rows) {
    return scrolling(element("table", {}, element("caption", {}, caption),
        element("thead", {}, element("tr", {}, ...head.map((text) => (text ? element("th", { scope: "col" }, text) : element("td"))))),
        element("tbody", {}, ...rows.map(([first, ...others]) => element("tr", {},
            element("th", { scope: "row" }, first), ...others.map((cell) => element("td", {}, cell)))))));
}

export const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
