"""DeviceKeepAlive: what a user says about SO_KEEPALIVE of devices. What the kernel does then, models/kernel/probes."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Le

from models.kernel.keep_alive import KeepAlive
from sim.units import HOUR, SECOND, Duration

PRESETS: dict[str, dict[str, Any]] = {
    "off": {"count": 0},
    "go": {"idle": "15s", "interval": "15s", "count": 9},
    "linux": {"idle": "2h", "interval": "75s", "count": 9},
}
"""`linux`: what SO_KEEPALIVE alone asks for (net.ipv4.tcp_keepalive_time and so on); `go`: net.KeepAliveConfig."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeepAlive:
    """SO_KEEPALIVE of the sockets of devices. Short forms: off; go, 15 s, 15 s, 9; linux, 2 h, 75 s, 9."""

    idle: Annotated[Duration, Ge(SECOND), Le(9 * HOUR)] = 7200 * SECOND
    """Silence before the first probe (TCP_KEEPIDLE); Linux: 2 h."""
    interval: Annotated[Duration, Ge(SECOND), Le(9 * HOUR)] = 75 * SECOND
    """From one probe to the next while none is answered (TCP_KEEPINTVL); Linux: 75 s."""
    count: Annotated[int, Ge(0), Le(127)] = 0
    """Unanswered probes after which the connection is dead (TCP_KEEPCNT); Linux: 9. 0 sends none: the option is off."""

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """`keep_alive: go` is short for its mapping; a mapping without `count` has Linux's 9."""
        if isinstance(tree, str):
            if tree not in PRESETS:
                raise ValueError(
                    f"{tree!r} is none of {', '.join(PRESETS)}; write one of them, or idle, interval, count"
                )
            return PRESETS[tree]
        return {"count": 9, **tree} if isinstance(tree, dict) else tree

    @property
    def settings(self) -> KeepAlive | None:
        """For the kernel; None is off."""
        return KeepAlive(self.idle, self.interval, self.count) if self.count else None
