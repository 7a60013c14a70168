"""C99: the same equations as one file that needs nothing but the math library of C.

    C                           the language
"""
import sympy as sp

from ...describe.functions import softmax, top
from ...describe.printer import ATOM, PRODUCT
from ..plan.operations import Computed
from ..plan.statements import Array, Pack
from .block import Braces

WORDS = """
    auto break case char const continue default do double else enum extern float for goto if inline int long register restrict
    return short signed sizeof static struct switch typedef union unsigned void volatile while asm main linux unix i386 row
    _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local alignas alignof bool
    constexpr false nullptr static_assert thread_local true typeof typeof_unqual NULL NAN INFINITY HUGE HUGE_VAL HUGE_VALF
    HUGE_VALL MAXFLOAT MATH_ERRNO MATH_ERREXCEPT math_errhandling signgam float_t double_t FP_NAN FP_INFINITE FP_NORMAL
    FP_SUBNORMAL FP_ZERO FP_FAST_FMA FP_FAST_FMAF FP_FAST_FMAL FP_ILOGB0 FP_ILOGBNAN DOMAIN SING OVERFLOW UNDERFLOW PLOSS TLOSS
    M_E M_LOG2E M_LOG10E M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI M_SQRT2 M_SQRT1_2
    fpclassify isfinite isinf isnan isnormal signbit isgreater isgreaterequal isless islessequal islessgreater isunordered"""
# The functions of math.h; each may end in f or l as well.
MATH = """
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp10 exp2 expm1 fabs fdim floor fma fmax fmin
    fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter
    nexttoward pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc gamma drem finite scalb"""


class C(Braces):
    """C99: one file that needs nothing but its math library."""

    tuples = False
    functions = {**Computed.functions, sp.Abs: "fabs", top: "fmax"}
    constants = {sp.pi: "3.14159265358979323846", sp.E: "2.71828182845904523536"}
    reserved = frozenset([*WORDS.split(), *(name + suffix for name in MATH.split() for suffix in ("", "f", "l"))])
    first = "n"                 # names that begin with an underscore are the compiler's own
    functions_reserved = frozenset("j0 j1 jn y0 y1 yn".split())         # what math.h has in some dialects, and programs for data

    @classmethod
    def pointed(cls, function):
        return True

    @classmethod
    def header(cls, names):
        return "#include <math.h>\n"

    def kind(self, symbol):
        return "long" if symbol.is_integer else "double"

    def write_top(self, e):
        first, *rest = map(self, e.args)
        for argument in rest:
            first = self.applied("fmax", [first, argument])
        return first, ATOM

    def write_Quotient(self, e):
        a, b = e.args
        return f"{self.wrap(a, PRODUCT)}/{self.wrap(b, ATOM)}", PRODUCT

    def write_Least(self, e):
        a, b = map(self, e.args)
        return f"({a} < {b} ? {a} : {b})", ATOM

    def unpack(self, symbols, value):
        return [self.put(s, self(softmax(k, *value.args))) for k, s in enumerate(symbols, 1) if s is not None]

    def keep(self, statement):
        return [f"double *row = keep + {self.wrap(statement.row, PRODUCT)}*{len(statement.values)};",
                *(f"row[{i}] = {self(value)};" for i, value in enumerate(statement.values))]

    # ---- functions: of numbers where they are called, of arrays where they are what the file is for

    def function(self, function, exported):
        if not exported:
            parameters = ", ".join(f"double {self.names[s]}" for s in function.symbols)
            *body, results = function.body
            first = f"static double {function.name}({parameters}) {{"
            return [first, *self.inside(body), f"    return {self(*results.values)};", "}"]
        read, arrays = [], []
        for p in function.parameters:
            if isinstance(p, Pack):
                arrays.append(self.declaration(p.array, set(function.state).isdisjoint(p.items)))
                read += [f"{self.declaration(s, s not in function.state, 'restrict ')} = {self.names[p.array]}[{i}];"
                         for i, s in enumerate(p.items)]
            else:
                arrays.append(self.declaration(p, isinstance(p, Array) and p not in function.state))
        body, results = function.body, ()
        if function.out is not None:
            body, results = function.body[:-1], function.body[-1].values
            if function.out not in (p.array for p in function.parameters if isinstance(p, Pack)):
                arrays.append(self.declaration(function.out, False))
        self.declared |= {self.names[s] for s in function.symbols}
        end = [f"    {self.names[function.out]}[{i}] = {self(value)};" for i, value in enumerate(results)]
        return [f"void {function.name}({', '.join(arrays)}) {{", *("    " + line for line in read), *self.inside(body), *end, "}"]

    def declaration(self, symbol, constant, restrict=""):
        """A symbol with its type."""
        stars = "*"*(1 + symbol.inner) + restrict if isinstance(symbol, Array) else ""
        return "const "*constant + f"{self.kind(symbol)} {stars}{self.names[symbol]}"
