"""What a user says about the network between clients and services."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Lt

from models.network.loss import BurstLoss
from models.network.middlebox_config import MiddleboxConfig
from models.network.nat_config import NatConfig
from sim.bit_rate import BitRate
from sim.engine.distributions import Constant, Delay
from sim.units import US


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """The path between every client and every backend."""

    rtt: Delay = Constant(value=100 * US)
    """Round-trip time of the path; a distribution is drawn for each message and keeps their order."""
    loopback: bool = False
    """The path is the loopback device (127.0.0.0/8), on which tcp_tw_reuse=2 takes TIME_WAIT ports over."""
    loss: Annotated[float, Ge(0), Lt(1)] | BurstLoss = 0.0
    """Probability that a segment is lost, as 0.01; the sender repeats it (Linux 6.18: after a round trip where others
    follow it, after 200 ms and more at the tail, a SYN or SYN-ACK after a second). Or `{gilbert: {loss, burst}}`:
    losses in bursts."""
    bandwidth: Annotated[BitRate, Gt(0)] | None = None
    """Bits that each direction of each path carries in a second: messages go out one after another, each takes its
    length over this. Absent means without limit, so that a message takes no time to be sent. Paths share nothing: a
    host that talks to many has as much towards each."""
    nat: NatConfig | None = None
    """Source NAT between all clients and all services; absent means that there is none."""
    middlebox: MiddleboxConfig | None = None
    """A balancer, NAT or firewall between all clients and all services that forgets connections on which nothing is
    sent; absent means that there is none."""
