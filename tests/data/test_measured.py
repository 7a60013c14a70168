"""Measurements as targets: a column of numbers is learnt as it is where the reader says so, and else is one of classes."""
import numpy as np
import pytest

import backprop_sym as bp

ROWS = [(40 + 3*i, i % 4, round(52_000 + 1_310.5*(i*7 % 20), 1)) for i in range(20)]
HEADER = "area,rooms,price"


@pytest.fixture
def write(tmp_path):
    def written(rows=ROWS, header=HEADER, separator=","):
        lines = [header.replace(",", separator), *(separator.join(map(str, row)) for row in rows)]
        (tmp_path/"houses.csv").write_text("\n".join(lines), encoding="utf-8")
        return tmp_path/"houses.csv"
    return written


def houses(path, **more):
    return bp.data.csv(path, target="price", measured=True, **more)


def test_measurements_are_read_as_they_stand(write):
    data = houses(write())
    assert (data.target, data.classes, data.features) == ("price", (), ("area", "rooms"))
    assert [len(part) for part in data.parts.values()] == [12, 4, 4]
    for part in data.parts.values():
        assert part.labels is None and part.Y.shape == (len(part), 1) and part.samples == {"X": part.X, "Y": part.Y}
        for x, y, row in zip(part.X, part.Y, part.rows, strict=True):
            assert (*x, *y) == ROWS[row]
    assert sorted(np.concatenate([part.rows for part in data.parts.values()])) == list(range(20))
    assert "houses: 20 samples of 2 features, price measured" in repr(data) and "price from" in data._repr_html_()


def test_the_rows_of_a_part_follow_from_the_seed(write):
    path = write()
    rows = [houses(path, seed=seed).train.rows.tolist() for seed in (0, 0, 1)]
    assert rows[0] == rows[1] != rows[2]


def test_units_are_those_of_the_training_part_alone(write):
    """However the other parts change, the numbers of the training part and its units stay."""
    first = houses(write())
    changed = [tuple(9*value for value in row) if i in first.test.rows else row for i, row in enumerate(ROWS)]
    found, other = first.standardized(), houses(write(changed)).standardized()
    assert (found.train.Y == other.train.Y).all() and (found.target_shift, found.target_factor) == (
        other.target_shift, other.target_factor)
    for array in (found.train.X, found.train.Y):
        assert abs(array.mean(axis=0)).max() < 1e-12 and abs(array.std(axis=0) - 1).max() < 1e-12
    for twice in (found, found.standardized(), found.scaled().standardized()):
        for name, part in twice.parts.items():
            assert part.Y*twice.target_factor + twice.target_shift == pytest.approx(first.parts[name].Y)
            assert part.X*twice.factor + twice.shift == pytest.approx(first.parts[name].X)


def test_a_target_that_does_not_vary_is_only_shifted(write):
    data = houses(write([(a, r, 5) for a, r, _ in ROWS])).standardized()
    assert (data.train.Y == 0).all() and (data.target_shift, data.target_factor) == (5, 1)


def test_a_network_learns_them(write):
    data = houses(write([(a, r, 1000*a - 500*r + 2) for a, r, _ in ROWS])).standardized()
    net = bp.dense([2, 1], activation="identity", loss="half_squared_error", form="matrix")
    history = bp.fit(net, bp.start(net, seed=0), samples=data.train.samples, epochs=500, learning_rate=0.1)
    w = {name: history.values[name][-1] for name in ("W1", "b1")}
    predicted = (data.test.X @ w["W1"] + w["b1"])*data.target_factor + data.target_shift
    assert predicted == pytest.approx(data.test.Y*data.target_factor + data.target_shift, rel=1e-6)


def test_decimal_commas_are_read_in_the_target_too(write):
    path = write([tuple(str(v).replace(".", ",") for v in row) for row in ROWS], separator=";")
    assert (houses(path).train.Y == houses(write()).train.Y).all()


def test_a_column_of_numbers_is_one_of_classes_where_nothing_is_said(write):
    data = bp.data.csv(write([(a, r, i % 2) for i, (a, r, _) in enumerate(ROWS)]), target="price")
    assert data.classes == ("0", "1") and data.target == "" and data.train.Y.shape == (12, 2)
    with pytest.raises(ValueError, match="column 'price': .*expected rows enough.*or say measured=True, if it is no class"):
        bp.data.csv(write(), target="price")


@pytest.mark.parametrize(("rows", "more", "says"), [
    ([*ROWS, (1, 2, "dear")], {}, "line 22, column 'price': expected a finite number.*got 'dear'; leave measured=True out"),
    ([*ROWS, (1, 2, "")], {}, "line 22, column 'price': expected a finite number"),
    ([*ROWS, (1, 2, "nan")], {}, "line 22, column 'price': expected a finite number"),
    ([*ROWS, (1, 2, "1e300")], {}, "line 22, column 'price': expected a finite number"),
    ([*ROWS, (1, "two", 3)], {}, "line 22, column 'rooms': .*features="),
    ([*ROWS, (1, 2)], {}, "line 22: expected 3 cells"),
    (ROWS[:4], {}, "column 'price': expected at least 5 rows, .* got 4"),
    ([], {}, "expected lines below the header"),
    (ROWS, {"classes": ["a", "b"]}, "classes: expected none for 'price', which is a measurement"),
])
def test_what_is_no_measurement_is_refused(rows, more, says, write):
    with pytest.raises(ValueError, match=says):
        houses(write(rows), **more)


@pytest.mark.parametrize("measured", [None, 1, "price", [True]])
def test_whether_it_is_measured_is_said_by_true_or_false(measured, write):
    with pytest.raises(TypeError, match="measured: expected True for a measurement, False for a class"):
        bp.data.csv(write(), target="price", measured=measured)
