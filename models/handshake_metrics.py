"""Handshake metrics: what a run in which certificates matter is measured by, declared over its handshakes.

How many handshakes were full, resumed or failed, their CPU time at both ends, and its share beside the CPU time of the
requests, are counters of every run with TLS: handshakes_*, handshake_err:TEXT, tls_cpu_*, request_cpu_*,
handshake_share and that of either end. They are over the whole run. What issuers did: issuer:NAME.issued, .refused.
"""

from models.metrics import WARMUP
from sim.records.metric import Between, Count, Declarations, First, Is, Last, Mean, Minimum, Not, Ratio, Selection
from sim.records.window import Rate, Share, Windowed

HANDSHAKES = Selection("handshakes")
FAILED = HANDSHAKES.having(Not(Is("err", "")))
WARM = Between("t", WARMUP)
RENEWED = Selection("certificates").having(Between("left", 0))

HANDSHAKE_METRICS: Declarations = {
    "handshake_error_ratio": Ratio(Count(FAILED.having(WARM)), Count(HANDSHAKES.having(WARM))),
    "first_handshake_err_t": First(FAILED, "t", "t", absent=-1),
    "last_handshake_err_t": Last(FAILED, "t", "t", absent=-1),
    "certificates_renewed": Count(RENEWED),
    "certificate_left_mean": Mean(RENEWED, "left"),
    "certificate_left_min": Minimum(RENEWED, "left"),
}

HANDSHAKE_WINDOWS: dict[str, Windowed] = {
    "handshakes_per_s": Rate(HANDSHAKES, "t"),
    "handshakes_failed_share": Share(FAILED, HANDSHAKES, "t"),
    "certificates_per_s": Rate(Selection("certificates"), "t"),
}
"""Over time: handshakes that end, the share that fails, and certificates that come into use."""
