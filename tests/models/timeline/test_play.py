"""The timeline: each event hits whom it names, when it says, as long as it says."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from models.timeline import (
    FAULTS,
    BadCertificate,
    CloseIdle,
    Crash,
    Fault,
    HeaderStall,
    Loss,
    NameFault,
    Pause,
    Slow,
    TimelineEvent,
    Unreachable,
    ZoneLoss,
)
from sim.units import MS, SECOND, InputError
from sim.wiring import Run, load, run

SCENARIO = """
duration: 4s
tail: 4s
network: {{rtt: 1ms}}
clients: {{c: {{timeout: 3s, transport: {{max_idle_conns_per_host: {keep}}}, dialer: {{timeout: 500ms}}}}}}
services: {{s: {{scheme: {scheme}, backends: {backends}, resolve: round_robin, service_time: 5ms}}}}
workloads: {{w: {{client: c, service: s, method: {method}, arrivals: {{constant: {{rate: 100/s}}}}}}}}
timeline: [{{at: 1s, {event}}}]
"""


def a_run(event: str, *, keep: int = 2, scheme: str = "http", backends: int = 1, method: str = "POST") -> Run:
    return run(load(SCENARIO.format(event=event, keep=keep, scheme=scheme, backends=backends, method=method)))


def failed(done: Run, column: str = "t_arrival") -> list[float]:
    return sorted(done.requests.filter(done.requests["err"] != "")[column].to_list())


def test_an_event_is_exactly_one_thing() -> None:
    with pytest.raises(ValueError, match="exactly one of"):
        TimelineEvent(at=SECOND, pause=Pause(), die=Fault())
    with pytest.raises(ValueError, match="exactly one of"):
        TimelineEvent(at=SECOND)


@pytest.mark.parametrize("kind", FAULTS)
def test_an_event_knows_its_kind_and_its_fault(kind: str) -> None:
    special = {
        "header_stall": HeaderStall(backend=1, for_=MS), "unreachable": Unreachable(backend=1, for_=MS),
        "pause": Pause(backend=1, for_=MS), "slow": Slow(backend=1, for_=MS), "loss": Loss(backend=1, for_=MS),
        "bad_certificate": BadCertificate(backend=1, for_=MS), "crash": Crash(backend=1),
        "zone_loss": ZoneLoss(zone="a", for_=MS),
        "dns_down": NameFault(for_=MS),
    }  # fmt: skip
    fault = special.get(kind, Fault(backend=1, for_=MS))
    what: dict[str, Any] = {kind: fault}

    event = TimelineEvent(at=SECOND, **what)

    assert (event.kind, event.fault) == (kind, fault)


def test_what_a_client_does_is_no_fault() -> None:
    event = TimelineEvent(at=SECOND, close_idle=CloseIdle())

    assert event.kind == "close_idle"
    with pytest.raises(AssertionError, match="no backend is hit"):
        _ = event.fault


def test_a_pause_delays_and_fails_nobody() -> None:
    done = a_run("pause: {for: 1s}")

    latency = done.requests["t_done"] - done.requests["t_arrival"]
    assert failed(done) == []
    assert latency.max() == pytest.approx(1, abs=0.02), "whoever came at the start of the pause waits for its end"


def test_while_a_backend_is_dead_its_connections_are_refused() -> None:
    done = a_run("die: {for: 1s}")

    errors = set(done.requests["err"].to_list())
    assert errors == {"", "EOF", "connection refused"}, "who was under way loses the connection, who comes is refused"
    assert 0.98 <= failed(done)[0] <= 1.0
    assert failed(done)[-1] < 2.0


def test_a_fault_hits_only_the_backend_that_it_names() -> None:
    done = a_run("die: {backend: 1, for: 1s}", backends=2)

    assert set(done.requests.filter(done.requests["err"] == "EOF")["backend"].to_list()) <= {1}
    assert len(failed(done)) == pytest.approx(50, abs=2), "every other request of one second at 100/s"


def test_a_fault_of_all_backends_hits_all() -> None:
    assert len(failed(a_run("die: {backend: all, for: 1s}", backends=2))) == pytest.approx(100, abs=2)


def test_a_fault_without_length_lasts_to_the_end() -> None:
    assert failed(a_run("die: {}"))[-1] > 3.9


def test_dials_into_an_outage_time_out() -> None:
    done = a_run("drop: {for: 2s}", keep=-1)

    errors = done.requests["err"].to_list()
    assert errors.count("i/o timeout") > 100, "Dialer.Timeout is 500 ms"
    assert failed(done)[-1] < 3.0


def test_a_closed_listener_refuses_dials_and_leaves_connections_alone() -> None:
    assert failed(a_run("refuse: {for: 1s}", keep=5)) == []

    refused = a_run("refuse: {for: 1s}", keep=-1)
    assert set(refused.requests["err"].to_list()) == {"", "connection refused"}
    assert len(failed(refused)) == pytest.approx(100, abs=2)


@pytest.mark.parametrize(("kind", "text"), [("host", "no route to host"), ("net", "network is unreachable")])
def test_an_icmp_message_ends_a_dial_at_once(kind: str, text: str) -> None:
    done = a_run(f"unreachable: {{kind: {kind}, for: 1s}}", keep=-1, method="GET")

    told = done.requests.filter(done.requests["err"] == text)
    assert len(told) == pytest.approx(100, abs=2)
    assert (told["t_done"] - told["t_arrival"]).to_numpy().max() < 0.003, "one round trip, and no SYN is sent again"


def test_an_open_connection_outlives_an_unreachable_host() -> None:
    done = a_run("unreachable: {for: 1s}", keep=5)

    latency = done.requests.filter(done.requests["err"] == "").select(took=pl.col("t_done") - pl.col("t_arrival"))
    assert set(done.requests["err"].to_list()) <= {"", "no route to host"}, "for a connection it is a soft error"
    assert latency["took"].to_numpy().max() > 0.5, "what was sent into the gap comes with a retransmission behind it"


def test_tls_handshakes_that_begin_during_the_stall_never_end() -> None:
    done = a_run("tls_stall: {for: 1s}", keep=-1, scheme="https")

    assert set(done.requests["err"].to_list()) == {"", "Client.Timeout exceeded while awaiting headers"}
    assert (failed(done)[0] >= 0.99, failed(done)[-1] < 2.0) == (True, True)


def test_a_share_of_the_requests_gets_no_answer_during_a_header_stall() -> None:
    done = a_run("header_stall: {share: 0.5, for: 2s}")

    assert len(failed(done)) == pytest.approx(100, abs=28), "200 requests, four standard deviations of a fair coin"
    assert set(done.requests["err"].to_list()) == {"", "Client.Timeout exceeded while awaiting headers"}


def test_every_step_of_the_timeline_is_recorded() -> None:
    events = a_run("pause: {for: 1s}").events

    assert events.rows() == [(1.0, "pause", 0, ""), (2.0, "pause ends", 0, "")]


def a_run_of_names(event: str, **client: str) -> Run:
    """A dial for each request, to three backends that DNS answers in turn."""
    settings = ["clients.c.transport.max_idle_conns_per_host=-1", *(f"clients.c.{k}={v}" for k, v in client.items())]
    text = SCENARIO.format(event=event, keep=2, scheme="http", backends=3, method="GET")
    return run(load(text, [*settings, "services.s.resolve={dns: rotate}"]))


def test_a_short_outage_of_dns_lasts_as_long_as_the_lookup_that_lost_its_queries() -> None:
    done = a_run_of_names("dns_down: {for: 100ms}")

    assert set(done.requests["err"].to_list()) == {"", "i/o timeout"}
    assert failed(done)[0] == pytest.approx(1.0, abs=0.011)
    assert failed(done)[-1] == pytest.approx(4.0, abs=0.011), (
        "who asks joins the lookup that is running until 6 s, and leaves it after 500 ms (singleflight.Group)"
    )


def test_a_lookup_that_was_lost_is_asked_again_five_seconds_later() -> None:
    done = a_run_of_names("dns_down: {for: 1s}", dialer="{timeout: 0}", timeout="0")

    waited = done.requests.filter(done.requests["t_dns_done"] - done.requests["t_dns_start"] > 1)
    assert waited["t_dns_done"].min() == pytest.approx(6.0, abs=0.011), "resolv.conf's timeout of 5 s"


def test_a_backend_that_left_dns_gets_no_new_connections_until_it_is_back() -> None:
    done = a_run_of_names("leave_dns: {backend: 1, for: 1s}")

    served = done.requests.filter(done.requests["backend"] == 1)["t_arrival"].to_list()
    assert [at for at in served if 1.01 < at < 1.99] == []
    assert [at for at in served if at < 1], "before"
    assert [at for at in served if at > 2], "and after"


def test_a_name_without_addresses_is_unknown() -> None:
    done = a_run_of_names("leave_dns: {backend: all, for: 1s}")

    assert set(done.requests["err"].to_list()) == {"", "no such host"}


def test_events_of_names_need_a_name_that_is_looked_up() -> None:
    with pytest.raises(InputError, match="asks no DNS; write resolve: dns"):
        a_run("dns_down: {for: 1s}")


def test_keep_alives_off_costs_a_dial_per_request_as_long_as_it_lasts() -> None:
    done = a_run("keep_alives_off: {for: 1s}", keep=10, method="GET")

    dials = done.connections["t_dial"]
    assert failed(done) == []
    assert len(dials.filter((dials > 1) & (dials < 2))) == pytest.approx(100, abs=3)
    assert len(dials.filter(dials > 2.1)) <= 3, "kept again"


def test_a_shutdown_loses_nobody_who_is_served_and_refuses_the_others() -> None:
    done = a_run("shutdown: {for: 1s}", keep=10, method="GET")

    assert all(1 <= at < 2 for at in failed(done))
    assert set(done.requests["err"].unique()) == {"", "connection refused"}
    assert len(failed(done)) == pytest.approx(100, abs=3)


def test_a_slow_host_takes_so_many_times_as_long_for_what_it_begins_meanwhile() -> None:
    done = a_run("slow: {factor: 8, for: 1s}", keep=20)

    took = done.requests.select("t_arrival", took=pl.col("t_done") - pl.col("t_arrival"))
    meanwhile = took.filter(pl.col("t_arrival").is_between(1.0, 1.99))["took"].to_numpy()
    before = took.filter(pl.col("t_arrival").is_between(0.5, 0.9))["took"].to_numpy()
    after = took.filter(pl.col("t_arrival") > 2.1)["took"].to_numpy()
    assert np.median(meanwhile) == pytest.approx(np.median(before) + 7 * 0.005, abs=1e-4)
    assert np.median(after) == pytest.approx(np.median(before), abs=1e-9)
    assert failed(done) == []


def test_a_bad_path_loses_a_share_of_what_is_sent_and_repeats_it() -> None:
    done = a_run("loss: {share: 0.2, for: 2s}", keep=20, backends=2)

    took = done.requests.select("t_arrival", "backend", took=pl.col("t_done") - pl.col("t_arrival"))
    slow = took.filter(pl.col("took") > 0.1)
    assert set(slow["backend"].to_list()) == {0}
    assert slow["t_arrival"].is_between(1.0, 3.0).all()
    assert slow.height == pytest.approx(36, abs=18), "of 100 requests 1 - 0.8 ** 2 lose their way there or back"


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("{for: 1s}", "x509: certificate has expired or is not yet valid"),
        ("{reason: wrong_name, for: 1s}", "x509: certificate is valid for not-s, not s"),
    ],
)
def test_a_bad_certificate_fails_dials_at_the_handshake_and_leaves_connections_alone(told: str, text: str) -> None:
    dialing = a_run(f"bad_certificate: {told}", keep=-1, scheme="https")
    kept = a_run(f"bad_certificate: {told}", keep=20, scheme="https")

    refused = dialing.requests.filter(pl.col("err") == text)
    assert refused.height == pytest.approx(100, abs=2)
    assert (refused["t_done"] - refused["t_arrival"]).to_numpy().max() < 0.006, (
        "two round trips and the client's verification"
    )
    assert failed(kept) == []


def resumed(reason: str) -> set[str]:
    """The errors of a client that has a session, and dials for each request."""
    cache = "clients.c.tls.client_session_cache=8"
    event = f"{{at: 1s, bad_certificate: {{reason: {reason}, for: 1s}}}}"
    text = SCENARIO.format(event="pause: {}", keep=-1, scheme="https", backends=1, method="GET")
    return set(run(load(text, [cache, f"timeline=[{event}]"])).requests["err"].to_list())


def test_a_session_outlives_the_wrong_certificate_and_not_an_expired_one() -> None:
    assert resumed("wrong_name") == {""}
    assert resumed("expired") == {"", "x509: certificate has expired or is not yet valid"}


def test_a_certificate_is_of_https() -> None:
    with pytest.raises(InputError, match="s is a service of http and shows no certificate; write scheme: https"):
        a_run("bad_certificate: {for: 1s}")


CLIENTS = """
duration: 3s
tail: 1s
network: {rtt: 1ms}
clients:
  gateway: {instances: 2, transport: {max_idle_conns_per_host: 10}}
  batch: {transport: {max_idle_conns_per_host: 10}}
services: {s: {service_time: 100ms}}
workloads:
  w: {client: gateway, service: s, arrivals: {constant: {rate: 50/s}}}
  b: {client: batch, service: s, arrivals: {constant: {rate: 50/s}}}
"""
SPARSE = """
duration: 2s
tail: 1s
network: {rtt: 1ms}
clients: {c: {}}
services: {s: {service_time: 300ms}}
workloads: {w: {client: c, service: s, arrivals: {constant: {rate: 2/s}}}}
"""
"""A request each half second, from the first on, which takes 300 ms and finds the connection of the one before."""


def closed_idle(text: str, at: str, *settings: str, client: str = "") -> Run:
    """A run whose client closes its idle connections at these instants."""
    events = ", ".join(f"{{at: {each}, close_idle: {{client: '{client}'}}}}" for each in at.split())
    return run(load(text, [*settings, f"timeline=[{events}]"]))


def level(done: Run, name: str, t: float) -> int:
    """A level in the sample at `t` seconds."""
    return int(done.samples.filter((pl.col("t") - t).abs() < 0.01)[name].item())


def closed_at(done: Run) -> list[float]:
    """When connections were closed."""
    return sorted(done.connections["t_close"].drop_nulls().to_list())


def test_every_instance_of_a_client_closes_its_idle_connections_and_other_clients_keep_theirs() -> None:
    done = closed_idle(CLIENTS, "3500ms", client="gateway")

    left = done.connections.filter(pl.col("t_close").is_null())["client"]
    assert set(done.connections.filter(pl.col("t_close") == 3.5)["client"].unique()) == {"gateway.0", "gateway.1"}
    assert set(left.unique()) == {"batch"}, "nothing was under way at 3.5 s"
    assert done.events.rows() == [(3.5, "close_idle", -1, "gateway.0"), (3.5, "close_idle", -1, "gateway.1")]


def test_the_client_that_closes_holds_time_wait_and_dials_again() -> None:
    kept, closed = closed_idle(SPARSE, ""), closed_idle(SPARSE, "850ms")

    assert [level(done, "pool_idle", 0.9) for done in (kept, closed)] == [1, 0]
    assert [level(done, "c_time_wait", 1.2) for done in (kept, closed)] == [0, 1]
    assert [level(done, "s_time_wait", 1.2) for done in (kept, closed)] == [0, 0]
    assert [done.connections.height for done in (kept, closed)] == [1, 2]
    assert set(closed.requests["err"].to_list()) == {""}


def test_a_connection_that_returns_before_the_next_request_is_closed() -> None:
    done = closed_idle(SPARSE, "600ms")

    assert closed_at(done) == pytest.approx([0.802], abs=0.001), "closeIdle, until queueForIdleConn (V16.1)"


def test_the_next_request_ends_the_closing_of_connections_that_return() -> None:
    done = closed_idle(SPARSE, "400ms", "services.s.service_time=700ms")

    assert closed_at(done) == [], "the first returns at 0.7 s, but at 0.5 s the second came (V16.2)"


@pytest.mark.parametrize("protocol", ["https", "https, http2: {}"])
def test_connections_with_tls_close_as_well(protocol: str) -> None:
    done = closed_idle(SPARSE, "900ms", f"services.s={{service_time: 300ms, scheme: {protocol}}}")

    assert closed_at(done) == [0.9]
    assert done.connections.height == 2


def test_a_connection_of_http2_that_carries_a_stream_stays_and_is_used_again() -> None:
    done = closed_idle(SPARSE, "600ms", "services.s={service_time: 300ms, scheme: https, http2: {}}")

    assert done.connections.height == 1
    assert closed_at(done) == [], "closeIfIdle: it has a stream, and nothing is remembered"


def test_a_dial_that_nobody_waits_for_ends() -> None:
    settings = ("clients.c.dial_lag=400ms", "workloads.w.deadline=50ms")
    kept, ended = closed_idle(SPARSE, "", *settings), closed_idle(SPARSE, "100ms", *settings)

    assert [level(done, "dialing", 0.2) for done in (kept, ended)] == [1, 0], "dialsInProgress, since 1.23 (V16.3)"


def test_a_client_that_is_not_there_or_not_said_is_an_error() -> None:
    with pytest.raises(InputError, match="no client is called gatewy; did you mean gateway"):
        closed_idle(CLIENTS, "1s", client="gatewy")
    with pytest.raises(InputError, match="say which client, one of gateway, batch"):
        closed_idle(CLIENTS, "1s")
