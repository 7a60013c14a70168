"""JavaScript (ES2020): a module that a page, or Node.js, can import.

    JavaScript                  the language
"""
import sympy as sp
from sympy.codegen.cfunctions import log1p

from ...describe.functions import erfc, top
from ...describe.printer import ATOM
from ..plan.statements import Return
from .block import Braces

WORDS = """
    abstract arguments as async await boolean break byte case catch char class const continue debugger default delete do double
    else enum eval export extends false final finally float for from function get goto if implements import in instanceof int
    interface let long native new null of package private protected public return set short static super switch synchronized this
    throw throws transient true try typeof undefined var void volatile while with yield
    Array Float64Array Infinity Math NaN Number Object globalThis"""

# JavaScript has no erf. Near 0 its series, whose terms are all positive: 2/sqrt(pi) exp(-x^2) (x + 2x^3/3 + 4x^5/15 + ...).
ERF = """
function erf(x) {
    if (Math.abs(x) > 1) return 1 - erfc(x);
    let term = x, sum = x;
    for (let n = 1; n < 40; n += 1) {
        term *= 2*x*x/(2*n + 1);
        sum += term;
    }
    return 1.1283791670955126*Math.exp(-x*x)*sum;
}
"""
# Farther out the continued fraction exp(-x^2)/sqrt(pi) 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), from its far end; x^2 is
# taken apart, so that exp sees all its digits.
ERFC = """
function erfc(x) {
    if (x < -1) return 2 - erfc(-x);
    if (x <= 1) return 1 - erf(x);
    let fraction = x;
    for (let n = 200; n > 0; n -= 1) fraction = x + n/2/fraction;
    const near = Math.fround(x);
    return 0.5641895835477563*Math.exp(-near*near)*Math.exp((near - x)*(near + x))/fraction;
}
"""


class JavaScript(Braces):
    """JavaScript: what the source is for is exported, and returns an array of its results."""

    functions = {sp.exp: "Math.exp", sp.log: "Math.log", log1p: "Math.log1p", sp.tanh: "Math.tanh", sp.Abs: "Math.abs",
                 sp.erf: "erf", sp.erfc: "erfc", erfc: "erfc", sp.cos: "Math.cos", sp.sin: "Math.sin", top: "Math.max",
                 sp.floor: "Math.floor"}
    constants = {sp.pi: "Math.PI", sp.E: "Math.E"}
    raising, root = "Math.pow", "Math.sqrt"
    imports, needs = {"erf": ERF, "erfc": ERFC}, {"erf": ("erfc",), "erfc": ("erf",)}
    reserved = frozenset(WORDS.split()).union(imports)

    def kind(self, symbol):
        return "let"

    def integer(self, n):
        return str(n)

    number = integer

    def compare(self, sign, left, right):
        return super().compare({"==": "===", "!=": "!=="}.get(sign, sign), left, right)

    def write_Least(self, e):
        return self.call("Math.min", e.args)

    def write_Fresh(self, e):
        return f"new Float64Array({self.whole(e.args[0])})", ATOM

    def write_Length(self, e):
        return f"{self(e.args[0])}.length", ATOM

    def function(self, function, exported):
        parameters = [self.names[s] for s in function.symbols]
        self.declared |= set(parameters)
        *body, results = function.body if isinstance(function.body[-1], Return) else (*function.body, None)
        values = ", ".join(map(self, results.values)) if results else ""
        several = exported or results and len(results.values) > 1
        end = [f"    return [{values}];" if several else f"    return {values};"]*(results is not None)
        first = "export "*exported + f"function {function.name}({', '.join(parameters)}) {{"
        return [first, *self.inside(body), *end, "}"]

    def unpack(self, symbols, value):
        names = [self.names[s] if s else "" for s in symbols]
        self.declared |= set(names)
        return [f"let [{', '.join(names)}] = {self(value)};"]

    def keep(self, statement):
        return [f"keep.push({', '.join(map(self, statement.values))});"]
