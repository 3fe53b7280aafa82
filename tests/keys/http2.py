"""Cases of the keys of HTTP/2 and of gRPC, of servers and of clients."""

from tests.keys.case import H2, TLS, TWO_BACKENDS, Case, change

FAR = (TLS, "network.rtt=50ms", "A={constant: {rate: 5/s}}")
UPLOADS = (*FAR, "S.http2={preset: go}", "W.method=POST", "W.request_body={size: 3MB}")
DOWNLOADS = (*FAR, "S.http2={preset: go}", "S.response_size=3MB")
GRPC = (TLS, "S.http2={preset: grpc_go}", "G.grpc={policy: pick_first}", "S.resolve=hosts")
SILENT = (*GRPC, "S.service_time=100s", "duration=90s", "tail=1s", "A={constant: {rate: 0.02/s}}")
CROWDED = (*GRPC, "S.http2.max_concurrent_streams=2", "S.http2.grows_windows=false", "W.method=POST",
           "W.request_body={size: 60kB}", "A={closed_loop: {workers: 20, think: 1ms}}")  # fmt: skip
DOWN_AT_FIRST = "timeline=[{at: 0s, refuse: {for: 500ms}}]"
DOWN = (*GRPC, "timeline=[{at: 0s, refuse: {}}]", "duration=6s")

LIMIT = "timeline=[{{at: 500ms, stream_limit: {{service: {}, backend: {}, for: {}, max_concurrent_streams: 1}}}}]"
TWO_LIMITED = (
    *H2, TWO_BACKENDS, "S.resolve=each", "services.b={scheme: https, http2: {}, service_time: 200ms, backends: 2}",
    "services.b.resolve=each", "W.service=''", "W.services=[a, b]",
)  # fmt: skip

HTTP2: dict[str, Case] = {
    "services.*.http2.preset": change("S.http2={preset: tomcat}", TLS, "S.http2={}", "A={poisson: {rate: 2000/s}}"),
    "services.*.http2.max_concurrent_streams": change("S.http2.max_concurrent_streams=8", *H2),
    "services.*.http2.max_executing_streams": change("S.http2.max_executing_streams=1", *H2),
    "services.*.http2.stream_window": change("S.http2.stream_window=64KiB", *UPLOADS),
    "services.*.http2.connection_window": change("S.http2.connection_window=64KiB", *UPLOADS),
    "services.*.http2.grows_windows": change("S.http2.grows_windows=true", *UPLOADS),
    "services.*.http2.keepalive_requests": change("S.http2.keepalive_requests=5", *H2),
    "services.*.http2.keepalive_time": change("S.http2.keepalive_time=500ms", *H2),
    "services.*.http2.keepalive_timeout": change("S.http2.keepalive_timeout=50ms", *H2, "A={constant: {rate: 2/s}}"),
    "services.*.http2.go_away": change("S.http2.go_away=announced", *H2, "S.max_connection_age=500ms"),
    "services.*.http2.min_ping_interval": change("S.http2.min_ping_interval=1s", *SILENT, "G.grpc.keepalive_time=10s"),
    "services.*.http2.permits_pings_without_stream": change(
        "S.http2.permits_pings_without_stream=true", *GRPC, "duration=90s", "A={constant: {rate: 0.01/s}}",
        "G.grpc={keepalive_time: 10s, keepalive_without_stream: true}", "S.http2.min_ping_interval=1s",
    ),
    "services.*.http2.ping_after": change("S.http2.ping_after=200ms", *H2, "timeline=[{at: 1s, drop: {}}]", "tail=20s",
                                          "S.http2.ping_timeout=1s"),
    "services.*.http2.ping_timeout": change("S.http2.ping_timeout=5s", *H2, "timeline=[{at: 1s, drop: {}}]", "tail=20s",
                                            "S.http2.ping_after=200ms"),
    "clients.*.transport.http2.max_receive_buffer_per_stream": change(
        "T.http2.max_receive_buffer_per_stream=64KiB", *DOWNLOADS
    ),
    "clients.*.transport.http2.max_receive_buffer_per_connection": change(
        "T.http2.max_receive_buffer_per_connection=64KiB", *DOWNLOADS
    ),
    "clients.*.grpc.policy": change("G.grpc.policy=round_robin", *GRPC, TWO_BACKENDS),
    "clients.*.grpc.shuffle": change("G.grpc.shuffle=true", *GRPC, "S.backends=9"),
    "clients.*.grpc.wait_for_ready": change("G.grpc.wait_for_ready=true", *GRPC, DOWN_AT_FIRST),
    "clients.*.grpc.keepalive_time": change("G.grpc.keepalive_time=20s", *SILENT),
    "clients.*.grpc.keepalive_timeout": change(
        "G.grpc.keepalive_timeout=5s", *SILENT, "G.grpc.keepalive_time=10s", "timeline=[{at: 60s, drop: {}}]"
    ),
    "clients.*.grpc.keepalive_without_stream": change(
        "G.grpc.keepalive_without_stream=true", *GRPC, "duration=60s", "A={constant: {rate: 0.05/s}}",
        "G.grpc.keepalive_time=10s", "timeline=[{at: 22s, drop: {for: 30s}}]", "S.http2.min_ping_interval=0s",
    ),
    "clients.*.grpc.idle_timeout": change("G.grpc.idle_timeout=100ms", *GRPC, "A={constant: {rate: 2/s}}"),
    "clients.*.grpc.initial_window_size": change(
        "G.grpc.initial_window_size=16MiB", *GRPC, "S.response_size=3MB", "network.rtt=50ms"
    ),
    "clients.*.grpc.initial_conn_window_size": change(
        "G.grpc.initial_conn_window_size=16MiB", *GRPC, "S.response_size=3MB", "network.rtt=50ms"
    ),
    "clients.*.grpc.max_receive_message_size": change(
        "G.grpc.max_receive_message_size=1MB", *GRPC, "S.response_size=3MB"
    ),
    "clients.*.grpc.reconnect.base_delay": change("G.grpc.reconnect.base_delay=100ms", *GRPC, DOWN_AT_FIRST),
    "clients.*.grpc.reconnect.multiplier": change("G.grpc.reconnect.multiplier=3", *DOWN),
    "clients.*.grpc.reconnect.jitter": change("G.grpc.reconnect.jitter=0", *DOWN),
    "clients.*.grpc.reconnect.max_delay": change("G.grpc.reconnect.max_delay=1s", *DOWN),
    "clients.*.grpc.reconnect.min_connect_timeout": change(
        "G.grpc.reconnect.min_connect_timeout=1s", *GRPC, "timeline=[{at: 0s, tls_stall: {}}]", "duration=6s"
    ),
    "clients.*.grpc.defect": change("G.grpc.defect=window_to_waiting", *CROWDED),
    "workloads.*.stream.messages": change("W.stream.messages=3", "W.stream={messages: 2, interval: 5ms}"),
    "workloads.*.stream.interval": change("W.stream.interval=7ms", "W.stream={messages: 2, interval: 5ms}"),
    "timeline.[].stream_limit.service": change(LIMIT.format("b", 0, "1s"), *TWO_LIMITED, LIMIT.format("a", 0, "1s")),
    "timeline.[].stream_limit.backend": change(LIMIT.format("a", 1, "1s"), *TWO_LIMITED, LIMIT.format("a", 0, "1s")),
    "timeline.[].stream_limit.for": change(LIMIT.format("a", 0, "700ms"), *TWO_LIMITED, LIMIT.format("a", 0, "1s")),
    "timeline.[].stream_limit.max_concurrent_streams": change(
        "timeline=[{at: 500ms, stream_limit: {max_concurrent_streams: 2}}]", *H2,
        "timeline=[{at: 500ms, stream_limit: {max_concurrent_streams: 1}}]",
    ),
}  # fmt: skip
