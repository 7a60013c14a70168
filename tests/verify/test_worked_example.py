"""Worked-example files: what they hold, and that a hostile one is refused at once with a clear error."""
import os
import time

import pytest

import backprop_sym as bp
from backprop_sym.compute.trainer import REDUCE
from backprop_sym.derive.optimizers import OPTIMIZERS
from backprop_sym.derive.schedules import SCHEDULES
from backprop_sym.describe.decimals import number
from backprop_sym.describe.parser import parse

GOOD = """
loss = "E"
targets = ["y"]
[forward]
a = "sigmoid(w*x)"
E = "(y - a)**2/2"
[parameters]
w = "0.5"
[[samples]]
x = "1"
y = "0"
[training]
optimizer = "gradient_descent"
learning_rate = "0.1"
[[figures]]
quantity = "d(E)/d(w)"
printed = "0.146"
[[formulas]]
quantity = "d(E)/d(w)"
printed = "(a - y)*a*(1 - a)*x"
"""


def load(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return bp.worked_example(path)


def test_all_bundled_examples_load():
    names = bp.examples()
    assert len(names) == 35
    for name in names:
        example = bp.worked_example(name)
        assert example.figures and example.forward.loss in example.forward


def test_the_source():
    example = bp.worked_example("source")
    assert example.forward == bp.dense([2, 2, 2])
    assert len(example.figures) == 44 and len(example.formulas) == 12
    assert example.values["w5"] == number("0.4") and example.parameters["b4"] == number("0.60")
    assert example.training.learning_rate == number("0.01")


def test_a_file_by_its_path(tmp_path):
    example = load(tmp_path, GOOD)
    assert example.audit()[0].verdict in ("ok", "wrong")
    assert [str(s) for s in example.forward.inputs + example.forward.targets] == ["x", "y"]


@pytest.mark.parametrize(("old", "new", "words"), [
    ('loss = "E"', "", ["the file", "'loss'"]),
    ('loss = "E"', 'loss = "F"', ["[forward]", "loss", "'F'"]),
    ('loss = "E"', 'los = "E"\nloss = "E"', ["the file", "'los'", "'loss'"]),
    ('["y"]', '["z"]', ["targets", "'z'"]),
    ('a = "sigmoid(w*x)"', 'a = "sigmod(w*x)"', ["[forward]", "a:", "'sigmod'", "'sigmoid'"]),
    ('a = "sigmoid(w*x)"', 'a = "sigmoid(w*xx)"', ["[forward]", "'xx'"]),
    ('a = "sigmoid(w*x)"', "a = 3", ["[forward]", "a:", "text"]),
    ('w = "0.5"', 'w = "half"', ["[parameters]", "w:", "'half'"]),
    ('w = "0.5"', "w = 0.5", ["[parameters]", "w:", "0.5"]),
    ('w = "0.5"', '"2w" = "0.5"', ["[parameters]", "'2w'"]),
    ('y = "0"\n', 'y = "0"\n[[samples]]\nx = "1"\n', ["[[samples]] 2", "'y'"]),
    ('"gradient_descent"', '"gradient_decent"', ["[training]", "'gradient_descent'"]),
    ('learning_rate = "0.1"', "", ["[training]", "learning_rate"]),
    ('learning_rate = "0.1"', 'learning_rate = "0.1"\nmomentum = "0.9"', ["[training]", "momentum"]),
    ('learning_rate = "0.1"', 'learning_rate = "0.1"\nreduce = "meen"', ["[training]", "'meen'"]),
    ('printed = "0.146"', 'printed = "0.146"\nafter = -1', ["[[figures]] 1", "after", "-1"]),
    ('printed = "0.146"', 'printed = "0.146"\nsample = 2', ["[[figures]] 1", "sample", "2"]),
    ('printed = "0.146"', 'printed = "0,146"', ["[[figures]] 1", "'0,146'"]),
    ('printed = "0.146"', "printed = 0.146", ["[[figures]] 1", "printed", "as text"]),
    ('quantity = "d(E)/d(w)"\nprinted = "0', 'quantity = "d(E)/d(v)"\nprinted = "0', ["[[figures]] 1", "'v'"]),
    ('"(a - y)*a*(1 - a)*x"', '"(a - y)*q"', ["[[formulas]] 1", "'q'"]),
    ("[forward]", "[forward", ["not a TOML file", "line"]),
])
def test_errors_name_the_file_the_table_and_the_key(tmp_path, old, new, words):
    assert old in GOOD
    with pytest.raises(ValueError) as error:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert all(word in str(error.value) for word in ["mine.toml", *words]), str(error.value)


def test_nothing_is_updated_without_training(tmp_path):
    text = GOOD.replace('[training]\noptimizer = "gradient_descent"\nlearning_rate = "0.1"\n', "")
    with pytest.raises(ValueError, match=r"\[\[figures\]\] 1: after: .* nothing is updated"):
        load(tmp_path, text.replace('printed = "0.146"', 'printed = "0.146"\nafter = 1'))


def test_no_such_example(tmp_path):
    with pytest.raises(ValueError, match="did you mean 'source'"):
        bp.worked_example("sourc")
    with pytest.raises(FileNotFoundError):
        bp.worked_example(tmp_path / "none.toml")


HOSTILE = ["9**9**9**9", "9**99999999", "((9**999)**999)**999", "x**1e9", "1e1000000000", "9"*5000, "("*10_000 + "x" + ")"*10_000,
           "-"*10_000 + "x", "x**"*3000 + "x", "x+"*15_000 + "x", "__import__('os')", "x.real", "(lambda: x)()",
           "[x for x in y]", "f'{x}'", "(y := x)", "x if x else x", "x < 1", "x and x", "'x'", "x[0]", "exp(x, x)",
           "exp(*x)", "exp(x=x)", "x//x", "x % x", "x @ x", "~x", "not x", "1j", "0x10", "1_000", "True", "...", "", "1/0",
           "0**-1", "x; x", "import os", "x\ny"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_expressions(text):
    with pytest.raises(ValueError) as error:
        parse(text, ["x"])
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("text", ["1e1000000000", "9"*5000, "nan", "inf", "1/2", "0x1", "", "1.2.3", "--1", "1e", "१"])
def test_hostile_numbers(text):
    with pytest.raises(ValueError):
        number(text)


def test_hostile_files(tmp_path):
    with pytest.raises(ValueError, match="at most 1,000,000 bytes"):
        load(tmp_path, GOOD + "#" + "x"*10_000_000)
    with pytest.raises(ValueError, match="mine.toml"):
        load(tmp_path, GOOD + "a = " + "["*5000 + "]"*5000)
    with pytest.raises(ValueError, match="mine.toml"):
        load(tmp_path, GOOD.replace('"sigmoid(w*x)"', '"' + "("*9000 + "x" + ")"*9000 + '"'))
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="binary.toml: not a TOML file"):
        bp.worked_example(path)


def test_a_long_sum_is_no_attack():
    assert len(parse(" + ".join(f"w{i}*x{i}" for i in range(800))).args) == 800


BEGINNING = 'loss = "E"\n[forward]\nE = "{}"\n[parameters]\nw = "3"\n'
FIGURE = '[[figures]]\nquantity = "E"\nprinted = "9"\n'
LONG = {
    "a dotted key": BEGINNING + ".".join("a"*50_000) + " = 1\n",
    "many dotted keys": BEGINNING + "".join(f"a{i}.b.c.d = 1\n" for i in range(40_000)),
    "nested lists": BEGINNING + "x = " + "["*50_000 + "]"*50_000,
    "nested tables": BEGINNING + "x = " + "{a="*20_000 + "1" + "}"*20_000,
    "100,000 figures": BEGINNING + FIGURE*100_000, "20,000 figures": BEGINNING + FIGURE*20_000,
    "20,000 figures in one table": BEGINNING + "[[figures]]\nprinted = {"
                                   + ", ".join(f'"E + {i}" = "9"' for i in range(20_000)) + "}\n",
    "a sum of 1,600 terms": BEGINNING.format("+".join(f"{i}*w**2" for i in range(1600))) + FIGURE,
    "quotients of large numbers": BEGINNING.format("/".join(["1e1000"]*2000)), "a tower of powers": BEGINNING.format("w*9**9**9"),
    "nested functions of a number": BEGINNING.format("log("*100 + "7" + ")"*100 + "*w"),
    "many samples": BEGINNING.format("w*x") + '[[samples]]\nx = "1"\n'*40_000,
}


@pytest.mark.parametrize("kind", LONG)
def test_no_file_takes_long(kind, tmp_path):
    before = time.process_time()
    try:
        assert load(tmp_path, LONG[kind]).forward
    except ValueError as error:
        assert "mine.toml" in str(error) and len(str(error)) < 400
    assert time.process_time() - before < 2


def test_what_is_no_file_is_not_read(tmp_path):
    folder, pipe, device = (tmp_path/f"{name}.toml" for name in ("folder", "pipe", "device"))
    folder.mkdir()
    made = [folder]
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)
        device.symlink_to("/dev/zero")
        made += [pipe, device]
    for path in made:
        with pytest.raises(ValueError, match=f"{path.name}: expected a file"):
            bp.worked_example(path)


@pytest.mark.parametrize(("rhs", "words"), [
    ("1/(w - 3)", ["ZeroDivision"]), ("log(-w)", ["mine", "E"]), ("1/log(w - 2)", ["mine", "E"]), ("log(0)*w", ["log(0)"]),
    ("sqrt(-1)*w", ["sqrt(-1)"])])
def test_what_cannot_be_computed_names_the_file_and_the_quantity(rhs, words, tmp_path):
    with pytest.raises(ValueError) as error:
        load(tmp_path, BEGINNING.format(rhs) + FIGURE + '[[figures]]\nquantity = "d(E)/d(w)"\nprinted = "1"\n').audit()
    assert all(word in str(error.value) for word in ["mine", *words]), str(error.value)


def test_what_is_nested_deeply_is_audited_or_refused_by_name(tmp_path):
    text = BEGINNING.format("sin("*140 + "w" + ")"*140) + FIGURE.replace('"E"', '"d(E)/d(w)"')
    try:
        assert len(load(tmp_path, text).audit()) == 1
    except ValueError as error:
        assert "mine" in str(error)


def test_the_docstring_says_what_a_training_may_hold():
    said = bp.worked_example.__doc__
    names = {*OPTIMIZERS, *SCHEDULES, *REDUCE, "online"}.union(
        *(cls.__dataclass_fields__ for cls in (*OPTIMIZERS.values(), *SCHEDULES.values())))
    assert not [name for name in names if name not in said]


@pytest.mark.parametrize(("printed", "meant"), [
    ("71.63%", "71.63e-2"), ("~ 0.7163", "0.7163"), ("0,7163", "0.7163"), ("0.71...", "0.71"), ("7.163 x 10^-1", "7.163e-1"),
    ("-7.1·10^(-3)", "-7.1e-3"), ("1,234", None), ("3/4", None)])
def test_a_decimal_that_is_set_otherwise_is_told_how_to_be_written(printed, meant, tmp_path):
    path = tmp_path/"e.toml"
    text = f'loss = "E"\nforward = {{E = "w**2"}}\nparameters = {{w = "1"}}\n[[figures]]\nprinted = {{E = "{printed}"}}\n'
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"expected a decimal such as '0\.05'") as error:
        bp.worked_example(path)
    assert str(error.value).endswith(f": write {meant!r}" if meant else f"got {printed!r}")


def test_an_entry_of_a_derivative_is_told_how_to_be_written(tmp_path):
    path = tmp_path/"e.toml"
    path.write_text('loss = "E"\nforward = {E = "sum((X @ W)**2)"}\nparameters = {W = [["1", "2"], ["0", "1"]]}\n'
                    'samples = [{X = [["1", "2"]]}]\n[[figures]]\nprinted = {"d(E)/d(W)[1,1]" = "2"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"the derivative by an entry is written d\(E\)/d\(W\[1,1\]\)"):
        bp.worked_example(path)
