"""The house: imports point upwards, the core needs neither NumPy nor a notebook, every public name is explained."""
import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import backprop_sym as bp
from tests.mutants import MISTAKES

PACKAGE = Path(bp.__file__).parent
FOLDERS = ("describe", "derive", "compute", "show", "verify", "teach")


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


# What evaluates a text, or makes an expression of what a caller passes, and the one place where each may stand.
EVALUATORS = {"eval": None, "exec": "compute/run/backend.py", "compile": "compute/run/backend.py", "__import__": None,
              "sympify": "describe/expressions.py", "S": None, "nsimplify": None, "parse_expr": None, "sympy_parser": None}


def calls():
    """(file, name, call) of every call of a name, or of an attribute of SymPy, in the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                where = node.func
                if isinstance(where, ast.Name) or isinstance(where, ast.Attribute) and getattr(where.value, "id", "") == "sp":
                    yield path.relative_to(PACKAGE).as_posix(), getattr(where, "id", None) or where.attr, node


def test_nothing_is_evaluated_but_in_one_place_each():
    found = [(name, file) for file, name, _ in calls() if name in EVALUATORS]
    assert {name for name, _ in found} == {name for name, place in EVALUATORS.items() if place}
    assert [(name, file) for name, file in found if EVALUATORS[name] != file] == []


def test_sympify_is_strict():
    for file, name, call in calls():
        if name == "sympify":
            assert {"strict": True} == {k.arg: k.value.value for k in call.keywords if k.arg == "strict"}, file


def test_no_number_of_sympy_is_made_of_text_unread():
    """Rational, Float and Integer read text: they are given numbers, or what ``decimals.number`` has matched."""
    odd = [(file, ast.unparse(call)) for file, name, call in calls() if name in ("Rational", "Float", "Integer", "Number")
           for argument in call.args if isinstance(argument, ast.JoinedStr) or isinstance(argument, ast.Constant)
           and isinstance(argument.value, str) or isinstance(argument, ast.Name) and argument.id in ("text", "value")]
    assert odd == []


def test_functions_of_sympy_take_no_text():
    for function in {*bp.ACTIVATIONS.values(), bp.softmax, bp.logsumexp}:
        with pytest.raises(TypeError, match="expected an expression or a number, got"):
            function(*["__import__('os').getcwd()"]*(2 if function is bp.softmax else 1))
