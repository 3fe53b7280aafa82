import pytest

from sim.quantity.magnitude import comparable, magnitude, number, unit_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("300ms", (0.3, "s")),
        ("1m30s", (90.0, "s")),
        ("400/s", (400.0, "/s")),
        ("3/m", (0.05, "/s")),
        ("4KiB", (4096.0, "B")),
        ("5%", (0.05, "")),
        ("0.1pp", (0.1 / 100, "")),
        ("-2.5", (-2.5, "")),
        (7, (7.0, "")),
        (0.5, (0.5, "")),
        (True, None),
        ("rotate", None),
        ([1], None),
        (None, None),
    ],
)
def test_a_quantity_counts_in_the_units_of_results(written: object, expected: object) -> None:
    assert magnitude(written) == expected


def test_spellings_of_one_quantity_compare_equal() -> None:
    assert comparable("1s") == comparable("1000ms")
    assert comparable("60/m") == comparable("1/s")
    assert comparable("1s") != comparable(1)
    assert comparable("rotate") == "rotate"
    assert comparable(False) is False


def test_a_word_is_no_number_and_has_no_unit() -> None:
    assert unit_of("rotate") == ""
    with pytest.raises(ValueError, match="rotate is not a quantity"):
        number("rotate")
