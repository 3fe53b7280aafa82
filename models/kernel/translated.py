"""TranslatedKernel: a client's kernel behind a NAT, which it tells of its closed connections. Not the NAT itself.

Simplified: the NAT sees a connection close when TIME_WAIT begins, or when the socket is gone: up to a round trip late.
"""

from models.kernel.host import ClientKernel
from models.kernel.socket import Endpoint


class TranslatedKernel(ClientKernel):
    """As any client's kernel; all of its paths have a NAT."""

    def time_wait(self, end: Endpoint) -> None:
        """The client closed first."""
        super().time_wait(end)
        end.link.nat.closed(end)

    def closed(self, end: Endpoint) -> None:
        """The server closed first, a reset came, or connect() failed."""
        super().closed(end)
        end.link.nat.closed(end)
