"""Ports taken: the fullest destinations of a run, by name and with the range of each. Not how they are counted."""

from collections.abc import Iterable, Mapping

from models.kernel.addresses import ADDRESS_SHIFT
from models.kernel.ports import ANY_DESTINATION
from models.transport.round_trip import Transport

MOST_NAMED = 3
"""Pairs of client and destination that a summary names: there may be thousands."""


def ports_taken(clients: Iterable[tuple[str, Transport]], destinations: Mapping[int, str]) -> dict[str, int]:
    """Counters `ports_max:WHO` and `ports_range:WHO` of the pairs that took the largest share of their range.

    Parameters
    ----------
    clients
        Every instance of a client, by its name.
    destinations
        Names by the number under which ports are held.
    """
    found = [
        (n / size, _who(name, key, destinations), n, size)
        for name, transport in clients
        for size in [_range_of(transport)]
        for key, n in (transport.kernel.port_use.most() if transport.kernel.port_use else {}).items()
    ]
    fullest = sorted(found, key=lambda one: (-one[0], one[1]))[:MOST_NAMED]
    most = {f"ports_max:{who}": n for _, who, n, _ in fullest}
    return most | {f"ports_range:{who}": size for _, who, _, size in fullest}


def _range_of(transport: Transport) -> int:
    kernel = transport.config.kernel
    low, high = transport.config.dialer.within(kernel.ip_local_port_range)
    return high - low + 1 - sum(low <= port <= high for port in kernel.reserved_ports())


def _who(client: str, key: int, destinations: Mapping[int, str]) -> str:
    destination, address = key & ANY_DESTINATION, key >> ADDRESS_SHIFT
    source = f"{client} (address {address})" if address else client
    return source if destination == ANY_DESTINATION else f"{source} to {destinations[destination]}"
