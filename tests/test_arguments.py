"""Wrong input: every public function, every argument, every hostile value: an answer, or an error that says what is wrong."""
import inspect
import re
import tempfile
import time
from pathlib import Path
from types import ModuleType

import mpmath
import numpy as np
import pytest
import sympy as sp

import backprop_sym as bp
from backprop_sym.describe.nearest import said
from backprop_sym.teach.progress import Progress

NET, VALUES = bp.dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0.5, "b1": 0.25}
STEP, BACK, CHAIN = bp.step(NET), bp.reverse(NET), bp.chain(NET, "w1")
MATRIX, FOLDER = bp.dense([1, 1], form="matrix"), tempfile.TemporaryDirectory()
HISTORY, CHECK = bp.fit(NET, VALUES, epochs=3), bp.gradcheck(NET, VALUES)
SAVED = Path(FOLDER.name, "run.npz")
HISTORY.save(SAVED)
EXAMPLE = bp.worked_example("source")
AUDIT = EXAMPLE.audit()[:2]
Z = sp.Symbol("z")
CELL = bp.Program.parse(["s = w*h"], inputs="h", parameters="w", updates={"h": "s"})


def of(function, **arguments):
    """A function, and arguments that it takes."""
    return function, arguments


def one_argument(function):
    """The same with a signature of its own: SymPy's says nothing."""
    return lambda z: function(z)


def layers():
    """The same of the layers."""
    la = bp.layers
    return {
        "layers.convolution": of(la.convolution, channels=1, height=2, width=2, kernels=1, size=1),
        "layers.pooling": of(la.pooling, channels=1, height=2, width=2, size=2),
        "layers.recurrent": of(la.recurrent, inputs=1, units=1), "layers.lstm": of(la.lstm, inputs=1, units=1),
        "layers.gru": of(la.gru, inputs=1, units=1), "layers.batch_norm": of(la.batch_norm, units=1),
        "layers.layer_norm": of(la.layer_norm, units=1), "layers.attention": of(la.attention, inputs=1, keys=1),
        "layers.embedding": of(la.embedding, tokens=2, units=1), "layers.dropout": of(la.dropout, units=1),
        "layers.residual": of(la.residual, units=1)}


PLANE, PIXELS = bp.dense([2, 2, 1], form="matrix"), bp.dense([4, 2, 2], form="matrix")


class Model:
    """What looks like a module of PyTorch."""

    training = False

    def named_modules(self):
        return []

    forward = named_modules


def from_torch(model, loss):
    """The same, where there is no PyTorch as well: what it says then is an answer."""
    try:
        return bp.from_torch(model, loss)
    except (ImportError, ValueError) as error:
        if isinstance(model, Model):
            return str(error)
        raise


def hosts():
    """{name: (function, arguments that it takes)} of everything that a reader can call."""
    f, lt, au, ex = bp.figures, bp.latex, bp.audit, bp.explore
    found = {
        "Partial": of(bp.Partial, of="E", wrt="w"), "symbol": of(bp.symbol, name="w"),
        "parse": of(bp.parse, text="x", names=["x"]),
        "activation": of(bp.activation, name="of_a_test", definition=lambda z: z), "Equation": of(bp.Equation, lhs="z", rhs="x"),
        "softmax": of(lambda k, z: bp.softmax(k, z, z), k=1, z=Z), "logsumexp": of(lambda y, z: bp.logsumexp(y, z), y=1, z=Z),
        **{name: of(one_argument(getattr(bp, name)), z=Z) for name in
           ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "gelu", "gelu_tanh", "silu", "identity")},
        "Program": of(bp.Program, equations=[("z", "x")]), "Program.parse": of(bp.Program.parse, lines=["z = w*x"]),
        "dense": of(bp.dense, widths=[1, 1]), "penalize": of(bp.penalize, program=NET, l2="lamda"),
        "batch": of(bp.batch, program=NET, size=2),
        "unroll": of(bp.unroll, program=NET, updates=1, samples=1, optimizer=bp.GradientDescent()),
        "entries": of(bp.entries, program=MATRIX, sizes={"B": 1}), "array_rule": (bp.array_rule, {"function": "@"}),
        "start": of(bp.start, program=NET), "resume": of(bp.resume, path=SAVED), "History.save": of(HISTORY.save, path=SAVED),
        "unroll_in_time": of(bp.unroll_in_time, cell=CELL, steps=2), **layers(),
        "chain": of(bp.chain, program=NET, wrt="w1"), "reverse": of(bp.reverse, program=NET), "step": of(bp.step, program=NET),
        **{name: of(getattr(bp, name)) for name in ("GradientDescent", "Momentum", "Nesterov", "RMSProp", "Adam", "AdamW",
                                                    "ExponentialDecay", "InverseTimeDecay")},
        "CosineDecay": of(bp.CosineDecay, T=10), "Warmup": of(bp.Warmup, T=10),
        "update": of(bp.Adam().update, program=NET),
        "operations": of(bp.operations, program=NET), "decimal": of(bp.decimal, value=1.0),
        "lambdify": of(bp.lambdify, program=NET),
        "fit": of(bp.fit, program=NET, values=VALUES, epochs=2), "hessian_vector": of(bp.hessian_vector, program=NET),
        "History": of(bp.History, program=NET, epochs=[0], loss=[1.0], values={}),
        "hessian": of(bp.hessian, program=NET, values=VALUES),
        "landscape": of(bp.landscape, program=NET, values=VALUES, axes={"w1": [0, 1]}),
        "landscape_source": of(bp.landscape_source, program=NET, axes=["w1"]),
        "training_source": of(bp.training_source, program=STEP, values={**VALUES, "eta": 1}),
        "Table": of(bp.Table, headings=("a",), rows=(("b",),)), "gradcheck": of(bp.gradcheck, program=NET, values=VALUES),
        "worked_example": of(bp.worked_example, name_or_path="source"), "examples": of(bp.examples),
        "diagnose": of(bp.diagnose, program=NET, values=VALUES, quantity="E_total", printed="0.5"),
        "from_torch": of(from_torch, model=Model(), loss="MSELoss"),
        "Slip": of(bp.Slip, name="a", text="b", value=1, cost=1.0, chance=0.0),
        "figures.contributions": of(f.contributions, chain=CHAIN.at(VALUES)), "figures.loss": of(f.loss, history=HISTORY),
        "figures.graph": of(f.graph, program=NET, values=VALUES),
        "figures.curves": of(f.curves, series={"a": [1, 2]}, xlabel="x", ylabel="y"),
        "figures.figure": of(f.figure, alt="A line."),
        "figures.landscape": of(f.landscape, x=[0, 1], y=[0, 1], z=[[0, 1], [1, 2]], xlabel="x", ylabel="y"),
        "figures.network": of(f.network, program=NET), "figures.parameters": of(f.parameters, history=HISTORY),
        "explore.weight": of(ex.weight, program=NET, values=VALUES, name="w1"),
        "explore.paths": of(ex.paths, program=NET, values=VALUES),
        "explore.backward": of(ex.backward, program=NET, values=VALUES),
        "explore.rate": of(ex.rate, program=NET, values=VALUES, epochs=2),
        "explore.difference": of(ex.difference, program=NET, values=VALUES, name="w1"),
        "explore.valley": of(ex.valley, program=NET, values=VALUES, optimizers={"A": bp.Adam()}, names="w1 b1", steps=2),
        "explore.space": of(ex.space, program=PLANE, values=bp.start(PLANE), X=[[0, 1], [1, 0]], Y=[0, 1]),
        "explore.through_time": of(ex.through_time, cell=CELL, values=dict.fromkeys(CELL.given, 1), name="w", steps=3),
        "explore.digit": of(ex.digit, program=PIXELS, values=bp.start(PIXELS), pictures=[[0, 1, 1, 0]]),
        "explore.answer": of(ex.answer, example=EXAMPLE, quantity="d(E_total)/d(w5)"),
        "latex.program_latex": of(lt.program_latex, program=NET),
        "latex.worked_latex": of(lt.worked_latex, worked=NET.at(VALUES)),
        "latex.values_latex": of(lt.values_latex, values=VALUES), "latex.chain_latex": of(lt.chain_latex, chain=CHAIN),
        "latex.name_latex": of(lt.name_latex, name="w5"), "latex.number_latex": of(lt.number_latex, value=0.5),
        "audit.audit": of(au.audit, example=EXAMPLE), "audit.corpus": of(au.corpus, audited={"source": AUDIT}),
        "audit.ledger": of(au.ledger, audited={"source": AUDIT}),
        "Audit.where": of(lambda section: AUDIT.where(section=section), section="a"),
        "Program.evaluate": of(NET.evaluate, values=VALUES), "Program.at": of(NET.at, values=VALUES),
        "Program.upto": of(NET.upto, name="z1"),
        "Program.rename": of(NET.rename, names={"w1": "v"}), "Program.after": of(NET.after, updates=1),
        "Program.symbol": of(NET.symbol, name="w1"), "Program.symbols": of(NET.symbols, names="w1 b1"),
        "Program.partials": of(NET.partials, e=NET["z1"]), "Program[]": of(NET.__getitem__, name="z1"),
        "History.at": of(HISTORY.at, epoch=1), "History.plot": of(HISTORY.plot), "Chain.at": of(CHAIN.at, values=VALUES),
        "GradientCheck.curve": of(CHECK.curve), "GradientCheck.plot": of(CHECK.plot),
        "WorkedExample.diagnose": of(EXAMPLE.diagnose, quantity="w7", printed="0.498139526", after=1),
        "WorkedExample.check_answer": of(EXAMPLE.check_answer, quantity="w5", answer="0.4"),
        "WorkedExample.slips": of(EXAMPLE.slips, quantity="w5"),
        "WorkedExample.figure": of(EXAMPLE.figure, quantity="w5", printed="0.4")}
    found |= {name: of(getattr(bp, name), id="01.1") for name in ("exercise", "hint", "solution")}
    found |= {"check": of(bp.check, id="01.1", answer="0.51"), "exercises": of(bp.exercises), "progress": of(bp.progress)}
    sheet = bp.worksheet("one neuron", level=1)
    sheet.save(FOLDER.name)
    key, answers = (Path(FOLDER.name, name) for name in ("KEY.toml", "ANSWERS.csv"))
    found |= {"worksheet": of(bp.worksheet, topic="one neuron", level=1), "grade": of(bp.grade, key=key, answers=answers),
              "Worksheet.save": of(sheet.save, folder=FOLDER.name), "Worksheet.assign": of(sheet.assign, folder=FOLDER.name),
              "Worksheet.marks": of(sheet.marks, answers={"z1": "0.5"})}
    return found | {f"{backend} code": of(bp.lambdify(NET, backend), values=VALUES) for backend in ("python", "numpy", "mpmath")}


HOSTS = hosts()
TEXT = "__import__('pathlib').Path({!r}).touch()"           # leaves a file where it is evaluated
# None means all bundled examples to these two.
CALLED = ("definition", "slope", "stable", "stable_slope", "callback")     # a class is called, and fails in its own words
ALL = ("audit.corpus", "audit.ledger")


def hostile(canary):
    """Values that no argument is meant for, or few."""
    text = TEXT.format(str(canary))
    return [
        None, True, -1, 0, 3.7, 10**400, float("nan"), float("inf"), 1j, mpmath.mpc(1, 2),
        "", "nope", "x"*30_000, "1e99999999", b"x", text, [text], (text,), {text}, {"w1": text}, {text: 1},
        {"w1": {"a": text}}, [[text]],
        [], [None], [1, 2], {}, {1: 2}, {"w1": None}, {"w1": 1j}, {"w1": [0.5, "a"]}, {"w1": 10**400}, {1, 2}, frozenset(),
        object(), float, bp.Adam, bp.Adam(), lambda *arguments, **keywords: 1, iter([]), range(3),
        np.ma.masked_array([1.0, 2.0], [True, False]), np.array([1.0, float("nan")]), np.array(["a"]),
        np.zeros((2, 0)), np.array(1j), Z, sp.zoo, sp.I, NET, STEP, BACK, HISTORY, CHAIN]


def told(message, name, value):
    """Whether a message names the argument, or says what came."""
    parts = [value, *(value if isinstance(value, list | tuple | range) or getattr(value, "ndim", 0) else ()),
             *((*value, *value.values()) if isinstance(value, dict) else ()), *getattr(value, "names", ())]
    words = [said(part)[:8] for part in parts] + [str(part)[:8] for part in parts if not isinstance(part, int)]
    long = isinstance(value, str) and f"{len(value):,}" in message
    return long or re.search(name.rstrip("s"), message, re.IGNORECASE) or any(word and word in message for word in words)


def test_everything_public_is_called():
    public = {name for name in bp.__all__ if callable(getattr(bp, name))}
    functions = {f"{module}.{name}" for module in ("figures", "latex", "audit")
                 for name, thing in vars(getattr(bp, module)).items() if inspect.isfunction(thing)
                 and thing.__module__ == getattr(bp, module).__name__ and not name.startswith("_")}
    assert public - set(HOSTS) == set()
    assert {f"layers.{name}" for name in bp.layers.__all__} <= set(HOSTS)
    assert functions - set(HOSTS) - {"audit.audits", "latex.aligned", "figures.difference_error"} == set()
    assert all(isinstance(getattr(bp, name), ModuleType | dict) for name in set(bp.__all__) - public)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.filterwarnings("ignore")                       # what a library says of the values that it gets
def test_whatever_comes_is_answered_or_refused_in_words(host, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)                            # where a file that is saved under an odd name stays
    monkeypatch.setattr("backprop_sym.teach.progress._CHOSEN", [Progress()])
    function, good = HOSTS[host]
    canary = tmp_path / "evaluated"
    repr(function(**good))
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        for value in hostile(canary):
            if value is None and host in ALL or isinstance(value, type) and name in CALLED:
                continue
            before = time.process_time()
            try:
                repr(function(**{**good, name: value}))
            except (TypeError, ValueError, OSError) as error:
                assert told(str(error), name, value) and len(str(error)) < 600, (name, said(value), error)
            assert time.process_time() - before < 2, (name, said(value))
    assert not canary.exists()


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: bp.gradcheck(NET, VALUES, wrt="w9"), ValueError, ["'w9'"]),
    (lambda: bp.hessian(NET, VALUES, reduce="max"), ValueError, ["reduction", "'max'"]),
    (lambda: bp.diagnose(NET, VALUES, "z9", "0.5"), ValueError, ["quantity", "'z9'"]),
    (lambda: bp.fit(None, VALUES), TypeError, ["program", "None"]),
    (lambda: bp.fit(NET, VALUES, "abc"), TypeError, ["samples", "'abc'"]),
    (lambda: bp.fit(NET, VALUES, schedule="cosine"), TypeError, ["schedule", "'cosine'", "CosineDecay"]),
    (lambda: bp.step(NET, "adam"), TypeError, ["optimizer", "'adam'", "Adam()"]),
    (lambda: bp.step(NET, bp.Adam), TypeError, ["optimizer", "Adam()"]),
    (lambda: bp.dense([1, 1], activation=None), ValueError, ["activation", "None"]),
    (lambda: CHECK.curve("nope"), ValueError, ["'nope'", "w1"]),
    (lambda: bp.fit(NET, VALUES, learning_rate=10**400), ValueError, ["learning_rate", "finite"]),
    (lambda: bp.fit(NET, {**VALUES, "w1": 1j}), TypeError, ["'w1'", "1j"]),
    (lambda: bp.fit(NET, {**VALUES, "w1": np.ma.masked_array([1.0], [True])}, backend="numpy"), TypeError, ["'w1'", "masked"]),
    (lambda: bp.lambdify(NET, "numpy")({**VALUES, "w1": np.array([1, np.nan])}), TypeError, ["'w1'", "finite", "nan"]),
    (lambda: bp.fit(NET, VALUES, epochs=-1), ValueError, ["epochs", "-1"]),
    (lambda: bp.fit(NET, VALUES, batch=0), ValueError, ["batch", "0"]),
    (lambda: bp.fit(NET, VALUES, every=0), ValueError, ["every", "0"]),
    (lambda: bp.fit(NET, VALUES, backend="fortran"), ValueError, ["backend", "'fortran'"]),
    (lambda: bp.fit(STEP, VALUES, optimizer=bp.Adam()), ValueError, ["optimizer", "step(net, Adam", "Adam"]),
    (lambda: bp.dense([10**6, 1]), ValueError, ["widths", "100,000", "1,000,000"]),
    (lambda: bp.batch(NET, 10**7), ValueError, ["size", "100,000", "fit("]),
    (lambda: bp.unroll(NET, 10**7, optimizer=bp.GradientDescent()), ValueError, ["updates", "100,000", "fit("]),
    (lambda: NET.after(10**9), ValueError, ["updates", "1,000", "1000000000"]),
    (lambda: bp.penalize(NET, l2="lamda", of=[]), ValueError, ["weights", "of="]),
])
def test_wrong_calls(call, error, words):
    with pytest.raises(error) as raised:
        call()
    assert all(word in str(raised.value) for word in words), str(raised.value)


@pytest.mark.parametrize("backend", ["python", "numpy", "mpmath", "c", "javascript"])
def test_one_argument_is_enough_for_functions_of_many(backend):
    program = bp.Program.parse(["a = logsumexp(x)", "p = softmax(1, x)", "m = max(x)"])
    f = bp.lambdify(program, backend)
    if backend != "javascript":
        assert list(map(float, f({"x": 2}).values())) == [2, 1, 2]


def test_a_parameter_that_nothing_uses():
    program = bp.Program.parse(["E = w*x"], parameters="w u", inputs="x", loss="E")
    check = bp.gradcheck(program, {"w": 1, "x": 2})
    assert check.ok and [float(row.exact) for row in check.rows] == [2, 0]
    assert bp.hessian(program, {"w": 1, "x": 2, "u": 3}).tolist() == [[0, 0], [0, 0]]


def test_a_step_is_trained_as_it_was_made():
    whole = bp.step(NET, bp.Adam())
    assert bp.fit(whole, VALUES, optimizer=bp.Adam(), epochs=3).loss == pytest.approx(
        bp.fit(NET, VALUES, optimizer=bp.Adam(), epochs=3).loss)
    with pytest.raises(ValueError, match="the loss w is given from outside"):
        bp.fit(bp.Program.parse(["z = w*x"], parameters="w", inputs="x", loss="w"), {"w": 1, "x": 2})


@pytest.mark.parametrize(("answer", "right"), [("0.5", False), ("0.4", True), ("0.40", True), ("0", False), ("-0.4", False)])
def test_an_answer_needs_one_right_digit(answer, right):
    assert bool(EXAMPLE.check_answer("w5", answer)) is right


@pytest.mark.parametrize("answer", ["0."+"9"*990, "9"*1000, "9"*10**6, "1e-1000", "1e999"])
def test_an_answer_beyond_all_digits_is_refused_at_once(answer):
    before = time.process_time()
    with pytest.raises(ValueError, match="at most"):
        EXAMPLE.check_answer("w5", answer)
    assert time.process_time() - before < 1
