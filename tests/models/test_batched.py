"""Batches end to end: items in, requests out, answers back; with guards, bounds, closed loops, codecs, a bandwidth."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.batching.closed_form import expected
from models.batching.codec import compress
from models.item_metrics import ITEM_METRICS, ITEM_WINDOWS
from models.metrics import RUN_METRICS
from sim import wiring

SCENARIO = """
duration: 10s
network: {rtt: 1ms}
clients: {c: {overhead: 0s}}
services: {s: {service_time: 2ms, overhead: 0s}}
workloads:
  w:
    client: c
    service: s
    method: POST
    arrivals: {poisson: {rate: 1000/s}}
    batch: {max_items: 4, linger: 5ms}
"""
BATCH = "workloads.w.batch"


def run(*more: str) -> wiring.Run:
    return wiring.run(wiring.load(SCENARIO, more))


def test_a_run_comes_to_what_arithmetic_says() -> None:
    told, found = expected(1000, 0.005, 4), run().summary

    assert found["batch_size_mean"] == pytest.approx(told.size, rel=0.01)
    assert found["item_delay_mean"] == pytest.approx(told.delay, rel=0.03)
    assert found["batch_by_size_ratio"] == pytest.approx(told.by_size, rel=0.02)
    assert found["batches_per_s"] == pytest.approx(told.flush_rate, rel=0.03)


def test_each_batch_is_one_request_and_its_items_are_answered_with_it() -> None:
    tables = run().tables
    items, batches, requests = tables["items"], tables["batches"], tables["requests"]

    assert batches.height == requests.height
    assert batches["items"].sum() == items.height
    joined = items.join(requests.select("id", t_answered="t_done", at="t_arrival"), left_on="request", right_on="id")
    assert joined.height == items.height
    assert (joined["t_done"] - joined["t_answered"]).abs().max() == 0
    assert (joined["t_flushed"] - joined["at"]).abs().max() == 0


def test_an_item_waits_for_its_batch_and_its_batch_for_all_its_items_work() -> None:
    found = run("workloads.w.arrivals={constant: {rate: 1000/s}}", f"{BATCH}.item_time=1ms").tables["items"]

    # four items, 1 ms apart; then 1 ms of path, 2 ms for the request and 1 ms for each item
    latencies = sorted({round(each * 1000, 6) for each in (found["t_done"] - found["t_arrival"]).to_list()[40:-40]})
    assert latencies == [7.0, 8.0, 9.0, 10.0]


def test_compression_takes_cpu_time_at_both_ends_and_fewer_bytes_on_the_wire() -> None:
    full = (f"{BATCH}={{max_items: 100}}", "network.bandwidth=100Mbit/s")
    plain, small = (run(*full, more) for more in (f"{BATCH}.codec=none", f"{BATCH}.codec=zstd-1"))

    done = compress("zstd-1", 48_900)
    saved = (48_900 - done.size_bytes) * 8 / 10**8
    assert small.summary["batch_compression"] == pytest.approx(48_900 / done.size_bytes)
    p50 = plain.summary["lat_p50"] - small.summary["lat_p50"]
    rounds = 0.001 if done.size_bytes + 200 <= 14_480 else 0.0
    assert p50 == pytest.approx(saved - (done.compress + done.decompress) / 1e9, abs=rounds + 1e-6)


def test_the_processor_of_a_client_compresses_one_batch_after_another() -> None:
    large = (f"{BATCH}={{max_items: 10, item_size: 50kB, codec: gzip-9}}", "duration=1s", "tail=5s")
    busy = run(*large, "workloads.w.arrivals={constant: {rate: 1000/s}}").requests

    # 500 kB take 16 ms, and a hundred of them come in a second
    begun = busy["t_getconn"].sort().diff().drop_nulls()
    assert begun.to_list() == pytest.approx([compress("gzip-9", 500_000).compress / 1e9] * 99, abs=2e-9)


def test_a_closed_loop_waits_for_the_answer_to_its_item() -> None:
    loop = "workloads.w.arrivals={closed_loop: {workers: 3, think: 1ms}}"

    found = run(loop, f"{BATCH}={{max_items: 3}}").summary

    assert found["batch_size_mean"] == 3
    assert found["n_items"] == 3 * found["n_requests"]


def test_bounds_block_producers_and_lose_nothing() -> None:
    full = (f"{BATCH}={{max_items: 4, linger: 5ms, max_under_way: 1, max_waiting: 8}}", "tail=60s")

    found = run(*full, "duration=3s").summary

    assert found["n_items_ok"] == found["n_items"] > 2500
    assert found["items_ok_per_s"] == pytest.approx(4 / 0.003, rel=0.5)
    assert found["item_block_mean"] >= 0


def test_or_drop_what_they_have_no_room_for() -> None:
    slow = (
        "services.s.service_time=20ms",
        f"{BATCH}={{max_items: 4, max_under_way: 1, max_waiting: 8, when_full: drop}}",
    )

    found = run(*slow).summary

    assert found["item_err:dropped: queue full"] == found["n_items"] - found["n_items_ok"] > 0
    assert found["items_ok_per_s"] == pytest.approx(4 / 0.021, rel=0.02)


def test_an_error_of_a_batch_is_that_of_all_its_items() -> None:
    found = run("clients.c.timeout=1ms").summary

    assert found["item_error_ratio"] == 1
    assert sum(n for name, n in found.items() if name.startswith("item_err:")) == found["n_items"]


def test_a_batch_that_is_tried_again_has_its_items_with_it() -> None:
    again = ("clients.c.retry={retries: 3}", "services.s.panics=0.3", f"{BATCH}.item_time=1ms")

    found = run(*again)

    assert found.summary["tries_per_call"] > 1.2
    assert found.summary["item_error_ratio"] == pytest.approx(0.3**4, abs=0.01)
    # 2 ms and one for each item: the mean of what was drawn is the same for all tries
    assert found.requests.filter(found.requests["status"] == 200)["srv_s"].max() == pytest.approx(0.006)


def test_the_presets_are_those_of_the_reference() -> None:
    batch = wiring.load(SCENARIO, [f"{BATCH}={{preset: elasticsearch}}"]).workloads["w"].batch

    assert batch is not None
    assert (batch.max_items, batch.max_bytes, batch.linger) == (1000, 5 << 20, 0)
    assert (batch.max_under_way, batch.max_waiting, batch.when_full) == (1, 1000, "block")


def test_instances_have_batches_of_their_own_and_take_items_in_turn() -> None:
    items = run("clients.c.instances=3").tables["items"]

    by_client = items.group_by("client").len().sort("client")
    assert by_client["client"].to_list() == ["c.0", "c.1", "c.2"]
    assert by_client["len"].max() - by_client["len"].min() <= 1  # type: ignore[operator]


def test_what_still_waits_when_the_run_ends_is_marked() -> None:
    found = run("services.s.service_time=60s").summary

    assert found["item_err:lab-end"] == found["n_items"]


def test_without_batches_nothing_of_them_is_recorded() -> None:
    done = run("workloads.w.batch=null")

    assert not {"items", "batches"} & set(done.tables)
    assert not {name for name in done.summary if name.startswith(("item", "batch", "n_item", "n_batch"))}


def test_no_metric_has_two_meanings() -> None:
    assert not ITEM_METRICS.keys() & RUN_METRICS.keys()
    assert set(ITEM_WINDOWS) - set(ITEM_METRICS) == {"items_per_s"}


@cache
def unbatched() -> int:
    """Arrivals of 100 ms."""
    return run("workloads.w.batch=null", "duration=100ms").requests.height


WORLDS = st.fixed_dictionaries(
    {
        "max_items": st.integers(1, 20), "linger": st.sampled_from(["1ms", "10ms"]),
        "codec": st.sampled_from(["none", "lz4", "gzip-6"]), "item_time": st.sampled_from(["0s", "1ms"]),
        "when_full": st.sampled_from(["block", "drop"]),
    },
    optional={"max_under_way": st.integers(1, 4), "max_waiting": st.integers(1, 40)},
)  # fmt: skip


@settings(max_examples=10)
@given(batch=WORLDS, hurt=st.sampled_from(["tail=1s", "clients.c.timeout=8ms", "services.s.panics=0.2"]))
def test_no_item_is_lost_and_none_is_answered_twice(batch: dict[str, Any], hurt: str) -> None:
    text = ", ".join(f"{key}: {value}" for key, value in batch.items())

    done = run(f"{BATCH}={{{text}}}", hurt, "duration=100ms", "network.bandwidth=50Mbit/s")
    items, batches = done.tables["items"], done.tables["batches"]

    assert items.height == unbatched(), "the arrivals are those of a workload without batches"
    answered = items.filter(items["request"] >= 0)
    assert answered.height == batches["items"].sum()
    assert batches["items"].max() <= batch["max_items"]
    waited = answered.filter(answered["t_joined"] == answered["t_arrival"])
    if "max_under_way" not in batch and waited.height:
        linger = int(batch["linger"][:-2]) / 1000
        assert max(waited["t_flushed"] - waited["t_joined"]) <= linger + 1e-9
