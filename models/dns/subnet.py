"""Subnet: the host numbers of clients and backends on one network, and who of them is near to whom.

Source: glibc sysdeps/posix/getaddrinfo.c, rfc3484_sort, rule 9: of destinations on the source's subnet, the one with
the longer common prefix comes first; equal ones keep the answer's order. Go's own resolver leaves that rule out for
IPv4 (net/addrselect.go).
"""

from numpy.random import Generator

from models.dns.lookup import Addresses

HOST_BITS = 16
"""Of an address within the network: a cluster's."""


class Subnet:
    """Host numbers, drawn without repetition: those of the first backends, and after them those of clients."""

    def __init__(self, rng: Generator, n_hosts: int) -> None:
        self._numbers = (rng.choice((1 << HOST_BITS) - 2, n_hosts, replace=False) + 1).tolist()

    def number(self, host: int) -> int:
        """The host number of one."""
        number: int = self._numbers[host]
        return number

    def nearest_first(self, addresses: Addresses, source: int) -> Addresses:
        """Sort by the common prefix with `source`; whoever shares the same number of bits keeps his place."""
        own = self._numbers[source]
        return tuple(sorted(addresses, key=lambda each: (self._numbers[each] ^ own).bit_length()))
