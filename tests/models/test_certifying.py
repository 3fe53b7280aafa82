"""Worlds in which certificates matter: what happens to handshakes and to connections, and what a run says of them."""

from typing import Any

import pytest

from models.certificates.config import CertificateConfig
from sim import wiring
from sim.units import InputError

MESH: dict[str, Any] = {
    "duration": "20m",
    "network": {"rtt": "1ms"},
    "issuers": {"mesh": {"lifetime": "10m"}},
    "clients": {"gw": {"instances": 4, "tls": {"certificate": {"issuer": "mesh"}}}},
    "services": {
        "a": {
            "scheme": "https", "backends": 4, "resolve": "each", "service_time": "1ms", "max_connection_age": "10s",
            "tls": {"client_auth": "require", "cost": "go", "certificate": {"issuer": "mesh"}},
        }
    },
    "workloads": {"w": {"client": "gw", "service": "a", "arrivals": {"poisson": {"rate": "2/s"}}}},
}  # fmt: skip


def summary(*lines: str) -> dict[str, Any]:
    """Of a run of the mesh with these settings."""
    return wiring.run(wiring.load_tree(MESH, lines)).summary


def test_a_mesh_whose_issuer_answers_sees_no_failed_handshake() -> None:
    done = summary()

    assert (done["handshakes_failed"], done["n_err"]) == (0, 0)
    assert done["issuer:mesh.issued"] == pytest.approx(8 * 1_200 / 286, rel=0.15)
    assert done["certificate_left_min"] > 270, "renewed between 0.55 and 0.45 of 610 s before its end"


def test_an_outage_shows_when_the_first_certificate_is_over_and_ends_with_the_storm_behind_it() -> None:
    done = summary("timeline=[{at: 3m, issuer_down: {for: 12m}}]")

    assert done["first_handshake_err_t"] == pytest.approx(180 + 314, abs=80), "(1 - f) L behind its begin"
    assert 900 <= done["last_handshake_err_t"] <= 900 + 265, "its agents' longest pause and its jitter"
    assert done["handshake_err:x509: certificate has expired or is not yet valid"] > 0
    assert done["handshake_err:remote error: tls: expired certificate"] > 0
    assert done["issuer:mesh.refused"] == 8, "each asks once; what follows are its agent's pauses"


def test_connections_that_live_long_see_nothing_of_an_outage() -> None:
    live = ("services.a.max_connection_age=0s", "clients.gw.transport.idle_conn_timeout=0s")

    done = summary(*live, "timeline=[{at: 3m, issuer_down: {for: 15m}}]")

    assert (done["n_err"], done["handshakes_failed"]) == (0, 0), "a connection outlives its certificate"
    assert done["issuer:mesh.refused"] == 8


def test_what_reconnects_after_an_outage_of_a_lifetime_fails() -> None:
    live = ("services.a.max_connection_age=0s", "clients.gw.transport.idle_conn_timeout=0s")

    done = summary(
        *live, "timeline=[{at: 3m, issuer_down: {for: 15m}}, {at: 14m, keep_alives_off: {backend: all, for: 1s}}]"
    )

    assert done["first_handshake_err_t"] == pytest.approx(14 * 60, abs=30)
    assert done["handshakes_failed"] > 100


def test_an_authority_that_is_taken_out_is_seen_by_new_connections_until_all_are_renewed() -> None:
    done = summary("timeline=[{at: 5m, distrust: {}}]")

    assert 300 <= done["first_handshake_err_t"] < 330
    assert 300 + 150 < done["last_handshake_err_t"] < 300 + 331
    assert done["handshake_err:x509: certificate signed by unknown authority"] > 0
    assert done["handshake_err:remote error: tls: unknown certificate authority"] > 0


def test_clocks_that_are_7_minutes_slow_let_their_certificates_run_out() -> None:
    done = summary("timeline=[{at: 1s, clock_skew: {service: a, by: -7m}}]", "clients.gw.tls.certificate={}")

    assert done["handshake_err:x509: certificate has expired or is not yet valid"] > 0


@pytest.mark.parametrize("delivery", ["push", "mounted_secret"])
def test_a_push_server_that_is_away_hurts_those_that_are_pushed_to(delivery: str) -> None:
    done = summary(f"issuers.mesh.delivery={delivery}", "timeline=[{at: 3m, issuer_down: {for: 12m, of: push}}]")

    assert (done["handshakes_failed"] > 0) is (delivery == "push")


def test_a_backend_that_starts_while_its_issuer_is_away_has_nothing_to_show() -> None:
    done = summary("timeline=[{at: 2m, issuer_down: {for: 3m}}, {at: 150s, die: {backend: 0, for: 1s}}]")

    assert done["handshake_err:remote error: tls: internal error"] > 0
    assert 150 <= done["first_handshake_err_t"] < done["last_handshake_err_t"] <= 300 + 265


def test_the_share_of_handshakes_is_that_of_the_closed_form() -> None:
    lines = (
        "services.a.overhead=426us", "clients.gw.overhead=250us", "services.a.max_connection_age=0s",
        "services.a.tls={cost: go, key_exchange: x25519}", "clients.gw.tls={}", "issuers={}", "duration=60s",
        "clients.gw.transport.disable_keep_alives=true",
    )  # fmt: skip

    done = summary(*lines)

    assert done["handshake_share_server"] == pytest.approx(215 / (215 + 426))
    assert done["handshake_share_client"] == pytest.approx(426 / (426 + 250))
    assert done["handshake_share"] == pytest.approx(641 / (641 + 676)), "h = (1 - R) c_h / ((1 - R) c_h + c_r), R = 0"


BAD = [
    (("services.a.tls.certificate.issuer=mash",), "did you mean mesh?"),
    (("clients.gw.tls.certificate.issuer=mash",), "did you mean mesh?"),
    (("issuers={}",), "write issuers: {mesh: spire}"),
    (("services.a.scheme=http",), "write scheme: https"),
    (("clients.gw.tls={}",), "certificate required"),
    (("issuers.mesh.lifetime=1s",), "more than the 1s of a new certificate"),
    (("issuers.mesh={lifetime: 10s, backdating: 1m}",), "more than the 10s of a new certificate"),
    (("issuers.mesh={lifetime: 3m, delivery: mounted_secret}",), "takes up to 95100ms"),
    (("issuers.mesh.jitter=0.5",), "on either side of renew_at"),
    (("issuers.mesh.availability_target=2h",), "no part of the lifetime"),
    (("services.a.tls.certificate={not_before: 1m, not_after: 30s}",), "not_after: 30s does not lie behind"),
    (("services.a.tls.certificate={issuer: mesh, not_after: 30s}",), "mesh decides about that"),
    (("services.a.tls={client_auth: require, cost: openssl, key_exchange: p384}",), "was measured with Go only"),
    (("services.a.tls={client_auth: require, version: '1.2', key_exchange: x25519mlkem768}",), "of TLS 1.3 only"),
    (("timeline=[{at: 1s, issuer_down: {issuer: mash}}]",), "did you mean mesh?"),
    (("timeline=[{at: 1s, clock_skew: {by: 1s}}]",), "exactly one of client and service"),
    (("timeline=[{at: 1s, clock_skew: {by: 1s, service: a, backend: 4}}]",), "has backends 0 to 3, not 4"),
    (("issuers.other=istio", "timeline=[{at: 1s, distrust: {}}]"), "say which issuer"),
]


@pytest.mark.parametrize(("lines", "said"), BAD, ids=[said for _, said in BAD])
def test_what_cannot_be_is_refused_in_one_line(lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError) as refused:
        wiring.load_tree(MESH, lines)

    text = str(refused.value)
    assert said in text
    assert "\n" not in text


def test_an_event_of_an_issuer_needs_one() -> None:
    lines = ("issuers={}", "clients.gw.tls={certificate: {}}", "services.a.tls={}", "timeline=[{at: 1s, distrust: {}}]")

    with pytest.raises(InputError, match="there is no issuer"):
        wiring.load_tree(MESH, lines)


def test_a_tunnel_does_not_lead_to_certificates() -> None:
    lines = ("services.p={}", "clients.gw.transport.proxy={service: p}", "services.a.resolve=hosts")

    with pytest.raises(InputError, match="not followed through a tunnel"):
        wiring.load_tree(MESH, lines)


def test_a_certificate_without_times_is_not_watched() -> None:
    assert not CertificateConfig().is_watched
    assert CertificateConfig(not_after=1).is_watched
