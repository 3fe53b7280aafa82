"""Head-of-line blocking: a loss on one TCP connection stalls all streams behind it (protocols.md, 5.6)."""

import numpy as np
import pytest

from sim import wiring

RTT, SERVICE, OVERHEADS = 0.040, 0.010, 0.0005
WORLD = """
duration: 300s
network: {{rtt: 40ms, loss: {loss}}}
clients: {{c: {{transport: {{http2: {{}}}}}}}}
services: {{s: {{scheme: https, http2: {{max_concurrent_streams: 1000}}, resolve: literal, service_time: 10ms}}}}
workloads: {{w: {{client: c, service: s, arrivals: {{poisson: {{rate: {rate}/s}}}}}}}}
"""
LOSS = 0.002
UNSEEN, SEEN = RTT + 0.2, 1.5 * RTT
"""What a lost segment costs where nothing follows it, and from when the next one leaves, whose answer reports it."""


def of_a_loss(rate: int) -> tuple[float, float]:
    """How many messages a loss delays, and by how much in all, s: those behind it come at random, `rate` a second.

    The closed form, with a recovery time that depends on when the next one leaves.
    """
    next_at = np.random.default_rng(1).exponential(1 / rate, 100_000)
    recovery = np.minimum(UNSEEN, next_at + SEEN)
    left = np.maximum(recovery - next_at, 0)
    behind = (left > 0) * (1 + rate * left)
    return 1 + float(behind.mean()), float((recovery + left + rate * left**2 / 2).mean())


def delays(rate: int, loss: float = LOSS) -> np.ndarray:
    """What was added to each latency on a connection that is there."""
    done = wiring.run(wiring.load(WORLD.format(rate=rate, loss=loss)))
    rows = done.requests.filter(err="").filter(reused=True)[10:]  # the first wait for the dial
    return np.asarray(rows["t_done"] - rows["t_arrival"]) - (RTT + SERVICE + OVERHEADS)


@pytest.mark.parametrize("rate", [5, 20])
def test_the_share_of_delayed_requests_is_that_of_the_closed_form(rate: int) -> None:
    added = delays(rate)

    # each way has its own losses
    group, _ = of_a_loss(rate)
    expected = 2 * LOSS * group
    share = float((added > 0.001).mean())
    half_width = 2.6 * (expected * group / len(added)) ** 0.5  # delays come in groups
    assert share == pytest.approx(expected, abs=half_width + 0.1 * expected), "5.6 overstates by a tenth with overlaps"


def test_the_mean_added_is_that_of_the_closed_form() -> None:
    rate, loss = 20, 0.01
    added = delays(rate, loss)

    _, cost = of_a_loss(rate)
    assert added.mean() == pytest.approx(2 * loss * cost, rel=0.35), "of both directions, some 120 losses"


def test_without_loss_nothing_is_added() -> None:
    assert delays(20, loss=0.0).max() < 0.001
