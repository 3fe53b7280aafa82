"""Nagle: what a client without TCP_NODELAY waits for: the peer's delayed ACK between the writes of a request.

Sources: net/ipv4/tcp_output.c, tcp_nagle_check, tcp_minshall_check; net/ipv4/tcp_input.c, __tcp_ack_snd_check.
Measured: 44 ms for two or three small writes, nothing for one (protocols.md, 14.4). Not how many writes there are.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from models.kernel.socket import DELAYED_ACK
from models.network.transfer import MSS_WITH_TIMESTAMPS


class Hold(IntEnum):
    """What the last bytes of a request wait for."""

    NOTHING, ACK, DELAYED_ACK = range(3)


def hold(writes: Iterable[int], mss: int = MSS_WITH_TIMESTAMPS) -> Hold:
    """What the end of a request waits for that is written in these pieces, one right after another.

    A segment that is not full is held while an earlier such one is not acknowledged; full ones go. The receiver
    acknowledges at once when more than one full segment came since its last ACK, else it waits for data of its own to
    send, which a server has only when it has the whole request.

    Examples
    --------
    >>> hold([200]), hold([200, 300]), hold([200, 100, 100])
    (<Hold.NOTHING: 0>, <Hold.DELAYED_ACK: 2>, <Hold.DELAYED_ACK: 2>)
    >>> hold([4096, 4296])  # the full segments of the second write make the receiver acknowledge
    <Hold.ACK: 1>
    """
    held = unacknowledged = 0
    is_small_out = is_acknowledged = False
    for size in writes:
        full, rest = divmod(held + size, mss)
        for _segment in range(full):
            unacknowledged += mss
            if unacknowledged > mss:
                unacknowledged, is_acknowledged = 0, is_small_out
        held = rest if is_small_out else 0
        if rest and not is_small_out:
            is_small_out = True
            unacknowledged += rest
            if unacknowledged > mss:
                unacknowledged, is_acknowledged = 0, True
    if not held:
        return Hold.NOTHING
    return Hold.ACK if is_acknowledged else Hold.DELAYED_ACK


def held_for(what: Hold, site: Any, written_at: int) -> int:
    """How long the last bytes of a request wait that is written at an instant towards a site, in ns.

    Simplified: a fresh connection's receiver delays its ACKs like any other, where Linux acknowledges the first
    segments at once; an ACK is never lost.
    """
    if what is Hold.NOTHING:
        return 0
    arrives_at = written_at + site.half_rtt
    acked_at = site.host.wheel.fires_at(arrives_at, DELAYED_ACK) if what is Hold.DELAYED_ACK else arrives_at
    return acked_at + site.half_rtt - written_at  # type: ignore[no-any-return]  # a site's times are integers
