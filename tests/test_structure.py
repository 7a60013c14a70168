"""The house: imports point upwards, the core needs neither NumPy nor a notebook, every public name is explained."""
import ast
import inspect
import subprocess
import sys
from pathlib import Path

import backprop_sym as bp
from tests.mutants import MISTAKES

PACKAGE = Path(bp.__file__).parent
FOLDERS = ("describe", "derive", "compute", "show", "verify")


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=PACKAGE.parent).stdout.strip()


def test_the_core_needs_no_numpy_and_no_notebook():
    code = ("import sys, backprop_sym as bp; net = bp.dense([2, 2, 2]); bp.reverse(net); c = bp.chain(net, 'w1'); c.paths;"
            "bp.step(net); repr(net); repr(c); net._repr_latex_(); c._repr_latex_();"
            "print([m for m in ('numpy', 'matplotlib', 'IPython', 'tqdm') if m in sys.modules])")
    assert run(code) == "[]"


def test_importing_the_package_imports_nothing_else():
    assert run("import sys, backprop_sym; print('sympy' in sys.modules, 'numpy' in sys.modules)") == "False False"


def test_every_planted_mistake_has_its_place():
    for name, right, wrong in MISTAKES:
        assert (PACKAGE / name).read_text(encoding="utf-8").count(right) == 1 and wrong != right, (name, right)


def test_nothing_heavy_is_imported_before_it_is_used():
    code = ("import sys, backprop_sym as bp; v = bp.worked_example('source').values; net = bp.dense([2, 2, 2]);"
            "bp.fit(net, v, epochs=3); bp.fit(net, v, epochs=3, backend='numpy'); bp.lambdify(net, 'c').source;"
            "bp.landscape(net, v, {'w5': [0, 1], 'w7': [0, 1]});"
            "print([m for m in ('matplotlib', 'IPython', 'numba', 'jax', 'torch') if m in sys.modules])")
    assert run(code) == "[]"


def test_a_function_keeps_its_name_when_its_module_is_imported():
    assert run("import backprop_sym as bp, backprop_sym.derive.chain, backprop_sym.derive.reverse, backprop_sym.verify.toml;"
               "print(callable(bp.chain), callable(bp.reverse), callable(bp.worked_example))") == "True True True"


def test_every_public_name_is_there_and_explained():
    assert set(bp.__all__) <= set(dir(bp))
    for name in bp.__all__:
        value = getattr(bp, name)
        if not isinstance(value, dict):
            assert (inspect.getdoc(value) or "").strip(), name


def test_every_module_and_public_function_is_explained():
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path.name
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if path.parent.name != "slips":
                    assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_no_eval_and_no_sympify_of_text():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "eval", path.name
