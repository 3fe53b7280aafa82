"""Sessions: whose last one is kept, and which backend can read its ticket."""

from typing import Any

import pytest

from models.backend.config import ResolveConfig, TlsConfig
from models.tls.session import Session, SessionCache
from models.transport.config import ClientTlsConfig
from sim.engine.distributions import Constant
from tests.models.worlds import Lab, a_client, a_lab, a_service

FULL, RESUMED = pytest.approx(1.1), pytest.approx(0.4)
"""Milliseconds of CPU time of both ends, ECDSA."""


def test_the_name_that_was_not_used_for_longest_makes_room() -> None:
    cache = SessionCache(2)
    cache.put("a", Session((0, 0)))
    cache.put("b", Session((1, 0)))

    cache.get("a")
    cache.put("c", Session((2, 0)))

    assert [cache.get(name) for name in "abc"] == [Session((0, 0)), None, Session((2, 0))], (
        "crypto/tls, lruSessionCache"
    )


def test_a_name_keeps_its_newest_session_only() -> None:
    cache = SessionCache(1)
    cache.put("a", Session((0, 0)))

    cache.put("a", Session((1, 0)))

    assert cache.get("a") == Session((1, 0))


def a_tls_lab(backends: int, *, cache: int = 8, services: int = 1, **tls: Any) -> Lab:
    """A client that keeps sessions and no connections, and a name whose addresses rotate."""
    resolve = ResolveConfig(by="dns", dns="rotate", lookup_time=Constant(value=0))
    service = a_service(scheme="https", resolve=resolve, backends=backends, tls=TlsConfig(**tls))
    client = a_client(tls=ClientTlsConfig(client_session_cache=cache), transport={"max_idle_conns_per_host": -1})
    return a_lab(client=client, services={f"h{i + 1}": service for i in range(services)})


def handshakes(lab: Lab, *names: str) -> list[float]:
    """Milliseconds of the handshakes of these requests' dials."""
    rows = [lab.requests[name] for name in names]
    return [row.t_tls_done - row.t_tls_start for row in rows]


def test_a_backend_reads_its_own_tickets_only() -> None:
    lab = a_tls_lab(2)
    for i, name in enumerate("ABCD"):
        lab.ask(name, 100 * i)

    lab.run()

    assert [lab.requests[name].backend for name in "ABCD"] == [0, 1, 0, 1]
    assert handshakes(lab, *"ABCD") == [FULL] * 4, "one session a name, and always of the other backend"


def test_backends_that_share_a_key_read_one_anothers_tickets() -> None:
    lab = a_tls_lab(2, shared_tickets=True)
    for i, name in enumerate("ABC"):
        lab.ask(name, 100 * i)

    lab.run()

    assert handshakes(lab, *"ABC") == [FULL, RESUMED, RESUMED], "SetSessionTicketKeys"


@pytest.mark.parametrize(("shared", "after"), [(False, FULL), (True, RESUMED)])
def test_a_program_that_starts_anew_does_not_know_its_old_tickets(shared: bool, after: float) -> None:
    lab = a_tls_lab(1, shared_tickets=shared)
    lab.ask("A", 0)
    lab.ask("B", 100)
    lab.close_connections(150)
    lab.ask("C", 200)

    lab.run()

    assert handshakes(lab, *"ABC") == [FULL, RESUMED, after]


def test_a_full_cache_forgets_the_oldest_name() -> None:
    lab = a_tls_lab(1, cache=1, services=2)
    lab.ask("A", 0, host="h1")
    lab.ask("B", 100, host="h2")
    lab.ask("C", 200, host="h1")
    lab.ask("D", 300, host="h1")

    lab.run()

    assert handshakes(lab, *"ABCD") == [FULL, FULL, FULL, RESUMED]


def test_a_handshake_that_did_not_end_leaves_no_session() -> None:
    lab = a_tls_lab(1)
    lab.at(0, lambda: setattr(lab.world.hosts[0], "stalls_tls", True))
    lab.ask("A", 10)
    lab.at(50, lambda: setattr(lab.world.hosts[0], "stalls_tls", False))
    lab.ask("B", 100)

    lab.run()

    assert handshakes(lab, "B") == [FULL]
