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
RECOVERY = RTT + 0.2
"""A message of one segment is a lost tail: RTT + 200 ms (models/network/transfer.py, loss_delay)."""


def delays(rate: int, loss: float = LOSS) -> np.ndarray:
    """What was added to each latency on a connection that is there."""
    done = wiring.run(wiring.load(WORLD.format(rate=rate, loss=loss)))
    rows = done.requests.filter(err="").filter(reused=True)[10:]  # the first wait for the dial
    return np.asarray(rows["t_done"] - rows["t_arrival"]) - (RTT + SERVICE + OVERHEADS)


@pytest.mark.parametrize("rate", [5, 20])
def test_the_share_of_delayed_requests_is_that_of_the_closed_form(rate: int) -> None:
    added = delays(rate)

    # each way has its own loss; behind a loss wait those of the next R seconds, on this connection
    expected = 1 - (1 - LOSS) ** (2 * (1 + rate * RECOVERY))
    share = float((added > 0.001).mean())
    half_width = 2.6 * (expected * (1 + rate * RECOVERY) / len(added)) ** 0.5  # delays come in groups of 1 + r R
    assert share == pytest.approx(expected, abs=half_width + 0.1 * expected), "5.6 overstates by a tenth with overlaps"


def test_the_mean_added_is_that_of_the_closed_form() -> None:
    rate = 20
    added = delays(rate)

    expected = 2 * (LOSS * RECOVERY + LOSS * rate * RECOVERY**2 / 2)
    assert added.mean() == pytest.approx(expected, rel=0.35), "p m R + p r R^2 / 2, of both directions"


def test_without_loss_nothing_is_added() -> None:
    assert delays(20, loss=0.0).max() < 0.001
