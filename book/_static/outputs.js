// What a cell says, as the page shows it: one message of the kernel, one element.

const FIGURE = "application/vnd.backprop-sym.explore+json";
const ANSI = /\u001b\[[0-9;]*m/g;
const DOLLARS = /^\s*\$+(?:\\displaystyle)?|\$+\s*$/g;

function made(kind, tag = "div") {
    const element = document.createElement(tag);
    element.className = `output ${kind}`;
    return element;
}

function text(kind, words) {
    const block = made(kind);
    const lines = document.createElement("pre");
    lines.textContent = words.replace(ANSI, "");
    block.append(lines);
    return block;
}

function html(source) {
    const block = made("text_html");
    block.innerHTML = source;
    return block;
}

function formula(source) {
    const display = !/^\$[^$]/.test(source) || source.startsWith("$\\displaystyle");
    const element = document.createElement(display ? "div" : "span");
    element.className = "math";
    const [open, close] = display ? "[]" : "()";
    element.textContent = `\\${open}${source.replace(DOLLARS, "")}\\${close}`;
    window.MathJax.typesetPromise([element]);
    return element;
}

function latex(source) {
    const block = made("text_latex");
    block.append(formula(source));
    return block;
}

// As much of Markdown as exercises are written in: what is bold, code, and formulas; lines stay as they are.
const WORDS = [["**", "strong"], ["`", "code"]];

function markdown(source) {
    const block = made("text_markdown");
    for (const part of source.split(/(\$\$[^]+?\$\$|\$[^$]+\$|\*\*[^*]+\*\*|`[^`]+`)/)) {
        const [mark, tag] = WORDS.find(([one]) => part.startsWith(one)) ?? [];
        const element = tag && document.createElement(tag);
        if (tag) element.textContent = part.slice(mark.length, -mark.length);
        block.append(element || (part.startsWith("$") ? formula(part) : part));
    }
    return block;
}

function picture(data, metadata) {
    const block = made("image_png");
    const image = document.createElement("img");
    Object.assign(image, { src: `data:image/png;base64,${data}`, alt: metadata?.alt ?? "A figure" });
    block.append(image);
    return block;
}

function figure(live, bundle, metadata) {
    const block = picture(bundle["image/png"], metadata["image/png"]);
    import("./explore.js").then(({ mount }) => mount(block, live));
    return block;
}

// The richest form that a page can show, from the richest on.
const FORMS = [
    [FIGURE, figure],
    ["image/png", (data, bundle, metadata) => picture(data, metadata["image/png"])],
    ["text/html", html],
    ["text/latex", latex],
    ["text/markdown", markdown],
    ["text/plain", (data) => text("text_plain", data)],
];

function shown({ data, metadata }) {
    const [form, draw] = FORMS.find(([kind]) => data[kind]) ?? [];
    return form ? draw(data[form], data, metadata) : null;
}

// {type of message: content -> element}; of other messages nothing is seen.
export const OUTPUTS = {
    stream: ({ text: words }) => text("stream", words),
    error: ({ traceback }) => text("traceback", traceback.join("\n")),
    display_data: shown,
    execute_result: shown,
};
