"""Cases of HTTP/3, changes of path and losses in bursts."""

from tests.keys.case import TLS, TWO_BACKENDS, Case, change

H3 = (TLS, "S.http3={}", "G.http3={}", "network.rtt=20ms")
SERVER, CLIENT = "S.http3.", "G.http3."
UDP_BLOCKED = "timeline=[{at: 0s, udp_block: {}}]"
UDP_BLOCKED_LATER = ("timeline=[{at: 500ms, udp_block: {}}]", "tail=9s")
QUIET = ("A={constant: {rate: 2/s}}", f"{CLIENT}keep_alive_period=0s", f"{CLIENT}max_idle_timeout=200ms")
"""Each request needs a connection of its own."""
RESUMED = (*QUIET, "G.tls.client_session_cache=8")
EARLY = (*RESUMED, "W.early_data=true")
MOVES = "timeline=[{at: 1s, path_change: {client: gw}}]"
BURSTS = "network.loss={gilbert: {loss: 0.05, burst: 2}}"

HTTP3: dict[str, Case] = {
    "network.loss.gilbert.loss": change("network.loss.gilbert.loss=0.2", BURSTS),
    "network.loss.gilbert.burst": change("network.loss.gilbert.burst=6", BURSTS),
    "services.*.http3.max_concurrent_streams": change(f"{SERVER}max_concurrent_streams=1", *H3),
    "services.*.http3.certificate_bytes": change(f"{SERVER}certificate_bytes=9kB", *H3),
    "services.*.http3.retry": change(f"{SERVER}retry=true", *H3),
    "services.*.http3.early_data": change(f"{SERVER}early_data=reject", *H3, *EARLY),
    "services.*.http3.max_idle_timeout": change(
        f"{SERVER}max_idle_timeout=300ms", *H3, "A={constant: {rate: 2/s}}", f"{CLIENT}keep_alive_period=0s"
    ),
    "services.*.http3.stateless_reset_key": change(
        f"{SERVER}stateless_reset_key=true", *H3, "timeline=[{at: 1s, die: {for: 1ms}}]"
    ),
    "services.*.http3.routes_by_cid": change(
        f"{SERVER}routes_by_cid=false", *H3, TWO_BACKENDS, "S.resolve.by=vip", MOVES
    ),
    "clients.*.http3.discovery": change(f"{CLIENT}discovery=alt_svc", *H3),
    "clients.*.http3.fallback": change(f"{CLIENT}fallback=after_failure", *H3, UDP_BLOCKED, "tail=9s"),
    "clients.*.http3.head_start": change(f"{CLIENT}head_start=50ms", *H3, UDP_BLOCKED),
    "clients.*.http3.broken_for": change(
        f"{CLIENT}broken_for=100ms", *H3, UDP_BLOCKED, f"{CLIENT}handshake_idle_timeout=200ms"
    ),
    "clients.*.http3.handshake_idle_timeout": change(
        f"{CLIENT}handshake_idle_timeout=500ms", *H3, UDP_BLOCKED, f"{CLIENT}fallback=after_failure", "tail=9s"
    ),
    "clients.*.http3.max_idle_timeout": change(f"{CLIENT}max_idle_timeout=2s", *H3, *UDP_BLOCKED_LATER),
    "clients.*.http3.keep_alive_period": change(f"{CLIENT}keep_alive_period=100ms", *H3, "A={constant: {rate: 2/s}}"),
    "clients.*.http3.post_quantum": change(f"{CLIENT}post_quantum=false", *H3, f"{SERVER}certificate_bytes=5kB"),
    "clients.*.http3.token_store": change(f"{CLIENT}token_store=true", *H3, *QUIET, f"{SERVER}retry=true"),
    "clients.*.http3.qlog": change(f"{CLIENT}qlog=true", *H3),
    "clients.*.http3.migration": change(f"{CLIENT}migration=false", *H3, MOVES),
    "workloads.*.early_data": change("W.early_data=true", *H3, *RESUMED),
    "timeline.[].path_change.client": change(MOVES.replace("gw", "other"), *H3, "clients.other={}", MOVES),
    "timeline.[].path_change.kind": change(MOVES.replace("gw}", "gw, kind: port}"), *H3, MOVES),
}
