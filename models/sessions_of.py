"""SessionsOf: a world's fleets of devices: how they are put into it, and how its faults reach them."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from models.brokering import Brokers, has_mqtt
from models.kernel.counters import full_name
from models.kernel.keep_alive import KeepAlive
from models.kernel.middlebox import put_between
from models.kernel.probes import Probes
from models.mqtt.ledger import MQTT_LEVELS
from models.network.link import Link
from models.network.repair import Timeouts
from models.scenario import HostedService, Scenario
from models.sessions.clock import hit_at_random
from models.sessions.config import SessionConfig
from models.sessions.crowd import LEVELS, Crowd
from models.sessions.device import DeviceKernel
from models.sessions.life import Life
from models.sessions.place import Place
from models.sessions.seam import Dialect
from models.sessions.served import SERVER_ENDED
from models.sessions.session import RESET, Session
from models.sessions.silence import KEEP_ALIVE_OVER
from models.sessions.websocket import WebSocket
from models.transport.keep_alive import keep_alive_of
from models.transport.site import Site
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT
from sim.units import SECOND

HZ = 250
"""CONFIG_HZ of devices."""
MISJUDGED = ("no pong", "connection timed out", KEEP_ALIVE_OVER)
"""What an end concludes from silence alone."""
BROKEN = (*MISJUDGED, RESET, SERVER_ENDED)
"""Why sessions are over whose path or peer has failed."""
BREAKS = ("drop", "unreachable", "zone_loss", "pause")
"""Faults under which nothing that is sent is answered."""


def session_levels(scenario: Scenario) -> Iterator[str]:
    """The levels of a world with fleets of devices."""
    if scenario.sessions:
        yield from LEVELS
    if has_mqtt(scenario):
        yield from MQTT_LEVELS


def probes_of(client: KeepAlive | None, service: HostedService) -> Probes:
    """What the kernels of both ends of a connection with a service ask while nothing is sent."""
    return Probes(client, keep_alive_of(service))


class Sessions:
    """All fleets of a world."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self.brokers = Brokers(world)
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
                served.settle(now)
        for crowd in self.crowds:
            crowd.cut_off()
        self.brokers.cut_off()

    def count(self) -> dict[str, float]:
        """The counters of their kernels."""
        total: Counter[str] = Counter()
        for crowd in self.crowds:
            for name, n in crowd.kernel.count().items():
                total[full_name("client", name)] += n
        return dict(total) | self.brokers.count()

    def _crowd(self, name: str, config: SessionConfig) -> Crowd:
        world, service = self._world, self._world.scenario.services[config.service]
        backends = world.backends[config.service]
        kernel = DeviceKernel(world.engine, world.trace.levels, world.wheel(HZ))
        probes = probes_of(config.keep_alive.settings, service)
        dialect = self._dialect(name, config, world.streams.uniforms(f"{name}.protocol"))
        crowd = Crowd(name, config, kernel, world.trace.levels, dialect=dialect, probes=probes)
        crowd.is_secure, crowd.rtt = service.scheme == "https", round(world.scenario.network.rtt.mean_ns)
        network, timeouts = world.scenario.network, Timeouts(world.wheel(HZ).fires_at)
        links = [Link(network, world.streams, f"{name}.{i}", timeouts=timeouts) for i in range(service.backends)]
        for link in links:
            put_between(world.scenario.network.middlebox, link, probes)
        crowd.places = [
            Place(_site(world, index, link), probes) for index, link in zip(backends.indices, links, strict=True)
        ]
        crowd.draw = world.streams.uniforms(f"{name}.sessions")
        if config.lifetime is not None:
            crowd.draw_lifetime = world.streams.ints(f"{name}.lifetime", config.lifetime)
        crowd.choose, crowd.left = _chooser(world, config.service)
        crowd.record = _recorder(world, name)
        _set_in_motion(world, crowd)
        return crowd

    def _dialect(self, name: str, config: SessionConfig, draw: Callable[[], float]) -> Dialect:
        if config.mqtt is not None:
            return self.brokers.dialect(name, config, draw)
        assert config.websocket is not None, "one protocol is given"
        return WebSocket(config.websocket, draw)


def _set_in_motion(world: Any, crowd: Crowd) -> None:
    """The messages of a fleet, and what its devices suffer one by one."""
    config, name, streams = crowd.config, crowd.name, world.streams
    if config.websocket is not None and (told := config.websocket.messages) is not None:
        for rate, say, which in (
            (told.from_device, Session.say, "device"), (told.from_server, Session.hear_from_server, "server")
        ):  # fmt: skip
            if rate:
                hit_at_random(crowd, round(SECOND / rate), say, draw=streams.uniforms(f"{name}.messages.{which}"))
    if config.mqtt is not None and (publish := config.mqtt.publish) is not None:
        say = partial(_publish, crowd.dialect)
        hit_at_random(crowd, round(SECOND / publish.rate), say, draw=streams.uniforms(f"{name}.publish"))
    for stalls, stall, which in (
        (config.network_stalls, Session.cut, "network"), (config.process_stalls, Session.stop, "process")
    ):  # fmt: skip
        if stalls is not None:
            draw = streams.ints(f"{name}.{which}_stalls.lasts", stalls.lasts)
            chance = streams.uniforms(f"{name}.{which}_stalls")
            hit_at_random(crowd, stalls.every, partial(_stalled, stall, draw), draw=chance)


def _publish(dialect: Any, session: Session) -> None:
    if not session.is_stopped:
        dialect.publish(session.number)


def _stalled(stall: Callable[[Session, int], object], draw: Callable[[], int], session: Session) -> None:
    length = draw()  # drawn whatever becomes of it, so that two arms have the same stalls
    stall(session, length)


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
