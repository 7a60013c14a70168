// The field of an exercise: what is said to every answer that is to be expected was made with the page, under a hash of the answer.

import { button, element, field, formula } from "./dom.js";
import { readings } from "./written.js";

// A decimal in one spelling, rounded half to even to at most so many digits; null for what is none.
export function spelled(text, most) {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
    if (!match || !(match[2] || match[3]) || text.length > 60) return null;
    const [, sign, whole, fraction = "", power = "0"] = match;
    const digits = [...(whole + fraction).replace(/^0+/, "")].map(Number);
    if (!digits.length) return "0";
    let exponent = digits.length - 1 - fraction.length + Number(power);
    const kept = digits.slice(0, most);
    const [next = 0, ...others] = digits.slice(most);
    if (next > 5 || (next === 5 && (others.some(Boolean) || kept.at(-1) % 2))) {
        let place = kept.length - 1;
        while (place >= 0 && kept[place] === 9) kept[place--] = 0;
        if (place >= 0) kept[place] += 1;
        else { kept.unshift(1); kept.pop(); exponent += 1; }
    }
    const behind = kept.slice(1).join("");
    return `${sign === "-" ? "-" : ""}${kept[0]}${behind && "."}${behind}E${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}

// FNV-1a of 32 bits, as eight hexadecimal digits.
export function hashed(id, spelling) {
    let found = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(`${id}=${spelling}`)) found = Math.imul(found ^ byte, 0x01000193) >>> 0;
    return found.toString(16).padStart(8, "0");
}

// Words in which $formulas$, `code` and *stress* are marked as in Markdown.
function marked(text) {
    return text.split(/(\$[^$]+\$|`[^`]+`|(?<![*\w])\*\w[^*]*\*)/).map((part) => {
        if (part.length > 2 && part.startsWith("$")) return formula(part.slice(1, -1));
        if (part.length > 2 && part.startsWith("`")) return element("code", {}, part.slice(1, -1));
        if (part.length > 2 && part.startsWith("*")) return element("em", {}, part.slice(1, -1));
        return part;
    });
}

export async function exercise(root, { id, takes, digits, options, hints, place, texts, table }) {
    const said = element("div", { class: "explore-said", role: "status", "aria-live": "polite" });
    let [shown, last] = [0, null];
    const say = (...lines) => said.replaceChildren(...lines.map((line) => element("p", {}, ...marked(line))));
    const hint = () => (shown < hints.length ? `Hint ${shown += 1} of ${hints.length}: ${hints[shown - 1]}` : "There is no further hint.");
    const judge = (...spellings) => {
        if (spellings.join() === last) return;
        last = spellings.join();
        const known = spellings.map((spelling) => texts[table[hashed(id, spelling)]]).filter(Boolean);
        const text = known.find((one) => one.startsWith("Right")) ?? known.at(-1);       // of two readings the right one
        const right = text?.startsWith("Right");
        root.dataset.verdict = right ? "right" : "wrong";
        const settled = `The book settles it in ${place}.`;
        if (right) say(text);
        else if (text) say(text, settled);
        else say("Not right.", ...(shown < hints.length ? [hint()] : []), settled);
    };
    const typed = () => {
        const text = row.querySelector("input").value;
        const spellings = readings(text).map((one) => spelled(one, digits)).filter(Boolean);
        if (spellings.length) judge(...spellings);
        else if (text.trim()) { last = null; root.dataset.verdict = ""; say("That is no decimal number: write, for example, 0.0625, -2.5e-4 or 1/3."); }
    };
    const row = options.length
        ? element("div", { class: "explore-control", role: "group", "aria-label": `Answer: ${takes}` },
            ...options.map((key) => button(key, () => judge(key))))
        : field({ label: "Answer", change: () => {}, name: "answer", placeholder: takes });
    if (!options.length) {
        row.querySelector("input").addEventListener("keydown", (event) => event.key === "Enter" && typed());
        row.append(button("Check", typed));
    }
    row.append(button("Hint", () => say(hint())));
    root.setAttribute("aria-label", `Exercise ${id}`);
    root.dataset.verdict = "";
    root.append(row, said);
}
