"""What the tests compare with: written by hand or computed by others, never by the package."""
import cmath

import mpmath
import numpy as np
import sympy as sp
from hypothesis import strategies as st

# The source's network at its start, and reference values computed independently of the package.
SOURCE = {"x1": "0.05", "x2": "0.10", "y1": "0.01", "y2": "0.99",
          "w1": "0.15", "w2": "0.20", "w3": "0.25", "w4": "0.30", "w5": "0.40", "w6": "0.45", "w7": "0.50", "w8": "0.55",
          "b1": "0.40", "b2": "0.35", "b3": "0.25", "b4": "0.60"}



def _log1p(e):
    """log(1 + e), right for a small complex e."""
    return 2*cmath.atanh(e/(2 + e))


# Activations by hand: for complex numbers (a small imaginary part gives the derivative), and as SymPy definitions.
COMPLEX = {
    "sigmoid": lambda z: 1/(1 + cmath.exp(-z)),
    "tanh": cmath.tanh,
    "softplus": lambda z: z + _log1p(cmath.exp(-z)) if z.real > 0 else _log1p(cmath.exp(z)),
    "identity": lambda z: z,
    "relu": lambda z: z if z.real > 0 else 0,
    "leaky_relu": lambda z: z if z.real > 0 else z/100,
}
MPMATH = {
    "sigmoid": lambda z: 1/(1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "identity": lambda z: z,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else z/100,
    "gelu": lambda z: z*mpmath.ncdf(z),
    "gelu_tanh": lambda z: z/2*(1 + mpmath.tanh(mpmath.sqrt(2/mpmath.pi)*(z + mpmath.mpf("0.044715")*z**3))),
    "silu": lambda z: z/(1 + mpmath.exp(-z)),
}

# Losses by hand, for lists of mpmath numbers.
MPMATH_LOSSES = {
    "half_squared_error": lambda ys, ps: sum((y - p)**2 for y, p in zip(ys, ps, strict=True))/2,
    "squared_error": lambda ys, ps: sum((y - p)**2 for y, p in zip(ys, ps, strict=True)),
    "mean_squared_error": lambda ys, ps: sum((y - p)**2 for y, p in zip(ys, ps, strict=True))/len(ys),
    "binary_cross_entropy": lambda ys, ps: -sum(
        y*mpmath.log(p) + (1 - y)*mpmath.log(1 - p) for y, p in zip(ys, ps, strict=True)),
    "cross_entropy": lambda ys, ps: -sum(y*mpmath.log(p) for y, p in zip(ys, ps, strict=True)),
    "binary_cross_entropy_with_logits": lambda ys, zs: -sum(
        y*mpmath.log(1/(1 + mpmath.exp(-z))) + (1 - y)*mpmath.log(1/(1 + mpmath.exp(z)))
        for y, z in zip(ys, zs, strict=True)),
    "cross_entropy_with_logits": lambda ys, zs: -sum(
        y*mpmath.log(mpmath.exp(z)/sum(map(mpmath.exp, zs))) for y, z in zip(ys, zs, strict=True)),
    "huber": lambda ys, ps: sum((y - p)**2/2 if abs(y - p) <= 1 else abs(y - p) - mpmath.mpf(1)/2
                                for y, p in zip(ys, ps, strict=True)),
    "hinge": lambda ys, ps: sum(max(0, 1 - y*p) for y, p in zip(ys, ps, strict=True)),
}


def softmax(zs):
    """The shares of e^z, in mpmath."""
    return [mpmath.exp(z)/sum(map(mpmath.exp, zs)) for z in zs]


def output_for(loss, activation):
    """The activation of an output layer that a loss makes sense with."""
    return {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(loss, activation)


def targets_for(loss):
    """A hypothesis strategy for two targets that a loss allows."""
    share = st.floats(0, 1).map(lambda x: round(x, 3))
    if loss == "hinge":
        return st.tuples(st.sampled_from([-1, 1]), st.sampled_from([-1, 1]))
    if loss.startswith("cross_entropy"):
        return share.map(lambda y: (y, 1 - y))
    return st.tuples(share, share)


def forward(widths, activations, values, functions, number=lambda v: v):
    """E = half the squared misses of a dense network, by two plain loops; weights are numbered input by input."""
    a = [number(values[f"x{i + 1}"]) for i in range(widths[0])]
    w = b = 0
    for (n, m), name in zip(zip(widths, widths[1:], strict=False), activations, strict=True):
        z = [sum(a[i]*number(values[f"w{w + i*m + j + 1}"]) for i in range(n)) + number(values[f"b{b + j + 1}"])
             for j in range(m)]
        a = [functions[name](v) for v in z]
        w, b = w + n*m, b + m
    return sum((number(values[f"y{i + 1}"]) - a[i])**2 for i in range(widths[-1]))/2


def complex_step(widths, activations, values, name):
    """dE/d(name) from the imaginary part of E at a point a tiny imaginary step away: right to rounding."""
    h = 1e-30
    moved = {key: complex(v) for key, v in values.items()}
    moved[name] += 1j*h
    return forward(widths, activations, moved, COMPLEX).imag/h


def substituted(program):
    """The loss as one expression of what is given, every activation written out by its definition."""
    from backprop_sym.describe.activation import Activation
    known = {}
    for e in program:
        rhs = e.rhs.replace(lambda x: isinstance(x, Activation), lambda x: x.definition)
        known[e.lhs] = rhs.xreplace(known)
    return known[program.loss]


def source_step(rate):
    """One step of the source's network in NumPy matrices, by hand: {name: new value}."""
    v = {k: float(x) for k, x in SOURCE.items()}
    x, y = np.array([v["x1"], v["x2"]]), np.array([v["y1"], v["y2"]])
    first = np.array([[v["w1"], v["w2"]], [v["w3"], v["w4"]]])
    second = np.array([[v["w5"], v["w6"]], [v["w7"], v["w8"]]])
    a = 1/(1 + np.exp(-(x @ first + [v["b1"], v["b2"]])))
    p = 1/(1 + np.exp(-(a @ second + [v["b3"], v["b4"]])))
    delta = (p - y)*p*(1 - p)
    hidden = (second @ delta)*a*(1 - a)
    new = np.concatenate([(first - rate*np.outer(x, hidden)).ravel(), (second - rate*np.outer(a, delta)).ravel(),
                          np.array([v["b1"], v["b2"]]) - rate*hidden, np.array([v["b3"], v["b4"]]) - rate*delta])
    return dict(zip([f"w{i}" for i in range(1, 9)] + [f"b{i}" for i in range(1, 5)], new, strict=True))


widths = st.lists(st.integers(1, 3), min_size=2, max_size=4)
numbers = st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def networks(draw, names=("sigmoid", "tanh", "softplus", "identity")):
    """(widths, activations, dense program, values) at random."""
    from backprop_sym import dense
    shape = draw(widths)
    activations = [draw(st.sampled_from(names)) for _ in shape[1:]]
    program = dense(shape, activation=activations)
    return shape, activations, program, {str(s): draw(numbers) for s in program.given}


def exact(value):
    """A float as the Rational that it is."""
    return sp.Rational(*float(value).as_integer_ratio())


# ---- programs of arrays

def matrix_values(net, samples, seed, loss="", dtype=float):
    """(parameters, samples) of a network in matrix form, at random; the targets are such that a loss allows."""
    rng = np.random.default_rng(seed)
    sizes = {size: samples for shape in net.shape.values() for size in shape if not size.is_number}
    arrays = {s.name: rng.normal(size=[int(sizes.get(size, size)) for size in net.shape[s]]).astype(dtype) for s in net.given}
    columns = {s.name: arrays.pop(s.name) for s in (*net.inputs, *net.targets)}
    axis = net.shape[net.targets[0]].index(next(iter(sizes)))
    y = columns["Y"]
    if loss == "hinge":
        columns["Y"] = np.sign(y)
    elif "cross_entropy" in loss:
        shares = np.exp(y)
        columns["Y"] = shares/shares.sum(axis=1 - axis, keepdims=True)
    return arrays, columns


@st.composite
def matrix_programs(draw):
    """A small program of arrays at random: its equations use what there is, some of it more than once."""
    from backprop_sym import Program
    widths = [draw(st.integers(1, 3))]
    lines, known, shapes, parameters = [], ["X"], {"X": f"B, {widths[0]}"}, []
    for k in range(1, draw(st.integers(2, 6))):
        i = draw(st.integers(0, len(known) - 1))
        a, n = known[i], widths[i]
        kind = draw(st.sampled_from("dense turned relu sigmoid tanh softplus softmax product centred scaled gram same".split()))
        m = draw(st.integers(1, 3)) if kind in ("dense", "turned") else n
        if kind in ("dense", "turned"):
            shapes |= {f"W{k}": f"{n}, {m}", f"b{k}": f"{m}"}
            parameters += [f"W{k}", f"b{k}"]
        others = [known[j] for j in range(len(known)) if widths[j] == n]
        right = {"dense": f"{a} @ W{k} + b{k}", "turned": f"(W{k}.T @ {a}.T).T - b{k}/2",
                 "product": f"{a}*{draw(st.sampled_from(others))}", "centred": f"{a} - mean({a}, columns)",
                 "scaled": f"{a}/(1 + sum({a}*{a}, rows))", "gram": f"({a} @ {a}.T) @ {a}/8", "same": a}.get(kind, f"{kind}({a})")
        lines.append(f"A{k} = {right}")
        known.append(f"A{k}")
        widths.append(m)
    if not parameters:
        shapes |= {"W0": f"{widths[-1]}, 2"}
        parameters.append("W0")
        lines.append(f"A0 = {known[-1]} @ W0")
        known.append("A0")
    last = known[-1]
    penalty = f"sum({parameters[0]}*{parameters[0]})/4"
    lines.append(draw(st.sampled_from([f"E = mean({last}*{last}) + {penalty}", f"E = mean(tanh({last}))"])))
    return Program.parse(lines, inputs="X", parameters=parameters, loss="E", shapes=shapes)
