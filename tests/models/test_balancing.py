"""Who gets connections and requests while backends come and go."""

import pytest

from tests.models.balanced import Balanced

EACH_DIAL = "clients.c.transport.disable_keep_alives=true"


@pytest.mark.parametrize("resolve", ["vip", "round_robin", "each", "{dns: rotate}"])
def test_who_is_not_ready_gets_nothing_new(resolve: str) -> None:
    done = Balanced(f"services.s.resolve={resolve}", EACH_DIAL).ready(1000, 0, 2).ready(2500, 0, 1, 2).run()

    assert set(done.counts(0, 990)) == {0, 1, 2}
    assert set(done.counts(1000, 2490)) == {0, 2}
    assert max(done.counts(1010, 2490).values()) - min(done.counts(1010, 2490).values()) <= 1
    assert set(done.counts(2500)) == {0, 1, 2}


def test_connections_to_who_is_taken_out_live_on() -> None:
    done = Balanced("services.s.resolve=vip").ready(1000, 1, 2).run()

    assert set(done.counts(3000)) == set(done.counts(0, 1000)) == {0, 1}, (
        "two connections carry all, nobody closes them"
    )


@pytest.mark.parametrize(
    ("resolve", "err", "status"),
    [("vip", "connection refused", 0), ("dns", "no such host", 0), ("each", "", 503), ("round_robin", "", 503)],
)
def test_with_nobody_ready_a_request_fails_in_the_words_of_who_balances(resolve: str, err: str, status: int) -> None:
    done = Balanced(f"services.s.resolve={resolve}", EACH_DIAL).ready(1000).ready(2000, 0).run()

    assert done.counts(1000, 1990, "err") == {err: 99}
    assert done.counts(1000, 1990, "status") == {status: 99}
    assert set(done.counts(2000, by="status")) == {200}


def test_a_weight_of_zero_gets_nothing_and_double_the_weight_double_the_requests() -> None:
    done = Balanced("services.s.resolve=each")
    for index, weight in enumerate((0, 1, 2)):
        done.endpoints.weigh(index, weight)
    counts = done.run().counts()

    assert set(counts) == {1, 2}
    assert counts[2] / counts[1] == pytest.approx(2, abs=0.02)


def test_round_robin_goes_on_where_it_was_when_somebody_comes_back() -> None:
    done = Balanced("services.s.resolve=round_robin").ready(1000, 0, 1).ready(2000, 0, 1, 2).run()

    counts = done.counts(2000)
    assert max(counts.values()) - min(counts.values()) <= 1
