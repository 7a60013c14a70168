"""Backpropagation derived by SymPy: shown as LaTeX, evaluated to any number of digits, compiled, checked.

    describe    Program, Equation, dense, penalize, batch, activation, sigmoid and the other functions of the tables
    derive      chain, reverse, step, GradientDescent and the other optimizers and schedules, hessian_vector; entries,
                array_rule; unroll_in_time; layers.lstm, layers.convolution and the other layers
    compute     lambdify, start, fit, resume, landscape, hessian, gradcheck, operations;
                training_source and landscape_source, the code they run
    show        figures
    data        data.digits, data.iris, data.moons, data.circles; data.idx, data.csv, data.arrays
    explore     figures that answer: explore.weight, explore.paths, explore.rate and the others
    check       worked_example, examples, audit, diagnose
    adapters    from_torch
    learn       exercise, exercises, check, hint, solution, progress; worksheet, grade

Names are imported when they are first used, so that ``import backprop_sym`` costs next to nothing.
"""
from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "describe.names": ("Partial", "symbol"),
    "describe.additions": ("activation",),
    "describe.functions": ("ACTIVATIONS", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "gelu",
                           "gelu_tanh", "silu", "identity", "softmax", "logsumexp"),
    "describe.losses": ("LOSSES",),
    "describe.parser": ("parse",),
    "describe.program": ("Equation", "Program"),
    "describe.network": ("dense", "penalize"),
    "derive.unroll": ("batch", "unroll"),
    "derive.recurrence": ("unroll_in_time",),
    "derive.chain": ("chain",),
    "derive.reverse": ("reverse",),
    "derive.entries": ("entries",),
    "derive.rules": ("array_rule",),
    "derive.optimizers": ("GradientDescent", "Momentum", "Nesterov", "RMSProp", "Adam", "AdamW", "step"),
    "derive.schedules": ("ExponentialDecay", "InverseTimeDecay", "CosineDecay", "Warmup"),
    "compute.cost": ("operations",),
    "describe.digits": ("decimal",),
    "compute.lambdify": ("lambdify",),
    "compute.fit": ("fit",),
    "compute.start": ("start",),
    "compute.history": ("History",),
    "compute.checkpoint": ("resume",),
    "compute.landscape": ("landscape", "landscape_source"),
    "compute.trainer": ("training_source",),
    "derive.curvature": ("hessian_vector",),
    "compute.hessian": ("hessian",),
    "show.tables": ("Table",),
    "compute.gradcheck": ("gradcheck",),
    "verify.toml": ("worked_example", "examples"),
    "verify.diagnose": ("diagnose", "Slip"),
    "adapters.from_torch": ("from_torch",),
    "teach.files": ("exercise", "exercises"),
    "teach.check": ("check", "hint"),
    "teach.solution": ("solution",),
    "teach.progress": ("progress",),
    "teach.worksheet": ("worksheet",),
    "teach.grade": ("grade",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}
_MODULES = {"figures": "show.figures", "latex": "show.latex", "audit": "verify.audit", "layers": "derive.layers", "data": "data",
            "explore": "teach.explore"}
__all__ = [*_WHERE, *_MODULES]


def __getattr__(name):
    if name in _WHERE:
        value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    elif name in _MODULES:
        value = import_module(f".{_MODULES[name]}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
