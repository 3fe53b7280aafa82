"""Sockets: what a Linux kernel reports of them (sock:inet_sock_set_state), and the addresses of a scenario, declared.

Source: net/ipv4/af_inet.c, inet_sk_state_store; net/ipv4/tcp_minisocks.c, tcp_time_wait; measured on Linux 6.18
(linux_tcp.md, 3). Three things that a reader of a state diagram does not expect:

- TIME_WAIT is never a new state: a mini socket takes the place of the full one, which goes to CLOSE.
- Go closes with close(2), so the end that closes is an orphan, and becomes a mini socket as soon as its FIN is
  acknowledged: FIN_WAIT2 to CLOSE at once, and nothing when TIME_WAIT begins. Simplified: also where tcp_fin_timeout is
  above 60 s, which keeps a full socket for the excess.
- A request that waits for the final ACK is no socket; LISTEN to SYN_RECV to ESTABLISHED come together, at that ACK.
"""

from ipaddress import IPv4Address
from itertools import pairwise

from models.backend.message import HEADER_BYTES
from models.scenario import Scenario
from models.watching import clients_of
from sim.records.sockets import MessageSizes, Pair, Program, SocketView

NAMES = (
    "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK",
    "LISTEN", "CLOSING", "NEW_SYN_RECV",
)  # fmt: skip
"""States by number (include/net/tcp_states.h), as bcc spells them (src/python/bcc/tcp.py)."""
_STATES = {name: number for number, name in enumerate(NAMES)}


def _pairs(*steps: str) -> tuple[Pair, ...]:
    """`A>B>C`: from A to B, and from B to C."""
    states = [[_STATES[name] for name in step.split(">")] for step in steps]
    return tuple((old, new) for each in states for old, new in pairwise(each))


_AS_THEY_ARE = _pairs(
    "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>CLOSING>CLOSE", "SYN_SENT>CLOSE", "FIN_WAIT1>CLOSE", "ESTABLISHED>CLOSE",
    "ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE", "CLOSE_WAIT>CLOSE", "CLOSE>LISTEN>CLOSE",
)  # fmt: skip
_INTO_MINI_SOCKET = _pairs("FIN_WAIT1>FIN_WAIT2>CLOSE")
REPORTED = {
    **{pair: (pair,) for pair in _AS_THEY_ARE},
    _pairs("NEW_SYN_RECV>ESTABLISHED")[0]: _pairs("LISTEN>SYN_RECV>ESTABLISHED"),
    _pairs("FIN_WAIT1>FIN_WAIT2")[0]: _INTO_MINI_SOCKET,
    _pairs("FIN_WAIT1>TIME_WAIT")[0]: _INTO_MINI_SOCKET,
    _pairs("CLOSING>TIME_WAIT")[0]: _pairs("CLOSING>CLOSE"),
}
"""What a kernel reports of each change that is recorded."""
IN_PROCESS = frozenset(_pairs("CLOSE>SYN_SENT", "ESTABLISHED>FIN_WAIT1", "CLOSE_WAIT>LAST_ACK", "CLOSE>LISTEN>CLOSE"))
"""Changes in a system call of the program: connect(), close(), listen(). Simplified: a close() with unread data, and
one in SYN_SENT, look like the RST or time-out that gives the same change."""

FIRST_CLIENT, FIRST_BACKEND = IPv4Address("10.0.0.5"), IPv4Address("10.1.0.7")
FIRST_VIRTUAL = IPv4Address("10.96.0.1")
FIRST_CLIENT_PID, FIRST_BACKEND_PID = 4711, 5300
"""Nobody configures these; they are the same in every export."""


def view_of(scenario: Scenario) -> SocketView:
    """How sockets of a run of the scenario look to bcc, ftrace and ss."""
    backlogs = [
        min(service.backlog, service.kernel.somaxconn)
        for service in scenario.services.values()
        for _ in range(service.backends)
    ]
    return SocketView(
        names=NAMES,
        reported=REPORTED,
        in_process=IN_PROCESS,
        clients=_clients(scenario),
        fleets_from=len(clients_of(scenario)) - len(scenario.sessions),
        remotes=_remotes(scenario),
        backlogs=dict(enumerate(backlogs)),
    )


def sizes_of(scenario: Scenario) -> MessageSizes:
    """How much requests and answers are."""
    answers = [
        service.response_size + HEADER_BYTES for service in scenario.services.values() for _ in range(service.backends)
    ]
    requests = {
        name: one.request_size + (one.request_body.size if one.request_body is not None else 0)
        for name, one in scenario.workloads.items()
    }
    return MessageSizes(requests, dict(enumerate(answers)))


def _clients(scenario: Scenario) -> tuple[tuple[Program, ...], ...]:
    found: list[tuple[Program, ...]] = []
    address = FIRST_CLIENT
    n_addresses = [
        client.dialer.source_addresses for client in scenario.clients.values() for _ in range(client.instances)
    ]
    for i, name in enumerate(clients_of(scenario)):
        own = n_addresses[i] if i < len(n_addresses) else 1
        found.append(tuple(Program(str(address + k), FIRST_CLIENT_PID + i, name) for k in range(own)))
        address += own
    return tuple(found)


def _remotes(scenario: Scenario) -> dict[int, tuple[Program, int]]:
    """Backends by number over all services, and behind them what stands before a service (`resolve: vip`)."""
    found: dict[int, tuple[Program, int]] = {}
    n_backends = sum(service.backends for service in scenario.services.values())
    index = 0
    for k, (name, service) in enumerate(scenario.services.items()):
        port = 443 if service.scheme == "https" else 80
        found[n_backends + index] = Program(str(FIRST_VIRTUAL + k), 0, name), port
        for _ in range(service.backends):
            found[index] = Program(str(FIRST_BACKEND + index), FIRST_BACKEND_PID + index, name), port
            index += 1
    return found
