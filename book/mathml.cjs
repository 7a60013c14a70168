// Formulas for readers that run no script: a list of [TeX, whether it stands alone] from stdin, as MathML to stdout.

require("mathjax").init({ loader: { load: ["input/tex", "adaptors/liteDOM"] } }).then((MathJax) => {
    const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
    process.stdout.write(JSON.stringify(formulas.map(([tex, display]) => MathJax.tex2mml(tex, { display }))));
}).catch((error) => {
    console.error(error);
    process.exit(1);
});
