import pytest

from sim.quantity.expression import MAX_NODES, is_true

POINT = {"rate": "400/s", "hold": "50ms", "limit": 20, "mode": "rotate", "on": True}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("rate * hold <= limit", True),
        ("rate * hold < limit", False),
        ("0 < limit <= 20", True),
        ("not on or limit != 20", False),
        ("mode == 'rotate' and hold < '1s'", True),
        ("mode in ['fixed', 'shuffle']", False),
        ("limit not in (1, 2)", True),
        ("-limit + 1 // 2 - 3 % 2 / 1 < 0", True),
    ],
)
def test_a_condition_is_worked_out_on_magnitudes(condition: str, expected: bool) -> None:
    assert is_true(condition, POINT) is expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("rates < 4", "rates is not an axis; did you mean rate?"),
        ("rate <", "is not a condition"),
        ("__import__('os').system('true')", "is not allowed"),
        ("limit.real", "limit.real is not an axis"),
        ("limit[0]", "is not allowed"),
        ("limit ** 9 ** 9", "is not allowed"),
        ("[x for x in limit]", "is not allowed"),
        ("limit is 3", "is not allowed"),
        ("mode * 1000000000", "rotate is not a number"),
        ("mode < 3", "cannot be worked out"),
        ("limit / 0", "cannot be worked out"),
        ("1" + " + 1" * MAX_NODES, "split it"),
        ("(" * 5000, "is not a condition"),
    ],
)
def test_anything_else_is_refused(condition: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        is_true(condition, POINT)
