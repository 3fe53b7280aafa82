"""NatConfig: what a user says about the address translation between clients and services."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from sim.units import SECOND, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class NatConfig:
    """Source NAT: all instances of all clients leave through public addresses, each with so many ports.

    Sources: Azure, SNAT for outbound connections (load-balancer-outbound-connections), and NAT gateway
    (nat-gateway-resource, Port reuse timers). The defaults are a NAT gateway's.
    """

    addresses: Annotated[int, Ge(1), Le(16)] = 1
    """Public addresses. A NAT gateway of Azure has at most 16."""
    ports: Annotated[int, Ge(1), Le(64512)] = 64512
    """Ports of one public address for connections to one destination: 1024 to 65535. A load balancer's: 64,000."""
    per_instance: Annotated[int, Ge(0), Le(64512)] = 0
    """Ports of each public address that are set aside for each client instance (a node), which gets no others; 0: all
    instances share all ports on demand. Azure's load balancer: 1,024 with up to 50 nodes, 512 with up to 100."""
    hold: Duration = 65 * SECOND
    """How long a port stays taken after its connection has closed. NAT gateway: 65 s; load balancer: 240 s."""
    exhausted: Literal["drop", "refuse"] = "drop"
    """What becomes of a SYN for which no port is left: it is dropped, so that connect() sends it again and waits, or
    answered by a router with ICMP (no route to host)."""

    def reserve(self, instances: int) -> int:
        """Ports that one client instance, of so many, may take towards one destination; 0 where none are set aside."""
        if not self.per_instance:
            return 0
        needed = self.per_instance * instances
        if needed > self.ports:
            raise ValueError(
                f"per_instance: {self.per_instance} for each of {instances} client instances are {needed} ports, an"
                f" address has {self.ports}; write at most {self.ports // instances}"
            )
        return self.per_instance * self.addresses
