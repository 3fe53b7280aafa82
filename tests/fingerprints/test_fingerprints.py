"""Did anything change that should not? Committed digests of a few trajectories."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.wiring import load, run

SCENARIOS = {
    "churn": """
duration: 2s
network: {rtt: 1ms}
clients: {c: {kernel: {ip_local_port_range: [40000, 40400]}}}
services: {s: {service_time: {exponential: {mean: 20ms}}}}
workloads: {w: {client: c, service: s, arrivals: {poisson: {rate: 400/s}}}}
""",
    "queue": """
duration: 2s
network: {rtt: 5ms}
clients: {c: {timeout: 300ms, transport: {max_conns_per_host: 4}}}
services: {s: {scheme: https, workers: 3, service_time: {lognormal: {mean: 20ms, p99: 100ms}}}}
workloads: {w: {client: c, service: s, method: POST, arrivals: {poisson: {rate: 180/s}}}}
""",
    "faults": """
duration: 3s
network: {rtt: {exponential: {mean: 4ms}}, loss: 0.01}
clients: {c: {timeout: 1s, dialer: {timeout: 500ms}}}
services: {s: {backends: 3, resolve: {dns: rotate}, service_time: 10ms}}
workloads:
  open: {client: c, service: s, arrivals: {poisson: {rate: 100/s}}}
  closed: {client: c, service: s, arrivals: {closed_loop: {workers: 5, think: 50ms}}}
timeline: [{at: 1s, pause: {backend: 0, for: 300ms}}, {at: 1500ms, die: {backend: 1, for: 500ms}}]
""",
    "certificates": """
duration: 20s
network: {rtt: 2ms}
issuers: {mesh: {lifetime: 6s, backdating: 1s, check: 100ms, delivery: mounted_secret, sync: 500ms}}
clients:
  c: {tls: {client_session_cache: 8, certificate: {issuer: mesh, key: ed25519}}, transport: {idle_conn_timeout: 100ms}}
services:
  s:
    scheme: https
    backends: 2
    resolve: {dns: rotate}
    tls: {client_auth: require, cost: go, certificate: {issuer: mesh}}
workloads: {w: {client: c, service: s, arrivals: {poisson: {rate: 20/s}}}}
timeline:
  - {at: 5s, issuer_down: {for: 6s}}
  - {at: 14s, distrust: {}}
  - {at: 17s, clock_skew: {client: c, by: -4s, for: 2s}}
""",
    "grpc": """
duration: 3s
network: {rtt: 4ms, loss: 0.002}
clients: {c: {grpc: {policy: round_robin, keepalive_time: 10s}}}
services:
  s:
    scheme: https
    http2: {preset: grpc_go, max_concurrent_streams: 10}
    backends: 3
    resolve: {dns: rotate}
    response_size: 200kB
    max_connection_age: 1s
    service_time: {exponential: {mean: 20ms}}
workloads: {w: {client: c, service: s, deadline: 500ms, arrivals: {poisson: {rate: 200/s}}}}
timeline: [{at: 1500ms, die: {backend: 1, for: 500ms}}]
""",
    "http3": """
duration: 3s
network: {rtt: 10ms, loss: {gilbert: {loss: 0.02, burst: 2}}}
clients: {c: {http3: {discovery: alt_svc}, tls: {client_session_cache: 4}, timeout: 1s}}
services: {s: {scheme: https, http2: {}, http3: {stateless_reset_key: true}, resolve: literal, service_time: 10ms}}
workloads: {w: {client: c, service: s, early_data: true, arrivals: {poisson: {rate: 100/s}}}}
timeline: [{at: 1s, path_change: {}}, {at: 2s, die: {for: 100ms}}]
""",
    "sessions": """
duration: 90s
network: {rtt: 20ms, middlebox: {idle_timeout: 25s, on_expiry: reset}}
services: {s: {scheme: https, backends: 2, resolve: vip, keep_alive: off, tls: {cpus: 1}}}
sessions:
  f:
    count: 60
    service: s
    websocket: {client: {every: 10s, timeout: 5s}, messages: {from_device: 0.1/s}}
    network_stalls: {every: 60s, lasts: {exponential: {mean: 5s}}}
  slow: {count: 40, service: s, websocket: {server: {every: 30s, timeout: 5s}}, reconnect: {policy: backoff, delay: 1s}}
timeline: [{at: 30s, pause: {backend: 0, for: 8s}}, {at: 50s, die: {backend: 1, for: 2s}}]
""",
    "mqtt": """
duration: 60s
network: {rtt: 20ms}
clients: {c: {grpc: {}}}
services:
  hub: {scheme: https, keep_alive: off, broker: {store_time: {exponential: {mean: 30ms}}, acks: {delay: 10ms}}}
  s: {scheme: https, resolve: dns, http2: {preset: grpc_go}, service_time: {exponential: {mean: 20ms}}}
sessions:
  sensors:
    count: 30
    service: hub
    mqtt: {keep_alive: 5s, publish: {rate: 2/s, qos: exactly_once}}
    network_stalls: {every: 30s, lasts: {exponential: {mean: 5s}}}
  old: {count: 10, service: hub, mqtt: {version: v3.1.1, resend_after: 60ms, publish: {rate: 1/s}}, lifetime: 9s}
  taps:
    count: 2
    service: hub
    mqtt: {receive_maximum: 30, subscribe: {fleets: [sensors, old], shared: true}}
    lifetime: 15s
bridges: {b: {subscriber: taps, client: c, service: s, calls: 4, max_items: 5, linger: 20ms, decode_time: 1ms}}
timeline: [{at: 30s, pause: {service: s, for: 3s}}, {at: 45s, die: {service: hub, for: 1s}}]
""",
    "batches": """
duration: 2s
network: {rtt: 2ms, bandwidth: 200Mbit/s}
clients:
  c: {ping_schedule: 400ms, dialer: {no_delay: false}}
  nodes: {instances: 3}
services:
  s:
    backends: 3
    resolve: each
    workers: 2
    service_time: 1ms
    shards: {client: nodes, count: 7, relocation_rate: 0.2/s, forward_time: 50us}
workloads:
  aware:
    client: c
    service: s
    method: POST
    arrivals: {poisson: {rate: 900/s}}
    batch: {max_items: 8, linger: 8ms, item_time: 50us, codec: zstd-1, routing: state, refresh: 1s}
  balanced:
    client: c
    service: s
    method: POST
    arrivals: {poisson: {rate: 400/s}}
    batch: {max_bytes: 8kB, linger: 15ms, codec: gzip-6, max_under_way: 1, max_waiting: 40, when_full: drop}
""",
}
COMMITTED = Path(__file__).with_name("fingerprints.json")
SAY = """
import json, sys
from sim.wiring import load, run
print(json.dumps(run(load(sys.stdin.read())).manifest["fingerprint"]))
"""


def fingerprint(name: str) -> dict[str, str]:
    digests: dict[str, str] = run(load(SCENARIOS[name])).manifest["fingerprint"]
    return digests


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_trajectory_is_the_committed_one(name: str) -> None:
    committed, now = json.loads(COMMITTED.read_text())[name], fingerprint(name)

    moved = sorted(part for part in {*committed, *now} if committed.get(part) != now.get(part))
    assert moved == [], (
        f"{name}: {', '.join(moved)} moved. In a refactoring that is a failure."
        " With an intended change of behaviour run the validation,"
        f" then `python {Path(__file__).name}` in this folder, and commit {COMMITTED.name} with the reason"
    )


@pytest.mark.parametrize("hash_seed", ["0", "1", "12345"])
def test_another_process_with_another_hash_seed_takes_the_same_way(hash_seed: str) -> None:
    command = [sys.executable, "-c", SAY]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}

    said = subprocess.run(
        command, input=SCENARIOS["faults"], capture_output=True, text=True, check=True, env=environment
    )

    assert json.loads(said.stdout) == fingerprint("faults")


if __name__ == "__main__":
    COMMITTED.write_text(json.dumps({name: fingerprint(name) for name in SCENARIOS}, indent=1) + "\n")
