"""A small scenario, what may be wrong in it, and what is said of that. The tests are in test_bad_input.py."""

GOOD = """\
name: small
duration: 1s
network: {rtt: 0s}
clients:
  gw: {overhead: 0s}
services:
  a: {overhead: 0s, service_time: 0s}
workloads:
  w:
    client: gw
    service: a
    arrivals: {poisson: {rate: 20/s}}
"""
ARRIVALS = "{poisson: {rate: 20/s}}"

WRONG = [
    ("gw: {overhead", "gw: {overheat", "scenario.yaml:5:8: clients.gw.overheat: unknown key; did you mean overhead?"),
    ("1s\n", "1\n", "scenario.yaml:2:1: duration: 1 has no unit; write a duration such as 20ms"),
    ("1s\n", "5kB\n", "scenario.yaml:2:1: duration: 5kB is not a duration; write a number and a unit"),
    ("1s\n", "-1s\n", "scenario.yaml:2:1: duration: -1s lies below 0"),
    ("1s\n", "0s\n", "scenario.yaml:2:1: duration: 0"),
    (
        "gw: {",
        "gw: {kernel: {ip_local_port_range: [60999, 32768]}, ",
        "scenario.yaml:5:17: clients.gw.kernel.ip_local_port_range: 60999 lies above 32768; write the lower",
    ),
    (
        "gw: {",
        "gw: {kernel: {ip_local_port_range: []}, ",
        "scenario.yaml:5:17: clients.gw.kernel.ip_local_port_range: [] has 0 of 2 items; write 2, such as [32768,",
    ),
    (
        "gw: {",
        "gw: {dialer: {local_port_range: [40000]}, ",
        "scenario.yaml:5:17: clients.gw.dialer.local_port_range: [40000] has 1 of 2 items; write 2\n",
    ),
    (
        "gw: {",
        "gw: {kernel: {ip_local_port_range: [40000, 40001], ip_local_reserved_ports: 40000-40009}, ",
        "scenario.yaml:5:54: clients.gw.kernel.ip_local_reserved_ports: reserves every port from 40000 to 40001, so",
    ),
    (
        "gw: {",
        "gw: {kernel: {ip_local_reserved_ports: 40000-40009}, dialer: {local_port_range: [40000, 40001]}, ",
        "scenario.yaml:5:17: clients.gw.kernel.ip_local_reserved_ports: reserves every port from 40000 to 40001, so",
    ),
    (ARRIVALS, "{replay: none.csv}", "scenario.yaml:12:16: workloads.w.arrivals.replay.file: none.csv: no such file"),
    (
        ARRIVALS,
        "{access_log: none.log}",
        "scenario.yaml:12:16: workloads.w.arrivals.access_log.file: none.log: no such file",
    ),
    (
        ARRIVALS,
        "{access_log: noise.log}",
        "noise.log: 1 of 1 lines (100 %) are not combined, the limit is 1 %: line 1: no [time stamp]",
    ),
    (ARRIVALS, "{replay: disorder.csv}", "disorder.csv:3: t=0.1 lies before t=0.2 of line 2; sort the file"),
    (ARRIVALS, "{replay: negative.csv}", "negative.csv:2: service=-0.01 is negative"),
    (
        ARRIVALS,
        "{replay: nan.csv}",
        "nan.csv:2: service=nan is not a finite number; leave the row out, or write 9999 for never",
    ),
    (
        ARRIVALS,
        "{replay: never.csv}",
        "never.csv:3: t=nan is not a finite number; leave the row out, or write the second at which it arrives,",
    ),
    (ARRIVALS, "{replay: inf.csv}", "inf.csv:2: service=inf is not a finite number"),
    (ARRIVALS, "{replay: empty.csv}", "empty.csv:3: t=0.1 lies before t=0.2 of line 2; sort the file"),
    (ARRIVALS, "{replay: gap.csv}", "gap.csv:3: worker is empty; write a number"),
    (ARRIVALS, "{replay: closed.csv}", "closed.csv:2: worker is empty; write a number"),
    (ARRIVALS, "{replay: far.csv}", "far.csv: workloads.w: a request goes to host 3, but the workload has 1 services"),
    ("service: a", "service: b", "scenario.yaml:11:5: workloads.w.service: no service is called b; known here: a"),
    ("client: gw", "client: gv", "scenario.yaml:10:5: workloads.w.client: no client is called gv; known here: gw"),
    (
        "duration: 1s",
        "timeline: [{at: 1s, pause: {service: aa}}]\nduration: 1s",
        "scenario.yaml:2:29: timeline.0.pause.service: no service is called aa; did you mean a?",
    ),
    (
        "duration: 1s",
        "timeline: [{at: 1s, close_idle: {client: gv}}]\nduration: 1s",
        "scenario.yaml:2:34: timeline.0.close_idle.client: no client is called gv; known here: gw",
    ),
    (
        "duration: 1s",
        "timeline: [{at: 1s, close_idle: {for: 1s}}]\nduration: 1s",
        "scenario.yaml:2:34: timeline.0.close_idle.for: unknown key; known here: client",
    ),
    (
        "duration: 1s",
        "timeline: [{at: 1s, path_change: {kind: name}}]\nduration: 1s",
        "scenario.yaml:2:35: timeline.0.path_change.kind: \"name\" should be 'address' or 'port'",
    ),
    (
        "a: {overhead",
        "a: {http3: {}, overhead",
        "scenario.yaml:7:7: services.a.http3: QUIC is always encrypted; write scheme: https beside it",
    ),
    (
        "a: {overhead",
        "a: {scheme: https, http3: {max_concurrent_streams: 0}, overhead",
        "scenario.yaml:7:30: services.a.http3.max_concurrent_streams: 0 should be greater than or equal to 1",
    ),
    (
        "service: a",
        "service: a\n    method: POST\n    early_data: true",
        "scenario.yaml:13:5: workloads.w.early_data: POST is not safe to replay; write method: GET or HEAD, or leave",
    ),
    (
        "gw: {overhead",
        "gw: {http3: {}, transport: {proxy: {service: a}}, overhead",
        "scenario.yaml:5:8: clients.gw.http3: QUIC does not go through transport.proxy; leave one of them out",
    ),
    (
        "{rtt: 0s}",
        "{rtt: 0s, loss: {gilbert: {loss: 0.9, burst: 3}}}",
        "scenario.yaml:3:48: network.loss.gilbert.burst: 3 is too short for so much loss; write at least 9",
    ),
    (
        ARRIVALS,
        "{closed_loop: {workers: 1}}",
        "scenario.yaml:12:5: workloads.w.arrivals: a closed loop without think time on a service that takes no time",
    ),
    (
        "service_time: 0s",
        "service_time: 9999h",
        "scenario.yaml:7:21: services.a.service_time: 9999h lies above 120h, which",
    ),
    (
        "{overhead: 0s}",
        "{overhead: 9999h}",
        "scenario.yaml:5:8: clients.gw.overhead: 9999h should be less than or equal to 120h",
    ),
    (
        ARRIVALS,
        "{closed_loop: {workers: 1000000000}}",
        "scenario.yaml:12:30: workloads.w.arrivals.closed_loop.workers: 1000000000 should be less than or",
    ),
    ("name: small", "name: ../small", "scenario.yaml:1:1: name: '../small' cannot be the name of a folder"),
]

BATCHES = {
    "{max_items: 0}": "13:13: {}.max_items: 0 should be greater than 0",
    "{max_bytes: 0}": "13:13: {}.max_bytes: 0 should be greater than 0B",
    "{}": "13:5: {}.linger: 0s without max_items or max_bytes lets no batch go; write one of the three",
    "{linger: 0s}": "13:13: {}.linger: 0s without max_items or max_bytes lets no batch go; write one of the three",
    "{linger: 5}": "13:13: {}.linger: 5 has no unit; write a duration such as 20ms",
    "{linger: 5ms, codec: zstd1}": "13:26: {}.codec: \"zstd1\" should be 'none', 'gzip-1', 'gzip-6', ",
    "{linger: 5ms, preset: elastic}": "13:26: {}.preset: \"elastic\" should be 'none' or 'elasticsearch'; did you mean",
    "{max_items: 9, max_waiting: 8}": "13:27: {}.max_waiting: 8 lie below the 9 items that fill a batch, so none ever",
    "{linger: 5ms, refresh: 1s}": "13:26: {}.refresh: the balancer reads no cluster state; write routing: state, or",
    "{linger: 5ms, routing: state}": "13:26: {}.routing: a has no shards to route by; write services.a.shards",
    "{linger: 5ms, max_item: 3}": "13:26: {}.max_item: unknown key; did you mean max_items?",
}
"""Wrong batches of a workload, and what is said of them; {} is their path."""
SHARDS = {
    "{client: gv, count: 3}": "7:16: {}.client: no client is called gv; known here: gw",
    "{client: gw, count: 3}": "7:16: {}.client: gw is that of workload w; give the nodes their own",
    "{client: gw, count: 0}": "7:28: {}.count: 0 should be greater than 0",
    "{client: gw, count: 3, holders: 2}": "7:38: {}.holders: 2 of 1 backends cannot have shards; write at most 1",
    "{count: 3}": "7:7: {}.client: is required",
}
WRONG += [
    (ARRIVALS, f"{ARRIVALS}\n    batch: {batch}", "scenario.yaml:" + said.format("workloads.w.batch"))
    for batch, said in BATCHES.items()
]
WRONG += [
    ("a: {", f"a: {{shards: {shards}, resolve: each, ", "scenario.yaml:" + said.format("services.a.shards"))
    for shards, said in SHARDS.items()
]
WRONG += [
    ("a: {", "a: {shards: {client: gw, count: 3}, ", "scenario.yaml:7:3: services.a.resolve: hosts lets nobody choose"),
    ("{rtt: 0s}", "{rtt: 0s, bandwidth: 0}", "scenario.yaml:3:20: network.bandwidth: 0 should be greater than 0bit/s"),
    (
        "{rtt: 0s}",
        "{rtt: 0s, bandwidth: 1Gbps}",
        "scenario.yaml:3:20: network.bandwidth: 1Gbps is not a bit rate; write",
    ),
    (
        "service: a",
        "service: a\n    batch: {linger: 5ms}\n    request_body: {size: 1kB}",
        "scenario.yaml:13:5: workloads.w.request_body: the items of a batch are its body; leave it out",
    ),
]

GUARDS = {
    "hystrix: {error_threshold_percentage: 120}": "5:28: {}.error_threshold_percentage: 120 should be less than or eq",
    "hystrix: {rolling_window: 0s}": "5:28: {}.rolling_window: 0s should be greater than 0s",
    "hystrix: {snapshot_interval: 20s}": "5:28: {}.snapshot_interval: is longer than rolling_window; write one",
    "hystrix: {isolation: forks}": "5:28: {}.isolation: unknown kind forks; needs exactly one of: thread",
    "resilience4j: {failure_rate_threshold: 0}": "5:33: {}.failure_rate_threshold: 0 should be greater than 0",
    "resilience4j: {sliding_window_size: 0}": "5:33: {}.sliding_window_size: 0 should be greater than or equal to 1",
    "resilience4j: {max_wait_duration_in_open_state: 5s}": "5:33: {}.max_wait_duration_in_open_state: the wait",
    "sentinel: {strategy: error_ratio, threshold: 1.2, retry_timeout: 1s}": "5:52: {}.threshold: 1.2 is a share",
    "sentinel: {strategy: slow_ratio, threshold: 1, retry_timeout: 1s}": "5:18: {}.max_allowed_rt: goes with strategy:",
    "sentinel: {strategy: error_count, threshold: 1, retry_timeout: 1s, stat_interval: 1us}": (
        "5:85: {}.stat_interval: is no whole number of milliseconds, of which Sentinel counts; write one"
    ),
    "gobreaker: {bucket_period: 1s}": "5:18: {}.interval: 0s has no buckets; write a length such as 1",
    "gobreaker: {ready_to_trip: {failure_ratio: {at_least: 2}}}": "5:62: {}.ready_to_trip.failure_ratio.at_least: 2 sh",
    "envoy: {retry_budget: {budget_percent: 200}}": "5:41: {}.retry_budget.budget_percent: 200 should be less than or",
    "token_bucket: {rate: 5, burst: 1}": "5:33: {}.rate: 5 has no unit; write a rate such as 1200/s",
    "token_bucket: {rate: 5/s}": "5:18: {}.burst: is required",
    "envoy_local: {max_tokens: 5, fill_interval: 10ms}": "5:47: {}.fill_interval: 10ms should be greater than or equal",
    "nginx: {rate: 5/s, nodelay: true, delay: 2}": "5:52: {}.delay: has no meaning with nodelay; leave one of them out",
    "nginx_zones: {zones: []}": "5:32: {}.zones: is empty; write at least one",
    "fixed_window: {limit: 5, window: 0s}": "5:43: {}.window: 0s should be greater than 0s",
    "gradient: {min_limit: 2000}": "5:29: {}.min_limit: 2000 is above max_limit; write 1000 or less",
    "windowed: {limit: concurrency}": "5:29: {}.limit: unknown kind concurrency; needs exactly one of: aimd, vegas",
    "kratos_bbr: {window: 200s, buckets: 2}": "5:45: {}.buckets: are longer than 1s, or shorter than 1ns; write",
}
"""A wrong guard of a client, and what is said of it; {} is its path."""

WRONG += [
    (
        "gw: {",
        f"gw: {{guards: [{{{guard}}}], ",
        "scenario.yaml:" + said.format(f"clients.gw.guards.0.{guard.split(':')[0]}"),
    )
    for guard, said in GUARDS.items()
]
WRONG += [
    (
        "gw: {",
        "gw: {guards: [hystrics], ",
        "scenario.yaml:5:17: clients.gw.guards.0: unknown kind hystrics; did you mean",
    ),
    ("a: {", "a: {guards: gobreaker, ", 'scenario.yaml:7:7: services.a.guards: "gobreaker" should be a list'),
    (
        "a: {",
        "a: {connection_limit: {on_empty: delay, refill_interval: null}, ",
        "scenario.yaml:7:26: services.a.connection_limit.on_empty: delay waits for ever without a refill",
    ),
    (
        "a: {",
        "a: {queue_discipline: {codel: {target: 200ms}}, ",
        "scenario.yaml:7:34: services.a.queue_discipline.codel.target: is not below interval; write a smaller one",
    ),
]
WRONG += [
    (
        "workloads:",
        f"sessions: {{p: {{count: 1, service: a, {mqtt}}}}}\nworkloads:",
        f"scenario.yaml:8:{column}: sessions.p.{said}",
    )
    for mqtt, column, said in (
        ("mqtt: {inflight: 0}", 45, "mqtt.inflight: a window of 0 lets no message of QoS 1 or 2 go, ever; write 1 to"),
        ("mqtt: {}", 26, "service: a is no broker; write services.a.broker: {}"),
        ("mqtt: {}, websocket: {}", 48, "websocket: a fleet speaks exactly one protocol; write websocket: {} or mqtt"),
    )
]
