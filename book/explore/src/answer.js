// Your number: type it; the verdict comes at once, from a table of what every mistake would give.

import { element, field, formula, table, teller } from "./dom.js";

// A decimal as it is written: its value and the unit of its last place; null for what is none.
export function reading(text) {
    const written = text.trim().replace(/\u2212/g, "-").replace(/^([+-]?\d*),(\d+)$/, "$1.$2");
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(written);
    if (!match || !(match[2] || match[3]) || written.length > 60) return null;
    const unit = 10 ** (Number(match[4] ?? 0) - (match[3] ?? "").length);
    const value = Number(written);
    const significant = ((match[2] ?? "") + (match[3] ?? "")).replace(/^0+/, "").length;
    return Number.isFinite(value) && unit > 0 ? { value, unit, significant } : null;
}

// What is no number yet, but becomes one as its reader types on.
const BEGUN = /^[+\u2212-]?\d*[.,]?\d*(?:e[+\u2212-]?)?$/i;

export function verdict({ value, unit, significant }, exact) {
    const miss = Math.abs(value - exact);
    const slack = 1e-9 * unit + 1e-15 * Math.abs(exact);
    if (miss <= unit / 2 + slack || (significant >= 13 && miss <= Math.max(5e-12 * Math.abs(exact), 3e-16))) return "ok";
    if (Math.sign(value) === Math.sign(exact) && Math.abs(value) < Math.abs(exact) && miss < unit) return "truncated";
    return miss <= 2 * unit + slack ? "last-digit" : "wrong";
}

// What explains a wrong number: the simplest of those that come to it in its own digits, rounded or cut off.
export function explained({ value, unit }, mistakes) {
    const near = mistakes.filter((mistake) => Math.abs(mistake.value - value) < unit);
    const cost = Math.min(...near.map((mistake) => mistake.cost));
    return near.filter((mistake) => mistake.cost === cost);
}

const WORDS = {
    ok: () => "Right.",
    truncated: () => "Right, but cut off where it should be rounded.",
    "last-digit": () => "Right but for the last digit.",
};

export async function answer(root, { tex, quantity, question, exact, mistakes, digits }) {
    const said = teller();
    const judge = (text) => {
        root.dataset.verdict = "";
        const read = reading(text);
        if (!read && BEGUN.test(text.trim())) return said.say("");
        if (!read) return said.say("That is no decimal number: write, for example, 0.0625 or -2.5e-4.");
        const judged = verdict(read, exact);
        root.dataset.verdict = judged;
        if (judged !== "wrong") {
            const few = Math.log10(Math.abs(exact) / read.unit) < digits - 1 && read.unit > 10 ** -digits;
            return said.say(WORDS[judged]() + (few ? " More digits would say more." : ""));
        }
        const found = explained(read, mistakes);
        if (!found.length) return said.say("Not right, and no mistake of the table comes to it.");
        const texts = [...new Set(found.map((mistake) => mistake.text))];
        return said.say(texts.length === 1 ? `Not right: ${texts[0]}.` : `Not right. It could be: ${texts.slice(0, 3).join("; or ")}.`);
    };
    root.dataset.verdict = "";
    root.append(element("p", {}, question, " ", formula(tex)), field({ label: quantity, change: judge, name: "answer", placeholder: "0.0000" }), said);
}
