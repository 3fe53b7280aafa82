"""What a dialer binds to before connect(), as measured on Linux 6.18 (alloc-bind, range 40000 to 40099)."""

from itertools import pairwise
from typing import Any

import pytest

from models.kernel.addresses import LocalAddresses, local_ports
from models.kernel.ports import Ports
from models.kernel.sysctl import BindConfig, KernelConfig
from models.transport.config import DialerConfig
from sim.engine.streams import Streams
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service

RANGE = (40000, 40099)


def ports_of(*, size: int = 100, release: str = "6.18", **bind: Any) -> Ports | LocalAddresses:
    config = KernelConfig(ip_local_port_range=(40000, 40000 + size - 1), release=release)
    return local_ports(config, BindConfig(**bind), Streams(1), name="c")


def bound(ports: Any, n: int, destination: int = 0) -> list[int | None]:
    """What n dials to a destination get, all kept open."""
    return [ports.bind(ports.turn(destination), 0)[0] for _ in range(n)]


def test_an_explicit_bind_takes_the_parity_that_connect_leaves_for_last() -> None:
    found = bound(ports_of(local_addr=True), 101)

    assert {port % 2 for port in found[:50] if port is not None} == {1}, "100 binds, the first 50 all odd"
    assert sorted(port for port in found if port is not None) == list(range(40000, 40100))
    assert found[100] is None, "the 101st: EADDRINUSE"


def test_an_explicitly_bound_port_is_taken_for_every_destination() -> None:
    ports = ports_of(local_addr=True)
    bound(ports, 100, destination=0)

    assert bound(ports, 1, destination=1) == [None]


def test_a_bind_without_port_leaves_a_full_range_for_each_destination() -> None:
    ports = ports_of(local_addr=True, bind_address_no_port=True)

    first, second = bound(ports, 101, destination=0), bound(ports, 101, destination=1)

    assert [len(set(found) - {None}) for found in (first, second)] == [100, 100]
    assert {port % 2 for port in first[:50] if port is not None} == {0}, "even first, as connect() does"


def test_three_source_addresses_have_a_full_range_each() -> None:
    ports = ports_of(local_addr=True, bind_address_no_port=True, source_addresses=3)

    found = bound(ports, 303)

    assert sum(port is not None for port in found) == 300, "3 x 100"


def test_addresses_take_turns() -> None:
    ports = ports_of(local_addr=True, source_addresses=3)
    assert isinstance(ports, LocalAddresses)

    assert [ports.turn(5) >> 32 for _ in range(6)] == [0, 1, 2, 0, 1, 2]


def test_a_ports_socket_option_narrows_the_range_and_knows_no_parity() -> None:
    ports = ports_of(local_addr=True, bind_address_no_port=True, local_port_range=(40000, 40019))

    found = bound(ports, 21)

    assert sorted(port for port in found if port is not None) == list(range(40000, 40020)), "20 of 20"
    assert {port % 2 for port in found[:6] if port is not None} == {0, 1}, "step 1, one pass"


def test_before_6_8_the_socket_option_keeps_the_parity() -> None:
    ports = ports_of(local_addr=True, bind_address_no_port=True, local_port_range=(40000, 40019), release="6.7")

    assert {port % 2 for port in bound(ports, 10) if port is not None} == {0}


def test_a_bound_outside_the_sysctls_range_does_not_count() -> None:
    assert BindConfig(local_port_range=(30000, 40050)).within(RANGE) == (40000, 40050)
    assert BindConfig(local_port_range=(40050, 60000)).within(RANGE) == (40050, 40099)


def test_a_destination_has_the_same_first_port_whichever_is_dialed_first() -> None:
    one, other = ports_of(), ports_of()

    found = {0: one.bind(0, 0)[0], 1: one.bind(1, 0)[0]}

    assert {1: other.bind(1, 0)[0], 0: other.bind(0, 0)[0]} == found
    assert found[0] != found[1], "a pointer of its own each (secure_ipv4_port_ephemeral)"


@pytest.mark.parametrize("fields", [{"source_addresses": 2}, {"bind_address_no_port": True}])
def test_what_concerns_bind_needs_a_bind(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="set local_addr to true as well"):
        BindConfig(**fields)


def test_a_reversed_range_is_refused() -> None:
    with pytest.raises(ValueError, match="write the lower bound first"):
        BindConfig(local_port_range=(40010, 40000))


def a_binding_lab(n_ports: int, *, services: int = 1, **bind: Any) -> Lab:
    """Every request has its own connection, closed by the client, from an address that it binds to."""
    kernel = KernelConfig(ip_local_port_range=(40000, 40000 + n_ports - 1), connect_scan_cost=0)
    client = a_client(kernel=kernel, dialer=DialerConfig(timeout=0, local_addr=True, **bind), transport=CLOSING)
    return a_lab(client=client, services={f"h{i}": a_service() for i in range(services)})


CLOSING = {"max_idle_conns_per_host": -1}


def test_an_explicit_port_in_time_wait_blocks_every_destination() -> None:
    lab = a_binding_lab(1, services=2)
    lab.ask("A", 0, host="h0")
    lab.ask("B", 2_000, host="h1")

    requests = lab.run(3_000).requests

    assert (requests["A"].err, requests["B"].err) == ("", "address already in use"), "alloc-bind-timewait"


def test_the_time_wait_of_an_explicit_port_ends() -> None:
    lab = a_binding_lab(1)
    lab.ask("A", 0)

    kernel = lab.run().transport.kernel

    assert kernel.addresses is not None
    assert kernel.ports.bind(kernel.addresses.turn(0), 63 * SECOND)[0] == 40000


def test_a_second_address_is_a_second_range() -> None:
    lab = a_binding_lab(1, source_addresses=2)
    for number in range(3):
        lab.ask(f"{number}", number * 100)

    requests = lab.run().requests

    assert [requests[f"{number}"].err for number in range(3)] == ["", "", "address already in use"]


def test_eaddrinuse_is_not_tried_again() -> None:
    kernel = KernelConfig(ip_local_port_range=(40000, 40000), connect_scan_cost=MS)
    client = a_client(kernel=kernel, dialer=DialerConfig(timeout=0, local_addr=True), transport=CLOSING)
    lab = a_lab(client=client)
    lab.ask("A", 0)
    lab.ask("B", 100)

    assert lab.run().requests["B"].t_done == 101, "one scan of one port; EADDRNOTAVAIL would take three"


def test_neighbours_move_the_pointer_as_often_as_the_client_itself() -> None:
    config = KernelConfig(pointer_neighbours=4)
    ports = local_ports(config, BindConfig(), Streams(1), name="c")
    found = [ports.bind(0, 0)[0] or 0 for _ in range(2001)]

    # alone: 9 on average, one of 2, 4 ... 16 (alloc-100); 28,232 ports in the range
    steps = [(after - before) % 28_232 for before, after in pairwise(found)]
    fresh = [step for step in steps if step < 1000]
    assert 41 < sum(fresh) / len(fresh) < 49, "five as busy as one another: 5 x 9"
    assert min(fresh) == 2, "now and then nobody else connects in between"
