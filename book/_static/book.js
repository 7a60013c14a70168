// Whoever has no mouse scrolls by keys what is wider than the page: such a box can be reached.

function reachable() {
    for (const box of document.querySelectorAll("article .math, article .output, article pre, article .pst-scrollable-table-container")) {
        if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
        else box.removeAttribute("tabindex");
    }
}

addEventListener("load", () => {
    (window.MathJax?.startup?.promise ?? Promise.resolve()).then(reachable);
    addEventListener("resize", reachable);
});
