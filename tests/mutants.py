"""Mistakes planted in the package one by one, to see that the tests notice each of them: ``make mutants``.

Each row of MISTAKES is a file of the package, a text that stands in it once, and what is written in its place. The package
and its tests are copied, the mistake is planted in the copy, and the tests run there until the first failure.
"""
import os
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
         "tests/compute/test_plan.py", "tests/derive/test_indices.py", "tests/derive/test_entries.py",
         "tests/derive/test_layers.py", "tests/compute/test_selections.py", "tests/compute/test_probabilities.py",
         "tests/compute/test_ahead.py", "tests/compute/test_arranged.py", "tests/compute/test_maxima.py",
         "tests/derive/test_matrix_chain.py", "tests/describe/test_matrices.py", "tests/describe/test_shapes.py",
         "tests/compute/test_matrix_checks.py", "backprop_sym/derive/reverse.py", "backprop_sym/derive/optimizers.py",
         "tests/compute/test_no_number.py", "tests/verify/test_arrays_in_files.py", "tests/data"]
# Where it shows soonest.
FIRST = {"describe/functions.py": "tests/describe/test_functions.py", "describe/order.py": "tests/describe/test_network.py",
         "derive/optimizers.py": "tests/compute/test_training.py",
         "compute/plan/inplace.py": "tests/compute/test_inplace.py", "compute/plan/places.py": "tests/compute/test_inplace.py",
         "compute/plan/values.py": "tests/compute/test_inplace.py", "compute/plan/reading.py": "tests/compute/test_inplace.py",
         "compute/plan/batches.py": "tests/compute/test_matrices_numpy.py",
         "compute/plan/arranged.py": "tests/compute/test_arranged.py",
         "compute/plan/together.py": "tests/compute/test_together.py",
         "compute/same.py": "tests/compute/test_matrices_numpy.py",
         "compute/plan/ahead.py": "tests/compute/test_ahead.py",
         "compute/plan/probabilities.py": "tests/compute/test_probabilities.py",
         "compute/plan/entrywise.py": "tests/compute/test_matrices_javascript.py",
         "compute/plan/wellformed.py": "tests/compute/test_plan.py",
         "describe/matrices.py": "tests/describe/test_matrices.py", "describe/shapes.py": "tests/describe/test_shapes.py",
         "derive/indices.py": "tests/derive/test_indices.py", "derive/adjoints.py": "tests/derive/test_entries.py",
         "derive/entries.py": "tests/describe/test_matrices.py", "derive/chain.py": "tests/derive/test_matrix_chain.py",
         "derive/layers/cells.py": "tests/derive/test_layers.py", "derive/layers/rows.py": "tests/derive/test_layers.py",
         "derive/recurrence.py": "tests/derive/test_layers.py",
         **dict.fromkeys(("describe/selections.py", "compute/plan/lookups.py", "compute/write/numpy.py"),
                         "tests/compute/test_selections.py"),
         "derive/curvature.py": "tests/compute/test_matrix_checks.py", "compute/plan/step.py": "tests/compute/test_training.py",
         "compute/plan/sharing.py": "tests/compute/test_training.py",
         "compute/plan/operations.py": "tests/compute/test_no_number.py",
         "compute/run/anydigits.py": "tests/compute/test_no_number.py",
         "verify/inarrays.py": "tests/verify/test_arrays_in_files.py",
         **{f"data/{name}.py": "tests/data"
            for name in ("dataset", "given", "labels", "split", "file", "idxfile", "csvfile", "made")}}
MISTAKES = [
    # the backward pass
    ("derive/reverse.py", "terms.setdefault(parent, []).append(", "terms.__setitem__(parent, []) or terms[parent].append("),
    ("derive/adjoints.py", "(s, times(adjoint, local)) for", "(s, local) for"),  # the adjoint left out
    ("derive/reverse.py", "    terms = {of: [sp.Integer(1)]}", "    terms = {of: [sp.Integer(2)]}"),
    ("derive/reverse.py", "if parent in between or parent in targets:", "if parent in targets or parent in list(between)[1:]:"),
    ("derive/reverse.py", "for e in reversed(program.equations):", "for e in reversed(program.equations[1:]):"),
    ("derive/reverse.py", "program.trainable if wrt is None", "program.trainable[:-1] if wrt is None"),
    # how a learning rate is written that changes
    ("describe/order.py", "for s in _of_hyperparameters(program):", "for s in ():"),
    ("describe/order.py", "program.hyperparameters) - moving(program, data)", "program.hyperparameters)"),
    ("describe/order.py", "        hyperparameters.add(s)\n", ""),
    ("describe/order.py", "if s in found and not isinstance(s, Partial)]", "if s in found]"),
    # the backward pass of arrays
    ("describe/matrices.py", "A[i, k]*W[k, j]", "A[i, k]*W[j, k]"),
    ("describe/matrices.py", "lambda i, j: A[j, i],", "lambda i, j: A[i, j],"),
    ("describe/matrices.py", "return (a[0], sp.S.One) if axis == 1", "return (sp.S.One, a[0]) if axis == 1"),
    ("describe/matrices.py", "_every(add, A)/_count(A)", "_every(add, A)/A.shape[0]"),
    ("describe/matrices.py", "A.shape[1])/A.shape[1])", "A.shape[1])/A.shape[0])"),
    ("describe/matrices.py", "sp.exp(Z[i, j])/_exponentials(add, Z)(i)", "sp.exp(Z[i, j])/_exponentials(add, Z)(j)"),
    ("describe/matrices.py", "return dot(*map(transposed, a.args[::-1]))", "return dot(*map(transposed, a.args))"),
    ("describe/matrices.py", "(j + 1, *_row_of(Z, i)) if Z.shape[1] > 1 else sp.S.One", "(j + 1, *_row_of(Z, i))*0"),
    ("describe/matrices.py", "maximum(*numbers).by(j) if len(numbers) > 1 else sp.S.One", "sp.S.One"),
    ("describe/matrices.py", "piecewise(1, k < j, 0)", "piecewise(1, k > j, 0)"),  # the last of several that are as large
    ("describe/matrices.py", "_first(_column_of(A, j), i)", "_first(_row_of(A, i), j)"),
    ("describe/shapes.py", "return tuple(n if m == 1 else m for m, n in zip(left, right, strict=True))", "return tuple(left)"),
    ("describe/shapes.py", "fits = fits and size == number", "fits = fits and True"),
    ("describe/shapes.py", "found.setdefault(size, number) == number", "(found.setdefault(size, number) or True)"),
    ("derive/indices.py", "return before*deltasummation(inside, limits, no_piecewise=True)",
     "return deltasummation(inside, limits, no_piecewise=True)"),
    ("derive/indices.py", "return dot(_read(left, row, k), _read(right, k, column))",
     "return dot(_read(left, row, k), _read(right, column, k))"),
    ("derive/indices.py", "    if of_row:\n        return row_sums(", "    if of_row:\n        return column_sums("),
    ("derive/indices.py", "lambda x: F[x.args[0].indices]*S[x.args[0].indices[0]]", "lambda x: F[x.args[0].indices]"),
    ("derive/adjoints.py", "if found == shape else spread(plain, *shape)", "if True else spread(plain, *shape)"),
    ("derive/adjoints.py", "fitted(sp.Mul(plain, *summed), shape, shapes)", "fitted(plain, shape, shapes)"),  # counted once
    ("derive/adjoints.py", "plain if found == whole else expression", "plain"),
    ("derive/adjoints.py", "handed = number*derivative(", "handed = derivative("),
    ("derive/adjoints.py", "numbers.append(factor.args[0])", "pass"),
    ("derive/adjoints.py", "found.setdefault(s, []).append(term)", "found[s] = [term]"),  # used twice in one equation
    ("derive/entries.py", "0 if size == 1 else i for size, i in zip(shape", "i for size, i in zip(shape"),
    ("derive/entries.py", "at[len(at) - len(shape):], strict=True))", "at[:len(shape)], strict=True))"),
    # look-ups, time and layers
    ("describe/selections.py", "return (c*height + y*stride + u)*width + x*stride + v",
     "return (c*height + y*stride + v)*width + x*stride + u"),
    ("describe/selections.py", "(width + 2*frame) + frame + x", "(width + frame) + frame + x"),
    ("describe/selections.py", "sp.Piecewise((1, sp.Eq(N[i], j))", "sp.Piecewise((1, sp.Eq(N[i], j + 1))"),
    ("compute/plan/lookups.py", "else placed(left.args[0], right)", "else taken(left.args[0], right)"),
    ("compute/write/numpy.py", "add.at(found, places, d)", "found[places] += d"),  # a row that was looked up twice
    ("compute/write/numpy.py", "    found[...] = 0\n", ""),  # what stood in the register
    ("derive/adjoints.py", "reshape(handed, *of[i]) if call.flat", "reshape(handed, *of[i][::-1]) if call.flat"),
    ("derive/recurrence.py", "for s in symbols for t in times if s not in states or t == 1", "for s in symbols for t in times"),
    ("derive/layers/cells.py", "C_next = F*C + I*G", "C_next = F*C + G"),
    ("derive/layers/cells.py", "(1 - Z)*N + Z*H\"]", "(1 - Z)*H + Z*N\"]"),
    ("derive/layers/rows.py", "@ K{k}.T/sqrt({keys})", "@ K{k}.T/({keys})"),
    ("derive/layers/rows.py", "sp.Range(2, MOST)", "sp.Range(1, MOST)"),
    ("compute/plan/arranged.py", "a.args[1:] == b.args[1:] and shape(a.args[0]) == shape(b.args[0])", "True"),
    ("compute/plan/arranged.py", "return a if shape(a) == tuple(sizes) else", "return a if sizes else"),
    ("compute/plan/ahead.py", "uses[e.lhs] == 1 and e.lhs in factors", "e.lhs in factors"),  # what is needed twice is gone
    ("compute/plan/ahead.py", "if _kept(new) < _kept(program) else program", "if True else program"),
    ("compute/plan/inplace.py", "if self.places.homes[s] != part:", "if False:"),  # what is at home elsewhere is not copied
    ("compute/plan/places.py", "taken = self.busy | self.constant | self.reserved", "taken = self.busy | self.constant"),
    ("compute/plan/probabilities.py", "lambda z: -softplus(-z)", "lambda z: -softplus(z)"),
    ("compute/plan/probabilities.py", "else spread(new, *self.shape(e))", "else new"),  # the shape of what cancels
    ("compute/plan/probabilities.py", "rhs if self.divides(product) else self.complements(product)", "rhs"),
    ("compute/plan/arranged.py", "sp.N(sp.Mul(*numbers), 17), *others", "sp.N(sp.Mul(*numbers[1:]), 17), *others"),
    ("compute/plan/arranged.py", "return sp.Add(*terms)", "return terms[0]"),
    ("compute/plan/arranged.py", "(type(term), *shapes) if shapes", "(type(term),) if shapes"),
    ("derive/chain.py", "named = {above: sp.S.One if e.lhs == self.of else ABOVE}", "named = {above: ABOVE}"),
    ("derive/curvature.py", "return total(product) if", "return 2*total(product) if"),
    # activations
    ("describe/functions.py", "slope=lambda z, a: a*(1 - a)", "slope=lambda z, a: a*(1 + a)"),
    ("describe/functions.py", "bracket(_grown(z)/(1 + _grown(z)))/(1 + _grown(z))", "bracket(_grown(z)/(1 + _grown(z)))"),
    ("describe/functions.py", "folded_slope=lambda z: _fold(z)*(1 - _fold(z))", "folded_slope=lambda z: _fold(z)"),
    ("describe/functions.py", "piecewise(_fold(z), z < 0, 1 - _fold(z))", "1 - piecewise(1 - _fold(z), z < 0, _fold(z))"),
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
    ("describe/losses.py", "scale=lambda n: HALF", "scale=lambda n: sp.Rational(1, n)"),
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
    ("derive/schedules.py", "eta*(1 + sp.cos(sp.pi*t/coefficient(\"T\")))/2",
     "eta*(1 + sp.cos(t/coefficient(\"T\")))/2"),
    # the code that is made of them
    ("compute/plan/sharing.py", "e.rhs - term - names[rate, adjoint]*rest", "e.rhs - term + names[rate, adjoint]*rest"),
    ("compute/plan/sharing.py", "inverse = {p: name**-p.exp for p in powers}", "inverse = {p: name for p in powers}"),
    ("compute/plan/step.py", "if operations <= LONG and not (e.lhs in late and moved[e.lhs]):", "if operations <= LONG:"),
    ("compute/plan/wellformed.py", "if self.held[self.places[s]] != s:", "if False:"),
    ("compute/plan/wellformed.py", "if s in self.places and s not in self.changing and s != place:", "if False:"),
    ("compute/plan/inplace.py", "release({s for s in self.places.holds if last.get(s, k) > k})",
     "release({s for s in self.places.holds if last.get(s, k) > k + 1})"),  # freed too early
    ("compute/plan/inplace.py", "elif places.lies(value) in places.own:", "elif False:"),
    ("compute/plan/inplace.py", "register or places.holds.get(places.lies(value))", "register"),  # two names for one array
    ("compute/plan/values.py", "arguments[1] in POWERS", "arguments[1].free_symbols == set()"),  # 1/3 is no float
    ("compute/plan/places.py", "if uses[s] == 1 and last.get(s) == k", "if last.get(s) == k"),  # overwritten while it is read
    ("compute/plan/reading.py", "Operation(\"positive\", (value,)) if shape(value) else value", "value"),
    ("compute/plan/together.py", "Assign(s, Operation(\"copy\", (s,))) for s in own", "Assign(s, s) for s in own"),
    ("compute/plan/together.py", "if p not in entangled:", "if p is not None:"),
    ("compute/plan/together.py", " and not equation.rhs.has(ArrayFunction)", ""),
    ("compute/plan/together.py", "if s in roles and s not in given}", "if s in roles}"),
    ("compute/plan/entrywise.py", "Element(array, start + i) if k == axis", "Element(array, i) if k == axis"),
    ("compute/plan/entrywise.py", "index = index*size + i", "index = index + size*i"),
    ("compute/same.py", "frozenset(p.shapes.items())", "()"),
    ("compute/run/anydigits.py", "if mp.re(x) < 0:", "if False:"),
    ("compute/run/anydigits.py", "return mp.mag(x) > mp.prec", "return mp.mag(x) > 10**6"),  # digits that nobody knows
    ("compute/plan/batches.py", "Part(of, START, STOP, sp", "Part(of, ZERO, STOP - START, sp"),      # the first batch again
    ("compute/plan/batches.py", "if s in homes else part)", "if not s else part)"),  # what lies below is not there
    ("describe/shapes.py", "next((e.layer for e in program if not e.uses.isdisjoint(given)), None)", "None"),
    ("derive/entries.py", "*((call.args[0], allowed) for call, allowed in program.lookups)", "*()"),
    ("compute/plan/operations.py", "isinstance(condition, sp.Ne | sp.And | sp.Not)", "isinstance(condition, sp.And | sp.Not)"),
    # examples in arrays
    ("verify/inarrays.py", "if shapes[name] != shape)", "if False)"),
    ("verify/inarrays.py", "str(i + 1) for i in at", "str(i + 1) for i in at[::-1]"),  # transposed
    # data
    ("data/dataset.py", "_mean_and_deviation(self.train.X)",
     "_mean_and_deviation(np.concatenate([part.X for part in self.parts.values()]))"),  # all parts
    ("data/dataset.py", "_mean_and_deviation(self.train.Y)", "_mean_and_deviation(self.test.Y)"),
    ("data/dataset.py", "float(shift)*self.target_factor", "float(shift)"),
    ("data/dataset.py", "np.abs(self.train.X).max()", "np.abs(self.test.X).max()"),
    ("data/dataset.py", "self.shift + shift*self.factor", "self.shift + shift"),
    ("data/dataset.py", "(values == values[0]).all(axis=0)", "values.std(axis=0) == 0"),  # ten times 0.1 has a deviation, rounded
    ("data/dataset.py", "array.setflags(write=False)", "array.setflags(write=True)"),
    ("data/split.py", "(2*share*len(rows) + whole)//(2*whole)", "share*len(rows)//whole"),  # cut off, not rounded
    ("data/split.py", "share += shares[part]", "share = shares[part]"),
    ("data/split.py", "order[np.sort(np.concatenate(places))]", "np.sort(order[np.concatenate(places)])"),  # not mixed
    ("data/given.py", "X.dtype.kind == \"f\" and not", "X.dtype.kind == \"i\" and not"),
    ("data/given.py", "np.asarray(labels).astype(str) if found else labels", "labels"),  # names taken for positions
    ("data/labels.py", "(labels < 0) | (labels >= n)", "(labels < 0) | (labels > n)"),
    ("data/file.py", "min(1 << 20, most + 1 - held.tell())", "-1"),  # unpacks whatever comes
    ("data/idxfile.py", "stream.read(count*width + 1)", "stream.read(count*width)"),
    ("data/idxfile.py", "0x0B: \">i2\"", "0x0B: \"<i2\""),
    ("data/csvfile.py", "line = rows.line_num + 1", "line = rows.line_num"),
    ("data/csvfile.py", "text.translate(COMMA)", "text.replace(\",\", \".\")"),  # thousands taken for decimals
    ("data/made.py", "0.5 - sin(t)", "-0.5 - sin(t)"),
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
                   "--import-mode=importlib", "--doctest-modules", *dict.fromkeys((*FIRST.get(name, "").split(), *TESTS))]
        return subprocess.run(command, cwd=copy, env={**os.environ, "MUTANTS": "1"}, capture_output=True).returncode != 0


def main():
    """Plant all, print one line each, and return 1 where one survives (or where the tests fail without any)."""
    if caught(("derive/reverse.py", '"""The backward pass', '"""The backward pass')):
        print("The tests fail without any mistake: mend that first.")
        return 1
    found = []
    with ThreadPoolExecutor(2) as pool:
        for (name, right, wrong), dead in zip(MISTAKES, tqdm(pool.map(caught, MISTAKES), total=len(MISTAKES), desc="mistakes"),
                                              strict=True):
            found.append(dead)
            tqdm.write(f"{'caught  ' if dead else 'SURVIVED'}  {name:14} {wrong.strip() or f'nothing for {right.strip()}'}")
    print(f"{sum(found)} of {len(found)} mistakes caught")
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
