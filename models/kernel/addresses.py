"""LocalAddresses: the addresses that sockets are bound to before connect(), each with ports of its own.

Which port of an address, `ports` knows. A socket that is not bound leaves from the address of its route.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from models.kernel.port_table import PortTable
from models.kernel.ports import ANY_DESTINATION, PortDraws, Ports
from models.kernel.sysctl import BindConfig, KernelConfig
from sim.engine.streams import Streams
from sim.engine.timers import NEVER

ADDRESS_SHIFT: Final = 32
"""A key holds the number of the address above the destination."""


class LocalAddresses(PortTable):
    """Local addresses that dials bind to in turn.

    Notes
    -----
    Explicit: bind(ip, 0) finds the port, unique per local address whatever the destination
    (net/ipv4/inet_connection_sock.c, inet_csk_find_open_port). Otherwise IP_BIND_ADDRESS_NO_PORT leaves the port to
    connect(): a full range for each address and destination. Simplified: a client binds always or never, so that no
    port bound explicitly on one address keeps connect() from it on another.
    """

    def __init__(self, each: list[Ports], *, explicit: bool) -> None:
        self._each, self.is_explicit = each, explicit
        self._next = 0
        self.on_takeover = _ignore
        for number, ports in enumerate(each):
            ports.on_takeover = partial(self._taken_over, number)

    def turn(self, destination: int) -> int:
        """The key of the next socket towards `destination`: its address and, unless bound explicitly, its peer."""
        number = self._next
        self._next = (number + 1) % len(self._each)
        return number << ADDRESS_SHIFT | (ANY_DESTINATION if self.is_explicit else destination)

    def bind(self, key: int, now: int) -> tuple[int | None, int]:
        """As `Ports.bind` or, explicit, `Ports.bind_local`, on the address of `key`."""
        ports, destination = self._each[key >> ADDRESS_SHIFT], key & ANY_DESTINATION
        return ports.bind_local(now) if destination == ANY_DESTINATION else ports.bind(destination, now)

    def linger(self, key: int, port: int, free_at: int, *, reusable_at: int = NEVER) -> None:
        """As `Ports.linger`."""
        self._each[key >> ADDRESS_SHIFT].linger(key & ANY_DESTINATION, port, free_at, reusable_at=reusable_at)

    def release(self, key: int, port: int) -> None:
        """As `Ports.release`."""
        self._each[key >> ADDRESS_SHIFT].release(key & ANY_DESTINATION, port)

    def _taken_over(self, number: int, destination: int, port: int, free_at: int) -> None:
        self.on_takeover(number << ADDRESS_SHIFT | destination, port, free_at)


def _ignore(key: int, port: int, free_at: int) -> None:
    """Nobody counts takeovers."""


def local_ports(config: KernelConfig, bind: BindConfig, streams: Streams, *, name: str) -> Ports | LocalAddresses:
    """The ports of a client: of one address, or of those that it binds to."""
    names = [name, *(f"{name}.address{i}" for i in range(1, bind.source_addresses))]
    each = [_ports(config, bind, streams, address) for address in names]
    if not bind.local_addr:
        return each[0]
    return LocalAddresses(each, explicit=not bind.bind_address_no_port)


def _ports(config: KernelConfig, bind: BindConfig, streams: Streams, name: str) -> Ports:
    low, high = bind.within(config.ip_local_port_range)
    draws = PortDraws(
        step=streams.integers(f"{name}.port_step", 0, 7),
        neighbours=_neighbours(config.pointer_neighbours, streams, name) if config.pointer_neighbours else int,
        start=partial(_start, streams, name),
        bind=streams.integers(f"{name}.port_bind", 0, (1 << 32) - 1),
    )
    step = 1 if bind.local_port_range is not None and config.version >= (6, 8) else 2
    return Ports(low, high, config.reserved_ports(), draws=draws, step=step)


def _neighbours(n: int, streams: Streams, name: str) -> Callable[[], int]:
    """How many connects of `n` neighbours come between two of one's own, all being equally busy.

    Of several Poisson streams at one rate, the number of the others' events between two of one's own is geometric.
    """
    drawn = streams[f"{name}.neighbours"]
    return lambda: int(drawn.geometric(1 / (n + 1))) - 1


def _start(streams: Streams, name: str, destination: int) -> int:
    """The same for a client and its destination, whichever it dials first: a hash in the kernel."""
    return int(streams[f"{name}.port_start.{destination}"].integers(1 << 32))
