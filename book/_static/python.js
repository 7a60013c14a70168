// Python in the page: the kernel of the site's own JupyterLite, which is loaded unseen when a reader first asks for it.
//
//     const { execute } = await python()       once a page; the package is installed then
//     await execute(code, show)                show(type, content) is called for each message of the cell

const LITE = new URL("../lite/", import.meta.url);
const SETUP = ["%pip install --quiet backprop_sym", "import backprop_sym, matplotlib.pyplot"];

let started;

export function python() {
    started ??= start().catch((error) => {
        started = undefined;          // so that a reader can ask again
        throw error;
    });
    return started;
}

async function start() {
    if (!(await fetch(new URL("jupyter-lite.json", LITE))).ok) throw new Error("this copy of the book carries no Python");
    const kernel = await (await application()).serviceManager.kernels.startNew({ name: "python" });
    const execute = async (code, show = () => {}) => {
        const asked = kernel.requestExecute({ code, stop_on_error: false });
        asked.onIOPub = ({ header, content }) => show(header.msg_type, content);
        await asked.done;
    };
    const failed = [];
    for (const code of SETUP) await execute(code, (type, content) => { if (type === "error") failed.push(content.evalue); });
    if (failed.length) throw new Error(failed[0]);
    return { execute };
}

// JupyterLite itself, in a frame that nobody sees.
async function application() {
    const frame = document.createElement("iframe");
    Object.assign(frame, { hidden: true, src: new URL("tree/index.html", LITE), title: "Python" });
    document.body.append(frame);
    while (!frame.contentWindow.jupyterapp) await new Promise((next) => { setTimeout(next, 100); });
    await frame.contentWindow.jupyterapp.started;
    return frame.contentWindow.jupyterapp;
}
