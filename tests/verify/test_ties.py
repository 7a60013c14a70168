"""A figure half-way between two printed ones: both are right roundings, whatever the binary digits are."""
import mpmath
import pytest

import backprop_sym as bp

TEXT = 'loss = "y"\n[forward]\ny = "{0}*w"\n[parameters]\nw = "{1}"\n{2}'
FIGURE = '[[figures]]\nquantity = "y"\nprinted = "{}"\n'


@pytest.mark.parametrize("factor", ["1", "3/3", "-1"])
@pytest.mark.parametrize("digits", range(1, 12))
def test_both_roundings_of_a_tie_are_right(factor, digits, tmp_path):
    for last in range(10):
        down, up = (f"{k}e-{digits}" for k in (7*10**(digits - 1) + last, 7*10**(digits - 1) + last + 1))
        exactly = f"{10*(7*10**(digits - 1) + last) + 5}e-{digits + 1}"
        sign = "-" if factor.startswith("-") else ""
        file = tmp_path/"tie.toml"
        figures = [FIGURE.format(sign + fixed(value, digits)) for value in (down, up)]
        file.write_text(TEXT.format(factor, exactly, "".join(figures)), encoding="utf-8")
        assert [row.verdict for row in bp.worked_example(file).audit()] == ["ok", "ok"], exactly


def fixed(value, digits):
    """A decimal without an exponent."""
    return f"{float(value):.{digits}f}"


@pytest.mark.parametrize("digits", [1, 6, 15, 40])
def test_so_many_digits_are_shown(digits):
    for value in (0.5, 0.088, 1, 123456, mpmath.mpf("0.1"), -2.5e-7):
        text = bp.decimal(value, digits)
        assert len(text.split("e")[0].replace(".", "").replace("-", "").lstrip("0")) == digits or digits < 6 and "." not in text
