import pytest

from sim.quantity.expression import is_true
from sim.quantity.wording import plain_words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("p99.9 >= 1m30s", "name_0 >= 90.0"),
        ("lat < 300 ms", "name_0 < 0.3"),
        ("rate > 100/s", "name_0 > 100.0"),
        ("size < 4KiB", "name_0 < 4096.0"),
        ("share < 0.1% and share > 1 %", "name_0 < 0.001 and name_0 > 0.01"),
        ("rate % 3 == 10 % 3", "name_0 % 3 == 10 % 3"),
        ("err:503 + `err:i/o timeout` > 1e-3", "name_0 + name_1 > 1e-3"),
        ("mode == '3s'", "name_0 == '3s'"),
    ],
)
def test_quantities_become_numbers_and_names_plain_words(text: str, plain: str) -> None:
    assert plain_words(text)[0] == plain


def test_names_are_kept_as_written() -> None:
    assert plain_words("a.b + c + a.b")[1] == {"name_0": "a.b", "name_1": "c"}


def test_a_metric_is_compared_with_a_quantity_without_quotes() -> None:
    assert is_true("lat_p99 < 300ms and error_ratio < 0.1%", {"lat_p99": 0.2, "error_ratio": 0.0005})
    assert not is_true("lat_p99 < 300ms", {"lat_p99": 0.4})
