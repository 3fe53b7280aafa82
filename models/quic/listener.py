"""Listener: where the datagrams of a backend arrive: whose connection they are of, and what becomes of strangers.

Not what is in them. Source: quic-go transport.go, handlePacket, maybeSendStatelessReset; RFC 9000, 8.1.2 and 10.3.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from models.quic.client_end import ClientEnd
from models.quic.config import Http3ServerConfig
from models.quic.life import On
from models.quic.packet import Datagram, Space
from models.quic.server_end import ServerEnd
from sim.engine.environment import Engine


class Listener:
    """The UDP socket of one backend. `accept(end)` gives a new connection its reader."""

    def __init__(  # parameters: what it stands between
        self,
        engine: Engine,
        host: Any,
        config: Http3ServerConfig,
        *,
        accept: Callable[[ServerEnd], object],
        counts: Counter[str],
    ) -> None:
        self.engine, self.host, self.server, self.config = engine, host, host.server, config
        self._accept, self.counts = accept, counts
        self._ends: dict[ClientEnd, ServerEnd] = {}

    def arrive(self, client: ClientEnd, datagram: Datagram) -> None:
        """A datagram is here; a program that is stopped finds it later in its buffer."""
        end = self._ends.get(client)
        if end is not None:
            end.arrive(datagram)
        elif self.host.is_dead:
            return  # quic-go does not listen to what ICMP says of it
        elif self.server.is_paused:
            self.server.later(self._arrive_late, (client, datagram))
        elif datagram.packets[0].space is Space.INITIAL:
            self._open(client, datagram)
        elif self.config.stateless_reset_key and not client.is_closed:
            self.counts["quic.stateless_resets"] += 1
            self._answer(client, datagram, _reset)

    def _arrive_late(self, held: tuple[ClientEnd, Datagram]) -> None:
        self.arrive(*held)

    def _open(self, client: ClientEnd, datagram: Datagram) -> None:
        if self.config.retry and not client.has_token:
            self.counts["quic.retries"] += 1
            self._answer(client, datagram, _retry)
            return
        end = self._ends[client] = ServerEnd(self, client, datagram, self.counts)
        self._accept(end)
        end.arrive(datagram)

    def _answer(self, client: ClientEnd, datagram: Datagram, take: Callable[[ClientEnd], object]) -> None:
        """A datagram without a connection: it comes once, or not."""
        link, now = client.link, self.engine._now
        if not link.loses_datagram(now) and client.path.address == datagram.address:
            self.engine.call_in(link.control_delay(), take, client)

    def forget(self, client: ClientEnd) -> None:
        """A connection is over."""
        self._ends.pop(client, None)


def _retry(client: ClientEnd) -> None:
    client.retried()


def _reset(client: ClientEnd) -> None:
    client.life.feed(On.RESET)
