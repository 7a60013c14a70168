// "Run this cell": every cell of a chapter can be changed and run where it stands. Nothing is loaded before a reader asks.

const PATIENCE = 60_000;          // milliseconds without an answer, after which the reader is told why

let queue = Promise.resolve();

// A cell: its code, what it says, and whether it has run.
function cellOf(container) {
    const cell = { code: container.querySelector(".cell_input pre"), output: container.querySelector(".cell_output"), ran: false };
    if (!cell.output) {
        cell.output = document.createElement("div");
        cell.output.className = "cell_output";
        container.append(cell.output);
    }
    return cell;
}

const cells = [...document.querySelectorAll("article .cell:has(.cell_input)")].map(cellOf);

// What stands in a cell; where it is folded its text is not rendered, and there is no inner one.
const written = ({ code }) => code.innerText || code.textContent;

async function run(cell, say) {
    const { python } = await import("./python.js");
    const { OUTPUTS } = await import("./outputs.js");
    say("Python is starting: once a page, some 25 MB from the network.");
    const late = setTimeout(say, PATIENCE, "Python has not come yet. It is fetched from the network; what stands here is what it said when the book was made.");
    const { execute } = await python().finally(() => clearTimeout(late));
    const before = cells.slice(0, cells.indexOf(cell)).filter((one) => !one.ran);
    for (const [number, earlier] of before.entries()) {
        say(`Running what it needs: ${number + 1} of ${before.length}.`);
        await execute(written(earlier));
        earlier.ran = true;
    }
    say("Running.");
    const found = [];
    await execute(written(cell), (type, content) => {
        if (type === "stream" && found.at(-1)?.type === type) found.at(-1).content.text += content.text;
        else found.push({ type, content });
    });
    cell.ran = true;
    cell.output.replaceChildren(...found.map(({ type, content }) => OUTPUTS[type]?.(content)).filter(Boolean));
    say("Done.");
}

function editable(cell) {
    const { code } = cell;
    code.contentEditable = "plaintext-only";
    if (code.contentEditable !== "plaintext-only") code.contentEditable = "true";
    code.spellcheck = false;
    code.setAttribute("role", "textbox");
    code.setAttribute("aria-multiline", "true");
    code.setAttribute("aria-label", "Code of this cell; Shift and Enter run it");
}

function runnable(cell) {
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    const say = (words) => { status.textContent = words; };
    const ask = () => {
        editable(cell);
        say("Waiting for the cell before.");
        queue = queue.then(() => run(cell, say)).catch((error) => say(`It cannot run here: ${error.message}.`));
    };
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: "Run this cell", onclick: ask });
    cell.code.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !event.shiftKey || !cell.code.isContentEditable) return;
        event.preventDefault();
        ask();
    });
    const row = document.createElement("div");
    row.className = "run-cell";
    row.append(button, status);
    (cell.code.closest("details") ?? cell.code.closest(".cell_input")).after(row);         // below folded code, which is run all the same
}

cells.forEach(runnable);
