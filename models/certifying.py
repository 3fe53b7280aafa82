"""Certifying: a world's issuers and who holds their certificates, and what its handshakes came to. Not how they run."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from models.certificates.certificate import Certificate
from models.certificates.check import is_certified, is_mutual
from models.certificates.config import CertificateConfig
from models.certificates.holder import Holder, RenewedHolder
from models.certificates.issuer import Issuer
from models.counting import instances_of
from models.tls.tally import Tally
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT
from sim.units import SECOND, US


class Certificates:
    """The issuers of a world and its holders; neither where no certificate's time matters."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._before = Spent()
        scenario = world.scenario
        self._has_tls = any(service.scheme == "https" for service in scenario.services.values())
        if self._has_tls and scenario.warmup:
            world.engine.call_at(scenario.warmup, self._warm)
        self.issuers = {name: Issuer(name, config) for name, config in scenario.issuers.items()}
        self._of_clients: dict[str, list[Holder]] = {}
        self._of_services: dict[str, list[Holder]] = {}
        if is_certified(scenario):
            self._hold()
        if is_mutual(scenario) or is_certified(scenario):
            for transport in (each for group in world.transports.values() for each in group):
                transport.dialer.tally.record = self._recorder(transport.log.label)

    def issuer(self, name: str) -> Issuer:
        """The issuer of this name; the only one, where none is named."""
        return self.issuers[name] if name else next(iter(self.issuers.values()))

    def holders(self, client: str, service: str, backend: int | str) -> list[Holder]:
        """Those of a client's instances, or of a service's backends, or of one of these."""
        if client:
            return self._of_clients[client]
        holders = self._of_services[service]
        return holders if isinstance(backend, str) else [holders[backend]]

    def count(self) -> dict[str, float]:
        """`issuer:NAME.issued` and `.refused`, and what handshakes came to, where there are any."""
        total: dict[str, float] = {}
        for name, issuer in self.issuers.items():
            total |= {f"issuer:{name}.{what}": issuer.counts[what] for what in ("issued", "refused")}
        return total | (count_handshakes(self._world, self._before) if self._has_tls else {})

    def _warm(self, _: object) -> None:
        """The warm-up ends: shares are of what comes from now on."""
        self._before = spent_of(self._world)

    def _hold(self) -> None:
        world, scenario = self._world, self._world.scenario
        for name, client in scenario.clients.items():
            config = client.tls.certificate or CertificateConfig()
            owners = instances_of(name, client)
            self._of_clients[name] = [self._holder(owner, config) for owner in owners]
            for transport, holder in zip(world.transports[name], self._of_clients[name], strict=True):
                transport.dialer.holder = holder
        for name, service in scenario.services.items():
            indices = world.backends[name].indices
            config = service.tls.certificate
            self._of_services[name] = [self._holder(f"{name}.{i}", config) for i in range(len(indices))]
            for index, holder in zip(indices, self._of_services[name], strict=True):
                world.hosts[index].server.holder = holder

    def _holder(self, owner: str, config: CertificateConfig) -> Holder:
        world = self._world
        if not config.issuer:
            begins, ends = config.not_before, config.not_after
            fixed = Certificate(-NEVER if begins is None else begins, NEVER if ends is None else ends)
            return Holder(world.engine, fixed)
        draw, label = world.streams.uniforms(f"{owner}.certificate"), world.trace.vocabulary[owner]
        return RenewedHolder(world.engine, self.issuers[config.issuer], draw, partial(self._note, label))

    def _note(self, label: int, shown: Certificate, before: Certificate | None) -> None:
        now = self._world.engine.now
        left = ABSENT if before is None else max(before.not_after - now, 0)
        self._world.trace.tables["certificates"].append(now, label, shown.not_after, left)

    def _recorder(self, label: int) -> Callable[[int, bool, str], None]:
        rows, words, engine = self._world.trace.tables["handshakes"], self._world.trace.vocabulary, self._world.engine

        def record(backend: int, resumed: bool, err: str) -> None:
            rows.append(engine.now, label, backend, resumed, words[err] if err else 0)

        return record


class Spent(NamedTuple):
    """CPU time so far, s, of both ends."""

    tls_client: float = 0.0
    tls_server: float = 0.0
    client: float = 0.0
    """Of requests that went over TLS."""
    server: float = 0.0


def count_handshakes(world: Any, before: Spent) -> dict[str, float]:
    """Ends of handshakes, their bytes and CPU time at both ends, and its share beside the CPU time of requests."""
    tallies = list(_tallies(world))
    failed = sum((tally.failed for tally in tallies), Counter[str]())
    spent = spent_of(world)
    total: dict[str, float] = {
        "handshakes_full": sum(tally.full for tally in tallies),
        "handshakes_resumed": sum(tally.resumed for tally in tallies),
        "handshakes_failed": failed.total(),
        **{f"handshake_err:{err}": n for err, n in failed.items()},
        "tls_bytes_sent": sum(tally.bytes_sent for tally in tallies),
        "tls_bytes_received": sum(tally.bytes_received for tally in tallies),
        "tls_cpu_client": spent.tls_client,
        "tls_cpu_server": spent.tls_server,
        "request_cpu_client": spent.client,
        "request_cpu_server": spent.server,
    }
    warm = Spent(*(now - then for now, then in zip(spent, before, strict=True)))
    total |= _share("handshake_share_client", warm.tls_client, warm.client)
    total |= _share("handshake_share_server", warm.tls_server, warm.server)
    return total | _share("handshake_share", warm.tls_client + warm.tls_server, warm.client + warm.server)


def _share(name: str, handshakes: float, requests: float) -> dict[str, float]:
    return {name: handshakes / (handshakes + requests)} if handshakes + requests else {}


def _tallies(world: Any) -> Iterator[Tally]:
    yield from (transport.dialer.tally for group in world.transports.values() for transport in group)


def spent_of(world: Any) -> Spent:
    """CPU time so far of handshakes, and of the requests that connections over TLS carry: overheads, and programs.

    Simplified: of a service of several versions, the overhead of the one that runs counts for all of its requests.
    """
    client = server = 0.0
    for transport in (each for group in world.transports.values() for each in group):
        for index, n in transport.dialer.tally.carried_with(transport.connections).items():
            own = world.hosts[index].server
            client += n * transport.config.overhead
            server += n * own.overhead if own.program is None else 0
    programs = [program for program in world.programs if world.hosts[program.home.index].server.negotiates]
    server += sum(program.count()["cpu.usage_usec"] for program in programs) * US
    tallies = list(_tallies(world))
    spent = sum(tally.client_cpu for tally in tallies), sum(tally.server_cpu for tally in tallies)
    return Spent(*(ns / SECOND for ns in (*spent, client, server)))
