"""What the lab's set-up adds to every case: the paths' own delays, the DNS server's time, the recorder's habits.

These are properties of the machine on which the cases were recorded, the same in all of them (reality/README.md).
"""

from collections.abc import Mapping
from typing import Final

from models.transport.config import ColdDialConfig
from sim.engine.distributions import Percentiles
from sim.units import MS, US


def _microseconds(*values: int) -> tuple[int, ...]:
    return tuple(value * US for value in values)


LINK_RTT: Final[Mapping[str, int]] = {"veth": 80 * US, "tun": 450 * US}
"""Round-trip time without the stated delay: medians of the recorded TCP handshakes, 0.08 to 0.21 ms over veth and 20.35
to 20.53 ms over tun with 2 x 10 ms."""
CLIENT_OVERHEAD: Final = 20 * US
"""From having a reused connection to having written: the median of 24 cases of three repetitions over veth."""
SERVER_OVERHEAD: Final = 20 * US
"""What path and client leave of the shortest 1 % of requests: 0.13 ms beyond queue and service, in the same cases."""
OVERRUN: Final = Percentiles(
    at=(0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 97, 98, 99, 99.5, 99.8, 99.9, 99.99, 100),
    values=_microseconds(
        0, 35, 50, 73, 93, 113, 138, 177, 244, 398, 542, 800, 1_369, 1_839, 2_246, 3_007, 3_902, 5_575, 7_728, 15_600,
        19_100,
    ),
)  # fmt: skip
"""By how much answers were late beyond that: each percentile is the mean over the same cases without the lowest and the
highest fifth of them."""
DIAL_LAG: Final = Percentiles(
    at=(0, 30, 40, 50, 60, 70, 80, 85, 90, 95, 97, 98, 99, 99.5, 99.8, 99.9, 99.99, 100),
    values=_microseconds(
        0, 0, 7, 20, 30, 55, 95, 120, 180, 325, 555, 780, 1_140, 1_480, 2_220, 2_860, 4_750, 5_090
    ),
)  # fmt: skip
"""By how much dials were late: t_connected - t_dial beyond `LINK_RTT` and `COLD_DIAL`, in the medians of 14 cases
over veth."""
COLD_DIAL: Final[Mapping[str, ColdDialConfig]] = {
    "veth": ColdDialConfig(lag=130 * US, after=50 * MS),
    "tun": ColdDialConfig(lag=70 * US, after=50 * MS),
}
"""What a dial takes longer after a pause: its median rises evenly from 0.11 ms, where the client did something less
than 1 ms before, to 0.24 ms after pauses of 50 ms, and stays there (61,815 dials over veth). Of that 0.07 ms is the
client's own: so much later do dials fail, too, that find no port. Over tun the forwarder hides the rest."""
CONNECT_FAILURE_COST: Final = 40 * US
"""Of each of the three tries of a dial without a port: ConnectStart to ConnectDone in E02 and E03, 0.175 to 0.19 ms
within 10 ms of something else, less three searches of 200 ports."""
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
