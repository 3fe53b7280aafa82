"""Mutual handshakes: round trips, whose certificate is refused when and in which words, sessions, and what lives on."""

from typing import Any

import pytest

from models.backend.config import ResolveConfig, TlsConfig
from models.backend.http2_config import Http2ServerConfig
from models.certificates.certificate import Certificate
from models.certificates.config import CertificateConfig, ClientCertificateConfig
from models.certificates.holder import Holder
from models.transport.config import ClientTlsConfig
from sim.engine.distributions import Constant
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service

EXPIRED = "x509: certificate has expired or is not yet valid"
REJECTED = "remote error: tls: expired certificate"
FULL, RESUMED = pytest.approx(0.479 + 0.215), pytest.approx(0.187 + 0.169)
"""Milliseconds of CPU time until the client is done, P-256 and X25519; the server judges the client after that."""


def a_mutual_lab(
    *,
    rtt: int = 0,
    cache: int = 0,
    keeps: bool = False,
    client: dict[str, Any] | None = None,
    server: dict[str, Any] | None = None,
    http2: bool = False,
    **tls: Any,
) -> Lab:
    """A client and an https backend that asks for its certificate; `client` and `server` say of their certificates."""
    config = TlsConfig(
        **{"cost": "go", "key_exchange": "x25519", "client_auth": "require"} | tls,
        certificate=CertificateConfig(**(server or {})),
    )
    shown = ClientCertificateConfig(**(client or {}))
    asker = a_client(
        tls=ClientTlsConfig(client_session_cache=cache, certificate=shown),
        transport={"max_idle_conns_per_host": 4 if keeps else -1, "force_attempt_http2": http2},
    )
    service = a_service(scheme="https", tls=config, http2=Http2ServerConfig() if http2 else None)
    return a_lab(client=asker, services={"h1": service}, rtt=rtt)


def took(lab: Lab, name: str) -> float:
    """Milliseconds of the handshake of a request's dial, as the client sees it."""
    row = lab.requests[name]
    return float(row.t_tls_done - row.t_tls_start)


def tally(lab: Lab) -> Any:
    """What its handshakes came to."""
    return lab.transport.dialer.tally


@pytest.mark.parametrize(("version", "round_trips", "cpu"), [("1.3", 1, 0.694), ("1.2", 2, 0.932)])
def test_a_mutual_handshake_takes_no_round_trip_more(version: str, round_trips: int, cpu: float) -> None:
    lab = a_mutual_lab(rtt=20 * MS, version=version)
    lab.ask("A", 0)

    lab.run()

    assert took(lab, "A") == pytest.approx(20 * round_trips + cpu), (
        "with 1.2 the server judges before the client is done"
    )
    assert lab.requests["A"].status == 200


def test_with_tls_1_3_the_server_judges_when_the_request_is_already_there() -> None:
    lab = a_mutual_lab(rtt=20 * MS)
    lab.ask("A", 0)

    lab.run()

    row = lab.requests["A"]
    assert row.t_first - row.t_wrote == pytest.approx(20 + 0.259), "474 - 215 us of verification before it is read"


def test_cpu_time_is_counted_at_both_ends() -> None:
    lab = a_mutual_lab()
    for i, name in enumerate("ABC"):
        lab.ask(name, 100 * i)

    lab.run()

    assert (tally(lab).client_cpu, tally(lab).server_cpu) == (3 * 479_000, 3 * 474_000)
    assert (tally(lab).full, tally(lab).resumed, tally(lab).failed.total()) == (3, 0, 0)
    assert (tally(lab).bytes_sent, tally(lab).bytes_received) == (3 * (259 + 1_130), 3 * 1_434)


def test_a_rejected_client_sees_its_handshake_succeed_and_the_error_on_its_first_read() -> None:
    lab = a_mutual_lab(rtt=20 * MS, client={"not_after": 10 * MS})
    lab.ask("A", 0)

    lab.run()

    row = lab.requests["A"]
    assert took(lab, "A") == pytest.approx(20.694)
    assert row.t_gotconn == row.t_tls_done
    assert (row.err, row.t_done - row.t_gotconn) == (REJECTED, pytest.approx(20.259)), "a round trip and the judgement"
    assert dict(tally(lab).failed) == {REJECTED: 1}


def test_with_tls_1_2_a_rejected_client_fails_in_the_handshake() -> None:
    lab = a_mutual_lab(rtt=20 * MS, version="1.2", client={"not_after": 10 * MS})
    lab.ask("A", 0)

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.t_gotconn) == (REJECTED, None)
    assert row.t_done - row.t_tls_start == pytest.approx(40 + 0.208 + 0.259), "both of the server's works"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_client_refuses_what_has_expired_after_one_round_trip(version: str) -> None:
    lab = a_mutual_lab(rtt=20 * MS, version=version, server={"not_after": 10 * MS})
    lab.ask("A", 0)

    lab.run()

    row = lab.requests["A"]
    assert row.err == EXPIRED
    assert row.t_done - row.t_tls_start < 21
    assert dict(tally(lab).failed) == {EXPIRED: 1}


def test_what_is_not_yet_valid_is_refused_as_what_is_over() -> None:
    lab = a_mutual_lab(server={"not_before": 150 * MS})
    lab.ask("A", 100)
    lab.ask("B", 200)

    lab.run()

    assert [lab.requests[name].err for name in "AB"] == [EXPIRED, ""]


def test_a_connection_outlives_the_certificates_of_both_ends() -> None:
    lab = a_mutual_lab(keeps=True, client={"not_after": 50 * MS}, server={"not_after": 50 * MS})
    lab.ask("A", 0)
    lab.ask("B", 500)
    lab.ask("C", 1_000)
    lab.close_connections(1_100)
    lab.ask("D", 1_200)

    lab.run()

    assert [lab.requests[name].err for name in "ABCD"] == ["", "", "", EXPIRED], "looked at in the handshake alone"
    assert [lab.requests[name].reused for name in "ABC"] == [False, True, True]


def test_an_error_comes_to_all_streams_of_a_rejected_connection() -> None:
    lab = a_mutual_lab(rtt=20 * MS, client={"not_after": 10 * MS}, http2=True)
    lab.ask("A", 0)
    lab.ask("B", 0)

    lab.run()

    assert {lab.requests[name].err for name in "AB"} == {REJECTED}


def test_http2_works_over_a_mutual_handshake() -> None:
    lab = a_mutual_lab(rtt=20 * MS, http2=True)
    lab.ask("A", 0)
    lab.ask("B", 100)

    lab.run()

    assert [(lab.requests[name].status, lab.requests[name].err) for name in "AB"] == [(200, "")] * 2
    assert tally(lab).full == 1


def test_a_client_that_leaves_before_it_is_judged_leaves_nothing_behind() -> None:
    lab = a_mutual_lab(rtt=20 * MS)
    lab.ask("A", 0)
    lab.cancel("A", 41)

    lab.run()

    assert lab.requests["A"].err == "context canceled"
    assert not lab.world.hosts[0].server.connections


def test_a_server_that_is_paused_judges_when_it_goes_on() -> None:
    lab = a_mutual_lab(rtt=20 * MS)
    server = lab.world.hosts[0].server
    lab.at(45, server.pause)
    lab.ask("A", 0)
    lab.at(300, server.resume)

    lab.run()

    assert lab.requests["A"].status == 200
    assert lab.requests["A"].t_first == pytest.approx(300.259 + 10)


def test_a_mutual_session_is_resumed_and_nobody_is_judged_again() -> None:
    lab = a_mutual_lab(cache=1)
    lab.ask("A", 0)
    lab.ask("B", 100)

    lab.run()

    assert [took(lab, name) for name in "AB"] == [FULL, RESUMED]
    assert (tally(lab).full, tally(lab).resumed) == (1, 1)


@pytest.mark.parametrize("end", ["client", "server"])
def test_no_session_is_resumed_when_a_leaf_is_over(end: str) -> None:
    ends = {"not_after": 150 * MS}
    lab = a_mutual_lab(cache=1, client=ends) if end == "client" else a_mutual_lab(cache=1, server=ends)
    lab.ask("A", 0)
    lab.ask("B", 100)
    lab.ask("C", 200)

    lab.run()

    assert [took(lab, name) for name in "AB"] == [FULL, RESUMED]
    assert lab.requests["C"].err == (REJECTED if end == "client" else EXPIRED), "a full handshake, which finds out"


def test_a_session_goes_with_what_was_shown_when_it_began() -> None:
    lab = a_mutual_lab(cache=1, client={"not_after": 150 * MS})
    lab.ask("A", 0)
    lab.at(50, lambda: setattr(lab.transport.dialer, "holder", Holder(lab.engine, Certificate())))
    lab.ask("B", 100)
    lab.ask("C", 200)

    lab.run()

    assert [took(lab, name) for name in "ABC"] == [FULL, RESUMED, FULL], "renewed meanwhile: a full one, which succeeds"


@pytest.mark.parametrize(("version", "resumed"), [("1.3", 3), ("1.2", 2)])
def test_the_lifetime_of_a_ticket_runs_from_the_last_handshake_and_with_1_2_from_the_full_one(
    version: str, resumed: int
) -> None:
    lab = a_mutual_lab(cache=1, version=version, ticket_lifetime=250 * MS)
    for i, name in enumerate("ABCD"):
        lab.ask(name, 100 * i)

    lab.run()

    assert tally(lab).resumed == resumed


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("backends", [2, 4])
def test_the_chance_of_a_resumption_is_one_in_the_number_of_servers_or_certain(backends: int, shared: bool) -> None:
    resolve = ResolveConfig(by="dns", dns="shuffle", lookup_time=Constant(value=0))
    tls = TlsConfig(cost="go", shared_tickets=shared)
    service = a_service(scheme="https", resolve=resolve, backends=backends, tls=tls)
    client = a_client(tls=ClientTlsConfig(client_session_cache=8), transport={"max_idle_conns_per_host": -1})
    lab = a_lab(client=client, services={"h1": service})
    n = 1_500
    for i in range(n):
        lab.ask(str(i), 10 * i)

    lab.run(16_000)

    wanted = 1 if shared else 1 / backends
    assert tally(lab).resumed / (n - 1) == pytest.approx(wanted, abs=0.04), "9.4; three standard errors"
    mean = tally(lab).server_cpu / n / 1_000
    assert mean == pytest.approx(291 * (1 - wanted) + 233 * wanted, rel=0.02), "full (1 - P) + resumed P"


def test_a_server_without_a_certificate_says_so() -> None:
    lab = a_mutual_lab(rtt=20 * MS, server={"not_after": 10 * SECOND})

    class Empty(Holder):
        __slots__ = ()

        def shows(self, life: int = 0) -> Certificate | None:
            return None

    lab.world.hosts[0].server.holder = Empty(lab.engine)
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].err == "remote error: tls: internal error"
