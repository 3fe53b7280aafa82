"""SessionsOf: a world's fleets of devices: how they are put into it, and how its faults reach them."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from models.kernel.counters import full_name
from models.network.link import Link
from models.scenario import Scenario
from models.sessions.config import SessionConfig
from models.sessions.crowd import LEVELS, Crowd
from models.sessions.device import DeviceKernel
from models.sessions.keep_alive import Probes
from models.sessions.life import Life
from models.sessions.place import Place
from models.sessions.seam import Dialect
from models.sessions.served import SERVER_ENDED
from models.sessions.session import RESET
from models.sessions.websocket import WebSocket
from models.transport.config import minor
from models.transport.keep_alive import keep_alive
from models.transport.site import Site
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT

HZ = 250
"""CONFIG_HZ of devices."""
MISJUDGED = ("no pong", "connection timed out")
"""What an end concludes from silence alone."""
BROKEN = (*MISJUDGED, RESET, SERVER_ENDED)
"""Why sessions are over whose path or peer has failed."""
BREAKS = ("drop", "unreachable", "zone_loss", "pause")
"""Faults under which nothing that is sent is answered."""


def session_levels(scenario: Scenario) -> Iterator[str]:
    """The levels of a world with fleets of devices."""
    if scenario.sessions:
        yield from LEVELS


class Sessions:
    """All fleets of a world."""

    def __init__(self, world: Any, go_of_servers: str) -> None:
        self._world, self._go_of_servers = world, go_of_servers
        self.crowds = [self._crowd(name, config) for name, config in world.scenario.sessions.items()]
        self._places: dict[int, list[Place]] = {}
        for crowd in self.crowds:
            for place in crowd.places:
                self._places.setdefault(place.index, []).append(place)
        for index in self._places:
            world.hosts[index].server.on_stop = partial(self._stopped, index)
        for crowd in self.crowds:
            crowd.begin()

    def site(self, index: int) -> Site:
        """A backend, as some device reaches it, or would."""
        places = self._places.get(index)
        if places:
            return places[0].site
        return _site(self._world, index, Link(self._world.scenario.network, self._world.streams, f"nobody.{index}"))

    def links(self, index: int) -> list[Link]:
        """The paths from all devices to a backend."""
        return [place.link for place in self._places.get(index, ())]

    def disturbed(self, kind: str, index: int, until: int) -> None:
        """A fault of that kind begins at a backend, and lasts until then."""
        ends_at = self._world.ends_at
        breaks = (until if until <= ends_at else NEVER) if kind in BREAKS else None
        self._disturb(index, breaks)

    def _stopped(self, index: int) -> None:
        """Its program stops: by a fault, or to collect its garbage; it is not known for how long."""
        self._disturb(index, self._world.engine.now)

    def _disturb(self, index: int, until: int | None) -> None:
        for place in self._places.get(index, ()):
            place.disturbed(until)
        for served in list(self._world.hosts[index].server.hijacked) if index in self._places else ():
            served.disturbed()

    def cut_off(self) -> None:
        """The run ends."""
        now = self._world.engine.now
        for index in self._places:
            for served in self._world.hosts[index].server.hijacked:
                served.speaker.settle(now)
        for crowd in self.crowds:
            crowd.cut_off()

    def count(self) -> dict[str, float]:
        """The counters of their kernels."""
        total: Counter[str] = Counter()
        for crowd in self.crowds:
            for name, n in crowd.kernel.count().items():
                total[full_name("client", name)] += n
        return dict(total)

    def _crowd(self, name: str, config: SessionConfig) -> Crowd:
        world, service = self._world, self._world.scenario.services[config.service]
        backends = world.backends[config.service]
        kernel = DeviceKernel(world.engine, world.trace.levels, world.wheel(HZ))
        probes = Probes(
            client=config.keep_alive.settings, server=keep_alive(service.keep_alive, minor(self._go_of_servers))
        )
        crowd = Crowd(name, config, kernel, world.trace.levels, dialect=_dialect(config), probes=probes)
        crowd.is_secure, crowd.rtt = service.scheme == "https", round(world.scenario.network.rtt.mean_ns)
        links = [Link(world.scenario.network, world.streams, f"{name}.{i}") for i in range(service.backends)]
        crowd.places = [
            Place(_site(world, index, link), probes) for index, link in zip(backends.indices, links, strict=True)
        ]
        crowd.draw = world.streams.uniforms(f"{name}.sessions")
        if config.lifetime is not None:
            crowd.draw_lifetime = world.streams.ints(f"{name}.lifetime", config.lifetime)
        crowd.choose, crowd.left = _chooser(world, config.service)
        crowd.record = _recorder(world, name)
        return crowd


def _dialect(config: SessionConfig) -> Dialect:
    assert config.websocket is not None, "one protocol is given"
    return WebSocket(config.websocket)


def _site(world: Any, index: int, link: Link) -> Site:
    levels, level = world.trace.levels, f"c_estab_b{index}"
    service = world.service_at(index)
    number = world.backends[service].indices.index(index)
    return Site(
        index=index, host=world.hosts[index], link=link, tls=world.scenario.services[service].tls,
        remote=world.trace.vocabulary[f"{service}.{number}"], rise=levels.rise(level), fall=levels.fall(level),
    )  # fmt: skip


def _chooser(world: Any, service: str) -> tuple[Callable[[], int | None], Callable[[int], object] | None]:
    """Which backend of a service a device's next connection goes to, and who is told when it is over.

    Behind one address its balancer chooses. A name that DNS answers, or a pool for each backend, stands for all that
    are ready, in turn; otherwise it is the first backend. Simplified: no device waits for a lookup.
    """
    backends = world.backends[service]
    address, first = backends.virtual_address, backends.indices[0]
    if address is not None:
        n = len(backends.indices)

        def choose() -> int | None:
            index: int = address.choose(next(numbers))
            return index - first if index - first in range(n) else None

        numbers = count()
        return choose, address.closed
    if backends.config.resolve.by in ("literal", "hosts"):
        return (lambda: 0), None
    turn = count()

    def in_turn() -> int | None:
        ready = [one.index for one in backends.endpoints.ready]
        return ready[next(turn) % len(ready)] - first if ready else None

    return in_turn, None


def _recorder(world: Any, name: str) -> Callable[[Life], object]:
    """Writes the row of a life of a device of a fleet."""
    rows, words = world.trace.tables["sessions"], world.trace.vocabulary
    fleet = words[name]

    def record(life: Life) -> None:
        is_misjudged = life.why in MISJUDGED and life.broke_at != ABSENT and life.broken_until != NEVER
        broke_at = life.broke_at if life.why in BROKEN else ABSENT
        rows.append(
            fleet, life.device, life.backend, life.lost_at, life.tries, life.dialed_at, life.connected_at, life.up_at,
            broke_at, life.noticed_at, life.closed_at, life.server_noticed_at, words[life.why], words[life.by],
            is_misjudged, life.sent, life.received, life.pings, life.pongs,
        )  # fmt: skip

    return record
