"""Rules of optimizers, averages and gates that books write otherwise: worked out in plain Python, printed, and recognised."""
import math

import pytest

from tests.verify.made import audited

LINE = """loss = "L"
targets = ["y"]
forward = {{yhat = "w*x + b", L = "(yhat - y)**2"}}
parameters = {{w = "2", b = "0.5"}}
samples = [{{x = "1.5", y = "1"}}]
[training]
{training}
[[figures]]
printed = {{yhat = "3.5", L = "6.25"}}
"""


def gradients(w, b, x=1.5, y=1.0):
    miss = 2*(w*x + b - y)
    return [miss*x, miss]


def trained(rule, steps=3):
    """The parameters after each step of a rule, which takes (gradient, what it remembers, step from 1)."""
    values, memory, found = [2.0, 0.5], [{}, {}], []
    for t in range(1, steps + 1):
        values = [v - rule(g, kept, t) for v, g, kept in zip(values, gradients(*values), memory, strict=True)]
        found.append(values)
    return found


def adam(correct=True, beta1=0.9, beta2=0.999, old=False, weight=True, once=False):
    def rule(g, kept, t):
        t = 1 if once else t
        m0, s0 = kept.get("m", 0), kept.get("s", 0)
        kept["m"], kept["s"] = beta1*m0 + ((1 - beta1) if weight else 1)*g, beta2*s0 + ((1 - beta2) if weight else 1)*g*g
        m, s = (m0, s0) if old else (kept["m"], kept["s"])
        return 0.1*(m/(1 - beta1**t) if correct else m)/(math.sqrt(s/(1 - beta2**t) if correct else s) + 1e-8)
    return rule


def momentum(mu=0.9, weight=1.0, rate=0.05):
    def rule(g, kept, t):
        kept["v"] = mu*kept.get("v", 0) + weight*g
        return rate*kept["v"]
    return rule


ADAM = 'optimizer = "adam"\nlearning_rate = "0.1"'
MOMENTUM = 'optimizer = "momentum"\nlearning_rate = "0.05"\nmomentum = "0.9"'
DESCENT = 'optimizer = "gradient_descent"\nlearning_rate = "0.05"'
RULES = {
    "no slip in Adam": (ADAM, adam(), None),
    "Adam without correction": (ADAM, adam(correct=False), "the bias correction is left out: the memory starts at 0"),
    "the correction of the first step": (ADAM, adam(once=True),
                                         "the correction for the start at 0 is that of the first step in every step"),
    "betas exchanged": (ADAM, adam(beta1=0.999, beta2=0.9), "the numbers of beta1 and beta2 are exchanged"),
    "the memory of the step before": (ADAM, adam(old=True), "the step is taken with what was remembered before it"),
    "a sum for a running mean": (ADAM, adam(weight=False), "the gradient is remembered without its weights"),
    "a running mean for a sum": (MOMENTUM, momentum(weight=0.1), "the gradient is remembered with the weight 1 - mu"),
    "the rate twice": (DESCENT, lambda g, kept, t: 0.05*0.05*g, "the learning rate is applied twice")}


def text_of(training, rule):
    rows = "".join(f"[[figures]]\nafter = {t}\nprinted = {{w = \"{w:.6f}\", b = \"{b:.6f}\"}}\n"
                   for t, (w, b) in enumerate(trained(rule), 1))
    return LINE.format(training=training) + rows


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_is_another_is_one_certain_cause(name, tmp_path):
    training, rule, cause = RULES[name]
    audit = audited(tmp_path, text_of(training, rule))
    assert (audit.count("wrong") > 0) == (cause is not None)
    assert [str(c)[:len(cause)] for c in audit.causes] == ([cause] if cause else [])


def test_the_learning_rate_within_what_is_remembered(tmp_path):
    v, kept = 0.0, []
    for step, (w, b) in enumerate([[2.0, 0.5], *trained(momentum())[:2]], 1):
        v = 0.9*v + gradients(w, b)[0]
        kept.append(f"[[figures]]\nafter = {step}\nquantity = \"v(w)\"\nprinted = \"{0.05*v:.6f}\"\n")
    audit = audited(tmp_path, text_of(MOMENTUM, momentum()) + "".join(kept))
    assert [str(c).split(",")[0] for c in audit.causes] == ["eta times it is printed"]


def test_one_parameter_after_the_other(tmp_path):
    w, b, rows = 2.0, 0.5, ""
    for after in (1, 2):
        w -= 0.05*gradients(w, b)[0]
        b -= 0.05*gradients(w, b)[1]
        rows += f"[[figures]]\nafter = {after}\nprinted = {{w = \"{w:.6f}\", b = \"{b:.6f}\"}}\n"
    audit = audited(tmp_path, LINE.format(training=DESCENT) + rows)
    assert [str(c) for c in audit.causes] == ["w and b are updated in turn, each at the new values of those before"]


GATE = """loss = "L"
targets = ["y"]
forward = {{z = "sigmoid(u*x + v*h0)", n = "tanh(p*x + q*h0)", h = "(1 - z)*n + z*h0", L = "(h - y)**2/2"}}
parameters = {{u = "0.4", v = "-0.3", p = "0.7", q = "0.2"}}
samples = [{{x = "0.8", h0 = "0.5", y = "1"}}]
[[figures]]
printed = {{z = "{z:.6f}", n = "{n:.6f}", h = "{h:.6f}", L = "{L:.6f}"}}
"""
SPREAD = """loss = "E"
forward = {{mu = "(x1 + x2 + x3 + x4)/4", var = "((x1 - mu)**2 + (x2 - mu)**2 + (x3 - mu)**2 + (x4 - mu)**2)/4", E = "var**2"}}
samples = [{{x1 = "2", x2 = "4", x3 = "5", x4 = "9.5"}}]
[[figures]]
printed = {{mu = "5.125", var = "{var:.5f}", E = "{E:.4f}"}}
"""
CHANCE = """loss = "L"
targets = ["y"]
forward = {{z = "w*x", a = "sigmoid(z)", L = "-y*log(a) - (1 - y)*log(1 - a)"}}
parameters = {{w = "-0.5"}}
samples = [{{x = "1.5", y = "1"}}]
[[figures]]
printed = {{a = "{a:.6f}", "d(L)/d(a)" = "{da:.6f}", "d(L)/d(z)" = "{dz:.6f}", "d(L)/d(w)" = "{dw:.6f}"}}
"""


def test_a_gate_that_is_exchanged(tmp_path):
    z, n = 1/(1 + math.exp(-(0.4*0.8 - 0.3*0.5))), math.tanh(0.7*0.8 + 0.2*0.5)
    h = z*n + (1 - z)*0.5
    audit = audited(tmp_path, GATE.format(z=z, n=n, h=h, L=(h - 1)**2/2))
    assert [str(c) for c in audit.causes] == ["z and 1 - z are exchanged in h"]


def test_a_divisor_one_too_small(tmp_path):
    var = sum((x - 5.125)**2 for x in (2, 4, 5, 9.5))/3
    audit = audited(tmp_path, SPREAD.format(var=var, E=var**2))
    assert [str(c) for c in audit.causes] == ["the divisor is 3, not 4, in var"]


def test_a_slope_that_is_in_the_derivative_already(tmp_path):
    a = 1/(1 + math.exp(0.75))
    da = a - 1                                      # this is the derivative by z
    audit = audited(tmp_path, CHANCE.format(a=a, da=da, dz=da*a*(1 - a), dw=da*a*(1 - a)*1.5))
    assert [str(c) for c in audit.causes] == ["the derivative of sigmoid is in it already in ∂L/∂a"]


def test_half_the_slope_of_a_penalty(tmp_path):
    text = LINE.replace("(yhat - y)**2", "(yhat - y)**2 + 0.1*w**2").replace('w = "2"', 'w = "1.5"').replace(
        'yhat = "3.5", L = "6.25"', 'yhat = "2.75", L = "3.2875"').format(training=DESCENT)
    dw, db = gradients(1.5, 0.5)
    rows = f"printed = {{\"d(L)/d(w)\" = \"{dw + 0.15:.4f}\", \"d(L)/d(b)\" = \"{db:.4f}\"}}\n"
    audit = audited(tmp_path, f"{text}[[figures]]\n{rows}[[figures]]\nafter = 1\nquantity = \"w\"\nprinted = "
                    f"\"{1.5 - 0.05*(dw + 0.15):.5f}\"\n")
    assert [str(c) for c in audit.causes] == ["a factor 1/2 too much in the term 1/5*w in ∂L/∂w"]


PATHS = """loss = "L"
targets = ["t"]
forward = {h1 = "tanh(W*x1)", h2 = "tanh(W*x2 + U*h1)", yhat = "V*h2", L = "(yhat - t)**2/2"}
parameters = {W = "0.6", U = "1", V = "1.2"}
samples = [{x1 = "0.5", x2 = "-1", t = "0.3"}]
"""


def test_a_path_is_named_by_what_is_on_it_alone(tmp_path):
    """All paths to W lead through yhat: the one that is left out is the one through h1."""
    h1 = math.tanh(0.3)
    h2 = math.tanh(-0.6 + h1)
    last = (1.2*h2 - 0.3)*1.2*(1 - h2**2)*-1
    audit = audited(tmp_path, PATHS + f"[[figures]]\nquantity = \"d(L)/d(W)\"\nprinted = \"{last:.6f}\"\n")
    assert [str(c) for c in audit.causes] == ["the path through h1 is left out of ∂L/∂W"]


@pytest.mark.parametrize(("printed", "exact", "verdict"), [
    ("2", "0.5", "wrong"), ("1", "0.2", "wrong"), ("0", "0.2", "ok"), ("12", "13.6", "last-digit"),
    ("0.3", "0.45", "last-digit"), ("17", "18", "wrong"), ("7", "8", "wrong"), ("10", "8", "wrong"), ("2", "3", "wrong"),
    ("0.4", "0.3", "last-digit"), ("0.754", "0.755", "last-digit"), ("0.28", "0.26", "last-digit")])
def test_a_whole_number_is_right_or_wrong(printed, exact, verdict, tmp_path):
    text = f"loss = \"E\"\nforward = {{E = \"x\"}}\nsamples = [{{x = \"{exact}\"}}]\n"
    assert [r.verdict for r in audited(tmp_path, text + f"[[figures]]\nprinted = {{E = \"{printed}\"}}\n")] == [verdict]


@pytest.mark.parametrize("target", ["0.1234", "0.2222", "0.9453"])
def test_a_figure_is_not_explained_by_what_was_computed_from_it(target, tmp_path):
    """With the target 0 the derivative by yhat is yhat itself."""
    text = LINE.format(training=DESCENT).replace('y = "1"', 'y = "0"').replace('yhat = "3.5", L = "6.25"', f'yhat = "{target}"')
    assert not any("derivative" in (row.cause or "") for row in audited(tmp_path, text))


@pytest.mark.parametrize(("old", "new", "says"), [
    ('"3.5"', "3.5", "expected a number as text, with its digits: \"3.5\""),
    ("yhat = \"3.5\", L", '"dL/dw"', "a derivative is written d\\(L\\)/d\\(w\\)"),
    ('"gradient_descent"', '"sgd"', "unknown optimizer 'sgd'; did you mean 'gradient_descent'"),
    ("learning_rate", "lr", "unknown key 'lr'; did you mean 'learning_rate'"),
    ('yhat = "w*x + b", L = "(yhat - y)**2"', 'L = "(yhat - y)**2", yhat = "w*x + b"',
     "'yhat' is used, and defined only further down")])
def test_what_others_write_is_told_how_it_is_written_here(old, new, says, tmp_path):
    text = LINE.format(training=DESCENT)
    assert old in text
    with pytest.raises(ValueError, match=says):
        audited(tmp_path, text.replace(old, new))


def test_a_minus_as_texts_are_set(tmp_path):
    text = 'loss = "E"\nforward = {E = "-x"}\nsamples = [{x = "0.5"}]\n[[figures]]\nprinted = {E = "−0.50"}\n'
    assert [r.verdict for r in audited(tmp_path, text)] == ["ok"]
