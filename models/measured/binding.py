"""bind() before connect(): the measurements alloc-bind*. Mostly ports alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from models.kernel.addresses import LocalAddresses, PortTable, local_ports
from models.kernel.ports import ANY_DESTINATION, Ports
from models.kernel.sysctl import BindConfig, KernelConfig
from models.measured.allocation import Filling, range_of, set_up_of
from models.measured.bench import Bench
from models.measured.facts import Facts
from models.measured.quantity import Quantity, left_out, same
from sim.engine.streams import Streams
from sim.units import SECOND

ATTEMPTS = 110
OTHER_ADDRESS = "ports bound explicitly on one local address do not keep connect() from them on another here"
REUSEADDR = "Go's dialers do not set SO_REUSEADDR, so bind() with it is not simulated"


def bind_before_connect(facts: Facts) -> Iterator[Quantity]:
    """alloc-bind: explicit bind, IP_BIND_ADDRESS_NO_PORT, IP_LOCAL_PORT_RANGE, several source addresses."""
    result, ports_of = facts.part("result"), _maker(facts)
    yield from _explicit(result, Bench(replace(set_up_of(facts), bind=BindConfig(local_addr=True))))
    yield from _mixed(result, ports_of)
    yield from _no_port(result, ports_of)
    yield left_out("100_bound_on_other_local_ip_then_autobind", OTHER_ADDRESS)


def time_wait_of_bound(facts: Facts) -> Iterator[Quantity]:
    """alloc-bind-timewait: TIME_WAIT of explicitly bound sockets."""
    result, table = facts.part("result"), _maker(facts)(BindConfig())
    assert isinstance(table, Ports)
    found, _ = _until_none(lambda: table.bind_local(0))
    for port in found:
        table.linger(ANY_DESTINATION, port, 61 * SECOND)
    yield same("time_wait", [result.whole("time_wait")], [len(found)])
    auto, explicit = table.bind(1, SECOND)[0], table.bind_local(SECOND)[0]
    yield same("auto_bind_to_D2", [result.value("auto_bind_to_D2")], [_errno(auto, "EADDRNOTAVAIL")])
    yield same("explicit_bind", [result.value("explicit_bind")], [_errno(explicit, "EADDRINUSE")])
    yield left_out("explicit_bind_with_SO_REUSEADDR", REUSEADDR)


def released(_: Facts) -> Iterator[Quantity]:
    """alloc-bind-release: another address's explicit socket."""
    yield left_out("while_explicit_open, after_close", OTHER_ADDRESS)


def reuse_address(_: Facts) -> Iterator[Quantity]:
    """alloc-bind-reuseaddr: bind() with SO_REUSEADDR."""
    yield left_out("n, err, ports", REUSEADDR)


def explicit_port(_: Facts) -> Iterator[Quantity]:
    """tw-explicit-port: the same local port again and again."""
    yield left_out(
        "three_connects_from_port_40000", "no client here binds a port of its choice (Dialer.LocalAddr has 0)"
    )


Maker = Callable[[BindConfig], PortTable]


def _maker(facts: Facts) -> Maker:
    config = KernelConfig(ip_local_port_range=range_of(str(facts.part("setup").value("ip_local_port_range"))))
    return lambda bind: local_ports(config, bind, Streams(1), name="client")


def _explicit(result: Facts, bench: Bench) -> Iterator[Quantity]:
    name = "bind_then_connect_one_dst"
    first, found = result.part(name), Filling(bench, 0)
    yield same(f"{name}.n", [first.whole("n")], [len(found.ports)])
    yield same(f"{name}.err", [first.value("err")], [found.error])
    yield same(f"{name}.n_odd_first50", [first.whole("n_odd_first50")], [sum(port % 2 for port in found.ports[:50])])
    name = "bind_then_connect_second_dst_while_first_open"
    second = Filling(bench, 1)
    yield same(f"{name}.n", [result.part(name).whole("n")], [len(second.ports)])
    yield same(f"{name}.err", [result.part(name).value("err")], [second.error])


def _mixed(result: Facts, ports_of: Maker) -> Iterator[Quantity]:
    """Explicit and automatic binding on one address."""
    name = "autobind_second_dst_while_all_ports_explicitly_bound"
    table = ports_of(BindConfig())
    assert isinstance(table, Ports)
    _until_none(lambda: table.bind_local(0))
    auto, tried = _until_none(lambda: table.bind(1, 0))
    yield same(f"{name}.n", [result.part(name).whole("n")], [len(auto)])
    yield same(f"{name}.err", [result.part(name).value("err")], [_errno(tried, "EADDRNOTAVAIL")])
    name = "60_autobound_then_bind0"
    fresh = ports_of(BindConfig())
    assert isinstance(fresh, Ports)
    bound = {fresh.bind(0, 0)[0] for _ in range(60)}
    explicit, tried = _until_none(lambda: fresh.bind_local(0))
    yield same(f"{name}.n", [result.part(name).whole("n")], [len(explicit)])
    yield same(f"{name}.err", [result.part(name).value("err")], [_errno(tried, "bind:EADDRINUSE")])
    yield same(f"{name}.overlap", [result.part(name).whole("overlap")], [len(bound & {*explicit})])


def _no_port(result: Facts, ports_of: Maker) -> Iterator[Quantity]:
    """IP_BIND_ADDRESS_NO_PORT and IP_LOCAL_PORT_RANGE: connect() chooses."""
    name = "IP_BIND_ADDRESS_NO_PORT_two_dst"
    measured, table = result.part(name), ports_of(BindConfig(local_addr=True, bind_address_no_port=True))
    for number in (1, 2):
        found, tried = _until_none(lambda key=number: table.bind(key, 0))  # type: ignore[misc]
        yield same(f"{name}.n{number}", [measured.whole(f"n{number}")], [len(found)])
        yield same(f"{name}.err{number}", [measured.value(f"err{number}")], [_errno(tried, "EADDRNOTAVAIL")])
        if number == 1:
            even = sum(port % 2 == 0 for port in found[:50])
            yield same(f"{name}.n_even_first50", [measured.whole("n_even_first50")], [even])
    name = "IP_LOCAL_PORT_RANGE_40000_40019"
    narrow = ports_of(BindConfig(local_port_range=(40000, 40019)))
    found, tried = _until_none(lambda: narrow.bind(0, 0))
    yield same(f"{name}.n", [result.part(name).whole("n")], [len(found)])
    yield same(f"{name}.err", [result.part(name).value("err")], [_errno(tried, "EADDRNOTAVAIL")])
    three = ports_of(BindConfig(local_addr=True, bind_address_no_port=True, source_addresses=3))
    assert isinstance(three, LocalAddresses)
    keys = [three.turn(0) for _ in range(3)]
    each = [_until_none(lambda key=key: three.bind(key, 0)) for key in keys]  # type: ignore[misc]
    simulated = [[len(ports), _errno(tried, "EADDRNOTAVAIL")] for ports, tried in each]
    yield same("three_source_ips_no_port", result.items("three_source_ips_no_port"), simulated)


def _until_none(bind: Callable[[], tuple[int | None, int]]) -> tuple[list[int], int | None]:
    """The ports of binds until one fails, at most so many as were tried; and what the last one gave."""
    found: list[int] = []
    for _ in range(ATTEMPTS):
        port, _ = bind()
        if port is None:
            return found, None
        found.append(port)
    return found, found[-1]


def _errno(port: int | None, name: str) -> str:
    return name if port is None else f"success (port {port})"
