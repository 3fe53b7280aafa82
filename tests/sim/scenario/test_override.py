"""--set path=value."""

from typing import Any

import pytest

from sim.scenario import Loader, apply_overrides
from sim.units import MS, SECOND, InputError
from tests.sim.scenario.sample import TEXT, Closed, Constant, Hosts, Lognormal, Poisson, Sample

LOADER = Loader(Sample)


def load(*overrides: str) -> Sample:
    return LOADER.load(TEXT, "g.yaml", overrides)


def message(*overrides: str) -> str:
    with pytest.raises(InputError) as caught:
        load(*overrides)
    return str(caught.value)


def test_a_value_replaces_the_files() -> None:
    sample = load("clients.gateway.timeout=5s", "duration=7s", "services.orders.workers=9")

    assert sample.clients["gateway"].timeout == 5 * SECOND
    assert sample.duration == 7 * SECOND
    assert sample.services["orders"].workers == 9


def test_missing_mappings_on_the_way_are_made() -> None:
    sample = load("clients.gateway.jitter.lognormal={mean: 1ms, p99: 2ms}", "services.stock.steps=[1ms]", "labels.a=b")

    assert sample.clients["gateway"].jitter == Lognormal(mean=MS, p99=2 * MS)
    assert sample.services["stock"].steps == (Constant(value=MS),)
    assert sample.labels == {"a": "b"}


def test_go_and_sysctl_spellings_are_paths_too() -> None:
    sample = load(
        "clients.gateway.transport.TLSHandshakeTimeout=3s",
        "clients.gateway.kernel.net.ipv4.tcp_tw_reuse=0",
        "timeline[0].pause.for=9s",
    )

    assert sample.clients["gateway"].transport.tls_handshake_timeout == 3 * SECOND
    assert sample.clients["gateway"].kernel.tcp_tw_reuse == 0
    assert sample.timeline[0].pause is not None
    assert sample.timeline[0].pause.for_ == 9 * SECOND


def test_a_name_with_dots_is_found() -> None:
    assert load("clients.api.example.com.timeout=4s").clients["api.example.com"].timeout == 4 * SECOND


def test_short_forms_are_spread_before_they_are_changed() -> None:
    sample = load("workloads.checkout.poisson.rate=5/s", "services.stock.service_time.constant.value=9ms")

    assert sample.workloads["checkout"] == Poisson(rate=5.0)
    assert sample.services["stock"].service_time == Constant(value=9 * MS)


def test_another_kind_takes_the_place_of_the_one_that_was_written() -> None:
    sample = load(
        "services.stock.service_time.lognormal.mean=1ms",
        "services.stock.service_time.lognormal.p99=2ms",
        "services.orders.resolve=hosts",
        "workloads.checkout.closed.workers=2",
    )

    assert sample.services["stock"].service_time == Lognormal(mean=MS, p99=2 * MS)
    assert sample.services["orders"].resolve == Hosts()
    assert sample.workloads["checkout"] == Closed(workers=2)


def test_a_list_may_grow_by_one() -> None:
    assert [event.at for event in load("timeline.1.at=40s").timeline] == [30 * SECOND, 40 * SECOND]


def test_a_preset_that_is_set_fills_what_was_omitted() -> None:
    sample = load("clients.api.example.com.transport.preset=zero_transport")

    assert sample.clients["api.example.com"].transport.max_idle_conns == 0


def test_a_mapping_of_paths_sets_plain_values() -> None:
    sample = LOADER.load(
        TEXT, "g.yaml", {"services.orders.workers": 3, "workloads.crawl": {"poisson": {"rate": "1/s"}}}
    )

    assert sample.services["orders"].workers == 3
    assert sample.workloads["crawl"] == Poisson(rate=1.0)


WRONG = [
    ("clients.gateway.timeout=5", "--set clients.gateway.timeout=5: 5 has no unit; write a duration such as 20ms"),
    ("services.orders.workers=0", "--set services.orders.workers=0: 0 should be greater than or equal to 1"),
    (
        "clients.gateway.timeot=5s",
        "--set clients.gateway.timeot=5s: clients.gateway.timeot: unknown key; did you mean timeout?",
    ),
    ("clients.gatway.timeout=5s", ": clients.gatway: unknown key; did you mean gateway?"),
    ("cleints.gateway.timeout=5s", ": cleints: unknown key; did you mean clients?"),
    ("clients.gateway.transport.tmeout.x=5s", "clients.gateway.transport.tmeout: unknown key"),
    ("duration.x=5s", "duration is a value and has no x below it"),
    ("timeline.x.at=5s", "x is not an index; timeline has 1 items, the first is 0"),
    ("timeline.7.at=5s", "7 is not an index"),
    ("timeline.-1.at=5s", "-1 is not an index"),
    ("services.orders.service_time.lognorml.mean=5ms", "did you mean lognormal?"),
    ("services.stock.service_time.lognormal.mean=1ms", "service_time.lognormal.p99: is required"),
    ("clients.gateway={timeout: 5}", "--set clients.gateway={timeout: 5}: clients.gateway.timeout: 5 has no unit"),
    ("clients.gateway={timeuot: 5s}", "clients.gateway.timeuot: unknown key; did you mean timeout?"),
    ("duration", "--set duration: has no value; write --set path=value"),
    ("=5", "is not a path; write one such as a.b.c"),
    ("a..b=5", "a..b is not a path"),
    ("duration=[", "--set duration=[:1:2: "),
    ("duration=", "duration=: null is not a duration"),
    ("duration=.nan", "duration=.nan: nan is not text"),
    ("name={a: &x [1], <<: *x}", "--set name"),
    ("clients.gateway.kernel.ip_local_port_range=[9, 1]", "9 lies above 1; write the lower bound first"),
    ("clients.api.example.com.kernel.somaxconn=1.5", "--set clients.api.example.com.kernel.somaxconn=1.5: 1.5 sho"),
    ("clients.gateway.kernel.ip_local_port_range.0=61000", "61000 lies above 60999"),
]


@pytest.mark.parametrize(("text", "told"), WRONG, ids=[text for text, _ in WRONG])
def test_a_wrong_override_gives_one_clear_line(text: str, told: str) -> None:
    line = message(text)

    assert told in line
    assert line.startswith(("--set ", "g.yaml"))
    assert line.isprintable()


def test_a_plain_tree_is_changed_in_a_copy() -> None:
    tree: dict[str, Any] = {"name": "x", "clients": {"a": {}}}

    changed = apply_overrides(tree, ["clients.a.timeout=5s"], Sample)

    assert changed == {"name": "x", "clients": {"a": {"timeout": "5s"}}}
    assert tree == {"name": "x", "clients": {"a": {}}}
