"""Who gets connections and requests while backends come and go."""

import pytest

from sim.units import InputError
from sim.wiring import load
from tests.models.balanced import SCENARIO, Balanced

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


EACH = "services.s.resolve=each"


def test_in_a_panic_all_are_asked_and_without_one_only_those_who_are_healthy() -> None:
    unhealthy = "services.s.balancer={unready: unhealthy}"
    calm = Balanced(EACH, unhealthy, "services.s.balancer.panic_threshold=0").ready(1000, 1).run()
    panic = Balanced(EACH, unhealthy).ready(1000, 1).run()
    absent = Balanced(EACH, "services.s.balancer={}").ready(1000, 1).run()

    assert set(calm.counts(1000)) == set(absent.counts(1000)) == {1}
    assert set(panic.counts(1000)) == {0, 1, 2}, "one of three is less than half"


def test_a_client_instance_keeps_to_its_subset() -> None:
    done = Balanced(
        EACH, "services.s.backends=6", "clients.c.instances=3", "services.s.balancer={subset: {size: 2}}"
    ).run()

    asked = {
        client: {row["backend"] for row in done.rows if row["client"] == client} for client in done.counts(by="client")
    }
    assert sorted(len(backends) for backends in asked.values()) == [2, 2, 2]
    assert set.union(*asked.values()) == set(range(6)), "three clients fill a round"


def test_a_dead_backend_is_ejected_after_five_failures_and_comes_back_at_a_tick() -> None:
    settings = "interval: 1s, base_ejection_time: 1500ms, always_eject_one_host: true"
    done = Balanced(
        EACH, f"services.s.balancer={{outlier_detection: {{{settings}}}}}",
        "timeline=[{at: 500ms, die: {backend: 1, for: 1s}}]",
    ).run()  # fmt: skip

    failed = [row for row in done.rows if row["err"]]
    assert [row["backend"] for row in failed if row["backend"] >= 0] in ([], [1])
    assert len(failed) == 5, "one of them perhaps under way when it died"
    assert set(done.counts(1000, 2990)) == {0, 2}
    assert set(done.counts(3010)) == {0, 1, 2}, "ejected at 0.6 s, 1.5 s have passed at the tick of 3 s"


def test_a_new_backend_starts_slowly() -> None:
    start = Balanced(EACH, "services.s.balancer={slow_start: {window: 2s}}").ready(0, 0, 1).ready(1000, 0, 1, 2).run()

    counts = [start.counts(ms, ms + 500).get(2, 0) for ms in (500, 1000, 2500, 3100, 3500)]
    assert counts[0] == 0
    assert counts[1] < counts[2] < 17 <= counts[3] + 1
    assert sum(start.counts(3500).values()) / 3 == pytest.approx(start.counts(3500)[2], abs=1)


def test_least_connections_count_those_that_are_open_and_forget_those_that_failed() -> None:
    done = Balanced(
        "services.s.resolve=vip", "services.s.balancer=least_connections", EACH_DIAL,
        "timeline=[{at: 1s, refuse: {backend: 0, for: 1s}}]",
    ).run()  # fmt: skip

    assert all(one.active == 0 for one in done.endpoints.each), "whatever was counted is gone"
    assert done.counts(1000, 1990, "err")["connection refused"] > 40, "a refused dial holds no connection, so it wins"


def test_every_client_instance_has_its_slot_of_a_source_hash() -> None:
    done = Balanced(
        "services.s.resolve=vip", "services.s.balancer=source_hash", "clients.c.instances=5", EACH_DIAL
    ).run()

    by_client = {(row["client"], row["backend"]) for row in done.rows}
    assert len(by_client) == 5


@pytest.mark.parametrize(
    ("resolve", "balancer", "complaint"),
    [
        ("each", "{weights: [1, 2]}", "weights: 2 for 3 backends; write one for each"),
        ("each", "{weights: [0, 0, 0]}", "weights: sum to 0, so that nobody gets anything"),
        ("each", "{table_size: 100}", "table_size: 100 is not a prime; write 65537"),
        ("each", "least_connections", "least_connections is none for resolve: each; write resolve: vip"),
        ("vip", "peak_ewma", "peak_ewma is none for resolve: vip; write resolve: each"),
        ("round_robin", "random", "random is none for resolve: round_robin"),
        ("hosts", "random", "resolve: hosts leaves nothing to choose"),
        ("each", "{policy: prequal, weights: [1, 1, 1]}", "prequal does not look at them"),
        ("each", "{policy: random, slow_start: {window: 1s}}", "slow_start: random does not know it"),
        ("vip", "{subset: {size: 1}}", "choose requests; write resolve: each"),
        ("each", "least_requests", "least_requests.*least_request"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(resolve: str, balancer: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refused:
        load(SCENARIO, [f"services.s.resolve={resolve}", f"services.s.balancer={balancer}"])

    assert "\n" not in str(refused.value)


def test_a_balancer_needs_backends() -> None:
    with pytest.raises(InputError, match="0 should be greater than 0"):
        load(SCENARIO, [EACH, "services.s.balancer={}", "services.s.backends=0"])


def test_nobody_is_unready_to_a_hosts_file() -> None:
    with pytest.raises(InputError, match="s is resolved by hosts, whoever is ready; write dns, vip or each"):
        load(SCENARIO, ["timeline=[{at: 1s, unready: {}}]"])


def test_a_grace_needs_an_age() -> None:
    with pytest.raises(InputError, match="there is no age that it follows; write max_connection_age"):
        load(SCENARIO, ["services.s.max_connection_age_grace=1s"])
