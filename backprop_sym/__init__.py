"""Backpropagation derived by SymPy: shown as LaTeX, evaluated to any number of digits, compiled, checked.

    describe    Program, Equation, dense, penalize, batch, activation, sigmoid and the other functions of the tables
    derive      chain, reverse, step, GradientDescent and the other optimizers and schedules, hessian_vector
    compute     lambdify, fit, landscape, hessian, gradcheck, operations
    show        figures
    check       worked_example, examples, audit, diagnose

Names are imported when they are first used, so that ``import backprop_sym`` costs next to nothing.
"""
import sys
from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_HOME = {
    "symbols": ("Partial", "symbol"),
    "rules": ("activation",),
    "functions": ("ACTIVATIONS", "LOSSES", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "gelu", "gelu_tanh", "silu",
                  "identity", "softmax", "logsumexp"),
    "parser": ("parse",),
    "program": ("Equation", "Program"),
    "network": ("dense", "penalize", "batch"),
    "chain": ("chain",),
    "reverse": ("reverse",),
    "optimizers": ("GradientDescent", "Momentum", "Nesterov", "RMSProp", "Adam", "AdamW",
                   "ExponentialDecay", "InverseTimeDecay", "CosineDecay", "Warmup", "step"),
    "cost": ("operations",),
    "values": ("decimal",),
    "numeric": ("lambdify",),
    "training": ("fit",),
    "history": ("History",),
    "landscape": ("landscape",),
    "curvature": ("hessian", "hessian_vector"),
    "tables": ("Table",),
    "gradcheck": ("gradcheck",),
    "worked_example": ("worked_example", "examples"),
    "diagnose": ("diagnose", "Slip"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}
_MODULES = ("figures", "latex", "audit")
__all__ = [*_WHERE, *_MODULES]


class _Package(ModuleType):
    """``bp.chain`` is the function, although it lives in chain.py: importing that module must not take its name."""

    def __setattr__(self, name, value):
        if not (name in _WHERE and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name):
    if name in _WHERE:
        value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    elif name in _MODULES:
        value = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
