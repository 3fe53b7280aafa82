"""What a user says about HTTP/3 at a service and at a client. Defaults are quic-go's, where it has them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from sim.units import HOUR, MS, SECOND, Duration, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Http3ServerConfig:
    """http3.Server with its quic.Config and quic.Transport (quic-go)."""

    max_concurrent_streams: Annotated[int, Ge(1)] = 100
    """Requests of one connection at a time; those beyond wait at the client, no second connection is made
    (quic.Config.MaxIncomingStreams)."""
    certificate_bytes: Annotated[Size, Gt(0), Le(60_000)] = 924
    """Bytes of the certificates that the server sends: with more than about 3 kB of them (6.6 kB to a client with a
    post-quantum key share) the handshake takes a round trip more, since a server may send three times what it has
    received before it knows the client's address (RFC 9000, 8.1). ECDSA leaf and intermediate: 924 B."""
    retry: bool = False
    """Whether the server asks every client without a token to come again before it does anything (Retry): a round trip
    more (quic.Transport.VerifySourceAddress)."""
    early_data: Literal["accept", "reject", "too_early"] = "accept"
    """What becomes of requests in 0-RTT data: they are served, thrown away by TLS and sent again after the handshake,
    or answered with 425 Too Early, and asked again after it (RFC 8470, 5.2)."""
    max_idle_timeout: Duration = 30 * SECOND
    """The server forgets a connection on which nothing was received for so long; the lower of both ends' counts, 0
    means none (quic.Config.MaxIdleTimeout)."""
    stateless_reset_key: bool = False
    """Whether backends share a key with which a program that does not know a connection, after a restart or behind
    another address, ends it at the client's next packet (quic.Transport.StatelessResetKey); without one it is
    silent."""
    routes_by_cid: bool = True
    """Whether a layer-4 balancer in front (`resolve: vip`) finds the backend by connection id; else by the client's
    address and port, so that a client who moves meets another backend (QUIC-LB)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http3ClientConfig:
    """http3.Transport in front of the http.Transport, to which it falls back (quic-go; the race is Chromium's)."""

    discovery: Literal["told", "alt_svc"] = "told"
    """How the client knows that a service speaks HTTP/3: it is told, as by a DNS record of type HTTPS, or by Alt-Svc in
    the first answer over TCP, which counts for 24 h (RFC 7838)."""
    fallback: Literal["race", "after_failure", "never"] = "race"
    """When a request goes by TCP: race, beside a handshake that lasts longer than `head_start`; after_failure, when the
    handshake has failed; never, it fails with it, as with quic-go's http3.Transport alone."""
    head_start: Duration | Literal["chromium"] = "chromium"
    """How long a handshake has before TCP starts beside it; chromium: 300 ms, or 1.5 round trips of the last connection
    where there was one."""
    broken_for: Annotated[Duration, Gt(0)] = 300 * SECOND
    """How long no QUIC is tried after a handshake has failed; doubles with each failure up to two days, until one
    succeeds (Chromium, broken_alternative_services)."""
    handshake_idle_timeout: Annotated[Duration, Gt(0)] = 5 * SECOND
    """A handshake fails when nothing was received for so long (quic.Config.HandshakeIdleTimeout), and after twice as
    long in any case."""
    max_idle_timeout: Duration = 30 * SECOND
    """A connection is given up when nothing was received for so long, from the first packet that asks for an answer;
    the lower of both ends' counts, 0 means none (quic.Config.MaxIdleTimeout)."""
    keep_alive_period: Duration = 10 * SECOND
    """A packet goes out when nothing was received for so long, at most half of the idle time-out; 0 means never.
    quic-go: 10 s for HTTP/3 (http3/client.go)."""
    post_quantum: bool = True
    """Whether the ClientHello has a key share of X25519MLKEM768 (Go's default) and so takes two datagrams, which
    doubles what the server may answer at first."""
    token_store: bool = False
    """Whether the client keeps the server's tokens, with which it skips Retry for 24 h (quic.Config.TokenStore)."""
    migration: bool = True
    """Whether connections live on when the client's address changes; false: they die in silence, as TCP's do."""
    qlog: bool = False
    """Whether each packet of its connections is recorded, at both ends, in the table `packets`, of which an export as
    `qlog` makes a file for qvis (quic.Config.Tracer)."""


ALT_SVC_LIFETIME = 24 * HOUR
"""RFC 7838, 3.1: ma=86400 where it is not said."""
TOKEN_LIFETIME = 24 * HOUR
"""quic-go, validity of a token from NEW_TOKEN."""
TICKET_LIFETIME = 7 * 24 * HOUR
"""RFC 8446, 4.6.1."""
HEAD_START = 300 * MS
"""Chromium, quic_session_pool: without a known round-trip time."""
LONGEST_BROKEN = 48 * HOUR
"""Chromium, broken_alternative_services."""
