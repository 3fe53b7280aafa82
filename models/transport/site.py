"""Site: a backend as one client reaches it. Not which backend a request is for, not what the backend does.

What is certain there, docs/adr/0005 and 0006 explain.
"""

from dataclasses import dataclass, field

from models.backend.config import TlsConfig
from models.backend.server import Server
from models.kernel.connect import ends_of
from models.kernel.host import CertainSteps, ClientKernel, ServerHost, certain_steps
from models.kernel.socket import Endpoint
from models.network.link import Link


@dataclass(kw_only=True)  # without slots, which mypyc makes of every class by itself
class Site:
    """Its kernel, the path to it, its name and its level in the records."""

    index: int
    host: ServerHost
    link: Link
    tls: TlsConfig
    remote: int
    rise: int
    fall: int
    server: Server = field(init=False)
    half_rtt: int = field(init=False)
    steps: CertainSteps = field(init=False)

    def __post_init__(self) -> None:
        self.server, self.half_rtt = self.host.server, self.link.half_rtt
        self.steps = certain_steps(self.host.levels, self.half_rtt)

    @property
    def is_certain(self) -> bool:
        """Whether nothing can come between a step of a connection and the next.

        A SYN is answered and its connection accepted at once where the host is steady and the link whole
        (docs/adr/0005); for requests the server has to be one whose answers can be foreseen, too.
        """
        return self.server.foresees and self.host.is_steady and self.link.is_whole

    def ends(self, kernel: ClientKernel, destination: int, port: int) -> Endpoint:
        """The ends of a connection that did without them so far: the client's."""
        end = ends_of(kernel, self.host, self.link, destination=destination, port=port)
        kernel.levels.change(kernel.engine._now << 12 | self.steps.met_again)
        return end
