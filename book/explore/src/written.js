// How an answer is written: what teach/written.py reads, for a page that no Python answers. Nothing is evaluated.

const MARKS = { "\u2212": "-", "\u2013": "-", "\u00d7": "*", "\u22c5": "*", "\u00b7": "*", "\u00f7": "/" };
const RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
const GROUPED = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/;
const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)|([a-z]\w*)|(\*\*|[-+*/()]))/iy;
const FUNCTIONS = { exp: Math.exp, log: Math.log, ln: Math.log, sqrt: Math.sqrt, log10: Math.log10, abs: Math.abs,
    sin: Math.sin, cos: Math.cos, tan: Math.tan, tanh: Math.tanh, sigmoid: (z) => 1/(1 + Math.exp(-z)) };
const MOST = 200;       // characters

// The decimals that a text may mean, the decimal comma before the thousands; of arithmetic the number that it gives.
export function readings(written) {
    if (written.length > MOST) return [];
    const text = written.trim().replace(/[\u2212\u2013\u00d7\u22c5\u00b7\u00f7]/g, (mark) => MARKS[mark])
        .replace(new RegExp(`(?<=[\\w)])[${RAISED}]+`, "g"), (raised) => `**${[...raised].map((c) => RAISED.indexOf(c)).join("")}`);
    const found = [/^[^,.]*,[^,.]*$/.test(text) ? text.replace(",", ".") : text];
    if (GROUPED.test(text)) found.push(text.replace(/,/g, ""));
    const decimals = found.filter((one) => DECIMAL.test(one));
    if (decimals.length) return decimals;
    const value = workedOut(text);
    return Number.isFinite(value) ? [String(Number(value.toPrecision(15)))] : [];
}

// The number that arithmetic gives; NaN for what is none.
function workedOut(text) {
    const tokens = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
        const token = TOKEN.exec(text);
        if (!token) return NaN;
        tokens.push(token);
    }
    let at = 0;
    const next = (...marks) => (at < tokens.length && marks.includes(tokens[at][3]) ? tokens[at++][3] : null);
    const bracket = () => {
        if (!next("(")) return NaN;
        const value = sum();
        return next(")") ? value : NaN;
    };
    const atom = () => {
        const [, number, name] = tokens[at] ?? [];
        if (number) return (at += 1, Number(number));
        if (name) return (at += 1, Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name](bracket()) : NaN);
        return bracket();
    };
    const power = () => {
        const base = atom();
        return next("**") ? base ** signed() : base;
    };
    const signed = () => (next("-") ? -signed() : next("+") ? signed() : power());
    const product = () => {
        let value = signed();
        for (let mark = next("*", "/"); mark; mark = next("*", "/")) value = mark === "*" ? value*signed() : value/signed();
        return value;
    };
    const sum = () => {
        let value = product();
        for (let mark = next("+", "-"); mark; mark = next("+", "-")) value = mark === "+" ? value + product() : value - product();
        return value;
    };
    const value = sum();
    return at === tokens.length ? value : NaN;
}
