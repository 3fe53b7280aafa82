"""Place: a backend as the devices of a fleet reach it: its host, the path to it, and who is connected there."""

from typing import Any

from models.kernel.host import ServerHost
from models.kernel.probes import Probes
from models.network.link import Link
from models.transport.site import Site


class Place:
    """One backend for one fleet. All devices have paths alike, so one `Link` stands for those of all of them."""

    __slots__ = ("host", "index", "link", "probes", "server", "sessions", "site")

    def __init__(self, site: Site, probes: Probes) -> None:
        self.site, self.index = site, site.index
        self.host: ServerHost = site.host
        self.server, self.link = site.server, site.link
        self.probes = probes
        """What the kernels of both ends ask while nothing is sent."""
        self.sessions: dict[Any, None] = {}
        """Sessions whose device has an end of a connection here."""

    @property
    def is_calm(self) -> bool:
        """Whether nothing is wrong with the path or the program."""
        link: Link = self.link
        return link.is_plain and link.blocked_until <= self.host.engine._now and not self.server.is_paused

    def disturbed(self, until: int | None) -> None:
        """A fault begins here; `until` says how long what it breaks is broken, None that it breaks nothing."""
        now = self.host.engine._now
        for session in list(self.sessions):
            if until is not None:
                session.life.breaks(now, until)
            session.disturbed()
