// The licences of what is bundled, in one text beside the bundle: they ask to go with every copy.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const bundled = Object.entries(JSON.parse(readFileSync("package-lock.json", "utf8")).packages)
    .filter(([path]) => /^node_modules\/(d3-.*|katex|internmap)$/.test(path));
const texts = bundled.map(([path, { version }]) => {
    const name = readdirSync(path).find((file) => /^licen[cs]e/i.test(file));
    return `${path.replace("node_modules/", "")} ${version}\n\n${readFileSync(`${path}/${name}`, "utf8").trim()}\n`;
});
writeFileSync("../../backprop_sym/teach/static/LICENCES.txt", `explore.js holds code of these projects.\n\n${texts.join("\n---\n\n")}`);
