"""Faults between a client and a backend: packets, handshakes, names."""

from models.kernel.connect import EHOSTUNREACH, ENETUNREACH
from models.timeline.effect import Effect, Hit
from models.transport.errors import CERTIFICATE_EXPIRED, CERTIFICATE_OF_ANOTHER


def _drop(hit: Hit) -> None:
    hit.world.break_paths(hit.site.index, hit.until)


def _cut_off(hit: Hit) -> None:
    hit.world.break_paths(hit.site.index, hit.until, EHOSTUNREACH if hit.fault.kind == "host" else ENETUNREACH)


def _stall_tls(hit: Hit) -> None:
    hit.site.host.stalls_tls = True


def _heal_tls(hit: Hit) -> None:
    hit.site.host.stalls_tls = False


def _lose(hit: Hit) -> None:
    for link in hit.world.links_of(hit.site.index):
        link.lose(hit.fault.share)


def _lose_no_more(hit: Hit) -> None:
    for link in hit.world.links_of(hit.site.index):
        link.lose(0)


def _block_udp(hit: Hit) -> None:
    for link in hit.world.links_of(hit.site.index):
        link.udp_blocked_until = hit.until


def _spoil_certificate(hit: Hit) -> None:
    host, service = hit.site.host, hit.world.service_at(hit.site.index)
    expired = hit.fault.reason == "expired"
    host.bad_certificate = CERTIFICATE_EXPIRED if expired else CERTIFICATE_OF_ANOTHER.format(f"not-{service}", service)
    host.resumes_sessions = not expired


def _renew_certificate(hit: Hit) -> None:
    hit.site.host.bad_certificate, hit.site.host.resumes_sessions = "", True


PATH_FAULTS = {
    "drop": Effect(_drop),
    "unreachable": Effect(_cut_off),
    "tls_stall": Effect(_stall_tls, _heal_tls),
    "udp_block": Effect(_block_udp),
    "loss": Effect(_lose, _lose_no_more),
    "bad_certificate": Effect(_spoil_certificate, _renew_certificate),
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
