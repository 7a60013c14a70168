// For whoever has no mouse: a box that is wider than the page can be reached, and scrolled by keys.
// For whoever does not see: a heading, or a link to it, that is a formula alone has a name.

const BOXES = "article :is(.math, mjx-container, .output, pre, .pst-scrollable-table-container)";

function reachable() {
    for (const box of document.querySelectorAll(BOXES)) {
        if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
        else box.removeAttribute("tabindex");
    }
}

function named() {
    for (const formula of document.querySelectorAll("main :is(h1, h2, h3, a) > .math:first-child")) {
        const whole = formula.parentElement;
        const words = [...whole.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("");
        if (!words.trim()) whole.setAttribute("aria-label", formula.querySelector("math")?.textContent ?? formula.textContent);
    }
}

addEventListener("load", () => {
    (window.MathJax?.startup?.promise ?? Promise.resolve()).then(named).then(reachable);
    addEventListener("resize", reachable);
});
