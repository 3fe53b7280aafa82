"""Knobs: the settings of a running Transport that can be moved: what they are now, and how they are set.

Not what they should be. In Go the fields of a Transport must not be changed while it is used; where they are, each acts
where the Transport reads it next, and so it is here: buffers with the next dial, limits of the pool with the next
return, the limit of streams with the next stream.
"""

from typing import Any

from models.transport.buffers import Buffers
from models.tuning.config import KNOBS
from models.tuning.renewal import renew


class Knobs:
    """Those of one Transport."""

    def __init__(self, transport: Any, buffers: Buffers) -> None:
        self._transport, self._buffers = transport, buffers

    def renew(self) -> None:
        """What is set holds for a new Transport in the place of this one."""
        renew(self._transport)

    def read(self) -> dict[str, int]:
        """What is set: bytes, numbers, ns; 0 of streams and connections means no limit."""
        http2, limits = self._transport.http2, self._transport.pool.limits
        return dict(
            zip(
                KNOBS,
                (
                    self._buffers.size, 0 if http2 is None else http2.stream_cap, limits.max_idle_per_host,
                    limits.max_conns, limits.idle_timeout,
                ),
                strict=True,
            )
        )  # fmt: skip

    def can_turn(self, knob: str) -> bool:
        """Whether it can be moved: MaxConnsPerHost only where there is one, streams only where HTTP/2 is spoken."""
        if knob == "max_conns_per_host":
            return bool(self._transport.pool.max_conns > 0)
        return knob != "max_concurrent_streams" or self._transport.http2 is not None

    def turn(self, knob: str, value: int, hosts: int) -> None:
        """Set it; MaxIdleConns follows MaxIdleConnsPerHost where it would bind first with so many hosts."""
        pool = self._transport.pool
        match knob:
            case "write_buffer_size":
                self._buffers.size = value
            case "max_concurrent_streams":
                self._transport.http2.cap_streams(value)
            case "max_idle_conns_per_host":
                all_hosts = max(pool.limits.max_idle, value * hosts) if pool.limits.max_idle > 0 else 0
                pool.limit(pool.limits._replace(max_idle_per_host=value, max_idle=all_hosts))
            case "max_conns_per_host":
                pool.limit(pool.limits._replace(max_conns=value))
            case "idle_conn_timeout":
                pool.limit(pool.limits._replace(idle_timeout=value))
                if self._transport.http2 is not None:
                    self._transport.http2.idle_timeout = value
