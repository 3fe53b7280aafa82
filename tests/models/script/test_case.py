"""What may be written in a case is read strictly, and the offender is named."""

from typing import Any

import pytest

from sim.units import InputError
from tests.models.script.scripts import a_case, ask, snapshot


def wrong(*steps: dict[str, Any], **parts: Any) -> str:
    with pytest.raises(InputError) as raised:
        a_case(*steps, **parts)
    return str(raised.value)


def test_an_option_that_no_request_has_is_named_with_the_nearest_one() -> None:
    text = wrong(ask("A", "0ms", servise="20ms"))

    assert "servise" in text
    assert "did you mean service?" in text


def test_a_field_that_go_does_not_have_is_named_with_the_nearest_one() -> None:
    text = wrong(ask("A", "0ms"), transport={"MaxIdleConnPerHost": 2})

    assert "transport.MaxIdleConnPerHost" in text
    assert "did you mean MaxIdleConnsPerHost?" in text


def test_a_step_does_exactly_one_thing() -> None:
    assert "exactly one of req, cancel, snapshot" in wrong({"t": "0ms"})
    assert "exactly one of req, cancel, snapshot" in wrong(ask("A", "0ms", snapshot="both"))


def test_a_request_goes_to_a_host_of_the_script() -> None:
    assert "script.0.host" in wrong(ask("A", "0ms", host="h2"))


def test_only_a_request_that_was_made_can_be_cancelled() -> None:
    assert "script.0.cancel" in wrong({"t": "0ms", "cancel": "A"}, ask("A", "5ms"))


def test_two_requests_do_not_share_a_name() -> None:
    assert "script.1.req" in wrong(ask("A", "0ms"), ask("A", "5ms"))


@pytest.mark.parametrize(
    ("options", "offender"),
    [
        ({"act": "explode"}, "act: "),
        ({"read": "some"}, "read: "),
        ({"status": "OK"}, "status: "),
        ({"i1xx": "102,200"}, "i1xx: "),
        ({"continue": "soon"}, "continue: "),
    ],
)
def test_a_word_that_means_nothing_is_refused(options: dict[str, str], offender: str) -> None:
    assert f"script.0.{offender}" in wrong(ask("A", "0ms", **options))


def test_a_sysctl_needs_a_value() -> None:
    assert "needs a value" in wrong({"t": "0ms", "sysctl": "net.ipv4.tcp_tw_reuse"})


def test_the_end_is_settle_after_the_last_step() -> None:
    case = a_case(ask("A", "20ms"), snapshot("70ms"), settle="30ms")

    assert case.ends_at == 100_000_000
