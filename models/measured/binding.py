"""bind() before connect(): the measurements alloc-bind*."""

from collections.abc import Iterator
from dataclasses import replace

from models.kernel.ports import ANY_DESTINATION
from models.kernel.sysctl import BindConfig
from models.measured.allocation import ERRNO, Filling, set_up_of
from models.measured.bench import Bench, SetUp, close_now
from models.measured.facts import Facts
from models.measured.quantity import Quantity, left_out, same
from sim.units import MS, SECOND

OTHER_ADDRESS = "ports bound explicitly on one local address do not keep connect() from them on another here"
REUSEADDR = "Go's dialers do not set SO_REUSEADDR, so bind() with it is not simulated"


def bind_before_connect(facts: Facts) -> Iterator[Quantity]:
    """alloc-bind: explicit bind, IP_BIND_ADDRESS_NO_PORT, IP_LOCAL_PORT_RANGE, several source addresses."""
    result, plain = facts.part("result"), set_up_of(facts)
    yield from _explicit(result, Bench(replace(plain, bind=BindConfig(local_addr=True))))
    yield from _mixed(result, plain)
    yield from _no_port(result, plain)
    yield left_out("100_bound_on_other_local_ip_then_autobind", OTHER_ADDRESS)


def time_wait_of_bound(facts: Facts) -> Iterator[Quantity]:
    """alloc-bind-timewait: TIME_WAIT of explicitly bound sockets."""
    result, plain = facts.part("result"), set_up_of(facts, tcp_tw_reuse=2)
    bench = Bench(replace(plain, bind=BindConfig(local_addr=True)))
    while (done := bench.connected()).end is not None:
        close_now(done)
        bench.run(bench.engine.now + MS)
    yield same("time_wait", [result.whole("time_wait")], [len(bench.ports.lingers)])
    mixed = Bench(plain)
    for port in _bound(mixed):
        mixed.ports.linger(ANY_DESTINATION, port, 61 * SECOND)
    auto = mixed.connected(1)
    yield same("auto_bind_to_D2", [result.value("auto_bind_to_D2")], [ERRNO.get(auto.error, auto.error)])
    explicit = ERRNO.get(done.error, done.error).removeprefix("bind:")
    yield same("explicit_bind", [result.value("explicit_bind")], [explicit])
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


def _explicit(result: Facts, bench: Bench) -> Iterator[Quantity]:
    name = "bind_then_connect_one_dst"
    first, found = result.part(name), Filling(bench, 0)
    yield from _filled(name, first, found)
    yield same(f"{name}.n_odd_first50", [first.whole("n_odd_first50")], [sum(port % 2 for port in found.ports[:50])])
    name = "bind_then_connect_second_dst_while_first_open"
    yield from _filled(name, result.part(name), Filling(bench, 1))


def _mixed(result: Facts, plain: SetUp) -> Iterator[Quantity]:
    """Explicit and automatic binding on one address."""
    name = "autobind_second_dst_while_all_ports_explicitly_bound"
    bench = Bench(plain)
    _bound(bench)
    yield from _filled(name, result.part(name), Filling(bench, 1))
    name = "60_autobound_then_bind0"
    measured, bench = result.part(name), Bench(plain)
    auto = [bench.connected().end for _ in range(60)]
    explicit = _bound(bench)
    yield same(f"{name}.n", [measured.whole("n")], [len(explicit)])
    overlap = {end.local_port for end in auto if end is not None} & {*explicit}
    yield same(f"{name}.overlap", [measured.whole("overlap")], [len(overlap)])
    yield left_out(f"{name}.err", "a client binds always or never here, and who mixes both has no error of its own")


def _no_port(result: Facts, plain: SetUp) -> Iterator[Quantity]:
    """IP_BIND_ADDRESS_NO_PORT and IP_LOCAL_PORT_RANGE: connect() chooses."""
    name = "IP_BIND_ADDRESS_NO_PORT_two_dst"
    measured = result.part(name)
    bench = Bench(replace(plain, bind=BindConfig(local_addr=True, bind_address_no_port=True)))
    first, second = Filling(bench, 0), Filling(bench, 1)
    for number, found in ((1, first), (2, second)):
        yield same(f"{name}.n{number}", [measured.whole(f"n{number}")], [len(found.ports)])
        yield same(f"{name}.err{number}", [measured.value(f"err{number}")], [found.error])
    even = sum(port % 2 == 0 for port in first.ports[:50])
    yield same(f"{name}.n_even_first50", [measured.whole("n_even_first50")], [even])
    name = "IP_LOCAL_PORT_RANGE_40000_40019"
    narrow = Bench(replace(plain, bind=BindConfig(local_port_range=(40000, 40019))))
    yield from _filled(name, result.part(name), Filling(narrow, 0))
    addresses = BindConfig(local_addr=True, bind_address_no_port=True, source_addresses=3)
    bench = Bench(replace(plain, bind=addresses))
    found = Filling(bench, 0)  # from one address after the other, in turn
    others = [bench.connected().error for _ in range(2)]
    errors = [found.error, *(ERRNO.get(error, error) for error in others)]
    simulated = [[len(found.ports[i::3]), error] for i, error in enumerate(errors)]
    yield same("three_source_ips_no_port", result.values("three_source_ips_no_port"), simulated)


def _filled(name: str, measured: Facts, found: Filling) -> Iterator[Quantity]:
    yield same(f"{name}.n", [measured.whole("n")], [len(found.ports)])
    yield same(f"{name}.err", [measured.value("err")], [found.error])


def _bound(bench: Bench) -> list[int]:
    """Explicit binds until there is no port."""
    found: list[int] = []
    while (port := bench.ports.bind_local()) is not None:
        found.append(port)
    return found
