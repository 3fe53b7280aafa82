"""What the lab's set-up adds to every case: the paths' own delays, the DNS server's time, the recorder's habits.

These are properties of the machine on which the cases were recorded, the same in all of them (reality/README.md).
"""

from collections.abc import Mapping
from typing import Final

from sim.units import MS, US

LINK_RTT: Final[Mapping[str, int]] = {"veth": 100 * US, "tun": 450 * US}
"""Round-trip time without the stated delay: medians of the recorded TCP handshakes, 0.08 to 0.21 ms over veth and 20.35
to 20.53 ms over tun with 2 x 10 ms."""
DNS_LOOKUP: Final = 300 * US
"""From DNSStart to DNSDone at the lab's rotating server: median of 899 recorded lookups (E04-dnsrr-mi2)."""
CANCELLED_BEFORE_END: Final = 200 * MS
"""What still hangs that long before the end of the tail is cancelled by the recorder and marked lab-end."""
