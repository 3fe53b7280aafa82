"""A gRPC channel: when it connects, who waits and who fails, how calls are spread, and which code they end with."""

import itertools

import pytest

from models.backend.config import ResolveConfig
from models.grpc.policies import RoundRobinPolicy
from models.grpc.subchannel import SUBCHANNEL_TABLE, On, State
from models.request import Read
from sim.units import MINUTE, MS, SECOND
from tests.models.grpc.grpc_labs import HANDSHAKE, a_grpc_lab, a_grpc_server, channel, codes, states


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", On)
def test_only_what_is_under_way_can_connect_or_fail(state: State, event: On) -> None:
    needs = {On.CONNECTED: State.CONNECTING, On.FAILED: State.CONNECTING, On.LOST: State.READY}
    needs |= {On.RETRY: State.TRANSIENT_FAILURE}

    is_decided = event in SUBCHANNEL_TABLE[state]
    may_come_late = state is State.SHUTDOWN and event is not On.CONNECTED
    assert is_decided is (may_come_late or (state is needs.get(event, state) and state is not State.SHUTDOWN))


# ready


def test_the_first_call_leaves_after_three_round_trips() -> None:
    lab = a_grpc_lab(rtt=100 * MS)
    lab.ask("A", 0)
    lab.run()

    row = lab.requests["A"]
    assert row.t_gotconn == pytest.approx(300 + HANDSHAKE, abs=0.2), "TCP 1, TLS 1.3 1, SETTINGS 1 (protocols.md, 5.4)"
    assert row.t_done == pytest.approx(400 + HANDSHAKE, abs=0.2)
    assert codes(lab) == {"A": "OK"}


def test_calls_wait_for_a_stream_and_no_second_connection_is_made() -> None:
    lab = a_grpc_lab(http2=a_grpc_server(max_concurrent_streams=2))
    for name in "ABCDE":
        lab.ask(name, 0, 100)
    lab.run()

    assert lab.transport._next_conn_id == 1
    done = sorted(row.t_done for row in lab.requests.values())
    assert done == pytest.approx([101.1, 101.1, 201.1, 201.1, 301.1])


def test_a_server_that_announces_no_limit_has_none() -> None:
    lab = a_grpc_lab()
    for i in range(1500):
        lab.ask(f"q{i}", 10, 100)
    lab.run()

    assert max(row.t_done for row in lab.requests.values()) < 115, "Go's client would take 1000"


def test_a_call_that_waits_for_a_stream_may_be_given_up() -> None:
    lab = a_grpc_lab(http2=a_grpc_server(max_concurrent_streams=1))
    lab.ask("A", 0, 500)
    lab.ask("B", 10, 0, deadline=100 * MS)
    lab.ask("C", 20, 0)
    lab.run()

    assert codes(lab) == {"A": "OK", "B": "DEADLINE_EXCEEDED", "C": "OK"}
    assert lab.requests["B"].t_done == pytest.approx(110)


# failures


def test_calls_fail_at_once_where_no_connection_works() -> None:
    lab = a_grpc_lab()
    lab.refuse(0)
    lab.ask("A", 0)
    lab.ask("B", 500)
    lab.run()

    assert codes(lab) == {"A": "UNAVAILABLE", "B": "UNAVAILABLE"}
    assert lab.requests["A"].err == "connection refused"
    assert lab.requests["B"].t_done == 500


def test_wait_for_ready_waits() -> None:
    lab = a_grpc_lab(wait_for_ready=True)
    lab.refuse(0)
    lab.ask("A", 0)
    lab.ask("B", 0, deadline=800 * MS)
    lab.at(900, lambda: setattr(lab.world.hosts[0], "is_dead", False))
    lab.run(3_000)

    assert codes(lab) == {"A": "OK", "B": "DEADLINE_EXCEEDED"}
    assert lab.requests["A"].t_done == pytest.approx(1_001.1), "exactly 1 s after the first failure"


def test_the_waits_grow_by_1_6_with_jitter() -> None:
    lab = a_grpc_lab(policy="round_robin")
    lab.refuse(0)
    lab.ask("A", 0)
    lab.run(15_000)

    dials = [row.t_dial for row in lab._rows("connections")]
    gaps = [after - before for before, after in itertools.pairwise(dials)]
    assert gaps[0] == pytest.approx(1_000)
    for n, gap in enumerate(gaps[1:], 1):
        assert 0.8 * 1_000 * 1.6**n <= gap <= 1.2 * 1_000 * 1.6**n


def test_an_attempt_ends_after_twenty_seconds() -> None:
    lab = a_grpc_lab()
    lab.stall_tls()
    lab.ask("A", 0)
    lab.run(19_900)
    assert lab.requests == {}

    lab.engine.run(until=20_001 * MS)

    assert lab.requests["A"].err == "authentication handshake failed: context deadline exceeded"
    assert codes(lab) == {"A": "UNAVAILABLE"}


@pytest.mark.parametrize(("policy", "dials"), [("pick_first", 1), ("round_robin", 2)])
def test_after_a_loss_round_robin_dials_at_once_and_pick_first_waits_for_a_call(policy: str, dials: int) -> None:
    lab = a_grpc_lab(policy=policy)
    lab.ask("A", 0)
    lab.ask("B", 90, None)
    lab.close_connections(100)
    lab.run(500)
    assert lab.transport._next_conn_id == dials
    assert codes(lab) == {"A": "OK", "B": "UNAVAILABLE"}

    lab.at(500, lambda: None)
    assert states(lab) == [State.IDLE if policy == "pick_first" else State.READY]


def test_pick_first_goes_on_to_the_next_address_and_stays_there() -> None:
    lab = a_grpc_lab(service={"backends": 3})
    lab.refuse(0)
    for i in range(6):
        lab.ask(f"q{i}", 10 * i)
    lab.run()

    assert {row.backend for row in lab.requests.values()} == {1}
    assert states(lab)[1:] == [State.READY, State.IDLE]


def test_pick_first_tries_the_next_address_beside_a_slow_one() -> None:
    lab = a_grpc_lab(service={"backends": 2})
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.run()

    assert lab.requests["A"].t_gotconn == pytest.approx(250 + HANDSHAKE), "happy eyeballs of A61"
    assert lab.requests["A"].backend == 1


def test_round_robin_goes_round_from_a_random_start() -> None:
    firsts = set()
    for seed in range(6):
        lab = a_grpc_lab(service={"backends": 3}, policy="round_robin")
        channel(lab)._policy = RoundRobinPolicy(lab.engine, lab.world.streams.uniforms(f"start.{seed}"))
        for i in range(9):
            lab.ask(f"q{i}", 100 + i)
        lab.ask("first", 0)
        lab.run()
        order = [lab.requests[f"q{i}"].backend for i in range(9)]
        assert order[:3] == order[3:6] == order[6:]
        assert set(order) == {0, 1, 2}
        firsts.add(order[0])
    assert len(firsts) > 1


# idle


def test_a_channel_without_calls_closes_its_connections() -> None:
    lab = a_grpc_lab(idle_timeout=SECOND)
    lab.ask("A", 0, 100)
    lab.ask("B", 5_000)
    lab.run(6_000)

    assert lab.connections[1].t_close == pytest.approx(101.1 + 1_000)
    assert lab.requests["B"].conn == 2


# codes


def test_a_call_that_is_cancelled_is_CANCELLED() -> None:
    lab = a_grpc_lab()
    lab.ask("A", 0, None)
    lab.cancel("A", 50)
    lab.run()

    assert codes(lab) == {"A": "CANCELLED"}


def test_a_long_message_is_RESOURCE_EXHAUSTED() -> None:
    lab = a_grpc_lab(service={"response_size": 5 << 20})
    lab.ask("A", 0)
    lab.run()

    assert codes(lab) == {"A": "RESOURCE_EXHAUSTED"}


def test_a_handler_that_panics_is_INTERNAL() -> None:
    lab = a_grpc_lab(service={"panics": 1.0})
    lab.ask("A", 0)
    lab.at(0, lambda: setattr(lab.asked["A"], "fate_draw", 0.0))
    lab.run()

    assert codes(lab) == {"A": "INTERNAL"}


# what the server ends


def test_an_announced_goaway_loses_no_call() -> None:
    lab = a_grpc_lab(rtt=100 * MS, policy="round_robin", service={"max_connection_age": 2 * SECOND})
    for i in range(300):
        lab.ask(f"q{i}", 10 * i, 30)
    lab.run(9_000)

    assert set(codes(lab).values()) == {"OK"}
    assert len(codes(lab)) == 300
    assert lab.transport._next_conn_id >= 2
    assert all(row.attempts == 1 for row in lab.requests.values())


def test_what_a_single_goaway_disowns_is_sent_once_more() -> None:
    http2 = a_grpc_server(go_away="once")
    lab = a_grpc_lab(rtt=100 * MS, policy="round_robin", service={"max_connection_age": 2 * SECOND}, http2=http2)
    for i in range(300):
        lab.ask(f"q{i}", 10 * i, 30)
    lab.run(9_000)

    assert set(codes(lab).values()) == {"OK"}
    assert sum(row.attempts == 2 for row in lab.requests.values()) == pytest.approx(10, abs=1), "a round trip of calls"


def test_the_grace_ends_what_is_still_under_way() -> None:
    lab = a_grpc_lab(service={"max_connection_age": SECOND, "max_connection_age_grace": SECOND})
    lab.ask("A", 0, None)
    lab.run(5_000)

    assert codes(lab) == {"A": "UNAVAILABLE"}
    assert 1_900 <= lab.requests["A"].t_done <= 2_102


# keepalive


def test_a_dead_server_is_found_after_time_and_timeout() -> None:
    lab = a_grpc_lab(keepalive_time=10 * SECOND, keepalive_timeout=5 * SECOND)
    lab.ask("A", 0)
    lab.ask("B", 100, None)
    lab.at(1_000, lambda: lab.black_hole(0))
    lab.run(19_900)

    lost = lab.requests["B"]
    assert lost.t_done == pytest.approx(1.1 + 10_000 + 5_000, abs=2), "after the last byte read (gRPC A8)"
    assert codes(lab)["B"] == "UNAVAILABLE"


def test_without_a_stream_the_keepalive_sleeps() -> None:
    lab = a_grpc_lab(keepalive_time=10 * SECOND, keepalive_timeout=SECOND)
    lab.ask("A", 0)
    lab.at(1_000, lambda: lab.black_hole(0))
    lab.run(19_900)

    assert states(lab) == [State.READY]


def test_a_client_that_pings_too_often_is_thrown_off_at_its_fourth_ping_and_slows_down() -> None:
    lab = a_grpc_lab(keepalive_time=10 * SECOND, policy="round_robin", http2=a_grpc_server(min_ping_interval=MINUTE))
    lab.ask("A", 0)
    lab.ask("B", 100, None, read=Read.FULL)
    lab.engine.run(until=60 * SECOND)

    # the first PING only begins the count; strikes come with the second, third and fourth
    assert lab.requests["B"].t_done == pytest.approx(100 + 40_000, abs=200)
    assert lab.requests["B"].err.endswith('"too_many_pings"')
    assert channel(lab).keepalive_time == 20 * SECOND


# the name


def test_a_lost_connection_asks_for_the_name_again_but_not_within_thirty_seconds() -> None:
    lab = a_grpc_lab(service={"backends": 2, "resolve": ResolveConfig(by="dns", dns="fixed")}, policy="round_robin")
    lab.ask("A", 0)
    lab.at(100, lambda: lab.pools["g"].resolver.announce((1,)))
    lab.close_connections(1_000)
    lab.run(19_000)
    assert len(states(lab)) == 2

    lab.engine.run(until=40 * SECOND)

    assert [sub.index for sub in channel(lab).subchannels] == [1]
