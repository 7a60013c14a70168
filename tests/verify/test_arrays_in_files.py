"""An example that is written in arrays is the example of their entries: values, figures, verdicts and causes."""
import re
import time
from dataclasses import replace

import numpy as np
import pytest

import backprop_sym as bp

HEAD = """loss = "E_total"
targets = ["Y"]

[forward]
Z1 = "X @ W1 + b1"
A1 = "sigmoid(Z1)"
Z2 = "A1 @ W2 + b2"
Yhat = "sigmoid(Z2)"
E_total = "sum((Y - Yhat)**2)/2"

[parameters]
W1 = [["0.15", "0.20"], ["0.25", "0.30"]]
W2 = [["0.40", "0.45"], ["0.50", "0.55"]]
b1 = ["0.40", "0.35"]
b2 = ["0.25", "0.60"]

[[samples]]
X = [["0.05", "0.10"]]
Y = [["0.01", "0.99"]]

[training]
optimizer = "gradient_descent"
learning_rate = "0.01"
"""
# A rule that is no gradient of the error.
RULES = """loss = "E"
targets = ["Y"]

[forward]
Z = "X @ W + b"
Yhat = "step(Z)"
E = "sum((Y - Yhat)**2)/2"

[parameters]
W = [["0.3"], ["-0.2"]]
b = ["0.1"]

[[samples]]
X = [["1", "0.5"], ["-0.7", "2"], ["0.4", "1.5"]]
Y = [["0"], ["1"], ["1"]]

[training]
learning_rate = "0.1"
updates = {W = "W + eta*X.T @ (Y - Yhat)", b = "b + eta*sum(Y - Yhat, columns)"}
"""
# The names of the source, and the entries that they are.
ENTRIES = {
    "x1": "X[1,1]", "x2": "X[1,2]", "y1": "Y[1,1]", "y2": "Y[1,2]", "z1": "Z1[1,1]", "z2": "Z1[1,2]", "z3": "Z2[1,1]",
    "z4": "Z2[1,2]", "a_z1": "A1[1,1]", "a_z2": "A1[1,2]", "yhat1": "Yhat[1,1]", "yhat2": "Yhat[1,2]", "E_total": "E_total",
    "w1": "W1[1,1]", "w2": "W1[1,2]", "w3": "W1[2,1]", "w4": "W1[2,2]", "w5": "W2[1,1]", "w6": "W2[1,2]", "w7": "W2[2,1]",
    "w8": "W2[2,2]", "b1": "b1[1]", "b2": "b1[2]", "b3": "b2[1]", "b4": "b2[2]"}


def renamed(text):
    return re.sub(r"[^\W\d]\w*", lambda word: ENTRIES.get(word[0], word[0]), text)


def loaded(folder, text, name="example.toml"):
    (folder/name).write_text(text, encoding="utf-8")
    return bp.worked_example(folder/name)


def figure(quantity, printed, **more):
    more = "".join(f", {key} = {value}" for key, value in more.items())
    return f'figures = [{{quantity = "{quantity}", printed = {printed}{more}}}]\n{HEAD}'


def formula(quantity, printed, text=HEAD):
    return f'{text}[[formulas]]\nquantity = "{quantity}"\nprinted = "{printed}"\n'


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The source's own example with its weights in matrices."""
    figures = "".join(f'\n[[figures]]\nquantity = "{renamed(f.quantity)}"\nprinted = "{f.printed}"\nafter = {f.after}\n'
                      for f in bp.worked_example("source").figures)
    return loaded(tmp_path_factory.mktemp("source"), HEAD + figures)


def test_the_source_in_matrices_is_the_source(source):
    own = bp.worked_example("source")
    names = {bp.symbol(name): source.forward.symbol(entry) for name, entry in ENTRIES.items()}
    assert [e.rhs.xreplace(names) for e in sorted(own.forward, key=lambda e: str(names[e.lhs]))] == [
        e.rhs for e in sorted(source.forward, key=lambda e: str(e.lhs))]
    assert {renamed(name): value for name, value in own.values.items()} == source.values
    assert source.forward.evaluate(source.values)["E_total"] == own.forward.evaluate(own.values)["E_total"]


def test_the_source_in_matrices_has_its_verdicts_and_causes(source):
    for ours, theirs in zip(source.audit(), bp.worked_example("source").audit(), strict=True):
        assert (ours.quantity, ours.verdict) == (renamed(theirs.quantity), theirs.verdict)
        assert ours.cause == (theirs.cause and renamed(theirs.cause)), ours.quantity
    assert "∂E_total/∂W2[2,1]" in repr(source.audit())


def test_it_is_written_as_it_was_read(source, tmp_path):
    text = source.to_toml()
    assert 'Z1 = "X @ W1 + b1"' in text and 'W1 = [["0.15", "0.2"], ["0.25", "0.3"]]' in text
    assert replace(loaded(tmp_path, text, "again.toml"), name=source.name, title=source.title) == source


def test_questions_are_asked_of_entries(source):
    assert source.check_answer("d(E_total)/d(W2[1,1])", "0.0882640486")
    assert not source.check_answer("d(E_total)/d(W2[1, 1])", "0.0867813")
    assert "left out" in str(source.diagnose("d(E_total)/d(W2[2,1])", "0.186047383")[0])
    for wrong, near in (("W2[3,1]", "W2[2,1]"), ("W2", "W2"), ("V[1,1]", "Y[1,1]")):
        with pytest.raises(ValueError, match=f"unknown .*{re.escape(wrong)}.*{re.escape(near)}"):
            source.check_answer(wrong, "0.4")


# ---- texts of our own: a batch of two samples, what a person would print, six digits each

OWN = """loss = "E"
targets = ["Y"]

[forward]
Z1 = "X @ W1 + b1"
A1 = "tanh(Z1)"
Z2 = "A1 @ W2 + b2"
E = "sum((Z2 - Y)**2)/2"

[parameters]
W1 = [["0.3", "-0.2"], ["0.5", "0.7"]]
b1 = ["0.1", "-0.1"]
W2 = [["0.6", "-0.4"], ["0.2", "0.9"]]
b2 = ["0.05", "0.15"]

[[samples]]
X = [["0.5", "0.9"], ["-1.5", "0.8"]]
Y = [["1.0", "0.0"], ["0.5", "-0.5"]]

[training]
optimizer = "gradient_descent"
learning_rate = "0.1"

"""
W1, B1, W2, B2 = np.array([[.3, -.2], [.5, .7]]), np.array([.1, -.1]), np.array([[.6, -.4], [.2, .9]]), np.array([.05, .15])
X, Y = np.array([[.5, .9], [-1.5, .8]]), np.array([[1., 0], [.5, -.5]])


def worked(mistake):
    """What a text prints for each quantity, {(quantity, after): array}, with a mistake in its working."""
    z1 = X @ (W1.T if mistake == "weight transposed" else W1) + B1
    a1 = np.tanh(z1)
    z2 = a1 @ W2 + B2
    d2 = z2 - Y
    da = d2 @ (W2 if mistake == "transpose of the weight forgotten" else W2.T)
    d1 = da*(1 - a1**2)
    rows = {"first row for the sum": lambda d: d[0], "mean of the rows": lambda d: d.mean(axis=0)}.get(
        mistake, lambda d: d.sum(axis=0))
    gradients = {"W1": (X if mistake == "transpose of the inputs forgotten" else X.T) @ d1, "b1": rows(d1),
                 "W2": a1.T @ d2, "b2": rows(d2)}
    start = {"W1": W1, "b1": B1, "W2": W2, "b2": B2}
    found = {("Z1", 0): z1, ("A1", 0): a1, ("Z2", 0): z2, ("E", 0): (d2**2).sum()/2, ("d(E)/d(Z2)", 0): d2, ("d(E)/d(Z1)", 0): d1}
    found |= {(f"d(E)/d({name})", 0): g for name, g in gradients.items()}
    return found | {(name, 1): w - 0.1*gradients[name] for name, w in start.items()}


def listed(value):
    return f"[{', '.join(map(listed, value))}]" if np.ndim(value) else f'"{value:.6f}"'


def text_with(mistake):
    return OWN + "".join(f'[[figures]]\nquantity = "{quantity}"\nprinted = {listed(value)}\nafter = {after}\n'
                         for (quantity, after), value in worked(mistake).items())


@pytest.mark.parametrize(("mistake", "causes"), [
    (None, []),
    ("weight transposed", ["W1 is transposed in the forward pass"]),
    ("transpose of the weight forgotten", ["W2 is transposed in the backward pass"]),
    ("transpose of the inputs forgotten", ["X is not transposed in the gradients"]),
    ("first row for the sum", ["the path through A1[2,1] is left out of ∂E/∂b1[1], the path through A1[2,2] is left out of "
                               "∂E/∂b1[2], and so on in 2 more"]),
    ("mean of the rows", ["a factor 1/2 too much in ∂E/∂b1 and ∂E/∂b2"])])
def test_a_mistake_in_matrices_is_one_cause(mistake, causes, tmp_path):
    audit = loaded(tmp_path, text_with(mistake)).audit()
    assert len(audit) == 45 and audit[1].quantity == "Z1[1,2]"
    assert sorted(map(str, audit.causes)) == sorted(causes)
    assert all(row.cause for row in audit if row.verdict == "wrong") and (audit.count("wrong") == 0) == (mistake is None)


def test_figures_of_arrays_in_every_form(tmp_path):
    example = loaded(tmp_path, """figures = [
        {quantity = "-d(E_total)/d(b2)", printed = ["-0.145537", "0.039353"]},
        {quantity = "W2 - eta*d(E_total)/d(W2)", printed = [["0.399117", "0.450239"], ["0.499132", "0.550235"]]},
        {printed = {Z1 = [["0.4325", "0.39"]], "b1[2]" = "0.35", E_total = "0.254325"}}]\n""" + HEAD)
    assert [f.quantity for f in example.figures] == [
        "-d(E_total)/d(b2[1])", "-d(E_total)/d(b2[2])",
        *(f"W2[{i},{j}] - eta*d(E_total)/d(W2[{i},{j}])" for i in (1, 2) for j in (1, 2)),
        "Z1[1,1]", "Z1[1,2]", "b1[2]", "E_total"]
    assert example.audit().count("ok") == 10


def test_memory_of_an_optimizer_and_a_state_carried_on(tmp_path):
    text = OWN.replace('"gradient_descent"', '"adam"') + """
[[figures]]
quantity = "m(b2)"
printed = ["0.1", "0.2"]
after = 1
"""
    assert [row.quantity for row in loaded(tmp_path, text).audit()] == ["m(b2[1])", "m(b2[2])"]
    recurrent = loaded(tmp_path, """loss = "E"
[forward]
H1 = "tanh(X @ W + H0 @ U)"
E = "sum(H1**2)/2"
[parameters]
W = [["0.3", "-0.2"]]
U = [["0.1", "0.2"], ["0.3", "0.4"]]
[[samples]]
X = [["0.5"]]
H0 = [["0", "0"]]
[training]
optimizer = "gradient_descent"
learning_rate = "0.1"
carry = {H0 = "H1"}
[[figures]]
quantity = "H0"
after = 1
printed = [["0.1489", "-0.0997"]]
""")
    assert recurrent.audit().count("ok") == 2
    assert 'carry = {H0 = "H1"}' in recurrent.to_toml()


D2 = "(Yhat - Y)*Yhat*(1 - Yhat)"


@pytest.mark.parametrize(("quantity", "printed", "cause"), [
    ("Z1", "X @ W1 + b1", None), ("Z1", "X @ W1", "not the equation of the forward pass"),
    ("d(E_total)/d(W2)", f"A1.T @ ({D2})", None), ("-d(E_total)/d(W2)", f"-(A1.T @ ({D2}))", None),
    ("d(E_total)/d(b2)", f"sum({D2}, columns)", None), ("d(E_total)/d(b2)", D2, None),         # the batch is one row
    ("d(E_total)/d(W1)", f"X.T @ ((({D2}) @ W2.T)*A1*(1 - A1))", None),
    ("d(E_total)/d(W2[1,2])", "A1[1,1]*(Yhat[1,2] - Y[1,2])*Yhat[1,2]*(1 - Yhat[1,2])", None),
    ("d(E_total)/d(W2[1,2])", "A1[1,2]*(Yhat[1,2] - Y[1,2])*Yhat[1,2]*(1 - Yhat[1,2])",
     "the factor A1[1,1] is missing and the factor A1[1,2] is too much"),
    ("d(E_total)/d(W2)", f"-(A1.T @ ({D2}))", "the sign is turned"),
    ("d(E_total)/d(W2)", f"A1.T @ ({D2})/2", "a factor 1/2 too much"),
    ("d(E_total)/d(W2)", f"({D2}).T @ A1", "it is transposed"),
    ("d(E_total)/d(W2)", "A1.T @ (Yhat - Y)", "the factor Yhat*(1 - Yhat) is missing"),
    ("d(E_total)/d(W1)", f"X.T @ (({D2}) @ W2.T)", "the factor A1*(1 - A1) is missing"),
    ("d(E_total)/d(W1)", f"X.T @ ((({D2}) @ W2)*A1*(1 - A1))", "the transpose of W2 is missing"),
    ("d(E_total)/d(A1)", f"W2 @ ({D2})", "its shapes do not fit: @ expected as many columns on the left as rows on the right, "
     "got shapes (2, 2) and (1, 2)"),
    ("d(E_total)/d(b1)", "X", "it differs from the sum over paths"),
    ("d(E_total)/d(W1)", "X", "it has the shape (1, 2), and the derivative (2, 2)")])
def test_a_formula_in_arrays_is_judged_and_its_slip_named(quantity, printed, cause, tmp_path):
    example = loaded(tmp_path, formula(quantity, printed))
    row, = example.audit().formulas
    assert (row.equal, row.cause) == (cause is None, cause)
    assert loaded(tmp_path, example.to_toml()) == example


CLASSES = """loss = "E"
targets = ["Y"]
forward = {Z = "X @ W", P = "softmax(Z)", E = "-sum(Y*log(P))/2"}
parameters = {W = [["0.1", "0.2"], ["0.3", "-0.1"]]}
samples = [{X = [["1", "2"], ["0", "1"]], Y = [["0", "1"], ["0.25", "0.75"]]}]
"""


@pytest.mark.parametrize(("printed", "verdict", "cause"), [
    ("(P - Y)/2", "equal for these targets", None), ("(P*sum(Y, rows) - Y)/2", "equal", None),
    ("(Y - P)/2", "wrong", "the sign is turned"), ("P - Y", "wrong", "a factor 2 too much")])
def test_a_formula_may_hold_for_targets_that_sum_to_one(printed, verdict, cause, tmp_path):
    formulas = loaded(tmp_path, formula("d(E)/d(Z)", printed, CLASSES)).audit().formulas
    assert (formulas.table.rows[0][1], formulas[0].cause) == (verdict, cause)


def test_a_formula_of_numbers_may_as_well(tmp_path):
    text = """loss = "E"
targets = ["y1", "y2"]
forward = {p1 = "exp(z1)/(exp(z1) + exp(z2))", p2 = "exp(z2)/(exp(z1) + exp(z2))", E = "-y1*log(p1) - y2*log(p2)"}
parameters = {z1 = "0.1", z2 = "0.4"}
samples = [{y1 = "0", y2 = "1"}]
"""
    table = loaded(tmp_path, formula("d(E)/d(p1)", "-y1/p1", text)).audit().formulas.table
    assert table.rows[0][1] == "equal"
    assert loaded(tmp_path, formula("d(E)/d(p2)", "-1/p2", text)).audit().formulas.table.rows[0][1] == "equal for these targets"


def test_updates_of_arrays_that_are_no_gradient(tmp_path):
    """The rule of the perceptron on a batch, against NumPy, its figures right at first and then with a slip."""
    W, b = np.array([[0.3], [-0.2]]), np.array([0.1])
    X, Y = np.array([[1, 0.5], [-0.7, 2], [0.4, 1.5]]), np.array([[0], [1], [1]])
    for mistake in (False, True):
        v, c, text = W, b, RULES
        for after in (1, 2):
            miss = Y - (X @ v + c > 0)
            v, c = v - 0.1*X.T @ miss if mistake else v + 0.1*X.T @ miss, c + 0.1*miss.sum(axis=0)
            text += f"[[figures]]\nafter = {after}\nprinted = {{W = {listed(v)}, b = {listed(c)}}}\n"
        example = loaded(tmp_path, text)
        audit = example.audit()
        assert len(audit) == 6 and (audit.count("wrong") > 0) == mistake
        assert all("sign" in row.cause for row in audit if row.verdict == "wrong" and not row.cause.startswith("inherited"))
        assert [str(w) for w, _ in example.training.optimizer.written] == ["W", "b"]
        assert loaded(tmp_path, example.to_toml()) == example


@pytest.mark.parametrize(("text", "says"), [
    (HEAD.replace('["0.25", "0.30"]', '["0.25"]'),
     r"\[parameters\]: W1: expected numbers, or rows .* all as long, got rows of lengths 1, 2"),
    (HEAD.replace('b1 = ["0.40", "0.35"]', "b1 = []"), r"\[parameters\]: b1: .* got an empty list"),
    (HEAD.replace('["0.40", "0.35"]', '["0.40", "many"]'), r"\[parameters\]: b1\[2\]: expected a decimal"),
    (HEAD.replace('["0.40", "0.35"]', '["0.40", 0.35]'), r"\[parameters\]: b1\[2\]: expected a number as text, .*0.35"),
    (HEAD.replace('["0.40", "0.35"]', '["0.40", "0.35", "0.1"]'), r"\[forward\]: in Z1 = .*\(3,\) and \(1, 2\)"),
    (HEAD.replace('X = [["0.05", "0.10"]]', 'X = [["0.05"]]'), r"\[forward\]: in Z1 = .*\(1, 1\).*\(2, 2\)"),
    (HEAD.replace("[training]", '[[samples]]\nX = [["0.1"]]\nY = [["0.01", "0.99"]]\n[training]'),
     r"\[\[samples\]\] 2: X: expected the shape \(1, 2\) as in the first sample, got \(1, 1\)"),
    (figure("W1", '[["0.1", "0.2"]]'),
     r"\[\[figures\]\] 1: printed: W1 has the shape \(2, 2\), and what is printed for W1 \(1, 2\)"),
    (figure("d(E_total)/d(b1)", '[["0.1", "0.2"]]'), r"printed: b1 has the shape \(2,\)"),
    (figure("E_total", '["0.1"]'), r"printed: E_total is no array"),
    (figure("W1", '[["0.1", "0.2"], ["0.3"]]'), r"printed: expected numbers, or rows"),
    (figure("W1", '"0.1"'), r"quantity: .*unknown quantity 'W1'.*W1\[1,1\]"),
    (figure("W1[0,1]", '"0.1"'), r"unknown entry 'W1\[0,1\]'"),
    (figure("X @ W1", '[["0.1", "0.2"]]'), r"printed: X has the shape \(1, 2\)|printed: W1 has the shape"),
    (HEAD.replace("[training]", '[training]\nupdates = {W1 = "W1 - eta*W1"}'),
     r"\[training\]: expected an optimizer, or the updates themselves, got both"),
    (RULES.replace("W + eta*X.T @ (Y - Yhat)", "X.T @ X"), r"updates: W has the shape \(2, 1\), and what it becomes \(2, 2\)"),
    (RULES.replace("X.T @", "X @ X @"), r"updates: W: @ expected as many columns .* \(3, 2\) and \(3, 2\)"),
    (RULES.replace("{W =", "{V ="), r"updates: unknown parameter 'V'"),
    (formula("E_total*W1", "X @ W1"), r"\[\[formulas\]\] 1: quantity: expected a name, or a derivative .* got 'E_total\*W1'"),
    (formula("Z1", "X @ W9"), r"\[\[formulas\]\] 1: printed: .*W9"),
    (formula("W1[3,1]", "X"), r"\[\[formulas\]\] 1: quantity: unknown entry 'W1\[3,1\]'"),
    (HEAD.replace('learning_rate = "0.01"', 'learning_rate = "0.01"\ncarry = {b1 = "Z1"}'),
     r"carry: b1 has the shape \(2,\), and Z1 \(1, 2\)"),
])
def test_what_does_not_fit_is_refused_by_name(text, says, tmp_path):
    with pytest.raises(ValueError, match=f"example.toml: .*{says}"):
        loaded(tmp_path, text)


def test_arrays_too_large_to_be_printed_are_refused_at_once(tmp_path):
    for n, says in ((40, "the arrays have 3,201 entries together, more than 2,000"), (300, "A: 90,000 entries, more than 2,000")):
        rows = str([["0.1"]*n]*n).replace("'", '"')
        text = f'loss = "E"\nforward = {{Z = "A @ A @ A", E = "sum(Z)"}}\nparameters = {{A = {rows}}}\n'
        before = time.perf_counter()
        with pytest.raises(ValueError, match=f"example.toml: .*{says}"):
            loaded(tmp_path, text)
        assert time.perf_counter() - before < 2


# ---- a program of arrays, asked at once

BATCH = {"X": [[0.31, -0.7, 0.24], [1.1, 0.45, -0.3]], "Y": [[1, 0], [0, 1]], "W1": [[0.5, -0.2], [0.13, 0.8], [-0.6, 0.4]],
         "b1": [0.1, -0.1], "W2": [[0.7, -0.45], [0.25, 0.9]], "b2": [0.2, 0.05]}


def by_hand(transposed=False, slope=True, count=2):
    """The gradient of W1 of the network in tests below, as one writes it in NumPy, with a slip."""
    X, Y, W1, b1, W2, b2 = (np.array(a) for a in BATCH.values())
    A1 = 1/(1 + np.exp(-(X @ W1 + b1)))
    P = 1/(1 + np.exp(-(A1 @ W2 + b2)))
    D2 = (P - Y)*(P*(1 - P) if slope else 1)/count
    return X.T @ ((D2 @ (W2 if transposed else W2.T))*A1*(1 - A1))


@pytest.mark.parametrize(("slip", "words"), [
    ({"slope": False}, "the derivative of sigmoid is left out"), ({"transposed": True}, "W2 is transposed in the backward pass"),
    ({"count": 1}, "factor 2 too much")])
def test_a_slip_in_a_program_of_arrays_is_found_from_one_entry(slip, words):
    net = bp.dense([3, 2, 2], form="matrix")
    assert bp.diagnose(net, BATCH, "d(E_total)/d(W1[2,1])", f"{by_hand()[1, 0]:.9f}") == []
    found = bp.diagnose(net, BATCH, "d(E_total)/d(W1[2,1])", f"{by_hand(**slip)[1, 0]:.9f}")
    assert any(words in str(slip) for slip in found), found


def test_samples_of_arrays_are_asked_as_well():
    net, parameters = bp.dense([3, 2, 2], form="matrix"), {k: v for k, v in BATCH.items() if k not in "XY"}
    rows = [{"X": [x], "Y": [y]} for x, y in zip(BATCH["X"], BATCH["Y"], strict=True)]
    right = f"{by_hand(count=1)[1, 0]:.9f}"
    assert bp.diagnose(net, parameters, "d(E_total)/d(W1[2,1])", right, samples=rows) == []
    with pytest.raises(ValueError, match="samples: expected arrays of the same sizes"):
        bp.diagnose(net, parameters, "d(E_total)/d(W1[2,1])", right, samples=[rows[0], {"X": BATCH["X"], "Y": BATCH["Y"]}])


def test_an_entry_that_there_is_not():
    with pytest.raises(ValueError, match="W1\\[4,1\\]"):
        bp.diagnose(bp.dense([3, 2, 2], form="matrix"), BATCH, "d(E_total)/d(W1[4,1])", "0.5")
