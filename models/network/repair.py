"""What a lost segment adds to a message over TCP: when it is sent again, and what the shrunken window does to the rest.

It draws nothing. Sources: RFC 8985 (RACK and the tail loss probe); RFC 9438 (CUBIC's beta), RFC 6937 (proportional rate
reduction); net/ipv4/tcp_input.c, tcp_recovery.c and tcp_timer.c; measurements at RTT 20 ms on Linux 6.18.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from models.network.transfer import TCP_INIT_CWND
from sim.units import MS

REORDERING: Final = 3
"""Segments behind a gap that report it without a wait (dupthresh)."""
CUBIC_BETA: Final = 0.7
"""What a loss leaves of the congestion window (RFC 9438, 4.6)."""
CUBIC_ALPHA: Final = 3 * (1 - CUBIC_BETA) / (1 + CUBIC_BETA)
"""Segments by which it grows per round trip afterwards, as long as that is more than the cubic (RFC 9438, 4.3)."""


def _at_once(now: int, delay: int) -> int:
    return now + delay


class Timeouts(NamedTuple):
    """When the timers of who sends expire."""

    fires_at: Callable[[int, int], int] = _at_once
    """From when and for how long one is armed (ns): the instant at which it has expired."""
    rto_min: int = 200 * MS
    """What a retransmission timeout is longer than the round trip (tcp_rto_min), ns."""


PUNCTUAL: Final = Timeouts()
"""Timers without a wheel."""


class Fate(NamedTuple):
    """What becomes of a message whose first lost segment is lost `losses` times in succession; 0 if none is."""

    flight: int
    """Segments of the flight in which that one is."""
    followers: int
    """Those behind it in that flight that arrive."""
    losses: int
    earlier: int = 0
    """Flights before it."""
    rest: int = 0
    """Segments of later flights."""


WHOLE: Final = Fate(0, 0, 0)
"""Nothing is lost."""


def place_in_flight(segment: int, n_segments: int, losses: int = 1) -> Fate:
    """Where that segment (from 0) of a message goes on a fresh connection.

    Examples
    --------
    >>> place_in_flight(9, 30)
    Fate(flight=10, followers=0, losses=1, earlier=0, rest=20)
    >>> place_in_flight(10, 30)
    Fate(flight=20, followers=19, losses=1, earlier=1, rest=0)
    """
    rounds = (segment // TCP_INIT_CWND + 1).bit_length()
    start = TCP_INIT_CWND * ((1 << rounds - 1) - 1)
    flight = min(TCP_INIT_CWND << rounds - 1, n_segments - start)
    return Fate(flight, flight - 1 - (segment - start), losses, rounds - 1, n_segments - start - flight)


def reported(fate: Fate) -> Fate:
    """The same with the flight that reports the gap: the next one, where too few follow in its own.

    Examples
    --------
    >>> reported(place_in_flight(9, 30))
    Fate(flight=18, followers=17, losses=1, earlier=1, rest=2)
    """
    if fate.followers >= REORDERING or not fate.rest:
        return fate
    flight = min(2 * (fate.flight - 1 - fate.followers), fate.rest)  # two for each that was acknowledged
    return Fate(flight, flight - 1, fate.losses, fate.earlier + 1, fate.rest - flight)


def first_repeat(left_at: int, rtt: int, fate: Fate, *, timeouts: Timeouts = PUNCTUAL) -> int:
    """The instant (ns) at which the lost segment, whose flight left at `left_at`, is sent again for the first time.

    Followers report the gap after one round trip, and half of one more for the reordering wait when they are fewer than
    three. A tail waits for its loss probe, which the acknowledgement of its flight arms anew.
    """
    if fate.followers >= REORDERING:
        return left_at + rtt
    if fate.followers:
        return left_at + rtt + rtt // 2
    armed_at = left_at if fate.flight == 1 else left_at + rtt
    return timeouts.fires_at(armed_at, rtt + timeouts.rto_min)


def flights_after(fate: Fate) -> int:
    """Flights after that of the lost segment if it were not lost: the window doubles.

    Examples
    --------
    >>> flights_after(place_in_flight(19, 70))
    1
    """
    return (-(-fate.rest // (TCP_INIT_CWND << fate.earlier)) + 1).bit_length() - 1


def shrunk_flights_after(fate: Fate) -> int:
    """The same with the loss, which its own flight reports.

    In the flight of the repetition 0.7 segments go for each that arrived, the repetition among them; then 0.7 of the
    window, and a little more each time.

    Examples
    --------
    >>> shrunk_flights_after(place_in_flight(19, 70))
    3
    """
    window = CUBIC_BETA * (2 * fate.flight - 1 - fate.followers)  # what was acknowledged before the gap widened it
    left = fate.rest - max(CUBIC_BETA * (fate.flight - 1) - 1, 0)
    flights = 1
    while left > 0:
        left -= window
        window += CUBIC_ALPHA
        flights += 1
    return flights


def loss_delay(sent_at: int, rtt: int, fate: Fate, *, timeouts: Timeouts = PUNCTUAL) -> int:
    """What its fate adds to a message that begins at `sent_at`, in ns.

    A repetition that is lost too waits for the retransmission timeout, which doubles from then on.

    Examples
    --------
    >>> loss_delay(0, 20 * MS, place_in_flight(0, 10)) // MS, loss_delay(0, 20 * MS, place_in_flight(19, 70)) // MS
    (20, 40)
    >>> loss_delay(0, 20 * MS, place_in_flight(0, 1, losses=2)) // MS
    440
    """
    if fate.losses <= 0:
        return 0
    seen = reported(fate)
    left_at = sent_at + seen.earlier * rtt
    repeat_at = first_repeat(left_at, rtt, seen, timeouts=timeouts)
    for doublings in range(fate.losses - 1):
        repeat_at = timeouts.fires_at(repeat_at, (rtt + timeouts.rto_min) << doublings)
    rest_at = left_at + shrunk_flights_after(seen) * rtt if seen.rest else 0
    return max(repeat_at, rest_at) - sent_at - (fate.earlier + flights_after(fate)) * rtt
