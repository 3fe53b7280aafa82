"""What the lab's set-up adds to every case: the paths' own delays, the DNS server's time, the recorder's habits.

These are properties of the machine on which the cases were recorded, the same in all of them (reality/README.md).
"""

from collections.abc import Mapping
from typing import Final

from sim.engine.distributions import Empirical
from sim.units import MS, US


def _microseconds(*values: int) -> tuple[int, ...]:
    return tuple(value * US for value in values)


LINK_RTT: Final[Mapping[str, int]] = {"veth": 80 * US, "tun": 450 * US}
"""Round-trip time without the stated delay: medians of the recorded TCP handshakes, 0.08 to 0.21 ms over veth and 20.35
to 20.53 ms over tun with 2 x 10 ms."""
CLIENT_OVERHEAD: Final = 70 * US
SERVER_OVERHEAD: Final = 50 * US
"""What a request takes beyond path, queue and service: 0.18 to 0.4 ms in the median (reused connections over veth, 40
cases of three repetitions each), path and `OVERRUN` included."""
OVERRUN: Final = Empirical(values=_microseconds(
    0, 0, 0, 0, 10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 40, 40, 40, 50, 50, 60, 60, 70, 80, 90, 100, 120, 140, 170,
    200, 250, 300, 370, 450, 550, 700, 900, 1_200, 1_700, 2_600,
))  # fmt: skip
"""By how much handlers were late beyond that: quantiles at 1/80, 3/80 ... of the same recordings."""
DIAL_LAG: Final = Empirical(values=_microseconds(
    0, 0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 10, 20, 20, 20, 20, 20, 20, 30, 30, 30, 30, 40, 40, 40, 50, 50, 60, 60, 70,
    80, 90, 110, 130, 160, 210, 290, 400, 700, 1_500,
))  # fmt: skip
"""By how much dials were late: quantiles of t_connected - t_dial beyond the path, likewise."""
READ_LAG: Final = DIAL_LAG
"""By how much a readLoop is late to notice a FIN: that of the dials, whose goroutines the network wakes, too."""
CLOSE_RACE: Final[Mapping[tuple[str, str], float]] = {
    ("veth", "http"): 0.21, ("veth", "https"): 0.21, ("tun", "http"): 0.33, ("tun", "https"): 0.22
}  # fmt: skip
"""Share of Connection: close after which the client's FIN is first: 254 to 283 of 1282 in E02-tw0-dka, 315 of 966 in
E03-dka-rtt20, 16 to 30 of 100 in E16."""
POINTER_NEIGHBOURS: Final = 4
"""Network namespaces that were recorded at the same time with the same addresses and so moved the same port pointers:
in the median of 22 cases with a wide range a client's next port lies 5 times as far on as one client's connects go."""
DNS_LOOKUP: Final = 300 * US
"""From DNSStart to DNSDone at the lab's rotating server: median of 899 recorded lookups (E04-dnsrr-mi2)."""
CANCELLED_BEFORE_END: Final = 200 * MS
"""What still hangs that long before the end of the tail is cancelled by the recorder and marked lab-end."""
