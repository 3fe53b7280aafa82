"""What a user says about the middlebox between clients and services.

Sources: AWS, Network Load Balancers, connection idle timeout (350 s, RST), Application Load Balancers, idle timeout
(60 s); Google Cloud, external Application Load Balancers, timeouts (600 s); Azure Load Balancer, TCP reset and idle
timeout (4 min, silent unless enableTcpReset); nginx, ngx_http_proxy_module, proxy_read_timeout (60 s); Linux,
nf_conntrack-sysctl, nf_conntrack_tcp_timeout_established (432,000 s). The first two are as recalled.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Gt

from sim.units import SECOND, Duration

PRESETS: dict[str, dict[str, Any]] = {
    "aws_nlb": {"idle_timeout": "350s", "on_expiry": "reset"},
    "aws_alb": {"idle_timeout": "60s", "on_expiry": "close"},
    "gcp_balancer": {"idle_timeout": "600s", "on_expiry": "close"},
    "azure_lb": {"idle_timeout": "240s", "on_expiry": "drop"},
    "azure_lb_reset": {"idle_timeout": "240s", "on_expiry": "reset"},
    "nginx": {"idle_timeout": "60s", "on_expiry": "close"},
    "conntrack": {"idle_timeout": "120h", "on_expiry": "drop"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MiddleboxConfig:
    """A box that keeps a table of connections, and forgets those on which nothing is sent.

    A text is short for one of: aws_nlb, aws_alb, gcp_balancer, azure_lb, azure_lb_reset, nginx, conntrack.
    """

    idle_timeout: Annotated[Duration, Gt(0)] = 240 * SECOND
    """Silence after which a connection is forgotten. Azure's load balancer: 4 min."""
    on_expiry: Literal["drop", "reset", "close"] = "drop"
    """drop: what is sent afterwards vanishes; reset: it is answered with RST; close: the box, a proxy, ends both sides
    (FIN) as soon as the time is over."""
    counts: Literal["packets", "data"] | None = None
    """What keeps a connection in the table: every packet, TCP keepalive included, or data alone, as at a proxy, which
    ends TCP itself; absent means data with `on_expiry: close` and packets otherwise."""

    @property
    def counts_probes(self) -> bool:
        """Whether TCP keepalive keeps a connection in the table."""
        return self.on_expiry != "close" if self.counts is None else self.counts == "packets"

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """`middlebox: azure_lb` is short for its mapping."""
        if not isinstance(tree, str):
            return tree
        if tree not in PRESETS:
            raise ValueError(f"{tree!r} is none of {', '.join(PRESETS)}; write one of them, or idle_timeout, on_expiry")
        return PRESETS[tree]
