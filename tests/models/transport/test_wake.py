"""wake_order: who leaves first when all contexts end at once."""

from hypothesis import given
from hypothesis import strategies as st

from models.request import Exchange, Request
from models.transport.wake import RUN_BATCH, wake_order
from sim.engine.streams import Streams
from tests.models.worlds import a_lab


def some_requests(served: list[bool]) -> list[Request]:
    """Requests in the order of their coming; those that are served have a connection."""
    requests = [Request(i, Exchange(workload="w"), None, 0, 0) for i in range(len(served))]
    for request, is_served in zip(requests, served, strict=True):
        if is_served:
            request.t_gotconn = 0
    return requests


@given(served=st.lists(st.booleans(), max_size=3 * RUN_BATCH), seed=st.integers(0, 9))
def test_in_each_batch_those_who_wait_leave_before_those_who_are_served(served: list[bool], seed: int) -> None:
    requests = some_requests(served)

    woken = list(wake_order(requests, Streams(seed).uniforms("wake")))

    assert sorted(request.id for request in woken) == [request.id for request in requests], "each of them once"
    for start in range(0, len(woken), RUN_BATCH):
        batch = [request.t_gotconn >= 0 for request in woken[start : start + RUN_BATCH]]
        assert batch == sorted(batch)


def test_the_order_within_a_batch_is_the_maps_and_so_random() -> None:
    requests = some_requests([False] * 50)

    orders = {tuple(request.id for request in wake_order(requests, Streams(seed).uniforms("w"))) for seed in range(5)}

    assert len(orders) == 5


def test_no_slot_goes_to_a_caller_who_leaves_at_the_same_instant() -> None:
    lab = a_lab(max_conns_per_host=2)
    for i in range(20):
        lab.ask(f"R{i}", i, service=None)
    lab.at(100, lab.transport.cancel_all)

    lab.run()

    assert lab.transport.dialer.attempts == 2, "two closed connections give their slots to nobody (E06)"
