"""Faults between a client and a backend: packets, handshakes, names."""

from models.kernel.connect import EHOSTUNREACH, ENETUNREACH
from models.timeline.effect import Effect, Hit


def _drop(hit: Hit) -> None:
    hit.world.break_paths(hit.site.index, hit.until)


def _cut_off(hit: Hit) -> None:
    hit.world.break_paths(hit.site.index, hit.until, EHOSTUNREACH if hit.fault.kind == "host" else ENETUNREACH)


def _stall_tls(hit: Hit) -> None:
    hit.site.host.stalls_tls = True


def _heal_tls(hit: Hit) -> None:
    hit.site.host.stalls_tls = False


PATH_FAULTS = {
    "drop": Effect(_drop),
    "unreachable": Effect(_cut_off),
    "tls_stall": Effect(_stall_tls, _heal_tls),
}


def _silence_dns(hit: Hit) -> None:
    for resolver in hit.world.resolvers_of(hit.site.index):
        resolver.down_until = hit.until


def _leave_dns(hit: Hit) -> None:
    for resolver in hit.world.resolvers_of(hit.site.index):
        resolver.absent.add(hit.site.index)


def _enter_dns(hit: Hit) -> None:
    for resolver in hit.world.resolvers_of(hit.site.index):
        resolver.absent.discard(hit.site.index)


NAME_FAULTS = {
    "dns_down": Effect(_silence_dns),
    "leave_dns": Effect(_leave_dns, _enter_dns),
}
"""Faults that happen to what a name answers, not to a backend."""
