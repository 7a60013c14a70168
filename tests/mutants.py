"""Mistakes planted in the package one by one, to see that the tests notice each of them: ``make mutants``.

Each row of MISTAKES is a file of the package, a text that stands in it once, and what is written in its place. The package
and its tests are copied, the mistake is planted in the copy, and the tests run there until the first failure.
"""
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).parent.parent
TESTS = ["tests/derive/test_derivatives.py", "tests/describe/test_network.py", "tests/compute/test_training.py",
         "tests/compute/test_numeric.py", "tests/describe/test_functions.py", "tests/compute/test_inplace.py",
         "tests/compute/test_plan.py", "backprop_sym/derive/reverse.py", "backprop_sym/derive/optimizers.py"]
# Where it shows soonest.
FIRST = {"describe/functions.py": "tests/describe/test_functions.py", "derive/optimizers.py": "tests/compute/test_training.py",
         "compute/plan/inplace.py": "tests/compute/test_inplace.py", "compute/plan/reading.py": "tests/compute/test_inplace.py",
         "compute/plan/batches.py": "tests/compute/test_matrices_numpy.py",
         "compute/same.py": "tests/compute/test_matrices_numpy.py",
         "compute/plan/entrywise.py": "tests/compute/test_matrices_javascript.py",
         "compute/plan/wellformed.py": "tests/compute/test_plan.py",
         "compute/plan/step.py": "tests/compute/test_training.py",
         "compute/plan/sharing.py": "tests/compute/test_training.py"}
MISTAKES = [
    # the backward pass
    ("derive/reverse.py", "terms.setdefault(parent, []).append(", "terms.__setitem__(parent, []) or terms[parent].append("),
    ("derive/reverse.py", "times(adjoint_of.get(e.lhs, adjoint), local)", "local"),  # the adjoint left out
    ("derive/reverse.py", "    terms = {of: [sp.Integer(1)]}", "    terms = {of: [sp.Integer(2)]}"),
    ("derive/reverse.py", "if parent in between or parent in targets:", "if parent in targets or parent in list(between)[1:]:"),
    ("derive/reverse.py", "for e in reversed(program.equations):", "for e in reversed(program.equations[1:]):"),
    ("derive/reverse.py", "program.trainable if wrt is None", "program.trainable[:-1] if wrt is None"),
    # activations
    ("describe/functions.py", "slope=lambda z, a: a*(1 - a)", "slope=lambda z, a: a*(1 + a)"),
    ("describe/functions.py", "bracket(_grown(z)/(1 + _grown(z)))/(1 + _grown(z))", "bracket(_grown(z)/(1 + _grown(z)))"),
    ("describe/functions.py", "stable_slope=lambda z: 4*_small(2*z)/(1 + _small(2*z))**2)",
     "stable_slope=lambda z: 1 - sp.tanh(z)**2)"),  # right, not stable
    ("describe/functions.py", "slope=lambda z, a: piecewise(1, z > 0, 0))", "slope=lambda z, a: piecewise(1, z >= 0, 0))"),
    ("describe/functions.py", "slope=lambda z, a: piecewise(1, z > 0, sp.Rational(1, 100)))",
     "slope=lambda z, a: piecewise(1, z > 0, 0))"),
    ("describe/functions.py", "piecewise(z, z > 0, 0) + log1p(_small(z))", "sp.log(1 + sp.exp(z))"),  # right, not stable
    ("describe/functions.py", "return erfc(-z/sp.sqrt(2))/2", "return (1 + sp.erf(z/sp.sqrt(2)))/2"),  # right, not stable
    ("describe/functions.py", "sp.Rational(134145, 10**6)*z**2", "sp.Rational(44715, 10**6)*z**2"),
    ("describe/functions.py", "slope=lambda z, a: a + sigmoid(z)*(1 - a)", "slope=lambda z, a: sigmoid(z)*(1 - a)"),
    ("describe/functions.py", "return -self*softmax(i, *sums)", "return self*softmax(i, *sums)"),
    ("describe/functions.py", "self*sp.Add(*(softmax(j + 1, *sums) for j in range(len(sums)) if j + 1 != k))", "self*(1 - self)"),
    ("describe/functions.py", "softmax(i + 1, *self.args), sp.exp(self.args[i] - self)",
     "softmax(i + 1, *self.args), sp.exp(self)"),
    # losses
    ("describe/losses.py", "lambda n: HALF, _sum(_square)", "lambda n: sp.Rational(1, n), _sum(_square)"),
    ("describe/losses.py", "-y*sp.log(p) - (1 - y)*sp.log(1 - p)", "-y*sp.log(p) - (1 - y)*sp.log(p)"),
    ("describe/losses.py", "softplus(z) - y*z", "softplus(-z) - y*z"),
    ("describe/losses.py", "(r - HALF, r > 0)", "(r + HALF, r > 0)"),
    ("describe/losses.py", "piecewise(1 - y*p, y*p < 1, 0)", "piecewise(1 - y*p, y*p < 0, 0)"),
    # optimizers
    ("derive/optimizers.py", "yield w, minus(w, times(ETA, g))", "yield w, w + times(ETA, g)"),
    ("derive/optimizers.py", "yield w, w - ETA*updated(v)", "yield w, w - ETA*v"),  # the old velocity
    ("derive/optimizers.py", "yield w, w - ETA*(g + mu*updated(v))", "yield w, w - ETA*(g + mu*v)"),
    ("derive/optimizers.py", "yield s, beta2*s + (1 - beta2)*g**2\n        yield w",
     "yield s, beta2*s + (1 - beta2)*g\n        yield w"),
    ("derive/optimizers.py", "mean = updated(m)/(1 - beta1**updated(t))", "mean = updated(m)/(1 - beta1**t)"),
    ("derive/optimizers.py", "size = sp.sqrt(updated(s)/(1 - beta2**updated(t)))", "size = sp.sqrt(updated(s))"),
    ("derive/optimizers.py", "return w - ETA*COEFFICIENTS[\"weight_decay\"]*w", "return w - COEFFICIENTS[\"weight_decay\"]*w"),
    ("derive/schedules.py", "return eta*coefficient(\"gamma\")**t", "return eta*coefficient(\"gamma\")**(t + 1)"),
    ("derive/schedules.py", "return eta*(1 + sp.cos(sp.pi*t/coefficient(\"T\")))/2",
     "return eta*(1 + sp.cos(t/coefficient(\"T\")))/2"),
    # the code that is made of them
    ("compute/plan/sharing.py", "e.rhs - term - names[rate, adjoint]*rest", "e.rhs - term + names[rate, adjoint]*rest"),
    ("compute/plan/sharing.py", "inverse = {p: name**-p.exp for p in powers}", "inverse = {p: name for p in powers}"),
    ("compute/plan/step.py", "if operations <= LONG and not (e.lhs in late and moved[e.lhs]):", "if operations <= LONG:"),
    ("compute/plan/wellformed.py", "if self.held[self.places[s]] != s:", "if False:"),
    ("compute/plan/wellformed.py", "if s in self.places and s not in self.changing and s != place:", "if False:"),
    ("compute/plan/inplace.py", "register for s, register in self.holds.items() if last.get(s, k) > k}",
     "register for s, register in self.holds.items() if last.get(s, k) > k + 1}"),  # freed too early
    ("compute/plan/inplace.py", "elif self.lies(value) in self.own:", "elif False:"),
    ("compute/plan/inplace.py", "register or self.holds.get(self.lies(value))", "register"),  # two names for one array
    ("compute/plan/inplace.py", "arguments[1] in POWERS", "arguments[1].free_symbols == set()"),  # 1/3 is no float
    ("compute/plan/inplace.py", "if uses[s] == 1 and last.get(s) == k", "if last.get(s) == k"),  # overwritten while it is read
    ("compute/plan/reading.py", "Operation(\"positive\", (value,)) if shape(value) else value", "value"),
    ("compute/plan/batches.py", "Assign(s, Operation(\"copy\", (s,))) for s in own", "Assign(s, s) for s in own"),
    ("compute/plan/entrywise.py", "Element(array, start + i) if k == axis", "Element(array, i) if k == axis"),
    ("compute/plan/entrywise.py", "index = index*size + i", "index = index + size*i"),
    ("compute/same.py", "tuple(sorted(p.shapes.items(), key=str))", "()"),
]


def caught(mistake):
    """Whether the tests fail with this mistake planted; ValueError where its text does not stand in the file once."""
    name, right, wrong = mistake
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("backprop_sym", "tests", "pyproject.toml"):
            source = ROOT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / part)
        path = copy / "backprop_sym" / name
        text = path.read_text(encoding="utf-8")
        if text.count(right) != 1:
            raise ValueError(f"{name}: expected {right!r} once, found it {text.count(right)} times")
        path.write_text(text.replace(right, wrong), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:nbval", "-o", "addopts=",
                   "--import-mode=importlib", "--doctest-modules",
                   *sorted(TESTS, key=lambda test: test != FIRST.get(name))]
        return subprocess.run(command, cwd=copy, capture_output=True).returncode != 0


def main():
    """Plant all, print one line each, and return 1 where one survives (or where the tests fail without any)."""
    if caught(("derive/reverse.py", '"""The backward pass', '"""The backward pass')):
        print("The tests fail without any mistake: mend that first.")
        return 1
    with ThreadPoolExecutor(2) as pool:
        found = list(tqdm(pool.map(caught, MISTAKES), total=len(MISTAKES), desc="mistakes"))
    for (name, _, wrong), dead in zip(MISTAKES, found, strict=True):
        print(f"{'caught  ' if dead else 'SURVIVED'}  {name:14} {wrong.splitlines()[0]}")
    print(f"{sum(found)} of {len(found)} mistakes caught")
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
