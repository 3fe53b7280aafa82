"""Which lost attempts are made once more: the table of shouldRetryRequest, row by row."""

import pytest

from models.request import Exchange
from models.transport.errors import CONNECTION_RESET, EOF, SERVER_CLOSED_IDLE
from models.transport.retry import should_retry

GET = Exchange(workload="w")
POST = Exchange(workload="w", method="POST", has_body=True)
KEYED = Exchange(workload="w", method="POST", has_body=True, is_idempotent=True)
KEYED_ONCE = Exchange(workload="w", method="POST", has_body=True, is_idempotent=True, can_rewind=False)
EMPTY_POST = Exchange(workload="w", method="POST")
ONCE = Exchange(workload="w", method="POST", has_body=True, can_rewind=False)


@pytest.mark.parametrize("unsent", [True, False])
def test_a_fresh_connection_is_never_retried(unsent: bool) -> None:
    assert not should_retry(GET, EOF, reused=False, unsent=unsent), "rule 2 (V13.5)"


@pytest.mark.parametrize(("exchange", "retried"), [(GET, True), (POST, True), (EMPTY_POST, True), (ONCE, False)])
def test_what_was_not_written_is_written_again_whatever_the_method(exchange: Exchange, retried: bool) -> None:
    assert should_retry(exchange, CONNECTION_RESET, reused=True, unsent=True) is retried, "rule 3: GetBody decides"


@pytest.mark.parametrize(
    ("exchange", "retried"), [(GET, True), (POST, False), (EMPTY_POST, False), (KEYED, True), (KEYED_ONCE, False)]
)
@pytest.mark.parametrize("err", [EOF, CONNECTION_RESET])
def test_an_unanswered_request_is_retried_if_it_is_replayable(exchange: Exchange, retried: bool, err: str) -> None:
    assert should_retry(exchange, err, reused=True, unsent=False) is retried, "rules 4 and 5 (V13.1 to V13.4)"


@pytest.mark.parametrize(("exchange", "retried"), [(GET, True), (KEYED, True), (POST, False)])
def test_a_fin_before_the_writing_is_retried_only_if_it_is_replayable(exchange: Exchange, retried: bool) -> None:
    assert should_retry(exchange, SERVER_CLOSED_IDLE, reused=True, unsent=True) is retried, "rule 6"
