"""Names in generated code: every word of every language may name a quantity, a parameter, an activation; the code runs."""
import builtins
import json
import keyword
import math
import re
import shutil
import subprocess

import mpmath
import numpy as np
import pytest
import sympy as sp

import backprop_sym as bp
from backprop_sym.compute.run.backends import BACKENDS
from backprop_sym.describe.activation import ACTIVATIONS
from backprop_sym.describe.additions import OTHERS
from backprop_sym.describe.parser import FUNCTIONS

CC, NODE = shutil.which("cc"), shutil.which("node")
needs = {"c": pytest.mark.skipif(CC is None, reason="there is no C compiler"),
         "javascript": pytest.mark.skipif(NODE is None, reason="Node.js is not installed")}
RUN = [pytest.param(name, marks=needs.get(name, ())) for name in ("python", "numpy", "mpmath", "c", "javascript")]


def printed(*command, given=""):
    """What a command prints; nothing where it is not installed."""
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout if command[0] else ""


def words():
    """Words of the languages and their libraries, asked of these themselves, and what the package keeps free."""
    header = "#include <math.h>\n"
    macros = [re.findall(r"#define (\w+)", printed(CC, *flags, "-dM", "-E", "-", given=header)) for flags in (["-std=c99"], [])]
    declared = re.findall(r"\b[A-Za-z_]\w*", printed(CC, "-E", "-P", "-", given=header))
    script = "console.log(JSON.stringify(Object.getOwnPropertyNames(globalThis)))"
    found = [keyword.kwlist, keyword.softkwlist, *map(dir, (builtins, math, np, mpmath)), *macros, declared,
             json.loads(printed(NODE, "-e", script) or "[]"), *(backend.language.reserved for backend in BACKENDS.values()),
             "FP_RATE _Bool math_errhandling await yield let enum arguments undefined Function Add Mul product exp_1".split()]
    return sorted({word for several in found for word in several if re.fullmatch(r"[A-Za-z_]\w{0,99}", word)})


def few(several, nth, others):
    """Every n-th, and some others."""
    return list(dict.fromkeys([*several[::nth], *others]))


WORDS = words()


@pytest.fixture(scope="module")
def activations():
    """An activation of each of these names, but for those that are there already."""
    before = dict(ACTIVATIONS)
    yield [bp.activation(word, lambda z: z*z + 1) for word in WORDS if word not in before and word not in OTHERS]
    ACTIVATIONS.clear()
    ACTIVATIONS.update(before)


def called(backend, program, values, folder):
    """The last quantity of a program, by its code in a language."""
    f = bp.lambdify(program, backend)
    if backend != "javascript":
        return float(list(f(values).values())[-1])
    (folder/"made.mjs").write_text(f.source, encoding="utf-8")
    (folder/"call.mjs").write_text('import {program} from "./made.mjs";\nconsole.log(program('
                                   f'...{json.dumps([values[program.spelled[s]] for s in program.given])}).at(-1));\n')
    return float(printed(NODE, folder/"call.mjs"))


@pytest.mark.parametrize("backend", RUN)
def test_any_word_names_a_parameter(backend, tmp_path):
    program = bp.Program([("E", sp.Add(*map(bp.symbol, WORDS)))], parameters=WORDS, loss="E")
    assert called(backend, program, dict.fromkeys(WORDS, 1.0), tmp_path) == len(WORDS)


@pytest.mark.parametrize("backend", RUN)
def test_any_word_names_a_quantity(backend, tmp_path):
    some = WORDS if backend != "c" else few(WORDS, 8, sorted(BACKENDS["c"].language.reserved))      # a compiler takes its time
    names = ["the_start", *some]
    program = bp.Program([(b, bp.symbol(a) + 1) for a, b in zip(names, some, strict=False)], parameters=names[:1], loss=names[-1])
    assert called(backend, program, {names[0]: 0.0}, tmp_path) == len(some)


@pytest.mark.parametrize("backend", RUN)
def test_any_word_names_an_activation_and_its_slope(backend, activations, tmp_path):
    some = activations[::4]
    program = bp.Program([("E", sp.Add(*(a(bp.symbol("x")) for a in some)))], parameters=["x"], loss="E")
    assert str(some[0]) in str(program)
    assert called(backend, program, {"x": 2.0}, tmp_path) == 5*len(some)
    assert called(backend, program + bp.reverse(program), {"x": 2.0}, tmp_path) == 4*len(some)


@pytest.mark.parametrize("backend", RUN[:2] + RUN[3:4])
def test_any_word_in_a_training_and_in_a_landscape(backend):
    some = few(WORDS, 15, ["FP_RATE", "_Bool", "math_errhandling", "row", "keep", "epoch"])
    program = bp.Program([("E", sp.Add(*(bp.symbol(word)**2 for word in some)))], parameters=some, loss="E")
    history = bp.fit(program, dict.fromkeys(some, 1.0), learning_rate=0.25, epochs=2, backend=backend)
    assert history.loss == pytest.approx([len(some), len(some)/4, len(some)/16])
    grid = bp.landscape(program, dict.fromkeys(some, 1.0), {some[0]: [0, 1], some[1]: [0, 2]}, backend=backend)
    assert grid.tolist() == [[len(some) - 2, len(some) + 2], [len(some) - 1, len(some) + 3]]


def test_what_is_no_name_for_an_activation():
    assert set(FUNCTIONS) | {"softmax"} == OTHERS
    for name in OTHERS:
        with pytest.raises(ValueError, match=f"{name!r} is that of another function"):
            bp.activation(name, lambda z: z)
