"""A Java program among requests: what stops it and how long, its counters, its errors."""

from typing import Any

import polars as pl
import pytest

from models.programs.config import ProgramConfig
from models.programs.jvm import Jvm
from models.programs.jvm_config import JvmConfig, LeakConfig, LoadConfig, MetaspaceConfig
from sim.units import MS, SECOND
from sim.wiring import Run, load_tree, run
from tests.models.worlds import Lab, a_lab, a_service

MIB = 1 << 20
SMALL: dict[str, Any] = {"collector": "parallel", "heap": 300 * MIB, "young_pause": 10 * MS, "young_pause_per_gb": 0}
"""Eden 80 MiB, old 200 MiB."""


def a_jvm(**fields: Any) -> Lab:
    config = JvmConfig(**(SMALL | {"allocation": 30 * MIB, "held": 0.0, "full_pause_per_gb": 0} | fields))
    return a_lab(services={"h1": a_service(program=ProgramConfig(jvm=config))})


def counted(lab: Lab) -> dict[str, float]:
    jvm = lab.world.programs[0].memory
    assert isinstance(jvm, Jvm)
    return jvm.count()


def events(lab: Lab) -> list[tuple[str, float]]:
    return [(row.event, row.t) for row in lab._rows("events")]


def test_the_request_that_finds_eden_full_waits_for_the_collection_and_so_do_all() -> None:
    lab = a_jvm()
    for i, name in enumerate("ABC"):
        lab.ask(name, i, service=20)
    lab.run()

    assert [lab.requests[name].t_done for name in "ABC"] == [30, 31, 32]
    assert events(lab) == [("Pause Young", 2), ("Pause Young ends", 12)]
    assert [lab.level("stopped_b0", ms) for ms in (1, 5, 13)] == [0, 1, 0]
    assert [lab.level("eden_b0", ms) for ms in (0, 1, 3)] == [38, 75, 0]


def test_jstats_counters_add_up() -> None:
    lab = a_jvm(live=250 * MIB, full_pause_per_gb=1 * SECOND, held=0.5)
    for i in range(20):
        lab.ask(str(i), 100 * i, service=1)
    lab.run(10_000)
    counters = counted(lab)

    begins = [event for event, _ in events(lab) if not event.endswith("ends")]
    assert counters["YGC"] == begins.count("Pause Young")
    assert counters["FGC"] == begins.count("Pause Full") > 0
    stops = [(event, t) for event, t in events(lab) if event.startswith("Pause")]
    stopped = sum(t * (1 if event.endswith("ends") else -1) for event, t in stops) / 1000
    assert counters["GCT"] == pytest.approx(counters["YGCT"] + counters["FGCT"]) == pytest.approx(stopped)


def test_a_full_pause_grows_with_what_lives() -> None:
    pauses = []
    for live in (210, 250):
        lab = a_jvm(live=live * MIB, full_pause_per_gb=1 * SECOND)
        for i in range(4):
            lab.ask(str(i), i, service=1)
        lab.run(5_000)
        pauses.append(counted(lab)["FGCT"] / counted(lab)["FGC"])

    assert pauses == pytest.approx([210 * MIB / 1e9, 250 * MIB / 1e9])


def test_java_heap_space_is_a_500_of_that_request_alone() -> None:
    lab = a_jvm(live=240 * MIB, allocation=39 * MIB, held=1.0)
    for name in "AB":
        lab.ask(name, 0, service=50)
    lab.ask("C", 100, service=50)
    lab.run()

    assert [lab.requests[name].status for name in "ABC"] == [200, 500, 200]
    assert counted(lab)["oom:Java heap space"] == 1
    assert lab.level("busy_b0", 160) == 0


def test_an_error_that_ends_the_program_closes_everything_and_a_restart_begins_with_an_empty_heap() -> None:
    lab = a_jvm(
        live=235 * MIB, allocation=39 * MIB, held=1.0, exit_on_oom=True, restart_after=100 * MS,
        load_at_start=LoadConfig(size=5 * MIB, time=10 * MS),
    )  # fmt: skip
    lab.ask("A", 20, service=500)
    lab.ask("B", 40, service=50)
    lab.ask("C", 50, service=50)
    lab.ask("D", 1040, service=50)
    lab.run()

    assert {lab.requests[name].err for name in "AB"} == {"EOF"}
    assert lab.requests["C"].err == "connection refused"
    assert lab.requests["D"].status == 200
    assert [event for event, _ in events(lab) if not event.startswith("Pause")] == [
        "loaded", "OutOfMemoryError: Java heap space", "started again", "loaded",
    ]  # fmt: skip
    assert lab.level("heap_b0", 100) == 0


def test_a_cache_that_is_read_at_the_start_takes_its_time_and_its_room() -> None:
    lab = a_jvm(load_at_start=LoadConfig(size=100 * MIB, time=8300 * MS))
    lab.run(20_000)

    (loaded,) = (t for event, t in events(lab) if event == "loaded")
    assert loaded == pytest.approx(8300, abs=50)  # and one young collection on the way
    jvm = lab.world.programs[0].memory
    assert isinstance(jvm, Jvm)
    assert jvm.heap.live == 100 * MIB


def test_a_program_that_reads_first_listens_afterwards() -> None:
    lab = a_jvm(load_at_start=LoadConfig(size=20 * MIB, time=100 * MS, before_listening=True))
    lab.ask("A", 50, service=10)
    lab.ask("B", 101, service=10)
    lab.run()

    assert lab.requests["A"].err == "connection refused"
    assert lab.requests["B"].t_done == 111


def test_a_heap_is_new_after_a_death() -> None:
    lab = a_jvm(leak=LeakConfig(per_request=20 * MIB), allocation=MIB)
    for i in range(5):
        lab.ask(str(i), 10 * i, service=1)
    host = lab.world.hosts[0]
    lab.at(100, host.server.die)
    lab.at(200, host.server.start_again)
    lab.ask("after", 300, service=1)
    lab.run()

    assert [lab.level("heap_b0", ms) for ms in (90, 150, 310)] == [34, 0, 7]


def test_a_leak_ends_in_java_heap_space() -> None:
    lab = a_jvm(leak=LeakConfig(per_request=20 * MIB), allocation=MIB)
    for i in range(20):
        lab.ask(str(i), 100 * i, service=1)
    lab.run(10_000)

    statuses = [lab.requests[str(i)].status for i in range(20)]
    assert statuses == [200] * 13 + [500] * 7  # 13 of 21 MiB fit into the 280 that can be used


def test_what_is_kept_every_second_fills_the_heap_without_any_request() -> None:
    lab = a_jvm(leak=LeakConfig(per_second=50 * MIB))
    lab.run(20_000)

    assert lab.level("heap_b0", 3000) == pytest.approx(50, abs=3)
    assert lab.level("heap_b0", 10_000) > 90
    assert counted(lab)["oom:Java heap space"] > 10


@pytest.mark.parametrize(("mark", "top", "full", "failed"), [(0, 0, 4, 0), (200, 0, 0, 0), (0, 60, 3, 15)])
def test_metaspace_collects_at_its_mark_and_fails_at_its_top(mark: int, top: int, full: int, failed: int) -> None:
    space = MetaspaceConfig(size=(mark or 21) * MIB, max=top * MIB, per_request=4 * MIB)
    lab = a_jvm(metaspace=space, allocation=1000)
    for i in range(30):
        lab.ask(str(i), 10 * i, service=1)
    lab.run()

    counters = counted(lab)
    assert counters.get("oom:Metaspace", 0) == failed
    assert counters["FGC"] == full + failed


def rules(seconds: int, settings: tuple[str, ...]) -> Run:
    """A rule service on Parallel: 6 GiB of heap, requests of 1.5 MB that hold nothing."""
    jvm = {
        "collector": "parallel", "heap": "6GiB", "live": "4400MB", "allocation": "1524kB", "held": 0,
        "full_pause_per_gb": "477273us",
    }  # fmt: skip
    service = {"resolve": "literal", "service_time": "10ms", "program": {"cpu": {"cores": 100}, "jvm": jvm}}
    tree = {
        "duration": f"{seconds}s", "tail": "0s", "clients": {"gw": {"transport": {"max_conns_per_host": 500}}},
        "services": {"rules": service},
        "workloads": {"w": {"client": "gw", "service": "rules", "arrivals": {"constant": {"rate": "300/s"}}}},
    }  # fmt: skip
    return run(load_tree(tree, list(settings)))


def test_seventeen_full_collections_a_minute_of_2100_ms_are_59_percent_of_it() -> None:
    done = rules(60, ())

    assert done.summary["FGC"] == pytest.approx(17, abs=1)
    assert done.summary["FGCT"] / done.summary["FGC"] == pytest.approx(2.1, rel=0.01)
    assert done.summary["FGCT"] / 60 == pytest.approx(0.595, abs=0.02)
    assert "oom:GC overhead limit exceeded" not in done.summary


def test_at_98_percent_the_collector_gives_up_as_the_article_quotes_it() -> None:
    almost_full = ("live=5985MB", "full_pause_per_gb=578112us", "allocation=1MB")
    done = rules(60, tuple(f"services.rules.program.jvm.{setting}" for setting in almost_full))

    assert done.summary["FGC"] == pytest.approx(17, abs=1)
    assert done.summary["FGCT"] / 60 > 0.98
    assert done.summary["oom:GC overhead limit exceeded"] >= 2
    assert "oom:Java heap space" not in done.summary
    assert done.events.filter(pl.col("event").str.starts_with("OutOfMemoryError")).height >= 2


@pytest.mark.parametrize(("settings", "gives_up"), [
    (("collector=serial",), False), (("collector=g1", "java=25"), False), (("collector=parallel",), True),
])  # fmt: skip
def test_only_some_collectors_give_up(settings: tuple[str, ...], gives_up: bool) -> None:
    almost_full = ("live=5985MB", "full_pause_per_gb=578112us", "allocation=1MB", "leak.per_request=100kB", *settings)
    done = rules(60, tuple(f"services.rules.program.jvm.{setting}" for setting in almost_full))

    assert ("oom:GC overhead limit exceeded" in done.summary) == gives_up


@pytest.mark.parametrize(("java", "collector"), [(8, "parallel"), (9, "g1"), (21, "g1")])
def test_the_version_decides_who_collects(java: int, collector: str) -> None:
    assert JvmConfig(java=java).collected_by == collector


@pytest.mark.parametrize(("fields", "says"), [
    ({"heap": 300 * MIB, "live": 281 * MIB}, "live: a live set of 281MiB does not fit into a heap of 300MiB"),
    ({"restart_after": 1}, "restart_after: is for a program that ends; write exit_on_oom: true"),
])  # fmt: skip
def test_what_cannot_be_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        JvmConfig(**fields)
    with pytest.raises(ValueError, match="loaded: classes of 10MiB do not fit into max 5MiB"):
        MetaspaceConfig(loaded=10 * MIB, max=5 * MIB)


@pytest.mark.slow
def test_four_instances_at_a_third_of_their_capacity_lose_nothing_to_2100_ms_stops() -> None:
    """An independent simulation of them has 1208 a second, no loss and a P99 of 2.36 s; here the stops come by load."""
    jvm = {
        "collector": "parallel", "heap": "6GiB", "live": "4400MB", "allocation": "1524kB", "held": 0,
        "allocation_spread": "exponential", "full_pause_per_gb": "477273us",
    }  # fmt: skip
    service = {
        "backends": 4, "resolve": "round_robin", "workers": 100, "overhead": "0s",
        "service_time": {"exponential": {"mean": "100ms"}}, "program": {"cpu": {"cores": 100}, "jvm": jvm},
    }  # fmt: skip
    tree = {
        "duration": "60s", "tail": "6s",
        "clients": {"gw": {"timeout": "5s", "transport": {"max_idle_conns_per_host": 2000}}},
        "services": {"rules": service},
        "workloads": {"w": {"client": "gw", "service": "rules", "arrivals": {"poisson": {"rate": "1200/s"}}}},
    }  # fmt: skip
    done = run(load_tree(tree))

    assert done.summary["n_err"] == 0
    assert done.summary["lat_p99"] == pytest.approx(2.36, abs=0.08)
    assert done.summary["FGCT"] / 4 / 60 == pytest.approx(0.595, abs=0.03)
