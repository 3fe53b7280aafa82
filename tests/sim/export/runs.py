"""Small runs for tracing tools: connections that carry one request at a time, several, and packets of QUIC."""

from pathlib import Path

from sim import wiring
from sim.records.folder import StoredRun, read_run

PLAIN = """
name: traced
duration: 3s
network: {rtt: 1ms}
clients: {gateway: {transport: {max_idle_conns_per_host: 2}, timeout: 100ms}}
services: {orders: {scheme: https, backends: 2, resolve: each, workers: 4, service_time: {exponential: {mean: 8ms}}}}
workloads: {checkout: {client: gateway, service: orders, method: POST, arrivals: {poisson: {rate: 200/s}}}}
timeline: [{at: 1s, pause: {backend: 0, for: 500ms}}]
"""
MANY_STREAMS = """
name: streams
duration: 2s
network: {rtt: 5ms}
clients: {gateway: {}}
services: {orders: {scheme: https, http2: {}, workers: 64, service_time: {exponential: {mean: 20ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 200/s}}}}
"""
PHONES = """
name: phones
duration: 4s
network: {rtt: 40ms, loss: 0.03}
clients:
  phone:
    http3: {qlog: true, max_idle_timeout: 200ms, keep_alive_period: 0s, fallback: never}
    tls: {client_session_cache: 8}
services:
  api: {scheme: https, http3: {early_data: reject}, resolve: literal, service_time: 10ms, response_size: 20kB}
workloads: {reads: {client: phone, service: api, early_data: true, arrivals: {constant: {rate: 2/s}}}}
"""
DEVICES = """
name: fleet
duration: 5s
services: {chat: {scheme: https, keep_alive: off}}
sessions:
  devices:
    {count: 5, service: chat, websocket: {client: {every: 2s, timeout: 1s}}, reconnect: {policy: uniform, delay: 3s}}
"""


def a_run(text: str, folder: Path) -> StoredRun:
    """A scenario's run on the disk, with seed 1."""
    wiring.run(wiring.load(text), out=folder)
    return read_run(folder)
