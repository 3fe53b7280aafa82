"""Life: what is recorded of one connection of a device, from its dial to the ends of both sides. It decides nothing."""

from sim.records.rows import ABSENT


class Life:
    """One row of `sessions`; it is written when neither end has the connection any more."""

    __slots__ = (
        "backend", "broke_at", "broken_until", "by", "closed_at", "connected_at", "device", "dialed_at", "lost_at",
        "noticed_at", "open_ends", "pings", "pongs", "received", "sent", "server_noticed_at", "tries", "up_at", "why",
    )  # fmt: skip

    def __init__(self, device: int, *, lost_at: int, tries: int, now: int) -> None:
        self.device, self.lost_at, self.tries, self.dialed_at = device, lost_at, tries, now
        self.backend = self.connected_at = self.up_at = ABSENT
        self.noticed_at = self.closed_at = self.server_noticed_at = ABSENT
        self.broke_at = self.broken_until = ABSENT
        """When path or peer failed under it last, and when that was or will be over."""
        self.why = self.by = ""
        """Why the first end gave it up, and which end that was: client or server."""
        self.sent = self.received = self.pings = self.pongs = 0
        """Messages of the client and of the server that came in; pings of either end, and their answers."""
        self.open_ends = 1

    def breaks(self, now: int, until: int) -> None:
        """Path or peer fail from now until then; what has failed already counts from its own beginning."""
        if self.broken_until < now:
            self.broke_at = now
        self.broken_until = max(self.broken_until, until)

    def heard(self, now: int) -> None:
        """An answer has come: what was broken, and is over, has done no harm."""
        if self.broken_until <= now:
            self.broke_at = self.broken_until = ABSENT

    def ends(self, why: str, by: str) -> None:
        """One of its ends gives it up; the first says why."""
        if not self.by:
            self.why, self.by = why, by
