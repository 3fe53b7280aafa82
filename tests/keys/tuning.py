"""Cases of the keys of buffers, of the client's own limit of streams, and of tuning."""

from tests.keys.case import H2, UPLOAD, Case, change

BUSY = "A={poisson: {rate: 120/s}}"
TUNED = ("G.tuning={period: 200ms, window: 600ms, slices: 6}", BUSY)
WRITES = (*UPLOAD, "G.write_cost=1ms")


def _tuned(key: str, value: str, *given: str) -> Case:
    return change(f"G.tuning.{key}={value}", *TUNED, *given)


TUNING: dict[str, Case] = {
    "clients.*.transport.write_buffer_size": change("T.write_buffer_size=500B", *WRITES),
    "clients.*.write_cost": change("G.write_cost=2ms", *WRITES, "T.write_buffer_size=500B"),
    "clients.*.transport.http2.max_concurrent_streams": change("T.http2.max_concurrent_streams=2", *H2),
    "clients.*.tuning.period": _tuned("period", "300ms"),
    "clients.*.tuning.window": _tuned("window", "400ms"),
    "clients.*.tuning.slices": _tuned("slices", "3"),
    "clients.*.tuning.knobs.[]": _tuned("knobs", "[idle_conn_timeout]", "G.tuning.knobs=[max_idle_conns_per_host]"),
    "clients.*.tuning.apply": _tuned("apply", "new_transport"),
    "clients.*.tuning.burst": _tuned("burst", "complement", *H2),
    "clients.*.tuning.headroom": _tuned("headroom", "3"),
    "clients.*.tuning.smoothing": _tuned("smoothing", "0.3"),
    "clients.*.tuning.hysteresis": _tuned("hysteresis", "0.9"),
}
