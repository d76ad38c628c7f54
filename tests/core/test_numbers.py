"""Numbers as people read them, and as they type them."""

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lossterm.core.numbers import digits_apart, fixed, parse, percent, ratio, significant, trimmed

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ORDINARY = st.floats(-1e99, 1e99).filter(lambda x: x == 0 or abs(x) >= 1e-99)
"""Of at most two digits in the exponent."""

PLAIN = re.compile(r"−?\d+(\.\d+)?(e−?\d+)?")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (4.0181499, "4.018"),
        (-55.59815, "−55.60"),
        (0.017662706, "0.01766"),
        (-0.98201379, "−0.9820"),
        (-0.03469004, "−0.03469"),
        (2.3538526683702e17, "2.354e17"),
        (1.75e-26, "1.750e−26"),
        (-1.9719353e-304, "−1.972e−304"),
        (0.0001, "0.0001000"),
        (0.00009999, "9.999e−5"),
        (0.99999, "1.000"),
        (9.9996, "10.00"),
        (999949.0, "999949"),
        (999999.9, "1.000e6"),
        (1e6, "1.000e6"),
        (5e-324, "4.941e−324"),
        (0.0, "0"),
        (-0.0, "0"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "—"),
    ],
)
def test_significant(x: float, text: str) -> None:
    assert significant(x) == text


@pytest.mark.parametrize(("digits", "text"), [(1, "3"), (2, "3.1"), (3, "3.14"), (6, "3.14159"), (9, "3.14159265")])
def test_so_many_digits(digits: int, text: str) -> None:
    assert significant(math.pi, digits) == text


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (999999.0, 7, "999999.0"),
        (1e6, 7, "1.000000e6"),
        (-1234567.8, 9, "−1.23456780e6"),
        (99999.5, 5, "100000"),
        (1e5, 6, "100000"),
    ],
)
def test_a_million_has_an_exponent_however_many_digits(x: float, digits: int, text: str) -> None:
    assert significant(x, digits) == text


@given(FINITE, st.integers(1, 12))
def test_a_significant_number_is_close_to_what_it_is_of(x: float, digits: int) -> None:
    assume(abs(x) < 1e308)
    text = significant(x, digits)
    assert PLAIN.fullmatch(text)
    assert abs(parse(text) - x) <= 0.5000001 * 10.0 ** (1 - digits) * abs(x)


@given(FINITE)
def test_a_significant_number_has_as_many_digits_as_promised(x: float) -> None:
    assume(x != 0)
    mantissa = significant(x).partition("e")[0]
    digits = mantissa.replace("−", "").replace(".", "").lstrip("0")
    assert len(digits) == 4 or (len(digits) <= 6 and "." not in mantissa)


@given(ORDINARY)
def test_a_significant_number_fits_a_cell_of_ten(x: float) -> None:
    assert len(significant(x)) <= 10


@given(st.floats())
def test_the_longest_is_of_eleven(x: float) -> None:
    assert 1 <= len(significant(x)) <= 11


@given(st.floats())
def test_minus_is_a_minus_sign_and_there_is_no_negative_zero(x: float) -> None:
    for text in (significant(x), trimmed(x), fixed(x + 0.0), ratio(x, 1.0)):
        assert "-" not in text and "+" not in text
        assert "nan" not in text and "inf" not in text
    assert significant(x).startswith("−") == (x < 0)


@given(FINITE, FINITE)
def test_larger_numbers_do_not_look_smaller(x: float, y: float) -> None:
    low, high = sorted((x, y))
    assume(abs(low) < 1e308 and abs(high) < 1e308)
    assert parse(significant(low)) <= parse(significant(high))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (2.0, "2"),
        (0.5, "0.5"),
        (0.25, "0.25"),
        (-1.0, "−1"),
        (100.0, "100"),
        (120000.0, "120000"),
        (1e6, "1e6"),
        (1.5e-7, "1.5e−7"),
        (0.0, "0"),
        (1 / 3, "0.3333"),
        (math.inf, "∞"),
        (math.nan, "—"),
    ],
)
def test_trimmed(x: float, text: str) -> None:
    assert trimmed(x) == text


@given(FINITE, st.integers(1, 12))
def test_trimming_leaves_the_number_and_no_zeros(x: float, digits: int) -> None:
    assume(abs(x) < 1e308)
    text = trimmed(x, digits)
    assert parse(text) == parse(significant(x, digits))
    head = text.partition("e")[0]
    assert not head.endswith(".") and not ("." in head and head.endswith("0"))
    assert len(text) <= len(significant(x, digits))


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (-4.0, 4, "−4.000"),
        (0.0, 4, "0.000"),
        (-4.0, 5, "−4.0000"),
        (12.34567, 4, "12.346"),
        (0.01, 4, "0.010"),
        (0.001234, 4, "0.001234"),
        (-1e-9, 4, "−1.000e−9"),
        (123456.0, 4, "123456"),
        (1e6, 4, "1.000e6"),
        (math.nan, 4, "—"),
        (math.inf, 4, "∞"),
    ],
)
def test_fixed(x: float, digits: int, text: str) -> None:
    assert fixed(x, digits) == text


@given(st.floats(-9999, 9999), st.integers(4, 8))
def test_a_coordinate_is_told_to_its_decimals(x: float, digits: int) -> None:
    assert abs(parse(fixed(x, digits)) - x) <= 0.500001 * 10.0 ** (1 - digits)


@pytest.mark.parametrize(
    ("x", "reference", "text"),
    [
        (1.0, 1.0, "1"),
        (-1.0, 1.0, "1"),
        (1.001, 1.0, "1"),
        (-0.0346900, 0.98201379, "1/28.3"),
        (-0.9975274, -0.0049208, "203"),
        (2.0, -1.0, "2"),
        (1.0, 3.0, "1/3"),
        (1e-300, 1.0, "1/1e300"),
        (0.0, 1.0, "0"),
        (1.0, 0.0, "∞"),
        (0.0, 0.0, "—"),
        (math.nan, 1.0, "—"),
        (1.0, math.nan, "—"),
        (1e300, 1e-300, "∞"),
        (1e-300, 1e300, "0"),
    ],
)
def test_ratio(x: float, reference: float, text: str) -> None:
    assert ratio(x, reference) == text


@given(FINITE, FINITE)
def test_a_ratio_turned_round_is_its_reciprocal(x: float, y: float) -> None:
    one, other = ratio(x, y), ratio(y, x)
    pairs = {"0": "∞", "∞": "0", "1": "1", "—": "—"}
    if one in pairs:
        assert other == pairs[one]
    else:
        assert (one == f"1/{other}") != (other == f"1/{one}")


@given(ORDINARY, ORDINARY)
def test_a_ratio_is_close_and_short(x: float, reference: float) -> None:
    assume(x != 0 and reference != 0)
    text = ratio(x, reference)
    assert len(text) <= 9
    share = abs(x) / abs(reference)
    size = max(share, 1 / share)
    assert parse(text) == pytest.approx(share, rel=0.0051 if size < 9999 else 0.051)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("-4", -4),
        ("−4", -4),
        ("–4", -4),
        (".02", 0.02),
        ("1e-3", 0.001),
        ("1e−3", 0.001),
        ("1/3", 1 / 3),
        ("-1/4", -0.25),
        ("  7 ", 7),
        ("+2", 2),
        ("5e-324", 5e-324),
    ],
)
def test_parse(text: str, x: float) -> None:
    assert parse(text) == x


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "1,5",
        "1_000",
        "--1",
        "1/0",
        "1/2/3",
        "/2",
        "2/",
        "nan",
        "inf",
        "-∞",
        "∞",
        "—",
        "1e999",
        "0x10",
        "1e",
    ],
)
def test_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="number") as problem:
        parse(text)
    assert repr(text.strip()) in str(problem.value)


@given(FINITE)
def test_what_python_writes_is_read_back(x: float) -> None:
    assert parse(repr(x)) == x
    assert parse(repr(x).replace("-", "−")) == x


@given(st.text())
def test_any_text_is_a_finite_number_or_a_value_error(text: str) -> None:
    try:
        x = parse(text)
    except ValueError as problem:
        assert "number" in str(problem)
    else:
        assert math.isfinite(x)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.9999997, "0.9999997"), (0.99996, "0.99996"), (1.00001, "1.00001"), (1.0, "1.000"), (0.5, "0.5000"),
        (0.9999999999999999, "0.9999999999999999"), (12345.6, "12346"), (0.0, "0"),
    ],
)  # fmt: skip
def test_no_number_is_written_as_one_that_is_not(x: float, text: str) -> None:
    assert significant(x, digits_apart(x)) == text


@given(st.floats(0.5, 2))
def test_digits_apart_tell_every_double_from_one(x: float) -> None:
    assert (float(significant(x, digits_apart(x))) == 1) == (x == 1)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0.0, "0.0%"),
        (1.0, "100.0%"),
        (0.123, "12.3%"),
        (0.9999997, "99.99997%"),
        (0.0003, "0.03%"),
        (1e-12, "1.0e−10%"),
    ],
)
def test_a_percentage_is_nothing_or_all_only_where_it_is(part: float, text: str) -> None:
    assert percent(part) == text
