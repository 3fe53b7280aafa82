"""What the lab's set-up adds to every case: the paths' own delays, the DNS server's time, the recorder's habits.

These are properties of the machine on which the cases were recorded, the same in all of them (reality/README.md).
"""

from collections.abc import Mapping
from typing import Final

from sim.engine.distributions import Lognormal
from sim.units import MS, US

LINK_RTT: Final[Mapping[str, int]] = {"veth": 80 * US, "tun": 450 * US}
"""Round-trip time without the stated delay: medians of the recorded TCP handshakes, 0.08 to 0.21 ms over veth and 20.35
to 20.53 ms over tun with 2 x 10 ms."""
CLIENT_OVERHEAD: Final = 60 * US
SERVER_OVERHEAD: Final = 40 * US
OVERRUN: Final = Lognormal(mean=200 * US, p99=2_000 * US)
"""What a request takes beyond path, queue and service: 0.25 ms in the median, 0.4 ms in the mean, some ms one time in a
hundred (reused connections over veth, 40 cases, three repetitions each)."""
CLOSE_RACE: Final[Mapping[str, float]] = {"veth": 0.21, "tun": 0.33}
"""Share of Connection: close after which the client's FIN is first: 254 to 283 of 1282 in E02-tw0-dka, 315 of 966 in
E03-dka-rtt20."""
DNS_LOOKUP: Final = 300 * US
"""From DNSStart to DNSDone at the lab's rotating server: median of 899 recorded lookups (E04-dnsrr-mi2)."""
CANCELLED_BEFORE_END: Final = 200 * MS
"""What still hangs that long before the end of the tail is cancelled by the recorder and marked lab-end."""
