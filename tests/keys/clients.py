"""Cases of the keys under clients, and of sysctls that both ends have."""

from tests.keys.case import (
    CHURN,
    CROWD,
    DNS,
    DNS_LOSS,
    FEW_PORTS,
    H2,
    LOST,
    LOST_AT_FIRST,
    LOST_FOR_A_WHILE,
    LOST_LATER,
    OLD_GO,
    PINGS,
    PROXY,
    STRICT,
    TLS,
    TWO_BACKENDS,
    UPLOAD,
    Case,
    change,
)

CLIENTS: dict[str, Case] = {
    "clients.*.transport.preset": change("T.preset=zero_transport", CROWD, "T.max_idle_conns_per_host=200"),
    "clients.*.transport.max_idle_conns": change("T.max_idle_conns=5", CROWD, "T.max_idle_conns_per_host=200"),
    "clients.*.transport.max_idle_conns_per_host": change("T.max_idle_conns_per_host=10", CROWD),
    "clients.*.transport.max_conns_per_host": change("T.max_conns_per_host=1"),
    "clients.*.transport.idle_conn_timeout": change("T.idle_conn_timeout=5ms"),
    "clients.*.transport.response_header_timeout": change("T.response_header_timeout=5ms"),
    "clients.*.transport.expect_continue_timeout": change(
        "T.expect_continue_timeout=5ms", *UPLOAD, "W.expect_continue=true", "network.rtt=40ms"
    ),
    "clients.*.transport.tls_handshake_timeout": change(
        "T.tls_handshake_timeout=300ms", TLS, "timeline=[{at: 0s, tls_stall: {}}]"
    ),
    "clients.*.transport.disable_keep_alives": change(CHURN),
    "clients.*.transport.force_attempt_http2": change("T.force_attempt_http2=false", *H2),
    "clients.*.transport.http2.strict_max_concurrent_requests": change(STRICT, *H2),
    "clients.*.transport.http2.send_ping_timeout": change("T.http2.send_ping_timeout=1s", *PINGS),
    "clients.*.transport.http2.ping_timeout": change("T.http2.ping_timeout=1s", *PINGS),
    "clients.*.transport.proxy.service": change("T.proxy.service=q", TLS, *PROXY, "services.q={backends: 2}"),
    "clients.*.transport.proxy.refuses": change("T.proxy.refuses=0.5", TLS, *PROXY),
    "clients.*.dialer.timeout": change("G.dialer.timeout=500ms", LOST),
    "clients.*.dialer.local_addr": change("G.dialer={local_addr: true}", *FEW_PORTS),
    "clients.*.dialer.source_addresses": change(
        "G.dialer={local_addr: true, source_addresses: 2}", *FEW_PORTS, "G.dialer={local_addr: true}"
    ),
    "clients.*.dialer.bind_address_no_port": change(
        "G.dialer={local_addr: true, bind_address_no_port: true}", *FEW_PORTS, "G.dialer={local_addr: true}"
    ),
    "clients.*.dialer.local_port_range": change("G.dialer.local_port_range=[30000, 30009]", *FEW_PORTS),
    "clients.*.dialer.keep_alive": change("G.dialer.keep_alive=1s", OLD_GO, LOST_LATER, "tail=15s"),
    "clients.*.kernel.tcp_keepalive_probes": change(
        "K.tcp_keepalive_probes=2", OLD_GO, "G.dialer.keep_alive=1s", LOST_LATER, "tail=5s"
    ),
    "clients.*.dialer.fallback_delay": change(
        "G.dialer.fallback_delay=50ms", TWO_BACKENDS, "S.resolve={ipv6: [0]}", LOST
    ),
    "clients.*.resolv_conf.nameservers": change("G.resolv_conf.nameservers=2", *DNS_LOSS),
    "clients.*.resolv_conf.timeout": change("G.resolv_conf.timeout=2s", *DNS_LOSS),
    "clients.*.resolv_conf.attempts": change("G.resolv_conf.attempts=1", *DNS_LOSS),
    "clients.*.resolv_conf.single_request": change("G.resolv_conf.single_request=true", DNS, CHURN),
    "clients.*.kernel.release": change("K.release='6.1'", LOST_AT_FIRST, "tail=5s"),
    "clients.*.kernel.hz": change("K.hz=100", LOST_AT_FIRST, "tail=5s"),
    "clients.*.kernel.nofile": change("K.nofile=2", "S.service_time=100ms"),
    "clients.*.kernel.connect_scan_cost": change("K.connect_scan_cost=1ms", *FEW_PORTS),
    "clients.*.kernel.connect_failure_cost": change("K.connect_failure_cost=1ms", *FEW_PORTS),
    "clients.*.kernel.cpus": change("K.cpus=2", *FEW_PORTS, "K.connect_scan_cost=1ms"),
    "clients.*.kernel.ip_local_port_range": change("K.ip_local_port_range=[30000, 30009]", *FEW_PORTS),
    "clients.*.kernel.ip_local_reserved_ports.[]": change("K.ip_local_reserved_ports=[30001]", *FEW_PORTS),
    "clients.*.kernel.pointer_neighbours": change("K.pointer_neighbours=3", *FEW_PORTS),
    "clients.*.kernel.tcp_tw_reuse": change("K.tcp_tw_reuse=1", *FEW_PORTS),
    "clients.*.kernel.tcp_tw_reuse_delay": change("K.tcp_tw_reuse_delay=2s", *FEW_PORTS, "K.tcp_tw_reuse=1"),
    "clients.*.kernel.tcp_max_tw_buckets": change("K.tcp_max_tw_buckets=3", *FEW_PORTS),
    "clients.*.kernel.tcp_timestamps": change("K.tcp_timestamps=0", *FEW_PORTS, "K.tcp_tw_reuse=1"),
    "clients.*.kernel.tcp_fin_timeout": change("K.tcp_fin_timeout=500ms", "G.timeout=10ms", "S.service_time=5s"),
    "clients.*.kernel.tcp_syn_retries": change(
        "K.tcp_syn_retries=1", "G.dialer.timeout=0", LOST, "K.tcp_syn_linear_timeouts=0", "tail=9s"
    ),
    "clients.*.kernel.tcp_syn_linear_timeouts": change("K.tcp_syn_linear_timeouts=0", LOST_AT_FIRST, "tail=5s"),
    "clients.*.kernel.tcp_retries2": change("K.tcp_retries2=1", LOST_LATER, "tail=5s"),
    "clients.*.kernel.tcp_orphan_retries": change(
        "K.tcp_orphan_retries=1", LOST_LATER, "G.timeout=100ms", "tail=5s"
    ),
    "clients.*.kernel.tcp_slow_start_after_idle": change(
        "K.tcp_slow_start_after_idle=0", "W.request_size=100kB", "A={constant: {rate: 2/s}}", "network.rtt=20ms",
        "T.max_idle_conns_per_host=1",
    ),
    **{
        f"{owner}.kernel.{key}": change(f"{part}{key}={value}", *LOST_FOR_A_WHILE, "S.service_time=100ms")
        for key, value in (
            ("tcp_rto_min_us", "50ms"), ("tcp_rto_max_ms", "1s"), ("tcp_sack", "0"), ("tcp_thin_linear_timeouts", "1"),
        )
        for owner, part in (("clients.*", "K."), ("services.*", "H."))
    },
    "clients.*.tls.client_session_cache": change("G.tls.client_session_cache=8", TLS, CHURN),
    "clients.*.timeout": change("G.timeout=10ms"),
    "clients.*.instances": change("G.instances=2"),
    "clients.*.overhead": change("G.overhead=1ms"),
    "clients.*.cold_dial.lag": change("G.cold_dial.lag=9ms", CHURN),
    "clients.*.cold_dial.after": change("G.cold_dial={lag: 9ms, after: 10ms}", CHURN, "G.cold_dial.lag=9ms"),
    "clients.*.close_race": change("G.close_race=0.9", CHURN),
    "clients.*.go_version": change("G.go_version='1.22'", "network.rtt=30ms", "G.timeout=45ms"),
}  # fmt: skip
