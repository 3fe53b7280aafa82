"""The words in which a run of this world is told: metrics, columns, limits. Data only; the rules are elsewhere."""

from sim.report.words import Finding, Limit, Places, Recovery, Row, Words

_TAKEN = (
    "c_estab", "c_syn_sent", "c_fin_wait1", "c_fin_wait2", "c_time_wait", "c_close_wait", "c_last_ack", "c_closing",
)  # fmt: skip
"""States in which a client's socket holds its local port."""

WORDS = Words(
    noun="requests",
    one="request",
    total="n_requests",
    failed="n_err",
    tail="lat_p99",
    rows=(
        Row(label="throughput (ok/s)", metrics=("throughput",)),
        Row(label="errors", family="err:", also="status:", named=True),
        Row(
            label="latency p50 / p90 / p99 / p99.9 (ms)",
            metrics=("lat_p50", "lat_p90", "lat_p99", "lat_p999"),
            scale=1e3,
        ),
        Row(label="wait for a connection, mean / p99 (ms)", metrics=("conn_wait_mean", "conn_wait_p99"), scale=1e3),
        Row(label="dials per request", metrics=("dials_per_request",)),
        Row(label="local ports taken, most", columns=_TAKEN, limited=True),
        Row(label="in TIME_WAIT, all together, most", columns=("c_time_wait",)),
        Row(label="share per backend (%)", family="share_b", scale=100),
        Row(label="full collections of Java heaps / seconds in them", metrics=("FGC", "FGCT")),
        Row(label="errors of memory", family="oom:"),
        Row(label="cycles of Go heaps / CPU seconds in them", metrics=("NumGC", "cpu_gc_total")),
        Row(label="periods throttled", metrics=("cpu.nr_throttled",)),
        Row(label="calls that end well (1/s)", metrics=("calls_ok_per_s",)),
        Row(
            label="call latency p50 / p90 / p99 / p99.9 (ms)",
            metrics=("call_lat_p50", "call_lat_p90", "call_lat_p99", "call_lat_p999"),
            scale=1e3,
        ),
        Row(
            label="tries, refusals, copies per call", metrics=("tries_per_call", "refused_per_call", "copies_per_call")
        ),
        Row(label="refused by guards", family="refused_by:", named=True, if_any=True),
        Row(label="refused at the door of backends", family="door.", named=True, if_any=True),
        Row(label="memory of connections, most (bytes)", family="memory_max:", named=True, if_any=True),
        Row(label="descriptors, most", family="descriptors_max:", named=True, if_any=True),
        Row(label="requests in flight, most", metrics=("inflight_max",)),
        Row(label="goroutines, most", metrics=("goroutines_max",)),
    ),
    panels={
        "requests": {"in flight": "inflight", "waiting for a slot": "conns_per_host_wait"},
        "connections": {"ESTABLISHED": "c_estab", "idle": "pool_idle", "dialing": "dialing"},
        "TIME_WAIT": {"client": "c_time_wait", "server": "s_time_wait"},
        "goroutines": {"client": "goroutines"},
    },
    windows={
        "requests per second": {"arrive": "arrived_per_s", "end well": "ok_per_s", "fail": "failed_per_s"},
        "calls per second": {"arrive": "calls_per_s", "end well": "calls_ok_per_s"},
        "latency (s)": {"p99": "lat_p99", "p50": "lat_p50"},
    },
    worst=("lat_p99", "The p99 of the latency"),
    limit=Limit(
        name="ip_local_port_range",
        path=("clients", "*", "kernel", "ip_local_port_range"),
        columns=_TAKEN,
        noun="local ports",
        most="ports_max:",
        range="ports_range:",
    ),
    peak=("inflight", "Requests in flight"),
    states=("goroutines", "goroutines_"),
    share=("share_b", "backend"),
    steps=("starts ", "listens", "is ready", "is not ready", "is gone", "ends", "Pause Young", "Concurrent", "loaded"),
    recovery=Recovery(
        recovered="recovered", time="recovery_t", before="goodput_before", after="goodput_after", share="ok_share_after"
    ),
    places=Places(
        one="backend",
        many="backends",
        column="backend",
        groups="services",
        number="backends",
        skew="skew_requests_",
        window="skew_window",
    ),
    sure={"mean latency": "lat_mean", "latency p99": "lat_p99", "latency p99.9": "lat_p999"},
    warmup=("warmup", "warmup_mser"),
    assumptions=(
        "Latency counts from the intended arrival of a request, not from when a connection was free for it.",
        "Latency and shares leave out the warm-up; counts of requests and errors do not.",
        "A port is taken by one client towards one destination; the fullest of these stands against its range.",
    ),
    findings=(
        Finding(
            metric="cph_wait_max", above=0,
            text="Up to {cph_wait_max:,} requests at a time waited for a slot of MaxConnsPerHost.",
        ),
        Finding(
            metric="dials_per_request", above=0.1,
            text="Every request cost {dials_per_request:.2f} dials: connections are not used again.",
        ),
        Finding(
            metric="client.TcpExt.TCPSynRetrans", above=0,
            text="{client.TcpExt.TCPSynRetrans:,} SYNs were sent again: accept queues were full, or paths lost them.",
        ),
        Finding(
            metric="server.TcpExt.ListenOverflows", above=0,
            text="Accept queues overflowed {server.TcpExt.ListenOverflows:,} times.",
        ),
        Finding(
            metric="retried_requests", of="n_requests", above=0.01,
            text="{retried_requests:,} of {n_requests:,} requests went out more than once.",
        ),
        Finding(metric="refused_by:", of="n_requests", above=0.01, text="Guards refused part of the tries."),
        Finding(metric="FGC", above=0, text="Java heaps were collected whole {FGC:,} times, {FGCT:.1f} s in all."),
        Finding(metric="cpu.nr_throttled", above=0, text="CPU limits throttled {cpu.nr_throttled:,} periods."),
        Finding(
            metric="unread_bodies_end", above=0,
            text="At the end {unread_bodies_end:,} bodies lay unread: each holds a connection and two goroutines.",
        ),
        Finding(
            metric="inflight_end", of="n_requests", above=0.01,
            text="{inflight_end:,} requests were still under way when the run ended: it had not drained.",
        ),
    ),
)  # fmt: skip
